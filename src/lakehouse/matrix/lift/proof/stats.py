"""[pure] What differences are worth: by need, not by seed; intervals, permutations, Holm over collections.

Seeds repeat the same needs, so they are averaged within each need before anything is tested.
Source: Holm, "A simple sequentially rejective multiple test procedure" (1979).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lakehouse.search.measure import gain

DRAWS: Final = 4_000
"""Of signs; the smallest p is 1 / (draws + 1)."""

HURT: Final = 0.05
"""A question is hurt or helped by more than this."""

DIGITS: Final = 6
"""That reports keep: what lies beyond is noise of the arithmetic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One arm beside another over the same needs."""

    needs: int
    mean: float
    low: float
    high: float
    """95 % interval, bootstrap over needs."""

    p: float
    """Two-sided, by flipping signs of needs."""


def by_need(values: Iterable[tuple[str, float]]) -> dict[str, float]:
    """The mean of each need, over its wordings and over seeds."""
    held: dict[str, list[float]] = {}
    for need, value in values:
        held.setdefault(need, []).append(value)
    return {need: float(np.mean(held[need])) for need in sorted(held)}


def by_arrival(values: Iterable[tuple[str, float]]) -> dict[str, float]:
    """The sum of each need, in such a unit that the mean over needs is the mean over all values.

    What is asked often counts often, and yet each need is one sample.
    """
    held: dict[str, list[float]] = {}
    for need, value in values:
        held.setdefault(need, []).append(value)
    unit = len(held) / max(sum(map(len, held.values())), 1)
    return {need: float(np.sum(held[need])) * unit for need in sorted(held)}


def compared(ours: Mapping[str, float], than: Mapping[str, float], *, seed: int = 0) -> Compared:
    """The difference need by need; needs that only one side has are left out.

    Raises:
        Invalid: they have no need in common.
    """
    needs = [need for need in ours if need in than]
    found = gain([ours[n] for n in needs], [than[n] for n in needs], seed=seed)
    differences = np.array([ours[n] - than[n] for n in needs])
    return Compared(
        needs=len(needs),
        mean=round(found.mean, DIGITS),
        low=round(found.low, DIGITS),
        high=round(found.high, DIGITS),
        p=round(_flipped(differences, seed=seed), DIGITS),
    )


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """The same p-values, adjusted for being many; in the given order."""
    ordered = sorted(p_values, key=lambda name: (p_values[name], name))
    adjusted, least = dict[str, float](), 0.0
    for place, name in enumerate(ordered):
        least = max(least, min((len(ordered) - place) * p_values[name], 1.0))
        adjusted[name] = round(least, DIGITS)
    return {name: adjusted[name] for name in p_values}


def hurt(differences: NDArray[np.float64]) -> float:
    """Share of the questions that became worse by more than .05."""
    return round(float(np.mean(differences < -HURT)), DIGITS) if len(differences) else 0.0


def helped(differences: NDArray[np.float64]) -> float:
    """Share of the questions that became better by more than .05."""
    return round(float(np.mean(differences > HURT)), DIGITS) if len(differences) else 0.0


def gini(counts: Sequence[float]) -> float:
    """0: everything is shown alike; near 1: a few take it all."""
    ordered = np.sort(np.asarray(counts, np.float64))
    total = float(ordered.sum())
    if not total:
        return 0.0
    places = np.arange(1, len(ordered) + 1)
    return round(float((2 * places - len(ordered) - 1) @ ordered / (len(ordered) * total)), DIGITS)


def is_rising(curve: Sequence[float], *, last: int = 3, tolerance: float = 0.01) -> bool:
    """Does a curve not fall at its last points, as far as can be told?"""
    tail = curve[-last:]
    return all(after >= before - tolerance for before, after in pairwise(tail))


def _flipped(differences: NDArray[np.float64], *, seed: int) -> float:
    observed = abs(float(differences.sum()))
    signs = np.random.default_rng([seed, 11]).choice((-1.0, 1.0), (DRAWS, len(differences)))
    as_far = int((np.abs(signs @ differences) >= observed - 1e-12).sum())
    return (as_far + 1) / (DRAWS + 1)
