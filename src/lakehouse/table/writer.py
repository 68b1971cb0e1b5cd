"""[acts] The writer: changes to rows, each one statement and one commit.

Rows arrive as staged Parquet files. Appending and replacing register them as data files, so no row is
written twice; upserting and deleting run through DuckDB's Iceberg writer in a jailed child, which writes
new rows and position deletes and commits through the private door.
"""

import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from pyiceberg.manifest import DataFile
from pyiceberg.schema import Schema
from pyiceberg.table.metadata import TableMetadata
from pyiceberg.table.update import (
    AddSchemaUpdate,
    SetPropertiesUpdate,
    TableUpdate,
    update_table_metadata,
)

from lakehouse.base.child import Child
from lakehouse.base.clock import Clock
from lakehouse.base.errors import Conflict, Invalid
from lakehouse.table import rows
from lakehouse.table.catalog import Catalog
from lakehouse.table.files.datafile import data_file
from lakehouse.table.files.marking import has_lists, mark_file
from lakehouse.table.files.sources import SOURCE
from lakehouse.table.heads import Head
from lakehouse.table.manifests import live
from lakehouse.table.names import TableName
from lakehouse.table.rest.door import Door
from lakehouse.table.schema import columns_of
from lakehouse.table.snapshot import ATTEMPTS, Edit, NextSnapshot, change, publish, wait

TIMEOUT_S = 600.0
"""For one row statement; an upsert of a million rows takes seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What one write did."""

    head: Head
    rows: int
    """Rows inserted, changed or removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Rows on their way into a table, and what their commit says besides."""

    files: tuple[Path, ...]
    """Staged Parquet; moved into the table's folder where they become its files."""

    summary: dict[str, str] = field(default_factory=dict)
    """Kept with the snapshot: source, content hash, mode."""

    schema: Schema | None = None
    """The columns the rows were written for; None is the table's own."""

    properties: dict[str, str] = field(default_factory=dict)
    """Set on the table in the same commit: its card."""

    base: Head | None = None
    """The state that the rows were made for; None: whatever the table is when the write begins."""

    is_exact: bool = False
    """The rows hang on those of `base` and on its properties: a change of either in between is a conflict."""


NOTHING: Mapping[str, str] = MappingProxyType({})


class Writer:
    """All changes to rows of one lake. Safe to share between threads: row statements take turns."""

    def __init__(
        self,
        catalog: Catalog,
        *,
        clock: Clock,
        door: Door,
        start: Callable[[], Child],
        condition_s: float = TIMEOUT_S,
    ) -> None:
        """A writer for one catalog.

        Args:
            start: starts the child.
            condition_s: how long a statement may take whose condition came from outside: it can be made to
                compute for ever, and everyone's next row statement waits for it.
        """
        self._catalog = catalog
        self._condition_s = condition_s
        self._door = door
        self._clock = clock
        self._start = start
        self._turn = threading.Lock()
        self._child: Child | None = None

    def close(self) -> None:
        """End the child, if one was started."""
        with self._turn:
            if self._child:
                self._child.close()
                self._child = None

    def create(self, name: TableName, metadata: TableMetadata, batch: Batch) -> Head:
        """A new table that starts with the staged rows, in one commit.

        Raises:
            Conflict: the name is taken; nothing was written under it.
        """
        self._catalog.prepare_folder(metadata.location)
        empty = Head(name=name, metadata=metadata, location="")
        files = self._adopt(empty, batch.files, metadata.schema())
        first = NextSnapshot(operation="append", data=Edit(added=files), summary=batch.summary)
        updates = change(self._catalog.io, empty, first, now_ms=self._clock.now_ms()).updates
        return self._catalog.create(name, update_table_metadata(metadata, updates))

    def append(self, name: TableName, batch: Batch) -> Head:
        """Add staged rows as they are; their Parquet must carry the field ids of `batch.schema`.

        Content that the table holds by now, by the hash in the summary, is not added again.

        Raises:
            Conflict: the table or its columns are not those of `batch.base`; nor its rows, if `is_exact`.
        """
        base = self._base(name, batch)
        files = self._adopt(base, batch.files, batch.schema or base.metadata.schema())

        def plan(head: Head) -> NextSnapshot | None:
            if self._catalog.sources.has(head.metadata, batch.summary.get(SOURCE, "")):
                return None
            current = head.metadata.current_snapshot()
            kept = tuple(current.manifests(self._catalog.io)) if current else ()
            next_snapshot = NextSnapshot(
                operation="append", data=Edit(added=files), kept=kept, summary=batch.summary
            )
            if batch.is_exact:
                require_same(base, head)
            return _in_schema(next_snapshot, base, head, batch)

        return publish(self._catalog, name, plan, now_ms=self._clock.now_ms())

    def replace(self, name: TableName, batch: Batch) -> Head:
        """Make the staged rows the table's only rows; what was before stays in its history.

        Raises:
            Conflict: the table or its columns are no longer those of `batch.base`.
        """
        base = self._base(name, batch)
        files = self._adopt(base, batch.files, batch.schema or base.metadata.schema())

        def plan(head: Head) -> NextSnapshot:
            before = live(self._catalog.io, head.metadata.current_snapshot())
            next_snapshot = NextSnapshot(
                operation="overwrite",
                data=Edit(added=files, removed=before.data),
                deletes=Edit(removed=before.deletes),
                summary=batch.summary,
            )
            return _in_schema(next_snapshot, base, head, batch)

        return publish(self._catalog, name, plan, now_ms=self._clock.now_ms())

    def upsert(self, name: TableName, batch: Batch, *, given: Sequence[str], key: Sequence[str]) -> Written:
        """Make the table hold the staged rows, matched by `key`; equal rows are left alone."""
        columns = columns_of(self._catalog.head(name).metadata.schema())
        statement = rows.merge(name, columns, given=given, key=key, files=[str(p) for p in batch.files])
        return self._run(name, statement, summary=batch.summary)

    def delete(self, name: TableName, predicate: str) -> Written:
        """Remove the rows for which a predicate holds that the query guard has passed."""
        return self._run(name, rows.delete(name, predicate), timeout_s=self._condition_s)

    def delete_keys(self, name: TableName, staged: Sequence[Path], *, key: Sequence[str]) -> Written:
        """Remove the rows whose key is among the staged ones."""
        columns = columns_of(self._catalog.head(name).metadata.schema())
        return self._run(name, rows.delete_keys(name, columns, key=key, files=[str(p) for p in staged]))

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Keep all row statements of this process waiting until the block ends."""
        with self._turn:
            yield

    def run(self, statements: Sequence[str], *, in_turn: bool = False, timeout_s: float = TIMEOUT_S) -> int:
        """Carry out statements of ours in one transaction; how many rows the last one changed.

        Args:
            in_turn: the caller holds the turn already.
        """
        with nullcontext() if in_turn else self._turn:
            reply = self._ready().ask({"sql": list(statements)}, timeout_s=timeout_s)
        return int(str(reply.header["rows"]))

    def _run(
        self,
        name: TableName,
        statement: str,
        *,
        summary: Mapping[str, str] = NOTHING,
        timeout_s: float = TIMEOUT_S,
    ) -> Written:
        with self._turn, self._door.noting(summary):
            for attempt in range(ATTEMPTS):
                try:
                    changed = self.run([statement], in_turn=True, timeout_s=timeout_s)
                    break
                except Conflict:
                    if attempt == ATTEMPTS - 1:
                        raise
                    wait(attempt)
        return Written(head=self._catalog.head(name), rows=changed)

    def _ready(self) -> Child:
        if self._child is None or not self._child.is_alive:
            if self._child:
                self._child.close()
            self._child = self._start()
        return self._child

    def _base(self, name: TableName, batch: Batch) -> Head:
        """The state that a batch's rows were made for, which the table must still be like."""
        head = self._catalog.head(name)
        base = batch.base or head
        require_alike(base, head)
        return base

    def _adopt(self, head: Head, staged: Sequence[Path], schema: Schema) -> tuple[DataFile, ...]:
        """The staged files moved into the table's folder; the commit makes them durable and visible.

        Raises:
            Invalid: the table is partitioned, and one file would belong to many partitions.
        """
        if head.metadata.spec().fields:
            raise Invalid(
                f"{head.name} is partitioned by another tool", hint="upsert its rows, or write with that tool"
            )
        return tuple(adopt(self._catalog, head, path, schema) for path in staged)


def _in_schema(wanted: NextSnapshot, base: Head, head: Head, batch: Batch) -> NextSnapshot:
    """The same plan with the batch's schema and properties in its commit."""
    require_alike(base, head)
    updates: list[TableUpdate] = []
    schema = batch.schema
    if schema and schema.schema_id not in {s.schema_id for s in head.metadata.schemas}:
        updates.append(AddSchemaUpdate(schema_=schema))
    if batch.properties:
        updates.append(SetPropertiesUpdate(updates=batch.properties))
    is_new = schema is not None and schema.schema_id != head.metadata.current_schema_id
    schema_id = schema.schema_id if schema and is_new else None
    return replace(wanted, updates=tuple(updates), schema_id=schema_id)


def require_alike(base: Head, head: Head) -> None:
    """Nothing, if rows made for `base` fit `head`: the same table with the same columns.

    Field ids are only unique within one table's history: two writers that each add a column give it the
    same id, and the rows of one would be read as values of the other's column.

    Raises:
        Conflict: they would not; no retry of the commit mends that, the rows must be made anew.
    """
    if (base.metadata.table_uuid, base.metadata.current_schema_id) != (
        head.metadata.table_uuid,
        head.metadata.current_schema_id,
    ):
        raise Conflict(f"the columns of {head.name} changed meanwhile", hint="ingest the file again")


def require_same(base: Head, head: Head) -> None:
    """Nothing, if `head` holds the very rows of `base` and says the same of them.

    Raises:
        Conflict: somebody committed in between; what hangs on that must be worked out anew.
    """
    one, other = base.metadata, head.metadata
    is_same = (one.table_uuid, base.snapshot_id) == (other.table_uuid, head.snapshot_id)
    if not is_same or one.properties != other.properties:
        raise Conflict(f"{head.name} changed meanwhile", hint="try again")


def adopt(catalog: Catalog, head: Head, path: Path, schema: Schema) -> DataFile:
    """One staged file moved into the table's folder, as the entry that describes it."""
    location = f"{head.metadata.location}/data/{uuid.uuid4()}.parquet"
    if has_lists(schema):
        mark_file(path)
    file = data_file(path, location, schema)
    if location.startswith("/"):
        path.rename(location)
    else:
        catalog.io.store.put(catalog.io.key(location), path.read_bytes())
        path.unlink()
    return file
