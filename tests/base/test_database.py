"""What every database of the catalog does; SQLite spoken to directly and by SQLAlchemy alike."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from lakehouse.base.database import Database, Sqlite, open_database, unreachable
from lakehouse.base.errors import Conflict, Invalid, LakehouseError, Unavailable
from lakehouse.base.sqlalchemy_database import SqlAlchemyDatabase

OPEN: dict[str, Callable[[Path], Database]] = {
    "sqlite": lambda path: open_database(f"sqlite:///{path}", durable=True),
    "not durable": lambda path: Sqlite(path, durable=False),
    "sqlalchemy": lambda path: SqlAlchemyDatabase(f"sqlite:///{path}"),
    "sqlalchemy by its url": lambda path: open_database(f"sqlite+pysqlite:///{path}", durable=True),
}


@pytest.fixture(params=OPEN)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    opened = OPEN[request.param](tmp_path / "d.sqlite")
    with opened.transaction() as run:
        run("CREATE TABLE t (k INTEGER PRIMARY KEY, v VARCHAR(10))", {})
    yield opened
    opened.close()


def put(database: Database, key: int, value: str) -> None:
    with database.transaction() as run:
        run("INSERT INTO t (k, v) VALUES (:k, :v)", {"k": key, "v": value})


def rows(database: Database) -> list[tuple[object, ...]]:
    return database.read("SELECT k, v FROM t WHERE k >= :least ORDER BY k", {"least": 0})


def test_what_a_transaction_wrote_is_read(database: Database) -> None:
    put(database, 1, "one")
    assert rows(database) == [(1, "one")]


def test_a_statement_says_how_many_rows_it_touched(database: Database) -> None:
    put(database, 1, "one")
    with database.transaction() as run:
        assert run("UPDATE t SET v = :v WHERE k = :k", {"k": 1, "v": "two"}) == 1
        assert run("UPDATE t SET v = :v WHERE k = :k", {"k": 9, "v": "two"}) == 0


def test_a_transaction_that_raises_never_happened(database: Database) -> None:
    def half() -> None:
        with database.transaction() as run:
            run("INSERT INTO t (k, v) VALUES (1, 'one')", {})
            raise LookupError

    with pytest.raises(LookupError):
        half()
    assert rows(database) == []


def test_a_key_that_is_taken_is_a_conflict_and_leaves_the_connection_usable(database: Database) -> None:
    put(database, 1, "one")
    with pytest.raises(Conflict):
        put(database, 1, "two")
    put(database, 2, "two")
    assert rows(database) == [(1, "one"), (2, "two")]


def test_a_statement_that_fails_is_unavailable(database: Database) -> None:
    with pytest.raises(Unavailable):
        database.read("SELECT * FROM nothing_of_this_name", {})
    with pytest.raises(Unavailable), database.transaction() as run:
        run("UPDATE nothing_of_this_name SET a = 1", {})
    assert rows(database) == []


def test_many_threads_lose_nothing(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(partial(put, database, value="x"), range(40)))
        assert [len(found) for found in pool.map(lambda _: rows(database), range(8))] == [40] * 8


@pytest.mark.parametrize("url", ["sqlite:////no/such/folder/d.sqlite", "postgresql+nodriver://h/d"])
def test_a_database_that_cannot_be_opened_is_unavailable(url: str) -> None:
    with pytest.raises(Unavailable):
        open_database(url, durable=True)


def test_a_connection_in_use_while_the_database_closes_is_closed_after(tmp_path: Path) -> None:
    database = Sqlite(tmp_path / "d.sqlite", durable=True)
    with database.transaction() as run:
        run("CREATE TABLE t (k INTEGER)", {})
        database.close()
    assert not (tmp_path / "d.sqlite-wal").exists()


COUNT = """
import sys
from pathlib import Path
from lakehouse.base.database import Sqlite
database = Sqlite(Path(sys.argv[1]), durable=False)
for _ in range(60):
    with database.transaction() as run:
        ((now,),) = database.read("SELECT v FROM t WHERE k = 1", {})
        run("UPDATE t SET v = :v WHERE k = 1", {"v": now + 1})
database.close()
"""


def test_two_processes_take_turns_and_lose_no_step(tmp_path: Path) -> None:
    database = Sqlite(tmp_path / "d.sqlite", durable=False)
    with database.transaction() as run:
        run("CREATE TABLE t (k INTEGER PRIMARY KEY, v INTEGER)", {})
        run("INSERT INTO t VALUES (1, 0)", {})
    counting = [subprocess.Popen([sys.executable, "-c", COUNT, str(tmp_path / "d.sqlite")]) for _ in range(2)]
    assert [process.wait(60) for process in counting] == [0, 0]
    assert database.read("SELECT v FROM t", {}) == [(120,)]
    database.close()


def test_readers_go_on_while_a_transaction_is_open_and_see_none_of_it(database: Database) -> None:
    put(database, 1, "one")
    with ThreadPoolExecutor(1) as pool, database.transaction() as run:
        run("UPDATE t SET v = 'two' WHERE k = 1", {})
        if not isinstance(database, Sqlite):
            return  # SQLAlchemy opens SQLite without a log beside it; readers of a server do go on
        assert pool.submit(rows, database).result(10) == [(1, "one")]
    assert rows(database) == [(1, "two")]


def test_a_second_writer_waits_for_the_first(tmp_path: Path) -> None:
    database = Sqlite(tmp_path / "d.sqlite", durable=False)
    with database.transaction() as run:
        run("CREATE TABLE t (k INTEGER PRIMARY KEY, v VARCHAR(10))", {})
    second = threading.Thread(target=put, args=(database, 2, "two"))
    with database.transaction() as run:
        second.start()
        run("INSERT INTO t VALUES (1, 'one')", {})
        assert rows(database) == []
    second.join(30)
    assert rows(database) == [(1, "one"), (2, "two")]
    database.close()


def test_a_conflict_takes_the_whole_transaction_back(database: Database) -> None:
    put(database, 1, "one")

    def both() -> None:
        with database.transaction() as run:
            run("INSERT INTO t (k, v) VALUES (2, 'two')", {})
            run("INSERT INTO t (k, v) VALUES (1, 'again')", {})

    with pytest.raises(Conflict) as caught:
        both()
    assert (caught.value.retry, bool(caught.value.hint)) == (True, True)
    assert rows(database) == [(1, "one")]


def test_values_are_never_sql(database: Database) -> None:
    nasty = "'); DROP TABLE t; --"
    put(database, 1, nasty)
    assert database.read("SELECT k FROM t WHERE v = :v", {"v": nasty}) == [(1,)]


@pytest.mark.parametrize(
    "content", [b"this is no database, but long enough to be asked about\n" * 40, b"SQLite"]
)
def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "d.sqlite").write_bytes(content)
    with pytest.raises(Unavailable, match="is damaged") as caught:
        Sqlite(tmp_path / "d.sqlite", durable=True)
    assert caught.value.hint == "lakehouse doctor"
    assert (tmp_path / "d.sqlite").read_bytes() == content


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_full_disk_is_called_so(tmp_path: Path, *, wrapped: bool) -> None:
    connection = sqlite3.connect(tmp_path / "d.sqlite", isolation_level=None)
    connection.execute("CREATE TABLE t (v)")
    connection.execute("PRAGMA max_page_count = 2")
    with pytest.raises(sqlite3.Error) as full:
        connection.execute("INSERT INTO t VALUES (randomblob(100000))")
    connection.close()
    error = DBAPIError("", {}, full.value) if wrapped else full.value
    assert "free some space" in unreachable(error).hint


def test_a_folder_in_its_place_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        Sqlite(tmp_path, durable=True)


def test_a_database_that_only_reads_answers_reads_and_refuses_writes(tmp_path: Path) -> None:
    database = Sqlite(tmp_path / "d.sqlite", durable=True)
    with database.transaction() as run:
        run("CREATE TABLE t (k INTEGER)", {})
    database.read("PRAGMA query_only = true", {})
    with pytest.raises(Unavailable), database.transaction() as run:
        run("INSERT INTO t VALUES (1)", {})
    assert database.read("SELECT count(*) FROM t", {}) == [(0,)]
    database.close()


@pytest.mark.parametrize(("durable", "synchronous"), [(True, 2), (False, 1)])
def test_durability_is_what_was_asked_for_on_every_connection(
    tmp_path: Path, durable: bool, synchronous: int
) -> None:
    database = Sqlite(tmp_path / "d.sqlite", durable=durable)
    with database.transaction():
        assert database.read("PRAGMA synchronous", {}) == [(synchronous,)]  # a second connection
        assert database.read("PRAGMA journal_mode", {}) == [("wal",)]
    database.close()


def test_what_was_committed_is_there_for_whoever_opens_it_next(tmp_path: Path) -> None:
    database = Sqlite(tmp_path / "d.sqlite", durable=True)
    with database.transaction() as run:
        run("CREATE TABLE t (k INTEGER)", {})
        run("INSERT INTO t VALUES (7)", {})
    with sqlite3.connect(tmp_path / "d.sqlite") as other:
        assert other.execute("SELECT k FROM t").fetchall() == [(7,)]
    other.close()
    database.close()


@pytest.mark.parametrize("url", ["no url at all with hunter2 in it", "://hunter2@"])
def test_an_address_that_is_none_is_invalid_and_not_repeated(url: str) -> None:
    with pytest.raises(LakehouseError) as caught:
        open_database(url, durable=True)
    assert isinstance(caught.value, Invalid | Unavailable)
    assert "hunter2" not in f"{caught.value} {caught.value.hint} {caught.value.__cause__}"
    assert caught.value.hint
