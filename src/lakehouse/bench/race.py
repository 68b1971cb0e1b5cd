"""[acts] Races: ours and the peer in turn, so that what else the machine does falls on both."""

import time
from collections.abc import Callable


def timed(work: Callable[[], object]) -> float:
    """Seconds of wall clock that one call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def race(
    ours: Callable[[], float], peer: Callable[[], float], *, samples: int, warm_ups: int = 0
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Samples of ours and of the peer; each call times itself, and who goes first alternates.

    Args:
        warm_ups: rounds that are run and not counted.
    """
    mine: list[float] = []
    theirs: list[float] = []
    for n in range(warm_ups + samples):
        if n % 2:
            mine.append(ours())
            theirs.append(peer())
        else:
            theirs.append(peer())
            mine.append(ours())
    return tuple(mine[warm_ups:]), tuple(theirs[warm_ups:])
