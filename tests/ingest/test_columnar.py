"""Parquet and Arrow keep their types as far as Iceberg v2 has them."""

import datetime as dt
import decimal
import uuid
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakehouse.base.errors import Invalid
from lakehouse.ingest.described.stored import stored_type
from tests.ingest.loading import inspect, load, rejects, rows

TABLE = pa.table(
    {
        "tiny": pa.array([1, None], pa.int8()),
        "unsigned": pa.array([2**32 - 1, 0], pa.uint32()),
        "huge": pa.array([2**64 - 1, 0], pa.uint64()),
        "nano": pa.array([1_500_000_001, None], pa.timestamp("ns")),
        "zoned": pa.array([0, None], pa.timestamp("ms", "Europe/Berlin")),
        "kind": pa.array(["a", "b"]).dictionary_encode(),
        "price": pa.array([decimal.Decimal("1.50"), None], pa.decimal128(10, 2)),
        "tags": pa.array([["x", None], []], pa.list_(pa.string())),
        "place": pa.array(
            [{"city": "Rome", "at": [1, 2]}, None],
            pa.struct({"city": pa.string(), "at": pa.list_(pa.int16())}),
        ),
        "blob": pa.array([b"\x00\xff", None], pa.binary()),
    }
)


def parquet(table: pa.Table) -> bytes:
    out = pa.BufferOutputStream()
    pq.write_table(table, out)
    return bytes(out.getvalue())


def arrow(table: pa.Table, *, stream: bool) -> bytes:
    out = pa.BufferOutputStream()
    with (pa.ipc.new_stream if stream else pa.ipc.new_file)(out, table.schema) as writer:
        writer.write_table(table)
    return bytes(out.getvalue())


SOURCES = {
    "t.parquet": parquet(TABLE),
    "t.arrow": arrow(TABLE, stream=False),
    "t.arrows": arrow(TABLE, stream=True),
}


@pytest.mark.parametrize("name", SOURCES)
def test_every_format_gives_the_same_table(tmp_path: Path, name: str) -> None:
    done = load(tmp_path, SOURCES[name], name=name)
    assert (done.rows_read, done.rows_written) == (2, 2)
    first, second = rows(done)
    moment = dt.datetime(1970, 1, 1, 0, 0, 1, 500_000)  # noqa: DTZ001 - the column has no zone
    assert first[:4] == (1, 2**32 - 1, decimal.Decimal(2**64 - 1), moment)
    assert first[5:] == (
        "a",
        decimal.Decimal("1.50"),
        ["x", None],
        {"city": "Rome", "at": [1, 2]},
        b"\x00\xff",
    )
    assert second[8] is None


@pytest.mark.parametrize("name", SOURCES)
def test_types_that_iceberg_lacks_are_widened(tmp_path: Path, name: str) -> None:
    types = [c.type for c in inspect(tmp_path, SOURCES[name], name=name).columns]
    assert types[:4] == ["INTEGER", "BIGINT", "DECIMAL(38,0)", "TIMESTAMP"]
    assert types[4:7] == ["TIMESTAMP WITH TIME ZONE", "VARCHAR", "DECIMAL(10,2)"]
    assert types[7] == "VARCHAR[]"
    assert types[9] == "BLOB"


@pytest.mark.parametrize("name", SOURCES)
def test_a_file_cut_off_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Invalid, match="damaged"):
        load(tmp_path, SOURCES[name][: len(SOURCES[name]) // 2], name=name)


@pytest.mark.parametrize("name", SOURCES)
def test_a_file_without_rows_is_a_table_without_rows(tmp_path: Path, name: str) -> None:
    empty = {"t.parquet": parquet(TABLE[:0])}.get(name) or arrow(TABLE[:0], stream=name == "t.arrows")
    assert load(tmp_path, empty, name=name).rows_read == 0


def test_an_asked_for_type_rejects_the_rows_it_does_not_fit(tmp_path: Path) -> None:
    table = pa.table({"a": ["1", "x", "", None]})
    done = load(tmp_path, parquet(table), name="t.parquet", types={"a": "BIGINT"})
    assert rows(done) == [(1,), (None,), (None,)]
    assert rejects(done) == [(2, "a is not a BIGINT", "")]


def test_personal_data_is_found_in_typed_files_too(tmp_path: Path) -> None:
    table = pa.table({"contact": ["a@b.com", "c@d.org", "e@f.net"]})
    found = inspect(tmp_path, parquet(table), name="t.parquet").columns[0].pii
    assert found
    assert found.kind == "email"


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("TINYINT", "INTEGER"),
        ("ENUM('a', 'b')", "VARCHAR"),
        ("INTERVAL", "VARCHAR"),
        ("TIMESTAMP_NS", "TIMESTAMP"),
        ("INTEGER[3]", "INTEGER[]"),
        ("UNION(a INTEGER)", "VARCHAR"),
        ("UUID", "UUID"),
        ("MAP(VARCHAR, TINYINT)", "MAP(VARCHAR, INTEGER)"),
    ],
)
def test_a_type_is_stored_as(given: str, stored: str) -> None:
    assert stored_type(given) == stored


@pytest.mark.parametrize("layout", ["parquet", "stream"])
def test_decimals_that_would_be_misread_are_refused(tmp_path: Path, layout: str) -> None:
    table = pa.table({"d": pa.array([decimal.Decimal("1.00")], pa.decimal256(50, 2))})
    data = parquet(table) if layout == "parquet" else arrow(table, stream=True)
    with pytest.raises(Invalid):
        load(tmp_path, data, name=f"d.{layout}")


VECTORS = pa.table(
    {
        "id": pa.array(range(5000)),
        'the "v"': pa.array([[0.5, None, n] for n in range(4999)] + [None], pa.list_(pa.float32())),
        "w": pa.array([[float(n)] for n in range(5000)], pa.list_(pa.float64(), 1)),
        "at": pa.array([0] * 5000, pa.timestamp("us", "UTC")),
        "word": ["same"] * 5000,
    }
)


@pytest.mark.parametrize(
    ("name", "data"), [("v.parquet", parquet(VECTORS)), ("v.arrows", arrow(VECTORS, stream=True))]
)
def test_vectors_are_staged_as_they_are_beside_columns_that_are_compressed(
    tmp_path: Path, name: str, data: bytes
) -> None:
    done = load(tmp_path, data, name=name)
    staged = pq.ParquetFile(done.files[0].path)
    group = staged.metadata.row_group(0)
    codecs = {c.path_in_schema: c.compression for c in map(group.column, range(group.num_columns))}
    assert codecs['the "v".list.element'] == codecs["w.list.element"] == "UNCOMPRESSED"
    assert codecs["id"] == codecs["at"] == codecs["word"] == "ZSTD"
    assert staged.read()['the "v"'].to_pylist() == VECTORS['the "v"'].to_pylist()
    assert [row[0] for row in rows(done)] == list(range(5000))


def test_vectors_carry_the_field_ids_of_the_list_and_of_its_values(tmp_path: Path) -> None:
    done = load(tmp_path, parquet(VECTORS), name="v.parquet")
    schema = pq.read_schema(done.files[0].path)
    assert schema.field('the "v"').metadata[b"PARQUET:field_id"] == b"2"
    assert schema.field('the "v"').type.value_field.metadata[b"PARQUET:field_id"] == b"6"
    assert schema.field("w").type.value_field.metadata[b"PARQUET:field_id"] == b"7"


def test_vectors_beside_a_type_that_arrow_would_change_keep_both(tmp_path: Path) -> None:
    with duckdb.connect() as con:
        con.execute(
            "COPY (SELECT uuid() AS u, [1.5::FLOAT] AS v) TO '" + str(tmp_path / "u") + "' (FORMAT parquet)"
        )
    done = load(tmp_path, (tmp_path / "u").read_bytes(), name="u.parquet")
    assert done.types == ("UUID", "FLOAT[]")
    assert isinstance(rows(done)[0][0], uuid.UUID)


def test_long_vectors_are_staged_in_groups_that_fit_into_memory(tmp_path: Path) -> None:
    long = pa.FixedSizeListArray.from_arrays(pa.array(np.zeros(2048 * 3 * 4096, np.float32)), 4096)
    done = load(tmp_path, parquet(pa.table({"v": long})), name="v.parquet")
    staged = pq.read_metadata(done.files[0].path)
    assert [staged.row_group(n).num_rows for n in range(staged.num_row_groups)] == [4096, 2048]
