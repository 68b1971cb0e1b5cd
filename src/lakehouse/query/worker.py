"""[acts] What runs inside the jailed worker: DuckDB, locked, knowing only the views it is told to define.

Requests, by `op`:
- `parse` [sql]: the syntax tree as JSON, and the kinds of statements when they are not all SELECT;
- `run` [tree, rows…]: forget and define views, execute, stream Arrow IPC up to the limits;
- `iceberg`: start over with the Iceberg reader loaded (150 ms, 90 MB: only workers that need it pay).
"""

import io
import sys
import time
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from lakehouse.base.child import Message
from lakehouse.base.duck import connect, quote_text
from lakehouse.base.errors import Invalid, Refused, Unavailable
from lakehouse.query import params

BATCH_ROWS: Final = 16_384
MAX_TREE_BYTES: Final = 16 << 20
"""Of the JSON tree; 5,000 nodes take about 1.5 MB."""

ONLY_SELECT: Final = "Only SELECT statements can be serialized"


class Worker:
    """Answers the requests above; one DuckDB instance, replaced once when Iceberg is first needed."""

    def __init__(self, setup: Mapping[str, object]) -> None:
        self._setup = setup
        self._con = open_locked(setup)

    def __call__(self, request: Message) -> Iterator[Message]:
        """Answer one request."""
        match request.header["op"]:
            case "parse":
                yield self._parse(request.payload[0].decode())
            case "run":
                yield from self._run(request)
            case "iceberg":
                self._con.close()
                self._con = open_locked(self._setup, extensions=("avro", "iceberg"))
                yield Message()

    def _parse(self, sql: str) -> Message:
        try:
            (tree,) = self._con.execute("SELECT json_serialize_sql(?::VARCHAR)", [sql]).fetchone() or ("",)
        except duckdb.Error as error:
            raise _mapped(error) from error
        if len(tree) > MAX_TREE_BYTES:
            raise Refused("the statement has too many parts", hint="ingest long lists as a table and join it")
        kinds = self._kinds(sql) if ONLY_SELECT in tree[:300] else []
        return Message({"kinds": kinds}, (tree.encode(),))

    def _kinds(self, sql: str) -> list[str]:
        try:
            return [statement.type.name for statement in self._con.extract_statements(sql)]
        except duckdb.PermissionException:
            return ["IMPORT"]  # the one statement whose parser opens files
        except duckdb.Error as error:
            raise _mapped(error) from error

    def _run(self, request: Message) -> Iterator[Message]:
        started = time.perf_counter()
        header = request.header
        tree, *rows = request.payload
        try:
            self._learn(header, rows)
            self._con.execute(self._text(tree), params.decode(header.get("params")))
            columns = [[name, str(kind)] for name, kind, *_ in self._con.description or ()]
            yield Message({"columns": columns})
            reader = self._con.to_arrow_reader(BATCH_ROWS)
            done = yield from _stream(reader, _number(header["rows"]), _number(header["bytes"]))
        except (duckdb.OutOfMemoryException, MemoryError, pa.ArrowMemoryError) as error:
            raise Unavailable(
                "the query ran out of memory",
                hint="ask for less, or raise query.memory_bytes",
                spoiled=True,
            ) from error
        except (duckdb.FatalException, duckdb.InternalException):
            raise  # the instance is unusable: die, and be replaced
        except duckdb.Error as error:
            raise _mapped(error) from error
        except pa.ArrowException as error:
            raise Invalid(str(error), engine="ArrowException") from error
        yield Message({**done, "elapsed_ms": (time.perf_counter() - started) * 1000})

    def _learn(self, header: Mapping[str, object], rows: list[bytes]) -> None:
        for statement in _strings(header["forget"]):
            self._con.execute(statement)
        frames = iter(rows)
        for name in _strings(header["rows_names"]):
            table = pa.ipc.open_stream(next(frames)).read_all()
            self._con.register(f"{name}_rows", table)
        for statement in _strings(header["define"]):
            self._con.execute(statement)

    def _text(self, tree: bytes) -> str:
        row = self._con.execute("SELECT json_deserialize_sql(?::JSON)", [tree.decode()]).fetchone()
        return str(row[0]) if row else ""


def open_locked(
    setup: Mapping[str, object], *, extensions: tuple[str, ...] = ()
) -> duckdb.DuckDBPyConnection:
    """A connection that reads the allowed folders and nothing else, its settings locked.

    Args:
        setup: `temp`, `folders` (readable, absolute), `memory_bytes`, `threads`.
        extensions: loaded before the lock; afterwards nothing can be.
    """
    temp = str(setup["temp"])
    con = connect(
        threads=_number(setup["threads"]),
        memory_bytes=_number(setup["memory_bytes"]),
        temp=Path(temp),
        extensions=extensions,
    )
    folders = ", ".join(quote_text(f.rstrip("/") + "/") for f in _strings(setup["folders"]))
    for setting in (
        f"allowed_directories = [{folders}]",
        f"max_temp_directory_size = '{_number(setup['temp_bytes'])}B'",
        "allow_persistent_secrets = false",
        "parquet_metadata_cache = true",
        "TimeZone = 'UTC'",
        "enable_progress_bar = false",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        con.execute(f"SET {setting}")
    return con


def _stream(
    reader: pa.RecordBatchReader, max_rows: int, max_bytes: int
) -> Generator[Message, None, dict[str, object]]:
    """Arrow IPC pieces up to the limits; returns the counts as the last header."""
    sink, sent_rows, sent_bytes, truncated = io.BytesIO(), 0, 0, False
    with pa.ipc.new_stream(sink, reader.schema) as writer:
        for batch in reader:
            part = _fitting(batch, max_rows - sent_rows, max_bytes - sent_bytes)
            truncated = part.num_rows < batch.num_rows
            if part.num_rows:
                writer.write_batch(part)
            sent_rows, sent_bytes = sent_rows + part.num_rows, sent_bytes + part.nbytes
            yield Message({}, (_taken(sink),))
            if truncated:
                break
    yield Message({}, (_taken(sink),))
    return {"row_count": sent_rows, "truncated": truncated}


def _fitting(batch: pa.RecordBatch, rows: int, size: int) -> pa.RecordBatch:
    """The head of the batch that is within `rows` and, taking its rows as equally long, `size` bytes."""
    fits = batch.num_rows if batch.nbytes <= size else batch.num_rows * max(size, 0) // batch.nbytes
    return batch.slice(0, min(rows, fits))


def _taken(sink: io.BytesIO) -> bytes:
    data = sink.getvalue()
    sink.seek(0)
    sink.truncate()
    return data


def _mapped(error: duckdb.Error) -> Invalid:
    """DuckDB's complaint as it is; the parent, which knows the original text, puts it in words."""
    return Invalid(str(error), engine=type(error).__name__)


def _strings(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _number(value: object) -> int:
    return int(str(value))


def serve(setup: Mapping[str, object]) -> Worker:
    """The entry that `lakehouse.base.child` calls, confined."""
    # DuckDB imports pandas, where there is one, to look at its first parameter: 0.9 s and 50 MB for nothing.
    sys.modules["pandas"] = None  # type: ignore[assignment]  # None is how Python marks "cannot be imported"
    return Worker(setup)
