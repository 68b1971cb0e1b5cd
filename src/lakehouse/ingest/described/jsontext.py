"""[acts] Reads JSON by and by: one value a line, an array of values, or values one after another.

Lines are decoded by orjson, and by Python's own decoder where orjson would lose something (integers beyond
64 bits) or refuses what JSON allows (a lone surrogate). A broken line is a reject; a broken array has no
lines to fall back on, so the file is refused with the place where it breaks.
"""

import codecs
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, NoReturn

import orjson

from lakehouse.base.errors import Invalid
from lakehouse.ingest.delimited.split import MAX_RECORD_BYTES, rejected
from lakehouse.ingest.described.flatten import Json
from lakehouse.ingest.shape import Reject

CHUNK_BYTES: Final = 1 << 20
SNIFF_BYTES: Final = 256 << 10
SPACE: Final = re.compile(r"[ \t\n\r]*")
MAX_DIGITS: Final = 4000
"""Python refuses to convert longer integers; they are text for every purpose."""


@dataclass(frozen=True, slots=True)
class Value:
    """One row's JSON value and the physical line on which it begins."""

    line: int
    json: Json

    raw: bytes = b""
    """The text, where the decoder may have rounded integers beyond 64 bits: `exactly` does not."""


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) < MAX_DIGITS else digits


def _fraction(digits: str) -> float | str:
    number = float(digits)
    return number if math.isfinite(number) else digits


DECODER: Final = json.JSONDecoder(
    parse_constant=_refuse_constant, parse_int=_whole, parse_float=_fraction, strict=True
)


def layout_of(head: bytes, *, whole: bool) -> Literal["json", "ndjson"]:
    """Is there one value a line (ndjson), or one array or values over several lines (json)?"""
    lines = [line for line in head.removeprefix(codecs.BOM_UTF8).split(b"\n") if line.strip()]
    if not whole and len(lines) > 1:
        lines.pop()
    if not lines or not lines[0].lstrip().startswith(b"{"):
        return "json"
    complete = sum(line.strip().startswith(b"{") and line.strip().endswith(b"}") for line in lines)
    return "ndjson" if complete > len(lines) / 2 else "json"


def read(path: Path, layout: Literal["json", "ndjson"]) -> Iterator[Value | Reject]:
    """Every value of the file in order; broken lines of NDJSON as rejects.

    Raises:
        Invalid: a file that is not NDJSON breaks off, holds no JSON, or a value beyond 16 MiB.
    """
    return _lines(path) if layout == "ndjson" else _values(path)


def _lines(path: Path) -> Iterator[Value | Reject]:
    with path.open("rb") as file:
        number = 0
        while line := file.readline(MAX_RECORD_BYTES + 1):
            number += 1
            if number == 1:
                line = line.removeprefix(codecs.BOM_UTF8)
            if len(line) > MAX_RECORD_BYTES:
                yield rejected(number, "it is longer than 16 MiB", line)
                while line and not line.endswith(b"\n"):
                    line = file.readline(MAX_RECORD_BYTES)
            elif line.strip():
                yield _line(number, line.strip(b" \t\r\n"))


def _line(number: int, line: bytes) -> Value | Reject:
    try:
        value, raw = _decoded(line)
    except UnicodeDecodeError:
        return rejected(number, "it is not valid UTF-8", line)
    except RecursionError:
        return rejected(number, "it is nested deeper than 128 levels", line)
    except json.JSONDecodeError as error:
        return rejected(number, f"it is not JSON: {error.msg} at column {error.colno}", line)
    except ValueError as error:
        return rejected(number, f"it is not JSON: {error}", line)
    if not isinstance(value, dict):
        return rejected(number, "it is not an object", line)
    return Value(number, value, raw)


def _decoded(line: bytes) -> tuple[Json, bytes]:
    try:
        return orjson.loads(line), line
    except orjson.JSONDecodeError:
        return exactly(line), b""


def exactly(data: bytes) -> Json:
    """The JSON value that `data` is, nothing rounded and nothing refused that JSON allows.

    Raises:
        UnicodeDecodeError: not UTF-8.
        ValueError: not JSON; RecursionError: nested too deep for Python.
    """
    value: Json = DECODER.decode(data.decode())
    return value


class _Window:
    """A sliding piece of decoded text, with the line it begins on."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self.text, self.at, self.line, self.column = "", 0, 1, 1
        self._counted = 0
        """Where `line` is the line of: counting anew from the start, value by value, is quadratic."""
        self.is_last = False

    def __enter__(self) -> "_Window":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def grow(self) -> None:
        """Read on, at least as much as is held, and forget what was consumed."""
        self._forget()
        chunk = self._file.read(max(CHUNK_BYTES, len(self.text)))
        self.is_last = not chunk
        try:
            self.text += self._decoder.decode(chunk, final=self.is_last)
        except UnicodeDecodeError as error:
            self.text += error.object[: error.start].decode()
            raise self.broken("it is not valid UTF-8", len(self.text)) from error

    def skip_space(self) -> str:
        """Move to the next character that is not white space, and show it; empty at the end."""
        while True:
            found = SPACE.match(self.text, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.text) or self.is_last:
                return self.text[self.at : self.at + 1]
            self.grow()

    def value(self) -> Value:
        """Decode the value that begins here and move past it."""
        while True:
            try:
                value, end = DECODER.raw_decode(self.text, self.at)
                if end < len(self.text) or self.is_last:
                    break
            except RecursionError as error:
                raise self.broken("it is nested deeper than 128 levels", self.at) from error
            except ValueError as error:
                if self.is_last or len(self.text) - self.at > MAX_RECORD_BYTES:
                    where = error.pos if isinstance(error, json.JSONDecodeError) else self.at
                    why = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
                    raise self.broken(why, where) from error
            self.grow()
        self._count()
        self.at = end
        return Value(self.line, value)

    def broken(self, why: str, at: int) -> Invalid:
        """The error that names the place `at` in the text held."""
        line = self.line + self.text.count("\n", self._counted, at)
        last = self.text.rfind("\n", 0, at)
        column = at - last if last >= 0 else self.column + at
        return Invalid(
            f"not valid JSON: {why}, line {line}, column {column}",
            hint="repair the file there; of one object a line (NDJSON) only bad lines are left out",
            line=line,
            column=column,
        )

    def _forget(self) -> None:
        self._count()
        gone = self.text[: self.at]
        last = gone.rfind("\n")
        self.column = len(gone) - last if last >= 0 else self.column + len(gone)
        self.text, self.at, self._counted = self.text[self.at :], 0, 0

    def _count(self) -> None:
        self.line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at


def _values(path: Path) -> Iterator[Value]:
    with _Window(path) as window:
        first = window.skip_space()
        if not first:
            raise Invalid("the file is empty", hint="check that the export finished, then send it again")
        if first == "[":
            yield from _elements(window)
        else:
            yield window.value()
            while first == "{" and window.skip_space() == "{":
                yield window.value()
        if window.skip_space():
            raise window.broken("text follows the last value", window.at)


def _elements(window: _Window) -> Iterator[Value]:
    window.at += 1
    if window.skip_space() == "]":
        window.at += 1
        return
    while True:
        window.skip_space()
        yield window.value()
        mark = window.skip_space()
        if mark not in (",", "]") or not mark:
            raise window.broken("a comma or ] is expected", window.at)
        window.at += 1
        if mark == "]":
            return
