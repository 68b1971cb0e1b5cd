"""Files become tables with a report each; what cannot be read is set aside, and the exit code says so."""

import json
from pathlib import Path

import pytest

from lakehouse.edge.cli import report
from lakehouse.edge.cli.ingest import code
from lakehouse.ingest.report import IngestReport, Status
from tests.edge.cli.conftest import Run


def of(status: Status, rows: int = 0) -> IngestReport:
    return IngestReport(source="x.csv", table="x", status=status, rows=rows)


def test_a_file_becomes_a_table_with_proof_and_badges(run: Run, people: Path) -> None:
    done = run("ingest", people)
    assert done.code == 0
    assert "created people" in done.out
    assert "100 read = 100 in the table + 0 rejected" in done.out
    assert "the name says email and 100% of 100 values are e-mail addresses" in " ".join(done.out.split())
    assert 'lakehouse sql "SELECT * FROM people LIMIT 5"' in done.err


def test_the_same_file_again_is_skipped(run: Run, people: Path) -> None:
    run("ingest", people)
    again = run("ingest", people)
    assert again.code == 0
    assert "skipped people" in again.out


def test_scripts_get_one_line_of_json_for_each_source(run: Run, people: Path, tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text("a\n1\n")
    done = run("ingest", people, tmp_path / "more.csv", "--json")
    reports = [json.loads(line) for line in done.out.splitlines()]
    assert [(r["table"], r["status"], r["rows"]) for r in reports] == [
        ("people", "created", 100),
        ("more", "created", 1),
    ]
    assert [c["name"] for c in reports[0]["columns"] if c["pii"]] == ["email"]
    assert done.err == ""


def test_one_bad_file_of_two_is_partly_done_and_alone_it_failed(
    run: Run, people: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty.csv").touch()
    partly, failed = run("ingest", people, tmp_path / "empty.csv"), run("ingest", tmp_path / "empty.csv")
    assert (partly.code, failed.code) == (3, 1)
    assert "2 files: 1 created, 1 quarantined" in partly.err
    assert "the file is empty" in partly.out


def test_quiet_says_nothing_and_still_tells_by_its_code(run: Run, people: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    done = run("ingest", people, tmp_path / "empty.csv", "--quiet")
    assert (done.out, done.err, done.code) == ("", "", 3)


def test_a_bad_row_is_rejected_and_where_to_look_is_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,2\n3\n5,6\n")
    done = run("ingest", tmp_path / "t.csv")
    assert "3 read = 2 in the table + 1 rejected" in done.out
    assert "system.rejected" in done.err
    rejected = run("sql", "SELECT line, raw FROM system.rejected", "--format", "csv")
    assert rejected.out.splitlines() == ['"line","raw"', '3,"3"']


def test_a_dry_run_shows_the_difference_and_writes_nothing(run: Run, people: Path, tmp_path: Path) -> None:
    run("ingest", people)
    (tmp_path / "new.csv").write_text("id,name,city\n1,Ann,Oslo\n")
    dry = run("ingest", tmp_path / "new.csv", "-t", "people", "--dry-run")
    assert "would append to people" in dry.out
    assert "+ city VARCHAR" in dry.out
    assert "nothing was written" in dry.err
    assert run("tables", "--json").out.count('"rows": 100') == 1


@pytest.mark.parametrize("words", [["people.csv", "--dry-run"], ["missing.csv"]])
def test_no_lake_is_made_for_nothing(run: Run, people: Path, tmp_path: Path, words: list[str]) -> None:
    run("ingest", tmp_path / words[0], *words[1:])
    assert not (tmp_path / "lake").exists()


def test_a_key_makes_it_an_upsert(run: Run, people: Path, tmp_path: Path) -> None:
    run("ingest", people, "--key", "id")
    (tmp_path / "new.csv").write_text(
        "id,name,email,zip\n1,Changed,a@example.com,01234\n500,New,b@example.com,1\n"
    )
    done = run(
        "ingest", tmp_path / "new.csv", "-t", "people", "--key", "id", "--types", "zip=VARCHAR", "--json"
    )
    assert (done.json["status"], done.json["rows"]) == ("upserted", 2)
    counted = run("sql", "SELECT count(*) n FROM people", "--format", "csv").out
    assert counted.split() == ['"n"', "101"]


def test_what_is_piped_in_becomes_a_table(run: Run) -> None:
    assert run("ingest", "-", "-t", "piped", stdin="a,b\n1,2\n").code == 0
    assert run("sql", "SELECT b FROM piped", "--format", "csv").out.split() == ['"b"', "2"]


@pytest.mark.parametrize(
    ("words", "exit_code", "said"),
    [
        (["missing.csv"], 1, "there is no file"),
        (["people.csv", "--types", "foo"], 2, "COLUMN=TYPE"),
        (["people.csv", "--types", "zip=WOBBLE"], 1, "is not a type"),
        (["people.csv", "--mode", "upsert"], 1, "--key"),
        (["people.csv", "--mode", "wild"], 2, "append"),
        (["people.csv", "--key", "nope"], 1, "no column"),
        (["hollow"], 1, "holds no files"),
        ([], 2, "SRC"),
    ],
)
def test_foolish_words_get_a_clear_answer(
    run: Run, people: Path, tmp_path: Path, words: list[str], exit_code: int, said: str
) -> None:
    (tmp_path / "hollow").mkdir()
    places = [str(tmp_path / word) if n == 0 else word for n, word in enumerate(words)]
    done = run("ingest", *places)
    assert done.code == exit_code
    assert said in " ".join(done.err.split())
    assert "Traceback" not in done.err


def test_exit_codes_follow_what_was_set_aside() -> None:
    assert code([of("created"), of("skipped")]) == 0
    assert code([of("created"), of("quarantined")]) == 3
    assert code([of("quarantined")]) == 1


def test_an_interruption_says_what_was_kept() -> None:
    said = report.interrupted([of("created", rows=5), of("quarantined")]).plain
    assert "kept: 1 file, 5 rows" in said
