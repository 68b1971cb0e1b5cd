"""Upkeep changes files, never rows; it loses nothing to a race and removes nothing that is named."""

import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pyiceberg.manifest import DataFileContent

from lakehouse.base.errors import LakehouseError
from lakehouse.table import timeline
from lakehouse.table.evolve import AddColumn, DropColumn, evolve
from lakehouse.table.manifests import live
from lakehouse.table.names import TableName
from lakehouse.table.upkeep.sweep import UpkeepParams
from lakehouse.table.writer import Batch
from tests.table.wiring import Lake


def filled(lake: Lake, rows: int = 1000) -> TableName:
    name = lake.table()
    lake.append(name, f"SELECT i AS id, 'n' || i AS name FROM range({rows}) r(i)")
    return name


def change_one(lake: Lake, name: TableName, n: int) -> None:
    lake.upsert(name, f"SELECT {n} AS id, 'changed' AS name")


def shape(lake: Lake, name: TableName) -> tuple[int, int]:
    files = live(lake.io, lake.catalog.head(name).metadata.current_snapshot())
    return len(files.data), len(files.deletes)


def objects(lake: Lake, name: TableName) -> set[str]:
    folder = lake.io.key(lake.catalog.head(name).metadata.location)
    return {info.key for info in lake.io.store.list(f"{folder}/")}


def age(lake: Lake, name: TableName, hours: float = 2) -> None:
    """Make every object of the table old."""
    then = time.time() - hours * 3600
    for path in Path(lake.catalog.head(name).metadata.location).rglob("*"):
        os.utime(path, (then, then))


def test_a_fold_keeps_every_row_and_leaves_one_file(lake: Lake) -> None:
    name = filled(lake)
    for n in range(5):
        change_one(lake, name, n)
    lake.writer.delete(name, "id BETWEEN 500 AND 599")
    before = lake.rows(name)
    did = lake.upkeep.compact(name)
    assert lake.rows(name) == lake.planned(name) == before
    assert lake.arrow(name).num_rows == 900 == did.rows
    assert shape(lake, name) == (1, 0)
    assert (did.files_before, did.files_after, did.table) == (12, 1, str(name))
    assert lake.upkeep.compact(name).files_before == 1


def test_an_older_state_reads_on_after_a_fold(lake: Lake) -> None:
    name = filled(lake, 10)
    state = lake.catalog.head(name).snapshot_id
    change_one(lake, name, 3)
    lake.upkeep.compact(name)
    assert Counter(row[1] for row in lake.rows(name, at=state))["changed"] == 0
    assert lake.arrow(name, at=state).num_rows == 10


def test_a_fold_carries_columns_as_they_are_now(lake: Lake) -> None:
    name = filled(lake, 3)
    evolve(lake.catalog, name, [AddColumn(name="extra", type="DECIMAL(9,2)[]"), DropColumn(name="name")])
    lake.upsert(name, "SELECT 1 AS id, [1.5, NULL] AS extra")
    before = lake.rows(name)
    lake.upkeep.compact(name)
    assert lake.rows(name) == before
    assert lake.arrow(name).column_names == ["id", "extra"]


def test_a_table_whose_rows_are_all_deleted_folds_to_nothing(lake: Lake) -> None:
    name = filled(lake, 3)
    lake.writer.delete(name, "true")
    lake.upkeep.compact(name)
    assert lake.rows(name) == []
    assert lake.arrow(name).num_rows == 0
    assert shape(lake, name) == (0, 0)
    change_one(lake, name, 1)
    assert lake.rows(name) == [(1, "changed")]


def test_an_empty_table_needs_nothing(lake: Lake) -> None:
    did = lake.upkeep.compact(lake.table())
    assert (did.files_before, did.files_after, did.rows, did.removed) == (0, 0, 0, 0)


def test_scattered_deletes_are_gathered_while_a_large_file_stays(own: Lake) -> None:
    own.params = UpkeepParams(small_bytes=2000, small_commits=4)
    own.use(own.catalog)
    name = filled(own, 5000)
    large = Path(own.catalog.head(name).metadata.location, "data")
    first = next(large.iterdir()).name
    for n in range(6):
        own.writer.delete(name, f"id = {n}")
    assert shape(own, name) == (1, 6)
    own.upkeep.compact(name, force=False)
    files = live(own.io, own.catalog.head(name).metadata.current_snapshot())
    assert [Path(e.data_file.file_path).name for e in files.data] == [first]
    assert [e.data_file.content for e in files.deletes] == [DataFileContent.POSITION_DELETES]
    assert own.rows(name, what="count(*), min(id)") == [(4994, 6)]
    assert own.arrow(name).num_rows == 4994


def test_a_file_worn_by_deletes_is_written_anew(own: Lake) -> None:
    own.params = UpkeepParams(small_bytes=2000)
    own.use(own.catalog)
    name = filled(own, 5000)
    own.writer.delete(name, "id < 1000")
    did = own.upkeep.compact(name, force=False)
    assert "worn" in did.reason
    assert shape(own, name) == (1, 0)
    assert own.rows(name, what="count(*), min(id)") == [(4000, 1000)]


def test_sixteen_small_changes_are_folded_in_the_background(own: Lake) -> None:
    hand, did, failed = own.background()
    name = filled(own)
    for n in range(20):
        change_one(own, name, n)
    hand.drain()
    hand.close()
    assert failed == []
    assert did
    assert sum(shape(own, name)) < 16
    rows = own.rows(name)
    assert len(rows) == 1000
    assert [row[1] for row in rows[:20]] == ["changed"] * 20


def test_after_closing_nothing_is_taken_up(own: Lake) -> None:
    hand, did, _ = own.background()
    hand.close()
    name = filled(own, 10)
    for n in range(17):
        change_one(own, name, n % 10)
        own.writer.delete(name, f"id = {n % 10}")
    hand.drain()
    assert did == []


def test_a_fold_that_fails_is_reported_and_breaks_no_write(own: Lake) -> None:
    hand, did, failed = own.background()
    name = filled(own, 100)
    for n in range(15):
        change_one(own, name, n)
    data = Path(own.catalog.head(name).metadata.location, "data")
    base = max(data.iterdir(), key=lambda path: path.stat().st_size)
    hidden = base.rename(base.with_suffix(".hidden"))
    own.append(name, "SELECT 1000 AS id, 'still' AS name")
    own.append(name, "SELECT 1001 AS id, 'still' AS name")
    hand.drain()
    assert (did, [isinstance(f, LakehouseError) for f in failed][:1]) == ([], [True])
    hidden.rename(base)
    own.append(name, "SELECT 1002 AS id, 'again' AS name")
    hand.drain()
    hand.close()
    assert did
    assert len(own.rows(name)) == 103


def test_changes_while_a_table_is_folded_are_not_lost(own: Lake) -> None:
    name = filled(own, 200)
    staged = [own.stage(name, f"SELECT {n} AS id, 'changed' AS name") for n in range(30)]
    added = [own.stage(name, f"SELECT {1000 + n} AS id, 'new' AS name") for n in range(10)]

    def upsert(n: int) -> None:
        own.writer.upsert(name, Batch(files=(staged[n],)), given=["id", "name"], key=["id"])

    with ThreadPoolExecutor(3) as pool:
        work = [pool.submit(upsert, n) for n in range(30)]
        work += [pool.submit(own.writer.append, name, Batch(files=(path,))) for path in added]
        while not all(w.done() for w in work):
            own.upkeep.compact(name)
        for done in work:
            done.result()
    own.upkeep.compact(name)
    rows = own.rows(name)
    assert Counter(row[1] for row in rows if row[1] in {"changed", "new"}) == {"changed": 30, "new": 10}
    assert [row[0] for row in rows] == [*range(200), *range(1000, 1010)]
    assert own.arrow(name).num_rows == 210


def test_old_snapshots_go_and_their_files_follow(own: Lake) -> None:
    own.params = UpkeepParams(keep_newest=2, keep_days=0)
    own.use(own.catalog)
    name = filled(own, 50)
    for n in range(8):
        change_one(own, name, n)
    age(own, name)
    before, rows = objects(own, name), own.rows(name)
    did = own.upkeep.compact(name)
    assert did.expired >= 6
    assert did.removed > 0
    assert own.rows(name) == rows
    assert own.arrow(name).num_rows == 50
    assert len(objects(own, name)) < len(before)
    assert len(timeline.history(own.catalog.head(name))) <= 2


def test_only_old_objects_that_nothing_names_are_removed(own: Lake) -> None:
    name = filled(own, 50)
    for n in range(3):
        change_one(own, name, n)
    named = objects(own, name)
    folder = Path(own.catalog.head(name).metadata.location)
    (folder / "data" / "old.parquet").write_bytes(b"left by a killed writer")
    (folder / "metadata" / "00001-0.metadata.json").write_bytes(b"left by a lost race")
    age(own, name)
    (folder / "data" / "young.parquet").write_bytes(b"being written")
    assert own.upkeep.remove_orphans(name) == 2
    assert objects(own, name) == named | {own.io.key(f"{folder}/data/young.parquet")}
    assert len(own.rows(name)) == 50


def test_metadata_does_not_grow_without_bound(own: Lake) -> None:
    own.params = UpkeepParams(keep_newest=5, keep_days=0, small_commits=4)
    own.use(own.catalog)
    name = filled(own, 50)
    for n in range(30):
        change_one(own, name, n)
    age(own, name)
    own.upkeep.compact(name)
    left = [key for key in objects(own, name) if "/metadata/" in key]
    assert len([key for key in left if key.endswith(".json")]) <= 21
    assert len(own.catalog.head(name).metadata.snapshots) <= 10


def test_a_table_is_due_once_and_not_again_until_more_has_come(own: Lake) -> None:
    name = own.table()
    for n in range(16):
        own.append(name, f"SELECT {n} AS id, 'x' AS name")
    assert own.upkeep.is_due(own.catalog.head(name))
    assert own.upkeep.compact_if_due(name)
    assert not own.upkeep.is_due(own.catalog.head(name))
    assert own.upkeep.compact_if_due(name) is None


def test_many_snapshots_alone_make_a_table_due(own: Lake) -> None:
    own.params = UpkeepParams(keep_newest=3, keep_days=0, small_commits=5)
    own.use(own.catalog)
    name = own.table()
    for n in range(9):
        staged = own.stage(name, f"SELECT {n} AS id, 'x' AS name")
        own.writer.replace(name, Batch(files=(staged,)))
    assert own.upkeep.is_due(own.catalog.head(name))
    did = own.upkeep.compact_if_due(name)
    assert did
    assert did.expired == 6


def test_a_tag_set_while_snapshots_expire_keeps_its_snapshot(own: Lake) -> None:
    own.params = UpkeepParams(keep_newest=1, keep_days=0)
    own.use(own.catalog)
    name = own.table()
    for n in range(4):
        own.append(name, f"SELECT {n} AS id, 'x' AS name")
    head = own.catalog.head(name)
    oldest = timeline.history(head)[-1].snapshot_id
    with ThreadPoolExecutor(2) as pool:
        tagged = pool.submit(timeline.tag, own.catalog, name, "keep", oldest)
        gone = pool.submit(own.upkeep.expire, name)
    after = own.catalog.head(name).metadata
    assert gone.result() >= 0
    if tagged.exception() is None:
        assert after.snapshot_by_id(oldest) is not None
        assert after.refs["keep"].snapshot_id == oldest


@pytest.mark.crash
def test_a_writer_killed_while_folding_leaves_the_table_as_it_was(own: Lake) -> None:
    name = filled(own, 200_000)
    for n in range(3):
        change_one(own, name, n)
    before = own.catalog.head(name)
    with ThreadPoolExecutor(1) as pool:
        folding = pool.submit(own.upkeep.compact, name)
        while not any(own.staging.iterdir()) and not folding.done():
            time.sleep(0.001)
        own.started[-1].kill()
    if folding.exception() is not None:
        assert own.catalog.head(name) == before
    assert own.rows(name, what="count(*)") == [(200_000,)]
    change_one(own, name, 5)
    assert own.rows(name, what="count(*) FILTER (name = 'changed')") == [(4,)]
