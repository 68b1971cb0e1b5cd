"""[seam] Embedders: texts become unit vectors, and every vector knows the model it came from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""(n, d), every row of unit length."""

Use = Literal["document", "query"]
"""Some models prefix what is stored and what is asked with different words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Which model made a vector; vectors of two models are never compared."""

    name: str
    version: str
    """Changes whenever the same text may get another vector: weights, precision, prefixes."""

    dimension: int
    max_tokens: int
    """Longer texts are cut there; chunks are made to fit."""

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


class Embedder(Protocol):
    """Makes vectors; safe between threads."""

    @property
    def model(self) -> Model:
        """What it embeds with."""
        ...

    def embed(self, texts: Sequence[str], *, use: Use = "document") -> Vectors:
        """One unit vector for each text, in order.

        Raises:
            Invalid: a text is empty or blank; context `position`: the first such one.
            Unavailable: the model does not answer.
        """
        ...

    def count(self, text: str) -> int:
        """Tokens of a text as the model cuts it, without its special ones. Cost: microseconds a word."""
        ...

    def close(self) -> None:
        """Give memory and connections back."""
        ...
