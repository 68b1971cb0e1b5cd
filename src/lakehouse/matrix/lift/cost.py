"""[acts] What learning costs a search: the time an arm takes to rank; by the clock, so not in the report."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles

from lakehouse.matrix.lift.arm import Arm, Asked
from lakehouse.matrix.lift.ground.split import split, traffic
from lakehouse.matrix.lift.ground.world import World
from lakehouse.matrix.lift.rivals import Nothing
from lakehouse.matrix.lift.stream import Setting, play
from lakehouse.matrix.lift.users import Clicks
from lakehouse.matrix.playbook.events import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Milliseconds that an arm adds to the base's answer, once it has heard all of the traffic."""

    p50_ms: float
    p95_ms: float
    searches: int
    """That it had heard of."""


class Timed:
    """An arm with a clock: it notes how long each list took."""

    def __init__(self, inner: Arm) -> None:
        self._inner = inner
        self.name = inner.name
        self.seconds: list[float] = []

    def rank(self, asked: Asked) -> Sequence[str]:
        """The arm's own list."""
        started = time.perf_counter()
        ranked = self._inner.rank(asked)
        self.seconds.append(time.perf_counter() - started)
        return ranked

    def learn(self, search_id: str, asked: Asked, shown: Sequence[str], outcomes: Sequence[Outcome]) -> None:
        """The arm learns."""
        self._inner.learn(search_id, asked, shown, outcomes)


def cost(world: World, arm: Arm, *, seed: int = 1) -> Cost:
    """Play the traffic, then ask every question once with a clock; what the control takes is taken off."""
    parted = split(world, seed=seed)
    arrivals = traffic(world, parted, seed=seed)
    play(world, parted, arrivals, Clicks(), arm, seed=seed, setting=Setting(checkpoints=()))
    sides = [_asked(world, one) for one in (arm, Nothing())]
    p50, p95 = ((ours - base) * 1000 for ours, base in zip(*sides, strict=True))
    return Cost(p50_ms=p50, p95_ms=p95, searches=len(arrivals))


def _asked(world: World, arm: Arm) -> tuple[float, float]:
    timed = Timed(arm)
    for asked in world.asked:
        timed.rank(asked)
    points = quantiles(timed.seconds, n=20)
    return points[9], points[18]
