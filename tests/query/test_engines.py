"""Both engines, by one suite."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lakehouse.query.duck import DuckEngine, EngineParams
from lakehouse.query.engine import Engine
from lakehouse.query.local import LocalEngine
from tests.query.shelf import parquet
from tests.suites.query_engine import QueryEngineSuite


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    parquet(folder, "t", "SELECT i AS id FROM range(1000) r(i)")
    return folder


class TestDuckEngine(QueryEngineSuite):
    @pytest.fixture
    def engine(self, data: Path, tmp_path: Path) -> Iterator[Engine]:
        engine = DuckEngine(folders=(data,), temp=tmp_path, params=EngineParams(workers=1))
        yield engine
        engine.close()


class TestLocalEngine(QueryEngineSuite):
    @pytest.fixture
    def engine(self, data: Path, tmp_path: Path) -> Engine:
        return LocalEngine(folders=(data,), temp=tmp_path)
