"""Values by themselves: what JSON and people get of each, worked out by hand."""

import datetime as dt
import json
import math
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.query.values import EXACT_INTEGER, interval, json_value, text, values

UTC = dt.UTC
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.binary(max_size=8)
)
nested = st.recursive(
    scalars | st.decimals(allow_nan=False, allow_infinity=False, places=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=40, deadline=None)
@given(nested)
def test_whatever_a_value_is_strict_json_holds_it_and_gives_it_back(value: object) -> None:
    found = json_value(value)
    assert json.loads(json.dumps(found, allow_nan=False)) == found


@settings(max_examples=40, deadline=None)
@given(nested)
def test_making_json_of_json_changes_nothing_more(value: object) -> None:
    once = json_value(value)
    assert json_value(once) == once


@settings(max_examples=40, deadline=None)
@given(st.integers())
def test_an_integer_is_a_number_as_long_as_a_double_holds_it(value: int) -> None:
    found = json_value(value)
    assert int(str(found)) == value
    assert isinstance(found, int) == (abs(value) <= EXACT_INTEGER)


@settings(max_examples=40, deadline=None)
@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30, places=6))
def test_a_decimal_loses_no_digit_on_its_way_through_json(value: Decimal) -> None:
    found = json_value(value)
    assert Decimal(found if isinstance(found, str) else repr(found)) == value


@pytest.mark.parametrize(
    ("value", "as_json", "as_text"),
    [
        (None, None, ""),
        (True, True, "true"),
        (0, 0, "0"),
        (-(2**53), -(2**53), "-9007199254740992"),
        (2**53 + 1, "9007199254740993", "9007199254740993"),
        (-0.0, -0.0, "-0.0"),
        (math.inf, None, "inf"),
        (math.nan, None, "nan"),
        (Decimal(7), 7, "7"),
        (Decimal("7.00"), 7.0, "7.00"),
        (Decimal("0.1"), 0.1, "0.1"),
        (Decimal("0.10000000000000000001"), "0.10000000000000000001", "0.10000000000000000001"),
        (Decimal(2**53 + 1), "9007199254740993", "9007199254740993"),
        (b"", "", ""),
        (b"\x00\xff", "00ff", "00ff"),
        (dt.date(1, 1, 1), "0001-01-01", "0001-01-01"),
        (dt.time(23, 59, 59, 1), "23:59:59.000001", "23:59:59.000001"),
        (dt.datetime(2026, 11, 1, 12, tzinfo=UTC), "2026-11-01T12:00:00+00:00", "2026-11-01T12:00:00+00:00"),
        ((1, "ü"), [1, "ü"], '[1, "ü"]'),
        ([], [], "[]"),
        ({}, {}, "{}"),
        ({1: None, None: b"\x01"}, {"1": None, "": "01"}, '{"1": null, "": "01"}'),
        ({True: [Decimal("1.5")]}, {"true": [1.5]}, '{"true": [1.5]}'),
        (pa.MonthDayNano([0, 1, 0]), "1 day", "1 day"),
    ],
    ids=repr,
)
def test_each_kind_has_its_form_in_json_and_its_text(value: object, as_json: object, as_text: str) -> None:
    assert json_value(value) == as_json
    assert type(json_value(value)) is type(as_json)
    assert text(value) == as_text


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([0, 0, 0], "00:00:00"),
        ([12, 0, 0], "1 year"),
        ([25, 0, 0], "2 years 1 month"),
        ([-1, 0, 0], "-1 month"),
        ([-13, 2, 0], "-1 year -1 month 2 days"),
        ([0, -1, 0], "-1 day"),
        ([0, 0, 1], "00:00:00.000000001"),
        ([0, 0, 1_000], "00:00:00.000001"),
        ([0, 0, -3_600_000_000_000], "-01:00:00"),
        ([0, 1, 90_061_000_000_000], "1 day 25:01:01"),
    ],
)
def test_an_interval_is_written_as_sql_writes_it(parts: list[int], said: str) -> None:
    assert interval(pa.MonthDayNano(parts)) == said


@pytest.mark.parametrize(
    ("kind", "count", "said"),
    [
        (pa.date32(), 2**31 - 1, "infinity"),
        (pa.date32(), -(2**31 - 1), "-infinity"),
        (pa.date32(), 2_932_897, "10000-01-01"),
        (pa.date32(), -719_163, "0000-12-31"),
        (pa.date32(), -719_528, "0000-01-01"),
        (pa.date32(), -719_529, "-0001-12-31"),
        (pa.timestamp("us"), 2**63 - 1, "infinity"),
        (pa.timestamp("us"), 253_402_300_800_000_000, "10000-01-01T00:00:00"),
        (pa.timestamp("s"), 253_402_300_801, "10000-01-01T00:00:01"),
        (pa.timestamp("ms"), 253_402_300_800_500, "10000-01-01T00:00:00.500000"),
        (pa.timestamp("us", "UTC"), 253_402_300_800_000_000, "10000-01-01T00:00:00+00:00"),
    ],
)
def test_a_far_moment_is_iso_text_by_hand(kind: pa.DataType, count: int, said: str) -> None:
    storage = pa.int32() if pa.types.is_date32(kind) else pa.int64()
    far, nothing = values(pa.array([count, None], storage).cast(kind))
    assert (far, nothing) == (said, None)


@settings(max_examples=40, deadline=None)
@given(st.integers(-719_162, 2_932_896))
def test_a_day_that_python_has_stays_a_date(days: int) -> None:
    assert values(pa.array([days], pa.date32())) == [dt.date(1970, 1, 1) + dt.timedelta(days=days)]


@settings(max_examples=40, deadline=None)
@given(st.integers(2_932_897, 10**7))
def test_far_days_follow_one_another_in_the_order_of_the_calendar(days: int) -> None:
    one, other = values(pa.array([days, days + 1], pa.date32()))
    assert (len(str(one)), str(one)) < (len(str(other)), str(other))


def test_a_far_value_inside_a_list_a_row_and_a_map_is_text_there() -> None:
    far = 2_932_897
    lists = pa.array([[far, None], None, []], pa.list_(pa.int32())).cast(pa.list_(pa.date32()))
    assert values(lists) == [["10000-01-01", None], None, []]
    days = pa.array([far], pa.int32()).cast(pa.date32())
    rows = pa.StructArray.from_arrays([days, pa.array(["x"])], names=["day", "what"])
    assert values(rows) == [{"day": "10000-01-01", "what": "x"}]
    maps = pa.MapArray.from_arrays(pa.array([0, 1], pa.int32()), pa.array(["k"]), days)
    assert values(maps) == [{"k": "10000-01-01"}]


def test_fields_of_one_name_come_as_a_tuple_so_that_none_is_lost() -> None:
    rows = pa.StructArray.from_arrays([pa.array([1]), pa.array([2])], names=["", ""])
    assert values(rows) == [(1, 2)]


def test_an_empty_column_has_no_values() -> None:
    assert values(pa.array([], pa.date32())) == []
    assert values(pa.nulls(2)) == [None, None]
