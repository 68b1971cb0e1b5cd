"""Calibration: evidence moves a weight, chance does not, and what was learned says why."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.search.calibrate import ENOUGH, Judged, learn
from lakehouse.search.fusion import DEFAULT, Weights, fuse
from lakehouse.search.measure import ndcg, reciprocal_rank

ROWS = [f"t:{row}" for row in range(30)]


def question(seed: int, *, dense: float, lexical: float) -> Judged:
    """A question with three right rows; a leg lifts them by so many standard deviations above the rest."""
    rng = np.random.default_rng(seed)
    right = dict.fromkeys(rng.choice(ROWS, 3, replace=False).tolist(), 1.0)
    legs = [
        {
            key: float(noise) + lift * right.get(key, 0.0)
            for key, noise in zip(ROWS, rng.exponential(1, 30), strict=True)
        }
        for lift in (dense, lexical)
    ]
    return Judged(dense=legs[0], lexical=legs[1], grades=right)


def questions(n: int, *, dense: float, lexical: float) -> list[Judged]:
    return [question(seed, dense=dense, lexical=lexical) for seed in range(n)]


def value(judged: list[Judged], weight: float) -> float:
    """Mean nDCG@10 with a weight."""
    rankings = [fuse(one.dense, one.lexical, weights=Weights(dense=weight)) for one in judged]
    values = [ndcg([h.key for h in r], one.grades) for r, one in zip(rankings, judged, strict=True)]
    return sum(values) / len(values)


@pytest.mark.parametrize(("dense", "lexical"), [(3.0, 0.0), (0.0, 3.0)])
def test_a_worthless_leg_loses_its_weight(dense: float, lexical: float) -> None:
    learned = learn(questions(40, dense=dense, lexical=lexical))
    assert (learned.weights.dense > 0.8) == (dense > lexical)
    assert (learned.weights.dense < 0.25) == (lexical > dense)
    assert learned.gain.low > 0
    assert "40 questions" in learned.reason


def test_what_was_learned_helps_on_questions_it_has_not_seen() -> None:
    judged = questions(80, dense=0.0, lexical=3.0)
    learned = learn(judged[:40])
    assert value(judged[40:], learned.weights.dense) > value(judged[40:], DEFAULT.dense) + 0.02


def test_two_legs_of_equal_worth_leave_the_default_as_it_is() -> None:
    learned = learn(questions(40, dense=2.0, lexical=2.0))
    assert learned.weights == DEFAULT
    assert learned.reason == "40 questions do not speak against 0.55"
    assert (learned.gain.low, learned.gain.mean, learned.gain.high) == (0, 0, 0)


def test_one_question_proves_nothing() -> None:
    learned = learn(questions(1, dense=3.0, lexical=0.0))
    assert learned.weights == DEFAULT
    assert learned.questions == 1


@pytest.mark.parametrize("prior", [0.1, 0.33, 0.9])
def test_the_weight_to_keep_may_be_any(prior: float) -> None:
    assert learn(questions(1, dense=3.0, lexical=0.0), prior=Weights(dense=prior)).weights.dense == prior


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.floats(0, 3), st.floats(0, 3))
def test_with_enough_questions_neither_leg_alone_is_better_on_them(
    seed: int, dense: float, lexical: float
) -> None:
    judged = [question(seed * 100 + n, dense=dense, lexical=lexical) for n in range(ENOUGH)]
    learned = learn(judged)
    assert learned.value >= max(value(judged, 0.0), value(judged, 1.0)) - 1e-12
    assert learned.over_better_leg.mean >= -1e-12
    assert learned.value == pytest.approx(value(judged, learned.weights.dense))


def test_a_leg_that_is_ahead_by_chance_pulls_the_weight_only_as_far_as_it_must() -> None:
    judged = next(
        judged
        for start in range(0, 4000, ENOUGH)
        if value(judged := [question(start + n, dense=3.0, lexical=1.2) for n in range(ENOUGH)], 1.0)
        > value(judged, DEFAULT.dense)
        and "alone did better" in learn(judged).reason
    )
    learned = learn(judged)
    between = [
        w for step in range(1, 20) if DEFAULT.dense < (w := round(step * 0.05, 2)) < learned.weights.dense
    ]
    assert all(value(judged, weight) < value(judged, 1.0) for weight in between)


def test_questions_without_a_right_answer_teach_nothing() -> None:
    judged = questions(10, dense=3.0, lexical=0.0)
    blank = Judged(dense={"t:1": 1.0}, lexical={"t:1": 2.0}, grades={"t:1": 0.0})
    assert learn([*judged, blank, blank]) == learn(judged)
    with pytest.raises(Invalid, match="no question"):
        learn([blank])


def test_another_metric_can_be_learned_for() -> None:
    judged = questions(20, dense=3.0, lexical=0.0)
    assert learn(judged, metric=reciprocal_rank).value != learn(judged).value


def test_the_same_questions_and_seed_teach_the_same() -> None:
    judged = questions(12, dense=3.0, lexical=0.0)
    assert learn(judged, seed=3) == learn(judged, seed=3)
    assert learn(judged, seed=3).gain != learn(judged, seed=4).gain
