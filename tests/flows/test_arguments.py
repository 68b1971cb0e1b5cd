"""Arguments of the wrong type: said in words with a way out, never as a bare TypeError."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lakehouse
from lakehouse.base import errors
from lakehouse.base.errors import Invalid
from lakehouse.lake.facade import Lakehouse

ROWS = [{"id": 1}]
WRONG: dict[str, Callable[[Any, str], object]] = {
    "sql without text": lambda lake, _: lake.sql(None),
    "sql as bytes": lambda lake, _: lake.sql(b"SELECT 1"),
    "a limit of text": lambda lake, _: lake.sql("SELECT 1", limit="5"),
    "a limit of a truth": lambda lake, _: lake.sql("SELECT 1", limit=True),
    "a number as a source": lambda lake, _: lake.ingest(5),
    "no source": lambda lake, _: lake.ingest(None),
    "a number as a mode": lambda lake, _: lake.ingest("a.csv", mode=5),
    "a number as an ingest's table": lambda lake, _: lake.ingest("a.csv", table=5),
    "types that are no mapping": lambda lake, _: lake.ingest("a.csv", types="a=BIGINT"),
    "a type that is no text": lambda lake, _: lake.ingest("a.csv", types={"a": int}),
    "a key of numbers": lambda lake, t: lake.upsert(t, ROWS, key=[1]),
    "a number as a key": lambda lake, t: lake.upsert(t, ROWS, key=5),
    "no rows": lambda lake, t: lake.upsert(t, None, key="id"),
    "a number as rows": lambda lake, t: lake.upsert(t, 5, key="id"),
    "no table": lambda lake, _: lake.upsert(None, ROWS, key="id"),
    "a number as a condition": lambda lake, t: lake.delete(t, where=3),
    "a table that is a number": lambda lake, _: lake.show(3),
    "the history of nothing": lambda lake, _: lake.history(None),
    "a drop of nothing": lambda lake, _: lake.drop(None),
    "another name that is none": lambda lake, t: lake.rename(t, None),
    "a tag that is a number": lambda lake, t: lake.tag(t, 3),
    "a moment that is a list": lambda lake, t: lake.show(t, at=[1]),
    "a rollback to a fraction": lambda lake, t: lake.rollback(t, to=1.5),
    "a query of a fraction": lambda lake, t: lake.sql(f"SELECT * FROM {t}", at=1.5),
}


@pytest.mark.parametrize("call", WRONG.values(), ids=WRONG)
def test_an_argument_of_the_wrong_type_is_said_in_words(
    lake: Any, table: str, call: Callable[[Any, str], object]
) -> None:
    lake.upsert(table, ROWS, key="id")
    with pytest.raises(Invalid) as refused:
        call(lake, table)
    assert refused.value.hint
    assert lake.sql(f"SELECT * FROM {table}").rows() == [(1,)]


@pytest.mark.parametrize(
    "name", ["LakehouseError", "Invalid", "NotFound", "Conflict", "Refused", "Unavailable", "Corrupt"]
)
def test_the_errors_are_the_packages_own(name: str) -> None:
    assert getattr(lakehouse, name) is getattr(errors, name)


def test_errors_cost_the_package_no_import_beyond_their_own_module() -> None:
    listing = "import sys, lakehouse; print(*(m for m in sys.modules if m.startswith('lakehouse')))"
    loaded = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True)
    assert set(loaded.stdout.split()) == {"lakehouse", "lakehouse.base", "lakehouse.base.errors"}


@pytest.mark.parametrize(
    ("asked", "stored"),
    [
        ("INTERVAL", "VARCHAR"),
        ("JSON", "VARCHAR"),
        ("TIME WITH TIME ZONE", "VARCHAR"),
        ("SMALLINT", "INTEGER"),
        ("HUGEINT", "DECIMAL(38,0)"),
        ("TIMESTAMP_NS", "TIMESTAMP"),
    ],
)
def test_the_report_names_the_type_that_stands_in_for_one_that_no_table_holds(
    lake: Lakehouse, tmp_path: Path, asked: str, stored: str
) -> None:
    (tmp_path / "a.csv").write_text("v\n1\n")
    report = lake.ingest(tmp_path / "a.csv", table="stand_in", types={"v": asked}, dry_run=True)
    assert [c.type for c in report.columns] == [stored]
