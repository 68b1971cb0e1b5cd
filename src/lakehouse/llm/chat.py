"""[seam] Chat models: messages become an answer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a model answered."""

    text: str
    model: str
    tokens_in: int = 0
    tokens_out: int = 0
    """0 where the provider does not count."""

    is_cut: bool = False
    """The answer ended at `max_tokens`, not by itself."""


class Chat(Protocol):
    """Answers; safe between threads."""

    @property
    def model(self) -> str:
        """The model that answers by default."""
        ...

    def reply(self, turns: Sequence[Turn], *, max_tokens: int = 1024, temperature: float = 0.0) -> Reply:
        """The whole answer.

        Raises:
            Unavailable: the provider does not answer, or not in time.
            Refused: it refused the key, or the request.
            NotFound: it has no such model.
            Invalid: no turn is the user's, one is blank, a bound is out of range, or the turns are too long.
        """
        ...

    def stream(
        self, turns: Sequence[Turn], *, max_tokens: int = 1024, temperature: float = 0.0
    ) -> Iterator[str]:
        """The answer in pieces as they come; raises as `reply` does."""
        ...

    def close(self) -> None:
        """Give connections back."""
        ...
