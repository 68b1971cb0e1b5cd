"""[acts] What runs inside the jailed worker: DuckDB, locked, knowing only the views it is told to define.

Requests, by `op`:
- `parse` [sql]: the syntax tree as JSON, and the kinds of statements when they are not all SELECT;
- `run` [tree, rows…]: forget and define views, execute, stream Arrow IPC up to the limits;
- `iceberg`: start over with the Iceberg reader loaded (150 ms, 90 MB: only workers that need it pay).
"""

import io
import time
from collections.abc import Generator, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from lakehouse.base import bucket
from lakehouse.base.child import Message
from lakehouse.base.duck import connect, quote_text
from lakehouse.base.errors import Invalid, LakehouseError, Refused, Unavailable
from lakehouse.query import discreet, params

BATCH_ROWS: Final = 16_384
PIECE_BYTES: Final = 1 << 18
"""Arrow bytes in one message; a smaller result is one message, since each wakes the other process."""

KNOWN_TREES: Final = 256
SMALL_TREE_BYTES: Final = 64 << 10
"""The texts of so many trees of up to this size are kept: making one costs as much as running it."""

MAX_TREE_BYTES: Final = 16 << 20
"""Of the JSON tree; 5,000 nodes take about 1.5 MB."""

ONLY_SELECT: Final = "Only SELECT statements can be serialized"


class Worker:
    """Answers the requests above; one DuckDB instance, replaced once when Iceberg is first needed."""

    def __init__(self, setup: Mapping[str, object]) -> None:
        self._setup = setup
        self._con = open_locked(setup)
        self._known_text = lru_cache(maxsize=KNOWN_TREES)(self._deserialized)

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

    def interrupt(self) -> None:
        """Stop the query in progress, from another thread."""
        self._con.interrupt()

    def _parse(self, sql: str) -> Message:
        try:
            (tree,) = self._con.execute("SELECT json_serialize_sql(?::VARCHAR)", [sql]).fetchone() or ("",)
        except duckdb.Error as error:
            raise _mapped(error, sql) from error
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
            raise _mapped(error, sql) from error

    def _run(self, request: Message) -> Iterator[Message]:
        started = time.perf_counter()
        header = request.header
        tree, *rows = request.payload
        given, text = params.decode(header.get("params")), ""
        try:
            self._learn(header, rows)
            text = self._text(tree)
            self._con.execute(text, given)
            columns = [[name, str(kind)] for name, kind, *_ in self._con.description or ()]
            reader = self._con.to_arrow_reader(BATCH_ROWS)
            done, rest = yield from _stream(reader, _number(header["rows"]), _number(header["bytes"]))
        except MemoryError as error:  # Arrow's own is one too
            raise _out_of_memory() from error
        except (duckdb.FatalException, duckdb.InternalException):
            raise  # the instance is unusable: die, and be replaced
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            raise self._cause(error, text, given) from error
        elapsed_ms = (time.perf_counter() - started) * 1000
        yield Message({**done, "columns": columns, "elapsed_ms": elapsed_ms}, (rest,))

    def _cause(self, error: Exception, text: str, given: params.Decoded) -> LakehouseError:
        """What stopped the query."""
        if "Interrupted" in str(error):
            # One thread failed and the others heard of it first: ask again, without rows, what it was.
            try:
                self._con.execute(f"EXPLAIN ANALYZE {text}", given)
            except duckdb.Error as real:
                return _mapped(real, text)
            return Unavailable("the query was interrupted", hint="run it again")
        return _mapped(error, text) if isinstance(error, duckdb.Error) else _streamed(error, text)

    def _learn(self, header: Mapping[str, object], rows: list[bytes]) -> None:
        for statement in _strings(header["forget"]):
            self._con.execute(statement)
        frames = iter(rows)
        for name in _strings(header["rows_names"]):
            self._con.register(f"{name}_ipc", pa.ipc.open_stream(next(frames)).read_all())
            self._con.execute(f"CREATE OR REPLACE TEMP TABLE {name}_rows AS FROM {name}_ipc")
            self._con.unregister(f"{name}_ipc")
        for statement in _strings(header["define"]):
            self._con.execute(statement)

    def _text(self, tree: bytes) -> str:
        return self._known_text(tree) if len(tree) <= SMALL_TREE_BYTES else self._deserialized(tree)

    def _deserialized(self, tree: bytes) -> str:
        row = self._con.execute("SELECT json_deserialize_sql(?::JSON)", [tree.decode()]).fetchone()
        return str(row[0]) if row else ""


def open_locked(
    setup: Mapping[str, object], *, extensions: tuple[str, ...] = ()
) -> duckdb.DuckDBPyConnection:
    """A connection that reads the allowed folders and nothing else, its settings locked.

    Args:
        setup: `temp`, `folders` (readable, absolute), `memory_bytes`, `threads`, maybe `bucket`.
        extensions: loaded before the lock; afterwards nothing can be.
    """
    temp = str(setup["temp"])
    con = connect(
        threads=_number(setup["threads"]),
        memory_bytes=_number(setup["memory_bytes"]),
        temp=Path(temp),
        extensions=extensions,
        bucket=(remote := bucket.from_json(setup.get("bucket"))),
    )
    readable = [*_strings(setup["folders"]), *([remote.root] if remote else [])]
    folders = ", ".join(quote_text(f.rstrip("/") + "/") for f in readable)
    for setting in (
        f"allowed_directories = [{folders}]",
        f"max_temp_directory_size = '{_number(setup['temp_bytes'])}B'",
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
) -> Generator[Message, None, tuple[dict[str, object], bytes]]:
    """Arrow IPC pieces up to the limits; returns the counts and the last piece."""
    sink, sent_rows, sent_bytes, truncated = io.BytesIO(), 0, 0, False
    with pa.ipc.new_stream(sink, reader.schema) as writer:
        for batch in reader:
            part = _fitting(batch, max_rows - sent_rows, max_bytes - sent_bytes)
            truncated = part.num_rows < batch.num_rows
            if part.num_rows:
                writer.write_batch(part)
            sent_rows, sent_bytes = sent_rows + part.num_rows, sent_bytes + part.nbytes
            if sink.tell() >= PIECE_BYTES:
                yield Message({}, (_taken(sink),))
            if truncated:
                break
    return {"row_count": sent_rows, "truncated": truncated}, _taken(sink)


def _fitting(batch: pa.RecordBatch, rows: int, size: int) -> pa.RecordBatch:
    """The head of the batch that is within `rows` and, taking its rows as equally long, `size` bytes."""
    fits = batch.num_rows if batch.nbytes <= size else batch.num_rows * max(size, 0) // batch.nbytes
    return batch.slice(0, min(rows, fits))


def _taken(sink: io.BytesIO) -> bytes:
    data = sink.getvalue()
    sink.seek(0)
    sink.truncate()
    return data


def _mapped(error: duckdb.Error, statement: str) -> LakehouseError:
    """DuckDB's complaint without values; the parent, which knows the original text, puts it in words."""
    if isinstance(error, duckdb.OutOfMemoryException):
        return _out_of_memory()
    return _invalid(type(error).__name__, str(error), statement)


def _streamed(error: Exception, statement: str) -> LakehouseError:
    """The same for an error among the rows, which reaches us through Arrow as text alone."""
    message = str(error)
    kind = message.split(" Error:")[0].title().replace(" ", "")
    if kind == "OutOfMemory":
        return _out_of_memory()
    return _invalid(f"{kind}Exception" if kind.isalpha() else type(error).__name__, message, statement)


def _invalid(engine: str, message: str, statement: str) -> Invalid:
    return Invalid(discreet.told(engine, message, statement), engine=engine)


def _out_of_memory() -> Unavailable:
    hint = "ask for less, or raise workers.memory_bytes"
    return Unavailable("the query ran out of memory", hint=hint, spoiled=True)


def _strings(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _number(value: object) -> int:
    return int(str(value))


def serve(setup: Mapping[str, object]) -> Worker:
    """The entry that `lakehouse.base.child` calls, confined."""
    return Worker(setup)
