"""From numbers to columns: each function against what it says, worked out one value at a time."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.staffing import columns
from lakehouse.staffing.columns import PHONE_NOTATIONS
from lakehouse.staffing.dice import Dice
from lakehouse.staffing.people import CITIES, FIRST_NAMES, LAST_NAMES, MAIL_DOMAINS
from lakehouse.staffing.schema import BY_NAME, TABLES, Table
from lakehouse.staffing.trades import TRADES

ROWS = np.arange(3000)
CITY = ROWS % len(CITIES)
anytime = settings(deadline=None)  # the first mask of all makes Arrow look for pandas
EPOCH = date(1970, 1, 1)


def dice(seed: int = 1) -> Dice:
    return Dice(seed=seed, table="t", rows=ROWS)


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_the_arrow_schema_has_the_names_the_order_and_the_absences_of_the_table(table: Table) -> None:
    schema = columns.arrow_schema(table)
    assert tuple(schema.names) == table.names
    assert [field.nullable for field in schema] == [column.nullable for column in table.columns]


def test_a_batch_is_the_columns_in_the_tables_order() -> None:
    table = BY_NAME["timesheets"]
    arrays = [pa.nulls(0, field.type) for field in columns.arrow_schema(table)]
    assert columns.batch(table, arrays).schema == columns.arrow_schema(table)


def test_a_column_too_few_is_refused() -> None:
    arrays = [pa.nulls(0, field.type) for field in columns.arrow_schema(BY_NAME["calls"])]
    with pytest.raises(ValueError, match="unequal"):
        columns.batch(BY_NAME["calls"], arrays[1:])


@anytime
@given(st.lists(st.tuples(st.integers(0, 3), st.booleans())))
def test_words_are_looked_up_and_missing_where_they_are_absent(drawn: list[tuple[int, bool]]) -> None:
    words = ["a", "b", None, "d"]
    codes = np.array([code for code, _ in drawn], dtype=np.int64)
    absent = np.array([gone for _, gone in drawn], dtype=np.bool_)
    assert columns.pick(words, codes).to_pylist() == [words[code] for code, _ in drawn]
    found = columns.pick(words, codes, absent=absent).to_pylist()
    assert found == [None if gone else words[code] for code, gone in drawn]


@anytime
@given(st.lists(st.tuples(st.none() | st.text(), st.none() | st.text()), min_size=1))
def test_texts_are_joined_and_absent_where_a_part_is(pairs: list[tuple[str | None, str | None]]) -> None:
    left, right = (pa.array(side, pa.string()) for side in zip(*pairs, strict=True))
    expected = [None if a is None or b is None else f"{a}-{b}" for a, b in pairs]
    assert columns.join(left, "-", right).to_pylist() == expected


@anytime
@given(st.lists(st.integers(-(2**62), 2**62)))
def test_whole_numbers_are_written_out(numbers: list[int]) -> None:
    assert columns.digits(np.array(numbers, dtype=np.int64)).to_pylist() == list(map(str, numbers))


@anytime
@given(st.lists(st.tuples(st.integers(0, 40_000), st.booleans())))
def test_days_become_dates(drawn: list[tuple[int, bool]]) -> None:
    days = np.array([day for day, _ in drawn], dtype=np.int64)
    absent = np.array([gone for _, gone in drawn], dtype=np.bool_)
    expected = [None if gone else EPOCH + timedelta(days=day) for day, gone in drawn]
    assert columns.dates(days, absent=absent).to_pylist() == expected


@anytime
@given(st.lists(st.integers(0, 4_000_000_000)))
def test_seconds_become_moments(seconds: list[int]) -> None:
    expected = [datetime.fromtimestamp(second, UTC).replace(tzinfo=None) for second in seconds]
    assert columns.timestamps(np.array(seconds, dtype=np.int64)).to_pylist() == expected


@anytime
@given(st.lists(st.integers(0, 10**10), min_size=1))
def test_cents_become_dollars_that_print_with_two_decimals_at_most(cents: list[int]) -> None:
    found = columns.dollars(np.array(cents)).to_pylist()
    assert [Decimal(repr(value)) for value in found] == [Decimal(cent) / 100 for cent in cents]


def test_a_place_is_a_town_with_its_state_and_one_of_its_zip_codes() -> None:
    names, states, zips = (column.to_pylist() for column in columns.places(dice(), CITY))
    for n, name, state, code in zip(CITY.tolist(), names, states, zips, strict=True):
        assert (name, state) == (CITIES[n].name, CITIES[n].state)
        assert code in CITIES[n].zips


def test_every_zip_code_and_area_code_is_used() -> None:
    assert set(columns.places(dice(), CITY)[2].to_pylist()) == {c for city in CITIES for c in city.zips}
    used = {re.sub(r"^(\+1 |\()", "", phone)[:3] for phone in columns.phones(dice(), CITY).to_pylist()}
    assert used == {code for city in CITIES for code in city.area_codes}


def test_a_phone_number_is_of_its_town_and_of_an_exchange_that_nobody_has() -> None:
    notations = [re.escape(a) + r"(\d{3})" + re.escape(b) + r"(\d{4})" for a, b in PHONE_NOTATIONS]
    for n, phone in zip(CITY.tolist(), columns.phones(dice(), CITY).to_pylist(), strict=True):
        [found] = [match for match in (re.fullmatch(pattern, phone) for pattern in notations) if match]
        assert found[1] in CITIES[n].area_codes
        assert int(found[2]) >= columns.FIRST_LINE
        assert "555" in phone


def test_people_write_their_number_in_three_ways_and_most_in_the_first() -> None:
    phones = columns.phones(dice(), CITY).to_pylist()
    shares = [sum(phone.startswith(sign) for phone in phones) / len(phones) for sign in ("(", "+1")]
    assert shares == pytest.approx([0.70, 0.08], abs=0.03)


def test_names_are_of_the_lists_and_all_of_them_occur() -> None:
    first, last = (column.to_pylist() for column in columns.names(dice()))
    assert set(first) == set(FIRST_NAMES)
    assert set(last) == set(LAST_NAMES)


def test_the_mail_address_is_the_name_the_number_of_the_row_and_a_domain() -> None:
    first, last = (column.to_pylist() for column in columns.names(dice()))
    mails = columns.candidate_mails(dice()).to_pylist()
    for n, mail in enumerate(mails):
        local, _, domain = mail.partition("@")
        assert local == f"{first[n]}.{last[n]}{n + 1}".lower()
        assert domain in MAIL_DOMAINS
    assert len(set(mails)) == len(mails)


@anytime
@given(st.integers(0, len(TRADES) - 1), st.integers(0, 63))
def test_certificates_are_listed_in_the_trades_order(trade: int, mask: int) -> None:
    held = [name for bit, (name, _) in enumerate(TRADES[trade].certificates) if mask & 1 << bit]
    found = columns.certificate_lists(np.array([trade]), np.array([mask]))[0].as_py()
    assert found == ("; ".join(held) if held else None)


@anytime
@given(st.integers(0, len(TRADES) - 1), st.integers(0, 255))
def test_skills_are_listed_in_the_trades_order(trade: int, mask: int) -> None:
    had = [word for bit, (word, _) in enumerate(TRADES[trade].skills) if mask & 1 << bit]
    found = columns.skill_lists(np.array([trade]), np.array([mask]))[0].as_py()
    assert found == ("; ".join(had) if had else None)


def test_trades_are_shown_by_title() -> None:
    order = np.arange(len(TRADES))[::-1]
    assert columns.titles(order).to_pylist() == [trade.title for trade in reversed(TRADES)]


@pytest.mark.parametrize("make", [columns.names, columns.mail_names, columns.candidate_mails])
def test_another_seed_gives_other_people(make: object) -> None:
    assert callable(make)
    assert str(make(dice(1))) != str(make(dice(2)))
