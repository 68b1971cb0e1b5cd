"""[acts] `lakehouse ingest`: files become tables, each with a report that proves its rows."""

import glob
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Literal

import typer

from lakehouse.base.errors import NotFound
from lakehouse.edge.cli import call as calls
from lakehouse.edge.cli import failure, report, words
from lakehouse.edge.cli.call import Call
from lakehouse.edge.cli.opening import is_lake, opened
from lakehouse.edge.cli.progress import watching
from lakehouse.lake.facade import IngestReport, Lakehouse, Request

Mode = Literal["append", "replace", "upsert"]


def ingest(
    context: typer.Context,
    sources: Annotated[list[str], typer.Argument(metavar="SRC", help="Files, folders, patterns, or -.")],
    *,
    table: Annotated[str | None, typer.Option("--table", "-t", help="Else named after the file.")] = None,
    key: Annotated[str | None, typer.Option(metavar="C,…", help="Columns that identify a row.")] = None,
    mode: Annotated[Mode | None, typer.Option(help="Else upsert with a key, append without.")] = None,
    types: Annotated[str | None, typer.Option(metavar="C=TYPE,…", help="Instead of what is seen.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; write nothing.")] = False,
) -> None:
    """Make files tables, or part of one: CSV and its relatives, JSON, NDJSON, Parquet, Arrow; also .gz, .zst.

    The same bytes again change nothing. A row that cannot be read is kept in system.rejected with its line
    and reason, a file that cannot be read goes to quarantine: rows read = rows in the table + rows rejected.
    Exit code 3 when some files were set aside, 1 when all were.
    """
    call = calls.of(context)
    request = Request(table=table, key=words.names(key), mode=mode, types=words.types(types), dry_run=dry_run)
    done: list[IngestReport] = []
    try:
        with _lake(call, sources, dry_run=dry_run) as lake, watching(call) as watch:
            for one in lake.ingest_many(sources, request, watch=watch):
                done.append(one)
                with watch.aside():
                    _show(call, one, dry_run=dry_run)
    except KeyboardInterrupt:
        call.err.print(report.interrupted(done))
        raise typer.Exit(failure.INTERRUPTED) from None
    if said := report.closing(done, dry_run=dry_run):
        call.say(said)
    raise typer.Exit(code(done))


def code(done: list[IngestReport]) -> int:
    """0 when every source is in, 1 when none is, 3 in between."""
    aside = Counter(one.status == "quarantined" for one in done)[True]
    return 0 if not aside else failure.FAILED if aside == len(done) else failure.PARTLY


@contextmanager
def _lake(call: Call, sources: list[str], *, dry_run: bool) -> Iterator[Lakehouse]:
    """The lake, made when it is not there, unless there is nothing to put into it."""
    if is_lake(call.root):
        with opened(call) as lake:
            yield lake
        return
    for word in sources:
        if word != "-" and not glob.has_magic(word) and not Path(word).expanduser().exists():
            raise NotFound(f"there is no file {word}", hint="check the path; quote it if it holds spaces")
    place = TemporaryDirectory() if dry_run else nullcontext(str(call.root))
    with place as folder, opened(call.at(Path(folder)), create=True) as lake:
        yield lake


def _show(call: Call, one: IngestReport, *, dry_run: bool) -> None:
    if call.json:
        call.emit(one.to_json())
    elif not call.quiet:
        call.out.print(report.block(one, dry_run=dry_run))
