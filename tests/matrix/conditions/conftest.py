"""A lake with seven hundred candidates, read as a person's questions would find them."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pytest

from lakehouse.lake.facade import Lakehouse
from lakehouse.query.engine import Limits, Params, Version
from lakehouse.query.result import Result
from lakehouse.staffing.generate import roster
from tests.lake.conftest import open_with


@dataclass
class Asked:
    """A lake as a vocabulary asks it; counts what it is asked."""

    lake: Lakehouse
    count: int = 0

    def sql(
        self, text: str, params: Params = None, *, at: Version = None, limits: Limits | None = None
    ) -> Result:
        self.count += limits is not None
        return self.lake.sql(text, params, at=at)


@pytest.fixture(scope="package")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Asked, pa.Table]]:
    table = roster(700).read_all()
    with open_with(tmp_path_factory.mktemp("people") / "lake") as lake:
        lake.upsert("candidates", table, key="candidate_id")
        yield Asked(lake), table
