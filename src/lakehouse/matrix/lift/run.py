"""[acts] Carries a plan out, one task after the other or in several processes; the order is the plan's."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Final

import numpy as np

from lakehouse.matrix.lift import attack, rejudge, stream, titles
from lakehouse.matrix.lift.arm import Arm
from lakehouse.matrix.lift.attack import KINDS
from lakehouse.matrix.lift.ground.split import Split, split, traffic
from lakehouse.matrix.lift.ground.world import World
from lakehouse.matrix.lift.ours import make_ours
from lakehouse.matrix.lift.outcome import Done, Shown
from lakehouse.matrix.lift.plan import Task, arm
from lakehouse.matrix.lift.stream import Setting
from lakehouse.matrix.lift.users import users

Maker = Callable[[str], Arm]
"""Makes our playbook without the part that is named; a function of a module, or other processes lack it."""

HIDDEN: Final = 0.5
"""Share of the documents that are added after the traffic."""

RETIRED: Final = 0.3
"""Share of the documents that are taken out half-way."""


def ours(without: str) -> Arm:
    """Our playbook as it is by default."""
    return make_ours(without=without)


def run(
    worlds: Sequence[World], tasks: Sequence[Task], *, make: Maker = ours, processes: int = 1
) -> Iterator[Done]:
    """The outcome of every task, in order, as they come.

    Raises:
        Corrupt: an arm learned from being measured.
    """
    by_name = {world.name: world for world in worlds}
    given = [by_name[task.world] for task in tasks]
    if processes == 1:
        yield from (perform(world, task, make) for world, task in zip(given, tasks, strict=True))
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        yield from pool.map(perform, given, tasks, [make] * len(tasks))


def perform(world: World, task: Task, make: Maker = ours) -> Done:
    """One task."""
    parted = split(world, seed=task.seed)
    shown = {name: _perform(world, task, parted, arm(name, world, make), make) for name in task.arms}
    return Done(task=task, split=parted, shown=shown)


def _perform(world: World, task: Task, parted: Split, ranker: Arm, make: Maker) -> Shown:
    match task.kind:
        case "titles":
            return titles.play(world, ranker, seed=task.seed)
        case "rejudged":
            return rejudge.play(world, ranker)
        case "attack":
            kind = next(one for one in KINDS if one == task.user)
            victims = attack.victims(world, parted)
            fresh = (arm(ranker.name, world, make) for _ in victims)
            return tuple(
                attack.attack(world, victim, one, kind=kind, seed=task.seed)
                for victim, one in zip(victims, fresh, strict=True)
            )
        case _:
            return stream.play(
                world,
                parted,
                traffic(world, parted, seed=task.seed),
                users(world, parted, seed=task.seed)[task.user],
                ranker,
                seed=task.seed,
                setting=setting(world, task),
            )


def setting(world: World, task: Task) -> Setting:
    """What is special about a task's stream."""
    points = stream.CHECKPOINTS if task.has_curve else ()
    match task.kind:
        case "new documents":
            return Setting(hidden=_some(world, HIDDEN, seed=task.seed), checkpoints=points)
        case "dead documents":
            return Setting(retired=_some(world, RETIRED, seed=task.seed), checkpoints=points)
        case _:
            return Setting(checkpoints=points)


def _some(world: World, share: float, *, seed: int) -> frozenset[str]:
    drawn = np.random.default_rng([seed, 12]).permutation(len(world.documents))
    return frozenset(world.documents[n] for n in drawn[: round(share * len(drawn))].tolist())
