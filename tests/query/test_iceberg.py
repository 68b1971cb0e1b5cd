"""Tables written by PyIceberg, read by snapshot in the jail."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.table import Table

from lakehouse.query.cache import HotCache, builder
from lakehouse.query.duck import DuckEngine, EngineParams
from lakehouse.query.relation import IcebergSnapshot
from lakehouse.query.session import Session
from tests.query.shelf import Shelf, newest


@pytest.fixture
def table(tmp_path: Path) -> Table:
    warehouse = tmp_path / "warehouse"
    warehouse.mkdir()
    catalog = SqlCatalog("lake", uri=f"sqlite:///{tmp_path}/catalog.sqlite", warehouse=str(warehouse))
    catalog.create_namespace("lake")
    schema = pa.schema([pa.field("id", pa.int64()), pa.field("name", pa.string())])
    made = catalog.create_table("lake.people", schema)
    made.append(pa.table({"id": [1, 2], "name": ["a", "b"]}, schema=schema))
    made.append(pa.table({"id": [3], "name": ["c"]}, schema=schema))
    catalog.engine.dispose()
    return made


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckEngine]:
    folders = (tmp_path / "warehouse", tmp_path / "hot")
    engine = DuckEngine(folders=folders, temp=tmp_path / "temp", params=EngineParams(workers=1))
    yield engine
    engine.close()


def test_snapshots_are_read_in_the_jail_and_the_worker_keeps_its_other_views(
    table: Table, engine: DuckEngine, tmp_path: Path
) -> None:
    shelf = Shelf()
    for snapshot in table.metadata.snapshots:
        shelf.put("people", IcebergSnapshot(table.metadata_location, snapshot.snapshot_id))
    session = Session(engine, shelf)
    assert session.sql("SELECT count(*) FROM system.tables").rows() == [(1,)]
    assert session.sql("SELECT count(*) FROM people").rows() == [(3,)]
    assert session.sql("SELECT count(*) FROM people", at=1).rows() == [(2,)]
    both = (
        "SELECT people.name FROM people ANTI JOIN people AS old AT (VERSION => 1) USING (id), system.tables"
    )
    assert session.sql(both).rows() == [("c",)]


def test_a_hot_copy_of_an_iceberg_table_holds_its_rows(
    table: Table, engine: DuckEngine, tmp_path: Path
) -> None:
    shelf = Shelf()
    shelf.put("people", IcebergSnapshot(table.metadata_location))
    build = builder(temp=tmp_path / "t", memory_bytes=256 << 20, threads=1)
    with HotCache(tmp_path / "hot", build=build, limit_bytes=64 << 20) as cache:
        cache.pin("lake.people", newest(shelf, "people"))
        hot = Session(engine, shelf, hot=cache).sql("SELECT sum(id) FROM people")
        assert hot.rows() == [(6,)]
        assert cache.stats().hits == 1
