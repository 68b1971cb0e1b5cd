"""What a manifest says of a data file is what PyIceberg would have said, and never less than the truth."""

import logging
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyiceberg.conversions import from_bytes
from pyiceberg.io.pyarrow import (
    compute_statistics_plan,
    data_file_statistics_from_parquet_metadata,
    parquet_path_to_id_mapping,
)
from pyiceberg.manifest import DataFile
from pyiceberg.schema import Schema

from lakehouse.base.duck import connect, quote_text
from lakehouse.base.errors import Corrupt
from lakehouse.table.files.datafile import data_file
from lakehouse.table.schema import Column, field_ids, new_schema

FIGURES = (
    "column_sizes",
    "value_counts",
    "null_value_counts",
    "lower_bounds",
    "upper_bounds",
    "split_offsets",
)

TYPES = {
    "BIGINT": "i",
    "INTEGER": "i::INTEGER - 500",
    "DOUBLE": "i / 7.0",
    "FLOAT": "(i / 3)::FLOAT",
    "BOOLEAN": "i % 2 = 0",
    "DATE": "DATE '2020-01-01' + i::INTEGER",
    "TIMESTAMP": "TIMESTAMP '2020-01-01' + to_seconds(i)",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ '2020-01-01 00:00:00+00' + to_seconds(i)",
    "VARCHAR": "'a rather long text, row ' || i",
    "DECIMAL(9,2)": "i::DECIMAL(9,2)",
    "DECIMAL(18,4)": "i::DECIMAL(18,4)",
    "BIGINT[]": "[i, i + 1]",
    "STRUCT(a BIGINT, b VARCHAR)": "{a: i, b: 'x'}",
    "MAP(VARCHAR, BIGINT)": "MAP {'k': i}",
}


def written(path: Path, expressions: dict[str, str], *, rows: int = 1000) -> tuple[Path, Schema]:
    """A Parquet file with a column for each type, and the schema it was written for."""
    schema = new_schema([Column(name=f"c{n}", type=kind) for n, kind in enumerate(expressions)])
    picked = ", ".join(f"({e})::{kind} AS c{n}" for n, (kind, e) in enumerate(expressions.items()))
    with connect(threads=1, memory_bytes=1 << 28, temp=path) as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute(
            f"COPY (SELECT {picked} FROM range({rows}) AS r(i)) TO {quote_text(str(path / 'f.parquet'))} "
            f"(FORMAT parquet, ROW_GROUP_SIZE 2048, FIELD_IDS {field_ids(schema)})"
        )
    return path / "f.parquet", schema


def bounds(file: DataFile, schema: Schema, field_id: int) -> tuple[object, object]:
    kind = schema.find_type(field_id)
    return from_bytes(kind, file.lower_bounds[field_id]), from_bytes(kind, file.upper_bounds[field_id])


@pytest.mark.parametrize("rows", [1000, 5000])
def test_the_figures_are_those_of_pyiceberg(tmp_path: Path, rows: int) -> None:
    path, schema = written(tmp_path, TYPES, rows=rows)
    theirs = data_file_statistics_from_parquet_metadata(
        parquet_metadata=pq.read_metadata(path),
        stats_columns=compute_statistics_plan(schema, {}),
        parquet_column_mapping=parquet_path_to_id_mapping(schema),
    ).to_serialized_dict()
    ours = data_file(path, "/elsewhere/f.parquet", schema)
    assert {name: getattr(ours, name) for name in FIGURES} == {name: theirs[name] for name in FIGURES}
    assert ours.record_count == rows
    assert ours.file_path == "/elsewhere/f.parquet"


def test_bounds_hold_over_row_groups_that_are_all_null(tmp_path: Path) -> None:
    path, schema = written(tmp_path, {"BIGINT": "CASE WHEN i >= 4096 THEN i END"}, rows=5000)
    file = data_file(path, str(path), schema)
    assert bounds(file, schema, 1) == (4096, 4999)
    assert file.null_value_counts == {1: 4096}


def test_a_column_of_nulls_has_no_bounds(tmp_path: Path) -> None:
    path, schema = written(tmp_path, {"BIGINT": "NULL", "VARCHAR": "NULL"}, rows=10)
    file = data_file(path, str(path), schema)
    assert (file.lower_bounds, file.upper_bounds) == ({}, {})
    assert file.null_value_counts == {1: 10, 2: 10}


def test_a_row_group_that_says_nothing_leaves_the_column_without_bounds(tmp_path: Path) -> None:
    long = "CASE WHEN i = 3000 THEN repeat('z', 100000) ELSE 'a' END"
    path, schema = written(tmp_path, {"VARCHAR": long}, rows=5000)
    file = data_file(path, str(path), schema)
    assert file.upper_bounds == {} or bounds(file, schema, 1)[1] >= "z" * 16  # type: ignore[operator]


def test_long_texts_are_bounded_by_their_beginnings(tmp_path: Path) -> None:
    path, schema = written(tmp_path, {"VARCHAR": "'0123456789abcdefgh' || i"}, rows=10)
    assert bounds(data_file(path, str(path), schema), schema, 1) == ("0123456789abcdef", "0123456789abcdeg")


def test_columns_that_the_table_lacks_are_corrupt(tmp_path: Path) -> None:
    path, _ = written(tmp_path, {"BIGINT": "i", "VARCHAR": "'x'"}, rows=10)
    with pytest.raises(Corrupt, match="1 columns"):
        data_file(path, str(path), new_schema([Column(name="c0", type="BIGINT")]))


def test_what_is_not_parquet_is_corrupt(tmp_path: Path) -> None:
    (tmp_path / "f.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(Corrupt):
        data_file(tmp_path / "f.parquet", "f", new_schema([Column(name="a", type="BIGINT")]))


def test_a_file_without_statistics_has_sizes_and_counts_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pq.write_table(pa.table({"a": [1, 2, 3]}), tmp_path / "f.parquet", write_statistics=False)
    with caplog.at_level(logging.WARNING):
        file = data_file(tmp_path / "f.parquet", "f", new_schema([Column(name="a", type="BIGINT")]))
    assert (file.record_count, file.value_counts) == (3, {1: 3})
    assert (file.lower_bounds, file.null_value_counts) == ({}, {})
    assert not caplog.records
