"""A lake wired by hand: what the assembly does, in one screen, so that tables are tested by themselves."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
from pyiceberg.table import StaticTable
from pyiceberg.table.snapshots import Snapshot

from lakehouse.base.child import Child
from lakehouse.base.clock import Clock, SystemClock
from lakehouse.base.duck import connect, quote_text
from lakehouse.base.errors import LakehouseError
from lakehouse.base.jail import Jail
from lakehouse.store.local import LocalStore
from lakehouse.table import names
from lakehouse.table.catalog import Catalog
from lakehouse.table.fileio import StoreIO
from lakehouse.table.heads import Head
from lakehouse.table.names import TableName, quoted
from lakehouse.table.pointers import Pointers
from lakehouse.table.rest.door import Door
from lakehouse.table.scan import Scan, Scans
from lakehouse.table.schema import Column, columns_of, field_ids, new_schema
from lakehouse.table.upkeep.background import Background
from lakehouse.table.upkeep.maintain import Maintainer, Upkeep
from lakehouse.table.upkeep.sweep import UpkeepParams
from lakehouse.table.writer import Batch, Writer, Written

Row = tuple[object, ...]
Sync = Callable[[Iterable[str]], None]


def no_sync(_locations: Iterable[str]) -> None:
    """Durable enough for a test: the process survives."""


class Lake:
    """Catalog, door, writer and upkeep over one folder, and two readers of its tables."""

    def __init__(
        self,
        root: Path,
        *,
        clock: Clock | None = None,
        sync: Sync = no_sync,
        params: UpkeepParams | None = None,
    ) -> None:
        self.root, self.clock = root, clock or SystemClock()
        for folder in ("warehouse", "staging"):
            (root / folder).mkdir(parents=True, exist_ok=True)
        self.staging = root / "staging"
        self.params = params or UpkeepParams()
        self.sync = sync
        self.catalog = self.open_catalog()
        self.door = Door(self.catalog)
        self.started: list[Child] = []
        self.writer = Writer(self.catalog, clock=self.clock, door=self.door, start=self.start_child)
        self.use(self.catalog)
        self.duck = connect(
            threads=1, memory_bytes=1 << 30, temp=root / "spill", extensions=("avro", "iceberg")
        )

    def open_catalog(self, database: str = "catalog.sqlite") -> Catalog:
        pointers = Pointers(f"sqlite:///{self.root}/{database}", durable=False)
        pointers.create_namespace(names.DEFAULT_NAMESPACE)
        io = StoreIO(LocalStore(self.root, durability="process"))
        return Catalog(pointers=pointers, io=io, clock=self.clock, sync=self.sync)

    def use(self, catalog: Catalog) -> None:
        """Go on with another catalog over the same folder, as after a restart; the child stays."""
        if catalog is not self.catalog:
            self.catalog.pointers.close()
        self.catalog = self.writer._catalog = self.door._handler.tables = catalog
        self.io, self.pointers = catalog.io, catalog.pointers
        self.scans = Scans(self.io)
        self.upkeep = Maintainer(
            catalog, self.writer, clock=self.clock, staging=self.staging, params=self.params
        )

    def start_child(self) -> Child:
        setup = {
            "url": self.door.url,
            "token": self.door.token,
            "threads": 1,
            "memory_bytes": 1 << 30,
            "temp": str(self.staging),
        }
        jail = Jail(
            read=(self.root,),
            write=(self.root / "warehouse", self.staging),
            memory_bytes=4 << 30,
            ports=(self.door.port,),
        )
        self.started.append(Child("lakehouse.table.statements:serve", jail, setup=setup))
        return self.started[-1]

    def close(self) -> None:
        self.writer.close()
        self.door.close()
        self.pointers.close()
        self.duck.close()

    def table(self, name: str = "", columns: str = "id BIGINT, name VARCHAR") -> TableName:
        """A new table; an unused name where none is given."""
        parsed = names.parse(name or f"t_{uuid.uuid4().hex[:10]}")
        schema = new_schema(columns_from(columns))
        self.catalog.create(parsed, self.catalog.stage_create(parsed, schema))
        return parsed

    def stage(self, name: TableName, query: str, parameters: Sequence[object] = ()) -> Path:
        """A Parquet file with the query's rows, stamped with the table's field ids."""
        path = self.staging / f"{uuid.uuid4()}.parquet"
        schema = self.catalog.head(name).metadata.schema()
        types = {c.name: c.type for c in columns_of(schema)}
        given = self.columns_in(query, parameters)
        typed = ", ".join(f"CAST({quoted(n)} AS {types[n]}) AS {quoted(n)}" for n in given)
        target = f"{quote_text(str(path))} (FORMAT parquet, FIELD_IDS {field_ids(schema.select(*given))})"
        self.duck.execute(f"COPY (SELECT {typed} FROM ({query})) TO {target}", parameters)
        return path

    def columns_in(self, query: str, parameters: Sequence[object] = ()) -> list[str]:
        return [column[0] for column in self.duck.execute(query, parameters).description]

    def batch(self, *paths: Path) -> Batch:
        return Batch(files=paths)

    def append(self, name: TableName, query: str, parameters: Sequence[object] = ()) -> Head:
        return self.writer.append(name, Batch(files=(self.stage(name, query, parameters),)))

    def upsert(
        self, name: TableName, query: str, parameters: Sequence[object] = (), *, key: Sequence[str] = ("id",)
    ) -> Written:
        given = self.columns_in(query, parameters)
        return self.writer.upsert(
            name, Batch(files=(self.stage(name, query, parameters),)), given=given, key=key
        )

    def rows(self, name: TableName, *, what: str = "*", at: int | None = None) -> list[Row]:
        """By DuckDB's own reader, in order."""
        head = self.catalog.head(name)
        version = f", snapshot_from_id = {at}" if at is not None else ""
        relation = f"iceberg_scan({quote_text(head.location)}{version})"
        return self.duck.execute(f"SELECT {what} FROM {relation} ORDER BY ALL").fetchall()

    def arrow(self, name: TableName, *, at: int | None = None) -> pa.Table:
        """By PyIceberg."""
        return StaticTable.from_metadata(self.catalog.head(name).location).scan(snapshot_id=at).to_arrow()

    def planned(self, name: TableName, snapshot: Snapshot | None = None) -> list[Row]:
        """By the plan that our own queries use: Parquet files read by field id."""
        head = self.catalog.head(name)
        return self.read(self.scans.plan(head, snapshot or head.metadata.current_snapshot()))

    def read(self, scan: Scan) -> list[Row]:
        assert scan.is_plain
        return self.duck.execute(f"SELECT * FROM {parquet(scan)} ORDER BY ALL").fetchall()

    def background(self) -> tuple[Background, list[Upkeep], list[LakehouseError]]:
        """Background upkeep that listens to commits, with what it did and where it failed."""
        did: list[Upkeep] = []
        failed: list[LakehouseError] = []
        hand = Background(self.upkeep, done=did.append, failed=lambda _name, error: failed.append(error))
        self.catalog.subscribe(hand.notice)
        return hand, did, failed


def columns_from(text: str) -> list[Column]:
    """Columns from what would stand in CREATE TABLE."""
    with duckdb.connect() as con:
        con.execute(f"CREATE TABLE t ({text})")
        return [Column(name=n, type=t) for n, t, *_ in con.execute("DESCRIBE t").fetchall()]


def parquet(scan: Scan) -> str:
    """The relation that reads a plain scan."""
    fields = ", ".join(
        f"{c.field_id}: {{name: {quote_text(c.name)}, type: {quote_text(c.type)}, default_value: NULL}}"
        for c in scan.columns
    )
    paths = ", ".join(map(quote_text, scan.paths))
    return f"read_parquet([{paths}], schema = MAP {{{fields}}})"
