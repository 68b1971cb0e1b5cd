"""[pure] Lift along the traffic: every search is scored before anything is said of it, then learned from.

Source: Gama, Sebastião and Rodrigues, "On evaluating stream learning algorithms" (2013), sliding windows.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lakehouse.matrix.lift.outcome import Done
from lakehouse.matrix.lift.proof import results
from lakehouse.matrix.lift.proof.results import CONTROL, Curve, played

WINDOW: Final = 5
"""Each point is the mean of so large a part of the traffic, one fifth: shorter windows show the draw."""

POINTS: Final = 30


def along(dones: Sequence[Done]) -> tuple[Curve, ...]:
    """Every arm's lift along the traffic, where its curve was asked for; seeds are averaged."""
    return tuple(
        Curve(set=name, user=user, arm=arm, of="live", points=points(changes))
        for (name, kind, user), seeds in results.grouped(dones).items()
        if kind == "stream"
        for arm in results.arms(seeds)
        if (changes := list(_changes(seeds, arm)))
    )


def _changes(seeds: Sequence[Done], arm: str) -> Iterator[NDArray[np.float64]]:
    for one in seeds:
        if one.task.has_curve and arm in one.shown:
            yield played(one, arm).live - played(one, CONTROL).live


def points(changes: Sequence[NDArray[np.float64]]) -> tuple[tuple[int, float], ...]:
    """Searches so far, mean over the window that ends there.

    Args:
        changes: of each seed, by arrival; what is longer than the shortest is left out.
    """
    count = min(map(len, changes))
    mean = np.mean([change[:count] for change in changes], axis=0)
    width = max(count // WINDOW, 1)
    places = sorted({round(count * n / POINTS) for n in range(1, POINTS + 1)} - {0})
    return tuple((n, results.rounded(mean[max(n - width, 0) : n])) for n in places)
