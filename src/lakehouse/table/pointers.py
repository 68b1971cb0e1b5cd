"""[acts] Pointers: the SQL rows that say where each table's head is, and the compare-and-swap on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lakehouse.base.database import Transaction, open_database
from lakehouse.base.errors import Conflict, NotFound, Unavailable
from lakehouse.table.names import TableName, folded, nearest, not_found

CATALOG: Final = "lake"
"""The value of `catalog_name` in every row."""

TABLES: Final = """CREATE TABLE IF NOT EXISTS iceberg_tables (
    catalog_name VARCHAR(255) NOT NULL, table_namespace VARCHAR(255) NOT NULL,
    table_name VARCHAR(255) NOT NULL, metadata_location VARCHAR(1000),
    previous_metadata_location VARCHAR(1000), iceberg_type VARCHAR(5),
    PRIMARY KEY (catalog_name, table_namespace, table_name))"""
"""As PyIceberg's SqlCatalog has it, so that it opens the same database."""

NAMESPACES: Final = """CREATE TABLE IF NOT EXISTS iceberg_namespace_properties (
    catalog_name VARCHAR(255) NOT NULL, namespace VARCHAR(255) NOT NULL,
    property_key VARCHAR(255) NOT NULL, property_value VARCHAR(1000) NOT NULL,
    PRIMARY KEY (catalog_name, namespace, property_key))"""

OURS: Final = f"catalog_name = '{CATALOG}'"
THIS: Final = f"{OURS} AND table_namespace = :namespace AND table_name = :name"
OF: Final = f"FROM iceberg_namespace_properties WHERE {OURS} AND namespace = :namespace"


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

    def __init__(self, url: str, *, durable: bool = True) -> None:
        """Open (and create when absent) the rows at an SQLAlchemy `url`."""
        self._database = open_database(url, durable=durable)
        with self._database.transaction() as run:
            run(TABLES, {})
            run(NAMESPACES, {})

    def close(self) -> None:
        """Give the connections back."""
        self._database.close()

    def names(self) -> tuple[TableName, ...]:
        """Every table, sorted."""
        rows = self._database.read(f"SELECT table_namespace, table_name FROM iceberg_tables WHERE {OURS}", {})
        return tuple(sorted(TableName(str(namespace), str(table)) for namespace, table in rows))

    def locations(self) -> dict[TableName, str]:
        """Every table with the location of its head."""
        columns = "table_namespace, table_name, metadata_location"
        rows = self._database.read(f"SELECT {columns} FROM iceberg_tables WHERE {OURS}", {})
        return {TableName(str(namespace), str(table)): str(location) for namespace, table, location in rows}

    def location(self, name: TableName) -> str:
        """Where the table's head is.

        Raises:
            NotFound: no such table.
        """
        found = self._found(name)
        if found is None:
            raise not_found(name, self.names())
        return found

    def move(self, moves: Sequence[Move]) -> None:
        """All steps in one transaction, or none.

        Raises:
            Moved: a pointer was not where its step starts.
            Conflict: a new name is taken.
            Unavailable: the database did not answer; whether the steps were taken may be unknown.
        """
        try:
            with self._database.transaction() as run:
                for step in moves:
                    _take(run, step)
        except Moved:
            raise
        except Conflict as error:
            taken = ", ".join(str(m.to or m.name) for m in moves)
            raise Conflict(
                f"a table named {taken} exists already",
                hint="run it again to write to it, or choose another name",
            ) from error
        except Unavailable:
            # The answer may be lost though the commit landed: only the rows know.
            if not all(self._found(m.to or m.name) == m.after for m in moves):
                raise

    def remove(self, name: TableName, location: str) -> None:
        """Forget one table, unless it moved since `location` was read."""
        with self._database.transaction() as run:
            gone = run(
                f"DELETE FROM iceberg_tables WHERE {THIS} AND metadata_location = :location",
                {**_row(name), "location": location},
            )
        if not gone:
            raise Conflict(f"{name} changed while it was being dropped", hint="try again", table=str(name))

    def namespaces(self) -> tuple[str, ...]:
        """Every namespace, sorted."""
        rows = self._database.read(
            f"SELECT namespace FROM iceberg_namespace_properties WHERE {OURS} "
            f"UNION SELECT table_namespace FROM iceberg_tables WHERE {OURS}",
            {},
        )
        return tuple(sorted(str(namespace) for (namespace,) in rows))

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
        rows = self._database.read(f"SELECT property_key, property_value {OF}", {"namespace": namespace})
        return {str(key): str(value) for key, value in rows}

    def create_namespace(self, namespace: str, properties: Mapping[str, str] | None = None) -> bool:
        """True if this call created it, False if it was there."""
        name = TableName(folded(namespace), "t").checked().namespace
        if name in self.namespaces():
            return False
        try:
            self._set(name, {**(properties or {}), "exists": "true"})
        except Conflict:
            return False  # another process created it between the two statements
        return True

    def update_namespace(self, namespace: str, *, remove: Sequence[str], set_to: Mapping[str, str]) -> None:
        """Change what is stored with a namespace."""
        self.require_namespace(namespace)
        self._set(namespace, set_to, remove=(*remove, *set_to))

    def drop_namespace(self, namespace: str) -> None:
        """Remove an empty namespace.

        Raises:
            Conflict: it holds tables.
        """
        self.require_namespace(namespace)
        with self._database.transaction() as run:
            # One statement looks and removes, so that no table slips in between.
            run(
                f"DELETE {OF} AND NOT EXISTS (SELECT 1 FROM iceberg_tables AS t "
                f"WHERE t.{OURS} AND t.table_namespace = :namespace)",
                {"namespace": namespace},
            )
        if namespace in self.namespaces():
            raise Conflict(f"{namespace!r} holds tables", hint="drop them first")

    def _set(self, namespace: str, values: Mapping[str, str], *, remove: Sequence[str] = ()) -> None:
        with self._database.transaction() as run:
            for key in remove:
                run(f"DELETE {OF} AND property_key = :key", {"namespace": namespace, "key": key})
            for key, value in values.items():
                run(
                    "INSERT INTO iceberg_namespace_properties "
                    "(catalog_name, namespace, property_key, property_value) "
                    f"VALUES ('{CATALOG}', :namespace, :key, :value)",
                    {"namespace": namespace, "key": key, "value": value},
                )

    def _found(self, name: TableName) -> str | None:
        rows = self._database.read(f"SELECT metadata_location FROM iceberg_tables WHERE {THIS}", _row(name))
        return str(rows[0][0]) if rows else None


def _take(run: Transaction, step: Move) -> None:
    to = step.to or step.name
    values = {**_row(step.name), "before": step.before, "after": step.after}
    if step.before is None:
        run(
            "INSERT INTO iceberg_tables "
            "(catalog_name, table_namespace, table_name, metadata_location, iceberg_type) "
            f"VALUES ('{CATALOG}', :namespace, :name, :after, 'TABLE')",
            {**_row(to), "after": step.after},
        )
        return
    moved = run(
        "UPDATE iceberg_tables SET metadata_location = :after, previous_metadata_location = :before, "
        f"table_namespace = :new_namespace, table_name = :new_name "
        f"WHERE {THIS} AND metadata_location = :before",
        {**values, "new_namespace": to.namespace, "new_name": to.table},
    )
    if moved != 1:
        raise Moved(
            f"someone committed to {step.name} first", hint="read it again and retry", table=str(step.name)
        )


def _row(name: TableName) -> dict[str, object]:
    return {"namespace": name.namespace, "name": name.table}
