"""[pure] A world: everything that arms may be asked and users may want, as one value.

Where people are placed, needs carry hard keys, `grades` hold how likely a choice is to last, which only
outcomes reveal, and the metric is that of the one row a user takes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from lakehouse.matrix.lift.arm import Asked
from lakehouse.matrix.lift.ground.base import Answer
from lakehouse.search.measure import Metric, ndcg

LASTING: Final = "lasting"
LOOKED_AT: Final = 10


def lasting(ranked: Sequence[str], grades: Mapping[str, float]) -> float:
    """Chance that a choice lasts: the grade of the first right row of ten, 0 where there is none."""
    return next((grades[key] for key in ranked[:LOOKED_AT] if key in grades), 0.0)


METRICS: Final[Mapping[str, Metric]] = MappingProxyType({"ndcg@10": ndcg, LASTING: lasting})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Rows that the base shows for questions with some kind of condition, and those that meet it."""

    shown: int
    meeting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One wording of one need."""

    need: str
    wording: int
    """0: as the collection has it."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A search of the field that was made before: what the base said, and what was right."""

    asked: Asked
    right: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One collection, asked in many wordings."""

    name: str
    model: str
    metric: str
    questions: tuple[Question, ...]
    asked: tuple[Asked, ...]
    """As the base answers each question; same order."""

    grades: Mapping[str, Mapping[str, float]]
    documents: tuple[str, ...]
    past: tuple[Past, ...]
    digests: Mapping[str, str]
    """What it was made from: data, wordings, base, model."""

    is_parted: bool = False
    """Every need is another one, however alike they are said; else near-duplicates count as one."""

    kept: Mapping[str, Kept] = field(default_factory=dict)
    """By kind of condition; empty: questions state none."""


def asked(text: str, answer: Answer) -> Asked:
    """A question as arms see it."""
    return Asked(text=text, vector=answer.vector, base=dict(answer.scores), order=tuple(answer.scores))


def without(given: Asked, keys: frozenset[str], *, are_gone: bool) -> Asked:
    """The same question where some documents are not there.

    Args:
        are_gone: they were retired, which arms are told; else they have not come yet, which nobody knows.
    """
    return replace(
        given,
        base={key: score for key, score in given.base.items() if key not in keys},
        order=tuple(key for key in given.order if key not in keys),
        gone=keys if are_gone else given.gone,
    )


def digest(questions: tuple[Question, ...]) -> str:
    """SHA-256 of all wordings."""
    lines = (f"{q.need}\0{q.wording}\0{q.text}\n" for q in questions)
    return sha256("".join(lines).encode()).hexdigest()
