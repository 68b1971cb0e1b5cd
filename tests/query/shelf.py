"""A table source in memory, and Parquet files to put on it: the twin of the catalog for these tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from lakehouse.base.errors import NotFound
from lakehouse.query.engine import Name, Resolved, Version
from lakehouse.query.relation import FieldRef, ParquetFiles, Relation, Rows, quote


@dataclass
class Shelf:
    """Tables by name, each a list of versions numbered from 1."""

    versions: dict[Name, list[Relation]] = field(default_factory=dict)
    asked: list[Version] = field(default_factory=list)

    def put(self, table: str, relation: Relation) -> int:
        """Add a version and return its snapshot id."""
        held = self.versions.setdefault(("lake", table.lower()), [])
        held.append(relation)
        return len(held)

    def resolve(self, names: Sequence[Name], at: Version) -> Mapping[Name, Resolved]:
        self.asked.append(at)
        return {name: found for name in names if (found := self._resolve(name, at))}

    def _resolve(self, name: Name, at: Version) -> Resolved | None:
        if name == ("system", "tables"):
            return Resolved(relation=self.catalog(), snapshot_id=None, table="system.tables")
        held = self.versions.get((name[0] or "lake", name[1]))
        if held is None:
            return None
        snapshot = len(held) if at is None else int(at)
        if not 1 <= snapshot <= len(held):
            raise NotFound(f"no snapshot {at}", hint=f"lakehouse history {name[1]}")
        return Resolved(relation=held[snapshot - 1], snapshot_id=snapshot, table=f"lake.{name[1]}")

    def names(self) -> tuple[str, ...]:
        return tuple(f"{namespace}.{table}" for namespace, table in self.versions)

    def columns(self, name: Name) -> tuple[str, ...]:
        held = self.versions.get((name[0] or "lake", name[1]), [])
        return tuple(c.name for r in held if isinstance(r, ParquetFiles) for c in r.columns)

    def catalog(self) -> Rows:
        """`system.tables` as rows made here."""
        table = pa.table({"name": list(self.names()), "versions": [len(v) for v in self.versions.values()]})
        return rows(table)


def rows(table: pa.Table) -> Rows:
    """An Arrow table as a relation."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return Rows(sink.getvalue().to_pybytes())


def parquet(folder: Path, name: str, select: str, *, uniform: bool = False) -> ParquetFiles:
    """Write a query's rows as one Parquet file with field ids from 1, and return the relation."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.parquet"
    with duckdb.connect(config={"threads": 1}) as con:
        columns = con.execute(f"DESCRIBE {select}").fetchall()
        ids = ", ".join(f"{quote(c[0])}: {i}" for i, c in enumerate(columns, 1))
        con.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet, FIELD_IDS {{{ids}}})")
    fields = tuple(FieldRef(i, c[0], c[1]) for i, c in enumerate(columns, 1))
    return ParquetFiles((str(path),), fields, uniform)


def newest(shelf: Shelf, table: str = "people") -> Resolved:
    """What a table's name stands for now."""
    return shelf.resolve([(None, table)], None)[None, table]
