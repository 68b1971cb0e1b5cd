"""[acts] Heads: a table's metadata at one moment, parsed once and remembered."""

import re
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from pyiceberg.exceptions import ValidationError
from pyiceberg.schema import Schema
from pyiceberg.serializers import FromInputFile
from pyiceberg.table.metadata import TableMetadata, TableMetadataV1

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
