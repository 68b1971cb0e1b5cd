"""Candidates, clients and orders as rows: true to the world they are rendered from."""

import re
from collections import defaultdict
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.staffing import activity, registry
from lakehouse.staffing.people import CITIES, STREETS
from lakehouse.staffing.registry import NEVER, RECENT_DAYS, TODAY
from lakehouse.staffing.trades import TRADES
from lakehouse.staffing.words import COMPANY_HEADS, COMPANY_TAILS, SOURCES, VERTICALS
from lakehouse.staffing.workforce import draw
from lakehouse.staffing.world import World, build

EPOCH = date(1970, 1, 1)
Row = dict[str, object]


def day(number: int) -> date:
    return EPOCH + timedelta(days=int(number))


def rows_of(batch: pa.RecordBatch) -> list[Row]:
    listed: list[Row] = batch.to_pylist()
    return listed


def text(row: Row, name: str) -> str:
    value = row[name]
    assert isinstance(value, str)
    return value


@pytest.fixture(scope="module")
def world() -> World:
    return build(scale=0.4, seed=33)


@pytest.fixture(scope="module")
def candidates(world: World) -> list[Row]:
    busy_until, first_start = activity.engagements(world)
    return rows_of(registry.candidates(world.people, busy_until=busy_until, first_start=first_start))


@pytest.fixture(scope="module")
def clients(world: World) -> list[Row]:
    return rows_of(registry.clients(world))


@pytest.fixture(scope="module")
def orders(world: World) -> list[Row]:
    return rows_of(registry.job_orders(world))


def test_today_is_the_sunday_that_ends_the_last_week_with_sheets() -> None:
    assert (day(TODAY), day(TODAY).isoweekday()) == (date(2026, 11, 1), 7)


def test_people_without_a_history_are_idle() -> None:
    busy_until, first_start = registry.idle(3)
    assert busy_until.tolist() == [0, 0, 0]
    assert first_start.tolist() == [NEVER] * 3


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**31), st.integers(0, 10**6))
def test_the_idle_are_never_on_assignment_and_registered_before_the_half_year(seed: int, first: int) -> None:
    people = draw(np.arange(first, first + 40), seed=seed)
    busy_until, first_start = registry.idle(40)
    for row in rows_of(registry.candidates(people, busy_until=busy_until, first_start=first_start)):
        assert row["availability"] in {"now", "from date", "not looking"}
        assert isinstance(row["registered_on"], date)
        assert row["registered_on"] <= day(TODAY - RECENT_DAYS)
        assert (row["available_from"] is not None) == (row["availability"] == "from date")


def test_who_is_busy_is_free_the_day_after() -> None:
    people = draw(np.arange(2), seed=1)
    busy = np.array([TODAY + 30, 0])
    first, _ = rows_of(registry.candidates(people, busy_until=busy, first_start=np.array([TODAY - 9, NEVER])))
    assert (first["availability"], first["available_from"]) == ("on assignment", day(TODAY + 31))


def test_who_worked_long_ago_registered_a_week_before_or_earlier() -> None:
    people = draw(np.arange(50), seed=1)
    long_ago = np.full(50, TODAY - 3000)
    for row in rows_of(registry.candidates(people, busy_until=np.zeros(50, int), first_start=long_ago)):
        assert row["registered_on"] == day(TODAY - 3007)


def test_who_is_free_from_a_date_is_free_within_two_months(candidates: list[Row]) -> None:
    days = [row["available_from"] for row in candidates if row["availability"] == "from date"]
    assert days
    assert all(isinstance(d, date) and day(TODAY + 2) <= d <= day(TODAY + 61) for d in days)


def test_an_address_is_a_number_and_a_street(candidates: list[Row]) -> None:
    for row in candidates:
        number, _, street = text(row, "address").partition(" ")
        assert 1 <= int(number) <= 9800
        assert street in STREETS


def test_the_numbers_of_the_world_are_said_in_words(world: World, candidates: list[Row]) -> None:
    for n, row in enumerate(candidates):
        assert row["candidate_id"] == n + 1
        assert row["role"] == TRADES[world.people.trade[n]].title
        assert row["city"] == CITIES[world.people.city[n]].name
        assert row["years_experience"] == world.people.years[n]
        assert row["status"] == ("active", "inactive", "blocked")[world.people.status[n]]
        assert row["source"] in SOURCES


def test_a_candidate_has_the_name_of_the_mail_address(candidates: list[Row]) -> None:
    for row in candidates:
        name = f"{row['first_name']}.{row['last_name']}".lower()
        assert text(row, "email").startswith(f"{name}{row['candidate_id']}@")


def test_skills_and_certificates_are_those_of_the_trade(candidates: list[Row]) -> None:
    known = {t.title: (dict(t.skills), dict(t.certificates)) for t in TRADES}
    for row in candidates:
        skills, papers = known[text(row, "role")]
        assert set(text(row, "skills").split("; ")) <= set(skills)
        assert set(text(row, "certificates").split("; ") if row["certificates"] else []) <= set(papers)


def test_a_client_is_called_after_its_vertical(clients: list[Row]) -> None:
    nouns = {vertical.name: vertical.nouns for vertical in VERTICALS}
    for row in clients:
        head, noun, tail = text(row, "name").split(" ")
        assert head in COMPANY_HEADS
        assert noun in nouns[text(row, "vertical")]
        assert tail in COMPANY_TAILS


def test_a_contact_writes_from_the_company(clients: list[Row]) -> None:
    for row in clients:
        head, noun, _ = text(row, "name").lower().split(" ")
        person = text(row, "contact_name").lower().replace(" ", ".")
        assert row["contact_email"] == f"{person}@{head}{noun}.example.com"


def test_contacts_and_their_addresses_can_be_had_for_some_clients(world: World, clients: list[Row]) -> None:
    some = np.array([3, 0, 7, 7])
    mails, names = registry.client_mails(world, some), registry.client_contacts(world, some)
    assert mails.to_pylist() == [clients[n]["contact_email"] for n in some]
    assert names.to_pylist() == [text(clients[n], "contact_name").split()[0] for n in some]


def test_a_client_pays_within_usual_terms_and_came_before_its_first_order(
    world: World, clients: list[Row], orders: list[Row]
) -> None:
    first: dict[object, date] = {}
    for order in orders:
        opened = order["opened_on"]
        assert isinstance(opened, date)
        first[order["client_id"]] = min(opened, first.get(order["client_id"], opened))
    for row in clients:
        assert row["payment_days"] in {15, 30, 45, 60}
        assert isinstance(row["since"], date)
        assert row["since"] <= first.get(row["client_id"], day(TODAY)) - timedelta(days=30)


def test_the_markup_is_that_of_the_world_with_two_decimals(world: World, clients: list[Row]) -> None:
    assert [round(float(str(row["markup"])) * 100) for row in clients] == world.clients.markup.tolist()


def test_what_is_said_of_an_order_is_what_its_placements_say(world: World) -> None:
    facts, them = registry.order_facts(world), world.placements
    filled: dict[int, list[int]] = defaultdict(list)
    for n, order in enumerate(them.order.tolist()):
        filled[order].append(n)
    for order, placed in enumerate(facts.placed.tolist()):
        mine = filled.get(order, [])
        common = 63
        for n in mine:
            common &= int(world.people.certificates[them.candidate[n]])
        assert (placed, int(facts.common[order])) == (len(mine), common)
        assert not mine or facts.opened[order] <= them.start[mine].min() - 3


def test_an_order_that_nobody_fills_came_in_lately_and_waits_or_was_cancelled(
    world: World, orders: list[Row]
) -> None:
    placed = registry.order_facts(world).placed
    waiting = [row for row, count in zip(orders, placed, strict=True) if not count]
    assert {row["status"] for row in waiting} == {"open", "cancelled"}
    assert all(row["opened_on"] > day(TODAY - 60) for row in waiting)  # type: ignore[operator] # a date
    assert all(1 <= row["headcount"] <= 8 for row in waiting)  # type: ignore[operator] # a number


def test_an_order_asks_for_two_certificates_of_its_trade_at_most(orders: list[Row]) -> None:
    for row in orders:
        trade = next(t for t in TRADES if t.title == row["role"])
        asked = set(text(row, "required_certificates").split("; ") if row["required_certificates"] else [])
        assert asked <= {name for name, _ in trade.certificates}
        assert len(asked) <= 2


def test_an_order_is_where_its_client_is(clients: list[Row], orders: list[Row]) -> None:
    towns = {row["client_id"]: (row["city"], row["state"]) for row in clients}
    assert all((row["city"], row["state"]) == towns[row["client_id"]] for row in orders)


def test_an_order_describes_itself(clients: list[Row], orders: list[Row]) -> None:
    sites = {v.name: v.site for v in VERTICALS}
    vertical = {row["client_id"]: text(row, "vertical") for row in clients}
    for row in orders:
        said = text(row, "description")
        assert text(row, "role") in said
        assert f"{sites[vertical[row['client_id']]]} in {row['city']}" in said
        assert not re.search(r"[{}|]", said)


def test_numbers_are_picked_by_code() -> None:
    assert registry.pick_number((15, 30), np.array([1, 0, 1])).to_pylist() == [30, 15, 30]
