"""[acts] Upkeep: folds small files, lets old snapshots go, removes what nobody names.

Theory of operation. Folding reads some data files with their deletes applied and writes one new file; it
changes files, never rows. It commits only onto the snapshot it read, since a row deleted meanwhile would
come back: when a writer was faster it starts over, and the last attempt holds the writer's turn. Removal
goes by reachability and age only, never by what an operation believes it left behind.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyiceberg.table.refs import SnapshotRefType
from pyiceberg.table.update import AssertRefSnapshotId, RemoveSnapshotsUpdate

from lakehouse.base.clock import Clock
from lakehouse.base.errors import Conflict
from lakehouse.table.catalog import Catalog, Change
from lakehouse.table.heads import Head
from lakehouse.table.manifests import Live, live
from lakehouse.table.names import TableName
from lakehouse.table.snapshot import Edit, NextSnapshot, change
from lakehouse.table.upkeep import sweep
from lakehouse.table.upkeep.fold import Folding, deleted_rows
from lakehouse.table.upkeep.sweep import Fold, UpkeepParams
from lakehouse.table.writer import Writer

EAGER_ATTEMPTS: Final = 2
"""Folds tried beside working writers before one is done in the writer's turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """What one round of upkeep did to one table."""

    table: str
    reason: str
    files_before: int
    files_after: int
    rows: int
    expired: int
    """Snapshots let go."""

    removed: int
    """Objects removed."""


class Maintainer:
    """Upkeep for every table of one lake."""

    def __init__(
        self, catalog: Catalog, writer: Writer, *, clock: Clock, staging: Path, params: UpkeepParams
    ) -> None:
        self._catalog, self._writer, self._clock = catalog, writer, clock
        self._staging, self._params = staging, params

    def compact(self, name: TableName, *, force: bool = True) -> Upkeep:
        """Fold, expire and remove for one table, as far as it is worth it."""
        before = self._catalog.head(name)
        files = self._live(before)
        reason = self._fold(name, force=force)
        gone = self.expire(name)
        removed = self.remove_orphans(name)
        after = self._catalog.head(name)
        now = self._live(after)
        return Upkeep(
            table=str(name),
            reason=reason,
            files_before=len(files.data) + len(files.deletes),
            files_after=len(now.data) + len(now.deletes),
            rows=now.rows,
            expired=gone,
            removed=removed,
        )

    def expire(self, name: TableName) -> int:
        """Let go of the snapshots that history need not keep; how many."""
        head = self._catalog.head(name)
        referenced = {r.snapshot_id for r in head.metadata.refs.values()}
        moments = [
            sweep.Moment(
                snapshot_id=s.snapshot_id,
                at_ms=s.timestamp_ms,
                sequence=s.sequence_number or 0,
                is_referenced=s.snapshot_id in referenced,
            )
            for s in head.metadata.snapshots
        ]
        gone = sweep.expired(moments, now_ms=self._clock.now_ms(), params=self._params)
        if not gone:
            return 0
        tags = [
            AssertRefSnapshotId(ref=ref, snapshot_id=r.snapshot_id)
            for ref, r in head.metadata.refs.items()
            if r.snapshot_ref_type == SnapshotRefType.TAG
        ]
        update = RemoveSnapshotsUpdate(snapshot_ids=list(gone))
        try:
            self._catalog.commit((Change(name=name, requirements=tuple(tags), updates=(update,)),))
        except Conflict:
            return 0  # the next round will see it again
        return len(gone)

    def remove_orphans(self, name: TableName) -> int:
        """Remove the objects in a table's folder that no kept snapshot names and that are old; how many."""
        head = self._catalog.head(name)
        folder = self._catalog.io.key(head.metadata.location + "/")
        objects = {info.key: info.modified_ms for info in self._catalog.io.store.list(folder)}
        reachable = {self._catalog.io.key(location) for location in self._named(head)}
        gone = sweep.orphans(objects, reachable=reachable, now_ms=self._clock.now_ms(), params=self._params)
        if gone and self._catalog.head(name).location != head.location:
            return 0  # a commit came in between: what looked unreachable may be its own
        return sum(self._catalog.io.store.delete(key) for key in gone)

    def is_due(self, head: Head) -> bool:
        """Would a round of upkeep fold anything now? Cheap: reads the summary only."""
        snapshot = head.metadata.current_snapshot()
        summary = snapshot.summary if snapshot else None
        if summary is None:
            return False
        deletes = int(summary.get("total-delete-files") or 0)
        files = int(summary.get("total-data-files") or 0)
        deleted, rows = (
            int(summary.get("total-position-deletes") or 0),
            int(summary.get("total-records") or 0),
        )
        worn = deleted > self._params.delete_share * (rows + deleted) and deletes > 1
        recent = len(head.metadata.snapshots) > 2 * self._params.keep_newest
        return deletes >= self._params.small_commits or files >= self._params.small_commits or worn or recent

    def _named(self, head: Head) -> Iterator[str]:
        yield head.location
        yield from (entry.metadata_file for entry in head.metadata.metadata_log)
        for snapshot in head.metadata.snapshots:
            yield snapshot.manifest_list
            for manifest in snapshot.manifests(self._catalog.io):
                yield manifest.manifest_path
                yield from (e.data_file.file_path for e in manifest.fetch_manifest_entry(self._catalog.io))

    def _live(self, head: Head) -> Live:
        return live(self._catalog.io, head.metadata.current_snapshot())

    def _fold(self, name: TableName, *, force: bool) -> str:
        for _ in range(EAGER_ATTEMPTS):
            try:
                return self._fold_once(name, force=force)
            except Conflict:
                continue
        with self._writer.turn():
            return self._fold_once(name, force=force, in_turn=True)

    def _fold_once(self, name: TableName, *, force: bool, in_turn: bool = False) -> str:
        head = self._catalog.head(name)
        files = self._live(head)
        decision = sweep.plan(
            self._facts(files), delete_files=len(files.deletes), params=self._params, force=force
        )
        if not isinstance(decision, Fold):
            return decision.reason
        chosen = tuple(e for e in files.data if e.data_file.file_path in decision.paths)
        kept = tuple(e for e in files.data if e.data_file.file_path not in decision.paths)
        folding = Folding(self._catalog, head, self._staging, files)
        self._writer.run(folding.statements(chosen, kept), in_turn=in_turn)
        data, deletes = folding.adopt()
        wanted = NextSnapshot(
            operation="replace",
            data=Edit(added=data, existing=kept, removed=chosen),
            deletes=Edit(added=deletes, removed=files.deletes),
            summary={"lakehouse.upkeep": decision.reason},
        )
        self._catalog.commit((change(self._catalog.io, head, wanted, now_ms=self._clock.now_ms()),))
        return decision.reason

    def _facts(self, files: Live) -> tuple[sweep.FileFact, ...]:
        deleted = deleted_rows(self._catalog, files.deletes)
        return tuple(
            sweep.FileFact(
                path=e.data_file.file_path,
                bytes=e.data_file.file_size_in_bytes,
                rows=e.data_file.record_count,
                deleted=deleted.get(e.data_file.file_path, 0),
            )
            for e in files.data
        )
