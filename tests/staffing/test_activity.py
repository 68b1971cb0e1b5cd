"""Placements, time sheets, calls and mails as rows: money to the cent, days in order, words that fit."""

import re
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.staffing import activity
from lakehouse.staffing.activity import LETTERS, WEEKS_OF_CONTACT
from lakehouse.staffing.dice import Dice
from lakehouse.staffing.letters import CALL_NOTES, EARLY_REASONS, FULL_REASONS, OUTCOMES, TO_CANDIDATES
from lakehouse.staffing.people import FIRST_NAMES, OFFICE_DOMAIN, RECRUITERS
from lakehouse.staffing.registry import NEVER
from lakehouse.staffing.trades import TRADES
from lakehouse.staffing.world import NEXT_MONDAY, World, build

MONDAY = date(1970, 1, 1) + timedelta(days=NEXT_MONDAY)
Columns = dict[str, list[object]]


def columns_of(batch: pa.RecordBatch) -> Columns:
    found: Columns = batch.to_pydict()
    return found


@pytest.fixture(scope="module")
def world() -> World:
    return build(scale=0.2, seed=44)


@pytest.fixture(scope="module")
def placements(world: World) -> Columns:
    return columns_of(activity.placements(world))


@pytest.fixture(scope="module")
def sheets(world: World) -> Columns:
    return columns_of(activity.timesheets(world, np.arange(int(world.sheet_ends[-1]))))


@pytest.fixture(scope="module")
def calls(world: World) -> Columns:
    rows = np.arange(len(world.calls))
    return columns_of(activity.calls(world, rows, activity.contact_times(world.dice("call times", rows))))


@pytest.fixture(scope="module")
def emails(world: World) -> Columns:
    rows = np.arange(world.emails)
    return columns_of(activity.emails(world, rows, activity.contact_times(world.dice("mail times", rows))))


def test_a_placement_names_who_where_and_for_which_order(world: World, placements: Columns) -> None:
    them = world.placements
    assert placements["candidate_id"] == (them.candidate + 1).tolist()
    assert placements["order_id"] == (them.order + 1).tolist()
    assert placements["client_id"] == (world.orders.client[them.order] + 1).tolist()


def test_a_placement_pays_and_bills_what_person_and_order_say(world: World, placements: Columns) -> None:
    them = world.placements
    paid = world.people.pay_cents[them.candidate].tolist()
    billed = world.orders.bill_cents[them.order].tolist()
    assert [Decimal(repr(rate)) * 100 for rate in placements["pay_rate"]] == paid
    assert [Decimal(repr(rate)) * 100 for rate in placements["bill_rate"]] == billed


def test_a_placement_ends_on_a_friday_and_has_a_reason_of_its_kind(world: World, placements: Columns) -> None:
    ends = zip(placements["ended_on"], placements["planned_end_on"], placements["end_reason"], strict=True)
    for ended, planned, reason in ends:
        assert isinstance(planned, date)
        assert planned.isoweekday() == 5
        if isinstance(ended, date):
            assert ended.isoweekday() == 5
            assert reason in (EARLY_REASONS if ended < planned else FULL_REASONS)
        else:
            assert (ended, reason) == (None, None)
            assert planned > MONDAY + timedelta(days=7)


def test_only_what_has_ended_is_rated_and_four_of_five_of_that(placements: Columns) -> None:
    pairs = list(zip(placements["rating"], placements["ended_on"], strict=True))
    assert {rating for rating, ended in pairs if ended is None} == {None}
    rated = [rating is not None for rating, ended in pairs if ended is not None]
    assert 0.75 < sum(rated) / len(rated) < 0.85
    assert {rating for rating, _ in pairs} == {None, 1, 2, 3, 4, 5}


def test_engagements_say_until_when_somebody_is_busy_and_since_when_known(
    world: World, placements: Columns
) -> None:
    busy_until, first_start = activity.engagements(world)
    starts: dict[object, list[date]] = {}
    for who, start in zip(placements["candidate_id"], placements["started_on"], strict=True):
        assert isinstance(start, date)
        starts.setdefault(who, []).append(start)
    for n in range(len(busy_until)):
        mine = starts.get(n + 1)
        first = min(mine).toordinal() - date(1970, 1, 1).toordinal() if mine else NEVER
        assert first_start[n] == first
    assert (busy_until > 0).sum() == world.placements.ongoing.sum()


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 2**31), st.floats(0.01, 0.03))
def test_pay_and_bill_are_hours_times_rate_to_the_cent(seed: int, scale: float) -> None:
    small = build(scale=scale, seed=seed)
    sheets = columns_of(activity.timesheets(small, np.arange(int(small.sheet_ends[-1]))))
    them = small.placements
    for n, placement in enumerate(sheets["placement_id"]):
        assert isinstance(placement, int)
        hours = Decimal(repr(sheets["hours"][n])) + Decimal(repr(sheets["overtime_hours"][n])) * 3 / 2
        for name, cents in (
            ("pay_total", small.people.pay_cents[them.candidate[placement - 1]]),
            ("bill_total", small.orders.bill_cents[them.order[placement - 1]]),
        ):
            exact = hours * int(cents) / 100
            assert Decimal(repr(sheets[name][n])) == exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_hours_are_quarters_overtime_comes_after_forty_and_a_missed_shift_costs_eight(
    sheets: Columns,
) -> None:
    weeks = zip(sheets["hours"], sheets["overtime_hours"], sheets["no_show"], strict=True)
    for hours, overtime, missed in weeks:
        assert isinstance(hours, float)
        assert isinstance(overtime, float)
        assert (hours * 4).is_integer()
        assert 16 <= hours <= 32 if missed else 24 <= hours <= 40
        assert 0 <= overtime <= 10
        assert not overtime or hours == 40


def test_a_sheet_is_of_the_next_week_of_its_placement(sheets: Columns, placements: Columns) -> None:
    seen: dict[object, int] = {}
    for placement, ending in zip(sheets["placement_id"], sheets["week_ending"], strict=True):
        assert isinstance(placement, int)
        start = placements["started_on"][placement - 1]
        assert isinstance(start, date)
        assert ending == start + timedelta(days=7 * seen.get(placement, 0) + 6)
        seen[placement] = seen.get(placement, 0) + 1


def test_only_sheets_of_the_last_week_may_wait_for_a_signature(sheets: Columns) -> None:
    waiting = {e for e, ok in zip(sheets["week_ending"], sheets["approved"], strict=True) if not ok}
    assert waiting == {MONDAY - timedelta(days=1)}


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**31), st.integers(1, 3000))
def test_contacts_lie_in_office_hours_of_the_last_half_year_in_order(seed: int, size: int) -> None:
    times = activity.contact_times(Dice(seed=seed, table="x", rows=np.arange(size)))
    assert (np.diff(times) >= 0).all()
    first = (NEXT_MONDAY - 7 * WEEKS_OF_CONTACT) * 86_400
    assert first <= times[0] <= times[-1] < NEXT_MONDAY * 86_400
    hours = times // 3600 % 24
    assert 8 <= hours.min() <= hours.max() < 18
    assert {int(day + 3) % 7 for day in times // 86_400} <= {0, 1, 2, 3, 4, 5}


def test_a_call_lasts_as_its_outcome_says_and_has_a_note_of_it(calls: Columns) -> None:
    ranges = {"answered": (30, 930), "voicemail": (15, 45), "no answer": (0, 1)}
    for outcome, seconds, note in zip(calls["outcome"], calls["duration_s"], calls["note"], strict=True):
        assert isinstance(seconds, int)
        low, high = ranges.get(str(outcome), (8, 38))
        assert low <= seconds < high
        assert note in CALL_NOTES[OUTCOMES.index(str(outcome))]


def test_who_calls_us_is_answered_and_most_calls_are_ours(calls: Columns) -> None:
    pairs = list(zip(calls["direction"], calls["outcome"], strict=True))
    assert {outcome for direction, outcome in pairs if direction == "inbound"} == {"answered"}
    assert 0.08 < sum(direction == "inbound" for direction, _ in pairs) / len(pairs) < 0.12
    assert set(calls["recruiter"]) == set(RECRUITERS)


def test_calls_are_with_the_people_of_the_world_in_order_of_time(world: World, calls: Columns) -> None:
    assert calls["candidate_id"] == (world.calls + 1).tolist()
    moments = [moment for moment in calls["started_at"] if isinstance(moment, datetime)]
    assert moments == sorted(moments)
    assert len(moments) == len(world.calls)


def test_a_mail_greets_its_reader_and_is_signed_by_its_writer(emails: Columns) -> None:
    ours = {recruiter.split()[0] for recruiter in RECRUITERS}
    for direction, body in zip(emails["direction"], emails["body"], strict=True):
        found = re.fullmatch(r"Hi (\w+), (.+) (\w+)", str(body))
        assert found
        reader, writer = found[1], found[3]
        assert {reader, writer} <= set(FIRST_NAMES)
        assert (writer if direction == "outbound" else reader) in ours


def test_a_mail_goes_between_our_office_and_somebody_else(emails: Columns) -> None:
    for direction, *sides in zip(
        emails["direction"], emails["from_address"], emails["to_address"], strict=True
    ):
        ours, theirs = map(str, sides if direction == "outbound" else reversed(sides))
        assert re.fullmatch(rf"[a-z]+\.[a-z]+@{re.escape(OFFICE_DOMAIN)}", ours)
        assert re.fullmatch(r"[a-z]+\.[a-z]+\d*@[a-z.]*example\.(com|net|org)", theirs)
        assert not theirs.endswith(OFFICE_DOMAIN)


def test_a_mail_is_one_of_the_letters_to_the_kind_of_reader_it_is_with(emails: Columns) -> None:
    to_candidates, to_clients = (
        {letter.subject.format(role=trade.title) for letter in kind for trade in TRADES}
        for kind in (TO_CANDIDATES, LETTERS[len(TO_CANDIDATES) :])
    )
    for subject, client in zip(emails["subject"], emails["client_id"], strict=True):
        assert subject in (to_candidates if client is None else to_clients)
    assert set(emails["subject"]) == to_candidates | to_clients


def test_three_of_ten_mails_are_with_clients(emails: Columns) -> None:
    share = sum(client is not None for client in emails["client_id"]) / len(emails["client_id"])
    assert 0.28 < share < 0.32
