"""Figures and report of one run over the small world, played once for all tests here."""

import json
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from lakehouse.base.errors import Invalid
from lakehouse.matrix.lift.ground.split import Split, split, traffic
from lakehouse.matrix.lift.outcome import Done
from lakehouse.matrix.lift.plan import Task
from lakehouse.matrix.lift.proof import figures, floors, report, results
from lakehouse.matrix.lift.rivals import Cache, Nothing
from lakehouse.matrix.lift.run import perform
from lakehouse.matrix.lift.stream import Setting, play
from lakehouse.matrix.lift.users import Perfect
from tests.matrix.lift.scene import tiny

WORLDS = {"tiny": tiny()}


def task(kind: str, user: str, arms: tuple[str, ...], *, seed: int = 1, has_curve: bool = False) -> Task:
    return Task(world="tiny", kind=kind, user=user, seed=seed, arms=arms, has_curve=has_curve)


@lru_cache(maxsize=1)
def done() -> tuple[Done, ...]:
    arms = ("none", "cache", "ours")
    return (
        perform(tiny(), task("stream", "perfect", arms, has_curve=True)),
        perform(tiny(), task("stream", "perfect", arms, seed=2, has_curve=True)),
        perform(tiny(), task("stream", "random", ("none", "ours"))),
        perform(tiny(), task("attack", "focused", ("ours",))),
        perform(tiny(), task("dead documents", "perfect", ("none", "ours"))),
        perform(tiny(), task("rejudged", "", ("ours",))),
        perform(tiny(60), task("titles", "", ("none", "ours"))),
    )


@lru_cache(maxsize=1)
def run() -> figures.Run:
    return figures.of(done(), WORLDS)


def row(arm: str, of: str, *, user: str = "perfect", kind: str = "stream") -> results.Row:
    (found,) = (r for r in run().rows if (r.arm, r.of, r.user, r.kind) == (arm, of, user, kind))
    return found


def test_every_arm_has_a_row_for_every_class_and_classes_are_never_pooled() -> None:
    found = [(r.kind, r.user, r.arm, r.of) for r in run().rows]
    assert len(found) == len(set(found))
    assert {of for _, _, arm, of in found if arm == "ours"} == {
        "verbatim", "paraphrase", "new", "live", "last third",
    }  # fmt: skip
    assert "none" not in {arm for _, _, arm, _ in found}


def test_a_lift_is_the_difference_to_the_control_with_the_harm_beside_it() -> None:
    found = row("ours", "paraphrase")
    assert found.lift.mean == pytest.approx(found.ndcg - found.base, abs=0.02)
    assert found.lift.low < found.lift.mean < found.lift.high
    assert 0 <= found.hurt < found.helped <= 1
    assert row("cache", "paraphrase").lift.mean == 0


def test_a_need_counts_once_however_many_seeds_played_it() -> None:
    assert row("ours", "paraphrase").lift.needs <= len(tiny().grades)


def test_the_last_third_of_the_traffic_knows_more_than_the_whole() -> None:
    assert row("ours", "last third").lift.mean > row("ours", "live").lift.mean > 0


def test_duels_are_fought_on_the_traffic_and_in_each_class() -> None:
    found = {(d.user, d.rival, d.of): d for d in run().duels}
    assert {of for _, _, of in found} == {"live", "verbatim", "paraphrase", "new"}
    assert {rival for _, rival, _ in found} == {"cache"}
    assert found["perfect", "cache", "paraphrase"].is_won
    assert not found["perfect", "cache", "new"].is_won


def test_strata_of_likeness_part_what_was_asked_from_what_is_new() -> None:
    seeds = [one for one in done() if one.task.user == "perfect" and one.task.kind == "stream"]
    found = results.strata(seeds, "ours", tiny())
    assert sum(count for count, _ in found.values()) == sum(
        len(scores.questions) for one in seeds for scores in results.played(one, "ours").final.values()
    )
    assert found[results.NAMES[-1]][1] > 0.1
    assert abs(found[results.NAMES[0]][1]) < 0.01
    assert results.stratum(0.5) == results.NAMES[1]


def test_a_curve_is_there_where_it_was_measured_on_the_way() -> None:
    found = {(c.user, c.arm, c.of): c for c in results.curves(done())}
    assert [n for n, _ in found["perfect", "ours", "paraphrase"].points] == [0, 50, 100, 200, 400, 800, 1500]
    assert found["perfect", "ours", "paraphrase"].points[0][1] == 0
    assert ("random", "ours", "paraphrase") not in found


def test_a_class_without_a_question_has_no_row() -> None:
    needs = split(tiny(), seed=1).new
    few = replace(tiny(), grades={n: g for n, g in tiny().grades.items() if n not in needs})
    kept = [n for n, q in enumerate(tiny().questions) if q.need in few.grades]
    few = replace(
        few,
        questions=tuple(tiny().questions[n] for n in kept),
        asked=tuple(tiny().asked[n] for n in kept),
    )
    parted = Split(learned=tuple(few.grades), new=())
    arrivals = traffic(few, parted, seed=1, count=20)
    shown = {
        name: play(few, parted, arrivals, Perfect(), made(), seed=1, setting=Setting(checkpoints=()))
        for name, made in (("none", Nothing), ("cache", Cache))
    }
    alone = Done(task=task("stream", "perfect", ("none", "cache")), split=parted, shown=shown)
    found = {row.of for row in results.rows([alone], {"tiny": few})}
    assert found == {"verbatim", "paraphrase", "live", "last third"}


def test_an_attack_has_no_stream() -> None:
    with pytest.raises(Invalid):
        results.played(done()[3], "ours")


def test_goals_get_their_figures_from_what_was_run() -> None:
    found = figures.figures(run())
    assert found["paraphrase_clean"] == pytest.approx(row("ours", "paraphrase").lift.mean)
    assert found["noise"] < 0.02
    assert (found["leaks"], found["dead"]) == (0, 0)
    assert found["focused"] >= 1
    assert found["own_verbatim"] > 0.5
    assert found["titles"] > 0
    assert found["rising"] == 1.0


def test_what_was_not_run_has_no_figure() -> None:
    found = figures.figures(run())
    assert not found.keys() & {
        "paraphrase_noisy",
        "inverted_30",
        "inverted_60",
        "sybil",
        "collusion",
        "merge",
    }
    assert figures.figures(figures.of((), {})) == {}
    assert found.keys() <= {goal.key for goal in floors.GOALS}


def test_the_report_names_all_that_it_rests_on() -> None:
    found = json.loads(report.text(report.document(run(), code="abc", seeds=2)))
    assert (found["code"], found["seeds"]) == ("abc", [1, 2])
    assert found["sets"]["tiny"]["hashes"] == dict(tiny().digests)
    assert found["sets"]["tiny"]["role"] == "confirmation"
    assert list(found["sets"]["tiny"]["splits"]) == ["1", "2"]
    assert len(found["goals"]) == len(floors.GOALS)
    assert found["exit_code"] == floors.exit_code(floors.judge(figures.figures(run())))


def test_the_report_has_every_part_of_the_run() -> None:
    found = report.document(run(), code="abc", seeds=2)
    assert all(found[part] for part in ("lift", "duels", "curves", "strata", "attacks", "titles", "rejudged"))
    counters = found["counters"]
    assert isinstance(counters, list)
    assert {"computed", "hit", "moved", "injected", "gini"} <= counters[0].keys()


def test_a_figure_keeps_six_digits_and_no_negative_zero() -> None:
    assert results.rounded(np.array([1 / 3])) == 0.333333
    assert str(results.rounded(np.array([-1e-9]))) == "0.0"
    assert results.rounded(np.array([])) == 0.0


def test_records_are_flat_and_hold_the_figures() -> None:
    records = report.records(run())
    assert len(records) == len(run().rows)
    assert {"set_name", "user_kind", "arm", "class", "lift", "low", "high", "hurt"} <= records[0].keys()


def test_tables_fit_a_narrow_screen() -> None:
    lines = report.lifts(run(), ("perfect",)) + report.goals(floors.judge(figures.figures(run())))
    assert all(len("   ".join(line)) <= 80 for line in lines)
    assert {line[0] for line in report.goals(floors.judge({}))} == {" "}
