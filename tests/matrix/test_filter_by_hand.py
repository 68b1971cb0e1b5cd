"""The relevance filter worked out by hand: which level a few judged questions allow, and what it loses."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.matrix.filter import ALPHA, GRID, RATIO, Filter, Told, calibrated, lost, shipped
from lakehouse.matrix.shipped import LEVELS

FEW = settings(max_examples=30, deadline=None)
SHARE = st.floats(0, 1)
TOLD = st.builds(
    lambda evidence, rows: Told(evidence=evidence, rows=tuple(rows)),
    SHARE,
    st.lists(st.tuples(SHARE, st.booleans()), max_size=6),
)


def sure(evidence: float = 1.0) -> Told:
    """A question whose one right row is certain."""
    return Told(evidence=evidence, rows=((1.0, True),))


def test_the_level_stops_just_at_the_evidence_of_the_question_that_may_not_be_lost() -> None:
    told = [sure()] * 8 + [sure(0.4)]  # (9 + 1) * .1 - 1 = 0: nothing may be lost
    assert calibrated(told, alpha=0.1).level == 0.4


def test_one_whole_question_may_be_lost_where_there_are_twice_as_many() -> None:
    told = [sure()] * 17 + [sure(0.4), sure(0.7)]  # (19 + 1) * .1 - 1 = 1
    assert calibrated(told, alpha=0.1).level == 0.7


def test_the_level_stops_where_a_right_row_would_be_dropped() -> None:
    told = [sure()] * 8 + [Told(evidence=1.0, rows=((0.05, True), (0.9, True)))]
    level = calibrated(told, alpha=0.1).level
    assert level == 0.5  # a row of .05 is dropped from a level of .5 on, not at it
    assert lost(told[-1], level) == 0
    assert lost(told[-1], level + 1 / GRID) == 0.5


def test_wrong_rows_and_questions_without_a_right_one_hold_no_level_down() -> None:
    told = [sure()] * 9 + [Told(evidence=0.0, rows=((0.0, False),)), Told(evidence=0.0, rows=())]
    assert calibrated(told, alpha=0.1).level == 1.0


@FEW
@given(st.lists(TOLD, max_size=25), st.floats(0.01, 0.99))
def test_the_loss_on_the_judged_questions_is_what_the_theorem_leaves(told: list[Told], alpha: float) -> None:
    by = calibrated(told, alpha=alpha)
    allowed = (len(told) + 1) * alpha - 1
    assert by.alpha == alpha
    assert 0 <= by.level <= 1
    if allowed >= 0:
        assert sum(lost(one, by.level) for one in told) <= allowed
    else:
        assert by.level == 0
    if allowed >= 0 and by.level < 1:
        assert sum(lost(one, by.level + 1 / GRID) for one in told) > allowed


@FEW
@given(TOLD)
def test_a_level_of_nothing_loses_nothing_and_no_level_loses_more_than_all(told: Told) -> None:
    assert lost(told, 0.0) == 0
    assert 0 <= lost(told, 1.0) <= 1


@FEW
@given(st.lists(TOLD, max_size=20))
def test_the_order_of_questions_changes_no_level(told: list[Told]) -> None:
    assert calibrated(told, alpha=0.3) == calibrated(told[::-1], alpha=0.3)


@FEW
@given(st.floats(0.001, 0.999))
def test_the_shipped_filter_never_loses_more_than_was_asked_for(alpha: float) -> None:
    by = shipped(alpha)
    assert by.alpha == alpha
    measured = [loss for loss, level in LEVELS.items() if level == by.level]
    assert not measured or measured[0] <= alpha
    assert bool(measured) == (alpha >= min(LEVELS))


def test_the_shipped_filter_says_whether_it_filters_at_all() -> None:
    assert shipped(0.02).source == "five public collections"
    assert shipped(0.019).source == "too strict to filter"
    assert shipped().alpha == ALPHA


def test_a_row_is_dropped_at_a_tenth_of_the_level() -> None:
    assert Filter(level=0.6, source="x").row == pytest.approx(0.6 * RATIO)
    assert Filter(level=0.0, source="x").row == 0


def test_many_questions_are_counted_with_a_comma() -> None:
    assert calibrated([sure()] * 1_200).source == "1,200 judged questions"


@pytest.mark.parametrize("alpha", [0, 1, -1, 2, float("nan"), float("inf")])
def test_an_alpha_that_is_no_share_is_refused_with_an_example(alpha: float) -> None:
    with pytest.raises(Invalid) as error:
        shipped(alpha)
    assert error.value.hint == "alpha=0.1"
    with pytest.raises(Invalid):
        calibrated([sure()], alpha=alpha)
