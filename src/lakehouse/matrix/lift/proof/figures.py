"""[pure] The figures that goals are about, out of the rows of a run; what was not run has none."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lakehouse.matrix.lift.attack import Attacked
from lakehouse.matrix.lift.ground.world import World
from lakehouse.matrix.lift.outcome import Done
from lakehouse.matrix.lift.plan import MAIN, OURS
from lakehouse.matrix.lift.proof import results
from lakehouse.matrix.lift.proof.results import Duel, Row
from lakehouse.matrix.lift.proof.stats import DIGITS, hurt, is_rising
from lakehouse.matrix.lift.rejudge import Rejudged
from lakehouse.matrix.lift.rivals import Knowing
from lakehouse.matrix.lift.stream import Scores

RIVALS: Final = ("cache", "popularity", "distance", "similarities")
NOISE: Final = ("random", "shuffled")
REPEATS: Final = ("verbatim", "paraphrase")
FAR: Final = results.NAMES[0]
ENOUGH: Final = 30
"""Questions that a stratum must have before its mean says anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Everything that a run showed."""

    dones: Sequence[Done]
    worlds: Mapping[str, World]
    rows: tuple[Row, ...]
    duels: tuple[Duel, ...]


def of(dones: Sequence[Done], worlds: Mapping[str, World]) -> Run:
    """The rows of a run."""
    return Run(
        dones=dones,
        worlds=worlds,
        rows=results.rows(dones, worlds),
        duels=results.duels(dones, worlds, ours=OURS, rivals=RIVALS),
    )


def figures(run: Run) -> dict[str, float]:
    """Key of a goal -> what was measured."""
    found: dict[str, float | None] = {
        "paraphrase_clean": macro(run, "perfect", "paraphrase"),
        "paraphrase_noisy": macro(run, "clicks", "paraphrase"),
        **_new(run),
        "hurt_repeat": _hurt(run, REPEATS),
        "hurt_new": _hurt(run, ("new",)),
        "noise": _most(run, NOISE, ("paraphrase", "new")),
        "collusion": _most(run, ("inverted-all",), ("paraphrase", "new")),
        **_inverted(run),
        **_attacks(run),
        **_duels(run),
        **_placed(run),
        "rising": _rising(run),
        "far": _far(run),
        "leaks": _counted(run, "unseen"),
        "dead": _counted(run, "dead", kinds=("dead documents",)),
        **_titles(run),
        **_rejudged(run),
    }
    return {key: round(value, DIGITS) for key, value in found.items() if value is not None}


def lifts(run: Run, user: str, classed: Iterable[str], value: Callable[[Row], float]) -> list[float]:
    """One figure of ours in each collection and class."""
    of = frozenset(classed)
    return [
        value(row)
        for row in run.rows
        if row.kind == "stream" and row.arm == OURS and row.user == user and row.of in of
    ]


def macro(run: Run, user: str, of: str) -> float | None:
    """The plain mean of the collections' lifts."""
    return _mean(lifts(run, user, (of,), lambda row: row.lift.mean))


def _rising(run: Run) -> float | None:
    """Share of our curves on paraphrases that do not fall at their end."""
    curves = (c for c in results.curves(run.dones) if c.user in MAIN)
    ours = (c for c in curves if c.arm == OURS and c.of == "paraphrase")
    return _share(is_rising([lift for _, lift in one.points]) for one in ours)


def _new(run: Run) -> dict[str, float | None]:
    lows = [low for user in MAIN for low in lifts(run, user, ("new",), lambda row: row.lift.low)]
    means = [mean for user in MAIN if (mean := macro(run, user, "new")) is not None]
    return {"new_low": min(lows, default=None), "new_macro": min(means, default=None)}


def _hurt(run: Run, of: Iterable[str]) -> float | None:
    """Of the user who is worse served, the mean over collections."""
    shares = [_mean(lifts(run, user, of, lambda row: row.hurt)) for user in MAIN]
    return max((share for share in shares if share is not None), default=None)


def _most(run: Run, users: Iterable[str], of: Iterable[str]) -> float | None:
    sizes = [abs(mean) for user in users for one in of if (mean := macro(run, user, one)) is not None]
    return max(sizes, default=None)


def _inverted(run: Run) -> dict[str, float | None]:
    whole, kept = macro(run, "clicks", "paraphrase"), macro(run, "inverted-30", "paraphrase")
    return {
        "inverted_30": kept / whole if whole and whole > 0 and kept is not None else None,
        "inverted_60": macro(run, "inverted-60", "paraphrase"),
        "inverted_60_low": min(
            lifts(run, "inverted-60", ("paraphrase",), lambda row: row.lift.low), default=None
        ),
    }


def attacks(run: Run, arm: str, kind: str) -> tuple[Attacked, ...]:
    """Every attack of a kind on an arm, over collections and seeds."""
    shown = [one.shown.get(arm) for one in run.dones if one.task.kind == "attack" and one.task.user == kind]
    return tuple(a for found in shown if isinstance(found, tuple) for a in found)


def _attacks(run: Run) -> dict[str, float | None]:
    return {
        kind: min((float(a.worst) for a in attacks(run, OURS, kind)), default=None)
        for kind in ("focused", "sybil")
    }


def _duels(run: Run) -> dict[str, float | None]:
    among = [duel for duel in run.duels if duel.user in MAIN]
    return {
        "rivals": _share(duel.is_won for duel in among if duel.of == "live"),
        "rivals_classes": _share(
            not (duel.lift.mean < 0 and duel.holm < 0.05) for duel in among if duel.of != "live"
        ),
    }


def _placed(run: Run) -> dict[str, float | None]:
    """Where users take one row: how much more often it lasts, and whether what they said of it was kept."""
    rows = {r.arm: r for r in run.rows if r.user == results.TAKERS and r.of == "paraphrase"}
    ours, most = rows.get(OURS), rows.get(Knowing.name)
    kept = [one.meeting / one.shown for world in run.worlds.values() for one in world.kept.values()]
    pushed = [float(one.worst) for one in attacks(run, OURS, "pushed")]
    return {
        "staffing": ours.lift.mean / ours.base if ours and ours.base else None,
        "staffing_oracle": ours.ndcg / most.ndcg if ours and most and most.ndcg else None,
        "honoured": min(kept, default=None),
        "pushed": min(pushed, default=None),
    }


def _far(run: Run) -> float | None:
    found = [
        results.strata(seeds, OURS, run.worlds[name]).get(FAR, (0, 0.0))
        for (name, kind, user), seeds in results.grouped(run.dones).items()
        if kind == "stream" and user in MAIN and any(OURS in one.shown for one in seeds)
    ]
    return max((abs(lift) for count, lift in found if count >= ENOUGH), default=None)


def _counted(run: Run, what: str, *, kinds: Sequence[str] = results.STREAMS) -> float | None:
    counts = [
        float(results.played(one, OURS).counters.get(what, 0))
        for one in run.dones
        if one.task.kind in kinds and OURS in one.shown
    ]
    return sum(counts) if counts else None


def titles(run: Run, arm: str) -> Iterator[tuple[str, Mapping[int, Scores], Mapping[int, Scores]]]:
    """Collection, scores of an arm and of the control, by past searches."""
    for one in run.dones:
        ours, base = one.shown.get(arm), one.shown.get(results.CONTROL)
        if one.task.kind == "titles" and isinstance(ours, Mapping) and isinstance(base, Mapping):
            yield one.task.world, ours, base


def _titles(run: Run) -> dict[str, float | None]:
    gains, harms = list[float](), list[float]()
    for _, ours, base in titles(run, OURS):
        last = max(ours)
        gains.append(float(ours[last].ndcg.mean() / base[last].ndcg.mean()) - 1)
        harms.append(hurt(ours[last].ndcg - base[last].ndcg))
    return {"titles": _mean(gains), "titles_hurt": _mean(harms)}


def rejudged(run: Run, arm: str) -> Rejudged | None:
    """The earlier systems' own test over all collections together; None where it was not run."""
    found = [s for one in run.dones if isinstance(s := one.shown.get(arm), Rejudged)]
    if not found:
        return None
    return Rejudged(
        needs=sum(f.needs for f in found),
        found=sum(f.found for f in found),
        verbatim=sum(f.verbatim for f in found),
        paraphrase=sum(f.paraphrase for f in found),
        better=sum(f.better for f in found),
        worse=sum(f.worse for f in found),
    )


def _rejudged(run: Run) -> dict[str, float | None]:
    all_ = rejudged(run, OURS)
    if all_ is None or not all_.found:
        return {}
    return {
        "own_verbatim": all_.verbatim / all_.found,
        "own_paraphrase": all_.paraphrase / all_.found,
        "own_better": all_.better / all_.needs,
        "own_worse": all_.worse / all_.needs,
    }


def _share(claims: Iterable[bool]) -> float | None:
    return _mean([float(claim) for claim in claims])


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
