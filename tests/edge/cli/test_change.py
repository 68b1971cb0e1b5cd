"""Changes say what they did, can be taken back, and ask before they forget."""

import json
from pathlib import Path

import pytest

from tests.edge.cli.conftest import Run

COUNT = ("sql", "SELECT count(*) FROM people", "--format", "csv")


@pytest.fixture
def lake(run: Run, people: Path) -> Run:
    run("ingest", people)
    return run


def rows(run: Run) -> int:
    return int(run(*COUNT).out.split()[1])


def test_rows_are_deleted_and_brought_back_by_tag(lake: Run) -> None:
    lake("tag", "people", "before")
    assert "10 rows removed" in lake("delete", "people", "--where", "id <= 10").out
    assert rows(lake) == 90
    assert "100 rows" in lake("rollback", "people", "--to", "before").out
    assert rows(lake) == 100


def test_a_rollback_goes_to_a_snapshot_too(lake: Run) -> None:
    first = json.loads(lake("history", "people", "--json").out)[0]["snapshot_id"]
    lake("delete", "people", "--where", "true")
    done = lake("rollback", "people", "--to", str(first), "--json")
    assert (done.code, done.json["rows"]) == (0, 100)


@pytest.mark.parametrize(
    ("to", "said"), [("nonsense", "no moment"), ("12345", "no snapshot 12345"), ("1999-01-01", "no state")]
)
def test_a_rollback_to_nowhere_changes_nothing(lake: Run, to: str, said: str) -> None:
    done = lake("rollback", "people", "--to", to)
    assert (done.code, said in done.err, rows(lake)) == (1, True, 100)


@pytest.mark.parametrize(
    "where", ["1=1; DROP TABLE people", "id IN (SELECT id FROM people)", "nope = 1", "id ="]
)
def test_a_condition_that_is_more_than_one_is_refused(lake: Run, where: str) -> None:
    assert lake("delete", "people", "--where", where).code == 1
    assert rows(lake) == 100


def test_a_drop_nobody_was_asked_about_is_refused(lake: Run) -> None:
    refused = lake("drop", "people")
    assert (refused.code, "lakehouse drop people --yes" in refused.err) == (1, True)
    assert rows(lake) == 100


def test_a_drop_forgets_the_table(lake: Run) -> None:
    assert lake("drop", "people", "--yes", "--json").json == {"table": "people", "dropped": True, "rows": 100}
    assert lake("show", "people").code == 1


def test_small_files_are_folded(lake: Run, tmp_path: Path) -> None:
    done = lake("compact", "people", "--json").json
    assert (done["table"], done["rows"]) == ("people", 100)
    assert "people: 1 file → 1" in lake("compact", "people").out


def test_the_catalog_comes_back_from_the_files(lake: Run, tmp_path: Path) -> None:
    for part in (tmp_path / "lake").glob("catalog.sqlite*"):
        part.unlink()
    assert "1 restored" in lake("rebuild").out
    assert rows(lake) == 100


def test_damage_is_partly_done_and_named(lake: Run, tmp_path: Path) -> None:
    for part in (tmp_path / "lake").glob("catalog.sqlite*"):
        part.unlink()
    for metadata in (tmp_path / "lake").rglob("*.metadata.json"):
        metadata.write_text("{}")
    done = lake("rebuild")
    assert (done.code, "damaged: " in done.err) == (3, True)


def test_a_tag_that_could_be_a_snapshot_is_refused(lake: Run) -> None:
    assert lake("tag", "people", "12").code == 1


def test_a_table_made_after_the_catalog_was_lost_does_not_hide_the_old_one_for_good(
    lake: Run, tmp_path: Path
) -> None:
    for part in (tmp_path / "lake").glob("catalog.sqlite*"):
        part.unlink()
    assert "lakehouse rebuild" in lake("tables").err
    (tmp_path / "people.csv").write_text("id\n1\n")
    assert lake("ingest", tmp_path / "people.csv", "--table", "people").code == 0
    done = lake("rebuild")
    assert (done.code, "shadowed: " in done.err, rows(lake)) == (0, True, 1)
    lake("drop", "people", "--yes")
    assert "1 restored" in lake("rebuild").out
    assert rows(lake) == 100
