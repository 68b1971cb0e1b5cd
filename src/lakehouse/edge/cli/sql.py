"""[acts] `lakehouse sql`: one question, and its rows in the form that is wanted."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from lakehouse.base.errors import Invalid
from lakehouse.edge.cli import call as calls
from lakehouse.edge.cli import failure, output, words
from lakehouse.edge.cli.opening import opened
from lakehouse.edge.cli.output import Format

TABLE_ROWS = 1_000
"""Rows of a table on the screen when no limit is given."""


def sql(
    context: typer.Context,
    query: Annotated[str | None, typer.Argument(help="One SELECT; - reads it from stdin.")] = None,
    *,
    file: Annotated[Path | None, typer.Option("--file", "-f", help="Read the query from a file.")] = None,
    format: Annotated[  # noqa: A002 - the word on the command line
        Format | None, typer.Option(help="Else after the ending of -o, else a table.")
    ] = None,
    to: Annotated[Path | None, typer.Option("--output", "-o", help="Write into this file.")] = None,
    at: Annotated[str | None, typer.Option(help="A snapshot id, a time or a tag.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Most rows; a table shows 1,000.")] = None,
    param: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="For $name.")] = None,
) -> None:
    """Ask in SQL: one SELECT over tables, system.* and information_schema; nothing can be changed by it.

    Exit code 3 when a limit that nobody asked for cut the rows of a file or a pipe.
    """
    call = calls.of(context)
    chosen: Format = "json" if call.json else format or output.of_ending(to)
    output.check(chosen, to, call)
    text = question(query, file)
    values = words.values(param)
    with opened(call) as lake:
        most = limit or (TABLE_ROWS if chosen == "table" else None)
        result = lake.sql(text, values, at=at, limit=most)
    output.write(result, chosen, to, call)
    said = f"{result.row_count:,} rows" if result.row_count != 1 else "1 row"
    call.say(f"{said} in {result.elapsed_ms:.0f} ms{f' → {to}' if to else ''}")
    if result.truncated and limit is None:
        call.say("there are more: --limit N gives N of them")
        raise typer.Exit(0 if chosen == "table" else failure.PARTLY)


def question(query: str | None, file: Path | None) -> str:
    """The text of the query, wherever it is.

    Raises:
        BadParameter: not exactly one place was named.
        Invalid: there is no text in it.
    """
    if (query is None) == (file is None):
        raise typer.BadParameter("say one: a query, -f FILE, or -", param_hint="QUERY")
    try:
        text = file.read_text("utf-8-sig") if file else sys.stdin.read() if query == "-" else query or ""
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise Invalid(
            f"cannot read the query from {file or 'stdin'}: {why}", hint="check the path"
        ) from error
    if not text.strip():
        raise Invalid("the query is empty", hint='lakehouse sql "SELECT 1"')
    return text
