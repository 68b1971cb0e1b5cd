"""[pure] What boosts have earned: how much they count, by how like the nearest earlier question is.

Transfer is earned. Audited rows say how the chance of being right goes up with the base score, and how with a
boost; the ratio of the two is what a boost is worth in units of the base score. It is learned for three
strata of the best similarity: far, near, repeat. Far ones start in shadow (weight 0): they are computed, and
count only once audits have shown that they help. Even then they never count more than once: audited far
questions are mostly odd wordings of known needs, and real newcomers would pay for what those win.

    logit P(right) = alpha + beta * base + sum over strata gamma * boost        weight = gamma / beta

Source: the specification of the learning loops, 2.1 (strata) and 2.4 (promotion by evidence);
logistic regression by Newton's method with a quadratic penalty towards the weights before any evidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EDGES: Final = (0.65, 0.85)
"""Best similarity from which a question is near, and from which it is a repeat."""

STRATA: Final = ("far", "near", "repeat")
ENOUGH: Final = 20
"""Audited searches before anything is learned."""

STEPS: Final = 25
SLOPE_FLOOR: Final = 0.5
"""Least slope of the base: below it the base says nothing, and no ratio to it would mean anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerParams:
    """Before and bounds."""

    start: tuple[float, float, float] = (0.0, 1.0, 1.0)
    """Weights before any evidence: far is in shadow."""

    most: tuple[float, float, float] = (1.0, 2.0, 3.0)
    pull: float = 0.09
    """Of the penalty towards the start: 0.3 squared, so that one row with a full boost pulls as hard."""


@dataclass(frozen=True, slots=True)
class Row:
    """One audited row of a list that was shown."""

    stratum: int
    base: float
    boost: float
    is_right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What counts how much, and on what evidence."""

    weights: tuple[float, float, float]
    """By stratum, far first."""

    rows: int = 0
    """Audited rows it rests on."""

    reason: str = "no audits yet: far boosts stay in shadow"

    def weight(self, stratum: int) -> float:
        """What a boost counts for a question of this stratum."""
        return self.weights[stratum]


PARAMS: Final = LedgerParams()
START: Final = Ledger(weights=PARAMS.start)


def stratum(similarity: float) -> int:
    """0 far, 1 near, 2 repeat."""
    return sum(similarity >= edge for edge in EDGES)


def learn(rows: Sequence[Row], *, searches: int, params: LedgerParams = PARAMS) -> Ledger:
    """The weights that audited rows ask for, or those of the start where there are too few.

    Args:
        searches: that the rows come from.

    Cost: 25 steps over (rows, 5); 5,000 rows take about 10 ms.
    """
    if searches < ENOUGH:
        return Ledger(weights=params.start, rows=len(rows), reason=f"{searches} of {ENOUGH} audited searches")
    inputs, right = _matrix(rows, params)
    if right.all() or not right.any():
        return Ledger(weights=params.start, rows=len(rows), reason="audits tell no row from another")
    pull = np.array([1e-3, 1e-2, *(params.pull for _ in STRATA)])
    found = _fit(inputs, right, pull)
    slope = max(float(found[1]), SLOPE_FLOOR)
    gained = [start + float(g) / slope for start, g in zip(params.start, found[2:5], strict=True)]
    weights = [float(np.clip(g, 0, most)) for g, most in zip(gained, params.most, strict=True)]
    return Ledger(
        weights=(weights[0], weights[1], weights[2]),
        rows=len(rows),
        reason=f"learned from {searches} audited searches",
    )


def _matrix(rows: Sequence[Row], params: LedgerParams) -> tuple[Floats, Floats]:
    """(n, 5): one, base with the boost as it counts at the start, boost by stratum."""
    inputs = np.zeros((len(rows), 5))
    for at, row in enumerate(rows):
        inputs[at, 0] = 1
        inputs[at, 1] = row.base + params.start[row.stratum] * row.boost
        inputs[at, 2 + row.stratum] = row.boost
    return inputs, np.array([row.is_right for row in rows], dtype=np.float64)


def _fit(inputs: Floats, right: Floats, pull: Floats) -> Floats:
    """Coefficients."""
    found = np.zeros(inputs.shape[1])
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-np.clip(inputs @ found, -30, 30)))
        slope = inputs.T @ (right - chance) - pull * found
        curve = (inputs * (chance * (1 - chance))[:, None]).T @ inputs + np.diag(pull)
        step = np.linalg.solve(curve, slope)
        found = found + step
        if float(np.abs(step).max()) < 1e-8:
            break
    return found
