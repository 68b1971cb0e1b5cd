"""[pure] A ranking and what was learned about it become one ranking, and it is counted what that changed.

    score = base + boost

A row that similar searches found useful joins the candidates with a base score of its own, never with that of
the question that brought it. All that is known of it is that it lies below the candidates, so it gets the
lowest of theirs: 0 after fusion, a cosine where only vectors were compared.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from lakehouse.search.hits import Learning
from lakehouse.search.learned import Row


@dataclass(frozen=True, slots=True)
class Blended:
    """One row of the final ranking."""

    row: Row
    score: float
    base: float
    boost: float | None
    """None: the playbook knows nothing of this row here."""

    is_injected: bool = False


def blend(
    base: Mapping[Row, float], boosts: Mapping[Row, float], *, injected: frozenset[Row], k: int
) -> tuple[tuple[Blended, ...], Learning]:
    """Every candidate, best first; equal scores are ordered by the base, then by name.

    Args:
        base: candidates and their scores, 0 to 1.
        boosts: what the playbook adds, for any rows.
        injected: of those, the rows that may join the candidates.
        k: how many will be shown; counted among these.
    """
    ranked = [
        Blended(row, score + boosts.get(row, 0.0), score, boosts.get(row)) for row, score in base.items()
    ]
    lowest = min(base.values(), default=0.0)
    ranked += [
        Blended(row, lowest + boosts[row], lowest, boosts[row], is_injected=True)
        for row in injected - base.keys()
    ]
    ranked.sort(key=lambda one: (-one.score, -one.base, one.row))
    before = sorted(base, key=lambda row: (-base[row], row))[:k]
    shown = ranked[:k]
    return tuple(ranked), Learning(
        computed=len(boosts),
        hit=len(boosts.keys() & base.keys()),
        moved=sum(place >= len(before) or before[place] != one.row for place, one in enumerate(shown)),
        injected=sum(one.is_injected for one in shown),
    )
