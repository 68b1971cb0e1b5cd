"""What every database of the catalog does; SQLite spoken to directly and by SQLAlchemy alike."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from lakehouse.base.database import Database, Sqlite, open_database
from lakehouse.base.errors import Conflict, Unavailable
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
