"""Footers that DuckDB wrote say of each list and map what PyArrow's say, and nothing else changes."""

from contextlib import suppress
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.duck import connect, quote_text
from lakehouse.table.files.footer import TAIL_BYTES, footer_bytes, marked, with_tail

VALUES = {
    "list": "['x', NULL]",
    "map": "MAP {'k': 1}",
    "deep": "[[1], [2, 3]]",
    "mixed": "[{'a': MAP {'k': [1]}, 'b': 1}]",
    "flat": "{'a': 1}",
}


def by_duckdb(path: Path, values: dict[str, str], ids: str = "") -> Path:
    with connect(threads=1, memory_bytes=1 << 28, temp=path) as con:
        picked = ", ".join(f"{value} AS {name}" for name, value in values.items())
        target = quote_text(str(path / "duck.parquet"))
        con.execute(f"COPY (SELECT {picked}) TO {target} (FORMAT parquet{ids})")
    return path / "duck.parquet"


def footer_of(path: Path) -> tuple[bytes, bytes]:
    """What stands before a file's footer, and the footer."""
    data = path.read_bytes()
    start = len(data) - TAIL_BYTES - footer_bytes(data[-TAIL_BYTES:])
    return data[:start], data[start:-TAIL_BYTES]


def with_footer(path: Path, footer: bytes) -> Path:
    rows, _ = footer_of(path)
    other = path.with_name("other.parquet")
    other.write_bytes(rows + with_tail(footer))
    return other


def logical_types(path: Path) -> list[tuple[str, str | None]]:
    """Every list and map of a file with its logical type."""
    query = f"FROM parquet_schema({quote_text(str(path))}) SELECT name, logical_type WHERE converted_type"
    return duckdb.sql(f"{query} IN ('LIST', 'MAP')").fetchall()


@pytest.mark.parametrize("ids", ["", ", FIELD_IDS 'auto'"])
@pytest.mark.parametrize("name", VALUES)
def test_every_list_and_map_gets_its_logical_type(tmp_path: Path, name: str, ids: str) -> None:
    path = by_duckdb(tmp_path, {"id": "1", name: VALUES[name], "after": "'z'"}, ids)
    before = logical_types(path)
    other = with_footer(path, marked(footer_of(path)[1]))
    assert {kind for _, kind in before} <= {None}, "DuckDB marks them itself by now: this module can go"
    assert [n for n, _ in logical_types(other)] == [n for n, _ in before]
    assert {kind for _, kind in logical_types(other)} <= {"ListType()", "MapType()"}
    assert pq.read_table(other).equals(pq.read_table(path))
    assert duckdb.read_parquet(str(other)).fetchall() == duckdb.read_parquet(str(path)).fetchall()


def test_a_marked_footer_and_one_of_pyarrow_stay_as_they_are(tmp_path: Path) -> None:
    once = marked(footer_of(by_duckdb(tmp_path, VALUES))[1])
    assert marked(once) == once
    pq.write_table(pa.table({"l": [[1]], "t": pa.array([1], pa.timestamp("us"))}), tmp_path / "arrow.parquet")
    theirs = footer_of(tmp_path / "arrow.parquet")[1]
    assert marked(theirs) == theirs


def test_a_file_of_many_columns_is_marked_in_each(tmp_path: Path) -> None:
    path = by_duckdb(tmp_path, {f"c{n}": "[1]" for n in range(300)})
    before = footer_of(path)[1]
    assert len(marked(before)) == len(before) + 4 * 300
    assert {kind for _, kind in logical_types(with_footer(path, marked(before)))} == {"ListType()"}


def test_a_footer_that_breaks_off_in_its_schema_is_refused(tmp_path: Path) -> None:
    footer = footer_of(by_duckdb(tmp_path, VALUES))[1]
    end = footer.index(b"flat") + 4
    for length in range(end):
        with pytest.raises(ValueError, match="no Parquet footer"):
            marked(footer[:length])


@pytest.mark.parametrize(
    "data",
    [
        b"\x00",  # ends before its schema
        b"\x19\x1c\x1d\x00",  # a schema at another place than its own
        b"\x29\x1c\x1d\x00",  # an element with a field of a kind unknown
        b"\x29\x1c" + b"\x1c" * 100_000,  # structs without end
        b"\x29\xfc" + b"\xff" * 20,  # a number without end
    ],
)
def test_what_is_no_footer_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="no Parquet footer"):
        marked(data)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_footer_or_refused(data: bytes) -> None:
    with suppress(ValueError):
        assert len(marked(data)) >= len(data)


@pytest.mark.parametrize("tail", [b"", b"PAR1", b"\x05\x00\x00\x00PARE", b"\x05\x00\x00\x00PAR"])
def test_a_file_that_does_not_end_like_parquet_has_no_footer(tail: bytes) -> None:
    assert footer_bytes(tail) == 0


def test_the_length_of_a_footer_stands_before_the_magic() -> None:
    assert footer_bytes(with_tail(b"x" * 300)[-TAIL_BYTES:]) == 300
