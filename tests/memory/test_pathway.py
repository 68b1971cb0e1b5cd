"""The memory as one object: durable, shared between threads and processes, unmoved by damage."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lakehouse.base.clock import FixedClock
from lakehouse.base.errors import Conflict, Invalid, LakehouseError, NotFound, Refused, Unavailable
from lakehouse.memory.pathway import PathwayMemory
from lakehouse.store.journal import Journal, JournalParams
from lakehouse.store.local import LocalStore
from lakehouse.store.memory import MemoryStore
from lakehouse.store.turns import FileTurns, MemoryTurns
from tests.memory.remembered import RICH, TASK, memory


def at(folder: Path, *, clock: FixedClock | None = None) -> PathwayMemory:
    """A process' memory on a folder of the disk."""
    store = LocalStore(folder / "store", durability="process")
    return memory(store, turns=FileTurns(folder / "turn"), clock=clock)


def segments(folder: Path) -> list[Path]:
    return sorted((folder / "store" / "journal" / "pathway").rglob("*.jsonl"))


def test_what_was_added_is_there_after_a_restart(tmp_path: Path) -> None:
    made = at(tmp_path).add({"a": [1, None]}, tags=["x"])
    again = at(tmp_path).get(made.uid)
    assert again == made
    assert (again.content, again.tags) == ({"a": [1, None]}, ("x",))


def test_changing_what_was_read_or_given_changes_nothing(tmp_path: Path) -> None:
    given: dict[str, object] = {"list": [1], "inner": {"a": 1}}
    made = at(tmp_path)
    uid = made.add(given, tags=["x"]).uid
    given["list"] = "mine"
    content = made.get(uid).content
    assert isinstance(content, dict)
    content["inner"]["a"] = 2  # type: ignore[call-overload,index]  # JSON
    told = made.get(uid).told()
    told["content"] = None
    assert made.get(uid).content == {"list": [1], "inner": {"a": 1}}
    with pytest.raises(AttributeError):
        made.get(uid).version = 7  # type: ignore[misc]  # that is the point
    assert made.history(uid)[0].content == at(tmp_path).get(uid).content


def test_another_process_is_seen_at_once_also_after_a_fold(tmp_path: Path) -> None:
    mine, other = at(tmp_path), at(tmp_path)
    first = mine.add("one")
    assert other.get(first.uid).content == "one"
    second = other.revise(first.uid, "two")
    assert mine.get(first.uid).superseded_by == second.uid
    with pytest.raises(Conflict, match=second.uid):
        mine.revise(first.uid, "three")
    store = LocalStore(tmp_path / "store", durability="process")
    Journal(store, params=JournalParams(grace_ms=0)).compact("pathway")
    other.retire(second.uid, "done")
    assert mine.get(second.uid).is_retired
    assert (mine.stats(), other.stats()) == (at(tmp_path).stats(), at(tmp_path).stats())


def test_a_clock_that_goes_back_does_not_put_events_before_their_cause(tmp_path: Path) -> None:
    early, late = FixedClock(1_000_000), FixedClock(9_000_000)
    first = at(tmp_path, clock=late).add("one")
    second = at(tmp_path, clock=early).revise(first.uid, "two")
    at(tmp_path, clock=early).replay(second.uid, succeeded=True)
    found = at(tmp_path)
    assert [t.uid for t in found.history(second.uid)] == [second.uid, first.uid]
    assert (found.get(second.uid).replays_succeeded, found.stats().unapplied_events) == (1, 0)


def test_a_damaged_line_and_an_unknown_event_are_skipped_and_counted(tmp_path: Path) -> None:
    made = at(tmp_path)
    uids = [made.add(n).uid for n in range(5)]
    files = segments(tmp_path)
    files[1].write_bytes(b'{"id": "broken\n')
    whole = json.loads(files[2].read_bytes())
    files[2].write_text(json.dumps(whole | {"event": "explode"}) + "\n")
    found = at(tmp_path)
    assert {m.trace.uid for m in found.search()} == {uids[0], uids[3], uids[4]}
    stats = found.stats()
    assert (stats.damaged_lines, stats.unknown_events, stats.events) == (1, 1, 3)
    later = found.add("later")
    assert at(tmp_path).get(later.uid).content == "later"
    with pytest.raises(NotFound):
        found.get(uids[1])


def test_what_followed_a_damaged_beginning_is_kept(tmp_path: Path) -> None:
    made = at(tmp_path)
    first = made.add(1)
    second = made.revise(first.uid, 2)
    third = made.revise(second.uid, 3)
    segments(tmp_path)[0].write_bytes(b"\x00\x00\n")
    found = at(tmp_path)
    assert [(t.uid, t.version) for t in found.history(third.uid)] == [(third.uid, 3), (second.uid, 2)]
    assert (found.stats().damaged_lines, found.stats().gaps) == (1, 1)


def test_a_replay_that_makes_a_path_surely_too_bad_retires_it_in_the_same_breath() -> None:
    made = memory()
    uid = made.add(dict(RICH)).uid
    for _ in range(4):
        made.replay(uid, succeeded=True)
    outcomes = 4
    while not made.get(uid).is_retired:
        made.replay(uid, succeeded=False)
        outcomes += 1
    found = made.get(uid)
    assert (found.replays_succeeded, found.replays_failed) == (4, outcomes - 4) == (4, 3)
    assert found.retired_reason == "P(success rate < 0.8) is 0.944 after 4 of 7 replays"
    assert made.search() == ()
    with pytest.raises(Refused):
        made.replay(uid, succeeded=True)
    assert [t.uid for t in made.history(uid)] == [uid]


def test_the_first_replay_that_fails_is_enough_and_one_success_before_it_is_not() -> None:
    made = memory()
    alone, backed = made.add(1).uid, made.add(2).uid
    assert made.replay(alone, succeeded=False).is_retired
    made.replay(backed, succeeded=True)
    assert not made.replay(backed, succeeded=False).is_retired


def test_a_path_that_was_replayed_cannot_be_made_another_one_in_place() -> None:
    made = memory()
    uid = made.add(dict(RICH)).uid
    made.update(uid, content={**RICH, "file_path": "a/b/c.py"})
    made.update(uid, content=dict(RICH))
    made.replay(uid, succeeded=True)
    made.update(uid, content={**RICH, "reducer_summary": "said better"})
    other = [{"rung": 1, "model": "unproven", "accepted": True}]
    for change in ({"ladder_attempts": other}, {"file_path": "a/b/c.py"}):
        with pytest.raises(Refused, match="another way"):
            made.update(uid, content={**RICH, **change})
    revised = made.revise(uid, {**RICH, "ladder_attempts": other})
    assert (revised.replay_count, made.get(uid).replay_count) == (0, 1)


def test_what_says_nothing_or_takes_a_name_is_refused() -> None:
    made = memory()
    uid = made.add(1, uid="a").uid
    with pytest.raises(Invalid):
        made.update(uid)
    with pytest.raises(Invalid):
        made.add(1, idempotent=True)
    with pytest.raises(Conflict):
        made.revise(uid, 2, uid="a")
    assert made.stats().events == 1


def test_an_update_that_changes_nothing_writes_nothing() -> None:
    made = memory()
    before = made.add({"a": 1}, tags=["x"])
    assert made.update(before.uid, content={"a": 1}, tags=["x"]) == before
    assert made.stats().events == 1


def test_a_revision_of_a_retired_tip_brings_the_path_back() -> None:
    made = memory()
    uid = made.add("wrong", tags=["t"]).uid
    made.retire(uid, "wrong")
    better = made.revise(uid, "right")
    assert ([m.trace.uid for m in made.search()], better.tags) == ([better.uid], ("t",))


def test_known_bugs_of_a_folder_are_those_of_current_traces() -> None:
    made = memory()
    first = made.add(dict(RICH)).uid
    made.add({**RICH, "file_path": "crates/queryd/a.rs"})
    (bug,) = made.bug_fingerprints("crates/vectord/src/other.rs")
    assert (bug.pattern_key, bug.occurrences) == ("UnitMismatch:file_count-row_count", 2)
    assert made.bug_fingerprints("crates")[0].occurrences == 4
    made.retire(first, "old")
    assert made.bug_fingerprints("crates/vectord") == ()
    for folder in ("", "/", 7):
        with pytest.raises(Invalid):
            made.bug_fingerprints(folder)  # type: ignore[arg-type]  # what untyped programs hand over


def test_a_hot_swap_of_a_kind_that_is_not_known_names_the_nearest() -> None:
    made = memory()
    uid = made.add(dict(RICH)).uid
    found = made.hot_swap({**TASK, "signal_class": "bug"})
    assert (found.swap, found.uid, found.considered) == (False, uid, 0)
    for wrong in ({}, {"task_class": "x"}, 7, "task"):
        with pytest.raises(Invalid):
            made.hot_swap(wrong)  # type: ignore[arg-type]  # what untyped programs hand over


@pytest.mark.parametrize("outcome", ["yes", 1, None])
def test_an_outcome_is_true_or_false(outcome: object) -> None:
    made = memory()
    uid = made.add(1).uid
    with pytest.raises(Invalid):
        made.replay(uid, succeeded=outcome)  # type: ignore[arg-type]  # what untyped programs hand over


class Failing(MemoryStore):
    """A store whose writes fail when told to, before or after they happened."""

    fails = ""

    def put(self, key: str, data: bytes) -> None:
        if self.fails != "before":
            super().put(key, data)
        if self.fails:
            raise Unavailable("the disk is full", hint="free disk space")


@pytest.mark.parametrize("fails", ["before", "after"])
def test_after_a_failed_write_the_memory_knows_what_the_log_knows(fails: str) -> None:
    store = Failing()
    turns, clock = MemoryTurns(), FixedClock()
    made = PathwayMemory(Journal(store, clock=clock), turns=turns, clock=clock)
    first = made.add("kept", uid="a")
    store.fails = fails
    with pytest.raises(Unavailable):
        made.add("lost", uid="b")
    with pytest.raises(Unavailable):
        made.replay("a", succeeded=True)
    store.fails = ""
    fresh = PathwayMemory(Journal(store, clock=clock), turns=turns, clock=clock)
    assert [t.trace for t in made.search()] == [t.trace for t in fresh.search()]
    assert made.get("a").content == first.content
    made.add("found", uid="c")
    assert fresh.get("c").content == "found"


def test_threads_share_turns_and_every_answer_is_its_own(tmp_path: Path) -> None:
    made = at(tmp_path)

    def work(n: int) -> tuple[int, object]:
        return n, made.add({"n": n}).content

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(work, range(400)))
    assert all(content == {"n": n} for n, content in answers)
    assert at(tmp_path).stats() == made.stats()
    assert made.stats().traces == 400
    assert len(segments(tmp_path)) < 400


def test_of_many_who_revise_one_trace_at_once_one_succeeds(tmp_path: Path) -> None:
    processes = [at(tmp_path) for _ in range(4)]
    uid = processes[0].add(0).uid

    def work(n: int) -> str:
        try:
            return processes[n % 4].revise(uid, n).uid
        except Conflict:
            return ""

    with ThreadPoolExecutor(16) as threads:
        made = [uid for uid in threads.map(work, range(16)) if uid]
    assert len(made) == 1
    found = at(tmp_path)
    assert (found.get(uid).superseded_by, found.stats().forks, found.stats().traces) == (made[0], 0, 2)


def test_one_bad_request_among_many_spoils_no_other(tmp_path: Path) -> None:
    made = at(tmp_path)

    def work(n: int) -> str:
        try:
            return made.add(n, uid=f"u{n // 2}").uid
        except LakehouseError as error:
            return error.kind

    with ThreadPoolExecutor(16) as threads:
        done = list(threads.map(work, range(100)))
    assert done.count("Conflict") == 50
    assert made.stats().traces == 50


def poured(source: MemoryStore, target: MemoryStore) -> None:
    for found in source.list(""):
        target.put_if_absent(found.key, source.get(found.key))


def test_machines_that_do_not_see_what_the_other_writes_at_that_moment_lose_nothing(tmp_path: Path) -> None:
    clock, here, there = FixedClock(), MemoryStore(), MemoryStore()
    one = memory(here, clock=clock, turns=FileTurns(tmp_path / "one", is_everyone=False))
    uid = one.add(0).uid
    poured(here, there)
    other = memory(there, clock=clock, turns=FileTurns(tmp_path / "other", is_everyone=False))
    uids = {one.revise(uid, 1).uid, other.revise(uid, 2).uid}
    other.replay(uid, succeeded=True)
    poured(here, there)
    poured(there, here)
    seen = [made.get(uid) for made in (one, other, memory(here))]
    assert seen[0] == seen[1] == seen[2]
    assert {m.trace.uid for m in one.search()} == uids == {m.trace.uid for m in other.search()}
    assert (one.stats().traces, one.stats().forks, one.stats().replays) == (3, 1, 1)
    assert one.stats() == other.stats()


WORK = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[3:]
from tests.memory.test_pathway import at
made = at(Path(sys.argv[1]))
for n in range(10_000):
    try:
        uid = made.add({"who": sys.argv[2], "n": n}, uid=f"{sys.argv[2]}-{n}").uid
        made.replay(uid, succeeded=True)
        made.revise(uid, n, uid=f"{uid}-b")
    except Exception as error:
        print("failed", error, flush=True)
        raise
    print(n, flush=True)
"""


@pytest.mark.crash
def test_two_processes_that_are_killed_in_the_middle_lose_nothing_they_were_promised(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", WORK, str(tmp_path)]
    workers = [
        subprocess.Popen([*command, name, str(root)], stdout=subprocess.PIPE, text=True)
        for name in ("p", "q")
    ]
    promised = {}
    for name, worker in zip("pq", workers, strict=True):
        assert worker.stdout
        for line in worker.stdout:
            promised[name] = int(line)
            if promised[name] >= 15:
                break
    for name, worker in zip("pq", workers, strict=True):
        worker.send_signal(signal.SIGKILL)
        rest, _ = worker.communicate()
        promised[name] = max(promised[name], *map(int, rest.split()[:-1] or ["0"]))
        assert worker.returncode == -signal.SIGKILL
    found = at(tmp_path)
    stats = found.stats()
    assert (stats.damaged_lines, stats.unknown_events, stats.unapplied_events, stats.forks) == (0, 0, 0, 0)
    for name, last in promised.items():
        for n in range(last + 1):
            trace = found.get(f"{name}-{n}")
            assert (trace.content, trace.replays_succeeded) == ({"who": name, "n": n}, 1)
            assert found.get(f"{name}-{n}-b").content == n
    assert found.add("life goes on").version == 1


def _die_while_writing(folder: Path) -> None:
    class Deadly(LocalStore):
        def put(self, key: str, data: bytes) -> None:
            super().put(key, data)
            os.kill(os.getpid(), signal.SIGKILL)

    made = memory(Deadly(folder / "store", durability="process"), turns=FileTurns(folder / "turn"))
    made.add("written, and never acknowledged", uid="limbo")


@pytest.mark.crash
def test_what_a_killed_process_wrote_without_saying_so_is_seen(tmp_path: Path) -> None:
    mine = at(tmp_path)
    mine.add("before", uid="before")
    victim = multiprocessing.get_context("spawn").Process(target=_die_while_writing, args=(tmp_path,))
    victim.start()
    victim.join(60)
    assert victim.exitcode == -signal.SIGKILL
    assert mine.get("limbo").content == "written, and never acknowledged"
    with pytest.raises(Conflict):
        mine.add("again", uid="limbo")
