"""[acts] Scans: which files a reader of one snapshot needs, planned once and remembered."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from pyiceberg.schema import Schema
from pyiceberg.table.snapshots import Snapshot

from lakehouse.table.fileio import StoreIO
from lakehouse.table.heads import Head
from lakehouse.table.manifests import Live, live
from lakehouse.table.names import TableName
from lakehouse.table.schema import Column, columns_of

KEPT: Final = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What one snapshot of one table reads."""

    head: Head
    snapshot_id: int | None
    """None: a table that was never written to."""

    columns: tuple[Column, ...]
    schema_id: int
    paths: tuple[str, ...]
    """Parquet files with rows; complete only where `is_plain`."""

    is_plain: bool
    """No deletes and no nested type that changed: the Parquet files alone give the rows."""

    rows: int
    bytes: int


class Scans:
    """Live files by snapshot; snapshots never change, so what is remembered is never stale."""

    def __init__(self, io: StoreIO) -> None:
        self._io = io
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, int], Live] = OrderedDict()
        self._planned: OrderedDict[tuple[TableName, str, int | None], Scan] = OrderedDict()

    def plan(self, head: Head, snapshot: Snapshot | None) -> Scan:
        """The scan of `snapshot`, in the schema it was written with.

        Cost: the first time, one read of each of its manifests.
        """
        key = (head.name, head.location, snapshot.snapshot_id if snapshot else None)
        with self._lock:
            if key in self._planned:
                self._planned.move_to_end(key)
                return self._planned[key]
        planned = self._plan(head, snapshot)
        with self._lock:
            self._planned[key] = planned
            while len(self._planned) > KEPT:
                self._planned.popitem(last=False)
        return planned

    def _plan(self, head: Head, snapshot: Snapshot | None) -> Scan:
        files = self.files(head, snapshot)
        schema = schema_of(head, snapshot)
        nested = any(not f.field_type.is_primitive for f in schema.fields)
        return Scan(
            head=head,
            snapshot_id=snapshot.snapshot_id if snapshot else None,
            columns=columns_of(schema),
            schema_id=schema.schema_id,
            paths=tuple(e.data_file.file_path for e in files.data),
            is_plain=not files.deletes and not (nested and len(head.metadata.schemas) > 1),
            rows=files.rows,
            bytes=sum(e.data_file.file_size_in_bytes for e in files.data),
        )

    def files(self, head: Head, snapshot: Snapshot | None) -> Live:
        """The live entries of a snapshot."""
        if snapshot is None:
            return Live(data=(), deletes=())
        key = (str(head.metadata.table_uuid), snapshot.snapshot_id)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = live(self._io, snapshot)
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found


def schema_of(head: Head, snapshot: Snapshot | None) -> Schema:
    """The schema to read a snapshot with: the head's for the newest, its own for an older one."""
    if snapshot is None or snapshot.snapshot_id == head.snapshot_id or snapshot.schema_id is None:
        return head.metadata.schema()
    return next(s for s in head.metadata.schemas if s.schema_id == snapshot.schema_id)
