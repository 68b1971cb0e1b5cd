"""[acts] Manifests: what a snapshot is made of, and how a new one is written.

Iceberg keeps a snapshot as a list of manifests, each a list of data or delete files. PyIceberg reads and
writes data manifests; delete manifests are the same file with another content mark, added here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyiceberg.manifest import (
    DataFileContent,
    ManifestContent,
    ManifestEntry,
    ManifestEntryStatus,
    ManifestFile,
)
from pyiceberg.table.snapshots import Snapshot

from lakehouse.table.fileio import StoreIO


def durable_parts(io: StoreIO, snapshot: Snapshot, manifests: Sequence[ManifestFile]) -> Iterator[str]:
    """Every file that this snapshot brought: its list, its own manifests, the files they add."""
    yield snapshot.manifest_list
    for manifest in manifests:
        if manifest.added_snapshot_id == snapshot.snapshot_id:
            yield manifest.manifest_path
            for entry in io.entries(manifest):
                if entry.status == ManifestEntryStatus.ADDED:
                    yield entry.data_file.file_path


def totals(manifests: Sequence[ManifestFile]) -> dict[str, str]:
    """The summary's totals, from the manifest list itself, whoever wrote the snapshot.

    Deletes by equality are not counted: we write none.

    Source: Iceberg spec, "Optional Snapshot Summary Fields".
    """
    data = [m for m in manifests if m.content == ManifestContent.DATA]
    deletes = [m for m in manifests if m.content == ManifestContent.DELETES]
    deleted = sum(_live_rows(m) for m in deletes)
    return {
        "total-records": str(sum(_live_rows(m) for m in data) - deleted),
        "total-data-files": str(sum(_live_files(m) for m in data)),
        "total-delete-files": str(sum(_live_files(m) for m in deletes)),
        "total-position-deletes": str(deleted),
    }


def _live_rows(manifest: ManifestFile) -> int:
    return (manifest.added_rows_count or 0) + (manifest.existing_rows_count or 0)


def _live_files(manifest: ManifestFile) -> int:
    return (manifest.added_files_count or 0) + (manifest.existing_files_count or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """The files a snapshot reads, by what they hold."""

    data: tuple[ManifestEntry, ...]
    deletes: tuple[ManifestEntry, ...]

    @property
    def rows(self) -> int:
        """Rows that a reader sees, if no delete names a row twice."""
        return sum(e.data_file.record_count for e in self.data) - sum(
            e.data_file.record_count for e in self.deletes
        )


def live(io: StoreIO, snapshot: Snapshot | None) -> Live:
    """The entries of all manifests of `snapshot`; none without one.

    Cost: reads the list, and each manifest the first time.
    """
    manifests = snapshot.manifests(io) if snapshot else []
    entries = [e for m in manifests for e in io.entries(m) if e.status != ManifestEntryStatus.DELETED]
    return Live(
        data=tuple(e for e in entries if e.data_file.content == DataFileContent.DATA),
        deletes=tuple(e for e in entries if e.data_file.content != DataFileContent.DATA),
    )
