"""[pure] The report: one JSON document, byte for byte the same on every rerun, and the tables people read.

It carries the hashes of everything that it rests on (data, wordings, splits, base, model, code, seeds) and no
clock: what a run took is said on the screen only.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Final

from lakehouse.matrix.lift.attack import KINDS
from lakehouse.matrix.lift.plan import ATTACKED, DEVELOPMENT, OURS, REJUDGED, TITLES
from lakehouse.matrix.lift.proof import figures as figured
from lakehouse.matrix.lift.proof import floors, results, stats
from lakehouse.matrix.lift.proof.figures import Run
from lakehouse.matrix.lift.proof.floors import Judged
from lakehouse.matrix.lift.proof.results import Row
from lakehouse.store.streams import Json

FORMAT: Final = 1
Document = dict[str, object]


def document(run: Run, *, code: str, seeds: int) -> Document:
    """Everything that was measured.

    Args:
        code: hash of the modules that measured it.
    """
    judged = floors.misses_first(floors.judge(figured.figures(run)))
    return {
        "format": FORMAT,
        "code": code,
        "seeds": list(range(1, seeds + 1)),
        "sets": {name: _set(run, name) for name in sorted(run.worlds)},
        "goals": [_goal(one) for one in judged],
        "lift": [_row(row) for row in run.rows],
        "duels": [asdict(duel) | {"won": duel.is_won} for duel in run.duels],
        "curves": [asdict(curve) for curve in results.curves(run.dones)],
        "strata": list(_strata(run)),
        "attacks": list(_attacks(run)),
        "titles": list(_titles(run)),
        "rejudged": {arm: asdict(found) for arm in REJUDGED if (found := figured.rejudged(run, arm))},
        "counters": list(_counters(run)),
        "exit_code": floors.exit_code(judged),
    }


def text(report: Document) -> str:
    """The document as JSON, a key a line at the top, so that two of them can be compared."""
    lines = [f"{json.dumps(key)}: {json.dumps(value, sort_keys=True)}" for key, value in report.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def records(run: Run) -> tuple[dict[str, Json], ...]:
    """What `system.lift` keeps: one record for each collection, user, arm and class."""
    return tuple(_row(row) for row in run.rows)


def _row(row: Row) -> dict[str, Json]:
    return {
        "set_name": row.set,
        "kind": row.kind,
        "user_kind": row.user,
        "arm": row.arm,
        "class": row.of,
        "needs": row.lift.needs,
        "base": row.base,
        "ndcg": row.ndcg,
        "lift": row.lift.mean,
        "low": row.lift.low,
        "high": row.lift.high,
        "p": row.lift.p,
        "hurt": row.hurt,
        "helped": row.helped,
        "success_1": row.first,
        "recall_100": row.recall,
    }


def _goal(one: Judged) -> dict[str, object]:
    goal = one.goal
    return {
        "key": goal.key,
        "what": goal.what,
        "floor": goal.floor,
        "aim": goal.aim,
        "at_least": goal.is_least,
        "measured": one.measured,
        "verdict": one.verdict,
        "where": goal.where,
    }


def _set(run: Run, name: str) -> dict[str, object]:
    world = run.worlds[name]
    splits = {one.task.seed: one.split.digest for one in run.dones if one.task.world == name}
    return {
        "role": "development" if name in DEVELOPMENT else "confirmation",
        "documents": len(world.documents),
        "needs": len(world.grades),
        "questions": len(world.questions),
        "past": len(world.past),
        "kept": {kind: asdict(one) for kind, one in world.kept.items()},
        "hashes": dict(world.digests),
        "splits": {str(seed): splits[seed] for seed in sorted(splits)},
    }


def _strata(run: Run) -> Iterator[dict[str, object]]:
    for (name, kind, user), seeds in results.grouped(run.dones).items():
        if kind == "stream" and any(OURS in one.shown for one in seeds):
            for stratum, (count, lift) in results.strata(seeds, OURS, run.worlds[name]).items():
                yield {"set": name, "user": user, "likeness": stratum, "questions": count, "lift": lift}


def _attacks(run: Run) -> Iterator[dict[str, object]]:
    for kind in KINDS:
        for arm in ATTACKED:
            found = figured.attacks(run, arm, kind)
            if found:
                yield {
                    "kind": kind,
                    "arm": arm,
                    "attacks": len(found),
                    "worst": min(a.worst for a in found),
                    "in_top_3": sum(a.worst <= 3 for a in found),
                    "in_top_10": sum(a.worst <= 10 for a in found),
                }


def _titles(run: Run) -> Iterator[dict[str, object]]:
    for arm in TITLES:
        for name, ours, base in figured.titles(run, arm):
            for n in sorted(ours):
                change = ours[n].ndcg - base[n].ndcg
                yield {
                    "set": name,
                    "arm": arm,
                    "past": n,
                    "questions": len(change),
                    "base": results.rounded(base[n].ndcg),
                    "ndcg": results.rounded(ours[n].ndcg),
                    "hurt": stats.hurt(change),
                    "helped": stats.helped(change),
                }


def _counters(run: Run) -> Iterator[dict[str, object]]:
    for (name, kind, user), seeds in results.grouped(run.dones).items():
        documents = run.worlds[name].documents
        for arm in (results.CONTROL, *results.arms(seeds)):
            played = [results.played(one, arm) for one in seeds if arm in one.shown]
            counted = {key: sum(p.counters.get(key, 0) for p in played) for key in COUNTERS}
            shown = [[p.exposure.get(key, 0) for key in documents] for p in played]
            gini = round(sum(map(stats.gini, shown)) / max(len(shown), 1), stats.DIGITS)
            yield {"set": name, "kind": kind, "user": user, "arm": arm, "gini": gini, **counted}


COUNTERS: Final = ("asked", "computed", "hit", "moved", "injected", "unseen", "dead")

SIGNS: Final[Mapping[floors.Verdict, str]] = {
    "aim": "✓",
    "floor": "·",
    "missed": "✗",
    "not measured": " ",
}


def goals(judged: Sequence[Judged]) -> list[tuple[str, ...]]:
    """Lines of the table of goals, the missed ones first: sign, what, measured, floor, aim."""
    return [
        (
            SIGNS[one.verdict],
            one.goal.what,
            _figure(one.measured) if one.measured is not None else one.goal.where or "not run",
            _figure(one.goal.floor) if one.goal.floor is not None else "",
            _figure(one.goal.aim),
        )
        for one in floors.misses_first(judged)
    ]


def lifts(run: Run, users: Sequence[str]) -> list[tuple[str, ...]]:
    """Lines of the table of lifts: collection, user, arm, then lift by class."""
    held = {(r.set, r.user, r.arm, r.of): r for r in run.rows if r.kind == "stream"}
    lines = dict.fromkeys((r.set, r.user, r.arm) for r in run.rows if r.kind == "stream" and r.user in users)
    return [
        (*line, *(f"{held[*line, of].lift.mean:+.3f}" if (*line, of) in held else "" for of in SHOWN))
        for line in lines
    ]


SHOWN: Final = ("live", "verbatim", "paraphrase", "new")


def _figure(value: float) -> str:
    if abs(value) >= 3:
        return f"{value:.0f}"
    digits = 4 if 0 < abs(value) < 0.001 else 3  # a floor of 0 is missed by -0.0004
    return f"{value:.{digits}f}"
