"""[seam] What was learned from earlier searches, as a search asks for it: rows that move, and why."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from lakehouse.index.ann import Vectors

Row = tuple[str, str]
"""Corpus and key."""

Digests = Callable[[str, Collection[str]], Mapping[str, str]]
"""Of a corpus: keys -> digests of their texts now; a row that is gone is not in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question, as it was searched."""

    text: str
    vector: Vectors | None
    """(d,), unit length; None: asked by words only."""

    model: str
    """Of the vector; empty where there is none."""

    keys: Mapping[str, str] = field(default_factory=dict)
    """Hard keys: an earlier search must agree in every one."""

    corpora: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """What earlier outcomes say of one row."""

    boost: float
    """Added to its score, which is 0 to 1 without it."""

    joins: bool
    """It may be shown although the search itself did not find it."""

    why: str
    """In words: past successes, and the searches that brought them."""


class Learned(Protocol):
    """Outcomes of earlier searches. Safe between threads."""

    def recall(self, asked: Asked, digests: Digests) -> Mapping[Row, Recalled]:
        """What is known of rows for this question, whether the search finds them or not."""
