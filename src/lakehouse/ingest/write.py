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
from lakehouse.table.schema import SIMPLE

ROW_GROUP_ROWS: Final = 122_880
DUCK_MEMORY_BYTES: Final = 700_000_000
"""DuckDB's buffers; with its code, the reader's blocks and Python the process stays below 1.2 GB."""

FIELD_ID: Final = re.compile(
    r'"((?:[^"]|"")*)": (?:([0-9]+)|{__duckdb_field_id: ([0-9]+), element: ([0-9]+)})'
)
"""One simple column, or a list of simple values, in the literal of field ids."""

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
BATCH_ROWS: Final = 2048
"""DuckDB's COPY holds at least 256 KiB for each column, several times: 1 GB is too little for 1,200 columns.
Wide tables are streamed through Arrow on one thread instead: 4,000 columns in 1.1 GB."""

VECTORS: Final = frozenset({"FLOAT[]", "DOUBLE[]"})
"""Lists that may be embeddings: noise to a compressor, which takes 8 % off them, and no two values are equal.
COPY has one codec for all columns, and looks for equal values even where it may not use them: 4 s of a core
for 100,000 x 768, where Arrow takes 1.2 s. So tables with such columns are streamed through Arrow too."""

STREAMED: Final = VECTORS | (SIMPLE.keys() - {"UUID"})
"""What DuckDB gives Arrow as the very type that Iceberg stores."""


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
    if _is_streamed(order):
        return _stream(con, select, order)
    copied = con.execute(
        f"COPY ({select}) TO {quote_text(str(order.part))} "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {group}, FIELD_IDS {order.field_ids})"
    ).fetchone()
    rows = int(copied[0]) if copied else 0
    return StagedFile(path=str(order.part), rows=rows, bytes=order.part.stat().st_size)


def _is_streamed(order: Order) -> bool:
    kinds = {t.type for t in order.targets}
    return kinds <= STREAMED and (len(order.targets) > WIDE_COLUMNS or not VECTORS.isdisjoint(kinds))


def _stream(con: duckdb.DuckDBPyConnection, select: str, order: Order) -> StagedFile:
    plain = [t.name for t in order.targets if t.type not in VECTORS]
    reader, rows = con.execute(select).to_arrow_reader(BATCH_ROWS), 0
    schema = _with_ids(reader.schema, order.field_ids)
    with pq.ParquetWriter(
        order.part,
        schema,
        compression=dict.fromkeys(plain, "zstd"),
        use_dictionary=plain,
        write_statistics=plain,
    ) as writer:
        for group in _groups(_batches(reader)):
            writer.write_table(group.cast(schema))
            rows += len(group)
    return StagedFile(path=str(order.part), rows=rows, bytes=order.part.stat().st_size)


def _with_ids(schema: pa.Schema, literal: str) -> pa.Schema:
    """The columns as Iceberg's readers find them: by field id, a list's values too."""
    ids = {
        name.replace('""', '"'): (own or of_list, inner)
        for name, own, of_list, inner in FIELD_ID.findall(literal)
    }
    fields = []
    for field in schema:
        own, inner = ids[field.name]
        kind = pa.list_(_with_id(pa.field("element", field.type.value_type), inner)) if inner else field.type
        fields.append(_with_id(pa.field(field.name, kind), own))
    return pa.schema(fields)


def _with_id(field: pa.Field, number: str) -> pa.Field:
    return field.with_metadata({"PARQUET:field_id": number})


def _groups(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The batches, joined up to the bounds of a row group."""
    waiting: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        waiting.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows >= group_rows(batch.num_columns, size / max(rows, 1)):
            yield pa.Table.from_batches(waiting)
            waiting, rows, size = [], 0, 0
    if waiting:
        yield pa.Table.from_batches(waiting)


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
