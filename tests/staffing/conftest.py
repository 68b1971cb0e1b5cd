"""One company at scale 1 for all tests of this folder, in memory: a second and a half for each worker."""

from collections.abc import Iterator, Mapping

import duckdb
import pyarrow as pa
import pytest

from lakehouse.staffing import generate


@pytest.fixture(scope="session")
def company() -> Mapping[str, pa.Table]:
    return {name: reader.read_all() for name, reader in generate.tables(scale=1, seed=1)}


@pytest.fixture(scope="session")
def hidden() -> pa.Table:
    return generate.hidden(scale=1, seed=1)


@pytest.fixture(scope="session")
def lake(company: Mapping[str, pa.Table], hidden: pa.Table) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as con:
        for name, table in {**company, "hidden": hidden}.items():
            con.register(f"{name}_arrow", table)
            con.execute(f"CREATE TABLE {name} AS FROM {name}_arrow")
        yield con
