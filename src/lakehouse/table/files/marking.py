"""[acts] Lists and maps marked in the files that DuckDB wrote, before a commit shows them to any reader.

Staged files are marked when a table adopts them. The rows of an upsert DuckDB writes straight into the
table's folder, and says in a manifest how long each file is; readers look for the footer there. So its
files are marked when its commit comes in, and the manifest and the list that name them are written again
in their places: nobody but the writer knows of them yet.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pyiceberg.manifest import (
    DataFile,
    FileFormat,
    ManifestContent,
    ManifestEntry,
    ManifestEntryStatus,
    ManifestFile,
    ManifestWriter,
    ManifestWriterV2,
    write_manifest_list,
)
from pyiceberg.schema import Schema
from pyiceberg.table.metadata import TableMetadata
from pyiceberg.table.snapshots import Snapshot
from pyiceberg.types import ListType, MapType

from lakehouse.base.errors import Corrupt, Invalid
from lakehouse.table.fileio import StoreIO
from lakehouse.table.files.footer import TAIL_BYTES, footer_bytes, marked, with_tail

CODEC: Final = "deflate"

LENGTH_AT, SIZE_AT = 1, 5
"""Where PyIceberg's records keep `ManifestFile.manifest_length` and `DataFile.file_size_in_bytes`."""


def has_lists(schema: Schema) -> bool:
    """Is there a list or a map in any column?"""
    return any(isinstance(schema.find_type(n), ListType | MapType) for n in schema.field_ids)


def mark_file(path: Path) -> int:
    """Mark the lists and maps of a Parquet file that no one reads yet; its size after that.

    What is no Parquet file stays as it is: who reads it says so.

    Raises:
        Corrupt: it cannot be opened, or its footer cannot be read.
    """
    try:
        # A link could lead out of the lake, and this writes as us what a jailed process left.
        with os.fdopen(os.open(path, os.O_RDWR | os.O_NOFOLLOW), "r+b") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL_BYTES))
            length = footer_bytes(file.read())
            start = size - TAIL_BYTES - length
            if not length or start < 0:
                return size
            file.seek(start)
            before = file.read(length)
            if (after := marked(before)) == before:
                return size
            file.seek(start)
            return start + file.write(with_tail(after))
    except (OSError, ValueError) as error:
        raise _unreadable(str(path)) from error


def mark_commit(io: StoreIO, metadata: TableMetadata, snapshots: Sequence[Snapshot]) -> None:
    """Mark the files that a commit of our own writer brings, and let its manifests say their new sizes.

    Args:
        metadata: the table's, before the commit.
        snapshots: the new ones, oldest first.

    Raises:
        Invalid: a file is missing or is not what the snapshot says.
    """
    if not has_lists(metadata.schema()):
        return
    lengths: dict[str, int] = {}
    known = {s.snapshot_id for s in metadata.snapshots}  # readers have those: they stay as they are
    try:
        for snapshot in (s for s in snapshots if s.snapshot_id not in known):
            manifests = snapshot.manifests(io)
            for manifest in manifests:
                is_new = manifest.added_snapshot_id == snapshot.snapshot_id
                if is_new and manifest.content == ManifestContent.DATA:
                    lengths |= _mark_manifest(io, metadata, manifest)
            if any(m.manifest_path in lengths for m in manifests):
                _write_list(io, snapshot, manifests, lengths)
    except (OSError, ValueError, EOFError) as error:
        raise Invalid(
            "a snapshot names a file that cannot be read", hint="write its files before the commit"
        ) from error


def _mark_manifest(io: StoreIO, metadata: TableMetadata, manifest: ManifestFile) -> dict[str, int]:
    """The manifest's path and new length; nothing if its files were fine already."""
    entries = manifest.fetch_manifest_entry(io, discard_deleted=False)
    added = [e.data_file for e in entries if e.status == ManifestEntryStatus.ADDED]
    before = [f.file_size_in_bytes for f in added]
    for file in added:
        file[SIZE_AT] = _mark_stored(io, metadata, file)
    if before == [f.file_size_in_bytes for f in added]:
        return {}
    output, spec = io.new_output(manifest.manifest_path), metadata.specs()[manifest.partition_spec_id]
    snapshot_id = manifest.added_snapshot_id or 0
    with ManifestWriterV2(spec, metadata.schema(), output, snapshot_id, CODEC) as writer:
        for entry in entries:
            _write_entry(writer, entry)
    return {manifest.manifest_path: len(output)}


def _write_entry(writer: ManifestWriter, entry: ManifestEntry) -> None:
    if entry.status == ManifestEntryStatus.ADDED:
        # Without a sequence number: it has the one of the commit, whatever that comes to be.
        writer.add(
            ManifestEntry.from_args(
                status=ManifestEntryStatus.ADDED, snapshot_id=entry.snapshot_id, data_file=entry.data_file
            )
        )
    elif entry.status == ManifestEntryStatus.DELETED:
        writer.delete(entry)
    else:
        writer.existing(entry)


def _write_list(
    io: StoreIO, snapshot: Snapshot, manifests: Sequence[ManifestFile], lengths: dict[str, int]
) -> None:
    for manifest in manifests:
        manifest[LENGTH_AT] = lengths.get(manifest.manifest_path, manifest.manifest_length)
    output, parent = io.new_output(snapshot.manifest_list), snapshot.parent_snapshot_id
    sequence = snapshot.sequence_number
    with write_manifest_list(2, output, snapshot.snapshot_id, parent, sequence, CODEC) as writer:
        writer.add_manifests(list(manifests))


def _mark_stored(io: StoreIO, metadata: TableMetadata, file: DataFile) -> int:
    """Mark one data file where it is stored; its size after that."""
    location, key = file.file_path, io.key(file.file_path)
    io.store.head(key)  # refuses keys that would leave the store
    if file.file_format != FileFormat.PARQUET or not location.startswith(f"{metadata.location}/"):
        return file.file_size_in_bytes
    if location.startswith("/"):
        return mark_file(Path(location))
    data = io.store.get(key)
    start = len(data) - TAIL_BYTES - footer_bytes(data[-TAIL_BYTES:])
    try:
        after = data[:start] + with_tail(marked(data[start:-TAIL_BYTES]))
    except ValueError as error:
        raise _unreadable(location) from error
    if after != data:
        io.store.put(key, after)
    return len(after)


def _unreadable(location: str) -> Corrupt:
    return Corrupt("a data file is not readable Parquet", hint="ingest the source again", location=location)
