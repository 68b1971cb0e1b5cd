"""[pure] Judged questions teach a corpus how much its words and its meaning should weigh.

A weight learned from few questions is mostly chance, and on public sets the default was hard to beat, so
the burden of proof lies on change: of all weights that the judgements cannot tell from the best one, the
nearest to the default is taken. Few judgements or small differences leave the default as it is; a leg that
is truly worthless here is found out by some ten questions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lakehouse.base.errors import Invalid
from lakehouse.search.fusion import DEFAULT, Scores, Weights, fuse
from lakehouse.search.measure import Grades, Interval, Metric, gain, ndcg

Floats = NDArray[np.float64]

GRID: Final = tuple(round(step * 0.05, 2) for step in range(21))
"""Weights that are tried; 0 and 1 are the legs alone. nDCG@10 moves by about 0.01 from one to the next."""

DOUBT: Final = 1.5
"""Standard errors within which a weight counts as good as the best one. Learned on half of the questions of
five public sets and tried on the other half, it cost 0.0003 nDCG@10 against the default, which was right
there; where one leg was made worthless it won 0.14, all but 0.001 of what could be won."""

ENOUGH: Final = 30
"""Questions from which a weight must also be at least as good on them as the better leg alone. From 40 on
this costs 0.001 of nDCG@10 on new questions; with 5 it would cost 0.007, for a leg is ahead by chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One question with both its rankings, and what was right."""

    dense: Scores
    lexical: Scores
    grades: Grades


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The weight of a corpus, and why."""

    weights: Weights
    reason: str
    questions: int
    """How many judged questions it rests on."""

    value: float
    """Mean of the metric over them, with this weight: what it was learned on, so rather too good."""

    gain: Interval
    """Over the weight it replaces, on the same questions."""

    over_better_leg: Interval
    """Over the better of the two legs alone, on the same questions."""


def learn(
    judged: Sequence[Judged], *, metric: Metric = ndcg, prior: Weights = DEFAULT, seed: int = 0
) -> Calibration:
    """The weight that these questions ask for; from `ENOUGH` on never worse on them than the better leg.

    Args:
        judged: questions without a relevant row teach nothing and are left out.
        prior: the weight to keep unless the questions speak against it.
        seed: of the intervals.

    Cost: 22 fusions a question; 100 questions of 2 x 100 candidates take about half a second.

    Raises:
        Invalid: no question has a relevant row.
    """
    useful = [one for one in judged if any(grade > 0 for grade in one.grades.values())]
    if not useful:
        raise Invalid("no question has a right answer to learn from", hint="judge some answers as accepted")
    grid = sorted({*GRID, prior.dense})
    values = np.array([[_value(one, weight, metric) for weight in grid] for one in useful])
    old = grid.index(prior.dense)
    new, reason = _choose(values, grid, old)
    leg = max(0, len(grid) - 1, key=lambda at: float(values[:, at].mean()))
    return Calibration(
        weights=Weights(dense=grid[new]),
        reason=reason,
        questions=len(useful),
        value=float(values[:, new].mean()),
        gain=gain(values[:, new].tolist(), values[:, old].tolist(), seed=seed),
        over_better_leg=gain(values[:, new].tolist(), values[:, leg].tolist(), seed=seed),
    )


def _value(one: Judged, weight: float, metric: Metric) -> float:
    ranking = fuse(one.dense, one.lexical, weights=Weights(dense=weight))
    return metric([hit.key for hit in ranking], one.grades)


def _choose(values: Floats, grid: Sequence[float], old: int) -> tuple[int, str]:
    """Position of the weight in the grid, and the reason.

    Args:
        values: (questions, weights).
    """
    means = values.mean(axis=0)
    best = int(_smooth(means).argmax())
    error = _smooth_errors(values, best)
    alike = [at for at in range(len(grid)) if _smooth(means)[best] - _smooth(means)[at] <= DOUBT * error[at]]
    near = min(alike, key=lambda at: (abs(grid[at] - grid[old]), at))
    leg = max(means[0], means[-1])
    if len(values) >= ENOUGH and means[near] < leg:
        ahead = [at for at in range(len(grid)) if means[at] >= leg]
        near = min(ahead, key=lambda at: (abs(grid[at] - grid[old]), at))
        return (
            near,
            f"a leg alone did better on {len(values)} questions than any weight nearer {grid[old]:.2f}",
        )
    if near == old:
        return old, f"{len(values)} questions do not speak against {grid[old]:.2f}"
    return (
        near,
        f"{len(values)} questions ask for {grid[best]:.2f}; the nearest to {grid[old]:.2f} as good as that",
    )


def _smooth(curve: Floats) -> Floats:
    """Each value with its two neighbours': what a step of 0.05 changes is mostly chance."""
    padded = np.pad(curve, [(0, 0)] * (curve.ndim - 1) + [(1, 1)], mode="edge")
    smooth: Floats = (padded[..., :-2] + padded[..., 1:-1] + padded[..., 2:]) / 3
    return smooth


def _smooth_errors(values: Floats, best: int) -> Floats:
    """Standard errors of the differences to the best weight, by question; one question proves nothing."""
    if len(values) == 1:
        return np.full(values.shape[1], np.inf)
    smooth = _smooth(values)
    errors: Floats = (smooth[:, [best]] - smooth).std(axis=0, ddof=1) / np.sqrt(len(values))
    return errors
