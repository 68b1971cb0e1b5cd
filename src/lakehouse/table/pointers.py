"""[acts] Pointers: the SQL rows that say where each table's head is, and the compare-and-swap on them."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from pyiceberg.catalog.sql import IcebergTables, SqlCatalog
from pyiceberg.exceptions import NamespaceNotEmptyError
from sqlalchemy import ColumnElement, Connection, Table, and_, delete, event, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from lakehouse.base.errors import Conflict, NotFound, Unavailable
from lakehouse.table.names import TableName, folded, nearest, not_found

ROWS: Table = IcebergTables.__table__  # type: ignore[assignment]  # typed as FromClause, is a Table
CATALOG = "lake"
"""The value of `catalog_name` in every row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One pointer's step: from `before` (None: the name must be free) to `after`."""

    name: TableName
    before: str | None
    after: str
    to: TableName | None = None
    """The new name, when the step also renames."""


class Moved(Conflict):
    """A pointer is not where its step starts: someone committed first."""


class Pointers:
    """The rows of PyIceberg's SqlCatalog, in a SQLite file or a PostgreSQL database."""

    def __init__(self, url: str, *, warehouse: str) -> None:
        """Open (and create when absent) the rows at an SQLAlchemy `url`."""
        self._sql = SqlCatalog(CATALOG, uri=url, warehouse=warehouse, init_catalog_tables="false")
        self.engine = self._sql.engine
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _durable_sqlite)
        try:
            self._sql.create_tables()
        except OperationalError as error:
            raise _unreachable() from error

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    def names(self) -> tuple[TableName, ...]:
        """Every table, sorted."""
        columns = (ROWS.c.table_namespace, ROWS.c.table_name)
        with self._read() as connection:
            return tuple(
                sorted(TableName(*row) for row in connection.execute(select(*columns).where(_ours())))
            )

    def locations(self) -> dict[TableName, str]:
        """Every table with the location of its head."""
        columns = (ROWS.c.table_namespace, ROWS.c.table_name, ROWS.c.metadata_location)
        with self._read() as connection:
            rows = connection.execute(select(*columns).where(_ours())).all()
        return {TableName(namespace, table): location for namespace, table, location in rows}

    def location(self, name: TableName) -> str:
        """Where the table's head is.

        Raises:
            NotFound: no such table.
        """
        with self._read() as connection:
            found = connection.execute(select(ROWS.c.metadata_location).where(_is(name))).scalar()
        if found is None:
            raise not_found(name, self.names())
        return str(found)

    def move(self, moves: Sequence[Move]) -> None:
        """All steps in one transaction, or none.

        Raises:
            Moved: a pointer was not where its step starts.
            Conflict: a new name is taken.
            Unavailable: the database did not answer; whether the steps were taken may be unknown.
        """
        try:
            with self.engine.begin() as connection:
                for step in moves:
                    _take(connection, step)
        except IntegrityError as error:
            taken = ", ".join(str(m.to or m.name) for m in moves)
            raise Conflict(
                f"a table named {taken} exists already", hint="choose another name, or write to it"
            ) from error
        except OperationalError as error:
            # The answer may be lost though the commit landed: only the rows know.
            if not all(self._points_to(m.to or m.name, m.after) for m in moves):
                raise _unreachable() from error

    def remove(self, name: TableName, location: str) -> None:
        """Forget one table, unless it moved since `location` was read."""
        with self.engine.begin() as connection:
            gone = connection.execute(
                delete(ROWS).where(_is(name), ROWS.c.metadata_location == location)
            ).rowcount
        if not gone:
            raise Conflict(f"{name} changed while it was being dropped", hint="try again", table=str(name))

    def namespaces(self) -> tuple[str, ...]:
        """Every namespace, sorted."""
        return tuple(sorted(".".join(parts) for parts in self._sql.list_namespaces()))

    def require_namespace(self, namespace: str) -> None:
        """Nothing, if the namespace is there.

        Raises:
            NotFound: it is not; the hint names those that look like it.
        """
        if namespace not in (known := self.namespaces()):
            close = nearest(namespace, known)
            raise NotFound(
                f"no namespace {namespace!r}",
                hint=f"did you mean {', '.join(close)}?" if close else "create it first",
            )

    def namespace_properties(self, namespace: str) -> dict[str, str]:
        """What is stored with a namespace."""
        self.require_namespace(namespace)
        return dict(self._sql.load_namespace_properties(namespace))

    def create_namespace(self, namespace: str, properties: dict[str, str] | None = None) -> bool:
        """True if this call created it, False if it was there."""
        name = TableName(folded(namespace), "t").checked().namespace
        if name in self.namespaces():
            return False
        self._sql.create_namespace((name,), {**(properties or {}), "exists": "true"})
        return True

    def update_namespace(self, namespace: str, *, remove: Sequence[str], set_to: dict[str, str]) -> None:
        """Change what is stored with a namespace."""
        self.require_namespace(namespace)
        self._sql.update_namespace_properties(namespace, set(remove) or None, set_to)

    def drop_namespace(self, namespace: str) -> None:
        """Remove an empty namespace.

        Raises:
            Conflict: it holds tables.
        """
        self.require_namespace(namespace)
        try:
            self._sql.drop_namespace(namespace)
        except NamespaceNotEmptyError as error:
            raise Conflict(f"{namespace!r} holds tables", hint="drop them first") from error

    def _points_to(self, name: TableName, location: str) -> bool:
        with self._read() as connection:
            return connection.execute(select(ROWS.c.metadata_location).where(_is(name))).scalar() == location

    def _read(self) -> Connection:
        try:
            return self.engine.connect()
        except OperationalError as error:
            raise _unreachable() from error


def _take(connection: Connection, step: Move) -> None:
    to = step.to or step.name
    if step.before is None:
        row = {"catalog_name": CATALOG, "table_namespace": to.namespace, "table_name": to.table}
        connection.execute(insert(ROWS).values(**row, metadata_location=step.after, iceberg_type="TABLE"))
        return
    values = {"metadata_location": step.after, "previous_metadata_location": step.before}
    if step.to:
        values |= {"table_namespace": to.namespace, "table_name": to.table}
    here = (_is(step.name), ROWS.c.metadata_location == step.before)
    if connection.execute(update(ROWS).where(*here).values(**values)).rowcount != 1:
        raise Moved(
            f"someone committed to {step.name} first", hint="read it again and retry", table=str(step.name)
        )


def _ours() -> ColumnElement[bool]:
    return ROWS.c.catalog_name == CATALOG


def _is(name: TableName) -> ColumnElement[bool]:
    return and_(_ours(), ROWS.c.table_namespace == name.namespace, ROWS.c.table_name == name.table)


def _unreachable() -> Unavailable:
    return Unavailable("the catalog's database did not answer", hint="lakehouse doctor")


def _durable_sqlite(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    # WAL lets readers go on while a commit is written; FULL makes that commit survive power loss.
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA busy_timeout=30000")
