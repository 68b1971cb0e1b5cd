"""Parameters of every Python type: to the worker as JSON, there as the values they were."""

import datetime as dt
import json
import math
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.query import params, relation

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.decimals(allow_nan=False)
    | st.uuids()
    | st.dates()
    | st.datetimes()
    | st.datetimes(timezones=st.just(dt.UTC))
    | st.times()
    | st.timedeltas()
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)


@given(values)
def test_every_value_arrives_as_it_was_given(value: object) -> None:
    wire = json.loads(json.dumps(params.encode({"x": value}, ("x",)), allow_nan=False))
    assert params.decode(wire) == {"x": value}


def test_what_json_has_no_number_for_arrives_too() -> None:
    assert params.decode(params.encode([math.inf, -math.inf], ("1", "2"))) == [math.inf, -math.inf]
    (nan,) = params.decode(params.encode([math.nan], ("1",))) or ()
    assert math.isnan(float(str(nan)))


def test_a_dictionary_that_looks_like_a_tag_is_still_a_dictionary() -> None:
    sly = {"$": "bytes", "of": "ff"}
    assert params.decode(params.encode({"x": sly}, ("x",))) == {"x": sly}


def test_ten_numbered_values_keep_their_order() -> None:
    names = tuple(sorted(str(n) for n in range(1, 13)))
    assert params.encode(list(range(1, 13)), names) == list(range(1, 13))


def test_names_may_bring_their_dollar() -> None:
    assert params.encode({"$a": 1, "b": (2, 3)}, ("a", "b")) == {"a": 1, "b": {"$": "list", "of": [2, 3]}}


@pytest.mark.parametrize(
    ("given", "expected", "says"),
    [
        ({"a": 1}, ("a", "b"), "no value for $b"),
        ([1, 2], ("1",), "no parameter $2"),
        ({"b": 1}, (), "no parameter $b"),
        ("text", ("1",), "a list or a mapping"),
        (b"bytes", ("1",), "a list or a mapping"),
        (7, ("1",), "a list or a mapping"),
        ([object()], ("1",), "type object is not known"),
        ([[{"x": {1, 2}}]], ("1",), "type set is not known"),
    ],
)
def test_what_does_not_fit_the_statement_is_invalid(
    given: object, expected: tuple[str, ...], says: str
) -> None:
    with pytest.raises(Invalid) as caught:
        params.encode(given, expected)  # type: ignore[arg-type]
    assert says in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(
    "tag", ["UUID", "date", "datetime", "time", "bytes", "Decimal", "timedelta", "struct", ""]
)
def test_a_value_that_its_tag_denies_is_invalid(tag: str) -> None:
    with pytest.raises(Invalid):
        params.decode([{"$": tag, "of": "no such value"}])


def test_a_uuid_is_one_again() -> None:
    value = UUID(int=7)
    assert params.decode(params.encode([value, Decimal("1.50")], ("1", "2"))) == [value, Decimal("1.50")]


@given(st.text(max_size=20))
def test_hostile_names_stay_inside_their_quotes(name: str) -> None:
    for quoted, mark in ((relation.quote(name), '"'), (relation.text(name), "'")):
        assert (quoted[0], quoted[-1]) == (mark, mark)
        assert mark not in quoted[1:-1].replace(mark * 2, "")
        assert quoted[1:-1].replace(mark * 2, mark) == name
