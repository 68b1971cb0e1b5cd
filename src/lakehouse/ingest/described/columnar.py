"""[acts] Parquet and Arrow to staged Parquet: types that Iceberg v2 holds, nested ones kept."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

import duckdb
import pyarrow as pa

from lakehouse.base.duck import quote_name, quote_text
from lakehouse.base.errors import Invalid
from lakehouse.ingest.described import restage
from lakehouse.ingest.shape import Conversion, Format, Reject
from lakehouse.ingest.write import Order, RejectLog, conversion, open_duck

Layout = Literal["parquet", "arrow-file", "arrow-stream"]

NESTED: Final = re.compile(r"\]$|^(?:STRUCT|MAP)\(")
"""DuckDB types whose values are made of others."""


def layout_of(kind: Format) -> Layout:
    """`kind` as one of the formats that are read here.

    Raises:
        Invalid: it is another one.
    """
    if kind in ("parquet", "arrow-file", "arrow-stream"):
        return kind
    raise Invalid(f"{kind} is not a columnar format", hint="send Parquet or Arrow")


@contextmanager
def opened(con: duckdb.DuckDBPyConnection, path: Path, layout: Layout) -> Iterator[str]:
    """A relation that yields the file's rows in order, to stand after FROM; an Arrow one can be read once.

    Raises:
        Invalid: the file is damaged.
    """
    if layout == "parquet":
        yield f"read_parquet({quote_text(str(path))})"
        return
    try:
        with pa.memory_map(str(path)) as source:
            reader = pa.ipc.open_stream(source) if layout == "arrow-stream" else _file_reader(source)
            _register(con, reader)
            yield "arrow_rows"
    except pa.ArrowException as error:
        raise _damaged() from error
    finally:
        con.unregister("arrow_rows")


def _register(con: duckdb.DuckDBPyConnection, reader: pa.RecordBatchReader) -> None:
    try:
        con.register("arrow_rows", reader)
    except duckdb.NotImplementedException as error:
        raise Invalid("a column's type cannot be read", hint="write it with a plainer type") from error


def columns(con: duckdb.DuckDBPyConnection, path: Path, layout: Layout) -> tuple[tuple[str, str], ...]:
    """Names and DuckDB types of the file's columns.

    Raises:
        Invalid: the file is damaged, or holds numbers that DuckDB misreads.
    """
    with opened(con, path, layout) as relation:
        try:
            if layout == "parquet":
                _require_short_decimals(con, path)
            return restage.describe(con, relation)
        except duckdb.Error as error:
            raise restage.mapped(error) from error


def _require_short_decimals(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    # DuckDB 1.5 reads 1.00 of a longer one as 16777216.0, and says nothing.
    long = "SELECT name FROM parquet_schema(?) WHERE precision > 38"
    if found := con.execute(long, [str(path)]).fetchone():
        why = f"column {str(found[0])[:60]!r} holds decimals of more than 38 digits"
        raise Invalid(why, hint="write it with at most 38, or as text")


def sample(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    layout: Layout,
    described: Sequence[tuple[str, str]],
    rows: int,
) -> list[tuple[object, ...]]:
    """The first rows; None for lists, maps and structs: embeddings of 2,000 rows are a million numbers.

    Args: `described`, the file's columns as `columns` gives them.
    """
    values = ", ".join("NULL" if NESTED.search(kind) else quote_name(name) for name, kind in described)
    with opened(con, path, layout) as relation:
        try:
            return con.execute(f"SELECT {values} FROM {relation} LIMIT {rows}").fetchall()
        except duckdb.Error as error:
            raise restage.mapped(error) from error


def count(con: duckdb.DuckDBPyConnection, path: Path, layout: Layout) -> int:
    """How many rows the file itself says it has: Parquet's footer, or the headers of Arrow's batches."""
    try:
        if layout == "parquet":
            sizes = con.execute("SELECT num_rows FROM parquet_file_metadata(?)", [str(path)]).fetchall()
            return sum(int(row[0]) for row in sizes)
        with pa.memory_map(str(path)) as source:
            batches = pa.ipc.open_stream(source) if layout == "arrow-stream" else _batches(source)
            return sum(batch.num_rows for batch in batches)
    except pa.ArrowException as error:
        raise _damaged() from error
    except duckdb.Error as error:
        raise restage.mapped(error) from error


def convert(path: Path, layout: Layout, order: Order) -> Conversion:
    """Write the file's rows as Parquet; rows that an asked-for type does not fit are rejects.

    Raises:
        Invalid: the file is damaged.
    """
    rejects = RejectLog(order.out / "rejects.ndjson")
    with open_duck(order.out, columns=len(order.targets)) as con:
        read, natural = count(con, path, layout), columns(con, path, layout)
        with opened(con, path, layout) as relation:
            staged = restage.restage(con, relation, natural=natural, order=order)
        if staged.rows < read:
            with opened(con, path, layout) as relation:
                found = restage.misfits(con, relation, natural=natural, targets=order.targets)
                rejects.add(Reject(line=n + 1, reason=why, raw="") for n, why in found)
    return conversion(
        staged, rejects, read=read, targets=order.targets, counted_by="the file's own row counts"
    )


def _file_reader(source: pa.NativeFile) -> pa.RecordBatchReader:
    file = pa.ipc.open_file(source)
    return pa.RecordBatchReader.from_batches(file.schema, _batches(source))


def _batches(source: pa.NativeFile) -> Iterator[pa.RecordBatch]:
    file = pa.ipc.open_file(source)
    return (file.get_batch(n) for n in range(file.num_record_batches))


def _damaged() -> Invalid:
    return Invalid(
        "the Arrow file is damaged or cut off", hint="write it again with the program that made it"
    )
