"""The catalog: names, the compare-and-swap, and what is durable before anyone hears of it."""

import subprocess
import sys
import threading
import uuid
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.table.update import (
    AssertRefSnapshotId,
    AssertTableUUID,
    SetLocationUpdate,
    SetPropertiesUpdate,
    UpgradeFormatVersionUpdate,
)
from pyiceberg.typedef import Record

from lakehouse.base.clock import FixedClock
from lakehouse.base.database import Row, Sqlite, Transaction, Values
from lakehouse.base.errors import Conflict, Corrupt, Invalid, NotFound, Unavailable
from lakehouse.store.memory import MemoryStore
from lakehouse.table import names
from lakehouse.table.catalog import DROPPED, Catalog, Change
from lakehouse.table.fileio import StoreIO
from lakehouse.table.heads import Head
from lakehouse.table.names import TableName
from lakehouse.table.pointers import Pointers
from lakehouse.table.schema import Column, new_schema
from lakehouse.table.snapshot import Edit, NextSnapshot, change, publish

SCHEMA = new_schema([Column(name="id", type="BIGINT")])


class Recorder:
    """A `sync` that remembers what was made durable, and where the pointers were then."""

    def __init__(self) -> None:
        self.synced: list[str] = []
        self.fails = False

    def __call__(self, locations: Iterable[str]) -> None:
        if self.fails:
            raise Unavailable("the disk said no", hint="check it")
        self.synced.extend(locations)


class Failing:
    """A database that answers its next transaction with an error, after or instead of the commit."""

    def __init__(self, folder: Path, *, commits: bool) -> None:
        self._real, self._commits = Sqlite(folder / "catalog.sqlite", durable=False), commits

    def read(self, sql: str, values: Values) -> list[Row]:
        return self._real.read(sql, values)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self._real.transaction() as run:
            yield run
            if not self._commits:
                raise Unavailable("the connection broke", hint="try again")
        raise Unavailable("the connection broke", hint="try again")

    def close(self) -> None:
        self._real.close()


@pytest.fixture
def sync() -> Recorder:
    return Recorder()


@pytest.fixture
def catalog(tmp_path: Path, sync: Recorder) -> Iterator[Catalog]:
    """Metadata in memory, pointers in SQLite; no data files anywhere."""
    pointers = Pointers(f"sqlite:///{tmp_path}/catalog.sqlite", durable=False)
    pointers.create_namespace("lake")
    pointers.create_namespace("sales")
    yield Catalog(pointers=pointers, io=StoreIO(MemoryStore()), clock=FixedClock(), sync=sync)
    pointers.close()


def create(catalog: Catalog, text: str) -> Head:
    name = names.parse(text)
    return catalog.create(name, catalog.stage_create(name, SCHEMA))


def file_of(head: Head, path: str = "") -> DataFile:
    """An entry for a data file; metadata does not care that nobody wrote it."""
    return DataFile.from_args(
        content=DataFileContent.DATA,
        file_path=path or f"{head.metadata.location}/data/{uuid.uuid4()}.parquet",
        file_format=FileFormat.PARQUET,
        partition=Record(),
        record_count=1,
        file_size_in_bytes=100,
        spec_id=0,
    )


def appending(catalog: Catalog, head: Head, *files: DataFile) -> Change:
    current = head.metadata.current_snapshot()
    kept = tuple(current.manifests(catalog.io)) if current else ()
    wanted = NextSnapshot(operation="append", data=Edit(added=files), kept=kept)
    return change(catalog.io, head, wanted, now_ms=1)


def paths(catalog: Catalog, head: Head) -> list[str]:
    current = head.metadata.current_snapshot()
    manifests = current.manifests(catalog.io) if current else []
    return sorted(e.data_file.file_path for m in manifests for e in catalog.io.entries(m))


def stored(catalog: Catalog) -> set[str]:
    return {info.key for info in catalog.io.store.list("")}


def test_a_created_table_is_there_under_its_name(catalog: Catalog) -> None:
    created = create(catalog, "People")
    assert catalog.names() == (TableName("lake", "people"),)
    assert catalog.head(names.parse("PEOPLE")) == created
    assert (created.version, created.snapshot_id) == (0, None)


def test_a_name_is_taken_whatever_its_case(catalog: Catalog) -> None:
    create(catalog, "people")
    before = stored(catalog)
    with pytest.raises(Conflict):
        create(catalog, '"PEOPLE"')
    assert stored(catalog) == before


def test_a_table_needs_a_namespace_that_is_there(catalog: Catalog) -> None:
    with pytest.raises(NotFound, match="salse") as caught:
        create(catalog, "salse.orders")
    assert "sales" in caught.value.hint


def test_an_unknown_table_is_not_found_with_a_hint(catalog: Catalog) -> None:
    create(catalog, "people")
    for act in (catalog.head, catalog.drop, lambda name: catalog.rename(name, names.parse("x"))):
        with pytest.raises(NotFound) as caught:
            act(names.parse("peple"))
        assert "people" in caught.value.hint


def test_a_renamed_table_keeps_its_files_and_loses_its_old_name(catalog: Catalog) -> None:
    before = create(catalog, "people")
    after = catalog.rename(before.name, names.parse("sales.Staff"))
    assert catalog.names() == (TableName("sales", "staff"),)
    assert after.metadata.location == before.metadata.location
    with pytest.raises(NotFound):
        catalog.head(before.name)


def test_a_table_cannot_take_a_name_in_use(catalog: Catalog) -> None:
    first = create(catalog, "a")
    create(catalog, "b")
    before = stored(catalog)
    with pytest.raises(Conflict):
        catalog.rename(first.name, names.parse("B"))
    assert stored(catalog) == before
    assert catalog.head(first.name) == first


def test_a_dropped_name_is_free_again_and_its_successor_has_its_own_folder(catalog: Catalog) -> None:
    first = create(catalog, "people")
    catalog.drop(first.name)
    second = create(catalog, "people")
    assert second.metadata.location != first.metadata.location
    assert catalog.io.store.head(catalog.io.key(f"{first.metadata.location}/metadata/{DROPPED}"))


def test_a_dropped_table_can_be_registered_again_and_is_no_longer_marked(catalog: Catalog) -> None:
    first = create(catalog, "people")
    catalog.drop(first.name)
    back = catalog.register(names.parse("again"), first.location)
    assert catalog.head(names.parse("again")) == back
    assert back.metadata.table_uuid == first.metadata.table_uuid
    assert not catalog.io.store.head(catalog.io.key(f"{first.metadata.location}/metadata/{DROPPED}"))


def test_two_tables_never_share_a_folder(catalog: Catalog) -> None:
    first = create(catalog, "people")
    with pytest.raises(Conflict):
        catalog.register(names.parse("twin"), first.location)
    for location in (
        first.metadata.location,
        f"{first.metadata.location}/inner",
        f"file://{first.metadata.location}/",
    ):
        with pytest.raises(Conflict):
            catalog.stage_create(names.parse("twin"), SCHEMA, location=location)
    assert catalog.names() == (first.name,)


@pytest.mark.parametrize(
    "location",
    [
        "/etc",
        "memory://",
        "memory://warehouse",
        "memory://warehouse/lake",
        "memory://journal/a/b",
        "memory://warehouse/lake/../../x",
        "memory://warehouse/lake/./x",
        "s3://other/x",
    ],
)
def test_a_table_lives_below_the_warehouse_and_nowhere_else(catalog: Catalog, location: str) -> None:
    with pytest.raises(Invalid):
        catalog.stage_create(names.parse("x"), SCHEMA, location=location)


def test_what_is_no_metadata_cannot_be_registered(catalog: Catalog) -> None:
    catalog.io.store.put("warehouse/torn.metadata.json", b'{"format-version": 2, "tab')
    for location in ("memory://warehouse/torn.metadata.json", "memory://warehouse/nothing.metadata.json"):
        with pytest.raises(Corrupt):
            catalog.register(names.parse("x"), location)
    with pytest.raises(Invalid):
        catalog.register(names.parse("x"), "/etc/passwd")
    assert catalog.names() == ()


def test_a_commit_whose_requirement_fails_leaves_nothing_behind(catalog: Catalog) -> None:
    head = create(catalog, "people")
    before = stored(catalog)
    for requirement in (AssertTableUUID(uuid=uuid.uuid4()), AssertRefSnapshotId(ref="main", snapshot_id=7)):
        wanted = Change(
            name=head.name, requirements=(requirement,), updates=(SetPropertiesUpdate(updates={"a": "b"}),)
        )
        with pytest.raises(Conflict):
            catalog.commit((wanted,))
    assert stored(catalog) == before
    assert catalog.head(head.name) == head


@pytest.mark.parametrize(
    "update",
    [SetLocationUpdate(location="memory://warehouse/lake/x"), UpgradeFormatVersionUpdate(format_version=3)],
)
def test_a_table_stays_where_and_what_it_is(
    catalog: Catalog, update: SetLocationUpdate | UpgradeFormatVersionUpdate
) -> None:
    head = create(catalog, "people")
    with pytest.raises(Invalid):
        catalog.commit((Change(name=head.name, requirements=(), updates=(update,)),))
    assert catalog.head(head.name) == head


def test_a_snapshot_without_its_files_is_refused(catalog: Catalog) -> None:
    head = create(catalog, "people")
    wanted = appending(catalog, head, file_of(head))
    for key in [k for k in stored(catalog) if k.endswith(".avro")]:
        catalog.io.store.delete(key)
    with pytest.raises(Invalid):
        catalog.commit((wanted,))
    assert catalog.head(head.name) == head


def test_a_snapshot_that_names_a_file_outside_the_lake_is_refused(catalog: Catalog) -> None:
    head = create(catalog, "people")
    outside = file_of(head, "/etc/passwd")
    with pytest.raises(Invalid, match="outside"):
        catalog.commit((appending(catalog, head, outside),))


def test_every_file_of_a_commit_is_durable_before_the_pointer_moves(catalog: Catalog, sync: Recorder) -> None:
    head = create(catalog, "people")
    assert sync.synced == [head.location]
    first = file_of(head)
    seen: list[str] = []
    at_sync: list[Head] = []

    def watching(locations: Iterable[str]) -> None:
        seen.extend(locations)
        at_sync.append(catalog.head(head.name))

    watched = Catalog(pointers=catalog.pointers, io=catalog.io, clock=FixedClock(), sync=watching)
    after = watched.commit((appending(catalog, head, first),))[0]
    snapshot = after.metadata.current_snapshot()
    assert snapshot is not None
    manifests = [m.manifest_path for m in snapshot.manifests(catalog.io)]
    assert set(seen) == {after.location, snapshot.manifest_list, *manifests, first.file_path}
    assert at_sync == [head]


def test_what_could_not_be_made_durable_is_not_acknowledged(catalog: Catalog, sync: Recorder) -> None:
    head = create(catalog, "people")
    sync.fails = True
    with pytest.raises(Unavailable):
        catalog.commit((appending(catalog, head, file_of(head)),))
    assert catalog.head(head.name) == head
    sync.fails = False
    assert catalog.commit((appending(catalog, head, file_of(head)),))[0].version > head.version


def test_a_commit_on_a_newer_head_goes_through_if_its_requirements_hold(catalog: Catalog) -> None:
    head = create(catalog, "people")
    wanted = appending(catalog, head, file_of(head))
    catalog.commit(
        (Change(name=head.name, requirements=(), updates=(SetPropertiesUpdate(updates={"a": "1"}),)),)
    )
    after = catalog.commit((wanted,))[0]
    assert (after.metadata.properties["a"], after.snapshot_id is None) == ("1", False)


def test_a_change_for_one_state_only_is_refused_on_any_other(catalog: Catalog) -> None:
    head = create(catalog, "people")
    update = SetPropertiesUpdate(updates={"a": "1"})
    pinned = Change(name=head.name, requirements=(), updates=(update,), only_on=head.location)
    catalog.commit((pinned,))
    with pytest.raises(Conflict):
        catalog.commit((pinned,))


def test_a_transaction_over_tables_is_all_or_nothing(catalog: Catalog) -> None:
    a, b = create(catalog, "a"), create(catalog, "sales.b")
    both = catalog.commit((appending(catalog, a, file_of(a)), appending(catalog, b, file_of(b))))
    assert [len(paths(catalog, h)) for h in both] == [1, 1]
    before = {key for key in stored(catalog) if key.endswith(".json")}
    with pytest.raises(Conflict):
        catalog.commit((appending(catalog, both[0], file_of(a)), appending(catalog, b, file_of(b))))
    assert (catalog.head(a.name), catalog.head(b.name)) == both
    assert {key for key in stored(catalog) if key.endswith(".json")} == before


def test_a_transaction_names_each_table_once(catalog: Catalog) -> None:
    head = create(catalog, "a")
    wanted = Change(name=head.name, requirements=(), updates=())
    with pytest.raises(Invalid):
        catalog.commit((wanted, wanted))


def test_listeners_hear_of_acknowledged_commits_only(catalog: Catalog, sync: Recorder) -> None:
    heard: list[Head] = []
    catalog.subscribe(heard.append)
    head = create(catalog, "people")
    sync.fails = True
    with pytest.raises(Unavailable):
        catalog.commit((appending(catalog, head, file_of(head)),))
    assert heard == [head]


def test_a_commit_whose_answer_was_lost_is_still_acknowledged(catalog: Catalog, tmp_path: Path) -> None:
    head = create(catalog, "people")

    catalog.pointers._database = Failing(tmp_path, commits=True)
    after = catalog.commit((appending(catalog, head, file_of(head)),))[0]
    assert catalog.head(head.name) == after


def test_a_commit_that_the_database_lost_is_not_acknowledged(catalog: Catalog, tmp_path: Path) -> None:
    head = create(catalog, "people")

    catalog.pointers._database = Failing(tmp_path, commits=False)
    with pytest.raises(Unavailable):
        catalog.commit((appending(catalog, head, file_of(head)),))
    assert catalog.head(head.name) == head


def test_a_commit_is_numbered_above_what_a_killed_process_left(catalog: Catalog) -> None:
    head = create(catalog, "people")
    left = f"{head.metadata.location}/metadata/00001-{uuid.uuid4()}.metadata.json"
    catalog.io.store.put(catalog.io.key(left), b"{}")
    assert catalog.commit((appending(catalog, head, file_of(head)),))[0].version == 2


def test_metadata_names_only_so_many_of_its_predecessors(catalog: Catalog) -> None:
    head = create(catalog, "people")
    for n in range(30):
        update = SetPropertiesUpdate(updates={"n": str(n)})
        head = catalog.commit((Change(name=head.name, requirements=(), updates=(update,)),))[0]
    assert len(head.metadata.metadata_log) == 20


def test_of_racing_threads_every_acknowledged_append_is_there_once(catalog: Catalog) -> None:
    head = create(catalog, "people")

    def append(_n: int) -> str:
        file = file_of(head)

        def plan(now: Head) -> NextSnapshot:
            current = now.metadata.current_snapshot()
            kept = tuple(current.manifests(catalog.io)) if current else ()
            return NextSnapshot(operation="append", data=Edit(added=(file,)), kept=kept)

        publish(catalog, head.name, plan, now_ms=1)
        return file.file_path

    with ThreadPoolExecutor(6) as pool:
        acknowledged = list(pool.map(append, range(24)))
    assert paths(catalog, catalog.head(head.name)) == sorted(acknowledged)
    assert len(catalog.head(head.name).metadata.snapshots) == 24


def test_of_racing_creators_one_wins(catalog: Catalog) -> None:
    start = threading.Barrier(6)

    def attempt(_n: int) -> bool:
        start.wait()
        try:
            create(catalog, "people")
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(attempt, range(6))) == 1
    assert len([k for k in stored(catalog) if k.endswith(".json")]) == 1


def test_of_racing_processes_every_acknowledged_append_is_there_once(tmp_path: Path) -> None:
    racer = Path(__file__).with_name("racer.py")
    command = [sys.executable, str(racer), str(tmp_path)]
    subprocess.run([*command, "create"], check=True)
    racing = [subprocess.Popen([*command, "8"], stdout=subprocess.PIPE, text=True) for _ in range(4)]
    acknowledged = [line for process in racing for line in process.communicate()[0].split()]
    assert [process.returncode for process in racing] == [0] * 4
    found = subprocess.run([*command, "show"], check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    assert sorted(found) == sorted(acknowledged)
    assert len(found) == 32


def test_namespaces_hold_properties_and_go_only_when_empty(catalog: Catalog) -> None:
    pointers = catalog.pointers
    assert pointers.create_namespace("Crm", {"owner": "ann"})
    assert not pointers.create_namespace("crm")
    pointers.update_namespace("crm", remove=["owner"], set_to={"team": "x"})
    assert pointers.namespace_properties("crm").get("team") == "x"
    assert "owner" not in pointers.namespace_properties("crm")
    create(catalog, "crm.people")
    with pytest.raises(Conflict):
        pointers.drop_namespace("crm")
    catalog.drop(names.parse("crm.people"))
    pointers.drop_namespace("crm")
    with pytest.raises(NotFound):
        pointers.namespace_properties("crm")
    for reserved in ("system", "main"):
        with pytest.raises(Invalid):
            pointers.create_namespace(reserved)


def test_a_damaged_head_is_corrupt_with_the_way_to_mend_it(catalog: Catalog) -> None:
    head = create(catalog, "people")
    catalog.io.store.put(catalog.io.key(head.location), b"\x00")
    fresh = Catalog(pointers=catalog.pointers, io=catalog.io, clock=FixedClock(), sync=catalog._sync)
    with pytest.raises(Corrupt) as caught:
        fresh.head(head.name)
    assert "rebuild" in caught.value.hint
