"""What a table has taken in is remembered, however much it is and whatever its history."""

import json
import random
from collections.abc import Iterable

import pytest
from pyiceberg.partitioning import UNPARTITIONED_PARTITION_SPEC
from pyiceberg.schema import Schema
from pyiceberg.table.metadata import TableMetadata, new_table_metadata
from pyiceberg.table.snapshots import Operation, Snapshot, Summary
from pyiceberg.table.sorting import UNSORTED_SORT_ORDER

from lakehouse.base.errors import Corrupt
from lakehouse.store.memory import MemoryStore
from lakehouse.table.fileio import StoreIO
from lakehouse.table.files.sources import MODE, ROLLED_BACK_TO, SOURCE, SOURCES, Sources, locations, read

Properties = dict[str, str]


class Past:
    """A table's metadata, in a bucket in memory, and what each of its states holds."""

    def __init__(self, *, recent: int = 4) -> None:
        self.store = MemoryStore()
        self.io = StoreIO(self.store)
        self.recent = recent
        self.sources = Sources(self.io, recent=recent)
        self.metadata = new_table_metadata(
            Schema(),
            UNPARTITIONED_PARTITION_SPEC,
            UNSORTED_SORT_ORDER,
            f"{self.io.root}warehouse/lake/people",
        )
        self.held: dict[int, frozenset[str]] = {}
        self.count = 0

    @property
    def now(self) -> frozenset[str]:
        return self.held.get(self.metadata.current_snapshot_id or 0, frozenset())

    def add(self, held: Iterable[str], **summary: str) -> int:
        """The next snapshot; its id is not its sequence number."""
        self.count += 1
        snapshot = Snapshot(
            snapshot_id=10**6 - self.count,
            parent_snapshot_id=self.metadata.current_snapshot_id,
            sequence_number=self.count,
            timestamp_ms=self.count,
            manifest_list="none",
            summary=Summary(Operation.APPEND, **summary),
        )
        self.held[snapshot.snapshot_id] = frozenset(held)
        self.become(snapshots=[*self.metadata.snapshots, snapshot], current_snapshot_id=snapshot.snapshot_id)
        return snapshot.snapshot_id

    def become(self, **update: object) -> None:
        self.metadata = self.metadata.model_copy(update=update)

    def ingest(self, source: str) -> int:
        return self.add({*self.now, source}, **{SOURCE: source, MODE: "append"})

    def replace(self, source: str) -> int:
        return self.add({source}, **{SOURCE: source, MODE: "replace"})

    def rollback(self, to: int) -> int:
        return self.add(self.held[to], **{ROLLED_BACK_TO: str(to)})

    def expire(self, *, keep: int = 1, also: Iterable[int] = ()) -> tuple[str, ...]:
        """Let all but the newest go, and those in `also`; what was written for it."""
        kept = {s.snapshot_id for s in self.metadata.snapshots[-keep:]} | {*also, self.current()}
        after = self.metadata.model_copy(
            update={"snapshots": [s for s in self.metadata.snapshots if s.snapshot_id in kept]}
        )
        self.metadata, written = self.sources.carried(self.metadata, after)
        return written

    def current(self) -> int:
        return self.metadata.current_snapshot_id or 0

    def kept(self) -> list[int]:
        return [s.snapshot_id for s in self.metadata.snapshots]

    def known(self, among: Iterable[str]) -> set[str]:
        return {source for source in among if self.sources.has(self.metadata, source)}


def test_three_thousand_sources_are_remembered_in_few_lists_and_a_small_property() -> None:
    past = Past(recent=128)
    for n in range(3000):
        past.ingest(f"{n:064x}")
        if n % 16 == 15:
            past.expire()
    assert past.known(f"{n:064x}" for n in range(0, 4000, 7)) == {f"{n:064x}" for n in range(0, 3000, 7)}
    memory = read(past.metadata)
    assert len(memory.lists) <= 6
    assert len(past.metadata.properties[SOURCES]) < 128 * 80 + 1000
    assert sum(x.count for x in memory.lists) + len(memory.recent) == 3000 - len(past.kept())


def test_each_source_is_written_a_few_times_only() -> None:
    past = Past()
    written = 0
    for n in range(2000):
        past.ingest(f"s{n}")
        if past.expire():
            written += read(past.metadata).lists[-1].count
    assert written < 8 * 2000


@pytest.mark.parametrize("seed", range(16))
def test_a_random_history_holds_what_a_dictionary_would(seed: int) -> None:
    dice = random.Random(seed)
    past, names = Past(recent=dice.choice([0, 3, 8])), [f"s{n}" for n in range(30)]
    tagged: set[int] = set()
    for _ in range(150):
        kind = dice.choices(["ingest", "replace", "back", "set", "tag", "expire"], [60, 2, 8, 2, 3, 25])[0]
        fresh = [name for name in names if name not in past.now]
        if kind == "ingest" and fresh:
            past.ingest(dice.choice(fresh))
        elif kind == "replace":
            past.replace(dice.choice(names))
        elif kind == "back" and past.kept():
            past.rollback(dice.choice(past.kept()))
        elif kind == "set" and past.kept():
            past.become(current_snapshot_id=dice.choice(past.kept()))  # as other engines go back
        elif kind == "tag" and past.kept():
            tagged.add(dice.choice(past.kept()))
        elif kind == "expire":
            tagged = set(dice.sample(sorted(tagged), len(tagged) // 2))
            stray = dice.sample(past.kept(), len(past.kept()) // 3)
            past.expire(keep=dice.randint(1, 5), also=tagged | set(stray))
        asked = dice.sample(names, 5)
        assert past.known(asked) == past.now & set(asked)
    for state in past.kept():
        past.become(current_snapshot_id=state)
        assert past.known(names) == past.held[state]


def test_what_no_kept_state_holds_is_forgotten_lists_and_all() -> None:
    past = Past()
    for n in range(40):
        past.ingest(f"s{n}")
        past.expire()
    lists = {x.name for x in read(past.metadata).lists}
    assert lists
    past.replace("r")
    past.expire()
    memory = read(past.metadata)
    assert (memory.recent, memory.lists, dict(memory.turns)) == ((), (), {})
    assert set(memory.retired) == lists
    assert past.known(["s0", "s39", "r"]) == {"r"}


def test_going_back_to_before_rows_that_are_remembered_in_a_list_lets_them_come_in_again() -> None:
    past = Past()
    for n in range(5):
        past.ingest(f"s{n}")
    target = past.current()
    for n in range(5, 30):
        past.ingest(f"s{n}")
        past.expire(keep=2, also=[target])
    assert read(past.metadata).lists
    past.rollback(target)
    past.expire()
    assert past.known(f"s{n}" for n in range(30)) == {f"s{n}" for n in range(5)}
    past.ingest("s20")
    past.expire()
    assert past.known(f"s{n}" for n in range(30)) == {*(f"s{n}" for n in range(5)), "s20"}


def test_a_state_between_two_rollbacks_keeps_its_own_sources() -> None:
    past = Past()
    first = past.ingest("a")
    past.ingest("b")
    third = past.ingest("c")
    between = past.rollback(first)
    past.expire(keep=2)
    past.rollback(third)
    past.expire(keep=2)
    assert past.known("abc") == {"a", "b", "c"}
    past.rollback(between)
    assert past.known("abc") == {"a"}


def test_a_commit_that_lets_nothing_go_changes_nothing() -> None:
    past = Past()
    past.ingest("a")
    assert past.sources.carried(past.metadata, past.metadata) == (past.metadata, ())
    assert past.sources.carried(None, past.metadata) == (past.metadata, ())


def test_a_snapshot_without_a_parent_begins_the_table_anew_also_once_it_has_expired() -> None:
    past = Past()
    for source in "ab":
        past.ingest(source)
    before = past.metadata
    past.become(current_snapshot_id=None)
    past.add({"x"}, **{SOURCE: "x"})
    past.metadata, _ = past.sources.carried(before, past.metadata)
    past.ingest("y")
    past.expire(keep=3)
    assert past.known("abxy") == {"x", "y"}
    past.expire()
    assert past.known("abxy") == {"x", "y"}


def test_the_parent_that_pyiceberg_forgets_is_remembered() -> None:
    past = Past()
    first = past.ingest("a")
    past.ingest("b")
    past.become(current_snapshot_id=first)
    past.ingest("c")
    past.expire()
    (only,) = past.metadata.snapshots
    past.become(snapshots=[only.model_copy(update={"parent_snapshot_id": None})])
    assert past.known("abc") == {"a", "c"}
    past.ingest("d")
    past.expire()
    assert past.known("abcd") == {"a", "c", "d"}


def test_nothing_is_known_of_an_empty_table_or_of_no_source() -> None:
    past = Past()
    assert not past.sources.has(past.metadata, "a")
    past.add((), note="no source")
    assert not past.sources.has(past.metadata, "")


def test_lists_are_read_once_and_only_when_asked() -> None:
    past = Past()
    for n in range(40):
        past.ingest(f"s{n}")
        past.expire()
    warm, cold = Sources(past.io), Sources(past.io)
    assert not warm.has(past.metadata, "unknown")
    for location in locations(past.metadata):
        past.store.delete(past.io.key(location))
    assert warm.has(past.metadata, "s0")
    assert not warm.has(past.metadata, "unknown")
    assert cold.has(past.metadata, "s39"), "a snapshot that is kept says so"
    assert cold.has(past.metadata, read(past.metadata).recent[0][0])
    with pytest.raises(Corrupt):
        cold.has(past.metadata, "s0")


def test_lists_that_do_not_fit_in_memory_are_read_anew() -> None:
    past = Past()
    for n in range(40):
        past.ingest(f"s{n}")
        past.expire()
    assert len(read(past.metadata).lists) > 1
    small = Sources(past.io, kept_bytes=0)
    asked = [f"s{n}" for n in range(50)]
    assert [small.has(past.metadata, x) for x in asked] == [n < 40 for n in range(50)]
    for location in locations(past.metadata):
        past.store.delete(past.io.key(location))
    with pytest.raises(Corrupt):
        small.has(past.metadata, "s0")


@pytest.mark.parametrize("data", [b"", b"no Parquet", b"PAR1" + bytes(40) + b"PAR1"])
def test_a_damaged_list_is_said_to_be_so(data: bytes) -> None:
    past = Past()
    for n in range(10):
        past.ingest(f"s{n}")
    (written,) = past.expire()
    past.store.put(past.io.key(written), data)
    with pytest.raises(Corrupt, match="taken in") as damaged:
        Sources(past.io).has(past.metadata, "s0")
    assert damaged.value.hint


@pytest.mark.parametrize(
    "text", ["{", "[]", "3", '{"recent": 3}', '{"recent": [["a", 1]]}', '{"a": "b"}', '{"a": [1]}']
)
def test_a_damaged_property_is_said_to_be_so(text: str) -> None:
    past = Past()
    past.ingest("a")
    past.become(properties={SOURCES: text})
    with pytest.raises(Corrupt, match="property"):
        past.sources.has(past.metadata, "b")
    with pytest.raises(Corrupt):
        locations(past.metadata)


def test_a_property_from_before_there_were_lists_is_understood() -> None:
    past = Past()
    first = past.ingest("a")
    for source in "bc":
        past.ingest(source)
    past.rollback(first)
    past.ingest("d")
    old: Properties = {SOURCES: json.dumps({"a": 1, "b": [2, 4], "c": [3, 4]})}
    past.become(properties=old, snapshots=past.metadata.snapshots[2:])
    assert past.known("abcd") == {"a", "d"}
    past.rollback(past.kept()[0])
    assert past.known("abcd") == {"a", "b", "c"}
    past.expire(keep=2)
    assert past.known("abcd") == {"a", "b", "c"}


def test_a_list_that_was_joined_stays_named_until_the_next_one_is_written() -> None:
    past = Past()
    stale: list[tuple[TableMetadata, set[str]]] = []
    for n in range(60):
        past.ingest(f"s{n}")
        before = past.metadata
        if past.expire():
            stale.append((before, {x.name for x in read(before).lists}))
            named = {location.rpartition("/")[2] for location in locations(past.metadata)}
            assert stale[-1][1] <= named
    assert any(lists for _, lists in stale)
