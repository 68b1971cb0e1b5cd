"""[acts] Results as text and bytes: JSON values, CSV, Markdown, HTML, Parquet."""

import datetime as dt
import html as escape
import math
from collections.abc import Iterator
from decimal import Decimal
from typing import IO, TYPE_CHECKING
from uuid import UUID

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

if TYPE_CHECKING:
    from lakehouse.query.result import Column, Result

EXACT_INTEGER = 2**53
"""JSON readers hold numbers as doubles; beyond this, integers go as text."""


def tuples(result: "Result") -> Iterator[tuple[object, ...]]:
    """Rows as tuples of Python values."""
    for batch in result:
        columns = [column.to_pylist(maps_as_pydicts="lossy") for column in batch.columns]  # keys are unique
        yield from zip(*columns, strict=True)


def json_rows(result: "Result") -> Iterator[dict[str, object]]:
    """Rows as JSON objects; columns of the same name get _2, _3… so that none is lost."""
    names = unique([c.name for c in result.columns])
    for row in tuples(result):
        yield {name: json_value(value) for name, value in zip(names, row, strict=True)}


def unique(names: list[str]) -> list[str]:
    """The names in order, repeated ones numbered from 2."""
    seen: dict[str, None] = {}
    for name in names:
        fresh, n = name, 2
        while fresh in seen:
            fresh, n = f"{name}_{n}", n + 1
        seen[fresh] = None
    return list(seen)


def json_value(value: object) -> object:
    """`value` in JSON: numbers exact or as text, times in ISO 8601, bytes in hex, NaN as null."""
    match value:
        case None | bool() | str():
            return value
        case int():
            return value if abs(value) <= EXACT_INTEGER else str(value)
        case float():
            return value if math.isfinite(value) else None
        case Decimal():
            return _number(value)
        case bytes():
            return value.hex()
        case dict():
            return {str(k): json_value(v) for k, v in value.items()}
        case list() | tuple():
            return [json_value(v) for v in value]
        case _:
            return text(value)


def _number(value: Decimal) -> object:
    if value == value.to_integral_value() and abs(value) <= EXACT_INTEGER:
        return int(value) if value.as_tuple().exponent == 0 else float(value)
    return float(value) if Decimal(repr(float(value))) == value else str(value)


def text(value: object) -> str:
    """`value` as a person reads it; empty for null."""
    match value:
        case None:
            return ""
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
        case bytes():
            return value.hex()
        case bool():
            return str(value).lower()
        case UUID() | str():
            return str(value)
        case _:
            return str(value)


def csv(result: "Result") -> Iterator[bytes]:
    """UTF-8 CSV with a header; nested values as their text."""
    names = unique([c.name for c in result.columns])
    header = ",".join(_csv_name(n) for n in names) + "\n"
    yield header.encode()
    options = pyarrow.csv.WriteOptions(include_header=False)
    for batch in result:
        sink = pa.BufferOutputStream()
        flat = [_flat(column) for column in batch.columns]
        pyarrow.csv.write_csv(pa.RecordBatch.from_arrays(flat, names=names), sink, options)
        yield sink.getvalue().to_pybytes()


def _csv_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _flat(column: pa.Array) -> pa.Array:
    kind = column.type
    plain = pa.types.is_primitive(kind) or pa.types.is_string(kind) or pa.types.is_boolean(kind)
    if pa.types.is_decimal(kind) or (plain and not pa.types.is_interval(kind)):
        return column
    return pa.array([None if v is None else text(v) for v in column.to_pylist()], pa.string())


def parquet(result: "Result", to: IO[bytes]) -> None:
    """One Parquet file, zstd."""
    with result.to_reader() as reader:
        names = unique(reader.schema.names)
        schema = pa.schema([f.with_name(n) for f, n in zip(reader.schema, names, strict=True)])
        with pyarrow.parquet.ParquetWriter(to, schema, compression="zstd") as writer:
            for batch in reader:
                writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))


def markdown(result: "Result", *, most: int) -> str:
    """A Markdown table of the first `most` rows, and how many more there are."""
    lines = [
        _row([c.name for c in result.columns]),
        _row(["---:" if is_number(c) else "---" for c in result.columns]),
    ]
    lines += [
        _row([text(v).replace("|", "\\|").replace("\n", " ") for v in row]) for row in _head(result, most)
    ]
    return "\n".join([*lines, *_more(result, most)]) + "\n"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def is_number(column: "Column") -> bool:
    """Is it set flush right?"""
    return column.type.split("(")[0] in {
        *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER"),
        *("UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL"),
    }


def html(result: "Result", *, most: int) -> str:
    """An HTML table of the first `most` rows; every value escaped."""
    head = "".join(f"<th>{escape.escape(c.name)}</th>" for c in result.columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape.escape(text(v))}</td>" for v in row) + "</tr>"
        for row in _head(result, most)
    )
    foot = "".join(f"<p>{escape.escape(line)}</p>" for line in _more(result, most))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{foot}"


def _head(result: "Result", most: int) -> Iterator[tuple[object, ...]]:
    for _, row in zip(range(most), tuples(result), strict=False):
        yield row


def _more(result: "Result", most: int) -> list[str]:
    hidden = result.row_count - most
    said = [f"… {hidden} more rows"] if hidden > 0 else []
    return [*said, "… cut off by the limits"] if result.truncated else said
