"""[pure] Upkeep plans: which files to fold together, which snapshots to let go, which objects nobody needs.

Small commits are cheap to make and dear to read: 100 single-row updates took a select from 18 to 57 ms.
So files are folded once there are enough of them, and history thins out with age.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class UpkeepParams:
    """When upkeep happens, and how much history stays."""

    small_commits: int = 16
    """Fold once this many small files have gathered, let snapshots go once this many may."""

    small_bytes: int = 32 << 20
    """A file below this is small; DuckDB reads files of 100 MB and more at full speed."""

    tier: int = 4
    """A file joins a fold if it is at most this many times larger than all smaller ones together: the work
    for each new row stays logarithmic, where rewriting the table for 16 rows would not."""

    delete_share: float = 0.10
    """Fold a file anew once this share of its rows is deleted."""

    keep_newest: int = 50
    """Snapshots that always stay."""

    keep_days: int = 7
    """Older ones stay this long, thinned to the newest of each hour."""

    orphan_ms: int = HOUR_MS
    """Objects that no snapshot names are removed after this long: a write in progress is younger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFact:
    """One data file and what is deleted from it."""

    path: str
    bytes: int
    rows: int
    deleted: int


WORN_ROWS: Final = 10_000
"""Fewer deleted rows than this are no reason to look at a table: reading around them costs nothing yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wear:
    """A snapshot's totals, as far as upkeep minds them."""

    data_files: int = 0
    delete_files: int = 0
    deleted_rows: int = 0
    rows: int = 0

    def least(self, other: "Wear") -> "Wear":
        """The smaller of each: what a rollback or replacement takes away must not hide what comes after."""
        return Wear(
            data_files=min(self.data_files, other.data_files),
            delete_files=min(self.delete_files, other.delete_files),
            deleted_rows=min(self.deleted_rows, other.deleted_rows),
            rows=min(self.rows, other.rows),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Write these files' live rows into one new file, and all deletes that remain into another."""

    paths: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Nothing to fold yet."""

    reason: str


def plan(
    files: Sequence[FileFact], *, delete_files: int, params: UpkeepParams, force: bool = False
) -> Fold | Leave:
    """Which data files to fold, if it is time.

    Files far larger than the rest are left alone unless enough of their rows are deleted; their remaining
    deletes are gathered into one file by whoever carries the plan out.

    Args:
        files: every live data file.
        delete_files: how many position delete files there are.
        force: fold whatever could be better, now.
    """
    small = [f for f in files if f.bytes < params.small_bytes]
    group = small if force else _of_a_size(small, params.tier)
    worn = [f for f in files if f.deleted > params.delete_share * f.rows and f not in group]
    if worn:
        paths = tuple(f.path for f in (*worn, *group))
        return Fold(paths=paths, reason=f"{len(worn)} files are worn by deletes")
    waiting = max(len(group), delete_files)
    has_deletes_to_apply = force and any(f.deleted for f in files)
    if waiting < (2 if force else params.small_commits) and not has_deletes_to_apply:
        return Leave(reason=f"{len(small)} small files and {delete_files} delete files can wait")
    few = len(group) < 2 and not any(f.deleted for f in group)
    paths = () if few else tuple(f.path for f in group)
    if not paths and delete_files < 2:
        return Leave(reason="every file is as it should be")
    return Fold(paths=paths, reason=f"{len(paths)} small files, {delete_files} delete files")


def _of_a_size(files: Sequence[FileFact], tier: int) -> list[FileFact]:
    """The most files, smallest first, of which none dwarfs all smaller ones together."""
    ordered = sorted(files, key=lambda f: (f.bytes, f.path))
    taken = below = 0
    for position, file in enumerate(ordered, 1):
        if file.bytes <= tier * below:
            taken = position
        below += file.bytes
    return ordered[:taken]


def is_due(now: Wear, settled: Wear, params: UpkeepParams) -> bool:
    """May a fold be worth it, by a table's totals now and after the last look at its files?"""
    files = max(now.data_files - settled.data_files, now.delete_files - settled.delete_files)
    deleted = now.deleted_rows - settled.deleted_rows
    return files >= params.small_commits or deleted > max(WORN_ROWS, params.delete_share * now.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A snapshot as far as its age matters."""

    snapshot_id: int
    at_ms: int
    sequence: int
    is_referenced: bool
    """The head of a branch, or tagged."""


def expired(snapshots: Sequence[Moment], *, now_ms: int, params: UpkeepParams) -> tuple[int, ...]:
    """Snapshots to let go: not referenced, not among the newest, too old or not the last of their hour."""
    newest_first = sorted(snapshots, key=lambda s: s.sequence, reverse=True)
    horizon = now_ms - params.keep_days * 24 * HOUR_MS
    gone: list[int] = []
    hours: set[int] = set()
    for position, moment in enumerate(newest_first):
        hour = moment.at_ms // HOUR_MS
        is_last_of_hour = hour not in hours
        hours.add(hour)
        stays = (
            position < params.keep_newest
            or moment.is_referenced
            or (moment.at_ms >= horizon and is_last_of_hour)
        )
        if not stays:
            gone.append(moment.snapshot_id)
    return tuple(gone)


def orphans(
    objects: Mapping[str, int], *, reachable: Collection[str], now_ms: int, params: UpkeepParams
) -> tuple[str, ...]:
    """Objects (key to modification time, ms) that nothing reachable names and that are old enough to go."""
    return tuple(
        key
        for key, modified_ms in sorted(objects.items())
        if key not in reachable and modified_ms < now_ms - params.orphan_ms
    )
