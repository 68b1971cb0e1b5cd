"""[pure] What words weigh over several indexes at once, so that BM25 of one compares with BM25 of another.

A word's weight in BM25 comes from how rare it is in *its* index: "forklift" is worth little among forklift
drivers and much among nurses, so a bad match there beats a good one here. Counted over all indexes that were
asked, a word weighs the same everywhere; and the best that a question could get is known, which makes a share
of it out of the score.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Final

SATURATED: Final = 2.2
"""The most that a word's weight is multiplied by, however often a row says it: BM25's k1 + 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What one index knows of a question's words."""

    rows: int
    asked: Mapping[str, int]
    """Term -> how often the question says it."""

    holding: Mapping[str, int]
    """Term -> rows that say it; a term that no row says is not in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A question's words with weights that hold in every index asked."""

    weights: Mapping[str, float]
    """Term -> weight, times in the question included; a word that nobody knows weighs most."""

    attainable: float
    """BM25 of a row that says every word of the question as often as anybody could wish; 0: no words."""

    known: float
    """Share of the weight that lies on words which some row says, 0 to 1."""


def rarity(rows: int, holding: int) -> float:
    """Weight of a term that `holding` of `rows` rows say: BM25's inverse document frequency, above 0."""
    return log(1 + (max(rows, holding) - holding + 0.5) / (holding + 0.5))


def together(indexes: Sequence[Terms]) -> Weighed:
    """The words of one question, weighed over all indexes."""
    rows = sum(one.rows for one in indexes)
    holding: Counter[str] = Counter()
    for one in indexes:
        holding.update(one.holding)
    asked = {term: times for one in indexes for term, times in one.asked.items()}
    weights = {term: times * rarity(rows, holding[term]) for term, times in asked.items()}
    total = sum(weights.values())
    known = sum(weight for term, weight in weights.items() if holding[term])
    return Weighed(weights=weights, attainable=SATURATED * total, known=known / total if total else 0.0)
