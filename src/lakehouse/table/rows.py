"""[pure] Row statements: the SQL that upserts staged rows, or deletes rows, in one table."""

import re
from collections.abc import Sequence
from typing import Final

from lakehouse.base.errors import Invalid
from lakehouse.table.names import TableName, nearest, quoted
from lakehouse.table.schema import Column

NO_KEY: Final = "a row lacks its key"
"""What the statement says of a row whose key is NULL: it could never be matched again."""

NO_FIT: Final = "a value does not fit its column"
"""What the statement says of a value that the column could only hold as another one."""


def merge(
    table: TableName,
    columns: Sequence[Column],
    *,
    given: Sequence[str],
    key: Sequence[str],
    files: Sequence[str],
) -> str:
    """One MERGE that makes the table hold the staged rows: matched by key they replace, else they are new.

    Of rows with the same key the last one wins, as if they had come one by one. Columns that the staged
    rows lack keep their values; rows that would not change are left alone, so no file is written for them.

    Args:
        columns: of the table.
        given: names of the staged columns, each one of `columns`.
        key: one or more of `given`.
        files: paths of staged Parquet files, as SQL literals would hold them.

    Raises:
        Invalid: a key column is not in the table or not among the staged ones.
    """
    keys = [checked(columns, k).name for k in key]
    if not keys or not {k.casefold() for k in keys} <= {g.casefold() for g in given}:
        raise Invalid("the rows lack a key column", hint=f"give every row its {', '.join(keys) or 'key'}")
    names = [checked(columns, g).name for g in given]
    rest = [n for n in names if n not in keys]
    source = _last_of_each(columns, names, keys, files)
    update = ""
    if rest:
        differs = " OR ".join(f"t.{quoted(n)} IS DISTINCT FROM s.{quoted(n)}" for n in rest)
        sets = ", ".join(f"{quoted(n)} = s.{quoted(n)}" for n in rest)
        update = f"WHEN MATCHED AND ({differs}) THEN UPDATE SET {sets} "
    values = ", ".join(f"s.{quoted(n)}" for n in names)
    return (
        f"MERGE INTO {sql_name(table)} AS t USING ({source}) AS s ON {_same(keys)} {update}"
        f"WHEN NOT MATCHED THEN INSERT ({', '.join(map(quoted, names))}) VALUES ({values})"
    )


def _last_of_each(
    columns: Sequence[Column], names: Sequence[str], keys: Sequence[str], files: Sequence[str]
) -> str:
    """The staged rows in the table's types, without those that a later one with the same key replaces."""
    place = quoted(max(names, key=len) + "_")  # no column has this name
    picked = ", ".join(f"{_cast(checked(columns, n), is_key=n in keys)} AS {quoted(n)}" for n in names)
    typed = f"SELECT {picked} FROM read_parquet({_list(files)})"
    placed = f"SELECT *, row_number() OVER () AS {place} FROM ({typed})"
    return (
        f"SELECT {', '.join(map(quoted, names))} FROM ({placed}) "
        f"QUALIFY row_number() OVER (PARTITION BY {', '.join(map(quoted, keys))} ORDER BY {place} DESC) = 1"
    )


def _cast(column: Column, *, is_key: bool) -> str:
    """The staged value in the column's type; the statement fails where that would be another value."""
    given, cast = quoted(column.name), f"CAST({quoted(column.name)} AS {column.type})"
    no_key = f"WHEN {cast} IS NULL THEN error('{NO_KEY}') " if is_key else ""
    lossy = f"WHEN {_loses(given, cast, column.type)} THEN error('{NO_FIT}') " if _is_exact(column) else ""
    return f"CASE {no_key}{lossy}ELSE {cast} END" if no_key or lossy else cast


def _is_exact(column: Column) -> bool:
    """Does the type hold a value as it is or not at all? Floats round by nature, and text holds anything."""
    return column.type != "VARCHAR" and not re.search(r"\b(FLOAT|DOUBLE)\b", column.type)


def _loses(given: str, cast: str, kind: str) -> str:
    """Whether a cast, which rounds 1.7 to 2 and takes the hour off a day, made another value of `given`.

    Text is not compared as text, since 7 and 7.00 are the same number, but as the widest of its kind.
    """
    if kind in {"DATE", "TIMESTAMP"}:
        wide = "TIMESTAMP WITH TIME ZONE"
    elif kind in {"INTEGER", "BIGINT"} or kind.startswith("DECIMAL"):
        wide = "DOUBLE"
    else:
        wide = kind
    text = f"TRY_CAST(CAST({given} AS VARCHAR) AS {wide}) <> CAST({cast} AS {wide})"
    other = f"cast_to_type({cast}, {given}) IS DISTINCT FROM {given}"
    return f"CASE WHEN typeof({given}) = 'VARCHAR' THEN {text} ELSE {other} END"


def delete(table: TableName, predicate: str) -> str:
    """One DELETE of the rows for which `predicate` holds; the caller has proved that it only reads.

    The closing line break keeps a trailing comment in the predicate from swallowing the bracket.
    """
    return f"DELETE FROM {sql_name(table)} WHERE ({predicate}\n)"


def delete_keys(
    table: TableName, columns: Sequence[Column], *, key: Sequence[str], files: Sequence[str]
) -> str:
    """One DELETE of the rows whose key is among the staged ones."""
    keys = [checked(columns, k).name for k in key]
    cast = ", ".join(_cast(checked(columns, k), is_key=False) for k in keys)
    wanted = f"SELECT {cast} FROM read_parquet({_list(files)})"
    return f"DELETE FROM {sql_name(table)} WHERE ({', '.join(map(quoted, keys))}) IN ({wanted})"


def checked(columns: Sequence[Column], name: str) -> Column:
    """The column that `name` means, whatever its case.

    Raises:
        Invalid: there is none; the hint names those that look like it.
    """
    found = next((c for c in columns if c.name.casefold() == name.casefold()), None)
    if found is None:
        close = nearest(name, (c.name for c in columns))
        hint = f"did you mean {', '.join(close)}?" if close else "lakehouse show lists the columns"
        raise Invalid(f"no column {name!r}", hint=hint)
    return found


def sql_name(table: TableName) -> str:
    """The table as the writer's child sees it, below the attached catalog."""
    return f"{CATALOG}.{table.sql}"


CATALOG: Final = "lake"
"""What the child attaches the catalog as."""


def _list(files: Sequence[str]) -> str:
    return "[" + ", ".join("'" + f.replace("'", "''") + "'" for f in files) + "]"


def _same(keys: Sequence[str]) -> str:
    return " AND ".join(f"t.{quoted(k)} = s.{quoted(k)}" for k in keys)
