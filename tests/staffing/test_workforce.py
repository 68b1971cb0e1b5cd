"""The people as numbers: drawn one by one, in the shares that the vocabulary names, paid by the formula."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.staffing import workforce
from lakehouse.staffing.dice import Dice, Floats, Ints
from lakehouse.staffing.people import CITIES
from lakehouse.staffing.trades import TRADES
from lakehouse.staffing.words import SHIFT_WEIGHTS
from lakehouse.staffing.workforce import ACTIVE, ARCHETYPES, BLOCKED, INACTIVE, People, draw

SIZE = 40_000
DRAWN = [field.name for field in fields(People) if field.name != "dice"]


@pytest.fixture(scope="module")
def people() -> People:
    return draw(np.arange(SIZE), seed=11)


def shares(codes: Ints, size: int) -> Floats:
    return np.bincount(codes, minlength=size) / len(codes)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**31), st.integers(0, 10**7), st.integers(2, 60), st.data())
def test_a_person_is_the_same_wherever_the_rows_are_cut(
    seed: int, first: int, size: int, data: st.DataObject
) -> None:
    rows = np.arange(first, first + size)
    cut = data.draw(st.integers(1, size - 1))
    whole, parts = draw(rows, seed=seed), (draw(rows[:cut], seed=seed), draw(rows[cut:], seed=seed))
    for name in DRAWN:
        joined = np.concatenate([getattr(part, name) for part in parts])
        assert np.array_equal(getattr(whole, name), joined), name


@settings(deadline=None, max_examples=40)
@given(st.permutations(range(30)))
def test_a_person_is_the_same_in_any_order(order: list[int]) -> None:
    whole, shuffled = draw(np.arange(30), seed=3), draw(np.array(order), seed=3)
    for name in DRAWN:
        assert np.array_equal(getattr(whole, name)[order], getattr(shuffled, name)), name


@pytest.mark.parametrize("name", DRAWN)
def test_another_seed_draws_other_people(people: People, name: str) -> None:
    other = draw(np.arange(1000), seed=12)
    assert not np.array_equal(getattr(people, name)[:1000], getattr(other, name))


@pytest.mark.parametrize("name", DRAWN)
def test_every_array_has_one_entry_for_each(people: People, name: str) -> None:
    assert len(getattr(people, name)) == SIZE
    assert len(getattr(draw(np.arange(0), seed=1), name)) == 0


def test_trades_come_in_their_shares(people: People) -> None:
    expected = np.array([trade.weight for trade in TRADES]) / 10_000
    assert np.allclose(shares(people.trade, len(TRADES)), expected, atol=0.008)


def test_the_trades_alone_can_be_drawn_and_are_the_same(people: People) -> None:
    assert np.array_equal(workforce.trade_of(people.dice), people.trade)


def test_towns_come_in_the_shares_of_their_weights(people: People) -> None:
    weights = np.array([city.weight for city in CITIES])
    assert np.allclose(shares(people.city, len(CITIES)), weights / weights.sum(), atol=0.004)


def test_shifts_come_in_their_shares(people: People) -> None:
    assert np.allclose(shares(people.shift, 4), np.array(SHIFT_WEIGHTS) / 100, atol=0.01)


def test_nine_of_ten_are_active(people: People) -> None:
    expected = {ACTIVE: 0.90, INACTIVE: 0.08, BLOCKED: 0.02}
    found = shares(people.status, 3)
    assert all(abs(found[status] - share) < 0.01 for status, share in expected.items())


def test_only_active_people_may_be_placed_and_fewer_than_half_of_them(people: People) -> None:
    active = people.status == ACTIVE
    assert not people.bench[~active].any()
    assert abs(people.bench[active].mean() - 0.45) < 0.01


def test_everybody_has_three_to_five_of_eight_skills_and_each_set_is_as_likely(people: People) -> None:
    sizes = np.array([mask.bit_count() for mask in people.skills.tolist()])
    found = {int(n): float((sizes == n).mean()) for n in np.unique(sizes)}
    # 8 over 3, 4 and 5 are 56, 70 and 56.
    assert found == pytest.approx({3: 56 / 182, 4: 70 / 182, 5: 56 / 182}, abs=0.01)
    assert people.skills.max() < 256


@pytest.mark.parametrize("position", range(len(TRADES)), ids=[trade.title for trade in TRADES])
def test_certificates_are_as_frequent_as_the_trade_says(people: People, position: int) -> None:
    held = people.certificates[people.trade == position]
    for bit, (name, percent) in enumerate(TRADES[position].certificates):
        assert abs((held >> bit & 1).mean() - percent / 100) < 0.05, name
    assert held.max() < 64


def test_years_lie_between_1_and_30_and_most_people_have_few(people: People) -> None:
    assert (people.years.min(), people.years.max()) == (1, 30)
    assert np.median(people.years) < 10 < people.years.mean() < 12


def test_reliability_is_the_larger_of_two_even_numbers(people: People) -> None:
    truth = people.reliability
    assert 0.2 <= truth.min() < truth.max() <= 1
    # The share of people below a point is the square of its share of the range.
    for share in (0.25, 0.5, 0.75):
        assert abs((truth < 0.2 + 0.8 * share).mean() - share**2) < 0.01


def test_archetypes_come_in_the_shares_that_reliability_leaves_them(people: People) -> None:
    found = dict(zip(ARCHETYPES, shares(people.archetype, 4), strict=True))
    assert abs(found["specialist"] - 0.12) < 0.01
    assert abs(found["leader"] - 0.08) < 0.01
    assert abs(found["reliable"] - 0.3 * people.reliability.mean()) < 0.01


def test_only_the_archetype_called_reliable_leans_on_reliability(people: People) -> None:
    mean = {name: people.reliability[people.archetype == n].mean() for n, name in enumerate(ARCHETYPES)}
    assert mean["reliable"] > mean["steady"] + 0.02
    assert abs(mean["specialist"] - mean["leader"]) < 0.02


def test_pay_is_base_plus_an_impression_plus_a_bonus_to_the_cent() -> None:
    rows = np.arange(3000)
    people, dice = draw(rows, seed=4), Dice(seed=4, table="candidates", rows=rows)
    bonus = {"steady": 0, "specialist": 400, "leader": 300, "reliable": 100}
    noise = 0.2 + 0.8 * np.maximum(dice.unit("impression"), dice.unit("impression again"))
    for n in rows.tolist():
        impression = 0.4 * float(people.reliability[n]) + 0.6 * float(noise[n])
        expected = TRADES[people.trade[n]].base * 100 + int(400 * impression)
        assert people.pay_cents[n] == expected + bonus[ARCHETYPES[people.archetype[n]]]


def test_pay_lies_within_eight_dollars_above_the_base(people: People) -> None:
    above = people.pay_cents - np.array([trade.base * 100 for trade in TRADES])[people.trade]
    assert above.min() >= 80
    assert above.max() <= 800


def test_within_a_trade_pay_tells_about_a_quarter_of_reliability(people: People) -> None:
    for trade in range(len(TRADES)):
        mine = people.trade == trade
        told = np.corrcoef(people.pay_cents[mine], people.reliability[mine])[0, 1]
        assert 0.15 < told < 0.33


@pytest.mark.parametrize(
    "name", ["trade", "city", "years", "shift", "status", "skills", "certificates", "bench"]
)
def test_reliability_is_in_nothing_that_people_see_but_pay(people: People, name: str) -> None:
    seen = getattr(people, name).astype(np.float64)
    assert abs(np.corrcoef(seen, people.reliability)[0, 1]) < 0.02
