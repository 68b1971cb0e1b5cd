"""The sample in a real lake: taken in once, described, asked like anybody's tables, and never over them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from lakehouse.assembly import open_lake
from lakehouse.base.errors import Conflict, Invalid
from lakehouse.lake.facade import IngestReport, Lakehouse
from lakehouse.staffing import generate, sample
from lakehouse.staffing.queries import QUERIES, Query
from lakehouse.staffing.schema import BY_NAME, TABLES, Table, counts

SCALE = 0.01
SQL_TYPES = {
    "long": "BIGINT",
    "double": "DOUBLE",
    "string": "VARCHAR",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A lake with the sample, and what was said while it was taken in."""

    lake: Lakehouse
    reports: tuple[IngestReport, ...]
    scratch: tuple[Path, ...]
    """What was left of the folders in between."""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    root = tmp_path_factory.mktemp("sample") / "lake"
    with open_lake(root) as lake:
        reports = tuple(sample.load(lake, scale=SCALE))
        left = tuple(path for path in root.rglob("*.csv") if path.is_file())
        yield Loaded(lake=lake, reports=reports, scratch=left)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same rows without a lake."""
    with duckdb.connect(config={"threads": 1}) as con:
        for path in generate.write(tmp_path_factory.mktemp("files"), scale=SCALE, format="parquet"):
            con.execute(f"CREATE TABLE {path.stem} AS FROM '{path}'")
        yield con


def test_every_table_is_taken_in_whole(loaded: Loaded) -> None:
    assert {report.table: report.rows for report in loaded.reports} == dict(counts(SCALE))
    assert {report.status for report in loaded.reports} == {"created"}
    assert sum(report.rejected for report in loaded.reports) == 0
    assert sample.is_loaded(loaded.lake)


def test_the_files_in_between_are_gone(loaded: Loaded) -> None:
    assert loaded.scratch == ()


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_columns_have_the_types_meanings_and_marks_of_the_schema(loaded: Loaded, table: Table) -> None:
    found = loaded.lake.show(table.name)
    assert [(c.name, c.type) for c in found.columns] == [(c.name, SQL_TYPES[c.type]) for c in table.columns]
    cards = {
        c.name: (card.doc, card.pii) for c in found.columns for card in [found.card.columns[str(c.field_id)]]
    }
    assert cards == {c.name: (c.doc, c.pii) for c in table.columns}


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_a_table_says_what_it_is_and_that_it_is_a_sample(loaded: Loaded, table: Table) -> None:
    card = loaded.lake.show(table.name).card
    assert card.description == table.doc
    assert sample.TAG in card.tags


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_a_lake_holds_the_rows_as_they_were_made(
    loaded: Loaded, files: duckdb.DuckDBPyConnection, table: Table
) -> None:
    sql = f"SELECT * FROM {table.name} ORDER BY {table.key}"
    assert loaded.lake.sql(sql).to_arrow().to_pylist() == files.execute(sql).to_arrow_table().to_pylist()


@pytest.mark.parametrize("query", QUERIES, ids=lambda q: q.name)
def test_a_named_query_answers_as_over_plain_files(
    loaded: Loaded, files: duckdb.DuckDBPyConnection, query: Query
) -> None:
    answer = loaded.lake.sql(query.sql, query.defaults)
    expected = files.execute(query.sql, query.defaults)
    assert [column.name for column in answer.columns] == [column[0] for column in expected.description]
    assert [tuple(row) for row in answer.rows()] == expected.fetchall()


def test_a_second_load_does_nothing(loaded: Loaded) -> None:
    before = loaded.lake.history("candidates")
    assert list(sample.load(loaded.lake, scale=SCALE)) == []
    assert loaded.lake.history("candidates") == before


def test_a_changed_table_is_still_the_samples(loaded: Loaded) -> None:
    before = loaded.lake.history("clients")[0].snapshot_id
    loaded.lake.delete("clients", where="client_id = 1")
    assert sample.is_loaded(loaded.lake)
    loaded.lake.rollback("clients", to=before)


def test_what_is_missing_is_taken_in_again_and_the_rest_is_left(loaded: Loaded) -> None:
    loaded.lake.drop("calls")
    assert not sample.is_loaded(loaded.lake)
    status = {report.table: report.status for report in sample.load(loaded.lake, scale=SCALE)}
    assert status.pop("calls") == "created"
    assert set(status.values()) == {"skipped"}
    assert loaded.lake.sql("SELECT count(*) FROM calls").rows()[0][0] == counts(SCALE)["calls"]


def test_a_table_of_somebodys_own_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    (tmp_path / "emails.csv").write_text("sender,subject\nada,hello\n")
    with open_lake(tmp_path / "lake") as lake:
        lake.ingest(tmp_path / "emails.csv")
        with pytest.raises(Conflict, match="emails") as caught:
            list(sample.load(lake, scale=SCALE))
        assert "--root" in caught.value.hint
        assert not sample.is_loaded(lake)
        assert [info.table for info in lake.tables()] == ["emails"]
        assert lake.sql("SELECT * FROM emails").rows()[0] == ("ada", "hello")


def test_a_scale_too_small_leaves_an_empty_lake(tmp_path: Path) -> None:
    with open_lake(tmp_path / "lake") as lake:
        with pytest.raises(Invalid):
            list(sample.load(lake, scale=0.001))
        assert list(lake.tables()) == []


def test_columns_that_look_whole_in_csv_are_named_with_their_type() -> None:
    for name, types in sample.WHOLE.items():
        table = next(t for t in TABLES if t.name == name)
        assert {table.column(column).type for column in types} == {"double"}
    assert BY_NAME["timesheets"].column("hours").type == "double"
