"""[seam] Whoever answers questions before anything was learned: the search that is to be improved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from lakehouse.matrix.playbook.events import Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the base says to one question."""

    vector: Vector
    """Of the question, (d,), unit length."""

    scores: Mapping[str, float]
    """Key of a candidate -> score, 0 to 1, best first; equal scores ordered by key."""


class Base(Protocol):
    """Holds one collection and answers questions about it."""

    @property
    def model(self) -> str:
        """Which model made the vectors; vectors of two are never compared."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever the same question may be answered otherwise."""
        ...

    def answers(self, texts: Sequence[str]) -> Sequence[Answer]:
        """One answer for each question, in order."""
        ...
