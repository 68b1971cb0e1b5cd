"""When snapshots expire, by us or by another engine, what they brought is still known to be in the table."""

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from pyiceberg.catalog.rest import RestCatalog
from pyiceberg.table.refs import SnapshotRefType
from pyiceberg.table.update import RemoveSnapshotsUpdate, SetSnapshotRefUpdate

from lakehouse.base.errors import NotFound
from lakehouse.table import timeline
from lakehouse.table.catalog import Catalog, Change
from lakehouse.table.files.sources import MODE, SOURCE, SOURCES, Sources, locations, read
from lakehouse.table.names import TableName
from lakehouse.table.rebuild import rebuild
from lakehouse.table.timeline import history
from lakehouse.table.upkeep.maintain import Maintainer
from lakehouse.table.upkeep.sweep import UpkeepParams
from lakehouse.table.writer import Batch, Writer
from tests.table.wiring import Lake

LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Sourced:
    """A table made of sources, each one row, in a lake that expires all but so many snapshots at once."""

    def __init__(self, lake: Lake, *, keep: int, recent: int = 128, orphan_ms: int = 3_600_000) -> None:
        lake.params = UpkeepParams(keep_newest=keep, keep_days=0, orphan_ms=orphan_ms)
        self.lake, self.recent = lake, recent
        self.use(lake.catalog)
        self.name = lake.table()

    def use(self, catalog: Catalog) -> None:
        self.lake.use(catalog)
        catalog.sources = Sources(catalog.io, recent=self.recent)

    def batch(self, source: str, mode: str = "append") -> Batch:
        files = (self.lake.stage(self.name, f"SELECT 1 AS id, '{source}' AS name"),)
        return Batch(files=files, summary={SOURCE: source, MODE: mode})

    def ingest(self, source: str) -> int:
        """The table's snapshot afterwards; a source that is known adds none."""
        return self.lake.writer.append(self.name, self.batch(source)).snapshot_id or 0

    def replace(self, source: str) -> int:
        return self.lake.writer.replace(self.name, self.batch(source, "replace")).snapshot_id or 0

    def rollback(self, to: int) -> None:
        timeline.rollback(self.lake.catalog, self.name, to, now_ms=self.lake.clock.now_ms())

    def expire(self) -> None:
        assert self.lake.upkeep.expire(self.name)

    def fill(self, sources: str) -> None:
        for source in sources:
            self.ingest(source)
            self.lake.upkeep.expire(self.name)

    def known(self) -> str:
        head = self.lake.catalog.head(self.name)
        return "".join(x for x in LETTERS if self.lake.catalog.sources.has(head.metadata, x))

    def rows(self) -> str:
        return "".join(sorted(str(n) for _, n in self.lake.rows(self.name)))

    def held(self) -> tuple[str, str]:
        """The sources that the table knows of, and those that its rows come from: always the same."""
        return self.known(), self.rows()

    def lists(self) -> list[Path]:
        return [Path(at) for at in locations(self.lake.catalog.head(self.name).metadata)]


def test_what_was_ingested_is_remembered_when_its_snapshot_expires(own: Lake) -> None:
    table = Sourced(own, keep=2)
    table.fill("abcdef")
    assert table.held() == ("abcdef", "abcdef")
    table.rollback(history(own.catalog.head(table.name))[1].snapshot_id)
    assert table.held() == ("abcde", "abcde")
    table.replace("g")
    assert table.held() == ("g", "g")
    table.fill("hij")
    assert table.held() == ("ghij", "ghij")


def test_a_rollback_whose_target_has_expired_leaves_the_sources_of_that_state(own: Lake) -> None:
    table = Sourced(own, keep=1)
    first = table.ingest("a")
    table.ingest("b")
    table.rollback(first)
    table.expire()
    assert table.held() == ("a", "a")
    for source in ("a", "c", "d"):
        table.ingest(source)
    table.expire()
    assert table.held() == ("acd", "acd")
    table.ingest("a")
    table.ingest("b")
    assert table.held() == ("abcd", "abcd")


def test_a_rollback_that_is_undone_brings_its_sources_back_though_some_have_expired(own: Lake) -> None:
    table = Sourced(own, keep=2)
    first = table.ingest("a")
    table.ingest("b")
    third = table.ingest("c")
    table.rollback(first)
    table.expire()
    assert table.held() == ("a", "a")
    table.rollback(third)
    assert table.held() == ("abc", "abc")
    table.expire()
    table.ingest("b")
    table.ingest("d")
    table.expire()
    assert table.held() == ("abcd", "abcd")


def test_what_a_rollback_left_out_is_forgotten_once_no_state_has_it(own: Lake) -> None:
    table = Sourced(own, keep=2)
    first = table.ingest("a")
    for source in "bc":
        table.ingest(source)
    table.rollback(first)
    table.expire()
    for source in "de":
        table.ingest(source)
        table.expire()
    assert [source for source, _ in read(own.catalog.head(table.name).metadata).recent] == ["a"]
    assert table.held() == ("ade", "ade")


def test_a_tag_that_was_gone_back_to_does_not_cost_later_states_their_sources(own: Lake) -> None:
    table = Sourced(own, keep=3)
    timeline.tag(own.catalog, table.name, "start", table.ingest("a"))
    for source in "bc":
        table.ingest(source)
    newest = table.ingest("d")
    table.ingest("e")
    table.expire()
    table.rollback(own.catalog.head(table.name).metadata.refs["start"].snapshot_id)
    table.expire()
    assert table.held() == ("a", "a")
    table.rollback(newest)
    assert table.held() == ("abcd", "abcd")


def test_going_back_behind_a_replacement_finds_the_sources_that_expired_before_it(own: Lake) -> None:
    table = Sourced(own, keep=2)
    for source in "ab":
        table.ingest(source)
    third = table.ingest("c")
    table.replace("r")
    table.expire()
    assert table.held() == ("r", "r")
    table.rollback(third)
    assert table.held() == ("abc", "abc")


def test_more_sources_than_the_property_holds_are_known_when_they_come_again(own: Lake) -> None:
    table = Sourced(own, keep=1, recent=3)
    table.fill(LETTERS)
    table.fill(LETTERS)
    assert table.held() == (LETTERS, LETTERS)
    memory = read(own.catalog.head(table.name).metadata)
    assert len(memory.recent) <= 3
    assert 1 <= len(memory.lists) <= 4


def test_a_process_that_starts_anew_knows_them_too(own: Lake) -> None:
    table = Sourced(own, keep=1, recent=3)
    table.fill("abcdefgh")
    table.use(own.open_catalog())
    table.fill("abcdefgh")
    assert table.held() == ("abcdefgh", "abcdefgh")


def age(paths: list[Path]) -> None:
    for path in paths:
        os.utime(path, (1, 1))


def test_the_sweep_keeps_the_lists_that_are_named_and_removes_the_others(own: Lake) -> None:
    table = Sourced(own, keep=1, recent=2)
    table.fill("abcdefghijklm")
    folder = Path(own.catalog.head(table.name).metadata.location, "metadata")
    (folder / "sources-left-by-a-lost-race.parquet").write_bytes(b"")
    written = sorted(folder.glob("sources-*"))
    named = table.lists()
    assert len(written) > len(named) + 1
    age(written)
    own.upkeep.compact(table.name)
    assert sorted(folder.glob("sources-*")) == sorted(named)
    table.use(own.open_catalog())
    table.fill("abcdefghijklm")
    assert table.held() == ("abcdefghijklm", "abcdefghijklm")


def test_a_fold_remembers_what_it_lets_go(own: Lake) -> None:
    table = Sourced(own, keep=1, recent=2)
    for source in "abcdef":
        table.ingest(source)
    did = own.upkeep.compact(table.name)
    assert (did.expired, did.files_after) == (6, 1)
    assert table.lists()
    table.fill("fedcbaxy")
    assert table.held() == ("abcdefxy", "abcdefxy")


def test_the_lists_come_back_with_their_table(own: Lake) -> None:
    table = Sourced(own, keep=1, recent=2)
    table.fill("abcdefgh")
    own.pointers.close()
    for path in own.root.glob("catalog.sqlite*"):
        path.unlink()
    table.use(own.open_catalog())
    assert str(table.name) in rebuild(own.catalog).restored
    table.fill("abcdefgh")
    assert table.held() == ("abcdefgh", "abcdefgh")
    head = own.catalog.drop(table.name)
    own.catalog.register(table.name, head.location)
    other = own.catalog.rename(table.name, TableName(table.name.namespace, "other")).name
    table.name = other
    table.fill("abcdefgh")
    assert table.held() == ("abcdefgh", "abcdefgh")


def test_a_new_table_with_the_properties_of_another_has_taken_in_nothing(own: Lake) -> None:
    table = Sourced(own, keep=1, recent=2)
    table.fill("abcdefgh")
    metadata = own.catalog.head(table.name).metadata
    assert SOURCES in metadata.properties
    table.name = TableName(table.name.namespace, "twin")
    staged = own.catalog.stage_create(table.name, metadata.schema(), properties=metadata.properties)
    own.catalog.create(table.name, staged)
    table.fill("ab")
    assert table.held() == ("ab", "ab")


def test_a_list_is_durable_before_the_commit_that_names_it(own: Lake) -> None:
    table = Sourced(own, keep=1, recent=2)
    synced: list[str] = []
    own.catalog._sync = synced.extend
    table.fill("abcdefgh")
    assert {str(path) for path in table.lists()} <= set(synced)
    for path in table.lists():
        at = synced.index(str(path))
        heads = [x for x in synced[at:] if x.endswith(".metadata.json")]
        assert path.name in Path(heads[0]).read_text(), "the same commit made it durable"


def expired_by_pyiceberg(lake: Lake, table: Sourced) -> None:
    client = RestCatalog("lake", uri=lake.door.url, token=lake.door.token)
    found = client.load_table(("lake", table.name.table))
    gone = [s.snapshot_id for s in found.metadata.snapshots[:-1]]
    found.maintenance.expire_snapshots().by_ids(gone).commit()


def test_what_another_engine_lets_expire_is_remembered(own: Lake) -> None:
    table = Sourced(own, keep=50, recent=3)
    for source in "ab":
        table.ingest(source)
    expired_by_pyiceberg(own, table)
    for source in "abcdefgh":
        table.ingest(source)
    expired_by_pyiceberg(own, table)
    assert len(history(own.catalog.head(table.name))) == 1
    assert table.lists()
    for source in "abcdefgh":
        table.ingest(source)
    assert table.held() == ("abcdefgh", "abcdefgh")
    table.replace("r")
    expired_by_pyiceberg(own, table)
    table.ingest("a")
    assert table.held() == ("ar", "ar")


@pytest.fixture
def second(own: Lake) -> Iterator[tuple[Catalog, Writer]]:
    """Another process's view of the same lake."""
    catalog = own.open_catalog()
    catalog.sources = Sources(catalog.io, recent=2)
    yield catalog, Writer(catalog, clock=own.clock, door=own.door, start=own.start_child)
    catalog.pointers.close()


def test_two_processes_that_take_in_the_same_and_let_expire_double_nothing(
    own: Lake, second: tuple[Catalog, Writer]
) -> None:
    table = Sourced(own, keep=1, recent=2, orphan_ms=-1)
    catalog, writer = second
    other = Maintainer(catalog, writer, clock=own.clock, staging=own.staging, params=own.params)
    mine, theirs = ([table.batch(x) for x in order] for order in (LETTERS[:16], LETTERS[15::-1]))

    def take(writer: Writer, upkeep: Maintainer, batches: list[Batch]) -> None:
        for batch in batches:
            writer.append(table.name, batch)
            upkeep.expire(table.name)

    with ThreadPoolExecutor(2) as pool:
        for work in [
            pool.submit(take, own.writer, own.upkeep, mine),
            pool.submit(take, writer, other, theirs),
        ]:
            work.result()
    assert table.held() == (LETTERS[:16], LETTERS[:16])


def test_a_reader_of_the_state_before_a_join_finds_its_lists_after_a_sweep(own: Lake) -> None:
    table = Sourced(own, keep=1, recent=2)
    table.fill("abcdef")
    before, lists = own.catalog.head(table.name).metadata, set(table.lists())
    for source in LETTERS[6:]:
        table.fill(source)
        if set(table.lists()) - lists:
            break
    age([*Path(before.location, "metadata").glob("sources-*")])
    own.upkeep.remove_orphans(table.name)
    assert Sources(own.io).has(before, "a")


class SourcesMachine(RuleBasedStateMachine):
    """The model: the sources of every state; a reader that is not ours sees just those in the rows."""

    table: Sourced

    @initialize()
    def create(self) -> None:
        self.table.name = self.table.lake.table()
        self.now = ""
        self.states: dict[int, str] = {}
        self.tags = 0

    def teardown(self) -> None:
        folder = self.catalog.head(self.table.name).metadata.location
        self.catalog.drop(self.table.name)
        shutil.rmtree(folder)

    @property
    def catalog(self) -> Catalog:
        return self.table.lake.catalog

    def kept(self) -> list[int]:
        """In order, since their ids are random and a run must be one that can be run again."""
        return [s.snapshot_id for s in self.catalog.head(self.table.name).metadata.snapshots]

    @rule(sources=st.text(LETTERS[:12], min_size=1, max_size=5))
    def ingest(self, sources: str) -> None:
        for source in sources:
            self.table.ingest(source)
            self.now = "".join(sorted({*self.now, source}))
            self.note()

    @rule(source=st.sampled_from(LETTERS[:12]))
    def replace(self, source: str) -> None:
        self.table.replace(source)
        self.now = source
        self.note()

    def note(self) -> None:
        self.states[self.catalog.head(self.table.name).snapshot_id or 0] = self.now

    @precondition(lambda self: self.kept())
    @rule(draw=st.data())
    def go_back(self, draw: st.DataObject) -> None:
        to = draw.draw(st.sampled_from(self.kept()))
        self.table.rollback(to)
        self.now = self.states[to]
        self.note()

    @precondition(lambda self: self.kept())
    @rule(draw=st.data())
    def another_engine_goes_back(self, draw: st.DataObject) -> None:
        to = draw.draw(st.sampled_from(self.kept()))
        moved = SetSnapshotRefUpdate(ref_name="main", type=SnapshotRefType.BRANCH, snapshot_id=to)
        self.catalog.commit((Change(name=self.table.name, requirements=(), updates=(moved,)),))
        self.now = self.states[to]

    @precondition(lambda self: self.kept())
    @rule(draw=st.data())
    def tag(self, draw: st.DataObject) -> None:
        self.tags += 1
        to = draw.draw(st.sampled_from(self.kept()))
        timeline.tag(self.catalog, self.table.name, f"tag-{self.tags}", to)

    @precondition(lambda self: self.tags)
    @rule(draw=st.data())
    def untag(self, draw: st.DataObject) -> None:
        label = f"tag-{draw.draw(st.integers(1, self.tags))}"
        try:
            timeline.untag(self.catalog, self.table.name, label)
        except NotFound:
            assert label not in self.catalog.head(self.table.name).metadata.refs

    @rule(force=st.booleans())
    def compact(self, force: bool) -> None:
        self.table.lake.upkeep.compact(self.table.name, force=force)
        self.note()

    @rule()
    def expire(self) -> None:
        self.table.lake.upkeep.expire(self.table.name)

    @rule(draw=st.data())
    def another_engine_lets_expire(self, draw: st.DataObject) -> None:
        referenced = {r.snapshot_id for r in self.catalog.head(self.table.name).metadata.refs.values()}
        free = [x for x in self.kept() if x not in referenced]
        if free:
            gone = draw.draw(st.lists(st.sampled_from(free), unique=True))
            update = RemoveSnapshotsUpdate(snapshot_ids=gone)
            self.catalog.commit((Change(name=self.table.name, requirements=(), updates=(update,)),))

    @rule()
    def restart(self) -> None:
        self.table.use(self.table.lake.open_catalog())

    @invariant()
    def what_is_known_is_what_the_rows_come_from(self) -> None:
        if self.kept():
            assert self.table.held() == (self.now, self.now)


def test_the_sources_of_a_table_are_those_of_its_rows_whatever_happens_to_it(own: Lake) -> None:
    class Machine(SourcesMachine):
        table = Sourced(own, keep=3, recent=2, orphan_ms=-1)

    Machine.TestCase.settings = settings(
        max_examples=15,
        stateful_step_count=25,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    Machine.TestCase("runTest").runTest()
