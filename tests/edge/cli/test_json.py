"""With --json stdout is for programs: the documents whose members the reference names, and nothing else."""

import json
from pathlib import Path

import pytest

from tests.edge.cli.conftest import Run

FIGURES = ("namespace", "table", "rows", "bytes", "files", "columns", "snapshot_id", "updated_at")
CARD = ("description", "owner", "sensitivity", "freshness", "tags", "lineage", "key")
DATASET = {*FIGURES, *CARD, "history"}
VERSION = ("snapshot_id", "at", "operation", "rows", "added", "removed", "tags", "is_current", "note")
REPORT = {
    *("source", "table", "status", "rows", "rejected", "rows_read", "snapshot_id", "columns", "reason"),
    *("gave_way", "hint", "changes", "counted_by", "sha256", "elapsed_ms", "proof"),
}
UPKEEP = {"table", "reason", "files_before", "files_after", "rows", "expired", "removed"}
ANSWER = ["columns", "rows", "row_count", "truncated", "elapsed_ms", "query_id", "snapshots"]
PROBLEM = {"type", "title", "status", "detail", "kind", "hint", "error_id", "retry"}


COMMANDS = (
    (["init"], {"root", "created", "tables"}),
    (["show", "people"], DATASET),
    (["describe", "people", "--owner", "Ann"], DATASET),
    (["tag", "people", "v1"], {"table", "tag"}),
    (["delete", "people", "--where", "id = 1"], {"table", "rows", "snapshot_id"}),
    (["compact", "people"], UPKEEP),
    (["rebuild"], {"restored", "kept", "dropped", "damaged"}),
    (["sql", "SELECT 1 AS a"], set(ANSWER)),
    (["drop", "people", "--yes"], {"table", "dropped", "rows"}),
)


@pytest.fixture
def lake(run: Run, people: Path) -> Run:
    run("ingest", people)
    return run


def test_a_command_answers_with_one_document_and_is_silent_beside_it(lake: Run) -> None:
    for words, members in COMMANDS:
        done = lake(*words, "--json")
        assert (done.code, done.err, members - set(done.json)) == (0, "", set()), words
        assert done.out.count("\n") == (1 if words[0] != "sql" else 3)


def test_a_rollback_answers_with_the_version_it_made(lake: Run) -> None:
    (first,) = json.loads(lake("history", "people", "--json").out)
    lake("delete", "people", "--where", "id <= 10")
    done = lake("rollback", "people", "--to", str(first["snapshot_id"]), "--json").json
    newest = json.loads(lake("history", "people", "--json").out)[0]
    assert done == {"table": "people", "rows": 100, "snapshot_id": newest["snapshot_id"]}


def test_tables_and_versions_are_lists(read: Run) -> None:
    (table,) = json.loads(read("tables", "--json").out)
    (version,) = json.loads(read("history", "people", "--json").out)
    assert (tuple(table), tuple(version)) == (FIGURES, VERSION)
    assert version["is_current"] is True
    assert version["snapshot_id"] == table["snapshot_id"]


def test_an_empty_lake_is_an_empty_list_and_no_error(run: Run) -> None:
    run("init")
    done = run("tables", "--json")
    assert (done.code, done.out, done.err) == (0, "[]\n", "")


def test_each_source_is_a_line_of_its_own(run: Run, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text("id,city\n1,Oslo\n2,Rome,surplus\n")
    done = run("ingest", tmp_path / "a.csv", tmp_path / "b.csv", "--json", "--quiet")
    reports = [json.loads(line) for line in done.out.splitlines()]
    assert [set(report) for report in reports] == [REPORT, REPORT]
    for report in reports:
        assert report["rows_read"] == report["rows"] + report["rejected"] == 2
        assert {"name", "type"} <= set(report["columns"][0])
    assert done.err == ""


def test_each_finding_of_the_doctor_is_a_line_of_its_own(read: Run) -> None:
    findings = [json.loads(line) for line in read("doctor", "--json").out.splitlines()]
    assert {tuple(finding) for finding in findings} == {("name", "status", "detail", "hint")}


def test_the_answer_to_a_query_names_what_it_read(read: Run) -> None:
    query = "SELECT id, zip, DATE '2026-11-01' AS d, INTERVAL '1 day' AS i, [NULL] AS l FROM people LIMIT 1"
    answer = read("sql", query, "--json").json
    assert list(answer) == ANSWER
    names, types = ["id", "zip", "d", "i", "l"], ["BIGINT", "VARCHAR", "DATE", "INTERVAL", "INTEGER[]"]
    assert answer["columns"] == [{"name": n, "type": t} for n, t in zip(names, types, strict=True)]
    assert answer["rows"] == [{"id": 1, "zip": "00001", "d": "2026-11-01", "i": "1 day", "l": [None]}]
    assert list(answer["snapshots"]) == ["lake.people"]  # type: ignore[call-overload]
    assert (answer["row_count"], answer["truncated"]) == (1, False)


@pytest.mark.parametrize(
    ("words", "kind", "status"),
    [
        (["show", "nobody"], "NotFound", 404),
        (["sql", "SELEC"], "Invalid", 400),
        (["sql", "DROP TABLE people"], "Refused", 403),
        (["drop", "people"], "Refused", 403),
        (["tag", "people", "12"], "Invalid", 400),
        (["rollback", "people", "--to", "12345"], "NotFound", 404),
        (["compact", "nobody"], "NotFound", 404),
    ],
)
def test_an_error_is_a_problem_document_on_stderr_and_stdout_stays_empty(
    read: Run, words: list[str], kind: str, status: int
) -> None:
    done = read(*words, "--json")
    problem = json.loads(done.err)
    assert (done.code, done.out) == (1, "")
    assert set(problem) == PROBLEM
    assert (problem["kind"], problem["status"], bool(problem["hint"])) == (kind, status, True)


def test_wrong_usage_is_plain_text_even_then(read: Run) -> None:
    done = read("sql", "SELECT 1", "--limit", "none", "--json")
    assert (done.code, done.out) == (2, "")
    assert "--limit" in done.err


def test_nothing_but_ascii_is_needed_to_be_exact(run: Run, tmp_path: Path) -> None:
    (tmp_path / "städte.csv").write_text("name\nZürich 🏔\n")
    run("ingest", tmp_path / "städte.csv", "--table", "orte")
    assert run("sql", "SELECT name FROM orte", "--json").json["rows"] == [{"name": "Zürich 🏔"}]
