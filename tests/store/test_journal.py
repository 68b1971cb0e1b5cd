"""Nothing that was appended is lost, repeated or reordered, whatever happens in between."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lakehouse.base.clock import FixedClock
from lakehouse.base.errors import Conflict, Corrupt, Invalid, LakehouseError, Unavailable
from lakehouse.store.journal import Journal, JournalParams
from lakehouse.store.local import LocalStore
from lakehouse.store.memory import MemoryStore
from lakehouse.store.objects import ObjectStore
from lakehouse.store.remote import RemoteParams, RemoteStore

AT_ONCE = JournalParams(grace_ms=0)


def numbers(journal: Journal, stream: str = "events") -> list[object]:
    return [record["n"] for record in journal.replay(stream)]


def append(journal: Journal, *values: int) -> None:
    journal.append("events", [{"n": value} for value in values])


def keys(store: ObjectStore, kind: str) -> list[str]:
    return [o.key for o in store.list("journal/") if o.key.endswith(kind)]


class FailingStore(MemoryStore):
    """A store in memory whose calls fail when told to."""

    failing: tuple[str, ...] = ()

    def put(self, key: str, data: bytes) -> None:
        self._check("put", key)
        super().put(key, data)

    def put_if_absent(self, key: str, data: bytes) -> bool:
        self._check("put", key)
        return super().put_if_absent(key, data)

    def delete(self, key: str) -> bool:
        self._check("delete", key)
        return super().delete(key)

    def _check(self, call: str, key: str) -> None:
        if call in self.failing:
            raise Unavailable(f"cannot {call} {key}", hint="free disk space")


@pytest.fixture
def store() -> FailingStore:
    return FailingStore()


@pytest.fixture
def journal(store: FailingStore) -> Iterator[Journal]:
    journal = Journal(store, params=AT_ONCE)
    yield journal
    store.failing = ()
    journal.close()


def test_what_is_appended_is_replayed_in_order_with_an_id_and_a_time(store: FailingStore) -> None:
    journal = Journal(store, clock=FixedClock())
    journal.append("ingests", [{"rows": 1, "note": "x"}, {"rows": 2}])
    first, second = journal.replay("ingests")
    assert first == {"id": first["id"], "at": "2023-11-14T22:13:20.000Z", "rows": 1, "note": "x"}
    assert str(first["id"]) < str(second["id"])
    assert re.fullmatch(r"journal/ingests/\d{4}-\d\d-\d\d/[0-9A-Z]{26}\.jsonl", keys(store, "")[0])


def test_another_process_reads_what_was_appended(tmp_path: Path) -> None:
    append(Journal(LocalStore(tmp_path)), 1, 2)
    append(Journal(LocalStore(tmp_path)), 3)
    assert numbers(Journal(LocalStore(tmp_path))) == [1, 2, 3]


def test_an_append_of_nothing_writes_nothing(journal: Journal, store: FailingStore) -> None:
    journal.append("events", [])
    assert keys(store, "") == []


def test_a_bad_record_keeps_the_whole_call_from_being_written(journal: Journal, store: FailingStore) -> None:
    for bad in ({"id": "mine"}, {"n": 2**70}):
        with pytest.raises(Invalid):
            journal.append("events", [{"n": 1}, bad])
    assert keys(store, "") == []


def test_many_threads_share_files_and_nothing_is_lost(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    journal = Journal(store)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda n: append(journal, n), range(400)))
    assert sorted(map(str, numbers(journal))) == sorted(map(str, range(400)))
    assert len(keys(store, ".jsonl")) < 400
    ids = [str(record["id"]) for record in journal.replay("events")]
    assert ids == sorted(ids)


def test_a_failed_append_is_told_and_leaves_nothing(journal: Journal, store: FailingStore) -> None:
    store.failing = ("put", "delete")
    with pytest.raises(Unavailable, match="cannot put"):
        append(journal, 1)
    store.failing = ()
    append(journal, 2)
    assert numbers(journal) == [2]


def test_a_posted_record_is_durable_after_a_flush(journal: Journal) -> None:
    journal.post("events", {"n": 1})
    journal.flush()
    assert numbers(journal) == [1]


def test_a_posted_record_becomes_durable_by_itself(store: FailingStore) -> None:
    journal = Journal(store, params=JournalParams(flush_every_s=0.01))
    journal.post("events", {"n": 1})
    while not numbers(journal):
        pass
    journal.close()


def test_closing_keeps_what_was_posted_and_may_be_done_twice(store: FailingStore) -> None:
    journal = Journal(store)
    journal.post("events", {"n": 1})
    journal.close()
    journal.close()
    assert numbers(Journal(store)) == [1]


def test_what_cannot_be_flushed_is_kept_until_it_can(store: FailingStore) -> None:
    journal = Journal(store, params=JournalParams(max_posted=3, flush_every_s=0.01))
    store.failing = ("put",)
    journal.post("events", {"n": 1})
    journal.post("events", {"n": 2})
    with pytest.raises(Unavailable):
        journal.flush()
    with pytest.raises(Unavailable):
        journal.post("events", {"n": 3})
    store.failing = ()
    while len(numbers(journal)) < 3:  # the flusher tries again by itself
        pass
    assert numbers(journal) == [1, 2, 3]
    journal.close()


def test_a_torn_tail_is_repaired_on_read_and_counted(journal: Journal, store: FailingStore) -> None:
    append(journal, 1, 2, 3)
    (key,) = keys(store, ".jsonl")
    store.put(key, store.get(key)[:-5])
    again = Journal(store)
    assert numbers(again) == [1, 2]
    assert numbers(again) == [1, 2]
    assert [s.torn for s in again.stats() if s.stream == "events"] == [1]
    assert store.get(key).endswith(b"}\n")


def test_a_torn_tail_is_repaired_before_sql_reads_the_file(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    append(Journal(store), 1, 2)
    (key,) = keys(store, ".jsonl")
    store.put(key, store.get(key)[:-5])
    journal = Journal(store)
    (url,) = journal.files("events").jsonl
    assert Path(url).read_bytes().count(b"\n") == 1
    assert sum(stats.torn for stats in journal.stats()) == 1


def test_a_damaged_file_is_told_and_never_served(journal: Journal, store: FailingStore) -> None:
    append(journal, 1, 2)
    (key,) = keys(store, ".jsonl")
    store.put(key, b"garbage\n" + store.get(key))
    with pytest.raises(Corrupt, match="line 1"):
        numbers(journal)
    with pytest.raises(Corrupt):
        journal.compact("events")
    assert keys(store, "") == [key]


def test_folding_keeps_every_record_and_deletes_the_segments(journal: Journal, store: FailingStore) -> None:
    for n in range(5):
        append(journal, n)
    before = list(journal.replay("events"))
    report = journal.compact("events")
    assert (report.files_folded, report.files_written, report.files_deleted, report.rows) == (5, 1, 5, 5)
    assert list(journal.replay("events")) == before
    assert [len(keys(store, kind)) for kind in (".jsonl", ".parquet")] == [0, 1]
    again = journal.compact("events")
    assert (again.files_folded, again.files_deleted) == (0, 0)


def test_small_parquet_files_are_folded_again_with_newer_segments(
    journal: Journal, store: FailingStore
) -> None:
    for n in range(4):
        append(journal, n)
        journal.compact("events")
    assert numbers(journal) == [0, 1, 2, 3]
    assert len(keys(store, "")) == 1


def test_large_parquet_files_are_left_alone(store: FailingStore) -> None:
    journal = Journal(store, params=JournalParams(grace_ms=0, target_bytes=100))
    for n in range(4):
        append(journal, n)
        journal.compact("events")
    assert numbers(journal) == [0, 1, 2, 3]
    assert len(keys(store, ".parquet")) == 4


def test_readers_that_began_before_a_fold_can_finish(store: FailingStore) -> None:
    clock = FixedClock()
    journal = Journal(store, clock=clock, params=JournalParams(grace_ms=60_000))
    for n in range(3):
        append(journal, n)
    reading = journal.replay("events")
    assert next(reading)["n"] == 0
    assert journal.compact("events").files_deleted == 0
    assert [record["n"] for record in reading] == [1, 2]
    assert numbers(journal) == [0, 1, 2]
    clock.advance(60_000)
    assert journal.compact("events").files_deleted == 3
    assert numbers(journal) == [0, 1, 2]


def test_a_reader_that_outlives_the_grace_is_told_to_read_again(journal: Journal) -> None:
    append(journal, 1)
    append(journal, 2)
    reading = journal.replay("events")
    next(reading)
    journal.compact("events")
    with pytest.raises(Conflict) as told:
        next(reading)
    assert told.value.retry


@pytest.mark.parametrize("call", ["put", "delete"])
def test_a_fold_that_fails_half_way_repeats_and_loses_nothing(
    journal: Journal, store: FailingStore, call: str
) -> None:
    for n in range(3):
        append(journal, n)
    store.failing = (call,)
    with pytest.raises(Unavailable):
        journal.compact("events")
    store.failing = ()
    assert numbers(journal) == numbers(Journal(store)) == [0, 1, 2]
    append(journal, 3)
    journal.compact("events")
    assert numbers(journal) == [0, 1, 2, 3]
    assert keys(store, ".jsonl") == []


def test_two_processes_that_fold_at_once_lose_and_repeat_nothing(store: FailingStore) -> None:
    journals = [Journal(store, params=JournalParams(grace_ms=50)) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for turn in range(10):
            append(journals[turn % 4], turn)
            list(pool.map(lambda journal: journal.compact("events"), journals))
    assert numbers(journals[0]) == list(range(10))


def test_files_that_were_folded_twice_are_read_once_and_joined(store: FailingStore) -> None:
    one, two = Journal(store, params=AT_ONCE), Journal(store, params=AT_ONCE)
    for n in range(3):
        append(one, n)
    copies = {key: store.get(key) for key in keys(store, ".jsonl")}
    _, middle, last = copies
    store.delete(last)
    one.compact("events")  # holds 0 and 1
    for key in (middle, last):
        store.put(key, copies[key])
    (folded,) = keys(store, ".parquet")
    held = store.get(folded)
    store.delete(folded)
    two.compact("events")  # holds 1 and 2
    store.put(folded, held)
    assert numbers(Journal(store)) == [0, 1, 2]
    append(one, 3)
    files = one.files("events")
    assert (len(files.parquet), len(files.jsonl)) == (1, 0)
    assert numbers(Journal(store)) == [0, 1, 2, 3]


def test_streams_are_those_declared_and_those_with_records(journal: Journal, store: FailingStore) -> None:
    append(journal, 1)
    store.put("journal/stray.txt", b"none of ours")
    store.put("journal/events/notes.txt", b"none of ours")
    assert {"events", "ingests", "errors"} <= set(journal.streams())
    assert "stray.txt" not in journal.streams()
    assert numbers(journal) == [1]


def test_stats_tell_files_and_bytes(journal: Journal) -> None:
    append(journal, 1)
    journal.compact("events")
    append(journal, 2)
    journal.post("events", {"n": 3})
    stats = {s.stream: s for s in journal.stats()}["events"]
    assert (stats.segments, stats.parquet_files) == (1, 1)
    assert stats.segment_bytes > 0
    assert stats.parquet_bytes > 0
    assert stats.posted in (0, 1)


def test_a_clock_that_goes_back_does_not_change_the_order(store: FailingStore) -> None:
    clock = FixedClock()
    journal = Journal(store, clock=clock)
    for n in range(5):
        append(journal, n)
        clock.advance(-3_600_000)
    assert numbers(journal) == [0, 1, 2, 3, 4]


def test_a_clock_that_goes_back_between_folds_brings_no_record_back(store: FailingStore) -> None:
    clock = FixedClock()
    journal = Journal(store, clock=clock, params=JournalParams(grace_ms=1_000))
    append(journal, 1)
    journal.compact("events")
    clock.advance(-5_000)
    append(journal, 2)
    journal.compact("events")
    for _ in range(4):
        clock.advance(1_000)
        journal.compact("events")
        assert numbers(journal) == [1, 2]
    clock.advance(10_000)
    journal.compact("events")
    assert len(keys(store, "")) == 1


def test_a_journal_in_a_bucket_works_alike(s3: RemoteParams) -> None:
    journal = Journal(RemoteStore(s3), params=AT_ONCE)
    for n in range(3):
        append(journal, n)
    journal.compact("events")
    append(journal, 3)
    files = journal.files("events")
    assert numbers(journal) == [0, 1, 2, 3]
    assert all(url.startswith("s3://bucket/lake/journal/events/") for url in files.parquet + files.jsonl)


def test_a_store_that_changes_what_it_is_given_is_found_out_before_anything_is_deleted() -> None:
    class Liar(MemoryStore):
        def put_if_absent(self, key: str, data: bytes) -> bool:
            return super().put_if_absent(key, data[:-1] + b"?")

    store = Liar()
    journal = Journal(store, params=AT_ONCE)
    append(journal, 1)
    with pytest.raises(Corrupt, match="changed"):
        journal.compact("events")
    assert numbers(journal) == [1]


def test_every_failure_has_a_cure(journal: Journal) -> None:
    with pytest.raises(LakehouseError) as failed:
        journal.append("No Name", [{}])
    assert failed.value.hint
