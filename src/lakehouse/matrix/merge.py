"""[pure] The candidates of many corpora become one ranking, each with its origin and why it is there.

First all candidates are ranked by their probability; then, maybe after a playbook has moved them, the filter
says which are shown. What was dropped stays to be asked for, with the reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan, log
from typing import Final

import numpy as np

from lakehouse.matrix.corpus import Corpus
from lakehouse.matrix.features import FIGURES, Floats, Side, compare
from lakehouse.matrix.filter import Filter
from lakehouse.matrix.relevance import Scales, along, probability
from lakehouse.matrix.shipped import EVIDENCE, RELEVANCE

NOT_IN_THE_DATA: Final = "not in the data"


@dataclass(frozen=True, slots=True)
class Scored:
    """One candidate in the ranking of all."""

    corpus: str
    key: str
    score: float
    """Probability that it is right once the corpus's weight is counted in: what the ranking is by."""

    p: float
    """Probability before that: what the filter is by."""

    base: float
    """The same order on the scale of the best corpus's own ranking, 0 to 1: what a playbook adds to."""

    own_rank: int
    """In its corpus, from 1."""

    weight: float
    """Of its corpus."""

    floor: float
    """Of its corpus."""

    figures: tuple[float, ...]
    """`FIGURES`; NaN: there is none."""

    def parts(self) -> dict[str, float]:
        """The figures that there are, by name."""
        return {name: round(v, 4) for name, v in zip(FIGURES, self.figures, strict=True) if not isnan(v)}

    def why(self) -> str:
        """Why it stands where it stands, in one line."""
        parts = self.parts()
        said = [f"{'own ranking' if n == 'own' else n} {parts[n]:.2f}" for n in FIGURES[:3] if n in parts]
        behind = [f"{-parts[n]:.2f} by {n.removesuffix('_gap')}" for n in FIGURES[3:] if parts.get(n)]
        gap = f"; its corpus is behind the best {', '.join(behind)}" if behind else ""
        weight = f", weight {self.weight:g}" if self.weight != 1 else ""
        return f"{self.corpus} #{self.own_rank}: {', '.join(said)}{gap}; P {self.p:.2f}{weight}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """All candidates of all corpora, best first."""

    candidates: tuple[Scored, ...]
    evidence: float | None
    """Chance that the data has the answer at all, were it so for one question of two; None: unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A candidate that would have been shown, and why it is not."""

    candidate: Scored
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is shown."""

    hits: tuple[Scored, ...]
    dropped: tuple[Dropped, ...]
    is_answered: bool
    why: str
    """Where nothing is shown: why."""


def merge(
    sides: Sequence[Side],
    cards: Mapping[str, Corpus],
    *,
    relevance: Scales = RELEVANCE,
    evidence: Scales = EVIDENCE,
) -> Ranking:
    """One ranking by probability; within a corpus, its own order stands.

    Args:
        cards: of the corpora; one that has none weighs 1.

    Cost: 2 ms for five corpora of 100 candidates.
    """
    figures = compare(sides)
    best: list[float] = []
    odds: list[Floats] = []
    for side, rows in zip(sides, figures, strict=True):
        best += [one for one in evidence.logits(side, rows).tolist() if not isnan(one)]
        odds.append(along(relevance.logits(side, rows)))
    weights = [cards[side.corpus].weight if side.corpus in cards else 1.0 for side in sides]
    ranked = [logits + log(weight) for logits, weight in zip(odds, weights, strict=True)]
    bases = _bases(sides, ranked)
    found = [
        one
        for at, side in enumerate(sides)
        for one in _scored(side, figures[at], odds[at], ranked[at], bases[at], cards.get(side.corpus))
    ]
    order = {side.corpus: at for at, side in enumerate(sides)}
    found.sort(key=lambda one: (-one.score, order[one.corpus], one.own_rank))
    said = float(probability(np.array(max(best)))) if best else None
    return Ranking(candidates=tuple(found), evidence=said)


def keep(ranking: Ranking, *, k: int, by: Filter | None) -> Kept:
    """The first `k` that the filter and the corpora's floors let through.

    A row below them makes no room for a worse one: those after it are less likely still.

    Args:
        by: None: all are let through but those below their corpus's floor.
    """
    first = ranking.candidates[:k]
    if by is not None and ranking.evidence is not None and ranking.evidence < by.level:
        why = f"{NOT_IN_THE_DATA}: evidence {ranking.evidence:.2f}, {by.level:.2f} is asked for"
        return Kept(
            hits=(), dropped=tuple(Dropped(candidate=c, why=why) for c in first), is_answered=False, why=why
        )
    reasons = [_reason(one, by) for one in first]
    hits = tuple(one for one, why in zip(first, reasons, strict=True) if not why)
    dropped = tuple(Dropped(candidate=one, why=why) for one, why in zip(first, reasons, strict=True) if why)
    silent = "" if hits else f"{NOT_IN_THE_DATA}: {reasons[0] if reasons else 'no corpus found anything'}"
    return Kept(hits=hits, dropped=dropped, is_answered=bool(hits), why=silent)


def _bases(sides: Sequence[Side], ranked: Sequence[Floats]) -> list[Floats]:
    """Log-odds on the scale of the best corpus's own ranking: where one corpus is asked, its own scores."""
    best = max((at for at, one in enumerate(ranked) if len(one)), key=lambda at: ranked[at][0], default=None)
    if best is None:
        return [np.zeros(0) for _ in ranked]
    steps, scale = ranked[best][::-1], np.minimum.accumulate(sides[best].own)[::-1]
    return [
        sides[at].own if at == best else np.interp(one, steps, scale, left=0.0)
        for at, one in enumerate(ranked)
    ]


def _scored(
    side: Side, rows: Floats, odds: Floats, ranked: Floats, base: Floats, card: Corpus | None
) -> list[Scored]:
    weight, floor = (card.weight, card.floor) if card else (1.0, 0.0)
    p, score = probability(odds).tolist(), probability(ranked).tolist()
    columns = zip(side.keys, score, p, base.tolist(), rows.tolist(), strict=True)
    return [
        Scored(side.corpus, key, one, chance, of, at, weight, floor, tuple(values))
        for at, (key, one, chance, of, values) in enumerate(columns, 1)
    ]


def _reason(one: Scored, by: Filter | None) -> str:
    if one.p < one.floor:
        return f"P {one.p:.3f} is below the floor of {one.corpus}, {one.floor:g}"
    if by is not None and one.p < by.row:
        return f"P {one.p:.3f} is below {by.row:.3f}, at which {by.alpha:.0%} of what is right may be lost"
    return ""
