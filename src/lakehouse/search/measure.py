"""[pure] How good a ranking is: nDCG, reciprocal rank and recall, how sure a difference of two is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log2

import numpy as np

from lakehouse.base.errors import Invalid

Grades = Mapping[str, float]
"""Key of a relevant row and how relevant it is, above 0; what is not in it is not relevant."""

Metric = Callable[[Sequence[str], Grades], float]
"""A ranking, best first, and the judgement of its query become a number from 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A mean and where it would lie in 95 of 100 repetitions with other queries of the same kind."""

    mean: float
    low: float
    high: float


def ndcg(ranking: Sequence[str], grades: Grades, *, k: int = 10) -> float:
    """Discounted gain of the first `k`, as a share of the best possible; 0 where nothing is relevant.

    The gain is the grade itself, discounted by log2(rank + 1).
    Source: Järvelin, Kekäläinen, "Cumulated gain-based evaluation of IR techniques" (2002).
    """
    ideal = _gain(sorted((grade for grade in grades.values() if grade > 0), reverse=True)[:k])
    return _gain([max(grades.get(key, 0.0), 0.0) for key in ranking[:k]]) / ideal if ideal else 0.0


def reciprocal_rank(ranking: Sequence[str], grades: Grades, *, k: int = 10) -> float:
    """1 / rank of the first relevant key among the first `k`; 0 where there is none. Its mean is MRR."""
    return next((1 / rank for rank, key in enumerate(ranking[:k], 1) if grades.get(key, 0.0) > 0), 0.0)


def recall(ranking: Sequence[str], grades: Grades, *, k: int = 100) -> float:
    """Share of the relevant keys that stand among the first `k`; 0 where nothing is relevant."""
    relevant = {key for key, grade in grades.items() if grade > 0}
    return len(relevant.intersection(ranking[:k])) / len(relevant) if relevant else 0.0


def gain(values: Sequence[float], than: Sequence[float], *, seed: int = 0, draws: int = 2_000) -> Interval:
    """Mean of `values` minus `than`, query by query, and its 95 % interval by a paired bootstrap.

    Args:
        values: (n,), one number for each query.
        than: (n,), of the same queries in the same order.
        seed: the same seed gives the same interval.

    Cost: 8 bytes for every (draw, query) pair.

    Raises:
        Invalid: there is no query, or the two do not have the same ones.
    """
    if len(values) != len(than) or not len(values):
        raise Invalid(
            "nothing to compare, query by query",
            hint="judge at least one query, and score both rankings on it",
            values=len(values),
            than=len(than),
        )
    differences = np.asarray(values, dtype=np.float64) - np.asarray(than, dtype=np.float64)
    drawn = np.random.default_rng(seed).integers(0, len(differences), (draws, len(differences)))
    means = differences[drawn].mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return Interval(mean=float(differences.mean()), low=float(low), high=float(high))


def _gain(grades: Sequence[float]) -> float:
    return sum(grade / log2(place + 1) for place, grade in enumerate(grades, 1))
