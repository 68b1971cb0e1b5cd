"""[pure] The values that cross between the parent and the worker, and their one JSON form.

`encode` and `Decoder` are the only places that know the wire; a child's answer is checked field by field,
since a child that parsed a hostile file is not trusted.
"""

from dataclasses import dataclass, field
from typing import Literal

Format = Literal["delimited", "json", "ndjson", "parquet", "arrow-file", "arrow-stream"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a delimited text is written."""

    delimiter: str = ","
    quote: str = '"'
    header: bool = True
    preamble: int = 0
    """Physical lines before the header (or the first row): titles and notes. Each becomes a rejected row."""

    encoding: str = "utf-8"
    """utf-8, utf-16, utf-32 or cp1252; anything but utf-8 is transcoded before it is read."""

    newline: Literal["\n", "\r"] = "\n"
    """A CR before LF belongs to the line's end; a lone CR ends lines only in old Macintosh files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NestedId:
    """The Iceberg field id of a field inside a nested column."""

    path: tuple[str, ...]
    """From the column inwards: ("element",), ("key",), ("value",) or a struct field's name."""

    field_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One column as it is to be written."""

    source: int
    """Which column of the file it comes from, counted from 0."""

    name: str
    type: str
    field_id: int
    nested: tuple[NestedId, ...] = ()
    strict: bool = False
    """True: a value that does not fit rejects its row. False: it makes the column text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """A row that was not accepted; kept as it stood in the file."""

    line: int
    """Physical line on which the row begins, from 1; 0 where the format has no lines."""

    reason: str
    raw: str
    """The row's text, at most 4 KiB of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedFile:
    """One Parquet file, written and closed, not yet part of any table."""

    path: str
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """What came of a file: the staged Parquet, and figures that add up."""

    files: tuple[StagedFile, ...]
    rows_read: int
    """Rows in the source, counted apart from the conversion."""

    rows_written: int
    rejected: int
    rejects_path: str
    """NDJSON of `Reject`; empty when there is none."""

    types: tuple[str, ...]
    """Type of each target as written, in their order."""

    widened: tuple[str, ...]
    """Names of the columns that became wider than asked for."""

    counted_by: str
    """What counted `rows_read`: the scan of line ends, the record splitter or the parser."""

    sha256: str = field(default="")
    """Of the source's bytes as they stand on disk."""
