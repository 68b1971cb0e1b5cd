"""The SQL that types a text: what is asked for is cast as far as nothing is lost, and no further."""

import datetime as dt
import decimal
import uuid
from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakehouse.ingest.delimited import cast
from lakehouse.ingest.shape import OnMisfit

DOUBT = "doubt"
D = decimal.Decimal
ANY_TEXT = settings(
    deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
KINDS = (
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL(9,2)", "BOOLEAN",
    "DATE", "TIME", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "UUID", "VARCHAR",
)  # fmt: skip


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as con:
        con.execute("SET TimeZone = 'UTC'")
        yield con


def typed(con: duckdb.DuckDBPyConnection, text: str | None, kind: str, on_misfit: OnMisfit) -> object:
    """The value that the checked cast gives, or `doubt`."""
    checked = cast.checked("c", "t", kind, on_misfit)
    inner = f"SELECT c, {cast.attempt('c', kind)} AS t FROM (SELECT ?::VARCHAR AS c)"
    try:
        return con.execute(f"SELECT {checked} FROM ({inner})", [text]).fetchall()[0][0]
    except duckdb.InvalidInputException as error:
        if cast.DOUBT not in str(error):
            raise
        return DOUBT


def is_doubtful(con: duckdb.DuckDBPyConnection, text: str | None, kind: str, on_misfit: OnMisfit) -> bool:
    asked = f"SELECT {cast.doubtful('c', kind, on_misfit)} FROM (SELECT ?::VARCHAR AS c)"
    found = con.execute(asked, [text]).fetchall()[0][0]
    assert found is not None
    return bool(found)


COERCED: list[tuple[str, str, object]] = [
    ("INTEGER", "007", 7),
    ("INTEGER", "+7", 7),
    ("INTEGER", " 7 ", 7),
    ("INTEGER", "1e3", 1000),
    ("INTEGER", "7.0", 7),
    ("INTEGER", "7.5", DOUBT),
    ("INTEGER", "2147483648", DOUBT),
    ("INTEGER", "1,000", DOUBT),
    ("INTEGER", "seven", DOUBT),
    ("TINYINT", "128", DOUBT),
    ("BIGINT", "9223372036854775807", 2**63 - 1),
    ("BIGINT", "9223372036854775808", DOUBT),
    ("DOUBLE", "1e400", DOUBT),
    ("DOUBLE", "inf", DOUBT),
    ("DOUBLE", "nan", DOUBT),
    ("DOUBLE", ".5", 0.5),
    ("DOUBLE", "1,5", DOUBT),
    ("DECIMAL(9,2)", "1.50", D("1.50")),
    ("DECIMAL(9,2)", "1.5", D("1.50")),
    ("DECIMAL(9,2)", "1.555", DOUBT),
    ("DECIMAL(9,2)", "99999999.99", DOUBT),
    ("BOOLEAN", "yes", True),
    ("BOOLEAN", "0", False),
    ("BOOLEAN", "maybe", DOUBT),
    ("DATE", "2024-2-9", dt.date(2024, 2, 9)),
    ("DATE", "2024-02-30", DOUBT),
    ("DATE", "29.02.2024", DOUBT),
    ("UUID", "123E4567-E89B-12D3-A456-426614174000", uuid.UUID("123e4567-e89b-12d3-a456-426614174000")),
    ("UUID", "123", DOUBT),
    ("VARCHAR", " 007", " 007"),
]


@pytest.mark.parametrize(("kind", "text", "value"), COERCED)
def test_a_type_that_was_asked_for_takes_what_can_be_cast_without_rounding(
    con: duckdb.DuckDBPyConnection, kind: str, text: str, value: object
) -> None:
    assert typed(con, text, kind, "coerce") == value


STRICT: list[tuple[str, str, object]] = [
    ("INTEGER", "7", 7),
    ("INTEGER", "007", DOUBT),
    ("INTEGER", "+7", DOUBT),
    ("INTEGER", "7.0", DOUBT),
    ("BIGINT", "-0", DOUBT),
    ("DOUBLE", "1.50", 1.5),
    ("DOUBLE", "1.5e3", 1500.0),
    ("DOUBLE", "01.5", DOUBT),
    ("DOUBLE", "0.1234567890123456", DOUBT),
    ("DOUBLE", "0.00000000000000000001", 1e-20),
    ("DECIMAL(9,2)", "1.5", D("1.50")),
    ("DECIMAL(9,2)", "1.555", DOUBT),
    ("BOOLEAN", "TRUE", True),
    ("BOOLEAN", "1", DOUBT),
    ("DATE", "2024-02-29", dt.date(2024, 2, 29)),
    ("DATE", "2024-2-9", DOUBT),
    ("TIMESTAMP", "2024-02-29 10:00", dt.datetime(2024, 2, 29, 10)),  # noqa: DTZ001 - it has no zone
    ("TIMESTAMP", "2024-02-29", DOUBT),
    ("TIMESTAMP", "2024-02-29T10:00:00Z", DOUBT),
    ("TIMESTAMP WITH TIME ZONE", "2024-02-29T10:00:00+02:00", dt.datetime(2024, 2, 29, 8, tzinfo=dt.UTC)),
    ("TIMESTAMP WITH TIME ZONE", "2024-02-29T10:00:00", DOUBT),
    ("TIMESTAMP WITH TIME ZONE", "2024-02-29T10:00:00+99:99", DOUBT),
    ("TIME", "10:00:00", dt.time(10)),
    ("UUID", "123e4567-e89b-12d3-a456-426614174000", uuid.UUID("123e4567-e89b-12d3-a456-426614174000")),
    ("UUID", "123E4567-E89B-12D3-A456-426614174000", DOUBT),
]


@pytest.mark.parametrize("on_misfit", ["widen", "reject"])
@pytest.mark.parametrize(("kind", "text", "value"), STRICT)
def test_a_type_that_nobody_asked_for_takes_only_what_would_read_the_same(
    con: duckdb.DuckDBPyConnection, kind: str, text: str, value: object, on_misfit: OnMisfit
) -> None:
    assert typed(con, text, kind, on_misfit) == value


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("on_misfit", ["widen", "reject", "coerce"])
def test_an_empty_cell_is_null_and_never_in_doubt(
    con: duckdb.DuckDBPyConnection, kind: str, on_misfit: OnMisfit
) -> None:
    assert typed(con, None, kind, on_misfit) is None
    assert typed(con, "", kind, on_misfit) == ("" if kind == "VARCHAR" else None)
    assert not is_doubtful(con, None, kind, on_misfit)
    assert not is_doubtful(con, "", kind, on_misfit)


values = st.one_of(
    st.text(max_size=8),
    st.integers().map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str),
    st.dates().map(str),
    st.datetimes().map(str),
    st.uuids().map(str),
    st.sampled_from(["true", "NO", "t", "1", "inf", "-nan", "epoch", "infinity", "now", "today", "0x1f"]),
).filter(lambda text: "\0" not in text)


@ANY_TEXT
@given(values, st.sampled_from(KINDS), st.sampled_from(["widen", "reject", "coerce"]))
def test_the_search_for_doubts_finds_what_the_checked_cast_stops_at(
    con: duckdb.DuckDBPyConnection, text: str, kind: str, on_misfit: OnMisfit
) -> None:
    assert is_doubtful(con, text, kind, on_misfit) == (typed(con, text, kind, on_misfit) == DOUBT != text)


@ANY_TEXT
@given(values, st.sampled_from(KINDS))
def test_what_needs_no_asking_is_taken_when_asked_for_too(
    con: duckdb.DuckDBPyConnection, text: str, kind: str
) -> None:
    if not is_doubtful(con, text, kind, "widen"):
        assert typed(con, text, kind, "coerce") == typed(con, text, kind, "widen")


@pytest.mark.parametrize(
    ("literal", "without"),
    [("NULL", True), ("''", True), ("' '", False), ("0", False), ("NULL::INTEGER", True)],
)
def test_a_key_without_any_text_is_no_key(
    con: duckdb.DuckDBPyConnection, literal: str, without: bool
) -> None:
    found = con.execute(f"SELECT {cast.keyless('k')} FROM (SELECT {literal} AS k)").fetchall()
    assert found == [(without,)]
    assert cast.no_key("id") == "the key column id is empty"
