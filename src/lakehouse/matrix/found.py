"""[seam] What is asked of the matrix, and what it answers: hits with their origin, and what was dropped."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from lakehouse.index.ann import Vectors
from lakehouse.matrix.gather import DEADLINE_S, Missing
from lakehouse.search.hits import Hit, Learning

PER_CORPUS: Final = 6
"""Hits of one corpus among those of several, by default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixQuestion:
    """What is asked of the matrix."""

    text: str = ""
    vector: Vectors | None = None
    """(d,), unit length: searched for instead of the text's own, or without any text."""

    k: int = 8
    per_corpus_k: int = PER_CORPUS
    """Most hits of one corpus, where several are asked."""

    where: str = ""
    """A condition in SQL, for every corpus."""

    metadata: Mapping[str, object] = field(default_factory=dict)
    """Column -> value, or any of a list; a corpus without the column has no row that passes."""

    role: str = ""
    excluded: tuple[str, ...] = ()
    deadline_s: float = DEADLINE_S
    allow_partial: bool = False
    """Answer without a corpus that failed, and name it."""

    strict: bool = True
    """Drop what is unlikely to be right, and say so where nothing is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one corpus brought."""

    corpus: str
    candidates: int
    hits: int
    conditions: tuple[str, ...]
    """What the question, read by this corpus's columns, asks of a row."""

    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A candidate that is not shown, and why."""

    corpus: str
    id: str
    p: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixHit:
    """One row, with its origin."""

    hit: Hit
    p: float | None
    """Probability that it is right, before the playbook; None: only the playbook brought it."""

    features: Mapping[str, float]
    """What the probability was computed from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixFound:
    """The answer of the matrix."""

    search_id: str
    hits: tuple[MatrixHit, ...]
    is_answered: bool
    why: str
    """Where nothing is shown: why."""

    corpora: tuple[Share, ...]
    missing: tuple[Missing, ...]
    dropped: tuple[Dropped, ...]
    snapshots: Mapping[str, int | None]
    learning: Learning
    elapsed_ms: float
