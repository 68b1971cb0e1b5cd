"""[acts] A small SQL database behind plain SQL with `:name` values: SQLite here, any other by SQLAlchemy.

SQLite is spoken to directly: SQLAlchemy costs 0.7 s to import and 0.2 ms a query, which every command and
every query over the lake's catalog would pay.
"""

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Final, Protocol

from lakehouse.base.errors import Conflict, Unavailable

Values = Mapping[str, object]
Row = tuple[object, ...]

SQLITE: Final = "sqlite:///"
BUSY_S: Final = 30.0

FULL: Final = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
"""A full disk is the second to a reader, who cannot map the file that readers share."""

DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Transaction(Protocol):
    """Statements that happen together."""

    def __call__(self, sql: str, values: Values) -> int:
        """Run one statement; how many rows it touched.

        Raises:
            Conflict: a row with this key is there already.
            Unavailable: the database did not answer.
        """
        ...


class Database(Protocol):
    """What the catalog asks of a database; safe to share between threads."""

    def read(self, sql: str, values: Values) -> list[Row]:
        """All rows of one SELECT.

        Raises:
            Unavailable: the database did not answer.
        """
        ...

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Statements that happen together when the block ends, or not at all when it raises."""
        ...

    def close(self) -> None:
        """Give the connections back."""
        ...


def open_database(url: str, *, durable: bool) -> Database:
    """The database at an SQLAlchemy URL; `sqlite:///<path>` needs no SQLAlchemy.

    Args:
        durable: a commit survives power loss; else only the end of this process (SQLite alone minds this).

    Raises:
        Unavailable: it cannot be reached, or its driver is not installed.
    """
    if url.startswith(SQLITE):
        return Sqlite(Path(url.removeprefix(SQLITE)), durable=durable)
    opened: Database = import_module("lakehouse.base.sqlalchemy_database").SqlAlchemyDatabase(url)
    return opened


class Sqlite:
    """One SQLite file; a connection is used by one thread at a time and kept for the next."""

    def __init__(self, path: Path, *, durable: bool) -> None:
        self._path, self._durable = path, durable
        self._lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._closed = False
        self.read("SELECT 1", {})  # fails here rather than at the first query

    def read(self, sql: str, values: Values) -> list[Row]:
        """All rows of one SELECT."""
        with self._connection() as connection:
            return connection.execute(sql, dict(values)).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Statements that happen together, or not at all."""
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield lambda sql, values: connection.execute(sql, dict(values)).rowcount
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def close(self) -> None:
        """Close what is idle; a connection in use is closed when its block ends."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        try:
            connection = connection or self._connect()
            yield connection
        except sqlite3.IntegrityError as error:
            raise Conflict("a row with this key is there already", hint="choose another name") from error
        except sqlite3.Error as error:
            if connection is not None:
                connection.close()  # who knows what it still has open
                connection = None
            raise unreachable(error) from error
        finally:
            if connection is not None:
                self._keep(connection)

    def _keep(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )
        # WAL lets readers go on while a commit is written; FULL makes that commit survive power loss.
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={'FULL' if self._durable else 'NORMAL'}")
        return connection


def unreachable(error: Exception) -> Unavailable:
    """What to say when a database does not answer."""
    cause = getattr(error, "orig", error)  # SQLAlchemy wraps what the driver raised
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF  # above the low byte stand details
    if code in FULL:
        hint = "free some space on the disk that holds the lake (df -h)"
        return Unavailable("the disk did not take what the catalog's database had to write", hint=hint)
    if code in DAMAGED:
        return Unavailable("the catalog's database is damaged", hint="lakehouse doctor")
    return Unavailable("the catalog's database did not answer", hint="lakehouse doctor")
