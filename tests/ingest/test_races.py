"""Several ingests into one table at the same moment: each row is there once, under its own column."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

import lakehouse
from lakehouse.lake.facade import IngestReport, Lakehouse

SIDES = 3


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lakehouse]:
    folder = tmp_path / "lake"
    folder.mkdir()
    (folder / "lakehouse.toml").write_text('[durability]\nmode = "process"\n')
    with lakehouse.open(folder) as lake:
        yield lake


def file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def at_once(act: Callable[[int], IngestReport]) -> list[IngestReport]:
    ready = Barrier(SIDES)

    def one(side: int) -> IngestReport:
        ready.wait()
        return act(side)

    with ThreadPoolExecutor(SIDES) as pool:
        return list(pool.map(one, range(SIDES)))


def test_the_same_file_from_many_sides_is_taken_once(lake: Lakehouse, tmp_path: Path) -> None:
    lake.ingest(file(tmp_path, "first.csv", "id,name\n1,a\n"), table="t")
    again = file(tmp_path, "again.csv", "id,name\n2,b\n3,c\n")
    reports = at_once(lambda _: lake.ingest(again, table="t"))
    assert sorted(r.status for r in reports) == ["appended", "skipped", "skipped"]
    assert lake.sql("SELECT * FROM t ORDER BY id").rows() == [(1, "a"), (2, "b"), (3, "c")]


def test_a_table_that_many_sides_create_holds_the_rows_of_all(lake: Lakehouse, tmp_path: Path) -> None:
    sides = [file(tmp_path, f"{n}.csv", f"id,name\n{n},x{n}\n") for n in range(SIDES)]
    reports = at_once(lambda n: lake.ingest(sides[n], table="t"))
    assert sorted(r.status for r in reports) == ["appended", "appended", "created"]
    assert lake.sql("SELECT * FROM t ORDER BY id").rows() == [(n, f"x{n}") for n in range(SIDES)]


def test_columns_that_come_from_many_sides_keep_their_own_values(lake: Lakehouse, tmp_path: Path) -> None:
    lake.ingest(file(tmp_path, "first.csv", "id,name\n9,z\n"), table="t")
    sides = [file(tmp_path, f"{n}.csv", f"id,name,c{n}\n{n},a,mine{n}\n") for n in range(SIDES)]
    at_once(lambda n: lake.ingest(sides[n], table="t"))
    found = lake.sql("SELECT id, c0, c1, c2 FROM t ORDER BY id").rows()
    assert found == [
        (0, "mine0", None, None),
        (1, None, "mine1", None),
        (2, None, None, "mine2"),
        (9, None, None, None),
    ]


def test_rejects_of_a_race_are_told_once_for_the_ingest_that_won(lake: Lakehouse, tmp_path: Path) -> None:
    lake.ingest(file(tmp_path, "first.csv", "id,name\n9,z\n"), table="t")
    sides = [file(tmp_path, f"{n}.csv", f"id,name,c{n}\n{n},a,m\nx\n") for n in range(SIDES)]
    at_once(lambda n: lake.ingest(sides[n], table="t", types={"id": "BIGINT"}))
    told = lake.sql(
        "SELECT count(*) FROM system.rejected r JOIN system.ingests i USING (ingest_id) WHERE r.line = 3"
    )
    assert told.rows() == [(SIDES,)]


def test_rejects_of_a_race_to_create_belong_to_the_ingest_that_won(lake: Lakehouse, tmp_path: Path) -> None:
    sides = [file(tmp_path, f"{n}.csv", f"id,name\n{n},a\nx\n") for n in range(SIDES)]
    at_once(lambda n: lake.ingest(sides[n], table="t"))
    told = lake.sql(
        "SELECT count(*) FROM system.ingests WHERE ingest_id IN "
        "(SELECT max(ingest_id) FROM system.rejected GROUP BY source)"  # of each file, the last attempt's
    )
    assert told.rows() == [(SIDES,)]
