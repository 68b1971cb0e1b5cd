"""[acts] Content as people hand it over: JSON as an argument, in a file, or on stdin."""

import json
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from lakehouse.base.errors import Invalid

Content = Annotated[
    str | None, typer.Argument(metavar="CONTENT", help="JSON; - reads it from stdin.", show_default=False)
]
File = Annotated[Path | None, typer.Option("--file", "-f", help="Read the content from a file.")]
Tags = Annotated[str | None, typer.Option(metavar="TAG,…", help="Words to find it by.")]

FORM: Final = 'write JSON: \'{"task": "…"}\', or a text in quotes: \'"so"\''


def content(given: str | None, file: Path | None) -> object:
    """What JSON text holds, wherever it is.

    Raises:
        BadParameter: both places were named, or neither.
        Invalid: it cannot be read, or is no JSON.
    """
    if (given is None) == (file is None):
        raise typer.BadParameter("say one: content, -f FILE, or -", param_hint="CONTENT")
    return parsed(sys.stdin.read() if given == "-" else given if file is None else raw(file))


def raw(file: Path) -> bytes:
    """What a file holds.

    Raises:
        Invalid: it cannot be read.
    """
    try:
        return file.read_bytes()
    except OSError as error:
        raise Invalid(f"cannot read {file}: {error.strerror}", hint="check the path") from error


def parsed(text: str | bytes | None) -> object:
    """The value of JSON text.

    Raises:
        Invalid: it is none.
    """
    try:
        return json.loads(text or "")
    except (ValueError, RecursionError) as error:
        said = (
            str(error) if isinstance(error, json.JSONDecodeError) else "it is not UTF-8, or nested too deep"
        )
        raise Invalid(f"the content is not JSON: {said}", hint=FORM) from error
