"""[acts] Upkeep: folds small files, lets old snapshots go, removes what nobody names.

Theory of operation. Folding reads some data files with their deletes applied and writes one new file; it
changes files, never rows. It commits only onto the state it read, since a row deleted meanwhile would come
back: it holds the writer's turn, so that no statement of this process is in between, and starts over when
another process was faster. Removal goes by reachability and age only, never by what an operation believes
it left behind.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pyiceberg.manifest import DataFileContent
from pyiceberg.table.update import RemoveSnapshotsUpdate, TableUpdate

from lakehouse.base.clock import Clock
from lakehouse.base.errors import Conflict
from lakehouse.table.catalog import Catalog, Change
from lakehouse.table.files import sources
from lakehouse.table.heads import Head
from lakehouse.table.manifests import Live, live
from lakehouse.table.names import TableName
from lakehouse.table.snapshot import ATTEMPTS, Edit, NextSnapshot, change, wait
from lakehouse.table.upkeep import sweep
from lakehouse.table.upkeep.fold import ROW, Folding, deleted_rows
from lakehouse.table.upkeep.sweep import Fold, Leave, UpkeepParams, Wear
from lakehouse.table.writer import Writer

SWEEPS_PER_AGE: Final = 4
"""Looks for unneeded objects in the time that makes one old enough to go; each lists the table's folder."""


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
        self._settled: dict[str, Wear] = {}
        """By table uuid: the totals that the last look found not worth a fold, or left behind by one."""

        self._swept_ms: dict[str, int] = {}

    def compact_if_due(self, name: TableName) -> Upkeep | None:
        """Fold, expire and remove for one table; None if it is not due, or not any more."""
        return self.compact(name, force=False) if self.is_due(self._catalog.head(name)) else None

    def compact(self, name: TableName, *, force: bool = True) -> Upkeep:
        """Fold, expire and remove for one table, as far as it is worth it."""
        before = self._catalog.head(name)
        files = self._live(before)
        reason = self._fold(name, force=force)
        self.expire(name)
        removed = self.remove_orphans(name) if force or self._is_sweep_time(before) else 0
        after = self._catalog.head(name)
        now = self._live(after)
        self._settled[str(after.metadata.table_uuid)] = _wear(after)
        kept = {s.snapshot_id for s in after.metadata.snapshots}
        gone = sum(s.snapshot_id not in kept for s in before.metadata.snapshots)
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
        gone = self._expired(head)
        if not gone:
            return 0
        try:
            # Onto this state only: a snapshot that was tagged meanwhile must stay.
            updates = self._expiry(head)
            self._catalog.commit(
                (Change(name=name, requirements=(), updates=updates, only_on=head.location),)
            )
        except Conflict:
            return 0  # the next round will see it again
        return len(gone)

    def _expired(self, head: Head) -> tuple[int, ...]:
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
        return sweep.expired(moments, now_ms=self._clock.now_ms(), params=self._params)

    def _expiry(self, head: Head) -> tuple[TableUpdate, ...]:
        """The update that lets old snapshots go; the catalog remembers what they ingested."""
        gone = self._expired(head)
        return (RemoveSnapshotsUpdate(snapshot_ids=list(gone)),) if gone else ()

    def remove_orphans(self, name: TableName) -> int:
        """Remove the objects in a table's folder that no kept snapshot names and that are old; how many."""
        head = self._catalog.head(name)
        self._swept_ms[str(head.metadata.table_uuid)] = self._clock.now_ms()
        folder = self._catalog.io.key(head.metadata.location) + "/"
        objects = {info.key: info.modified_ms for info in self._catalog.io.store.list(folder)}
        reachable = {self._catalog.io.key(location) for location in self._named(head)}
        gone = sweep.orphans(objects, reachable=reachable, now_ms=self._clock.now_ms(), params=self._params)
        if gone and self._catalog.head(name).location != head.location:
            return 0  # a commit came in between: what looked unreachable may be its own
        return sum(self._catalog.io.store.delete(key) for key in gone)

    def is_due(self, head: Head) -> bool:
        """May a round of upkeep be worth it now? Cheap: reads the metadata only."""
        key, now = str(head.metadata.table_uuid), _wear(head)
        settled = self._settled[key] = self._settled.get(key, Wear()).least(now)
        if sweep.is_due(now, settled, self._params):
            return True
        few = self._params.keep_newest + self._params.small_commits
        gone = self._expired(head) if len(head.metadata.snapshots) >= few else ()
        return len(gone) >= self._params.small_commits

    def _is_sweep_time(self, head: Head) -> bool:
        last = self._swept_ms.setdefault(str(head.metadata.table_uuid), self._clock.now_ms())
        return self._clock.now_ms() - last >= self._params.orphan_ms // SWEEPS_PER_AGE

    def _named(self, head: Head) -> Iterator[str]:
        yield head.location
        yield from (entry.metadata_file for entry in head.metadata.metadata_log)
        yield from sources.locations(head.metadata)
        for snapshot in head.metadata.snapshots:
            yield snapshot.manifest_list
            for manifest in snapshot.manifests(self._catalog.io):
                yield manifest.manifest_path
                yield from (e.data_file.file_path for e in self._catalog.io.entries(manifest))

    def _live(self, head: Head) -> Live:
        return live(self._catalog.io, head.metadata.current_snapshot())

    def _fold(self, name: TableName, *, force: bool) -> str:
        for attempt in range(ATTEMPTS):
            decision = self._plan(self._catalog.head(name), force=force)  # in vain is best out of turn
            if isinstance(decision, Leave):
                return decision.reason
            try:
                with self._writer.turn():
                    return self._fold_once(self._catalog.head(name), force=force)
            except Conflict:
                if attempt == ATTEMPTS - 1:
                    raise
            wait(attempt)
        raise AssertionError("the loop returns or raises")

    def _plan(self, head: Head, *, force: bool) -> Fold | Leave:
        files = self._live(head)
        if head.metadata.spec().fields:
            return Leave(reason="a partitioned table keeps the files that its own writer gave it")
        if any(f.name.casefold() == ROW for s in head.metadata.schemas for f in s.fields):
            return Leave(reason=f"DuckDB cannot number the rows of files with a column {ROW}")
        if any(e.data_file.content == DataFileContent.EQUALITY_DELETES for e in files.deletes):
            return Leave(reason="another tool deleted rows by value, which only that tool can fold")
        return sweep.plan(
            self._facts(files), delete_files=len(files.deletes), params=self._params, force=force
        )

    def _fold_once(self, head: Head, *, force: bool) -> str:
        """Fold on this state; the caller holds the writer's turn."""
        decision = self._plan(head, force=force)
        if isinstance(decision, Leave):
            return decision.reason
        files = self._live(head)
        chosen = tuple(e for e in files.data if e.data_file.file_path in decision.paths)
        kept = tuple(e for e in files.data if e.data_file.file_path not in decision.paths)
        folding = Folding(self._catalog, head, self._staging, files)
        self._writer.run(folding.statements(chosen, kept), in_turn=True)
        data, deletes = folding.adopt()
        wanted = NextSnapshot(
            operation="replace",
            data=Edit(added=data, existing=kept, removed=chosen),
            deletes=Edit(added=deletes, removed=files.deletes),
            summary={"lakehouse.upkeep": decision.reason},
        )
        commit = change(self._catalog.io, head, wanted, now_ms=self._clock.now_ms())
        # Onto this state only: the new file has the columns of now, and a fresh tag must keep its snapshot.
        updates = (*commit.updates, *self._expiry(head))
        self._catalog.commit((replace(commit, updates=updates, only_on=head.location),))
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


def _wear(head: Head) -> Wear:
    """The totals of the current snapshot's summary; none where another tool wrote none."""
    snapshot = head.metadata.current_snapshot()
    summary = snapshot.summary if snapshot else None

    def total(of: str) -> int:
        text = str(summary.get(f"total-{of}") or "") if summary else ""
        return int(text) if text.isdigit() else 0

    return Wear(
        data_files=total("data-files"),
        delete_files=total("delete-files"),
        deleted_rows=total("position-deletes"),
        rows=total("records"),
    )
