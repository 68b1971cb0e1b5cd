"""Readers that are not ours read what we write, and we read what they write; Daft loads once, here."""

import datetime as dt
import decimal
import json
import uuid
from collections.abc import Callable
from pathlib import Path

import daft
import pyarrow as pa
import pytest
from pyiceberg.catalog.rest import RestCatalog
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import StaticTable, Table
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import (
    BinaryType,
    DateType,
    DecimalType,
    DoubleType,
    ListType,
    LongType,
    MapType,
    NestedField,
    StringType,
    StructType,
    TimestampType,
    TimestamptzType,
)

import lakehouse
from lakehouse.base.errors import Invalid
from lakehouse.table import names, timeline
from lakehouse.table.evolve import AddColumn, DropColumn, RenameColumn, WidenColumn, evolve
from lakehouse.table.names import TableName
from tests.table.wiring import Lake, Row

pytestmark = pytest.mark.xdist_group("daft")

Prepare = Callable[[Lake, TableName], None]


def by_daft(lake: Lake, name: TableName) -> list[Row]:
    table = StaticTable.from_metadata(lake.catalog.head(name).location)
    return in_order(daft.read_iceberg(table).to_arrow())


def by_pyiceberg(lake: Lake, name: TableName) -> list[Row]:
    client = RestCatalog("lake", uri=lake.door.url, token=lake.door.token)
    return in_order(client.load_table((name.namespace, name.table)).scan().to_arrow())


def in_order(table: pa.Table) -> list[Row]:
    return sorted((tuple(row.values()) for row in table.to_pylist()), key=repr)


def appended(lake: Lake, name: TableName) -> None:
    for n in range(3):
        lake.append(
            name, f"SELECT i AS id, i % 7 AS n, 'a' || i AS name FROM range({n * 10}, {n * 10 + 10}) r(i)"
        )


def upserted(lake: Lake, name: TableName) -> None:
    appended(lake, name)
    lake.upsert(name, "SELECT i AS id, NULL AS n, 'u' || i AS name FROM range(5, 35, 3) r(i)")
    lake.upsert(name, "SELECT i AS id, 1 AS n FROM range(0, 40, 5) r(i)")


def deleted(lake: Lake, name: TableName) -> None:
    upserted(lake, name)
    lake.writer.delete(name, "id % 3 = 0 OR name = 'a1'")


def deleted_wholly(lake: Lake, name: TableName) -> None:
    appended(lake, name)
    lake.writer.delete(name, "true")


def folded(lake: Lake, name: TableName) -> None:
    deleted(lake, name)
    lake.upkeep.compact(name)
    lake.upsert(name, "SELECT 2 AS id, 9 AS n, 'after' AS name")


def rolled_back(lake: Lake, name: TableName) -> None:
    upserted(lake, name)
    state = lake.catalog.head(name).snapshot_id
    lake.writer.delete(name, "id < 20")
    timeline.rollback(lake.catalog, name, state, now_ms=lake.clock.now_ms())


def evolved(lake: Lake, name: TableName) -> None:
    deleted(lake, name)
    steps = [
        WidenColumn(name="n", type="BIGINT"),
        RenameColumn(name="name", to="label"),
        AddColumn(name="extra", type="DATE"),
    ]
    evolve(lake.catalog, name, steps)
    lake.upsert(name, "SELECT 4 AS id, 5000000000 AS n, 'late' AS label, DATE '2024-01-01' AS extra")


def narrowed(lake: Lake, name: TableName) -> None:
    appended(lake, name)
    evolve(lake.catalog, name, [DropColumn(name="n")])
    lake.writer.delete(name, "id = 3")


def replaced(lake: Lake, name: TableName) -> None:
    upserted(lake, name)
    staged = lake.stage(name, "SELECT 1 AS id, 2 AS n, 'only' AS name")
    lake.writer.replace(name, lake.batch(staged))


KINDS = (appended, upserted, deleted, deleted_wholly, folded, rolled_back, evolved, narrowed, replaced)
DROPPED = (
    "Daft 0.7.26 fails ('failed to fill whole buffer') on a file of which a column but the last was dropped, "
    "in tables that PyIceberg alone made too, whatever options PyArrow writes the file with"
)
DAFT_CANNOT = {narrowed: DROPPED}


@pytest.mark.parametrize("prepare", KINDS, ids=lambda prepare: prepare.__name__)
def test_pyiceberg_sees_the_rows_that_duckdb_sees(lake: Lake, prepare: Prepare) -> None:
    name = lake.table("", "id BIGINT, n INTEGER, name VARCHAR")
    prepare(lake, name)
    assert by_pyiceberg(lake, name) == sorted(lake.rows(name), key=repr)


@pytest.mark.parametrize("prepare", KINDS, ids=lambda prepare: prepare.__name__)
def test_daft_sees_the_rows_that_duckdb_sees(
    lake: Lake, prepare: Prepare, request: pytest.FixtureRequest
) -> None:
    if reason := DAFT_CANNOT.get(prepare):
        request.applymarker(pytest.mark.xfail(reason=reason, strict=True))
    name = lake.table("", "id BIGINT, n INTEGER, name VARCHAR")
    prepare(lake, name)
    assert by_daft(lake, name) == sorted(lake.rows(name), key=repr)


def test_an_empty_table_is_empty_for_every_reader(lake: Lake) -> None:
    name = lake.table()
    assert by_pyiceberg(lake, name) == by_daft(lake, name) == []


PLAIN = "id BIGINT, d DATE, ts TIMESTAMP, tz TIMESTAMPTZ, m DECIMAL(12,3), b BLOB, s STRUCT(a BIGINT)"
PLAIN_ROW = """SELECT 1 AS id, DATE '2024-02-29' AS d, TIMESTAMP '2024-02-29 01:02:03.456789' AS ts,
    TIMESTAMPTZ '2024-02-29 01:02:03+00' AS tz, 1.250 AS m, '\\x00\\xFF'::BLOB AS b, {'a': 1} AS s"""


def test_wide_types_read_the_same_everywhere(lake: Lake) -> None:
    name = lake.table("", PLAIN)
    lake.append(name, PLAIN_ROW)
    lake.upsert(name, "SELECT 2 AS id, {'a': 7} AS s")
    assert by_daft(lake, name) == by_pyiceberg(lake, name)
    assert by_daft(lake, name)[0][4:] == (decimal.Decimal("1.250"), b"\x00\xff", {"a": 1})


NESTED = {
    "l": ("VARCHAR[]", "['x', NULL]", ["x", None]),
    "ll": ("BIGINT[][]", "[[1, 2], [], NULL]", [[1, 2], [], None]),
    "ls": ("STRUCT(a BIGINT, b VARCHAR)[]", "[{'a': 1, 'b': 'y'}]", [{"a": 1, "b": "y"}]),
    "sl": ("STRUCT(a BIGINT[], b VARCHAR)", "{'a': [3], 'b': NULL}", {"a": [3], "b": None}),
    "m": ("MAP(VARCHAR, BIGINT)", "MAP {'k': 4}", [("k", 4)]),
    "ml": ("MAP(VARCHAR, BIGINT[])", "MAP {'k': [5]}", [("k", [5])]),
    "lm": ("MAP(VARCHAR, BIGINT)[]", "[MAP {'k': 6}]", [[("k", 6)]]),
}
"""Columns of lists and maps in every order: type, a value in SQL, and as Arrow gives it back."""


@pytest.mark.parametrize("column", NESTED)
def test_lists_and_maps_of_every_write_read_the_same_everywhere(lake: Lake, column: str) -> None:
    kind, value, expected = NESTED[column]
    name = lake.table("", f"id BIGINT, v {kind}, after VARCHAR")
    lake.append(name, f"SELECT 1 AS id, {value} AS v, 'z' AS after")
    lake.upsert(name, f"SELECT 2 AS id, {value} AS v, 'z' AS after")
    both = [(1, expected, "z"), (2, expected, "z")]
    assert by_daft(lake, name) == by_pyiceberg(lake, name) == both
    lake.writer.delete(name, "id = 1")
    lake.upkeep.compact(name)
    assert by_daft(lake, name) == by_pyiceberg(lake, name) == both[1:]
    lake.upsert(name, "SELECT 2 AS id, NULL AS after")
    assert by_daft(lake, name) == by_pyiceberg(lake, name) == [(2, expected, None)]


def test_lists_of_an_ingested_file_read_the_same_everywhere(tmp_path: Path) -> None:
    for n in (1, 2):
        line = {"id": n, "tags": ["a", None], "sizes": [n, 2], "s": {"t": [n / 2]}, "after": "z"}
        (tmp_path / f"{n}.ndjson").write_text(json.dumps(line) + "\n")
    with lakehouse.open(tmp_path / "lake") as opened:
        assert opened.ingest(tmp_path / "1.ndjson", table="t", key="id").status == "created"
        assert opened.ingest(tmp_path / "2.ndjson", table="t", key="id").status == "upserted"
        assert opened.upsert("t", [{"id": 3, "tags": ["late"]}], key="id").rows == 1
        ours = opened.sql("SELECT * FROM t ORDER BY id").rows()
        assert {"VARCHAR[]", "BIGINT[]", "DOUBLE[]"} <= {c.type for c in opened.show("t").columns}
    table = StaticTable.from_metadata(str(max((tmp_path / "lake").rglob("*.metadata.json"))))
    assert in_order(daft.read_iceberg(table).to_arrow()) == in_order(table.scan().to_arrow()) == ours


def pyiceberg_only(folder: Path, schema: Schema, rows: list[dict[str, object]]) -> Table:
    """A table that nothing of ours has touched."""
    catalog = SqlCatalog("own", uri=f"sqlite:///{folder}/own.sqlite", warehouse=f"file://{folder}")
    catalog.create_namespace("n")
    table = catalog.create_table("n.t", schema)
    table.append(pa.Table.from_pylist(rows, schema=table.schema().as_arrow()))
    return table


def daft_as_pyiceberg(table: Table) -> bool:
    plain = StaticTable.from_metadata(table.metadata_location)
    return bool(in_order(daft.read_iceberg(plain).to_arrow()) == in_order(plain.scan().to_arrow()))


THREE = Schema(*(NestedField(n, f"c{n}", LongType(), required=False) for n in (1, 2, 3)))


@pytest.mark.parametrize(
    "column",
    [
        pytest.param("c1", marks=pytest.mark.xfail(reason=DROPPED, strict=True)),
        pytest.param("c2", marks=pytest.mark.xfail(reason=DROPPED, strict=True)),
        "c3",
    ],
)
def test_daft_reads_what_pyiceberg_dropped_a_column_of(tmp_path: Path, column: str) -> None:
    table = pyiceberg_only(tmp_path, THREE, [{"c1": 1, "c2": 10, "c3": 100}])
    with table.update_schema() as update:
        update.delete_column(column)
    assert daft_as_pyiceberg(table)


def foreign(lake: Lake, *, partitioned: bool) -> TableName:
    """A table that PyIceberg made, with every type it can write, in three commits."""
    schema = Schema(
        NestedField(1, "id", LongType(), required=False),
        NestedField(2, "kind", StringType(), required=False),
        NestedField(3, "day", DateType(), required=False),
        NestedField(4, "at", TimestampType(), required=False),
        NestedField(5, "tz", TimestamptzType(), required=False),
        NestedField(6, "money", DecimalType(10, 2), required=False),
        NestedField(7, "x", DoubleType(), required=False),
        NestedField(8, "raw", BinaryType(), required=False),
        NestedField(9, "tags", ListType(10, StringType(), element_required=False), required=False),
        NestedField(11, "s", StructType(NestedField(12, "a", LongType(), required=False)), required=False),
        NestedField(13, "m", MapType(14, StringType(), 15, LongType(), value_required=False), required=False),
    )
    field = PartitionField(source_id=2, field_id=1000, transform=IdentityTransform(), name="kind")
    client = RestCatalog("lake", uri=lake.door.url, token=lake.door.token)
    name = names.parse(f"foreign_{uuid.uuid4().hex[:8]}")
    extra = {"partition_spec": PartitionSpec(field)} if partitioned else {}
    table = client.create_table((name.namespace, name.table), schema, **extra)
    moment = dt.datetime(2024, 2, 29, 1, 2, 3, 456789, dt.UTC)
    rows = [
        {
            "id": n,
            "kind": "ab"[n % 2],
            "day": moment.date(),
            "at": moment.replace(tzinfo=None),
            "tz": moment,
            "money": decimal.Decimal("1.25"),
            "x": n / 2,
            "raw": b"\x00",
            "tags": ["t", None],
            "s": {"a": n},
            "m": [("k", n)],
        }
        for n in range(6)
    ]
    table.append(pa.Table.from_pylist(rows[:4], schema=table.schema().as_arrow()))
    table.append(pa.Table.from_pylist(rows[4:], schema=table.schema().as_arrow()))
    table.overwrite(
        pa.Table.from_pylist(rows[:1], schema=table.schema().as_arrow()), overwrite_filter="id <= 1"
    )
    return name


@pytest.mark.parametrize("partitioned", [False, True])
def test_a_table_written_by_pyiceberg_is_readable_here(lake: Lake, partitioned: bool) -> None:
    name = foreign(lake, partitioned=partitioned)
    expected = [0, 2, 3, 4, 5]
    assert [row[0] for row in lake.rows(name)] == expected
    assert [row[0] for row in lake.planned(name)] == expected
    assert lake.rows(name, what="sum(money), max(s.a), count(DISTINCT kind)") == [
        (decimal.Decimal("6.25"), 5, 2)
    ]
    assert timeline.history(lake.catalog.head(name))[0].rows == 5


def test_whole_files_are_not_put_into_a_partitioned_table(lake: Lake) -> None:
    name = foreign(lake, partitioned=True)
    before = lake.catalog.head(name)
    staged = lake.stage(name, "SELECT 7 AS id, 'a' AS kind")
    for write in (lake.writer.append, lake.writer.replace):
        with pytest.raises(Invalid, match="partitioned"):
            write(name, lake.batch(staged))
    assert lake.catalog.head(name) == before


def test_rows_of_a_partitioned_table_change_one_by_one(lake: Lake) -> None:
    name = foreign(lake, partitioned=True)
    lake.upsert(name, "SELECT 2 AS id, 'z' AS kind UNION ALL SELECT 9, 'new'")
    lake.writer.delete(name, "id = 3")
    expected = [(0, "a"), (2, "z"), (4, "a"), (5, "b"), (9, "new")]
    assert lake.rows(name, what="id, kind") == expected
    assert [row[:2] for row in by_pyiceberg(lake, name)] == expected


def test_a_table_written_by_pyiceberg_can_be_changed_and_folded_here(lake: Lake) -> None:
    name = foreign(lake, partitioned=False)
    lake.upsert(name, "SELECT 2 AS id, 'z' AS kind UNION ALL SELECT 9, 'new'")
    lake.writer.delete(name, "id = 3")
    before = lake.rows(name)
    assert [row[:2] for row in before] == [(0, "a"), (2, "z"), (4, "a"), (5, "b"), (9, "new")]
    lake.upkeep.compact(name)
    assert lake.rows(name) == before
    assert [row[:2] for row in by_pyiceberg(lake, name)] == [row[:2] for row in before]
