"""[acts] The catalog: the only authority on which metadata file is a table's head.

Theory of operation. A table's state is one immutable metadata file; the catalog keeps, per name, the
location of the newest. A commit validates its requirements against the head, writes the next metadata
file, makes every file the commit names durable, and then moves all its pointers in one SQL transaction,
each only if it still is where the commit started from. That transaction is the compare-and-swap: what it
refuses never happened, what it accepts is durable before anyone hears of it. The rows are PyIceberg's
`SqlCatalog` tables, so other tools can open the same file.

A pointer that moved is not yet a conflict: when the requirements also hold for the newer head (a tag was
set, old snapshots were let go), the commit is staged again on top of it.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pyiceberg.exceptions import CommitFailedException
from pyiceberg.partitioning import UNPARTITIONED_PARTITION_SPEC, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.serializers import ToOutputFile
from pyiceberg.table.metadata import TableMetadata, new_table_metadata
from pyiceberg.table.snapshots import Snapshot
from pyiceberg.table.sorting import UNSORTED_SORT_ORDER, SortOrder
from pyiceberg.table.update import (
    AddSnapshotUpdate,
    SetPropertiesUpdate,
    TableRequirement,
    TableUpdate,
)

from lakehouse.base.clock import Clock
from lakehouse.base.errors import Conflict, Invalid
from lakehouse.table.fileio import StoreIO
from lakehouse.table.files.sources import SOURCES, Sources
from lakehouse.table.heads import Head, Heads, updated
from lakehouse.table.manifests import durable_parts, totals
from lakehouse.table.names import TableName
from lakehouse.table.pointers import Move, Moved, Pointers

NAME_PROPERTY = "lakehouse.name"
"""Full name of a table, inside its own metadata: what `rebuild` restores the catalog from."""

WAREHOUSE = "warehouse"

STEP = "lakehouse.step"
"""Marks a snapshot that is only a step of its commit: DuckDB's MERGE updates and inserts in two."""

DEFAULTS: Final = {"write.metadata.previous-versions-max": "20"}
"""Properties of every new table: each commit lists the metadata files before it, and upkeep keeps those."""

FORMAT: Final = "2"
"""The Iceberg format version that our writer, DuckDB's and PyIceberg's readers all know in full."""

RESTAGED: Final = 8
"""Times a commit is staged anew because a pointer moved while its requirements still hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one commit wants of one table."""

    name: TableName
    requirements: tuple[TableRequirement, ...]
    updates: tuple[TableUpdate, ...]
    rename_to: TableName | None = None
    summary: Mapping[str, str] = field(default_factory=dict)
    """Added to every snapshot among the updates."""

    create: bool = False
    """The table must not exist yet; the updates build it from nothing."""

    only_on: str | None = None
    """Location of the one head that this may follow; None: any for which the requirements hold."""


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
        self.heads, self.sources = Heads(io), Sources(io)
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
        folder = (location or self.new_location(name)).removeprefix("file://").rstrip("/")
        self._require_free(folder)
        given = {k: v for k, v in (properties or {}).items() if k != SOURCES}  # a tool may copy all of them
        if given.pop("format-version", FORMAT) != FORMAT:
            raise Invalid(f"tables have Iceberg format {FORMAT} here", hint="leave format-version out")
        return new_table_metadata(schema, spec, order, folder, {**DEFAULTS, **given, **_named(name)})

    def new_location(self, name: TableName) -> str:
        """A folder no table has used: warehouse/<namespace>/<slug>-<8 hex>."""
        namespace = TableName("", name.namespace).slug
        return f"{self.io.root}{WAREHOUSE}/{namespace}/{name.slug}-{uuid.uuid4().hex[:8]}"

    def _require_free(self, folder: str) -> None:
        """Nothing, if a new table may live there: below the warehouse, and in no other table's folder."""
        key = self.io.key(folder)
        self.io.store.head(f"{key}/metadata")  # refuses keys that would leave the store
        above = key.split("/")
        if above[0] != WAREHOUSE or len(above) < 3:
            raise Invalid("a table's folder lies below warehouse/<namespace>/", hint="give no location")
        for other in self.pointers.locations().values():
            theirs = other.removeprefix("file://").partition("/metadata/")[0]
            if f"{folder}/".startswith(f"{theirs}/") or theirs.startswith(f"{folder}/"):
                raise Conflict("another table has this folder", hint="give no location, or another one")

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
        files = [part for s in metadata.snapshots for part in self._parts(s, {})]  # completes summaries too
        ToOutputFile.table_metadata(metadata, self.io.new_output(location))
        change = Change(name=name, requirements=(), updates=(), create=True)
        staged = Staged(change=change, before=None, after=head, files=(*files, location))
        self._publish((staged,))
        return head

    def register(self, name: TableName, location: str) -> Head:
        """Put a table whose metadata file exists under this lake's root (again) into the catalog."""
        self.pointers.require_namespace(name.namespace)
        found = self.heads.read(name, location)
        folder = found.metadata.location
        if any(other.startswith(f"{folder}/") for other in self.pointers.locations().values()):
            raise Conflict("a table has this folder already", hint="drop or rename that table")
        self.io.delete(f"{folder}/metadata/{DROPPED}")  # else maintenance would remove the files
        self.pointers.move((Move(name=name, before=None, after=location),))
        if found.metadata.properties.get(NAME_PROPERTY) == str(name):
            return found
        update = SetPropertiesUpdate(updates=_named(name))
        return self.commit((Change(name=name, requirements=(), updates=(update,)),))[0]

    def rename(self, name: TableName, to: TableName) -> Head:
        """Give a table another name; its files stay where they are.

        Raises:
            NotFound: no such table or namespace.
            Conflict: the new name is taken.
        """
        self.pointers.require_namespace(to.namespace)
        update = SetPropertiesUpdate(updates=_named(to))
        return self.commit((Change(name=name, requirements=(), updates=(update,), rename_to=to),))[0]

    def drop(self, name: TableName) -> Head:
        """Forget a table; its files stay, marked, until maintenance removes them.

        The marker is written after the pointer is gone: a kill in between leaves a table that `rebuild`
        would bring back, never one that is lost.
        """
        head = self.head(name)
        self.pointers.remove(name, head.location)
        marker = f"{head.metadata.location}/metadata/{DROPPED}"
        self.io.store.put(self.io.key(marker), str(self._clock.now_ms()).encode())
        self._sync([marker])
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
        for _ in range(RESTAGED):
            staged = tuple(self._stage(change) for change in changes)
            for item in staged:
                ToOutputFile.table_metadata(item.after.metadata, self.io.new_output(item.after.location))
            if self._publish(staged):
                return tuple(item.after for item in staged)
        raise Conflict("the table is changing too fast", hint="try again")

    def _stage(self, change: Change) -> Staged:
        """The change applied to the head as it is now; written is only what expired snapshots leave."""
        if change.create:
            self.pointers.require_namespace(change.name.namespace)
        before = None if change.create else self.head(change.name)
        base, came_from = (before.metadata, before.location) if before else (None, None)
        if change.only_on not in {None, came_from}:
            raise Conflict(f"someone committed to {change.name} first", hint="read it again and retry")
        updates, files = self._described(change, base)
        try:
            for requirement in change.requirements:
                requirement.validate(base)
            after = updated(base, updates, came_from=came_from)
        except CommitFailedException as error:
            raise Conflict(
                f"{change.name}: {error}", hint="read the table again and retry", table=str(change.name)
            ) from error
        except (ValueError, TypeError) as error:
            raise Invalid(
                f"{change.name} cannot change that way: {error}", hint="check the table with lakehouse show"
            ) from error
        self._require_in_place(base, after)
        after, left = self.sources.carried(base, after)
        location = self._next_location(before, after)
        head = Head(name=change.rename_to or change.name, metadata=after, location=location)
        return Staged(change=change, before=came_from, after=head, files=(*files, *left, location))

    def _require_in_place(self, base: TableMetadata | None, after: TableMetadata) -> None:
        if base is None:
            self._require_free(after.location)
        elif (base.location, base.table_uuid) != (after.location, after.table_uuid):
            raise Invalid("a table's folder and uuid stay", hint="create another table and copy the rows")
        if str(after.format_version) != FORMAT:
            raise Invalid(f"tables have Iceberg format {FORMAT} here", hint="leave the format as it is")

    def _next_location(self, before: Head | None, after: TableMetadata) -> str:
        """A metadata file numbered above every other one of the table.

        Also above what a killed process left: `rebuild` takes the highest number for the head.
        """
        version = before.version + 1 if before else 0
        folder = f"{after.location}/metadata"
        while any(True for _ in self.io.store.list(self.io.key(f"{folder}/{version:05d}-"))):
            version += 1
        return f"{folder}/{version:05d}-{uuid.uuid4()}.metadata.json"

    def _described(
        self, change: Change, base: TableMetadata | None
    ) -> tuple[tuple[TableUpdate, ...], tuple[str, ...]]:
        """The updates with true row totals in every new snapshot, and the files that must be durable."""
        described: list[TableUpdate] = []
        files: list[str] = []
        known = {s.snapshot_id for s in base.snapshots} if base else set()
        added = [u.snapshot.snapshot_id for u in change.updates if isinstance(u, AddSnapshotUpdate)]
        last = added[-1] if added else None
        for item in change.updates:
            if isinstance(item, AddSnapshotUpdate) and item.snapshot.snapshot_id not in known:
                step = {} if item.snapshot.snapshot_id == last else {STEP: "true"}
                files.extend(self._parts(item.snapshot, {**change.summary, **step}))
            described.append(item)
        return tuple(described), tuple(files)

    def _parts(self, snapshot: Snapshot, summary: Mapping[str, str]) -> Iterator[str]:
        """The files that a new snapshot brings; its summary gets true totals on the way.

        Raises:
            Invalid: a file is missing, is no manifest, or lies outside the lake.
        """
        try:
            manifests = snapshot.manifests(self.io)
            if snapshot.summary is not None:
                for key, value in (totals(manifests) | dict(summary)).items():
                    snapshot.summary[key] = value
            for location in durable_parts(self.io, snapshot, manifests):
                self.io.key(location)
                yield location
        except (OSError, ValueError, TypeError, AttributeError, EOFError) as error:
            raise Invalid(
                "a snapshot names a manifest that cannot be read", hint="write its files before the commit"
            ) from error

    def _publish(self, staged: tuple[Staged, ...]) -> bool:
        """Make the staged heads durable and then the tables' heads; False if a pointer moved meanwhile."""
        moves = [
            Move(name=s.change.name, before=s.before, after=s.after.location, to=s.change.rename_to)
            for s in staged
        ]
        try:
            self._sync([location for item in staged for location in item.files])
            self.pointers.move(moves)
        except Moved:
            self._forget(staged)
            return False
        except Conflict:
            self._forget(staged)
            raise
        for item in staged:
            self.heads.remember(item.after)
            for listener in self._listeners:
                listener(item.after)
        return True

    def _forget(self, staged: tuple[Staged, ...]) -> None:
        for item in staged:
            self.io.delete(item.after.location)  # never anyone's head: nothing refers to it


DROPPED = "dropped"
"""Name of the marker object in a dropped table's metadata folder; holds the time in ms."""


def _named(name: TableName) -> dict[str, str]:
    return {NAME_PROPERTY: str(name)}
