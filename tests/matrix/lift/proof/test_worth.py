"""What differences are worth, and how goals, report and chart say it: at bounds, ties, and of nothing."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.matrix.lift.attack import Attacked
from lakehouse.matrix.lift.proof import chart, figures, report, stats
from lakehouse.matrix.lift.proof.figures import Run
from lakehouse.matrix.lift.proof.floors import GOALS, Goal, Judged, exit_code, judge, misses_first
from lakehouse.matrix.lift.proof.stats import DIGITS, by_arrival, by_need, compared, gini, holm, is_rising
from tests.matrix.lift.hand import done, row, scores, task
from tests.matrix.lift.proof.given import BASE, OURS, PARTED, WORLD, judged, one

values = st.lists(st.tuples(st.sampled_from("abcd"), st.floats(-1, 1)), max_size=25)
GOAL = {goal.key: goal for goal in GOALS}


@given(values=values)
@settings(max_examples=40, deadline=None)
def test_the_mean_of_a_need_lies_within_its_values_and_needs_are_sorted(
    values: list[tuple[str, float]],
) -> None:
    found = by_need(values)
    assert list(found) == sorted({need for need, _ in values})
    for need, mean in found.items():
        held = [value for one, value in values if one == need]
        assert min(held) - 1e-9 <= mean <= max(held) + 1e-9


@given(values=values.filter(bool))
@settings(max_examples=40, deadline=None)
def test_the_mean_over_needs_is_the_mean_over_all_arrivals(values: list[tuple[str, float]]) -> None:
    found = by_arrival(values)
    assert np.mean(list(found.values())) == pytest.approx(np.mean([v for _, v in values]), abs=1e-9)


def test_nothing_is_no_need() -> None:
    assert by_need([]) == by_arrival([]) == {}


@given(sides=st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=12))
@settings(max_examples=15, deadline=None)
def test_who_is_compared_the_other_way_round_gets_the_opposite(sides: list[tuple[float, float]]) -> None:
    ours = {f"n{n}": one for n, (one, _) in enumerate(sides)}
    other = {f"n{n}": one for n, (_, one) in enumerate(sides)}
    here, there = compared(ours, other), compared(other, ours)
    assert here.mean == pytest.approx(-there.mean, abs=1e-6)
    assert (here.low, here.high) == pytest.approx((-there.high, -there.low), abs=2e-6)
    assert here.p == there.p
    assert here.low - 1e-6 <= here.mean <= here.high + 1e-6


def test_the_smallest_p_is_that_of_every_draw_falling_short() -> None:
    needs = [f"n{n}" for n in range(60)]
    found = compared(dict.fromkeys(needs, 1.0), dict.fromkeys(needs, 0.0))
    assert found.p == round(1 / (stats.DRAWS + 1), DIGITS)
    assert (found.mean, found.low, found.high, found.needs) == (1.0, 1.0, 1.0, 60)


def test_one_need_proves_nothing() -> None:
    assert compared({"a": 1.0}, {"a": 0.0}).p == 1.0


def test_what_has_nothing_in_common_says_what_to_do() -> None:
    with pytest.raises(Invalid) as refused:
        compared({}, {})
    assert refused.value.hint


@given(p=st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.floats(0, 1), max_size=8))
@settings(max_examples=50, deadline=None)
def test_holm_keeps_names_and_order_and_makes_nothing_more_certain(p: dict[str, float]) -> None:
    found = holm(p)
    assert list(found) == list(p)
    assert all(round(p[name], DIGITS) <= found[name] <= 1 for name in p)
    ordered = sorted(p, key=lambda name: (p[name], name))
    assert [found[name] for name in ordered] == sorted(found.values())


def test_equal_p_values_stay_equal() -> None:
    assert holm({"b": 0.02, "a": 0.02, "c": 0.02}) == {"b": 0.06, "a": 0.06, "c": 0.06}
    assert holm({"a": 0.03}) == {"a": 0.03}


@given(counts=st.lists(st.integers(0, 50), min_size=1, max_size=12), times=st.integers(1, 9))
@settings(max_examples=40, deadline=None)
def test_gini_knows_neither_order_nor_unit(counts: list[int], times: int) -> None:
    found = gini(counts)
    assert 0 <= found < 1
    assert gini(counts[::-1]) == found
    assert gini([count * times for count in counts]) == pytest.approx(found, abs=1e-6)


def test_gini_by_hand() -> None:
    assert gini([1, 3]) == 0.25
    assert gini([0, 0, 4]) == round(2 / 3, DIGITS)
    assert gini([]) == gini([5]) == 0.0


def test_only_the_last_points_of_a_curve_decide_whether_it_rises() -> None:
    assert is_rising([0.9, 0.1, 0.1, 0.1])
    assert not is_rising([0.9, 0.1, 0.1, 0.1], last=4)
    assert is_rising([0.2, 0.1905])
    assert not is_rising([0.2, 0.1895])
    assert is_rising([0.5])


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: goal.key)
def test_exactly_its_aim_and_exactly_its_floor_are_reached(goal: Goal) -> None:
    assert Judged(goal=goal, measured=goal.aim).verdict == "aim"
    if goal.floor is not None and goal.floor != goal.aim:
        assert Judged(goal=goal, measured=goal.floor).verdict == "floor"
        worse = goal.floor - 1e-6 if goal.is_least else goal.floor + 1e-6
        assert Judged(goal=goal, measured=worse).verdict == "missed"


def test_a_goal_without_a_floor_is_never_missed() -> None:
    free = [goal for goal in GOALS if goal.floor is None]
    assert free
    worst = [-1e9 if goal.is_least else 1e9 for goal in free]
    assert {Judged(goal=g, measured=m).verdict for g, m in zip(free, worst, strict=True)} == {"floor"}


def test_what_is_no_number_reaches_nothing() -> None:
    assert Judged(goal=GOAL["rising"], measured=float("nan")).verdict == "missed"


def test_figures_that_no_goal_asks_for_are_left_out_and_keys_are_unique() -> None:
    found = judge({"unheard": 1.0, "rising": 1.0})
    assert [one.goal for one in found] == list(GOALS)
    assert [one.goal.key for one in found if one.measured is not None] == ["rising"]
    assert len(GOAL) == len(GOALS)
    assert (exit_code(found), exit_code([])) == (0, 1)


def test_misses_come_first_and_an_order_without_misses_is_kept() -> None:
    found = judge({"dead": 1.0, "leaks": 2.0, "rising": 1.0})
    assert [one.goal.key for one in misses_first(found)][:3] == ["leaks", "dead", "paraphrase_clean"]
    fine = judge({"rising": 1.0})
    assert misses_first(fine) == fine


def test_a_table_of_goals_has_a_sign_a_figure_and_who_measures_the_rest() -> None:
    figured = {"hurt_new": 0.5, "noise": 0.0004, "focused": 11.0, "inverted_60_low": -0.0004}
    lines = {line[1]: line for line in report.goals(judge(figured))}
    first = report.goals(judge(figured))[0]
    assert (first[0], first[2:]) == ("✗", ("0.500", "0.060", "0.020"))
    assert lines[GOAL["noise"].what][0::2] == ("✓", "0.0004", "0.002")
    assert lines[GOAL["focused"].what][2:] == ("11", "4", "11")
    assert lines[GOAL["inverted_60_low"].what][:1] == ("·",)
    assert lines[GOAL["merge"].what][2] == "matrix"
    assert lines[GOAL["rising"].what][2] == "not run"
    assert lines[GOAL["sybil"].what][3] == ""


def run() -> Run:
    attack = done(task("attack", "sybil"), PARTED, ours=tuple(attacked(n) for n in (2, 9, 30)))
    earlier = done(task("rejudged", ""), PARTED, ours=judged())
    titles = {n: scores([0, 1], [0.2 + n / 100, 0.5]) for n in (0, 10)}
    flat = {n: scores([0, 1], [0.2, 0.5]) for n in (0, 10)}
    past = done(task("titles", ""), PARTED, none=flat, ours=titles)
    return figures.of([one(), attack, earlier, past], {"hand": WORLD})


def attacked(worst: int) -> Attacked:
    return Attacked(need="p", base=30, worst=worst, end=worst)


def told() -> dict[str, object]:
    found: dict[str, object] = json.loads(report.text(report.document(run(), code="c0de", seeds=2)))
    return found


def test_the_report_counts_attacks_that_came_to_the_top() -> None:
    assert told()["attacks"] == [
        {"kind": "sybil", "arm": "ours", "attacks": 3, "worst": 2, "in_top_3": 1, "in_top_10": 2}
    ]


def test_the_report_follows_titles_from_search_to_search() -> None:
    found = told()["titles"]
    assert isinstance(found, list)
    assert [(line["arm"], line["past"], line["ndcg"]) for line in found if line["arm"] == "ours"] == [
        ("ours", 0, 0.35),
        ("ours", 10, 0.4),
    ]
    assert [line["helped"] for line in found] == [0.0, 0.0, 0.0, 0.5]


def test_the_report_says_whose_set_it_is_and_how_it_was_split() -> None:
    document = report.document(run(), code="c0de", seeds=2)
    assert (document["code"], document["seeds"], document["format"]) == ("c0de", [1, 2], report.FORMAT)
    sets = told()["sets"]
    assert isinstance(sets, dict)
    assert list(sets) == ["hand"]
    assert sets["hand"]["role"] == "confirmation"
    assert sets["hand"]["splits"] == {"1": PARTED.digest}
    assert (sets["hand"]["documents"], sets["hand"]["needs"], sets["hand"]["questions"]) == (3, 3, 18)


def test_the_text_of_a_report_has_a_key_a_line_and_is_json() -> None:
    text = report.text({"b": {"z": 1, "a": "é"}, "a": []})
    assert text == '{\n"b": {"a": "\\u00e9", "z": 1},\n"a": []\n}\n'
    assert json.loads(text) == {"a": [], "b": {"z": 1, "a": "é"}}


def test_records_and_rows_of_the_report_are_the_same() -> None:
    assert list(report.records(run())) == told()["lift"]
    assert len(report.records(run())) == 3


def test_a_table_of_lifts_leaves_classes_blank_that_were_not_measured() -> None:
    given = Run(dones=(), worlds={}, rows=(row("new", -0.1), row("live", 0.25), row(user="random")), duels=())
    assert report.lifts(given, ["perfect"]) == [("hand", "perfect", "ours", "+0.250", "", "", "-0.100")]
    assert report.lifts(given, []) == []
    other = replace(row(), kind="dead documents")
    assert report.lifts(replace(given, rows=(other,)), ["perfect"]) == []


def test_exposure_counts_documents_that_were_never_shown() -> None:
    shown = one(replace(OURS, exposure={"a": 6}), replace(BASE, exposure={"a": 2, "b": 2, "c": 2}))
    document = report.document(figures.of([shown], {"hand": WORLD}), code="", seeds=1)
    counters = json.loads(report.text(document))["counters"]
    assert {line["arm"]: line["gini"] for line in counters} == {"none": 0.0, "ours": round(2 / 3, DIGITS)}


@given(values=st.lists(st.floats(-1, 1), max_size=12))
@settings(max_examples=50, deadline=None)
def test_a_scale_holds_every_value_and_0_and_its_ticks_are_few(values: list[float]) -> None:
    low, high = chart._scale(values)
    assert low <= -chart.STEP < 0 < chart.STEP <= high
    assert all(low - 1e-9 <= value <= high + 1e-9 for value in values)
    ticks = chart._ticks((low, high))
    assert 0 in ticks
    assert len(ticks) <= 5
    assert all(low - 1e-6 <= tick <= high + 1e-6 for tick in ticks)
