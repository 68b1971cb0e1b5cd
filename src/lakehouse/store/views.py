"""[pure] A stream as SQL: one SELECT over its Parquet and JSON files, each record once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lakehouse.store.columns import columns_of
from lakehouse.store.streams import ColumnType, StreamSchema

SQL_TYPES: Final[dict[ColumnType, str]] = {
    "string": "VARCHAR",
    "bigint": "BIGINT",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "json": "JSON",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFiles:
    """Where to read a stream: the addresses of files that hold each record once, oldest first."""

    schema: StreamSchema
    parquet: tuple[str, ...]
    jsonl: tuple[str, ...]


def view_sql(files: StreamFiles) -> str:
    """A SELECT (DuckDB's dialect) of the stream: `id`, `at` (UTC), its declared columns, `extra`.

    Files written before a column was declared show it as NULL.
    """
    columns = columns_of(files.schema)
    empty = ", ".join(f"NULL::{_file_type(kind)} AS {_name(name)}" for name, kind in columns)
    parts = [f"SELECT {empty} WHERE false"]
    if files.parquet:
        parts.append(f"SELECT * FROM read_parquet({_list(files.parquet)}, union_by_name=true)")
    if files.jsonl:
        shape = ", ".join(f"{_name(name)}: {_text(_json_type(kind))}" for name, kind in columns)
        parts.append(
            f"SELECT * FROM read_json({_list(files.jsonl)}, format='newline_delimited', columns={{{shape}}})"
        )
    shown = ", ".join(f"CAST({_name(n)} AS {_shown_type(n, k)}) AS {_name(n)}" for n, k in columns)
    return f"SELECT {shown} FROM ({' UNION ALL BY NAME '.join(parts)})"


def _file_type(kind: ColumnType) -> str:
    return "VARCHAR" if kind == "json" else SQL_TYPES[kind]


def _json_type(kind: ColumnType) -> str:
    return SQL_TYPES[kind]


def _shown_type(name: str, kind: ColumnType) -> str:
    return "TIMESTAMP" if name == "at" else SQL_TYPES[kind]


def _list(urls: Sequence[str]) -> str:
    return f"[{', '.join(_text(url) for url in urls)}]"


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
