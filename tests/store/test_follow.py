"""Whoever keeps its place in a stream gets every record, also of other processes, whatever is damaged."""

from pathlib import Path

import pytest

from lakehouse.base.clock import FixedClock
from lakehouse.base.errors import Conflict, Corrupt, NotFound
from lakehouse.store.journal import Journal, JournalParams
from lakehouse.store.local import LocalStore
from lakehouse.store.memory import MemoryStore
from lakehouse.store.segments import decode_whole

AT_ONCE = JournalParams(grace_ms=0)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def append(store: MemoryStore, *values: int) -> None:
    journal = Journal(store)
    for value in values:
        journal.append("events", [{"n": value}])


def damage(store: MemoryStore, place: int, data: bytes) -> None:
    store.put(sorted(o.key for o in store.list("journal/"))[place], data)


def test_each_look_gives_what_is_new_only(store: MemoryStore) -> None:
    follower = Journal(store).follow("events")
    assert follower.fetch() == []
    append(store, 1, 2)
    assert [record["n"] for record in follower.fetch()] == [1, 2]
    assert follower.fetch() == []
    append(store, 3)
    assert [record["n"] for record in follower.fetch()] == [3]


def test_a_record_has_the_shape_in_which_it_was_appended(store: MemoryStore) -> None:
    follower = Journal(store).follow("jobs")
    Journal(store).append("jobs", [{"job_id": "a", "extra": {"x": 1}, "other": [1]}])
    (record,) = follower.fetch()
    assert set(record) == {"id", "at", "job_id", "extra", "other"}
    assert record["other"] == [1]


def test_a_fold_of_what_was_read_brings_nothing_again(store: MemoryStore) -> None:
    journal, follower = Journal(store, params=AT_ONCE), Journal(store).follow("events")
    append(store, 1, 2)
    follower.fetch()
    journal.compact("events")
    assert follower.fetch() == []
    append(store, 3)
    journal.compact("events")
    assert 3 in [record["n"] for record in follower.fetch()]


def test_a_fold_of_what_was_not_read_is_read(store: MemoryStore) -> None:
    append(store, 1, 2)
    Journal(store, params=AT_ONCE).compact("events")
    assert [record["n"] for record in Journal(store).follow("events").fetch()] == [1, 2]


def test_a_damaged_line_is_skipped_and_counted_and_later_ones_are_read(store: MemoryStore) -> None:
    append(store, 1, 2, 3)
    damage(store, 1, b'{"n":2\n{"n":22}\nnot json\n[]\n\xff\n{"n":23}\n')
    follower = Journal(store).follow("events")
    assert [record["n"] for record in follower.fetch()] == [1, 22, 23, 3]
    assert follower.damaged == 4
    assert (follower.fetch(), follower.damaged) == ([], 4)


def test_a_torn_tail_is_no_damage_and_one_that_is_whole_counts() -> None:
    assert decode_whole(b'{"n":1}\n{"n":') == (({"n": 1},), 0)
    assert decode_whole(b'{"n":1}\n{"n":2}') == (({"n": 1}, {"n": 2}), 0)
    assert decode_whole(b"") == ((), 0)
    assert decode_whole(b"\n") == ((), 1)


def test_a_damaged_parquet_file_is_said_to_be_damaged(store: MemoryStore) -> None:
    append(store, 1)
    Journal(store, params=AT_ONCE).compact("events")
    key = next(o.key for o in store.list("journal/"))
    data = bytearray(store.get(key))
    data[4:40] = bytes(36)
    store.put(key, bytes(data))
    with pytest.raises(Corrupt):
        Journal(store).follow("events").fetch()


class Moving(MemoryStore):
    """A store in which files that were listed are folded before they are read, a few times."""

    moves = 0

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        if self.moves and key.endswith(".jsonl"):
            self.moves -= 1
            moves, self.moves = self.moves, 0
            append(self, 0)
            Journal(self, params=AT_ONCE, clock=FixedClock(2**42)).compact("events")
            self.moves = moves
        return super().get(key, start, length)


def test_files_that_are_folded_while_they_are_read_are_read_where_they_went() -> None:
    store = Moving()
    append(store, 1, 2)
    store.moves = 1
    assert sorted({int(str(record["n"])) for record in Journal(store).follow("events").fetch()}) == [0, 1, 2]


class Fleeting(MemoryStore):
    """A store whose segments are listed, and gone when they are read."""

    gone = True

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        if self.gone and key.endswith(".jsonl"):
            raise NotFound(f"there is no object {key!r}", hint="list again")
        return super().get(key, start, length)


def test_a_stream_that_moves_all_the_time_is_a_conflict_and_nothing_is_lost() -> None:
    store = Fleeting()
    append(store, 1)
    follower = Journal(store).follow("events")
    with pytest.raises(Conflict):
        follower.fetch()
    store.gone = False
    assert [record["n"] for record in follower.fetch()] == [1]


def test_two_processes_share_a_folder(tmp_path: Path) -> None:
    mine, other = LocalStore(tmp_path), LocalStore(tmp_path)
    follower = Journal(mine).follow("events")
    Journal(other).append("events", [{"n": 1}])
    assert [record["n"] for record in follower.fetch()] == [1]
