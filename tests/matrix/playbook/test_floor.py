"""The floor of similarity is learned from audits: upwards, within limits, and only where they say enough."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.matrix.playbook.floor import HIGHEST, LOWEST, learn

PAIRS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=300)


def pairs(low: float, *, right: int, wrong: int) -> list[tuple[float, bool]]:
    """Of one band."""
    return [(low + 0.02, True)] * right + [(low + 0.02, False)] * wrong


def bands(shares: dict[float, int]) -> list[tuple[float, bool]]:
    """100 pairs of each band, of which so many were right."""
    return [pair for low, right in shares.items() for pair in pairs(low, right=right, wrong=100 - right)]


def test_the_floor_rises_to_where_success_carries_over_for_sure() -> None:
    shares = {0.5: 10, 0.55: 12, 0.6: 15, 0.65: 60, 0.7: 80, 0.75: 90, 0.8: 90}
    assert learn(bands(shares), base_rate=0.2, default=0.5) == pytest.approx(0.65)


def test_where_success_carries_over_all_the_way_down_the_floor_stays() -> None:
    shares = {0.5: 50, 0.6: 70, 0.7: 90}
    assert learn(bands(shares), base_rate=0.2, default=0.5) == 0.5


def test_a_share_that_may_be_luck_is_not_above_the_base_rate() -> None:
    lucky = [*pairs(0.5, right=9, wrong=31), *bands({0.7: 80, 0.75: 90})]  # 0.225 of 40, against 0.2
    assert learn(lucky, base_rate=0.2, default=0.5) == pytest.approx(0.7)


def test_too_few_pairs_leave_the_floor_that_was_set() -> None:
    few = [*pairs(0.5, right=0, wrong=29), *pairs(0.7, right=29, wrong=0)]
    assert learn(few, base_rate=0.2, default=0.5) == 0.5
    assert learn([], base_rate=0.0, default=0.37) == 0.37


def test_bands_that_audits_never_reached_are_not_shut_by_those_below() -> None:
    assert learn(bands({0.5: 10, 0.55: 10}), base_rate=0.2, default=0.5) == pytest.approx(0.6)


def test_where_nothing_carries_over_the_floor_ends_at_its_highest() -> None:
    shares = {0.5 + n / 20: 10 for n in range(10)}
    assert learn(bands(shares), base_rate=0.2, default=0.5) == HIGHEST


def test_bands_far_above_the_floor_that_is_set_do_not_move_it() -> None:
    assert learn(bands({0.7: 10, 0.75: 10}), base_rate=0.2, default=0.5) == 0.5


@given(PAIRS, st.floats(0, 1))
def test_the_floor_never_leaves_its_limits(given_pairs: list[tuple[float, bool]], base_rate: float) -> None:
    assert LOWEST <= learn(given_pairs, base_rate=base_rate, default=0.5) <= HIGHEST


@given(PAIRS, st.floats(0, 1), st.floats(0, 1))
def test_a_higher_base_rate_never_lowers_the_floor(
    given_pairs: list[tuple[float, bool]], one: float, other: float
) -> None:
    low, high = sorted((one, other))
    easy = learn(given_pairs, base_rate=low, default=0.5)
    assert easy <= learn(given_pairs, base_rate=high, default=0.5)


@given(PAIRS)
def test_the_order_of_pairs_does_not_matter(given_pairs: list[tuple[float, bool]]) -> None:
    turned = learn(given_pairs[::-1], base_rate=0.3, default=0.5)
    assert turned == learn(given_pairs, base_rate=0.3, default=0.5)
