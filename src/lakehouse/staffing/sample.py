"""[acts] The staffing company as tables of a lake: generated, ingested like anybody's files, described."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from lakehouse.base.errors import Conflict
from lakehouse.lake.facade import ColumnCard, IngestReport, Lakehouse, Request
from lakehouse.staffing.generate import write
from lakehouse.staffing.schema import BY_NAME, TABLES, Table

CSV_SCALE: Final = 1.0
"""Up to here the files are CSV, as a newcomer's would be; above, Parquet."""

TAG: Final = "demo"

WHOLE: Final[Mapping[str, Mapping[str, str]]] = {"timesheets": {"hours": "DOUBLE"}}
"""Columns that a CSV file shows as whole numbers, because in this company they happen to be."""

Watch = Callable[[str, int, int], None]


def load(lake: Lakehouse, *, scale: float, watch: Watch | None = None) -> Iterator[IngestReport]:
    """Take the seven tables into a lake; a report each, none when they are there already.

    Raises:
        Invalid: `scale` is below 0.01.
        Conflict: the lake has a table of that name with other columns.
    """
    if is_loaded(lake):
        return
    folder = lake.running.scratch()
    try:
        paths = generated(lake, folder, scale=scale)
        yield from ingested(lake, paths, watch=watch)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def generated(lake: Lakehouse, folder: Path, *, scale: float) -> tuple[Path, ...]:
    """The seven files, written into `folder`.

    Raises:
        Invalid: `scale` is below 0.01.
        Conflict: the lake has a table of that name with other columns.
    """
    for table in TABLES:
        _check(lake, table)
    return write(folder, scale=scale, format="csv" if scale <= CSV_SCALE else "parquet")


def ingested(
    lake: Lakehouse, paths: tuple[Path, ...], *, watch: Watch | None = None
) -> Iterator[IngestReport]:
    """Take the files into tables and say what each column means."""
    for typed in (False, True):
        words = [str(path) for path in paths if (path.stem in WHOLE) == typed]
        request = Request(types=WHOLE["timesheets"] if typed else {})
        for report in lake.ingest_many(words, request, watch=watch):
            if report.status != "skipped":
                _describe(lake, report.table)
            yield report


def is_loaded(lake: Lakehouse) -> bool:
    """Are all seven tables there, with the columns of the sample?"""
    there = {info.table for info in lake.tables()}
    return all(table.name in there and _is_ours(lake, table) for table in TABLES)


def _check(lake: Lakehouse, table: Table) -> None:
    if table.name in {info.table for info in lake.tables()} and not _is_ours(lake, table):
        hint = "choose another folder: lakehouse --root demo-lake init --demo staffing"
        raise Conflict(f"the lake has a table {table.name} of its own", hint=hint)


def _is_ours(lake: Lakehouse, table: Table) -> bool:
    return tuple(column.name for column in lake.show(table.name).columns) == table.names


def _describe(lake: Lakehouse, name: str) -> None:
    table = next(t for n, t in BY_NAME.items() if n == name)
    lake.describe(name, {"description": table.doc, "tags": [TAG, "staffing"]})
    columns = {c.name: ColumnCard(doc=c.doc, pii=c.pii) for c in table.columns}
    lake.document(name, columns, key=table.key)
