"""[pure] What is run: which collection, user, setting, seed and arms, and how each is shared out.

A task holds the arms that meet the same stream; tasks need nothing of each other, so that any number of
processes gives the same result.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from lakehouse.base.errors import Invalid
from lakehouse.matrix.lift.arm import Arm
from lakehouse.matrix.lift.ground.world import LASTING, World
from lakehouse.matrix.lift.rivals import RIVALS, Knowing, Oracle, Truth
from lakehouse.matrix.playbook.params import PARTS

Kind = Literal["stream", "new documents", "dead documents", "attack", "titles", "rejudged"]

OURS: Final = "ours"
MINUS: Final = "ours minus "
ABLATED: Final = tuple(f"{MINUS}{part}" for part in sorted(PARTS))
CONTROLS: Final = (*RIVALS, Oracle.name)
EVERY: Final = (*CONTROLS, OURS, *ABLATED)

MAIN: Final = ("perfect", "clicks")
"""The users of the headline: what is the table's clean column, and its noisy one."""

DEVELOPMENT: Final = ("cran", "time", "cisi", "npl", "onet_titles")
"""What constants were chosen on: any other collection confirms, as long as it is looked at rarely."""

QUICK_SETS: Final = ("cran", "time")
"""Measured before every merge; the rest nightly."""

OTHERS: Final[Mapping[str, tuple[str, ...]]] = {
    "noisy": ("none", "popularity", "distance", "similarities", OURS),
    "cascade": ("none", OURS),
    "delayed": ("none", OURS),
    "random": ("none", "popularity", "distance", "similarities", OURS),
    "shuffled": ("none", "similarities", OURS),
    "inverted-30": ("none", OURS, MINUS + "trust"),
    "inverted-60": ("none", "similarities", OURS, MINUS + "trust"),
    "inverted-all": ("none", OURS),
    "poison-30": ("none", OURS, MINUS + "trust"),
    "poison-60": ("none", OURS, MINUS + "trust"),
    "sybil": ("none", OURS, MINUS + "trust"),
}
"""User -> the arms whose answer to it says something."""

PLACED: Final[Mapping[str, tuple[str, ...]]] = {
    "recruiters": (*CONTROLS, OURS),
    "sure": ("none", "oracle", OURS),
    "late": ("none", OURS),
    "coin": ("none", "popularity", "distance", "similarities", OURS),
}
"""The same where a user takes one row, and it lasts or not."""

DOCUMENTS: Final = ("none", "cache", "similarities", OURS)
ATTACKED: Final = ("popularity", "distance", "similarities", OURS, MINUS + "trust")
TITLES: Final = (*RIVALS, OURS)
REJUDGED: Final = ("distance", "similarities", OURS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Arms that meet the same stream."""

    world: str
    kind: Kind
    user: str
    """Of a stream; of an attack, its kind; else empty."""

    seed: int
    arms: tuple[str, ...]
    has_curve: bool = False
    """Measured at every checkpoint, not only at the end."""


def tasks(
    worlds: Sequence[World], *, seeds: int, quick: bool = False, arms: Sequence[str] = ()
) -> tuple[Task, ...]:
    """Everything that is to be run.

    Args:
        arms: only these, and the control; empty: each where it says something.

    Raises:
        Invalid: an arm that is none, or no seed.
    """
    if strange := [arm for arm in arms if arm not in EVERY]:
        raise Invalid(f"{strange[0][:60]!r} is no arm", hint=f"there are: {', '.join(EVERY)}")
    if seeds < 1:
        raise Invalid("at least one seed is needed", hint="--seeds 1")
    wanted = frozenset(arms) | {"none"} if arms else frozenset(EVERY)
    every = [task for seed in range(1, seeds + 1) for world in worlds for task in _of(world, seed, quick)]
    kept = (_among(task, wanted) for task in every)
    return tuple(task for task in kept if task.arms)


def _of(world: World, seed: int, is_quick: bool) -> Iterator[Task]:
    def task(kind: Kind, user: str, arms: tuple[str, ...], *, has_curve: bool = False) -> Task:
        return Task(world=world.name, kind=kind, user=user, seed=seed, arms=arms, has_curve=has_curve)

    if world.past:
        if seed == 1:
            yield task("titles", "", TITLES)
        return
    if world.metric == LASTING:
        for user, arms in PLACED.items():
            yield task("stream", user, arms, has_curve=user == "recruiters")
        if seed == 1 and not is_quick:
            yield task("stream", "recruiters", ("none", *ABLATED))
        yield task("attack", "pushed", (OURS,) if is_quick else ATTACKED)
        return
    for user in MAIN:
        yield task("stream", user, (*CONTROLS, OURS), has_curve=True)
        if seed == 1 and not is_quick:  # what a part is worth shows without repetitions
            yield task("stream", user, ("none", *ABLATED))
    for user, arms in OTHERS.items():
        if not is_quick or user in {"random", "shuffled", "inverted-60"}:
            yield task("stream", user, ("none", OURS) if is_quick else arms)
    for kind in ("focused", "sybil"):
        yield task("attack", kind, (OURS,) if is_quick else ATTACKED)
    if not is_quick:
        yield task("new documents", "perfect", DOCUMENTS)
        yield task("dead documents", "perfect", DOCUMENTS)
        if seed == 1:
            yield task("rejudged", "", REJUDGED)


def _among(task: Task, wanted: frozenset[str]) -> Task:
    arms = tuple(arm for arm in task.arms if arm in wanted)
    is_idle = set(arms) <= {"none"} and set(task.arms) > {"none"} and len(wanted) > 1
    return Task(
        world=task.world,
        kind=task.kind,
        user=task.user,
        seed=task.seed,
        arms=() if is_idle else arms,
        has_curve=task.has_curve,
    )


def arm(name: str, world: World, ours: Callable[[str], Arm]) -> Arm:
    """A fresh arm by name.

    Args:
        ours: makes our playbook, given the part to leave out; empty for all of it.
    """
    if name == Oracle.name:
        texts = zip(world.asked, world.questions, strict=True)
        truth = Truth(need={a.text: q.need for a, q in texts}, grades=world.grades)
        return Knowing(truth) if world.metric == LASTING else Oracle(truth)
    if name in RIVALS:
        return RIVALS[name]()
    return ours(name.removeprefix(MINUS) if name.startswith(MINUS) else "")
