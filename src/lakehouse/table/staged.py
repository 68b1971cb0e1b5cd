"""[acts] Staged rows: what a program hands over becomes a Parquet file that the writer can take up."""

import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.exceptions import ValidationError
from pyiceberg.io.pyarrow import _pyarrow_to_schema_without_ids

from lakehouse.base.errors import Invalid
from lakehouse.table.schema import Column, columns_of

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
    except (pa.ArrowException, TypeError, ValueError) as error:
        hint = "give a list of dictionaries, or an Arrow, polars or pandas table"
        raise Invalid(f"the rows are not a table: {type(error).__name__}", hint=hint) from error
    if not table.num_columns:
        raise Invalid("there are no rows", hint="give at least one row with at least one column")
    return table


def columns_in(table: pa.Table) -> tuple[Column, ...]:
    """The columns that a new table for these rows would have.

    Raises:
        Invalid: a type that no table can hold.
    """
    plain = [f.with_type(pa.string()) if pa.types.is_null(f.type) else f for f in table.schema]
    try:
        return columns_of(_pyarrow_to_schema_without_ids(pa.schema(plain), downcast_ns_timestamp_to_us=True))
    except (TypeError, ValueError, ValidationError) as error:
        raise Invalid(
            f"a column's type cannot be stored: {error}", hint="cast it to a plain type first"
        ) from error


def stage(table: pa.Table, folder: Path) -> Path:
    """Write `table` to a new Parquet file in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{uuid.uuid4()}.parquet"
    pq.write_table(table, path)
    return path
