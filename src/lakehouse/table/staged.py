"""[acts] Staged rows: what a program hands over becomes a Parquet file that the writer can take up."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from lakehouse.base.errors import Invalid
from lakehouse.table.names import quoted
from lakehouse.table.rows import NO_KEY
from lakehouse.table.schema import Column

Rows = Iterable[Mapping[str, object]] | object
"""Dictionaries, or anything with the Arrow C stream interface: PyArrow, polars, pandas, a query result."""


def as_table(rows: Rows) -> pa.Table:
    """The rows as one Arrow table.

    Raises:
        Invalid: neither dictionaries nor Arrow, no rows at all, or values of one column that do not agree.
    """
    try:
        if hasattr(rows, "__arrow_c_stream__"):
            return pa.table(rows)
        listed = [dict(row) for row in rows] if isinstance(rows, Iterable) else []
        names = dict.fromkeys(str(name) for row in listed for name in row)
        table = pa.table({name: [row.get(name) for row in listed] for name in names})
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        hint = "give a list of dictionaries, or an Arrow, polars or pandas table"
        raise Invalid(f"the rows are not a table: {type(error).__name__}", hint=hint) from error
    if not table.num_columns:
        raise Invalid("there are no rows", hint="give at least one row with at least one column")
    return table


def require_key(table: pa.Table, key: Sequence[str]) -> None:
    """Nothing, if every row has a value in each of the key columns, and there is one.

    Raises:
        Invalid: otherwise, or two columns of the rows have the same name.
    """
    columns = {name.casefold(): n for n, name in enumerate(table.column_names)}
    if len(columns) != table.num_columns:
        raise Invalid("two columns have the same name", hint="names are case-insensitive; rename one")
    if not key:
        raise Invalid("nothing says what identifies a row", hint="name its columns: key=…")
    for name in key:
        if name.casefold() not in columns:
            raise Invalid(
                f"the rows have no column {name[:60]!r}",
                hint=f"they have {', '.join(table.column_names)[:200]}",
            )
        if table.column(columns[name.casefold()]).null_count:
            raise Invalid(NO_KEY, hint=f"give every row its {name}")


def columns_in(table: pa.Table) -> tuple[Column, ...]:
    """The columns that a new table for these rows would have.

    Raises:
        Invalid: a type that no table can hold.
    """
    return tuple(Column(name=f.name, type=_type(f.type)) for f in table.schema)


def _type(kind: pa.DataType) -> str:
    """What DuckDB calls the type that stores an Arrow type; a column of nulls alone is text."""
    match kind:
        case pa.DictionaryType() | pa.RunEndEncodedType():
            return _type(kind.value_type)
        case pa.ListType() | pa.LargeListType() | pa.FixedSizeListType():
            return f"{_type(kind.value_type)}[]"
        case pa.MapType():
            return f"MAP({_type(kind.key_type)}, {_type(kind.item_type)})"
        case pa.StructType():
            return f"STRUCT({', '.join(f'{quoted(f.name)} {_type(f.type)}' for f in kind)})"
        case pa.Decimal32Type() | pa.Decimal64Type() | pa.Decimal128Type():
            return f"DECIMAL({kind.precision}, {kind.scale})"
        case pa.TimestampType():
            return "TIMESTAMP WITH TIME ZONE" if kind.tz else "TIMESTAMP"
        case pa.UuidType():
            return "UUID"
        case pa.Time32Type() | pa.Time64Type():
            return "TIME"
        case pa.FixedSizeBinaryType():
            return "BLOB"
    if str(kind) not in STORED:
        raise Invalid(
            f"a column's type cannot be stored: {str(kind)[:60]}", hint="cast it to a plain type first"
        )
    return STORED[str(kind)]


STORED: Final[Mapping[str, str]] = {
    "null": "VARCHAR",
    "bool": "BOOLEAN",
    **dict.fromkeys(("int8", "int16", "int32", "uint8", "uint16"), "INTEGER"),
    **dict.fromkeys(("int64", "uint32"), "BIGINT"),
    "uint64": "DECIMAL(38,0)",
    **dict.fromkeys(("halffloat", "float"), "FLOAT"),
    "double": "DOUBLE",
    **dict.fromkeys(("string", "large_string", "string_view"), "VARCHAR"),
    **dict.fromkeys(("binary", "large_binary", "binary_view"), "BLOB"),
    **dict.fromkeys(("date32[day]", "date64[ms]"), "DATE"),
}
"""Arrow's plain types, as Arrow prints them, and what DuckDB calls the type that stores them."""


def stage(table: pa.Table, folder: Path) -> Path:
    """Write `table` to a new Parquet file in `folder`; a column of nulls alone is text in it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{uuid.uuid4()}.parquet"
    # DuckDB reads Parquet's null type as one that nothing can be compared in.
    schema = pa.schema([f.with_type(pa.string()) if pa.types.is_null(f.type) else f for f in table.schema])
    pq.write_table(table.cast(schema), path)
    return path
