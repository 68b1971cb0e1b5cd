"""Records become rows and come back as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.store.streams import EXTRA, STREAMS, Json, declare, schema_of, shape, unshape

SCHEMA = declare("things", "name, size bigint, weight double, ok boolean, parts json")

SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=5)
VALUES: st.SearchStrategy[Json] = st.recursive(
    SCALARS | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
FIELDS = st.sampled_from(["name", "size", "weight", "ok", "parts", "extra", "other", ""])
RECORDS: st.SearchStrategy[dict[str, Json]] = st.dictionaries(FIELDS, VALUES, max_size=6)


@given(RECORDS)
def test_shaping_loses_nothing_but_nulls(record: dict[str, Json]) -> None:
    assert unshape(shape(record, SCHEMA)) == {name: v for name, v in record.items() if v is not None}


@given(RECORDS)
def test_a_column_holds_only_values_of_its_type(record: dict[str, Json]) -> None:
    row = shape(record, SCHEMA)
    assert row.keys() <= {"name", "size", "weight", "ok", "parts", EXTRA}
    types = {"name": str, "size": int, "weight": float, "ok": bool}
    assert all(type(row[name]) is kind for name, kind in types.items() if name in row)


@pytest.mark.parametrize(
    ("field", "value", "fits"),
    [("size", 2**63 - 1, True), ("size", 2**63, False), ("size", True, False), ("size", 1.0, False),
     ("size", "1", False), ("weight", 1, True), ("weight", 2**53 + 1, False), ("weight", float("inf"), False),
     ("weight", True, False), ("ok", False, True), ("ok", 0, False), ("name", 5, False), ("name", "", True),
     ("parts", [], True), ("parts", "text", True)],
)  # fmt: skip
def test_what_does_not_fit_its_column_is_kept_as_extra(field: str, value: Json, fits: bool) -> None:
    row = shape({field: value}, SCHEMA)
    assert row == ({field: value} if fits else {EXTRA: {field: value}})


@pytest.mark.parametrize("field", ["id", "at"])
def test_what_the_journal_sets_itself_is_invalid_in_a_record(field: str) -> None:
    with pytest.raises(Invalid, match=field):
        shape({field: "mine"}, SCHEMA)


@pytest.mark.parametrize("name", ["", "A", "a b", "../a", "a/b", "1a", "_a", "a" * 64, "ä", "a\n"])
def test_a_stream_has_a_plain_name(name: str) -> None:
    with pytest.raises(Invalid):
        schema_of(name)


def test_a_stream_that_nobody_declared_has_no_columns() -> None:
    assert schema_of("sightings").columns == ()
    assert shape({"a": 1}, schema_of("sightings")) == {EXTRA: {"a": 1}}


def test_the_declared_streams_have_distinct_columns_that_do_not_hide_the_journals_own() -> None:
    assert {"ingests", "rejected", "queries", "errors", "maintenance", "quarantine"} <= STREAMS.keys()
    for name, schema in STREAMS.items():
        columns = [column for column, _ in schema.columns]
        assert schema.name == name == schema_of(name).name
        assert len(set(columns) | {"id", "at", EXTRA}) == len(columns) + 3
