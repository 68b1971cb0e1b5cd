"""[pure] The chat model's twin in memory: a function answers, and a token is a word with its space."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from lakehouse.llm.chat import Reply, Turn
from lakehouse.llm.wire import refuse_turns

TOKEN: Final = re.compile(r"\s*\S+|\s+$")

Script = Callable[[Sequence[Turn]], str]
"""The turns in, the answer out; whatever it raises, the chat raises."""


class ScriptedChat:
    """Answers by its script; deterministic where the script is."""

    def __init__(self, script: Script, *, model: str = "scripted") -> None:
        self._script = script
        self._model = model

    @property
    def model(self) -> str:
        """The name it was given."""
        return self._model

    def reply(self, turns: Sequence[Turn], *, max_tokens: int = 1024, temperature: float = 0.0) -> Reply:
        """What the script says, cut at `max_tokens` words.

        Raises:
            Invalid: no turn is the user's, one is blank, or a bound is out of range.
        """
        refuse_turns(turns, max_tokens=max_tokens, temperature=temperature)
        said = tokens(self._script(turns))
        return Reply(
            text="".join(said[:max_tokens]),
            model=self._model,
            tokens_in=sum(len(tokens(turn.text)) for turn in turns),
            tokens_out=min(len(said), max_tokens),
            is_cut=len(said) > max_tokens,
        )

    def stream(
        self, turns: Sequence[Turn], *, max_tokens: int = 1024, temperature: float = 0.0
    ) -> Iterator[str]:
        """The answer word by word; raises as `reply` does."""
        yield from tokens(self.reply(turns, max_tokens=max_tokens, temperature=temperature).text)

    def close(self) -> None:
        """Nothing is held."""


def tokens(text: str) -> list[str]:
    """The words of `text`, each with the space before it; together they are the text."""
    return TOKEN.findall(text)
