"""[pure] Row statements: the SQL that upserts staged rows, or deletes rows, in one table."""

from collections.abc import Sequence
from typing import Final

from lakehouse.base.errors import Invalid
from lakehouse.table.names import TableName, nearest, quoted
from lakehouse.table.schema import Column

NO_KEY: Final = "a row lacks its key"
"""What the statement says of a row whose key is NULL: it could never be matched again."""


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
    cast = f"CAST({quoted(column.name)} AS {column.type})"
    return f"CASE WHEN {cast} IS NULL THEN error('{NO_KEY}') ELSE {cast} END" if is_key else cast


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
    cast = ", ".join(f"CAST({quoted(k)} AS {checked(columns, k).type})" for k in keys)
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
