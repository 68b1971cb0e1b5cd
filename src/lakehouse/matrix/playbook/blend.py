"""[pure] A ranking and what the playbook says of it become one ranking, and it is counted what that changed.

    score = base + boost + field                    a row that the base did not find has a base of 0

A row that similar searches found useful joins the candidates with its own base score, never with that of
the question that brought it. Below the candidates of both legs that is 0: fusion puts their lowest there.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from lakehouse.matrix.playbook.events import Doc


@dataclass(frozen=True, slots=True)
class Blended:
    """One row of the final ranking."""

    doc: Doc
    score: float
    base: float
    boost: float | None
    """None: the playbook knows nothing of this row here."""

    is_injected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """What the playbook did to one search."""

    computed: int = 0
    """Rows it had an opinion of."""

    hit: int = 0
    """Of those, the ones among the base's candidates."""

    moved: int = 0
    """Of the rows that were shown, the ones that stand elsewhere than without it."""

    injected: int = 0
    """Of the rows that were shown, the ones that the base had not found."""


def blend(
    base: Mapping[Doc, float], boosts: Mapping[Doc, float], *, injected: frozenset[Doc], k: int
) -> tuple[tuple[Blended, ...], Counters]:
    """Every candidate, best first; equal scores are ordered by the base, then by name.

    Args:
        base: candidates and their scores, 0 to 1.
        boosts: what the playbook adds, for any rows.
        injected: of those, the rows that may join the candidates.
        k: how many will be shown; counted among these.
    """
    ranked = [
        Blended(doc, score + boosts.get(doc, 0.0), score, boosts.get(doc)) for doc, score in base.items()
    ]
    ranked += [
        Blended(doc, boosts[doc], 0.0, boosts[doc], is_injected=True) for doc in injected - base.keys()
    ]
    ranked.sort(key=lambda one: (-one.score, -one.base, one.doc))
    before = sorted(base, key=lambda doc: (-base[doc], doc))[:k]
    shown = ranked[:k]
    return tuple(ranked), Counters(
        computed=len(boosts),
        hit=len(boosts.keys() & base.keys()),
        moved=sum(place >= len(before) or before[place] != one.doc for place, one in enumerate(shown)),
        injected=sum(one.is_injected for one in shown),
    )
