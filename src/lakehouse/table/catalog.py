"""[acts] The catalog: the only authority on which metadata file is a table's head.

Theory of operation. A table's state is one immutable metadata file; the catalog keeps, per name, the
location of the newest. A commit validates its requirements against the head, writes the next metadata
file, makes every file the commit names durable, and then moves all its pointers in one SQL transaction,
each only if it still is where the commit started from. That transaction is the compare-and-swap: what it
refuses never happened, what it accepts is durable before anyone hears of it. The rows are PyIceberg's
`SqlCatalog` tables, so other tools can open the same file.
"""

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pyiceberg.exceptions import CommitFailedException
from pyiceberg.partitioning import UNPARTITIONED_PARTITION_SPEC, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.serializers import ToOutputFile
from pyiceberg.table.metadata import TableMetadata, new_table_metadata
from pyiceberg.table.sorting import UNSORTED_SORT_ORDER, SortOrder
from pyiceberg.table.update import (
    AddSnapshotUpdate,
    SetPropertiesUpdate,
    TableRequirement,
    TableUpdate,
    update_table_metadata,
)

from lakehouse.base.clock import Clock
from lakehouse.base.errors import Conflict, Invalid
from lakehouse.table.fileio import StoreIO
from lakehouse.table.heads import EMPTY, Head, Heads
from lakehouse.table.manifests import durable_parts, totals
from lakehouse.table.names import TableName
from lakehouse.table.pointers import Move, Pointers

NAME_PROPERTY = "lakehouse.name"
"""Full name of a table, inside its own metadata: what `rebuild` restores the catalog from."""

WAREHOUSE = "warehouse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one commit wants of one table."""

    name: TableName
    requirements: tuple[TableRequirement, ...]
    updates: tuple[TableUpdate, ...]
    rename_to: TableName | None = None
    create: bool = False
    """The table must not exist yet; the updates build it from nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """A change whose next metadata file is written but not yet anyone's head."""

    change: Change
    before: str | None
    after: Head
    files: tuple[str, ...] = field(default=())
    """Locations that must be durable before the pointer moves."""


class Catalog:
    """Names to heads, and the one way a head moves."""

    def __init__(
        self, *, pointers: Pointers, io: StoreIO, clock: Clock, sync: Callable[[Iterable[str]], None]
    ) -> None:
        self.pointers = pointers
        self.io = io
        self.heads = Heads(io)
        self._clock = clock
        self._sync = sync
        """Makes the files at these locations, and their folders, survive power loss."""
        self._listeners: list[Callable[[Head], None]] = []

    def subscribe(self, listener: Callable[[Head], None]) -> None:
        """Call `listener` with the new head after every acknowledged commit, in the committing thread."""
        self._listeners.append(listener)

    def names(self) -> tuple[TableName, ...]:
        """Every table, sorted."""
        return self.pointers.names()

    def head(self, name: TableName) -> Head:
        """The table's newest state.

        Raises:
            NotFound: no such table; the hint names those that look like it.
        """
        return self.heads.load(name, self.pointers.location(name))

    def stage_create(
        self,
        name: TableName,
        schema: Schema,
        *,
        spec: PartitionSpec = UNPARTITIONED_PARTITION_SPEC,
        order: SortOrder = UNSORTED_SORT_ORDER,
        properties: dict[str, str] | None = None,
        location: str | None = None,
    ) -> TableMetadata:
        """The metadata that a new table would start with; nothing is written.

        The folder carries a random suffix: a dropped table's files never meet its successor's.
        """
        folder = location or self.new_location(name)
        props = {**(properties or {}), NAME_PROPERTY: f"{name.namespace}.{name.table}"}
        self.io.key(folder + "/")
        return new_table_metadata(schema, spec, order, folder, props)

    def new_location(self, name: TableName) -> str:
        """A folder no table has used: warehouse/<namespace>/<slug>-<8 hex>."""
        namespace = TableName("", name.namespace).slug
        return f"{self.io.root}{WAREHOUSE}/{namespace}/{name.slug}-{uuid.uuid4().hex[:8]}"

    def prepare_folder(self, location: str) -> None:
        """Make the folders that a writer of local files expects to be there."""
        if location.startswith("/"):
            for part in ("data", "metadata"):
                Path(location, part).mkdir(parents=True, exist_ok=True)

    def create(self, name: TableName, metadata: TableMetadata) -> Head:
        """Make `metadata` the first head of a new table.

        Raises:
            Conflict: the name is taken.
            NotFound: the namespace does not exist.
        """
        self.pointers.require_namespace(name.namespace)
        location = f"{metadata.location}/metadata/00000-{uuid.uuid4()}.metadata.json"
        head = Head(name=name, metadata=metadata, location=location)
        self.prepare_folder(metadata.location)
        ToOutputFile.table_metadata(metadata, self.io.new_output(location))
        change = Change(name=name, requirements=(), updates=(), create=True)
        return self._publish((Staged(change=change, before=None, after=head, files=(location,)),))[0]

    def register(self, name: TableName, location: str) -> Head:
        """Put a table whose metadata file exists under this lake's root (again) into the catalog."""
        self.pointers.require_namespace(name.namespace)
        found = self.heads.read(name, location)
        self.pointers.move((Move(name=name, before=None, after=location),))
        if found.metadata.properties.get(NAME_PROPERTY) == f"{name.namespace}.{name.table}":
            return found
        return self.commit((Change(name=name, requirements=(), updates=(_named(name),)),))[0]

    def rename(self, name: TableName, to: TableName) -> Head:
        """Give a table another name; its files stay where they are.

        Raises:
            NotFound: no such table or namespace.
            Conflict: the new name is taken.
        """
        self.pointers.require_namespace(to.namespace)
        return self.commit((Change(name=name, requirements=(), updates=(_named(to),), rename_to=to),))[0]

    def drop(self, name: TableName) -> Head:
        """Forget a table; its files stay, marked, until maintenance removes them.

        The marker is written after the pointer is gone: a kill in between leaves a table that `rebuild`
        would bring back, never one that is lost.
        """
        head = self.head(name)
        self.pointers.remove(name, head.location)
        stamp = str(self._clock.now_ms()).encode()
        self.io.store.put(self.io.key(f"{head.metadata.location}/metadata/{DROPPED}"), stamp)
        return head

    def commit(self, changes: Sequence[Change]) -> tuple[Head, ...]:
        """Move all heads, or none.

        Raises:
            Conflict: a requirement does not hold, or someone committed first; nothing happened.
            NotFound: a table is not there.
            Invalid: an update cannot be applied to the table as it is.
        """
        if len({c.name for c in changes}) != len(changes):
            raise Invalid("one commit names a table twice", hint="send its updates as one change")
        return self._publish(tuple(self._stage(change) for change in changes))

    def _stage(self, change: Change) -> Staged:
        before = None if change.create else self.head(change.name)
        base, came_from = (before.metadata, before.location) if before else (None, None)
        updates, files = self._described(change.updates, base)
        try:
            for requirement in change.requirements:
                requirement.validate(base)
            after = update_table_metadata(
                base or EMPTY,
                updates,
                enforce_validation=base is None,
                metadata_location=came_from,
            )
        except CommitFailedException as error:
            raise Conflict(
                f"{change.name}: {error}", hint="read the table again and retry", table=str(change.name)
            ) from error
        except (ValueError, TypeError) as error:
            raise Invalid(
                f"{change.name} cannot change that way: {error}", hint="check the table with lakehouse show"
            ) from error
        name = change.rename_to or change.name
        version = before.version + 1 if before else 0
        location = f"{after.location}/metadata/{version:05d}-{uuid.uuid4()}.metadata.json"
        ToOutputFile.table_metadata(after, self.io.new_output(location))
        head = Head(name=name, metadata=after, location=location)
        return Staged(change=change, before=came_from, after=head, files=(*files, location))

    def _described(
        self, updates: tuple[TableUpdate, ...], base: TableMetadata | None
    ) -> tuple[tuple[TableUpdate, ...], tuple[str, ...]]:
        """The updates with true row totals in every new snapshot, and the files that must be durable."""
        described: list[TableUpdate] = []
        files: list[str] = []
        known = {s.snapshot_id for s in base.snapshots} if base else set()
        for item in updates:
            if isinstance(item, AddSnapshotUpdate) and item.snapshot.snapshot_id not in known:
                files.extend(durable_parts(self.io, item.snapshot))
                summary = item.snapshot.summary
                if summary is not None:
                    for key, value in totals(self.io, item.snapshot).items():
                        summary[key] = value
            described.append(item)
        return tuple(described), tuple(files)

    def _publish(self, staged: tuple[Staged, ...]) -> tuple[Head, ...]:
        try:
            self._sync([location for item in staged for location in item.files])
            moves = [
                Move(name=s.change.name, before=s.before, after=s.after.location, to=s.change.rename_to)
                for s in staged
            ]
            self.pointers.move(moves)
        except Conflict:
            for item in staged:
                self.io.delete(item.after.location)  # never anyone's head: nothing refers to it
            raise
        for item in staged:
            self.heads.remember(item.after)
            for listener in self._listeners:
                listener(item.after)
        return tuple(item.after for item in staged)


DROPPED = "dropped"
"""Name of the marker object in a dropped table's metadata folder; holds the time in ms."""


def _named(name: TableName) -> SetPropertiesUpdate:
    return SetPropertiesUpdate(updates={NAME_PROPERTY: f"{name.namespace}.{name.table}"})
