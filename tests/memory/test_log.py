"""The log under the memory: shared turns, failures that stay where they belong, damage of any line."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.clock import FixedClock
from lakehouse.base.errors import Invalid, LakehouseError, NotFound, Unavailable
from lakehouse.memory.events import STREAM, Event
from lakehouse.memory.fold import State
from lakehouse.memory.log import Log
from lakehouse.store.journal import Journal
from lakehouse.store.memory import MemoryStore
from lakehouse.store.turns import MemoryTurns
from tests.memory.remembered import memory

GOLDEN = Path(__file__).parents[1] / "golden" / "pathway"


class Slow(MemoryStore):
    """A store whose next write waits until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.writing, self.go = threading.Event(), threading.Event()
        self.writes = 0

    def put(self, key: str, data: bytes) -> None:
        self.writes += 1
        self.writing.set()
        assert self.go.wait(30)
        super().put(key, data)


def log(store: MemoryStore) -> Log:
    clock = FixedClock()
    return Log(Journal(store, clock=clock), turns=MemoryTurns(), clock=clock)


def adding(uid: str) -> list[Event]:
    return [Event(event="add", uid=uid, text=b"1")]


def size(state: State) -> int:
    return len(state)


def test_those_who_wait_share_a_file_and_each_decides_on_what_came_before() -> None:
    store = Slow()
    made = log(store)
    with ThreadPoolExecutor(9) as threads:
        first = threads.submit(made.write, lambda _: adding("first"), size)
        assert store.writing.wait(30)
        waiting = [
            threads.submit(made.write, lambda s, n=n: adding(f"u{n}") if "u0" not in s or n else [], size)
            for n in range(8)
        ]
        while len(made._queue) < 8:
            threading.Event().wait(0.001)
        store.go.set()
        shown = sorted(int(str(done.result(30))) for done in (first, *waiting))
    assert (shown, store.writes) == (list(range(1, 10)), 2)
    assert [r["seq"] for r in Journal(store).replay(STREAM)] == list(range(1, 10))


def test_a_plan_that_refuses_spoils_nobody_elses() -> None:
    made = log(MemoryStore())

    def refuse(_: State) -> list[Event]:
        raise Invalid("no", hint="do not")

    with pytest.raises(Invalid):
        made.write(refuse, size)
    assert made.write(lambda _: adding("a"), size) == 1


def test_a_defect_in_one_plan_is_told_to_those_who_waited_with_it() -> None:
    store = Slow()
    made = log(store)
    kinds: list[str] = []

    def broken(_: State) -> list[Event]:
        raise ZeroDivisionError

    def ask(decide: object, uid: str) -> None:
        try:
            made.write(broken if decide else lambda _: adding(uid), size)
        except (LakehouseError, ZeroDivisionError) as error:
            kinds.append(type(error).__name__)

    with ThreadPoolExecutor(5) as threads:
        threads.submit(ask, None, "first")
        assert store.writing.wait(30)
        for n in range(4):
            threads.submit(ask, n == 2 or None, f"u{n}")
        while len(made._queue) < 4:
            threading.Event().wait(0.001)
        store.go.set()
    # One of the waiting threads led and met the defect; whoever waited knows that nothing was promised.
    assert set(kinds) <= {"ZeroDivisionError", "Unavailable"}
    assert len(kinds) == 4
    known = made.read(lambda view: {t.uid for t in view.state})
    assert known == {"first"}
    assert made.write(lambda _: adding("later"), size) == 2


def test_a_failed_write_is_told_to_all_who_shared_it() -> None:
    class Full(Slow):
        def put(self, key: str, data: bytes) -> None:
            super().put(key, data)
            if self.writes > 1:
                self.delete(key)
                raise Unavailable("the disk is full", hint="free disk space")

    store = Full()
    made = log(store)
    with ThreadPoolExecutor(6) as threads:
        threads.submit(made.write, lambda _: adding("first"), size)
        assert store.writing.wait(30)
        waiting = [threads.submit(made.write, lambda _, n=n: adding(f"u{n}"), size) for n in range(5)]
        while len(made._queue) < 5:
            threading.Event().wait(0.001)
        store.go.set()
        errors = [done.exception(30) for done in waiting]
    assert [type(error) for error in errors] == [Unavailable] * 5
    assert len({id(error) for error in errors}) == 5
    assert made.read(lambda view: len(view.state)) == 1


OPERATIONS = st.lists(
    st.sampled_from(["add", "revise", "replay", "update", "retire"]), min_size=1, max_size=25
)


def worked(operations: list[str], store: MemoryStore) -> None:
    made = memory(store)
    uids: list[str] = []
    for place, operation in enumerate(operations):
        try:
            match operation:
                case "add":
                    uids.append(made.add(place).uid)
                case "revise" if uids:
                    uids.append(made.revise(uids[-1], place).uid)
                case "replay" if uids:
                    made.replay(uids[place % len(uids)], succeeded=place % 3 > 0)
                case "update" if uids:
                    made.update(uids[place % len(uids)], tags=[f"t{place}"])
                case "retire" if uids:
                    made.retire(uids[place % len(uids)], "enough")
        except LakehouseError:
            continue


@settings(max_examples=60, deadline=None)
@given(OPERATIONS, st.data())
def test_whatever_lines_are_damaged_all_others_apply(operations: list[str], data: st.DataObject) -> None:
    store = MemoryStore()
    worked(operations, store)
    keys = [o.key for o in store.list("journal/")]
    bad = data.draw(st.sets(st.sampled_from(keys))) if keys else set()
    lost = {json.loads(store.get(key).splitlines()[0])["uid"] for key in bad}
    whole = {t.uid: t for t in (m.trace for m in memory(store).search(every_version=True, k=1000))}
    for key in bad:
        first, *rest = store.get(key).splitlines(keepends=True)
        store.put(key, b"\x00" + first[1:] + b"".join(rest))
    found = memory(store)
    stats = found.stats()
    assert stats.damaged_lines == len(bad)
    for uid, trace in whole.items():
        if uid not in lost and trace.superseded_by not in lost:
            assert found.get(uid) == trace
            assert found.history(uid)[0] == trace
    assert found.add("life goes on", uid="later").content == "life goes on"
    assert memory(store).get("later") == found.get("later")


def test_a_log_of_an_earlier_version_reads_as_it_did() -> None:
    """The file is never to be changed: whatever we write later, this must keep its meaning."""
    store = MemoryStore()
    store.put(
        "journal/pathway/2026-11-21/01M7ZK0XMRYS42S0BSNENJYHFN.jsonl", (GOLDEN / "log.jsonl").read_bytes()
    )
    found = memory(store)
    expected = json.loads((GOLDEN / "log.json").read_text("utf-8"))
    assert {uid: found.get(uid).told() for uid in expected["traces"]} == expected["traces"]
    assert {uid: [t.uid for t in found.history(uid)] for uid in expected["history"]} == expected["history"]
    stats = found.stats()
    assert {name: getattr(stats, name) for name in expected["stats"]} == expected["stats"]
    with pytest.raises(NotFound):
        found.get("nobody")
