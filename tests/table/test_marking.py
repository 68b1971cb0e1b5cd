"""Files are marked where they lie, and the manifests that name them keep telling the truth."""

from pathlib import Path

import pytest
from pyiceberg.manifest import DataFile
from pyiceberg.table.snapshots import Snapshot
from pyiceberg.table.update import AddSnapshotUpdate

from lakehouse.base.errors import Corrupt, Invalid
from lakehouse.store.memory import MemoryStore
from lakehouse.table.fileio import StoreIO
from lakehouse.table.files.datafile import data_file
from lakehouse.table.files.marking import has_lists, mark_commit, mark_file
from lakehouse.table.heads import Head
from lakehouse.table.manifests import live
from lakehouse.table.names import TableName
from lakehouse.table.snapshot import Edit, NextSnapshot, change
from tests.table.test_footer import VALUES, by_duckdb, logical_types
from tests.table.wiring import Lake

LISTS = "id BIGINT, l VARCHAR[]"


def test_a_file_is_marked_in_place_and_once(tmp_path: Path) -> None:
    path = by_duckdb(tmp_path, VALUES)
    before = path.stat().st_size
    assert mark_file(path) == path.stat().st_size == before + 4 * len(logical_types(path))
    marked = path.read_bytes()
    assert mark_file(path) == len(marked)
    assert path.read_bytes() == marked


@pytest.mark.parametrize("data", [b"", b"PAR1", b"id,l\n1,2\n", b"\xff\xff\x00\x00PAR1"])
def test_what_is_no_parquet_stays_as_it_is(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "f"
    path.write_bytes(data)
    assert mark_file(path) == len(data)
    assert path.read_bytes() == data


def test_a_broken_footer_and_a_link_are_refused(tmp_path: Path) -> None:
    path = by_duckdb(tmp_path, VALUES)
    (tmp_path / "link").symlink_to(path)
    broken = tmp_path / "broken"
    broken.write_bytes(b"\x00\x01\x00\x00\x00PAR1")
    for bad in (tmp_path / "link", broken, tmp_path / "absent"):
        with pytest.raises(Corrupt):
            mark_file(bad)
    assert {kind for _, kind in logical_types(path)} == {None}


def entries(lake: Lake, name: TableName) -> list[DataFile]:
    files = live(lake.io, lake.catalog.head(name).metadata.current_snapshot())
    return [e.data_file for e in (*files.data, *files.deletes)]


def test_manifests_say_how_long_marked_files_are(lake: Lake) -> None:
    name = lake.table("", LISTS)
    lake.append(name, "SELECT i AS id, ['a'] AS l FROM range(9) r(i)")
    lake.upsert(name, "SELECT i AS id, ['b'] AS l FROM range(5, 15) r(i)")
    lake.writer.delete(name, "id = 1")
    files = entries(lake, name)
    assert [f.file_size_in_bytes for f in files] == [Path(f.file_path).stat().st_size for f in files]
    kinds = [kind for f in files for _, kind in logical_types(Path(f.file_path))]
    assert len(kinds) >= 2
    assert set(kinds) == {"ListType()"}
    snapshot = lake.catalog.head(name).metadata.current_snapshot()
    assert snapshot
    for manifest in snapshot.manifests(lake.io):
        assert manifest.manifest_length == Path(manifest.manifest_path).stat().st_size
    assert lake.rows(name, what="count(*), count(DISTINCT l)") == [(14, 2)]


def test_a_table_without_lists_is_left_alone(lake: Lake, tmp_path: Path) -> None:
    head = lake.catalog.head(lake.table())
    assert not has_lists(head.metadata.schema())
    mark_commit(lake.io, head.metadata, [uncommitted(lake.io, head, tmp_path, "absent.parquet")])


def test_a_commit_whose_files_cannot_be_read_is_refused(lake: Lake, tmp_path: Path) -> None:
    head = lake.catalog.head(lake.table("", LISTS))
    snapshot = uncommitted(lake.io, head, tmp_path, f"{head.metadata.location}/data/absent.parquet")
    with pytest.raises(Corrupt):
        mark_commit(lake.io, head.metadata, [snapshot])
    astray = snapshot.model_copy(update={"manifest_list": f"{head.metadata.location}/metadata/none.avro"})
    with pytest.raises(Invalid):
        mark_commit(lake.io, head.metadata, [astray])


def test_a_commit_cannot_have_files_of_another_table_changed(lake: Lake, tmp_path: Path) -> None:
    other = lake.root / "warehouse" / f"{tmp_path.name}.parquet"
    other.write_bytes(by_duckdb(tmp_path, VALUES).read_bytes())
    head = lake.catalog.head(lake.table("", LISTS))
    mark_commit(lake.io, head.metadata, [uncommitted(lake.io, head, tmp_path, str(other))])
    assert {kind for _, kind in logical_types(other)} == {None}
    other.unlink()
    around = f"{head.metadata.location}/data/../../../{other.name}"
    with pytest.raises(Invalid):
        mark_commit(lake.io, head.metadata, [uncommitted(lake.io, head, tmp_path, around)])


def test_files_in_a_bucket_are_marked_and_stored_again(lake: Lake, tmp_path: Path) -> None:
    io, metadata = StoreIO(MemoryStore()), lake.catalog.head(lake.table("", LISTS)).metadata
    metadata = metadata.model_copy(update={"location": "memory://warehouse/t"})
    head = Head(name=lake.table(), metadata=metadata, location="")
    file = "memory://warehouse/t/data/f.parquet"
    io.store.put(io.key(file), by_duckdb(tmp_path, {"id": "1::BIGINT", "l": "['x']"}).read_bytes())
    snapshot = uncommitted(io, head, tmp_path, file)
    for _ in range(2):
        mark_commit(io, metadata, [snapshot])
        (tmp_path / "back.parquet").write_bytes(io.store.get(io.key(file)))
        assert logical_types(tmp_path / "back.parquet") == [("l", "ListType()")]
        (manifest,) = snapshot.manifests(io)
        (entry,) = manifest.fetch_manifest_entry(io)
        assert entry.data_file.file_size_in_bytes == (tmp_path / "back.parquet").stat().st_size
        assert manifest.manifest_length == len(io.store.get(io.key(manifest.manifest_path)))
    io.store.put(io.key(file), b"\x00\x01\x00\x00\x00PAR1")
    with pytest.raises(Corrupt):
        mark_commit(io, metadata, [snapshot])


def uncommitted(io: StoreIO, head: Head, folder: Path, location: str) -> Snapshot:
    """A snapshot that brings one data file, whatever is there by now."""
    path = by_duckdb(folder, {"id": "1::BIGINT"})
    entry = data_file(path, location, head.metadata.schema())
    plan = NextSnapshot(operation="append", data=Edit(added=(entry,)))
    updates = change(io, head, plan, now_ms=1).updates
    return next(u.snapshot for u in updates if isinstance(u, AddSnapshotUpdate))
