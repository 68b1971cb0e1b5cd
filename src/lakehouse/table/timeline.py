"""[acts] Time: a table's history, its state at an earlier moment, tags, and going back.

Going back is going forward: a rollback is a new snapshot that reads the old one's files. Nothing is
removed from the history, so a rollback can be rolled back.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from pyiceberg.table.refs import SnapshotRefType
from pyiceberg.table.snapshots import Operation, Snapshot
from pyiceberg.table.update import RemoveSnapshotRefUpdate, SetSnapshotRefUpdate

from lakehouse.base.clock import iso
from lakehouse.base.errors import Invalid, NotFound
from lakehouse.table.catalog import STEP, Catalog, Change
from lakehouse.table.files.sources import ROLLED_BACK_TO, goes_on_from, said
from lakehouse.table.heads import Head
from lakehouse.table.names import TableName, folded
from lakehouse.table.snapshot import BRANCH, NextSnapshot, publish

At = int | str | None
"""A snapshot id, an ISO 8601 time, a tag; None is now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One entry of a table's history."""

    snapshot_id: int
    at: str
    """ISO 8601, UTC."""

    operation: str
    rows: int
    """In the whole table, then."""

    added: int
    removed: int
    """Rows that this snapshot brought and took away; an updated row counts in both."""

    tags: tuple[str, ...]
    is_current: bool
    note: str
    """What it was for: the source's name, or where a rollback went."""


def history(head: Head) -> tuple[Version, ...]:
    """Every kept snapshot of the table, newest first."""
    snapshots = {s.snapshot_id: s for s in head.metadata.snapshots}
    tags: dict[int, list[str]] = {}
    for name, ref in head.metadata.refs.items():
        if ref.snapshot_ref_type == SnapshotRefType.TAG:
            tags.setdefault(ref.snapshot_id, []).append(name)
    listed = sorted(snapshots.values(), key=lambda s: s.sequence_number or 0, reverse=True)
    steps = {s.snapshot_id: s for s in listed if said(s, STEP)}
    whole = (s for s in listed if s.snapshot_id not in steps)
    return tuple(
        _version(s, steps.get(s.parent_snapshot_id or 0), head, tuple(sorted(tags.get(s.snapshot_id, ()))))
        for s in whole
    )


def _version(snapshot: Snapshot, step: Snapshot | None, head: Head, tags: tuple[str, ...]) -> Version:
    back = said(snapshot, ROLLED_BACK_TO)
    return Version(
        snapshot_id=snapshot.snapshot_id,
        at=iso(snapshot.timestamp_ms),
        operation="rollback"
        if back
        else "overwrite"
        if step
        else str(snapshot.summary.operation.value if snapshot.summary else "unknown"),
        rows=_count(snapshot, "total-records"),
        added=_added(snapshot) + (_added(step) if step else 0),
        removed=_removed(snapshot) + (_removed(step) if step else 0),
        tags=tags,
        is_current=snapshot.snapshot_id == head.snapshot_id,
        note=f"back to {back}" if back else said(snapshot, "lakehouse.source"),
    )


def at(head: Head, moment: At) -> Snapshot | None:
    """The snapshot that was current at `moment`; None is the table before its first write.

    Raises:
        NotFound: no such snapshot or tag, or a time before the table's first kept snapshot.
        Invalid: neither a snapshot id, nor a tag, nor an ISO 8601 time.
    """
    if moment is None:
        return head.metadata.current_snapshot()
    text = str(moment).strip()
    for label in (text, text.casefold()):
        if label in head.metadata.refs:
            return head.metadata.snapshot_by_id(head.metadata.refs[label].snapshot_id)
    if text.lstrip("-").isdigit():
        return by_id(head, int(text))
    return _at_time(head, _milliseconds(text))


def by_id(head: Head, snapshot_id: int) -> Snapshot:
    """The snapshot with this id.

    Raises:
        NotFound: the table never had it, or it has expired.
    """
    found = head.metadata.snapshot_by_id(snapshot_id)
    if found is None:
        hint = f"lakehouse history {head.name} lists what is kept"
        raise NotFound(f"{head.name} has no snapshot {snapshot_id}", hint=hint, table=str(head.name))
    return found


def _at_time(head: Head, moment_ms: int) -> Snapshot:
    log = [entry for entry in head.metadata.snapshot_log if entry.timestamp_ms <= moment_ms]
    known = {s.snapshot_id: s for s in head.metadata.snapshots}
    if not log or log[-1].snapshot_id not in known or _has_gap(head, len(log), moment_ms):
        hint = f"lakehouse history {head.name} lists what is kept"
        raise NotFound(
            f"{head.name} has no state kept from {iso(moment_ms)}", hint=hint, table=str(head.name)
        )
    return by_id(head, log[-1].snapshot_id)


def _has_gap(head: Head, position: int, moment_ms: int) -> bool:
    """Did a state that has expired come between the log's entries around this moment?

    Then nobody knows when the earlier entry ceased to be current, but for the moment it became so.
    """
    log = head.metadata.snapshot_log
    if position == len(log) or log[position - 1].timestamp_ms == moment_ms:
        return False
    later = head.metadata.snapshot_by_id(log[position].snapshot_id)
    parent = later.parent_snapshot_id if later else None
    return parent is None or head.metadata.snapshot_by_id(parent) is None


def _milliseconds(text: str) -> int:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        hint = "give a snapshot id, a tag, or a time such as 2026-11-01T12:00:00Z"
        raise Invalid(f"{text[:60]!r} is no moment of the table", hint=hint) from error
    aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return int(aware.timestamp() * 1000)


def rollback(catalog: Catalog, name: TableName, to: At, *, now_ms: int) -> Head:
    """Make the table read as it did at `to`, schema included, by a new snapshot."""

    def plan(head: Head) -> NextSnapshot | None:
        target = at(head, to)
        if target is None:
            return None
        if target.snapshot_id == head.snapshot_id and target.schema_id in {
            None,
            head.metadata.current_schema_id,
        }:
            return None
        return NextSnapshot(
            operation="overwrite",
            kept=tuple(target.manifests(catalog.io)),
            summary={ROLLED_BACK_TO: str(target.snapshot_id)},
            schema_id=target.schema_id,
        )

    return publish(catalog, name, plan, now_ms=now_ms)


def tag(catalog: Catalog, name: TableName, label: str, to: At) -> Head:
    """Give the state at `to` a name; tagged snapshots never expire.

    Raises:
        Invalid: the label could be mistaken for a snapshot id or a time.
    """
    head = catalog.head(name)
    target = at(head, to)
    clean = folded(label)
    if target is None or clean == BRANCH or clean[0].isdigit() or clean[0] == "-":
        raise Invalid(
            "a tag starts with a letter and names a written state", hint="for example before-import"
        )
    reference = SetSnapshotRefUpdate(
        ref_name=clean,
        type=SnapshotRefType.TAG,
        snapshot_id=target.snapshot_id,
        max_ref_age_ms=None,
        max_snapshot_age_ms=None,
        min_snapshots_to_keep=None,
    )
    return catalog.commit((Change(name=name, requirements=(), updates=(reference,)),))[0]


def untag(catalog: Catalog, name: TableName, label: str) -> Head:
    """Remove a tag; the snapshot stays until it expires like any other."""
    label = label.strip().casefold()
    if label not in catalog.head(name).metadata.refs or label == BRANCH:
        raise NotFound(f"{name} has no tag {label!r}", hint=f"lakehouse history {name} shows its tags")
    return catalog.commit(
        (Change(name=name, requirements=(), updates=(RemoveSnapshotRefUpdate(ref_name=label),)),)
    )[0]


def lineage(head: Head) -> Iterator[Snapshot]:
    """The snapshots whose writes are part of the table now, newest first.

    Follows parents; a rollback continues at the snapshot it went back to, a full replacement ends it.
    """
    current = head.metadata.current_snapshot()
    while current is not None:
        yield current
        before = goes_on_from(current)
        current = head.metadata.snapshot_by_id(before) if before else None


def _added(snapshot: Snapshot) -> int:
    if _is_fold(snapshot):
        return 0
    return _count(snapshot, "added-records") or _count(snapshot, "lakehouse.added-rows")


def _removed(snapshot: Snapshot) -> int:
    if _is_fold(snapshot):
        return 0
    gone = _count(snapshot, "added-position-deletes") + _count(snapshot, "deleted-records")
    return max(0, gone - _count(snapshot, "removed-position-deletes"))


def _is_fold(snapshot: Snapshot) -> bool:
    """Files changed, rows did not."""
    return snapshot.summary is not None and snapshot.summary.operation == Operation.REPLACE


def _count(snapshot: Snapshot, key: str) -> int:
    value = said(snapshot, key)
    return int(value) if value.isdigit() else 0
