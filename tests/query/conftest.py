"""One engine for all tests of this folder that do not break it, over a small lake of plain Parquet files."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lakehouse.query.duck import DuckEngine, EngineParams
from lakehouse.query.session import Session
from tests.query.shelf import Shelf, parquet

PEOPLE = """
    SELECT i::BIGINT AS id, 'Person ' || i AS name, ['Oslo', 'Rome', 'Lima'][1 + i % 3] AS city,
           (i * 10.5)::DECIMAL(9, 2) AS salary, DATE '2020-01-01' + i::INT AS born
    FROM range(1, 101) r(i)
"""


@pytest.fixture(scope="session")
def lake_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lake")


@pytest.fixture(scope="session")
def shelf(lake_folder: Path) -> Shelf:
    shelf = Shelf()
    data = lake_folder / "warehouse"
    shelf.put("people", parquet(data, "people-1", PEOPLE + " LIMIT 50"))
    shelf.put("people", parquet(data, "people-2", PEOPLE))
    shelf.put("visits", parquet(data, "visits", "SELECT i % 100 AS person, i AS at FROM range(10000) r(i)"))
    shelf.put('od"d ; name', parquet(data, "odd", 'SELECT 1 AS "a ""b", 2 AS "ü"'))
    return shelf


@pytest.fixture(scope="session")
def engine(lake_folder: Path) -> Iterator[DuckEngine]:
    params = EngineParams(memory_bytes=256 << 20, wait_s=30)
    engine = DuckEngine(folders=(lake_folder / "warehouse",), temp=lake_folder / "temp", params=params)
    yield engine
    engine.close()


@pytest.fixture
def session(engine: DuckEngine, shelf: Shelf) -> Session:
    return Session(engine, shelf)
