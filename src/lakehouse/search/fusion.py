"""[pure] Two rankings of one corpus, by meaning and by words, become one.

Cosine and BM25 have no common unit, so neither is ever added as it is. With a weight, each leg is put on
0..1 and the two are mixed (`Weights`); with none, only ranks are used (reciprocal rank fusion). A fused score
orders the hits of one query in one corpus and says nothing across queries or corpora: what merges corpora
compares the raw scores, which every hit keeps.
Source: Bruch, Gai, Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval" (2023), section 4;
Cormack, Clarke, Buettcher, "Reciprocal Rank Fusion" (2009).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Final

from lakehouse.base.errors import Invalid

RRF_K: Final = 60
"""Of the paper; on five public sets 20 to 100 differ by less than a rank."""

Scores = Mapping[str, float]
"""One leg: key of a row and its raw score, larger is better; a key that was not retrieved is not in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How much of the fused score comes from meaning; the rest comes from words."""

    dense: float
    """0 (words only) to 1 (meaning only)."""

    def __post_init__(self) -> None:
        if not 0 <= self.dense <= 1:
            raise Invalid("a weight lies between 0 and 1", hint="set a weight from 0 to 1", dense=self.dense)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fused:
    """One hit of the fused ranking, with the parts it was made of."""

    key: str
    score: float
    """0 to 1, within this query and corpus only."""

    dense: float | None
    """Cosine; None: this leg did not retrieve it."""

    lexical: float | None
    """BM25; None: this leg did not retrieve it."""


def fuse(dense: Scores, lexical: Scores, *, weights: Weights | None = None) -> tuple[Fused, ...]:
    """One ranking of every key that a leg retrieved, best first; equal scores are ordered by key.

    Args:
        dense: cosines of the nearest rows.
        lexical: BM25 of the best rows.
        weights: learned for this corpus; None: reciprocal rank fusion.

    Cost: O(n log n); 2 x 100 keys take about 0.2 ms.

    Raises:
        Invalid: a score is not finite.
    """
    if not all(map(isfinite, dense.values())) or not all(map(isfinite, lexical.values())):
        raise Invalid("a score is not a finite number", hint="rebuild the index of this corpus")
    scores = _by_rank(dense, lexical) if weights is None else _by_score(dense, lexical, weights.dense)
    ordered = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Fused(key=key, score=score, dense=dense.get(key), lexical=lexical.get(key)) for key, score in ordered
    )


def _by_rank(dense: Scores, lexical: Scores) -> dict[str, float]:
    scores: dict[str, float] = {}
    for leg in (dense, lexical):
        for rank, key in enumerate(sorted(leg, key=lambda key: (-leg[key], key))):
            scores[key] = scores.get(key, 0.0) + (RRF_K + 1) / (2 * (RRF_K + 1 + rank))
    return scores


def _by_score(dense: Scores, lexical: Scores, weight: float) -> dict[str, float]:
    near, said = _min_max(dense), _min_max(lexical)
    return {
        key: weight * near.get(key, 0.0) + (1 - weight) * said.get(key, 0.0)
        for key in near.keys() | said.keys()
    }


def _min_max(leg: Scores) -> dict[str, float]:
    """The leg on 0..1: its best key is 1, its worst 0, which is also what a key it did not retrieve gets."""
    if not leg:
        return {}
    low, high = min(leg.values()), max(leg.values())
    if low == high:  # nothing to tell apart, yet all were retrieved and the others were not
        return dict.fromkeys(leg, 1.0)
    return {key: (score - low) / (high - low) for key, score in leg.items()}
