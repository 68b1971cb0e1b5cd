"""[pure] The values that cross between the parent, which decides and commits, and the worker, which reads."""

from dataclasses import dataclass
from typing import Literal

from lakehouse.ingest.pii import PiiFinding

Format = Literal["delimited", "json", "ndjson", "parquet", "arrow-file", "arrow-stream"]

Compression = Literal["none", "gzip", "zstd"]

OnMisfit = Literal["widen", "reject", "coerce"]
"""What a value that does not fit its column's type does: it makes the column wider; it rejects its row; or,
for a type that a person asked for, it is cast as far as DuckDB can without rounding, else rejects its row."""


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
class InspectedColumn:
    """One column as the file proposes it."""

    name: str
    type: str
    """As it would be stored. Of delimited text it is a proposal that the whole file is then held to."""

    nullable: bool
    is_empty: bool = False
    """Was there no value at all? Such a column fits any type."""

    reason: str = ""
    """Why this type, where it was a decision."""

    path: tuple[str, ...] = ()
    """JSON only: the keys that lead to it."""

    pii: PiiFinding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What a file holds, before anything is written."""

    format: Format
    compression: Compression
    columns: tuple[InspectedColumn, ...]
    dialect: Dialect | None = None
    """Of delimited text."""

    sampled: int
    """Rows that were looked at."""

    rows: int | None = None
    """Rows in all, where they were counted already."""

    confidence: float = 1.0
    """Share of the sample's records that have the usual number of fields, 0 to 1."""

    bytes: int
    """Of the file as it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One column as it is to be written."""

    source: int
    """Which column of the file it comes from, counted from 0."""

    path: tuple[str, ...] = ()
    """JSON only: the keys that lead to it."""

    name: str
    type: str
    on_misfit: OnMisfit = "widen"
    """Self-describing formats never widen: `inspect` already saw the whole file."""

    required: bool = False
    """A key column: a row in which it is empty could never be matched again, and is rejected."""


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
    """Type of each target as written, in their order; wider than asked for where a value did not fit."""

    widened: tuple[str, ...] = ()
    """Names of the columns whose type is wider than asked for."""

    counted_by: str
    """What counted `rows_read`: the scan of line ends, the record splitter or the parser."""

    sha256: str = ""
    """Of the source's bytes as they stand on disk, compressed ones included."""
