"""Dice: the same throws anywhere, in any chunk, with the odds that were asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.staffing.dice import Dice, Ints, spread

MANY = np.arange(50_000)


def dice(rows: Ints = MANY, *, seed: int = 1, table: str = "t") -> Dice:
    return Dice(seed=seed, table=table, rows=rows)


def test_the_bits_of_a_row_are_the_same_forever() -> None:
    bits = Dice(seed=1, table="candidates", rows=np.array([0, 1, 14_999])).bits("city")
    assert bits.tolist() == PINNED_BITS


PINNED_BITS = [14_113_865_631_441_040_453, 14_396_623_779_660_725_726, 2_408_114_084_940_508_746]


@given(st.integers(0, 10**9), st.integers(1, 50))
def test_a_row_throws_the_same_in_every_chunk(start: int, size: int) -> None:
    whole = dice(np.arange(start, start + size)).bits("x")
    alone = dice(np.array([start + size - 1])).bits("x")
    assert whole[-1] == alone[0]


@pytest.mark.parametrize("other", [dice(seed=2), dice(table="u")])
def test_another_seed_or_table_throws_otherwise(other: Dice) -> None:
    assert (dice().bits("x") != other.bits("x")).mean() > 0.999


def test_two_streams_have_nothing_in_common() -> None:
    a, b = dice().unit("a"), dice().unit("b")
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.02


def test_two_seeds_have_nothing_in_common() -> None:
    a, b = dice().unit("a"), dice(seed=2).unit("a")
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.02


def test_neighbouring_rows_have_nothing_in_common() -> None:
    a = dice().unit("a")
    assert abs(np.corrcoef(a[1:], a[:-1])[0, 1]) < 0.02


@given(st.integers(1, 2**31 - 1))
def test_a_pick_lies_among_the_sides(sides: int) -> None:
    picked = dice(np.arange(200)).pick("x", sides)
    assert picked.min() >= 0
    assert picked.max() < sides


def test_every_side_comes_up_about_as_often() -> None:
    counts = np.bincount(dice().pick("x", 10), minlength=10)
    assert counts.min() > 4700
    assert counts.max() < 5300


def test_the_sides_may_differ_by_row() -> None:
    sides = 1 + MANY % 7
    picked = dice().pick("x", sides)
    assert (picked < sides).all()
    assert (picked[sides == 1] == 0).all()


def test_units_fill_the_interval_evenly() -> None:
    units = dice().unit("x")
    assert 0 <= units.min() < 0.001
    assert 0.999 < units.max() < 1
    assert abs(units.mean() - 0.5) < 0.01


def test_weights_are_kept_and_a_weight_of_zero_never_comes_up() -> None:
    shares = np.bincount(dice().weighted("x", (1, 0, 3, 6)), minlength=4) / len(MANY)
    assert shares[1] == 0
    assert np.allclose(shares, [0.1, 0, 0.3, 0.6], atol=0.01)


def test_a_chance_is_as_likely_as_asked_row_by_row() -> None:
    odds = np.where(MANY < 25_000, 0.1, 0.9)
    hit = dice().chance("x", odds)
    assert abs(hit[:25_000].mean() - 0.1) < 0.01
    assert abs(hit[25_000:].mean() - 0.9) < 0.01


def test_a_bell_has_mean_0_deviation_1_and_an_end() -> None:
    bell = dice().bell("x")
    assert abs(bell.mean()) < 0.02
    assert abs(bell.std() - 1) < 0.02
    assert np.abs(bell).max() < 3.5


@given(st.integers(0, 10**6), st.lists(st.integers(0, 1000), min_size=1, max_size=40).filter(any))
def test_what_is_spread_adds_up_and_follows_the_weights(total: int, weights: list[int]) -> None:
    shares = spread(total, np.array(weights))
    assert shares.sum() == total
    for share, weight in zip(shares.tolist(), weights, strict=True):
        assert abs(share - total * weight / sum(weights)) < 1.0001
        assert weight or not share
