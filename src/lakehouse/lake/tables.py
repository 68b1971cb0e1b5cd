"""[acts] What names in SQL stand for: tables at a version, event streams, and the catalog about itself."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

import pyarrow as pa

from lakehouse.base.clock import iso
from lakehouse.base.errors import NotFound
from lakehouse.query.engine import Name, Resolved, Version
from lakehouse.query.relation import FieldRef, IcebergSnapshot, JournalFiles, ParquetFiles, Relation, Rows
from lakehouse.store.journal import Journal
from lakehouse.store.streams import StreamSchema, schema_of
from lakehouse.store.views import SQL_TYPES
from lakehouse.table import timeline
from lakehouse.table.catalog import Catalog
from lakehouse.table.heads import Head
from lakehouse.table.names import DEFAULT_NAMESPACE, TableName
from lakehouse.table.scan import Scan, Scans
from lakehouse.table.schema import columns_of

SYSTEM, INFORMATION = "system", "information_schema"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableInfo:
    """One table at a glance."""

    namespace: str
    table: str
    rows: int
    bytes: int
    """Of its data files."""

    files: int
    columns: int
    snapshot_id: int | None
    """None before the first write."""

    updated_at: str
    """ISO 8601, UTC."""


class LakeTables:
    """A TableSource over the catalog and the journal."""

    def __init__(self, catalog: Catalog, scans: Scans, journal: Journal) -> None:
        self._catalog, self._scans, self._journal = catalog, scans, journal
        self._views: Mapping[Name, Callable[[], pa.Table]] = {
            (SYSTEM, "tables"): self._tables,
            (SYSTEM, "columns"): self._columns,
            (SYSTEM, "snapshots"): self._snapshots,
            (INFORMATION, "tables"): self._information_tables,
            (INFORMATION, "columns"): self._information_columns,
        }

    def resolve(self, names: Sequence[Name], at: Version) -> Mapping[Name, Resolved]:
        """What each name stands for at one version; names that do not exist are left out."""
        found = {name: self._resolve(name, at) for name in dict.fromkeys(names)}
        return {name: resolved for name, resolved in found.items() if resolved}

    def names(self) -> tuple[str, ...]:
        """Every table and stream, for suggestions."""
        streams = (f"{SYSTEM}.{stream}" for stream in self._journal.streams())
        views = (f"{namespace}.{view}" for namespace, view in self._views)
        return (*map(str, self._catalog.names()), *streams, *views)

    def columns(self, name: Name) -> tuple[str, ...]:
        """Columns of a table, for suggestions; empty when unknown."""
        if name[0] in {SYSTEM, INFORMATION}:
            return tuple(column for known, column, _, _ in self._ours() if known == name)
        try:
            head = self._catalog.head(_table(name))
        except NotFound:
            return ()
        return tuple(c.name for c in columns_of(head.metadata.schema()))

    def scan(self, name: TableName, at: Version = None) -> Scan:
        """The files that hold a table at a version."""
        head = self._catalog.head(name)
        return self._scans.plan(head, timeline.at(head, at))

    def infos(self) -> tuple[TableInfo, ...]:
        """Every table at a glance, sorted by name."""
        return tuple(info_of(self._scans.plan(h, h.metadata.current_snapshot())) for h in self._heads())

    def _resolve(self, name: Name, at: Version) -> Resolved | None:
        namespace, table = name
        if name in self._views:
            return Resolved(relation=Rows(_ipc(self._views[name]())), snapshot_id=None)
        if namespace == SYSTEM:
            return self._stream(table) if table in self._journal.streams() else None
        try:
            scan = self.scan(_table(name), at)
        except NotFound:
            if self._exists(_table(name)):
                raise  # the table is there, but not at that version
            return None
        return Resolved(
            relation=relation_of(scan),
            snapshot_id=scan.snapshot_id,
            table=scan.head.name.full,
            schema_id=scan.schema_id,
        )

    def _exists(self, name: TableName) -> bool:
        return name in self._catalog.names()

    def _stream(self, stream: str) -> Resolved:
        self._journal.flush()
        files = self._journal.files(stream)
        relation = JournalFiles(files.parquet, files.jsonl, _stream_columns(files.schema))
        return Resolved(relation=relation, snapshot_id=None)

    def _heads(self) -> list[Head]:
        locations = self._catalog.pointers.locations()
        return [self._catalog.heads.load(name, locations[name]) for name in sorted(locations)]

    def _tables(self) -> pa.Table:
        return pa.Table.from_pylist(
            [{**asdict(i), "table_name": i.table} for i in self.infos()], schema=TABLES
        )

    def _columns(self) -> pa.Table:
        rows = [
            {
                "namespace": h.name.namespace,
                "table_name": h.name.table,
                "position": n,
                "column_name": c.name,
                "type": c.type,
            }
            for h in self._heads()
            for n, c in enumerate(columns_of(h.metadata.schema()), 1)
        ]
        return pa.Table.from_pylist(rows, schema=COLUMNS)

    def _snapshots(self) -> pa.Table:
        rows = [
            {
                "namespace": h.name.namespace,
                "table_name": h.name.table,
                "snapshot_id": v.snapshot_id,
                "at": v.at,
                "operation": v.operation,
                "rows": v.rows,
                "added": v.added,
                "removed": v.removed,
                "is_current": v.is_current,
                "note": v.note,
            }
            for h in self._heads()
            for v in timeline.history(h)
        ]
        return pa.Table.from_pylist(rows, schema=SNAPSHOTS)

    def _information_tables(self) -> pa.Table:
        names = [(t.namespace, t.table) for t in self._catalog.names()]
        names += [(SYSTEM, s) for s in self._journal.streams()] + [(n, v) for n, v in self._views if n]
        rows = [
            {"table_catalog": "lake", "table_schema": s, "table_name": t, "table_type": _kind(s)}
            for s, t in names
        ]
        return pa.Table.from_pylist(rows, schema=INFORMATION_TABLES)

    def _information_columns(self) -> pa.Table:
        stored = (
            ((r["namespace"], r["table_name"]), r["column_name"], r["position"], r["type"])
            for r in self._columns().to_pylist()
        )
        rows = [
            {
                "table_catalog": "lake",
                "table_schema": namespace,
                "table_name": table,
                "column_name": column,
                "ordinal_position": position,
                "data_type": kind,
                "is_nullable": "YES",
            }
            for (namespace, table), column, position, kind in (*stored, *self._ours())
        ]
        return pa.Table.from_pylist(rows, schema=INFORMATION_COLUMNS)

    def _ours(self) -> Iterator[tuple[Name, str, int, str]]:
        """The columns of streams and views: of what, name, position from 1, type."""
        shown: dict[Name, tuple[tuple[str, str], ...]] = {
            (SYSTEM, stream): _stream_columns(schema_of(stream)) for stream in self._journal.streams()
        }
        shown |= {view: tuple((f.name, ARROW_TYPES[f.type]) for f in VIEWS[view]) for view in self._views}
        for name, columns in shown.items():
            for position, (column, kind) in enumerate(columns, 1):
                yield name, column, position, kind


def _stream_columns(schema: StreamSchema) -> tuple[tuple[str, str], ...]:
    declared = ((column, SQL_TYPES[kind]) for column, kind in schema.columns)
    return (("id", "VARCHAR"), ("at", "TIMESTAMP"), *declared, ("extra", "JSON"))


def _schema(columns: str) -> pa.Schema:
    """An Arrow schema from text such as `table, rows int64`; a name without a type is a string."""
    pairs = [f"{column} string".split()[:2] for column in columns.split(",")]
    return pa.schema([(name, pa.type_for_alias(kind)) for name, kind in pairs])


TABLES = _schema(
    "namespace, table_name, rows int64, bytes int64, files int64, columns int64,"
    " snapshot_id int64, updated_at"
)
COLUMNS = _schema("namespace, table_name, position int64, column_name, type")
SNAPSHOTS = _schema(
    "namespace, table_name, snapshot_id int64, at, operation, rows int64, added int64, removed int64,"
    " is_current bool, note"
)
INFORMATION_TABLES = _schema("table_catalog, table_schema, table_name, table_type")
INFORMATION_COLUMNS = _schema(
    "table_catalog, table_schema, table_name, column_name, ordinal_position int64, data_type, is_nullable"
)


VIEWS: Final[Mapping[Name, pa.Schema]] = {
    (SYSTEM, "tables"): TABLES,
    (SYSTEM, "columns"): COLUMNS,
    (SYSTEM, "snapshots"): SNAPSHOTS,
    (INFORMATION, "tables"): INFORMATION_TABLES,
    (INFORMATION, "columns"): INFORMATION_COLUMNS,
}
ARROW_TYPES: Final = {pa.string(): "VARCHAR", pa.int64(): "BIGINT", pa.bool_(): "BOOLEAN"}


def relation_of(scan: Scan) -> Relation:
    """The fastest relation with a scan's rows: plain Parquet where it can be, else Iceberg's own reader."""
    if scan.is_plain:
        columns = tuple(FieldRef(c.field_id, c.name, c.type) for c in scan.columns)
        return ParquetFiles(scan.paths, columns, uniform=len(scan.head.metadata.schemas) == 1)
    # Named, a snapshot is read with the columns it was written with; unnamed, with those the table has now.
    is_current = scan.snapshot_id == scan.head.snapshot_id
    return IcebergSnapshot(scan.head.location, None if is_current else scan.snapshot_id)


def info_of(scan: Scan) -> TableInfo:
    """The facts of one table."""
    return TableInfo(
        namespace=scan.head.name.namespace,
        table=scan.head.name.table,
        rows=scan.rows,
        bytes=scan.bytes,
        files=len(scan.paths),
        columns=len(scan.columns),
        snapshot_id=scan.snapshot_id,
        updated_at=iso(scan.head.metadata.last_updated_ms),
    )


def _kind(namespace: str) -> str:
    return "VIEW" if namespace in {SYSTEM, INFORMATION} else "BASE TABLE"


def _table(name: Name) -> TableName:
    return TableName(name[0] or DEFAULT_NAMESPACE, name[1])


def _ipc(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())
