"""The catalog comes back from the files alone, and a table's files are compared with what it says of them."""

import shutil
import uuid
from pathlib import Path

import pytest

from lakehouse.base.clock import FixedClock
from lakehouse.base.errors import Invalid
from lakehouse.store.local import LocalStore
from lakehouse.table import names
from lakehouse.table.catalog import DROPPED, Catalog
from lakehouse.table.fileio import StoreIO
from lakehouse.table.names import TableName
from lakehouse.table.pointers import Pointers
from lakehouse.table.rebuild import rebuild, remove_dropped, resync
from tests.table.wiring import Lake


def filled(lake: Lake, text: str = "people") -> TableName:
    name = lake.table(text)
    lake.append(name, "SELECT i AS id, 'n' || i AS name FROM range(10) r(i)")
    return name


def lose_the_catalog(lake: Lake) -> Catalog:
    """Delete catalog.sqlite and open what is left."""
    lake.pointers.close()
    for path in lake.root.glob("catalog.sqlite*"):
        path.unlink()
    lake.use(lake.open_catalog())
    assert lake.catalog.names() == ()
    return lake.catalog


def test_every_table_comes_back_under_its_name(own: Lake) -> None:
    own.pointers.create_namespace("sales")
    texts = ["people", "sales.orders", '"odd ""name"""."T.1"', '"lake.x"']
    own.pointers.create_namespace('odd "name"')
    tables = [filled(own, text) for text in texts]
    own.upsert(tables[0], "SELECT 3 AS id, 'changed' AS name")
    heads = {name: own.catalog.head(name).location for name in tables}
    found = rebuild(lose_the_catalog(own))
    assert found.restored == tuple(sorted(map(str, tables)))
    assert {name: own.catalog.head(name).location for name in own.catalog.names()} == heads
    assert (3, "changed") in own.rows(tables[0])
    own.upsert(tables[0], "SELECT 4 AS id, 'after' AS name")
    assert (4, "after") in own.rows(tables[0])


def test_a_renamed_table_comes_back_under_its_new_name(own: Lake) -> None:
    own.catalog.rename(filled(own), names.parse("staff"))
    rebuild(lose_the_catalog(own))
    assert own.catalog.names() == (names.parse("staff"),)


def test_a_dropped_table_stays_dropped_until_it_is_removed(own: Lake) -> None:
    head = own.catalog.drop(filled(own))
    found = rebuild(lose_the_catalog(own))
    assert (found.restored, own.catalog.names()) == ((), ())
    assert found.dropped == (own.io.key(head.metadata.location),)
    assert remove_dropped(own.catalog, clock=own.clock, after_ms=60_000) == 0
    later = FixedClock(own.clock.now_ms() + 61_000)
    assert remove_dropped(own.catalog, clock=later, after_ms=60_000) > 5
    assert list(own.io.store.list(own.io.key(head.metadata.location))) == []


def test_a_table_made_after_one_of_its_name_was_dropped_is_the_one_that_comes_back(own: Lake) -> None:
    own.catalog.drop(filled(own))
    second = own.catalog.head(filled(own))
    rebuild(lose_the_catalog(own))
    assert own.catalog.head(second.name).metadata.table_uuid == second.metadata.table_uuid


def test_a_table_registered_again_is_not_removed_as_dropped(own: Lake) -> None:
    head = own.catalog.drop(filled(own))
    own.catalog.register(head.name, head.location)
    marker = own.io.key(f"{head.metadata.location}/metadata/{DROPPED}")
    own.io.store.put(marker, b"1")
    assert remove_dropped(own.catalog, clock=own.clock, after_ms=0) == 0
    assert len(own.rows(head.name)) == 10


def test_a_torn_metadata_file_gives_way_to_the_version_before(own: Lake) -> None:
    head = own.catalog.head(filled(own))
    folder = Path(head.metadata.location, "metadata")
    whole = Path(head.location).read_bytes()
    (folder / f"00007-{uuid.uuid4()}.metadata.json").write_bytes(whole[:-40])
    (folder / f"00008-{uuid.uuid4()}.metadata.json").write_bytes(b"")
    (folder / f"00009-{uuid.uuid4()}.metadata.json").write_bytes(b'{"format-version": 2}')
    (folder / "v1.metadata.json").write_bytes(whole)
    rebuild(lose_the_catalog(own))
    assert own.catalog.head(head.name).location == head.location


def test_what_a_killed_commit_left_does_not_hide_a_later_one(own: Lake) -> None:
    before = own.catalog.head(filled(own))
    left = Path(
        before.metadata.location, "metadata", f"{before.version + 1:05d}-{uuid.uuid4()}.metadata.json"
    )
    left.write_bytes(Path(before.location).read_bytes())
    acknowledged = own.append(before.name, "SELECT 99 AS id, 'new' AS name")
    rebuild(lose_the_catalog(own))
    assert own.catalog.head(before.name).location == acknowledged.location


def test_what_is_in_the_catalog_already_is_kept(own: Lake) -> None:
    first, second = filled(own, "a"), filled(own, "b")
    head = own.catalog.head(second)
    own.pointers.remove(second, head.location)
    found = rebuild(own.catalog)
    assert (found.restored, found.kept) == (("b",), ("a",))
    assert rebuild(own.catalog).kept == ("a", "b")
    assert len(own.rows(first)) == len(own.rows(second)) == 10


def test_a_folder_whose_metadata_is_damaged_is_named(own: Lake) -> None:
    head = own.catalog.head(filled(own))
    for path in Path(head.metadata.location, "metadata").glob("*.json"):
        path.write_bytes(b"\x00")
    found = rebuild(lose_the_catalog(own))
    assert found.damaged == (own.io.key(head.metadata.location),)
    assert found.restored == ()


def test_an_empty_store_gives_an_empty_catalog(own: Lake) -> None:
    found = rebuild(own.catalog)
    assert (found.restored, found.kept, found.dropped, found.damaged) == ((), (), (), ())
    assert "lake" in own.pointers.namespaces()


def test_a_resync_counts_rows_by_the_files_themselves(own: Lake) -> None:
    name = filled(own)
    own.writer.delete(name, "id < 3")
    found = resync(own.catalog, name)
    assert (found.rows, found.files, found.missing, found.changed) == (7, 2, (), ())


def test_a_resync_finds_files_that_are_missing_changed_or_torn(own: Lake) -> None:
    name = own.table()
    for n in range(3):
        own.append(name, f"SELECT i AS id, 'n' AS name FROM range({n + 1}) r(i)")
    folder = Path(own.catalog.head(name).metadata.location, "data")
    gone, torn, other = sorted(folder.iterdir())
    gone.unlink()
    torn.write_bytes(torn.read_bytes()[:-8])
    own.stage(name, "SELECT i AS id, 'n' AS name FROM range(50) r(i)").rename(other)
    found = resync(own.catalog, name)
    assert found.missing == (own.io.key(str(gone)),)
    assert set(found.changed) == {own.io.key(str(torn)), own.io.key(str(other))}


def test_a_lake_that_was_moved_says_where_it_was_made(own: Lake) -> None:
    head = own.catalog.head(filled(own))
    other = LocalStore(own.root.with_name("elsewhere"), durability="process")
    with pytest.raises(Invalid, match="outside the lake") as caught:
        StoreIO(other).key(head.location)
    assert f"ln -s {own.root.with_name('elsewhere')} {own.root}" in caught.value.hint


def test_a_rebuild_of_a_moved_lake_restores_nothing_that_cannot_be_read(own: Lake) -> None:
    filled(own)
    own.pointers.close()
    moved = own.root.with_name("moved")
    shutil.copytree(own.root, moved)
    pointers = Pointers(f"sqlite:///{moved / 'new.sqlite'}", durable=False)
    io = StoreIO(LocalStore(moved, durability="process"))
    catalog = Catalog(pointers=pointers, io=io, clock=FixedClock(), sync=lambda _: None)
    with pytest.raises(Invalid, match="outside the lake"):
        rebuild(catalog)
    assert pointers.locations() == {}
    pointers.close()
