"""[pure] From what the arms showed to figures: lift by class, against rivals, by likeness, along the curve.

Every figure is a row that says of which collection, user, arm and class it is; collections are never pooled,
a macro figure is the plain mean of theirs.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lakehouse.base.errors import Invalid
from lakehouse.matrix.lift.ground.alike import alike
from lakehouse.matrix.lift.ground.split import traffic
from lakehouse.matrix.lift.ground.world import World
from lakehouse.matrix.lift.outcome import Done
from lakehouse.matrix.lift.proof import stats
from lakehouse.matrix.lift.proof.stats import DIGITS, Compared, by_arrival, by_need, compared
from lakehouse.matrix.lift.stream import CLASSES, Played, Scores

CONTROL: Final = "none"
TAKERS: Final = "recruiters"
"""The users of the headline where one row is taken, and lasts or not."""

STRATA: Final = (0.5, 0.65, 0.85)
"""Likeness to the nearest question of the traffic, at which one stratum ends and the next begins."""

STREAMS: Final = ("stream", "new documents", "dead documents")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One arm, one class, one user, one collection."""

    set: str
    kind: str
    user: str
    arm: str
    of: str
    """The class: verbatim, paraphrase, new; live or last third for the traffic itself."""

    base: float
    ndcg: float
    lift: Compared
    """Over the control."""

    hurt: float
    helped: float
    first: float
    """Success at 1, the gain over the control."""

    recall: float
    """Recall at 100, the gain over the control."""


Clustered = Callable[[Iterable[tuple[str, float]]], dict[str, float]]
"""Need and value of each measurement -> one number for each need."""

Group = tuple[str, str, str]
"""Collection, kind, user."""


def grouped(dones: Sequence[Done]) -> dict[Group, list[Done]]:
    """Seeds of the same thing together."""
    found: dict[Group, list[Done]] = {}
    for done in dones:
        if done.task.kind in STREAMS:
            found.setdefault((done.task.world, done.task.kind, done.task.user), []).append(done)
    return found


def rows(dones: Sequence[Done], worlds: Mapping[str, World]) -> tuple[Row, ...]:
    """Every arm's lift, by class."""
    return tuple(
        row
        for group, seeds in grouped(dones).items()
        for arm in arms(seeds)
        for row in (
            *(_classed(group, seeds, arm, of, worlds[group[0]]) for of in CLASSES),
            *_live(group, seeds, arm, worlds[group[0]]),
        )
        if row is not None
    )


def arms(seeds: Sequence[Done]) -> tuple[str, ...]:
    """The arms that ran, the control left out."""
    return tuple(arm for arm in dict.fromkeys(a for one in seeds for a in one.shown) if arm != CONTROL)


def played(done: Done, arm: str) -> Played:
    """What a stream showed of an arm.

    Raises:
        Invalid: the task was none.
    """
    found = done.shown[arm]
    if not isinstance(found, Played):
        raise Invalid(f"a task of kind {done.task.kind} has no stream", hint="ask for one of `STREAMS`")
    return found


def _pairs(seeds: Sequence[Done], arm: str, of: str) -> list[tuple[Scores, Scores]]:
    both = [(played(one, arm).final[of], played(one, CONTROL).final[of]) for one in seeds if arm in one.shown]
    return [(ours, base) for ours, base in both if ours.questions]


def _classed(group: Group, seeds: Sequence[Done], arm: str, of: str, world: World) -> Row | None:
    pairs = _pairs(seeds, arm, of)
    if not pairs:
        return None
    needs = [world.questions[n].need for scores, _ in pairs for n in scores.questions]
    ours, base = (np.concatenate([pair[side].ndcg for pair in pairs]) for side in (0, 1))
    first = np.concatenate([a.first - b.first for a, b in pairs])
    found = np.concatenate([a.recall - b.recall for a, b in pairs])
    return Row(
        set=group[0],
        kind=group[1],
        user=group[2],
        arm=arm,
        of=of,
        base=rounded(base),
        ndcg=rounded(ours),
        lift=_compared(needs, ours, base),
        hurt=stats.hurt(ours - base),
        helped=stats.helped(ours - base),
        first=rounded(first),
        recall=rounded(found),
    )


def _live(group: Group, seeds: Sequence[Done], arm: str, world: World) -> Iterator[Row]:
    """The traffic itself, scored before anything was said: all of it, and its last third."""
    seeds = [one for one in seeds if arm in one.shown]
    for of, share in (("live", 0.0), ("last third", 2 / 3)):
        needs, ours, base = list[str](), list[float](), list[float]()
        for one in seeds:
            lists = played(one, arm).live, played(one, CONTROL).live
            start = round(share * len(lists[0]))
            arrivals = traffic(world, one.split, seed=one.task.seed, count=len(lists[0]))[start:]
            needs += [world.questions[a.question].need for a in arrivals]
            ours += lists[0][start:].tolist()
            base += lists[1][start:].tolist()
        a, b = np.array(ours), np.array(base)
        yield Row(
            set=group[0],
            kind=group[1],
            user=group[2],
            arm=arm,
            of=of,
            base=rounded(b),
            ndcg=rounded(a),
            lift=_compared(needs, a, b, by=by_arrival),
            hurt=stats.hurt(a - b),
            helped=stats.helped(a - b),
            first=0.0,
            recall=0.0,
        )


def _compared(
    needs: Sequence[str], ours: NDArray[np.float64], base: NDArray[np.float64], *, by: Clustered = by_need
) -> Compared:
    return compared(*(by(zip(needs, side.tolist(), strict=True)) for side in (ours, base)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Duel:
    """Ours beside one rival on one collection."""

    set: str
    user: str
    rival: str
    of: str
    lift: Compared
    """Of ours over the rival."""

    holm: float
    """p over all collections with this rival, user and class."""

    @property
    def is_won(self) -> bool:
        """Better, and not by chance."""
        return self.lift.mean > 0 and self.holm < 0.05


def duels(
    dones: Sequence[Done], worlds: Mapping[str, World], *, ours: str, rivals: Sequence[str]
) -> tuple[Duel, ...]:
    """Ours against every rival that ran beside it, on the traffic and on each class."""
    found: list[tuple[str, str, str, str, Compared]] = []
    for (name, kind, user), seeds in grouped(dones).items():
        if kind != "stream":
            continue
        for rival in rivals:
            both = [one for one in seeds if ours in one.shown and rival in one.shown]
            for of in ("live", *CLASSES) if both else ():
                sides = [_needs(both, arm, of, worlds[name]) for arm in (ours, rival)]
                found.append((name, user, rival, of, compared(*sides)))
    return tuple(
        Duel(set=name, user=user, rival=rival, of=of, lift=lift, holm=_holm(found, user, rival, of)[name])
        for name, user, rival, of, lift in found
    )


def _holm(
    found: Sequence[tuple[str, str, str, str, Compared]], user: str, rival: str, of: str
) -> dict[str, float]:
    return stats.holm({f[0]: f[4].p for f in found if f[1:4] == (user, rival, of)})


def _needs(seeds: Sequence[Done], arm: str, of: str, world: World) -> dict[str, float]:
    values: list[tuple[str, float]] = []
    for one in seeds:
        shown = played(one, arm)
        if of == "live":
            arrivals = traffic(world, one.split, seed=one.task.seed, count=len(shown.live))
            values += [
                (world.questions[a.question].need, v)
                for a, v in zip(arrivals, shown.live.tolist(), strict=True)
            ]
        else:
            scores = shown.final[of]
            values += [
                (world.questions[n].need, v)
                for n, v in zip(scores.questions, scores.ndcg.tolist(), strict=True)
            ]
    return by_arrival(values) if of == "live" else by_need(values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """How an arm's lift grows with the searches that came in."""

    set: str
    user: str
    arm: str
    of: str
    points: tuple[tuple[int, float], ...]
    """Searches so far, mean lift over the control."""


def curves(dones: Sequence[Done]) -> tuple[Curve, ...]:
    """Every arm's curve, where it was measured on the way."""
    return tuple(
        Curve(set=name, user=user, arm=arm, of=of, points=points)
        for (name, kind, user), seeds in grouped(dones).items()
        if kind == "stream"
        for arm in arms(seeds)
        for of in ("paraphrase", "new")
        if len(points := _points(seeds, arm, of)) > 1
    )


def _points(seeds: Sequence[Done], arm: str, of: str) -> tuple[tuple[int, float], ...]:
    runs = [(played(one, arm), played(one, CONTROL)) for one in seeds if arm in one.shown]
    places = sorted(set(runs[0][0].at).intersection(*(ours.at for ours, _ in runs))) if runs else []
    changes = ([ours.at[n][of].ndcg - base.at[n][of].ndcg for ours, base in runs] for n in places)
    return tuple((n, rounded(np.concatenate(change))) for n, change in zip(places, changes, strict=True))


def strata(seeds: Sequence[Done], arm: str, world: World) -> dict[str, tuple[int, float]]:
    """Likeness to the nearest question of the traffic -> how many questions were measured, their lift."""
    found: dict[str, list[float]] = {}
    for one in (s for s in seeds if arm in s.shown):
        arrivals = traffic(world, one.split, seed=one.task.seed, count=len(played(one, arm).live))
        asked = [world.asked[n] for n in sorted({a.question for a in arrivals})]
        for of in CLASSES:
            ours, base = played(one, arm).final[of], played(one, CONTROL).final[of]
            nearest = alike([world.asked[n] for n in ours.questions], asked).max(axis=1, initial=0)
            for near, change in zip(nearest.tolist(), (ours.ndcg - base.ndcg).tolist(), strict=True):
                found.setdefault(stratum(near), []).append(change)
    return {name: (len(found[name]), rounded(np.array(found[name]))) for name in NAMES if name in found}


NAMES: Final = tuple(
    f"{low:.2f} to {high:.2f}" for low, high in zip((0.0, *STRATA), (*STRATA, 1.0), strict=True)
)


def stratum(near: float) -> str:
    """The name of a stratum of likeness."""
    return NAMES[int(np.searchsorted(STRATA, near, side="right"))]


def rounded(values: NDArray[np.float64]) -> float:
    """The mean, without the noise of the arithmetic; 0 of nothing."""
    return round(float(values.mean()), DIGITS) + 0.0 if len(values) else 0.0
