"""[pure] What a table name may stand for, and the SQL that makes it a view in a worker.

A relation is a value: equal relations hold equal rows for ever (snapshots never change), so a worker may
keep a view of it as long as it likes.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

Columns = tuple[tuple[str, str], ...]
"""Pairs of name and DuckDB type."""


@dataclass(frozen=True, slots=True)
class FieldRef:
    """A column of an Iceberg table, found in its files by id, whatever it was called when written."""

    id: int
    name: str
    duck_type: str


@dataclass(frozen=True, slots=True)
class ParquetFiles:
    """A snapshot without delete files: its data files, read by field id; the fastest cold form."""

    paths: tuple[str, ...]
    """Absolute; none at all is an empty relation with the columns below."""

    columns: tuple[FieldRef, ...]

    uniform: bool = False
    """Was every file written with exactly these columns? Then names do, and reading is 1.8 times as fast
    as through the mapping by field id. True for tables whose schema never changed."""


@dataclass(frozen=True, slots=True)
class IcebergSnapshot:
    """Any snapshot, delete files and all, through DuckDB's Iceberg reader."""

    metadata_location: str
    snapshot_id: int | None = None
    """None is the current snapshot of that metadata file."""


@dataclass(frozen=True, slots=True)
class HotCopy:
    """A snapshot copied into a DuckDB file of its own, attached read-only."""

    path: str
    table: str = "data"


@dataclass(frozen=True, slots=True)
class JournalFiles:
    """A stream of events: compacted Parquet and JSONL segments not compacted yet."""

    parquet: tuple[str, ...]
    jsonl: tuple[str, ...]
    columns: Columns


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that the parent made itself, as one Arrow IPC stream: `system.tables`, `information_schema`."""

    ipc: bytes


@dataclass(frozen=True, slots=True)
class Held:
    """Some columns of a table in a worker's memory, each row with its slot: its place in the order of keys.

    Keys decide the slot, so whoever knows the keys of the snapshot knows which rows are meant, whatever
    order files are read in. Rows without a key have none, and are left out.
    """

    of: ParquetFiles | IcebergSnapshot
    key: str
    """Column whose values as text are unique."""

    columns: tuple[str, ...]


Relation = ParquetFiles | IcebergSnapshot | HotCopy | JournalFiles | Rows | Held


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """How a worker comes to know a relation, and how it forgets it."""

    name: str
    """Of the temporary view."""

    setup: tuple[str, ...]
    teardown: tuple[str, ...]

    rows: bytes | None = None
    """Arrow IPC to hold as the temporary table `<name>_rows` before `setup`."""

    needs_iceberg: bool = False


PREFIX = "lakehouse_"
"""Names in the user's text may not start with this; ours do."""

SLOT = PREFIX + "slot"
"""The column of a `Held` that says which row it is: INTEGER, from 0."""


@lru_cache(maxsize=256)
def name_of(relation: Relation) -> str:
    """The view's name: the same for equal relations, different for others."""
    return PREFIX + hashlib.sha256(repr(relation).encode()).hexdigest()[:24]


def define(relation: Relation, name: str) -> Definition:
    """The statements that create the view `name` over `relation`, and those that remove it."""
    drop = f"DROP VIEW IF EXISTS temp.main.{quote(name)}"
    body = body_of(relation, name)
    create = f"CREATE OR REPLACE TEMP VIEW {quote(name)} AS {body}"
    match relation:
        case HotCopy(path=path):
            attach = f"ATTACH IF NOT EXISTS {text(path)} AS {quote(name + '_db')} (READ_ONLY)"
            detach = f"DETACH DATABASE IF EXISTS {quote(name + '_db')}"
            return Definition(name=name, setup=(attach, create), teardown=(drop, detach))
        case Rows(ipc=ipc):
            drop_rows = f"DROP TABLE IF EXISTS temp.main.{quote(name + '_rows')}"
            return Definition(name=name, setup=(create,), teardown=(drop, drop_rows), rows=ipc)
        case IcebergSnapshot():
            return Definition(name=name, setup=(create,), teardown=(drop,), needs_iceberg=True)
        case Held(of=of):
            return _held(relation, name, create, needs_iceberg=isinstance(of, IcebergSnapshot))
        case _:
            return Definition(name=name, setup=(create,), teardown=(drop,))


def body_of(relation: Relation, name: str = "") -> str:
    """The SELECT over `relation`; `name` is needed for hot copies and rows only."""
    match relation:
        case ParquetFiles(paths=(), columns=columns):
            return _empty(tuple((c.name, c.duck_type) for c in columns))
        case ParquetFiles(paths=paths, columns=columns, uniform=True):
            return f"SELECT {', '.join(quote(c.name) for c in columns)} FROM read_parquet({_list(paths)})"
        case ParquetFiles(paths=paths, columns=columns):
            return f"SELECT * FROM read_parquet({_list(paths)}, schema={_by_field_id(columns)})"
        case IcebergSnapshot(metadata_location=location, snapshot_id=None):
            return f"SELECT * FROM iceberg_scan({text(location)})"
        case IcebergSnapshot(metadata_location=location, snapshot_id=snapshot):
            return f"SELECT * FROM iceberg_scan({text(location)}, snapshot_from_id={snapshot})"
        case HotCopy(table=table):
            return f"SELECT * FROM {quote(name + '_db')}.main.{quote(table)}"
        case Rows():
            return f"SELECT * FROM {quote(name + '_rows')}"
        case Held():
            return f"SELECT * FROM {quote(name + '_held')}"
        case JournalFiles():
            return _journal(relation)


def in_key_order(key: str) -> str:
    """The ORDER BY that slots are counted in: the text of the key, byte by byte."""
    return f"ORDER BY CAST({quote(key)} AS VARCHAR)"


def _held(relation: Held, name: str, create: str, *, needs_iceberg: bool) -> Definition:
    table = quote(name + "_held")
    slot = f"CAST(row_number() OVER ({in_key_order(relation.key)}) - 1 AS INTEGER) AS {SLOT}"
    columns = ", ".join([slot, *map(quote, relation.columns)])
    source = f"({body_of(relation.of)}) WHERE {quote(relation.key)} IS NOT NULL"
    return Definition(
        name=name,
        setup=(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {columns} FROM {source}", create),
        teardown=(f"DROP VIEW IF EXISTS temp.main.{quote(name)}", f"DROP TABLE IF EXISTS temp.main.{table}"),
        needs_iceberg=needs_iceberg,
    )


def _journal(files: JournalFiles) -> str:
    # Older segments may lack a column: the empty head gives every column its name and type.
    parts = [_empty(files.columns)]
    if files.parquet:
        parts.append(f"SELECT * FROM read_parquet({_list(files.parquet)}, union_by_name=true)")
    if files.jsonl:
        types = ", ".join(f"{text(name)}: {text(kind)}" for name, kind in files.columns)
        # The last line of the open segment may still be on its way; the store repairs and counts torn ones.
        # Here such a line reads as a row of nulls, which no event is.
        options = f"columns={{{types}}}, format='newline_delimited', ignore_errors=true"
        torn = " AND ".join(f"{quote(name)} IS NULL" for name, _ in files.columns)
        parts.append(f"SELECT * FROM read_json({_list(files.jsonl)}, {options}) WHERE NOT ({torn})")
    wanted = ", ".join(f"CAST({quote(name)} AS {kind}) AS {quote(name)}" for name, kind in files.columns)
    return f"SELECT {wanted} FROM ({' UNION ALL BY NAME '.join(parts)})"


def _empty(columns: Columns) -> str:
    return (
        f"SELECT {', '.join(f'CAST(NULL AS {kind}) AS {quote(name)}' for name, kind in columns)} WHERE false"
    )


def _by_field_id(columns: tuple[FieldRef, ...]) -> str:
    fields = (
        f"{c.id}: {{name: {text(c.name)}, type: {text(c.duck_type)}, default_value: NULL}}" for c in columns
    )
    return f"MAP {{{', '.join(fields)}}}"


def _list(paths: tuple[str, ...]) -> str:
    return f"[{', '.join(map(text, paths))}]"


def quote(name: str) -> str:
    """`name` as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """`value` as an SQL string literal."""
    return "'" + value.replace("'", "''") + "'"
