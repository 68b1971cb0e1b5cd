"""What happened, as numbers: whole companies of any size in which everything fits together."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.staffing.people import CITIES
from lakehouse.staffing.schema import counts
from lakehouse.staffing.trades import TRADES
from lakehouse.staffing.words import VERTICALS
from lakehouse.staffing.world import LOSS_EVERY, NEXT_MONDAY, World, build

SMALL = given(st.integers(0, 2**31), st.floats(0.01, 0.05))
few = settings(max_examples=12, deadline=None)


@pytest.fixture(scope="module")
def world() -> World:
    return build(scale=0.5, seed=21)


def stretches(world: World) -> dict[int, list[tuple[int, int, bool]]]:
    """First day, the Monday after the last, and whether it lasts, of each person's placements."""
    them, found = world.placements, dict[int, list[tuple[int, int, bool]]]()
    ends = them.start + 7 * them.weeks
    for who, *stretch in zip(them.candidate, them.start, ends, them.ongoing, strict=True):
        found.setdefault(int(who), []).append((int(stretch[0]), int(stretch[1]), bool(stretch[2])))
    return found


def test_the_next_monday_is_the_second_of_november() -> None:
    assert date(1970, 1, 1) + timedelta(days=NEXT_MONDAY) == date(2026, 11, 2)
    assert date(2026, 11, 2).isoweekday() == 1


@few
@SMALL
def test_a_company_has_as_many_of_everything_as_its_scale_says(seed: int, scale: float) -> None:
    world, rows = build(scale=scale, seed=seed), counts(scale)
    assert len(world.people.trade) == rows["candidates"]
    assert len(world.clients.city) == rows["clients"]
    assert len(world.orders.client) == rows["job_orders"]
    assert len(world.placements.start) == rows["placements"]
    assert int(world.sheet_ends[-1]) == int(world.placements.weeks.sum()) == rows["timesheets"]
    assert len(world.calls) == rows["calls"]
    assert world.emails == rows["emails"]


@few
@SMALL
def test_every_number_of_a_row_is_one_that_exists(seed: int, scale: float) -> None:
    world = build(scale=scale, seed=seed)
    limits = [
        (world.placements.candidate, len(world.people.trade)),
        (world.placements.order, len(world.orders.client)),
        (world.orders.client, len(world.clients.city)),
        (world.orders.trade, len(TRADES)),
        (world.clients.vertical, len(VERTICALS)),
        (world.clients.city, len(CITIES)),
        (world.calls, len(world.people.trade)),
    ]
    for numbers, limit in limits:
        assert 0 <= numbers.min() <= numbers.max() < limit


@few
@SMALL
def test_nobody_works_in_two_places_at_once_in_any_company(seed: int, scale: float) -> None:
    for one in stretches(build(scale=scale, seed=seed)).values():
        ordered = sorted(one)
        assert all(end <= start for (_, end, _), (start, _, _) in pairwise(ordered))


@few
@SMALL
def test_only_the_last_placement_of_somebody_lasts_and_it_reaches_today(seed: int, scale: float) -> None:
    for one in stretches(build(scale=scale, seed=seed)).values():
        *before, (_, end, lasts) = sorted(one)
        assert not any(still for _, _, still in before)
        assert end == NEXT_MONDAY if lasts else end < NEXT_MONDAY


@few
@SMALL
def test_placements_start_on_mondays_last_a_week_or_more_and_are_numbered_by_day(
    seed: int, scale: float
) -> None:
    them = build(scale=scale, seed=seed).placements
    assert {(date(1970, 1, 1) + timedelta(days=int(day))).isoweekday() for day in them.start} == {1}
    assert (np.diff(them.start) >= 0).all()
    assert them.weeks.min() >= 1


@few
@SMALL
def test_what_lasts_has_not_ended_early(seed: int, scale: float) -> None:
    them = build(scale=scale, seed=seed).placements
    assert not (them.early & them.ongoing).any()


@few
@SMALL
def test_only_people_of_the_bench_are_placed(seed: int, scale: float) -> None:
    world = build(scale=scale, seed=seed)
    assert world.people.bench[world.placements.candidate].all()


@few
@SMALL
def test_an_order_is_of_a_trade_that_its_clients_vertical_asks_for(seed: int, scale: float) -> None:
    world = build(scale=scale, seed=seed)
    for client, trade in zip(world.orders.client, world.orders.trade, strict=True):
        assert VERTICALS[world.clients.vertical[client]].demand[trade] > 0


@few
@SMALL
def test_the_bill_rate_is_the_base_times_the_markup_in_whole_cents(seed: int, scale: float) -> None:
    world = build(scale=scale, seed=seed)
    for client, trade, bill in zip(
        world.orders.client, world.orders.trade, world.orders.bill_cents, strict=True
    ):
        assert bill == TRADES[trade].base * int(world.clients.markup[client])


@few
@SMALL
def test_the_same_seed_and_scale_build_the_same_company(seed: int, scale: float) -> None:
    one, again = build(scale=scale, seed=seed), build(scale=scale, seed=seed)
    assert np.array_equal(one.calls, again.calls)
    for name in ("candidate", "order", "start", "weeks", "early", "ongoing"):
        assert np.array_equal(getattr(one.placements, name), getattr(again.placements, name)), name


def test_a_scale_too_small_is_invalid() -> None:
    with pytest.raises(Invalid):
        build(scale=0.001, seed=1)


def test_markups_are_the_usual_ones_of_the_vertical_but_for_the_clients_we_lose_on(world: World) -> None:
    usual = np.array([vertical.markup for vertical in VERTICALS])[world.clients.vertical]
    apart = np.abs(world.clients.markup - usual)
    losing = np.flatnonzero(apart > 2)
    assert losing.tolist() == list(range(16, len(world.clients.city), LOSS_EVERY))
    assert world.clients.markup[losing].max() < 125


def test_where_there_are_enough_people_everybody_is_placed_in_the_trade_that_was_ordered(
    world: World,
) -> None:
    ordered = world.orders.trade[world.placements.order]
    assert (world.people.trade[world.placements.candidate] == ordered).all()


def test_most_people_work_in_their_own_state(world: World) -> None:
    states = np.array([city.state for city in CITIES])
    site = states[world.clients.city[world.orders.client[world.placements.order]]]
    home = states[world.people.city[world.placements.candidate]]
    assert (site == home).mean() > 0.8


def test_orders_of_one_trade_and_town_are_filled_one_after_another(world: World) -> None:
    them, orders = world.placements, world.orders
    market = orders.trade * len(CITIES) + world.clients.city[orders.client]
    for which in np.unique(market[them.order]):
        mine = market[them.order] == which
        first, last = dict[int, int](), dict[int, int]()
        for order, start in zip(them.order[mine].tolist(), them.start[mine].tolist(), strict=True):
            first[order], last[order] = min(start, first.get(order, start)), start
        listed = sorted(first)
        assert all(last[a] <= first[b] for a, b in pairwise(listed))


def test_placements_of_dependable_people_end_early_less_often(world: World) -> None:
    truth = world.people.reliability[world.placements.candidate]
    early = world.placements.early
    assert truth[early].mean() < truth[~early].mean() - 0.05
    assert abs(early.mean() - (0.04 + 0.6 * (1 - truth)).mean()) < 0.02


def test_people_at_work_are_called_most_others_seldom_and_a_few_in_vain_again_and_again(world: World) -> None:
    called = np.bincount(world.calls, minlength=len(world.people.trade))
    placed = np.bincount(world.placements.candidate, minlength=len(called)) > 0
    assert called[placed].min() >= 1
    assert called[placed].mean() > 4 * called[~placed].mean()
    often = called[~placed] >= 5
    assert 0.02 < often.mean() < 0.05
    assert called[~placed].max() <= 12


def test_calls_do_not_come_one_person_after_another(world: World) -> None:
    assert (np.diff(world.calls) == 0).mean() < 0.01


def test_large_clients_order_more(world: World) -> None:
    orders = np.sort(np.bincount(world.orders.client, minlength=len(world.clients.city)))
    tenth = len(orders) // 10
    assert orders[-tenth:].sum() > 5 * orders[:tenth].sum()


def test_dice_of_a_table_are_those_of_the_companys_seed(world: World) -> None:
    thrown = world.dice("calls", np.arange(5))
    assert (thrown.seed, thrown.table, thrown.rows.tolist()) == (21, "calls", [0, 1, 2, 3, 4])
