"""Every type that Parquet and Arrow files hold, and what becomes of one value of it."""

import datetime as dt
import decimal
import uuid
from pathlib import Path

import pyarrow as pa
import pytest

from lakehouse.base.errors import Invalid
from lakehouse.ingest.described.columnar import layout_of
from lakehouse.ingest.described.stored import stored_type
from tests.ingest.loading import inspect, load, rejects, rows
from tests.ingest.test_columnar import arrow, parquet

FORMATS = ("t.parquet", "t.arrow", "t.arrows")


def made(table: pa.Table, name: str) -> bytes:
    return parquet(table) if name == "t.parquet" else arrow(table, stream=name == "t.arrows")


def naive(second: int = 0, microsecond: int = 0) -> dt.datetime:
    return dt.datetime(1970, 1, 1, 0, 0, second, microsecond)  # noqa: DTZ001 - the column has no zone


SAME: dict[str, tuple[pa.Array, str, object]] = {
    "int8": (pa.array([-128], pa.int8()), "INTEGER", -128),
    "int16": (pa.array([-32768], pa.int16()), "INTEGER", -32768),
    "int32": (pa.array([2**31 - 1], pa.int32()), "INTEGER", 2**31 - 1),
    "int64": (pa.array([2**63 - 1], pa.int64()), "BIGINT", 2**63 - 1),
    "uint8": (pa.array([255], pa.uint8()), "INTEGER", 255),
    "uint16": (pa.array([65535], pa.uint16()), "INTEGER", 65535),
    "uint32": (pa.array([2**32 - 1], pa.uint32()), "BIGINT", 2**32 - 1),
    "uint64": (pa.array([2**64 - 1], pa.uint64()), "DECIMAL(38,0)", decimal.Decimal(2**64 - 1)),
    "float": (pa.array([1.5], pa.float32()), "FLOAT", 1.5),
    "double": (pa.array([0.1], pa.float64()), "DOUBLE", 0.1),
    "bool": (pa.array([True]), "BOOLEAN", True),
    "date32": (pa.array([dt.date(2024, 2, 29)], pa.date32()), "DATE", dt.date(2024, 2, 29)),
    "date64": (pa.array([dt.date(2024, 2, 29)], pa.date64()), "DATE", dt.date(2024, 2, 29)),
    "seconds": (pa.array([1], pa.timestamp("s")), "TIMESTAMP", naive(1)),
    "milliseconds": (pa.array([1], pa.timestamp("ms")), "TIMESTAMP", naive(0, 1000)),
    "microseconds": (pa.array([1], pa.timestamp("us")), "TIMESTAMP", naive(0, 1)),
    "nanoseconds": (pa.array([1001], pa.timestamp("ns")), "TIMESTAMP", naive(0, 1)),
    "time of day": (pa.array([1], pa.time32("s")), "TIME", dt.time(0, 0, 1)),
    "time of day in microseconds": (pa.array([1], pa.time64("us")), "TIME", dt.time(0, 0, 0, 1)),
    "decimal": (pa.array([decimal.Decimal("-1.50")], pa.decimal128(38, 2)), "DECIMAL(38,2)",
                decimal.Decimal("-1.50")),
    "large text": (pa.array(["x"], pa.large_string()), "VARCHAR", "x"),
    "text view": (pa.array(["x"], pa.string_view()), "VARCHAR", "x"),
    "bytes": (pa.array([b"\x00\xff"], pa.large_binary()), "BLOB", b"\x00\xff"),
    "bytes of one length": (pa.array([b"abcd"], pa.binary(4)), "BLOB", b"abcd"),
    "dictionary of texts": (pa.array(["a"]).dictionary_encode(), "VARCHAR", "a"),
    "dictionary of numbers": (pa.array([5]).dictionary_encode(), "BIGINT", 5),
    "list": (pa.array([[1, None]], pa.list_(pa.int16())), "INTEGER[]", [1, None]),
    "large list": (pa.array([[1]], pa.large_list(pa.int8())), "INTEGER[]", [1]),
    "list of one length": (pa.array([[1, 2]], pa.list_(pa.int32(), 2)), "INTEGER[]", [1, 2]),
    "map": (pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int8())), "MAP(VARCHAR, INTEGER)", {"k": 1}),
    "struct": (pa.array([{"a": 1, "b": [{"c": "x"}]}]), 'STRUCT("a" BIGINT, "b" STRUCT("c" VARCHAR)[])',
               {"a": 1, "b": [{"c": "x"}]}),
    "unsigned within": (pa.array([[{"u": 7}]], pa.list_(pa.struct({"u": pa.uint64()}))),
                        'STRUCT("u" DECIMAL(38,0))[]', [{"u": decimal.Decimal(7)}]),
    "uuid": (pa.ExtensionArray.from_storage(pa.uuid(), pa.array([b"\x01" * 16], pa.binary(16))), "UUID",
             uuid.UUID(bytes=b"\x01" * 16)),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_one_value_of_each_type_is_stored_in_the_type_that_holds_it(tmp_path: Path, name: str) -> None:
    # One file for all: what must differ in no format is looked at at once.
    table = pa.table({why: array for why, (array, _, _) in SAME.items()})
    done = load(tmp_path, made(table, name), name=name)
    (row,) = rows(done)
    found = {why: (kind, value) for why, kind, value in zip(SAME, done.types, row, strict=True)}
    assert found == {why: (kind, value) for why, (_, kind, value) in SAME.items()}


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_a_moment_is_the_same_moment_whatever_its_unit_and_zone(tmp_path: Path, unit: str) -> None:
    moment = dt.datetime(2024, 2, 29, 12, 30, 15, tzinfo=dt.UTC)
    zones = ("UTC", "Asia/Tokyo", "America/New_York", "+05:30")
    table = pa.table({zone: pa.array([moment], pa.timestamp(unit, zone)) for zone in zones})
    for name in FORMATS:
        done = load(tmp_path, made(table, name), name=name)
        assert set(done.types) == {"TIMESTAMP WITH TIME ZONE"}
        assert rows(done) == [(moment,) * len(zones)]


def test_an_interval_becomes_text_that_says_it(tmp_path: Path) -> None:
    table = pa.table({"span": pa.array([pa.MonthDayNano([1, 2, 3000])])})
    done = load(tmp_path, arrow(table, stream=True), name="t.arrows")
    assert (done.types, rows(done)) == (("VARCHAR",), [("1 month 2 days 00:00:00.000003",)])


@pytest.mark.parametrize("name", FORMATS)
def test_several_batches_are_read_in_their_order(tmp_path: Path, name: str) -> None:
    table = pa.concat_tables([pa.table({"n": list(range(k, k + 100))}) for k in range(0, 1000, 100)])
    done = load(tmp_path, made(table, name), name=name)
    assert (done.rows_read, done.counted_by) == (1000, "the file's own row counts")
    assert [r[0] for r in rows(done)] == list(range(1000))


@pytest.mark.parametrize("name", FORMATS)
def test_an_asked_for_type_rejects_by_row_number_in_every_format(tmp_path: Path, name: str) -> None:
    table = pa.table({"id": [1, 2, 3, 4], "n": ["7", "x", None, "1.5"]})
    done = load(tmp_path, made(table, name), name=name, types={"n": "INTEGER"})
    assert rows(done) == [(1, 7), (3, None)]
    assert rejects(done) == [(2, "n is not a INTEGER", ""), (4, "n is not a INTEGER", "")]
    assert (done.rows_read, done.rows_written, done.rejected) == (4, 2, 2)


@pytest.mark.parametrize(
    ("kind", "text"),
    [("VARCHAR", "1.5"), ("DOUBLE", 1.5), ("DECIMAL(9,3)", decimal.Decimal("1.500"))],
)
def test_a_typed_column_may_be_asked_for_as_another_type(tmp_path: Path, kind: str, text: object) -> None:
    table = pa.table({"n": pa.array([1.5], pa.float32())})
    assert rows(load(tmp_path, parquet(table), name="t.parquet", types={"n": kind})) == [(text,)]


def test_the_reason_tells_the_type_that_the_file_holds(tmp_path: Path) -> None:
    table = pa.table({"a": pa.array([1], pa.uint8()), "b": pa.array([1], pa.int64())})
    found = inspect(tmp_path, parquet(table), name="t.parquet").columns
    assert [c.reason for c in found] == ["the file holds UTINYINT", ""]


def test_only_columnar_formats_have_a_columnar_layout() -> None:
    assert layout_of("arrow-file") == "arrow-file"
    with pytest.raises(Invalid, match="not a columnar format") as refused:
        layout_of("json")
    assert "Parquet or Arrow" in refused.value.hint


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("UTINYINT", "INTEGER"),
        ("USMALLINT", "INTEGER"),
        ("UINTEGER", "BIGINT"),
        ("UBIGINT", "DECIMAL(38,0)"),
        ("TIMESTAMP_S", "TIMESTAMP"),
        ("TIMESTAMP_MS", "TIMESTAMP"),
        ("TIMESTAMP WITH TIME ZONE", "TIMESTAMP WITH TIME ZONE"),
        ("DECIMAL(10,2)", "DECIMAL(10,2)"),
        ("TINYINT[][]", "INTEGER[][]"),
        ("STRUCT(a TINYINT)", 'STRUCT("a" INTEGER)'),
        ("BIT", "VARCHAR"),
        ("no such type", "VARCHAR"),
    ],
)
def test_a_type_that_iceberg_lacks_grows_or_becomes_text(given: str, stored: str) -> None:
    assert stored_type(given) == stored
