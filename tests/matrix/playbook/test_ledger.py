"""What boosts have earned: far ones in shadow until audits speak, every weight within its bounds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.matrix.playbook.ledger import ENOUGH, START, Row, learn, stratum

FAR, NEAR, REPEAT = 0, 1, 2
ROWS = st.lists(
    st.builds(Row, st.integers(0, 2), st.floats(0, 1), st.floats(-0.129, 0.3), st.booleans()), max_size=60
)


def audits(level: int, *, helps: bool, count: int = 400) -> list[Row]:
    """Rows whose boost tells right from wrong, or the contrary of it; the base says a little."""
    drawn = np.random.default_rng(level)
    rows: list[Row] = []
    for n in range(count):
        is_right = n % 3 == 0
        base = float(np.clip(drawn.normal(0.6 if is_right else 0.5, 0.2), 0, 1))
        rows.append(Row(level, base, 0.25 if is_right is helps else -0.05, is_right))
    return rows


@pytest.mark.parametrize(
    ("similarity", "level"),
    [(0.5, FAR), (0.64, FAR), (0.65, NEAR), (0.849, NEAR), (0.85, REPEAT), (1, REPEAT)],
)
def test_a_question_is_far_near_or_a_repeat_by_the_nearest_that_was_asked(
    similarity: float, level: int
) -> None:
    assert stratum(similarity) == level


def test_far_boosts_are_in_shadow_and_the_others_count_once_until_there_are_audits() -> None:
    assert START.weights == (0, 1, 1)
    assert learn(audits(FAR, helps=True), searches=ENOUGH - 1).weights == (0, 1, 1)


def test_far_boosts_are_promoted_by_audits_that_show_that_they_help_and_never_beyond_once() -> None:
    assert learn(audits(FAR, helps=True), searches=40).weights[FAR] == 1


def test_far_boosts_that_harm_stay_in_shadow() -> None:
    assert learn(audits(FAR, helps=False), searches=40).weights[FAR] == 0


@pytest.mark.parametrize("level", [NEAR, REPEAT])
def test_boosts_that_audits_contradict_lose_their_weight(level: int) -> None:
    assert learn(audits(level, helps=False), searches=40).weights[level] == 0


def test_one_stratum_earns_nothing_by_what_another_does() -> None:
    weights = learn(audits(REPEAT, helps=True), searches=40).weights
    assert weights[FAR] == 0
    assert weights[NEAR] == 1
    assert weights[REPEAT] > 1


def test_audits_of_questions_that_nobody_had_asked_before_change_nothing() -> None:
    assert learn([], searches=ENOUGH).weights == START.weights


@given(ROWS)
def test_weights_stay_within_their_bounds_whatever_audits_say(rows: list[Row]) -> None:
    far, near, repeat = learn(rows, searches=ENOUGH).weights
    assert 0 <= far <= 1
    assert 0 <= near <= 2
    assert 0 <= repeat <= 3


@given(ROWS)
def test_the_order_of_audits_does_not_matter(rows: list[Row]) -> None:
    turned = learn(rows[::-1], searches=ENOUGH).weights
    assert turned == pytest.approx(learn(rows, searches=ENOUGH).weights, abs=1e-6)
