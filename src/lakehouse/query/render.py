"""[acts] Results as text and bytes: JSON values, CSV, Markdown, HTML, Parquet."""

import html as escape
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.parquet

from lakehouse.query.values import json_value, text, values

if TYPE_CHECKING:
    from lakehouse.query.result import Column, Result


def tuples(result: "Result") -> Iterator[tuple[object, ...]]:
    """Rows as tuples of Python values."""
    for batch in result:
        yield from zip(*map(values, batch.columns), strict=True)


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
    if pa.types.is_decimal(kind) or (plain and not pa.types.is_interval(kind) and not _has_far(column)):
        return column
    return _texts(column)


def _texts(column: pa.Array) -> pa.Array:
    return pa.array([None if v is None else text(v) for v in values(column)], pa.string())


def _has_far(column: pa.Array) -> bool:
    """Does it hold a moment that Arrow's own text has no words for?"""
    if not (pa.types.is_date(column.type) or pa.types.is_timestamp(column.type)):
        return False
    ends = pyarrow.compute.min_max(column).values()
    return any(end.is_valid and str(end.cast(pa.string())).startswith("<") for end in ends)


def parquet(result: "Result", to: IO[bytes]) -> None:
    """One Parquet file, zstd; intervals and unions, which Arrow writes to none, are text in it."""
    with result.to_reader() as reader:
        names = unique(reader.schema.names)
        fields = zip(reader.schema, names, strict=True)
        schema = pa.schema(
            [pa.field(n, pa.string()) if _is_foreign(f.type) else f.with_name(n) for f, n in fields]
        )
        with pyarrow.parquet.ParquetWriter(to, schema, compression="zstd") as writer:
            for batch in reader:
                columns = [_texts(c) if _is_foreign(c.type) else c for c in batch.columns]
                writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))


def _is_foreign(kind: pa.DataType) -> bool:
    """Is there something in it that PyArrow writes to no Parquet file?"""
    if pa.types.is_interval(kind) or pa.types.is_union(kind):
        return True
    return any(_is_foreign(kind.field(i).type) for i in range(kind.num_fields))


def markdown(result: "Result", *, most: int) -> str:
    """A Markdown table of the first `most` rows, and how many more there are."""
    lines = [
        _row([c.name for c in result.columns]),
        _row(["---:" if is_number(c) else "---" for c in result.columns]),
    ]
    lines += [_row([text(v) for v in row]) for row in _head(result, most)]
    return "\n".join([*lines, *_more(result, most)]) + "\n"


ONE_CELL = str.maketrans({"|": "\\|", "\n": " ", "\r": " "})


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cell.translate(ONE_CELL) for cell in cells)} |"


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
