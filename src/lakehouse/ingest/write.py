"""[acts] The one place where staged Parquet is written, whatever the source was."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from lakehouse.base.duck import connect, quote_text
from lakehouse.base.errors import Corrupt
from lakehouse.ingest.shape import Conversion, Reject, StagedFile, Target

ROW_GROUP_ROWS: Final = 122_880
DUCK_MEMORY_BYTES: Final = 700_000_000
"""DuckDB's buffers; with its code, the reader's blocks and Python the process stays below 1.2 GB."""

FIELD_ID: Final = re.compile(r'"((?:[^"]|"")*)": ([0-9]+)')
"""One simple column in the literal of field ids."""

GROUP_CELLS: Final = 6_000_000
GROUP_BYTES: Final = 64 << 20
"""Bounds of one row group, so that 3,000 columns or long texts do not fill the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be written, and where."""

    targets: tuple[Target, ...]
    field_ids: str
    """DuckDB's literal of Iceberg field ids by name, as `lakehouse.table.schema.field_ids` gives it."""

    out: Path
    """An empty folder, for the Parquet, the rejects and temporary files."""

    @property
    def part(self) -> Path:
        """The Parquet file."""
        return self.out / "part-0.parquet"


WIDE_COLUMNS: Final = 500
WIDE_MEMORY_BYTES: Final = 1_100_000_000
WIDE_BATCH_ROWS: Final = 2048
"""DuckDB's COPY holds at least 256 KiB for each column, several times: 1 GB is too little for 1,200 columns.
Wide tables are streamed through Arrow on one thread instead: 4,000 columns in 1.1 GB."""


def open_duck(scratch: Path, *, columns: int) -> duckdb.DuckDBPyConnection:
    """A connection fit for one conversion: times in UTC, rows in the order of the source."""
    wide = columns > WIDE_COLUMNS
    con = connect(
        threads=1 if wide else 2,
        memory_bytes=WIDE_MEMORY_BYTES if wide else DUCK_MEMORY_BYTES,
        temp=scratch / "spill",
    )
    con.execute("SET TimeZone = 'UTC'")
    return con


def group_rows(columns: int, row_bytes: float) -> int:
    """How many rows of `columns` columns and about `row_bytes` bytes make one row group."""
    bound = min(GROUP_CELLS / max(columns, 1), GROUP_BYTES / max(row_bytes, 1))
    return int(min(ROW_GROUP_ROWS, max(2048, bound)))


def write_parquet(
    con: duckdb.DuckDBPyConnection, select: str, order: Order, *, group: int = ROW_GROUP_ROWS
) -> StagedFile:
    """Run `select` and store its rows as one Parquet file with Iceberg field ids.

    Args:
        con: sees what `select` names.
        select: yields the targets' columns under their names.
        order: where to, and the field ids; a file that is there is replaced.
        group: rows per row group.
    """
    if len(order.targets) > WIDE_COLUMNS and not any("[" in t.type or "(" in t.type for t in order.targets):
        return _stream(con, select, order)
    copied = con.execute(
        f"COPY ({select}) TO {quote_text(str(order.part))} "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {group}{_plain(order)},"
        f" FIELD_IDS {order.field_ids})"
    ).fetchone()
    rows = int(copied[0]) if copied else 0
    return StagedFile(path=str(order.part), rows=rows, bytes=order.part.stat().st_size)


def _plain(order: Order) -> str:
    """The option that keeps vectors out of dictionaries: looking for equal floats took half the time."""
    has_vectors = any(t.type in {"FLOAT[]", "DOUBLE[]"} for t in order.targets)
    return ", DICTIONARY_SIZE_LIMIT 1" if has_vectors else ""


def _stream(con: duckdb.DuckDBPyConnection, select: str, order: Order) -> StagedFile:
    ids = {name.replace('""', '"'): number for name, number in FIELD_ID.findall(order.field_ids)}
    reader, rows = con.execute(select).to_arrow_reader(WIDE_BATCH_ROWS), 0
    fields = [f.with_metadata({"PARQUET:field_id": ids[f.name]}) for f in reader.schema]
    with pq.ParquetWriter(order.part, pa.schema(fields), compression="zstd") as writer:
        for batch in _batches(reader):
            writer.write_batch(batch.cast(writer.schema))
            rows += batch.num_rows
    return StagedFile(path=str(order.part), rows=rows, bytes=order.part.stat().st_size)


def _batches(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """The batches; what DuckDB raises behind Arrow's back is raised as DuckDB's own error again."""
    while True:
        try:
            yield reader.read_next_batch()
        except StopIteration:
            return
        except (OSError, pa.ArrowException) as error:
            short = "Out of Memory" in str(error) or "bad_alloc" in str(error)
            raise (duckdb.OutOfMemoryException if short else duckdb.InvalidInputException)(
                str(error)
            ) from error


class RejectLog:
    """Rejected rows as NDJSON, written as they are found; the file exists only when there is one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.count = 0

    @property
    def path(self) -> str:
        """Where they are; empty when there is none."""
        return str(self._path) if self.count else ""

    def add(self, rejects: Iterable[Reject]) -> None:
        """Append some."""
        lines = [
            orjson.dumps({"line": r.line, "reason": r.reason, "raw": r.raw}, option=orjson.OPT_APPEND_NEWLINE)
            for r in rejects
        ]
        if lines:
            with self._path.open("ab") as file:
                file.writelines(lines)
            self.count += len(lines)


def conversion(
    staged: StagedFile, rejects: RejectLog, *, read: int, targets: Sequence[Target], counted_by: str
) -> Conversion:
    """The result, if its figures add up.

    Raises:
        Corrupt: rows read are not rows written and rejected; nothing may be committed.
    """
    if read != staged.rows + rejects.count:
        raise Corrupt(
            f"{read:,} rows were read, {staged.rows:,} written and {rejects.count:,} rejected",
            hint="nothing was written; send the file again, and report it if this repeats",
        )
    return Conversion(
        files=(staged,) if staged.rows else (),
        rows_read=read,
        rows_written=staged.rows,
        rejected=rejects.count,
        rejects_path=rejects.path,
        types=tuple(t.type for t in targets),
        counted_by=counted_by,
    )
