"""[acts] The one place where staged Parquet is written, whatever the source was."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import duckdb
import orjson

from lakehouse.base.duck import connect, quote_name, quote_text
from lakehouse.ingest.shape import NestedId, Reject, StagedFile, Target

ROW_GROUP_ROWS: Final = 122_880
DUCK_MEMORY_BYTES: Final = 700_000_000
"""DuckDB's buffers; with its code, the reader's blocks and Python the process stays below 1.2 GB."""

GROUP_CELLS: Final = 6_000_000
GROUP_BYTES: Final = 64 << 20
"""Bounds of one row group, so that 3,000 columns or long texts do not fill the memory."""


def open_duck(scratch: Path, *, threads: int = 2) -> duckdb.DuckDBPyConnection:
    """A connection fit for one conversion: times in UTC, rows in the order of the source."""
    con = connect(threads=threads, memory_bytes=DUCK_MEMORY_BYTES, temp=scratch / "spill")
    con.execute("SET TimeZone = 'UTC'")
    return con


def group_rows(columns: int, row_bytes: float) -> int:
    """How many rows of `columns` columns and about `row_bytes` bytes make one row group."""
    bound = min(GROUP_CELLS / max(columns, 1), GROUP_BYTES / max(row_bytes, 1))
    return int(min(ROW_GROUP_ROWS, max(2048, bound)))


def write_parquet(
    con: duckdb.DuckDBPyConnection,
    select: str,
    out: Path,
    *,
    targets: Sequence[Target],
    group: int = ROW_GROUP_ROWS,
) -> StagedFile:
    """Run `select` and store its rows as one Parquet file with Iceberg field ids.

    Args:
        con: sees what `select` names.
        select: yields the targets' columns, in order, under their names.
        out: the file to write; replaced when there.
        targets: names and field ids.
        group: rows per row group.
    """
    ids = ", ".join(f"{quote_name(t.name)}: {_ids(t.field_id, t.nested)}" for t in targets)
    copied = con.execute(
        f"COPY ({select}) TO {quote_text(str(out))} "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {group}, FIELD_IDS {{{ids}}})"
    ).fetchone()
    rows = int(copied[0]) if copied else 0
    return StagedFile(path=str(out), rows=rows, bytes=out.stat().st_size)


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


def _ids(field_id: int, nested: Sequence[NestedId]) -> str:
    """DuckDB's literal for the field ids of one column and what it holds."""
    if not nested:
        return str(field_id)
    inner: dict[str, list[NestedId]] = {}
    for n in nested:
        inner.setdefault(n.path[0], []).append(n)
    parts = [f"__duckdb_field_id: {field_id}"]
    for name, fields in inner.items():
        own = next(n.field_id for n in fields if len(n.path) == 1)
        below = [NestedId(path=n.path[1:], field_id=n.field_id) for n in fields if len(n.path) > 1]
        parts.append(f"{quote_name(name)}: {_ids(own, below)}")
    return "{" + ", ".join(parts) + "}"
