import pytest

from lakehouse.matrix.lift.proof.floors import GOALS, Goal, Judged, exit_code, judge, misses_first

MORE = Goal(key="more", what="more", floor=0.1, aim=0.2)
LESS = Goal(key="less", what="less", floor=0.1, aim=0.05, is_least=False)
WATCHED = Goal(key="watched", what="watched", floor=None, aim=0.5)


@pytest.mark.parametrize(
    ("goal", "measured", "verdict"),
    [
        (MORE, 0.2, "aim"),
        (MORE, 0.1, "floor"),
        (MORE, 0.09, "missed"),
        (MORE, None, "not measured"),
        (LESS, 0.05, "aim"),
        (LESS, 0.1, "floor"),
        (LESS, 0.11, "missed"),
        (WATCHED, 0.5, "aim"),
        (WATCHED, -9.0, "floor"),
    ],
)
def test_a_measurement_meets_a_goal_or_misses_it(goal: Goal, measured: float | None, verdict: str) -> None:
    assert Judged(goal=goal, measured=measured).verdict == verdict


def test_one_missed_floor_fails_the_gate_and_what_was_not_measured_does_not() -> None:
    good, bad, none = (Judged(goal=MORE, measured=m) for m in (0.2, 0.0, None))
    assert exit_code([good, none]) == 0
    assert exit_code([good, bad, none]) == 1


def test_a_gate_that_measured_nothing_has_not_passed() -> None:
    assert exit_code(judge({})) == 1


def test_every_goal_is_judged_by_its_own_figure() -> None:
    judged = {one.goal.key: one for one in judge({"paraphrase_clean": 0.2, "focused": 2.0})}
    assert len(judged) == len(GOALS) == len({goal.key for goal in GOALS})
    assert (judged["paraphrase_clean"].verdict, judged["focused"].verdict) == ("floor", "missed")
    assert judged["titles"].verdict == "not measured"


def test_what_was_missed_is_read_first_and_the_order_stays_otherwise() -> None:
    judged = [Judged(goal=LESS, measured=m) for m in (0.04, 0.3, None, 0.06, 0.2)]
    assert [one.measured for one in misses_first(judged)] == [0.3, 0.2, 0.04, None, 0.06]


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: goal.key)
def test_an_aim_is_never_easier_than_its_floor(goal: Goal) -> None:
    floor = goal.aim if goal.floor is None else goal.floor
    assert goal.aim >= floor if goal.is_least else goal.aim <= floor
