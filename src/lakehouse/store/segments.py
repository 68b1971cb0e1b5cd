"""[pure] The files of a journal: their names, and lines of JSON that show whether they are whole.

A file that a power cut left short is read up to its last whole record. Anything wrong before the last
newline is damage, not a cut, and is reported as such.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import orjson

from lakehouse.base.errors import Corrupt, Invalid
from lakehouse.store.streams import Json

ROOT: Final = "journal/"
MAX_RECORD_BYTES: Final = 8 * 1024 * 1024
"""Half of what DuckDB's JSON reader takes for one object (16 MiB), so that every record can be read."""

CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

FILE: Final = re.compile(
    r"journal/(?P<stream>[a-z][a-z0-9_]{0,62})/\d{4}-\d\d-\d\d/(?P<ulid>[0-9A-HJKMNP-TV-Z]{26})\.(?P<kind>jsonl|parquet)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalFile:
    """One file of a stream, as its key tells."""

    key: str
    stream: str
    ulid: str
    """Time-ordered; a Parquet file bears that of the newest file it replaces."""

    kind: Literal["jsonl", "parquet"]
    size: int
    modified_ms: int

    @property
    def name(self) -> str:
        """The last part of the key: unique within the stream, and what claims refer to."""
        return f"{self.ulid}.{self.kind}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What a segment holds."""

    rows: tuple[dict[str, Json], ...]
    whole_bytes: int
    """Length of the part made of whole records."""

    torn: bool
    """Whether a part of a record stood after them."""


def file_key(stream: str, ulid: str, kind: Literal["jsonl", "parquet"]) -> str:
    """Where a file of `stream` is kept: `journal/<stream>/<date of the ulid>/<ulid>.<kind>`."""
    day = dt.datetime.fromtimestamp(ulid_ms(ulid) / 1000, dt.UTC).date().isoformat()
    return f"{ROOT}{stream}/{day}/{ulid}.{kind}"


def parse_key(key: str, size: int, modified_ms: int) -> JournalFile | None:
    """The file that `key` names, or None if it is none of a journal's."""
    found = FILE.fullmatch(key)
    return found and JournalFile(
        key=key,
        stream=found["stream"],
        ulid=found["ulid"],
        kind="parquet" if found["kind"] == "parquet" else "jsonl",
        size=size,
        modified_ms=modified_ms,
    )


def ulid_ms(ulid: str) -> int:
    """The time in a ULID, in milliseconds since 1970. Source: github.com/ulid/spec, "Components"."""
    value = 0
    for sign in ulid[:10]:
        value = value << 5 | CROCKFORD.index(sign)
    return value


def encode(row: Mapping[str, Json]) -> bytes:
    """A line but for its opening brace: `"a":1}` or `}`, and a newline; `stamp` puts the front on.

    In two steps, since the slow one needs no lock, and the record's place in the order needs one.

    Raises:
        Invalid: something in it is not JSON, or it is larger than `MAX_RECORD_BYTES`.
    """
    try:
        body = orjson.dumps(row)[1:] + b"\n"
    except TypeError as error:
        raise Invalid(
            "a record holds something that is not JSON", hint="use text, numbers, lists, objects"
        ) from error
    if len(body) > MAX_RECORD_BYTES:
        raise Invalid("a record is larger than 8 MiB", hint="keep long text in a file and record its name")
    return body


def stamp(body: bytes, *, record_id: str, at: str) -> bytes:
    """The whole line of a record: its id and time, then what `encode` made."""
    head = b'{"id":"%b","at":"%b"' % (record_id.encode(), at.encode())
    return head + body if body[:1] == b"}" else head + b"," + body


def decode(data: bytes, key: str) -> Decoded:
    """Every whole record of a segment.

    Raises:
        Corrupt: a line that has its newline is not a JSON object.
    """
    *lines, tail = data.split(b"\n")
    rows: list[dict[str, Json]] = []
    for number, line in enumerate(lines, 1):
        if (row := _object(line)) is None:
            hint = "restore this file from a backup, or remove that line"
            raise Corrupt(f"line {number} of {key} is damaged", hint=hint, key=key)
        rows.append(row)
    if tail and (row := _object(tail)) is not None:  # cut between the record and its newline
        return Decoded(rows=(*rows, row), whole_bytes=len(data), torn=False)
    return Decoded(rows=tuple(rows), whole_bytes=len(data) - len(tail), torn=bool(tail))


def decode_whole(data: bytes) -> tuple[tuple[dict[str, Json], ...], int]:
    """Every record of a segment that can be read, and how many lines cannot; a torn tail is none."""
    *lines, tail = data.split(b"\n")
    read = [_object(line) for line in lines]
    last = _object(tail) if tail else None
    rows = [row for row in (*read, last) if row is not None]
    return tuple(rows), read.count(None)


def _object(line: bytes) -> dict[str, Json] | None:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return row if isinstance(row, dict) else None


def without_repeats(rows: Iterable[dict[str, Json]]) -> Sequence[dict[str, Json]]:
    """The rows in order, each id once; for files that were folded twice."""
    return tuple({row.get("id") or place: row for place, row in enumerate(rows)}.values())
