"""[pure] Why the playbook would move rows for a question: the earlier searches, who spoke, what it counts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from lakehouse.matrix.playbook.boost import Evidence, Past
from lakehouse.matrix.playbook.events import Doc

Stratum = Literal["none", "far", "near", "repeat"]

PRECEDENTS: Final = 3
"""Earlier searches that are named for one row; the nearest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Precedent:
    """An earlier search that says something of a row."""

    search_id: str
    question: str
    similarity: float
    source: str
    """Who spoke."""

    worth: float
    """What was said, 0 (wrong) to 1 (right)."""

    trust: float
    """What the source's word counts, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mover:
    """One row that the past has an opinion of."""

    corpus: str
    id: str
    boost: float
    """That is added to its score, 0 to 1 without it; 0 while its stratum is in shadow."""

    joins: bool
    """It may be shown although the search itself does not find it."""

    successes: float
    failures: float
    """Weighted sums of what was said."""

    past: tuple[Precedent, ...]
    """The nearest first; successes before failures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What the playbook says of a question."""

    question: str
    similarity: float
    """Of the nearest earlier question; 0: none is near enough."""

    stratum: Stratum
    """How like that is; what a boost counts depends on it."""

    weight: float
    """What boosts of this stratum count; 0: in shadow, until audits show that they help."""

    floor: float
    """Similarity below which an earlier search counts for nothing."""

    rows: tuple[Mover, ...]
    """Largest boost first; those that sink at the end."""


Known = tuple[Mapping[Doc, Evidence], Mapping[Doc, float], frozenset[Doc]]
"""Evidence, boosts as they count, rows that join."""


def movers(
    known: Known,
    past: Sequence[Past],
    *,
    trust: Callable[[str], float],
    question: Callable[[str], str],
) -> tuple[Mover, ...]:
    """Every row of which something is known, with the searches that say it.

    Args:
        past: the searches that the evidence rests on, nearest first.
        trust: what the word of a source counts.
        question: what a search asked.
    """
    found, boosts, joining = known
    rows = [
        Mover(
            corpus=doc[0],
            id=doc[1],
            boost=round(boosts[doc], 6),
            joins=doc in joining,
            successes=round(one.successes, 6),
            failures=round(one.failures, 6),
            past=_precedents(doc, past, trust, question),
        )
        for doc, one in found.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.boost, -row.successes, row.corpus, row.id)))


def _precedents(
    doc: Doc, past: Sequence[Past], trust: Callable[[str], float], question: Callable[[str], str]
) -> tuple[Precedent, ...]:
    said = [
        Precedent(
            search_id=one.search_id,
            question=question(one.search_id),
            similarity=round(one.similarity, 4),
            source=mark.source,
            worth=mark.worth,
            trust=round(trust(mark.source), 4),
        )
        for one in past
        for mark in one.marks
        if mark.doc == doc
    ]
    said.sort(key=lambda one: (one.worth == 0, -one.similarity))
    return tuple(said[:PRECEDENTS])
