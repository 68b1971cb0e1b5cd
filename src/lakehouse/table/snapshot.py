"""[acts] Snapshots: the next version of a table, written from what is added, kept and removed.

Every change to a table's files outside DuckDB's own statements goes through `publish`: read the head,
let a plan say what the next snapshot holds, write its manifests, commit; when someone was faster, read
again and plan again. Nothing written for a lost race is ever referred to; maintenance removes it.
"""

import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from pyiceberg.manifest import (
    DataFile,
    ManifestContent,
    ManifestEntry,
    ManifestEntryStatus,
    ManifestFile,
    ManifestWriterV2,
    write_manifest_list,
)
from pyiceberg.table.refs import SnapshotRefType
from pyiceberg.table.snapshots import Operation, Snapshot, Summary
from pyiceberg.table.update import (
    AddSnapshotUpdate,
    AssertCurrentSchemaId,
    AssertRefSnapshotId,
    AssertTableUUID,
    SetCurrentSchemaUpdate,
    SetSnapshotRefUpdate,
    TableUpdate,
)

from lakehouse.base.errors import Conflict
from lakehouse.table.catalog import Catalog, Change
from lakehouse.table.fileio import StoreIO
from lakehouse.table.heads import Head
from lakehouse.table.names import TableName

BRANCH = "main"
CODEC: Final = "deflate"
ATTEMPTS = 12
"""Lost races before giving up; with the waits below that is about ten seconds of steady contention."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What happens to the files of one content (data, or deletes) in a new snapshot."""

    added: tuple[DataFile, ...] = ()
    existing: tuple[ManifestEntry, ...] = ()
    """Kept entries whose manifests are written anew."""
    removed: tuple[ManifestEntry, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.existing or self.removed)


@dataclass(frozen=True, slots=True, kw_only=True)
class NextSnapshot:
    """A plan for one table's next snapshot."""

    operation: Literal["append", "overwrite", "replace", "delete"]
    """Iceberg's words: `replace` changes files but no rows, `overwrite` changes rows."""

    data: Edit = field(default_factory=Edit)
    deletes: Edit = field(default_factory=Edit)
    kept: tuple[ManifestFile, ...] = ()
    """Manifests taken over as they are."""

    summary: dict[str, str] = field(default_factory=dict)
    schema_id: int | None = None
    """Makes this schema the current one too; None leaves it."""

    updates: tuple[TableUpdate, ...] = ()
    """Changes of schema or properties that belong to the same commit; they come first."""


def publish(
    catalog: Catalog, name: TableName, plan: Callable[[Head], NextSnapshot | None], *, now_ms: int
) -> Head:
    """Commit what `plan` makes of the head, planning again after every lost race.

    Returns:
        The new head, or the old one if the plan was None: nothing to do.

    Raises:
        Conflict: `ATTEMPTS` races were lost in a row.
    """
    for attempt in range(ATTEMPTS):
        head = catalog.head(name)
        wanted = plan(head)
        if wanted is None:
            return head
        try:
            return catalog.commit((change(catalog.io, head, wanted, now_ms=now_ms),))[0]
        except Conflict:
            if attempt == ATTEMPTS - 1:
                raise
            wait(attempt)
    raise AssertionError("the loop returns or raises")


def wait(attempt: int) -> None:
    """Back off after the `attempt`-th lost race: 10 ms doubling to 2 s, with full jitter."""
    time.sleep(random.uniform(0.005, min(2.0, 0.01 * 2**attempt)))  # noqa: S311 - spreads load, keeps no secret


def change(io: StoreIO, head: Head, wanted: NextSnapshot, *, now_ms: int) -> Change:
    """Write the manifests of the next snapshot and return the commit that would publish it."""
    metadata = head.metadata
    schema_id = metadata.current_schema_id if wanted.schema_id is None else wanted.schema_id
    folder = f"{metadata.location}/metadata"
    snapshot_id = metadata.new_snapshot_id()
    parts = ((ManifestContent.DATA, wanted.data), (ManifestContent.DELETES, wanted.deletes))
    written = [_manifest(io, head, snapshot_id, content, edit) for content, edit in parts if edit]
    listed = f"{folder}/snap-{snapshot_id}-{uuid.uuid4()}.avro"
    sequence = metadata.next_sequence_number()
    with write_manifest_list(
        2, io.new_output(listed), snapshot_id, metadata.current_snapshot_id, sequence, CODEC
    ) as writer:
        writer.add_manifests([*written, *wanted.kept])
    snapshot = Snapshot(
        snapshot_id=snapshot_id,
        parent_snapshot_id=metadata.current_snapshot_id,
        sequence_number=sequence,
        timestamp_ms=max(now_ms, metadata.last_updated_ms),  # a clock that went back must not unsort history
        manifest_list=listed,
        summary=Summary(Operation(wanted.operation), **_counts(wanted), **wanted.summary),
        schema_id=schema_id,
    )
    reference = SetSnapshotRefUpdate(
        ref_name=BRANCH,
        type=SnapshotRefType.BRANCH,
        snapshot_id=snapshot_id,
        max_ref_age_ms=None,
        max_snapshot_age_ms=None,
        min_snapshots_to_keep=None,
    )
    schema: tuple[TableUpdate, ...] = (
        () if wanted.schema_id is None else (SetCurrentSchemaUpdate(schema_id=schema_id),)
    )
    return Change(
        name=head.name,
        requirements=(
            AssertTableUUID(uuid=metadata.table_uuid),
            AssertCurrentSchemaId(current_schema_id=metadata.current_schema_id),
            AssertRefSnapshotId(ref=BRANCH, snapshot_id=metadata.current_snapshot_id),
        ),
        updates=(*wanted.updates, *schema, AddSnapshotUpdate(snapshot=snapshot), reference),
    )


def _counts(wanted: NextSnapshot) -> dict[str, str]:
    """What the snapshot adds and removes, in the words of Iceberg's "Optional Snapshot Summary Fields"."""
    data, deletes = wanted.data, wanted.deletes
    counts = {
        "added-data-files": len(data.added),
        "added-records": sum(f.record_count for f in data.added),
        "deleted-data-files": len(data.removed),
        "deleted-records": sum(e.data_file.record_count for e in data.removed),
        "added-position-deletes": sum(f.record_count for f in deletes.added),
        "removed-position-deletes": sum(e.data_file.record_count for e in deletes.removed),
    }
    return {key: str(count) for key, count in counts.items() if count}


def _manifest(
    io: StoreIO, head: Head, snapshot_id: int, content: ManifestContent, edit: Edit
) -> ManifestFile:
    metadata = head.metadata
    output = io.new_output(f"{metadata.location}/metadata/{uuid.uuid4()}-m0.avro")
    kind = ManifestWriterV2 if content == ManifestContent.DATA else _DeleteManifestWriter
    with kind(metadata.spec(), metadata.schema(), output, snapshot_id, CODEC) as writer:
        for file in edit.added:
            writer.add(
                ManifestEntry.from_args(
                    status=ManifestEntryStatus.ADDED, snapshot_id=snapshot_id, data_file=file
                )
            )
        for entry in edit.existing:
            writer.existing(entry)
        for entry in edit.removed:
            writer.delete(entry)
    return writer.to_manifest_file()


class _DeleteManifestWriter(ManifestWriterV2):
    """PyIceberg's manifest writer, marked as holding delete files."""

    def content(self) -> ManifestContent:
        return ManifestContent.DELETES

    @property
    def _meta(self) -> dict[str, str]:
        return {**super()._meta, "content": "deletes"}
