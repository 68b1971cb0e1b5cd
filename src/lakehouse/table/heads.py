"""[acts] Heads: a table's metadata at one moment, parsed once and remembered."""

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pyiceberg.exceptions import ValidationError
from pyiceberg.schema import Schema
from pyiceberg.serializers import FromInputFile
from pyiceberg.table.metadata import TableMetadata, TableMetadataV1
from pyiceberg.table.update import (
    TableUpdate,
    _apply_table_update,
    _TableMetadataUpdateContext,
    _update_table_metadata_log,
    update_table_metadata,
)

from lakehouse.base.errors import Corrupt
from lakehouse.table.fileio import StoreIO
from lakehouse.table.names import TableName

EMPTY: Final = TableMetadataV1.model_construct(last_column_id=-1, schema=Schema())  # type: ignore[call-arg]  # partial on purpose
"""What a table's first updates build on; the updates themselves raise the format version."""

KEPT: Final = 256
"""Metadata files kept parsed; a lake of a hundred tables needs about one each."""

VERSION: Final = re.compile(r"/(\d{5,})-[0-9a-f-]{36}(?:\.gz)?\.metadata\.json$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """One state of one table."""

    name: TableName
    metadata: TableMetadata
    location: str
    """Of the metadata file; unlike anything inside it, unique to this state."""

    @property
    def version(self) -> int:
        """Counts commits; -1 where another tool named the file."""
        found = VERSION.search(self.location)
        return int(found[1]) if found else -1

    @property
    def snapshot_id(self) -> int | None:
        """The current snapshot; None before the first write."""
        return self.metadata.current_snapshot_id


def updated(
    base: TableMetadata | None, updates: Sequence[TableUpdate], *, came_from: str | None
) -> TableMetadata:
    """The metadata that follows `base` (None: that starts a table), whose file is at `came_from`.

    As PyIceberg's `update_table_metadata`, but what did not change is shared with `base` instead of copied:
    copying every kept snapshot was half of a small commit. Nothing changes metadata in place.
    """
    if base is None:
        return update_table_metadata(EMPTY, tuple(updates), enforce_validation=True)
    context, after = _TableMetadataUpdateContext(), base
    for update in updates:
        after = _apply_table_update(update, after, context)
    if context.has_changes():
        if came_from:
            after = _update_table_metadata_log(after, came_from, base.last_updated_ms)
        if base.last_updated_ms == after.last_updated_ms:
            after = after.model_copy(update={"last_updated_ms": int(time.time() * 1000)})
    after.spec().check_compatible(after.schema())
    after.sort_order().check_compatible(after.schema())
    return after


class Heads:
    """Parsed metadata by location; files never change, so what is remembered is never stale."""

    def __init__(self, io: StoreIO) -> None:
        self._io = io
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, TableMetadata] = OrderedDict()

    def load(self, name: TableName, location: str) -> Head:
        """The state that `location` holds."""
        with self._lock:
            known = self._kept.get(location)
            if known is not None:
                self._kept.move_to_end(location)
                return Head(name=name, metadata=known, location=location)
        head = self.read(name, location)
        self.remember(head)
        return head

    def read(self, name: TableName, location: str) -> Head:
        """The state that `location` holds, from the store.

        Raises:
            Corrupt: the file is missing or is no table metadata.
        """
        try:
            metadata = FromInputFile.table_metadata(self._io.new_input(location))
        except (FileNotFoundError, ValidationError, ValueError) as error:
            hint = "lakehouse rebuild restores the catalog from the files themselves"
            raise Corrupt(
                f"the metadata of {name} is missing or damaged", hint=hint, location=location
            ) from error
        return Head(name=name, metadata=metadata, location=location)

    def remember(self, head: Head) -> None:
        """Keep a parsed state; the least recently used goes."""
        with self._lock:
            self._kept[head.location] = head.metadata
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
