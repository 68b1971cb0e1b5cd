"""[acts] The rows of a query on the screen, in a pipe, or in a file that is whole or not there."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

import typer

from lakehouse.base.errors import Invalid, Unavailable
from lakehouse.edge.cli import grid
from lakehouse.edge.cli.call import Call
from lakehouse.edge.document import ids
from lakehouse.lake.facade import Result

Format = Literal["table", "json", "csv", "parquet", "arrow", "md"]

ENDINGS: Final[dict[str, Format]] = {
    ".csv": "csv",
    ".json": "json",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".arrows": "arrow",
    ".md": "md",
}
BINARY: Final = ("parquet", "arrow")
TABLE_WIDTH: Final = 200
"""Of a table that goes into a file."""


def of_ending(path: Path | None) -> Format:
    """The format that a file's name asks for; a table when it asks for none."""
    return ENDINGS.get(path.suffix.lower(), "table") if path else "table"


def check(chosen: Format, path: Path | None, call: Call) -> None:
    """Refuse what cannot work, before the query is run.

    Raises:
        BadParameter: bytes for a terminal.
        Invalid: the file's folder is not there, or the path is a folder.
    """
    if chosen in BINARY and path is None and call.out.is_terminal:
        raise typer.BadParameter(f"{chosen} is not for a terminal: add -o FILE", param_hint="--format")
    if path and not path.parent.is_dir():
        raise Invalid(f"there is no folder {path.parent}", hint=f"mkdir -p {path.parent}")
    if path and path.is_dir():
        raise Invalid(f"{path} is a folder", hint="name a file in it")


def write(result: Result, chosen: Format, path: Path | None, call: Call) -> None:
    """Write the rows to stdout, or into a file that appears when all are in it.

    Raises:
        Unavailable: the disk refused.
    """
    if chosen == "table" and path is None:
        _screen(result, call)
    elif path is None:
        for piece in pieces(result, chosen):
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
    else:
        aside = path.with_name(f".{path.name}.{os.getpid()}.partial")
        try:
            with aside.open("wb") as file:
                file.writelines(pieces(result, chosen))
            aside.replace(path)
        except OSError as error:
            raise Unavailable(f"cannot write {path}: {error.strerror}", hint="choose another file") from error
        finally:
            aside.unlink(missing_ok=True)


def pieces(result: Result, chosen: Format) -> Iterator[bytes]:
    """The rows as bytes of one format."""
    match chosen:
        case "csv":
            yield from result.csv()
        case "arrow":
            yield from result.ipc()
        case "parquet":
            yield result.parquet()
        case "json":
            yield from _json(result)
        case "md" | "table":
            yield result.markdown(most=result.row_count).encode()


def _json(result: Result) -> Iterator[bytes]:
    """The document that HTTP answers with, a row a line."""
    head = {"columns": [{"name": c.name, "type": c.type} for c in result.columns]}
    yield json.dumps(head, ensure_ascii=False)[:-1].encode() + b', "rows": ['
    comma = b"\n"
    for row in result.json_rows():
        yield comma + json.dumps(row, ensure_ascii=False).encode()
        comma = b",\n"
    tail = {
        "row_count": result.row_count,
        "truncated": result.truncated,
        "elapsed_ms": round(result.elapsed_ms, 3),
        "query_id": result.query_id,
        "snapshots": ids(result.snapshots),
    }
    yield b"\n], " + json.dumps(tail, ensure_ascii=False)[1:].encode() + b"\n"


def _screen(result: Result, call: Call) -> None:
    shown = grid.result(call.out, result)
    if shown < len(result.columns):
        hidden = ", ".join(column.name for column in result.columns[shown:])
        call.say(f"no room for {hidden}: widen the window, or --format csv")
