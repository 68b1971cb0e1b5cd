"""[pure] Rows of a stream as the bytes of a Parquet file, and back, without loss."""

from collections.abc import Mapping, Sequence
from typing import Final

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from lakehouse.base.errors import Corrupt
from lakehouse.store.folds import Claims
from lakehouse.store.streams import EXTRA, RESERVED, ColumnType, Json, StreamSchema

METADATA_KEY: Final = b"lakehouse.journal"
TAIL_BYTES: Final = 8
"""A Parquet file ends with the length of its footer and `PAR1`. Source: parquet-format, "File format"."""

ARROW: Final[Mapping[ColumnType, pa.DataType]] = {
    "string": pa.string(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "json": pa.string(),
}


def columns_of(schema: StreamSchema) -> tuple[tuple[str, ColumnType], ...]:
    """Every column of a stream's files: the journal's own, the declared ones, `extra`."""
    own: tuple[tuple[str, ColumnType], ...] = tuple((name, "string") for name in RESERVED)
    return (*own, *schema.columns, (EXTRA, "json"))


def to_parquet(rows: Sequence[Mapping[str, Json]], schema: StreamSchema, claims: Claims) -> bytes:
    """The rows as a Parquet file that names the files it replaces. JSON is kept as text."""
    columns = columns_of(schema)
    arrays = [
        pa.array([_to_cell(row.get(name), kind) for row in rows], type=ARROW[kind]) for name, kind in columns
    ]
    about = orjson.dumps({"replaces": sorted(claims.replaces), "written_ms": claims.written_ms})
    fields = pa.schema([(name, ARROW[kind]) for name, kind in columns], metadata={METADATA_KEY: about})
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_arrays(arrays, schema=fields), sink, compression="zstd")
    return bytes(sink.getvalue())


def from_parquet(data: bytes, schema: StreamSchema, key: str) -> tuple[dict[str, Json], ...]:
    """The rows of a file that `to_parquet` made; absent fields stay absent.

    Raises:
        Corrupt: not such a file, or damaged.
    """
    kinds = dict(columns_of(schema))
    try:
        table = pq.read_table(pa.BufferReader(data))
        return tuple(
            {name: _from_cell(cell, kinds.get(name)) for name, cell in row.items() if cell is not None}
            for row in table.to_pylist()
        )
    except (pa.ArrowException, OSError, orjson.JSONDecodeError) as error:
        raise _damaged(key) from error


def footer_bytes(tail: bytes, key: str) -> int:
    """How many bytes at the end of a Parquet file hold its footer, told by its last `TAIL_BYTES`.

    Raises:
        Corrupt: not the end of a Parquet file.
    """
    if len(tail) != TAIL_BYTES or tail[4:] != b"PAR1":
        raise _damaged(key)
    return int.from_bytes(tail[:4], "little") + TAIL_BYTES


def claims_of(footer: bytes, key: str) -> Claims:
    """What a Parquet file replaces, from its last `footer_bytes`.

    Raises:
        Corrupt: the footer is damaged or was not written by `to_parquet`.
    """
    try:
        about = orjson.loads(pq.read_metadata(pa.BufferReader(b"PAR1" + footer)).metadata[METADATA_KEY])
        return Claims(replaces=frozenset(about["replaces"]), written_ms=about["written_ms"])
    except (pa.ArrowException, OSError, orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise _damaged(key) from error


def _to_cell(value: Json, kind: ColumnType) -> Json:
    return orjson.dumps(value).decode() if kind == "json" and value is not None else value


def _from_cell(cell: Json, kind: ColumnType | None) -> Json:
    if kind == "json" and isinstance(cell, str):
        parsed: Json = orjson.loads(cell)
        return parsed
    return cell


def _damaged(key: str) -> Corrupt:
    return Corrupt(f"the journal file {key} is damaged", hint="restore this file from a backup", key=key)
