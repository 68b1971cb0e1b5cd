"""The ground of a run: data of the size asked for, the same each time, made when first wanted."""

from dataclasses import fields
from pathlib import Path

import duckdb
import pytest

from lakehouse.bench.ground import QUICK, ROW_BYTES, THREADS, TINY, Ground, Sizes
from lakehouse.staffing.schema import TABLES, counts

COLUMNS = {
    "id": "BIGINT",
    "name": "VARCHAR",
    "city": "VARCHAR",
    "zip": "VARCHAR",
    "amount": "DOUBLE",
    "day": "DATE",
    "at": "TIMESTAMP",
    "active": "BOOLEAN",
    "grade": "BIGINT",
    "note": "VARCHAR",
}


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return Ground(folder=tmp_path, sizes=TINY)


def one(sql: str) -> tuple[object, ...]:
    with duckdb.connect(config={"threads": 1}) as con:
        row = con.execute(sql).fetchone()
    assert row is not None
    return row


@pytest.mark.parametrize("field", fields(Sizes), ids=lambda f: f.name)
def test_sizes_go_from_tiny_to_quick_to_full(field: object) -> None:
    name = getattr(field, "name", "")
    assert 0 < getattr(TINY, name) < getattr(QUICK, name) < getattr(Sizes(), name)


def test_nothing_is_made_before_it_is_wanted(ground: Ground) -> None:
    assert list(ground.folder.iterdir()) == []


def test_a_fresh_folder_is_empty_and_its_name_is_taken_from_then_on(ground: Ground) -> None:
    folder = ground.fresh("cold")
    assert list(folder.iterdir()) == []
    with pytest.raises(FileExistsError):
        ground.fresh("cold")


def test_the_large_file_is_about_as_large_as_asked(ground: Ground) -> None:
    assert ground.large.stat().st_size == pytest.approx(TINY.csv_bytes, rel=0.05)


def test_a_row_has_about_the_bytes_that_are_written_down(ground: Ground) -> None:
    path = ground.csv("rows.csv", 20_000)
    assert path.stat().st_size / 20_000 == pytest.approx(ROW_BYTES, rel=0.05)


def test_the_table_that_is_asked_has_ten_columns_of_business_kinds(ground: Ground) -> None:
    with duckdb.connect(config={"threads": 1}) as con:
        con.execute(f"CREATE VIEW wide AS FROM read_csv('{ground.wide}')")
        found = dict(con.execute("SELECT column_name, column_type FROM (DESCRIBE wide)").fetchall())
    assert found == COLUMNS
    assert one(f"SELECT count(*), count(DISTINCT id), min(id) FROM '{ground.wide}'") == (
        TINY.rows,
        TINY.rows,
        0,
    )


def test_codes_have_leading_zeros_and_numbers_do_not_repeat_a_pattern(ground: Ground) -> None:
    with_zeros, active, cities = one(
        f"""SELECT avg((zip LIKE '0%')::INT), avg(active::INT), count(DISTINCT city)
        FROM read_csv('{ground.wide}')"""
    )
    assert with_zeros == pytest.approx(0.1, abs=0.02)
    assert active == pytest.approx(1 / 3, abs=0.02)
    assert cities == 500


def test_the_same_file_comes_out_twice(ground: Ground) -> None:
    assert ground.csv("a.csv", 500).read_bytes() == ground.csv("b.csv", 500).read_bytes()


def test_a_smaller_file_is_the_beginning_of_a_larger_one(ground: Ground) -> None:
    small, large = ground.csv("small.csv", 300).read_bytes(), ground.csv("large.csv", 600).read_bytes()
    assert large.startswith(small)


def test_the_company_is_made_once_and_has_all_its_tables(ground: Ground) -> None:
    paths = ground.staffing
    assert [path.stem for path in paths] == [table.name for table in TABLES]
    written = [path.stat().st_mtime_ns for path in paths]
    assert ground.staffing is paths
    assert [path.stat().st_mtime_ns for path in paths] == written
    rows = sum(len(path.read_bytes().splitlines()) - 1 for path in paths)
    assert rows == sum(counts(TINY.scale).values())


def test_the_peer_has_as_many_threads_as_we_have(ground: Ground) -> None:
    with ground.peer() as con:
        assert con.execute("SELECT current_setting('threads')").fetchone() == (THREADS,)
        assert con.execute("SELECT count(*) FROM duckdb_tables()").fetchone() == (0,)


def test_two_peers_do_not_see_each_other(ground: Ground) -> None:
    with ground.peer() as one_peer, ground.peer() as other:
        one_peer.execute("CREATE TABLE mine AS SELECT 1")
        assert other.execute("SELECT count(*) FROM duckdb_tables()").fetchone() == (0,)
