"""The pool: bombs, clocks, cancellation, retirement, and what stays when nothing is asked for."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lakehouse.base.errors import LakehouseError, Unavailable
from lakehouse.query.duck import DuckEngine, EngineParams
from lakehouse.query.engine import Limits
from lakehouse.query.session import Session
from tests.query.shelf import Shelf

FOREVER = "SELECT count(*) FROM range(1000000) a(i), range(1000000) b(j) WHERE i * j % 7 = 3"


@pytest.fixture
def frail(tmp_path: Path, lake_folder: Path) -> Iterator[DuckEngine]:
    params = EngineParams(workers=2, memory_bytes=64 << 20, temp_bytes=32 << 20, retire_after=1000, wait_s=5)
    engine = DuckEngine(folders=(lake_folder / "warehouse",), temp=tmp_path, params=params)
    yield engine
    engine.close()


@pytest.mark.parametrize(
    "sql",
    [
        FOREVER,
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r",
        "SELECT list_reduce(range(100000000), lambda a, b: (a * 31 + b) % 1000007)",
        "SELECT max(list_sum(list_transform(range(5000), lambda x: x * i))) FROM range(1000000) t(i)",
    ],
    ids=["join", "recursion", "reduce", "lambda"],
)
def test_a_bomb_ends_within_its_time_and_the_next_query_works(
    frail: DuckEngine, shelf: Shelf, sql: str
) -> None:
    session = Session(frail, shelf)
    session.sql("SELECT 1")
    started = time.monotonic()
    with pytest.raises(Unavailable) as caught:
        session.sql(sql, limits=Limits(timeout_s=0.5))
    assert time.monotonic() - started < 1.5
    assert caught.value.hint
    assert session.sql("SELECT count(*) FROM people").rows() == [(100,)]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT list(i) FROM range(500000000) r(i)",
        "SELECT repeat('x', 2000000000)",
        "SELECT string_agg(repeat('x', 100000), ',') FROM range(100000)",
        "SELECT DISTINCT md5(i::VARCHAR) FROM range(500000000) r(i) ORDER BY 1",
    ],
    ids=["list", "text", "aggregate", "distinct"],
)
def test_a_memory_bomb_dies_and_the_next_query_works(frail: DuckEngine, shelf: Shelf, sql: str) -> None:
    session = Session(frail, shelf)
    with pytest.raises(LakehouseError) as caught:
        session.sql(sql, limits=Limits(timeout_s=20))
    assert caught.value.hint
    assert session.sql("SELECT count(*) FROM people").rows() == [(100,)]


def test_a_query_can_be_cancelled_by_its_id(frail: DuckEngine, shelf: Shelf) -> None:
    session = Session(frail, shelf)
    session.sql("SELECT 1")
    caught: list[LakehouseError] = []

    def ask() -> None:
        try:
            session.sql(FOREVER, query_id="q-1")
        except LakehouseError as error:
            caught.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    deadline = time.monotonic() + 10
    while not session.cancel("q-1") and time.monotonic() < deadline:
        thread.join(0.02)
    thread.join(5)
    assert [e.message for e in caught] == ["the query was cancelled"]
    assert not session.cancel("q-1")
    assert not session.cancel("")
    assert session.sql("SELECT 1").rows() == [(1,)]


def test_more_queries_than_workers_wait_for_their_turn(frail: DuckEngine, shelf: Shelf) -> None:
    session = Session(frail, shelf)
    done: list[object] = []
    threads = [
        threading.Thread(target=lambda: done.append(session.sql("SELECT count(*) FROM people").rows()))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [[(100,)]] * 8
    assert len(frail.workers()) <= 2


def cancelled(session: Session, query_id: str) -> None:
    with pytest.raises(LakehouseError):
        session.sql(FOREVER, query_id=query_id)


def test_a_query_that_waits_too_long_for_a_worker_is_told_so(tmp_path: Path, shelf: Shelf) -> None:
    engine = DuckEngine(folders=(), temp=tmp_path, params=EngineParams(workers=1, wait_s=0.2))
    session = Session(engine, shelf)
    session.sql("SELECT 1")
    session.check(FOREVER)
    thread = threading.Thread(target=cancelled, args=(session, "long"))
    thread.start()
    deadline = time.monotonic() + 5
    while not engine._busy and time.monotonic() < deadline:
        thread.join(0.01)
    with pytest.raises(Unavailable, match="all query workers are busy") as caught:
        session.sql("SELECT 1")
    assert "workers.workers" in caught.value.hint
    engine.cancel("long")
    thread.join(5)
    engine.close()


def test_a_worker_retires_after_its_share_of_queries(tmp_path: Path, shelf: Shelf) -> None:
    engine = DuckEngine(folders=(), temp=tmp_path, params=EngineParams(workers=1, retire_after=3))
    session = Session(engine, shelf)
    seen: set[int] = set()
    for i in range(6):
        assert session.sql(f"SELECT {i}").rows() == [(i,)]
        seen |= set(engine.workers())
    assert len(seen) > 2
    engine.close()


def test_idle_workers_leave_down_to_the_minimum(tmp_path: Path) -> None:
    params = EngineParams(workers=3, idle_workers=1, idle_s=0.0)
    engine = DuckEngine(folders=(), temp=tmp_path, params=params)
    taken = [engine._take("") for _ in range(3)]
    for worker in taken:
        engine._give_back(worker, spoiled=False)
    assert len(engine.workers()) == 3
    engine.tidy()
    assert len(engine.workers()) == 1
    engine.close()


def test_a_worker_killed_from_outside_is_replaced(frail: DuckEngine, shelf: Shelf) -> None:
    session = Session(frail, shelf)
    session.sql("SELECT 1")
    for worker in frail._idle:
        worker.child.kill()
    assert session.sql("SELECT 2").rows() == [(2,)]


def test_starting_ahead_makes_one_worker_and_the_jail_holds(frail: DuckEngine) -> None:
    frail.start()
    frail.start()
    assert len(frail.workers()) == 1
    assert isinstance(frail.unapplied(), tuple)
