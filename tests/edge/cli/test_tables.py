"""What there is, and what is known about it."""

import json
from pathlib import Path

from tests.edge.cli.conftest import Run


def test_tables_are_listed_with_their_figures(read: Run) -> None:
    shown = read("tables")
    assert shown.out.splitlines()[1].split()[:3] == ["people", "100", "4"]
    assert "1 table, 100 rows" in shown.err


def test_tables_are_json_for_scripts(read: Run) -> None:
    (info,) = json.loads(read("tables", "--json").out)
    assert (info["table"], info["rows"], info["columns"]) == ("people", 100, 4)


def test_an_empty_lake_says_how_to_begin(run: Run) -> None:
    run("init")
    assert "lakehouse ingest FILE" in run("tables").err


def test_a_table_shows_card_columns_and_versions(read: Run) -> None:
    shown = read("show", "people").out
    assert "100 in 1 file" in shown
    assert "confidential" in shown
    assert ["email", "VARCHAR", "email"] in [line.split() for line in shown.splitlines()]
    assert "people.csv" in shown


def test_a_table_is_json_for_scripts(read: Run) -> None:
    found = read("show", "people", "--json").json
    assert (found["rows"], found["sensitivity"]) == (100, "confidential")
    assert [c["name"] for c in found["columns"]] == ["id", "name", "email", "zip"]  # type: ignore[attr-defined, index]
    assert len(found["history"]) == 1  # type: ignore[arg-type]


def test_a_card_is_written_and_shown(run: Run, people: Path) -> None:
    run("ingest", people)
    shown = run("describe", "people", "-d", "Who works here", "--owner", "Ann", "--tags", "hr,core").out
    assert shown.startswith("people  Who works here\n")
    assert "core, hr" in shown
    card = run("show", "people", "--json").json
    assert (card["owner"], card["tags"]) == ("Ann", ["core", "hr"])


def test_columns_are_described_too(run: Run, people: Path) -> None:
    run("ingest", people)
    words = ["describe", "people", "--column", "ZIP=As text = with zeros", "--column", "id=Number"]
    columns = run(*words, "--json").json["columns"]
    assert [c.get("doc", "") for c in columns] == ["Number", "", "", "As text = with zeros"]  # type: ignore[attr-defined]
    assert run("describe", "people", "--column", "nope=x").code == 1
    assert run("describe", "people", "--column", "nope").code == 2


def test_history_marks_what_is_read_now_and_keeps_snapshot_ids_whole(run: Run, people: Path) -> None:
    run("ingest", people)
    run("tag", "people", "first")
    run("delete", "people", "--where", "id = 1")
    versions = json.loads(run("history", "people", "--json").out)
    newest, oldest = run("history", "people", width=80).out.splitlines()[1:]
    assert newest.split()[:2] == ["●", str(versions[0]["snapshot_id"])]
    assert oldest.split()[0] == str(versions[1]["snapshot_id"])
    assert "first people.csv" in run("history", "people", width=140).out


def test_many_versions_are_shortened_with_a_word_where_the_rest_is(run: Run, people: Path) -> None:
    run("ingest", people)
    for n in range(1, 7):
        run("delete", "people", "--where", f"id = {n}")
    assert "2 more: lakehouse history people" in run("show", "people").err


def test_an_unknown_table_suggests_the_nearest(read: Run) -> None:
    for command in ("show", "history"):
        done = read(command, "poeple")
        assert (done.code, "did you mean people?" in done.err) == (1, True)


def test_describing_nothing_is_wrong_usage(read: Run) -> None:
    assert read("describe", "people").code == 2


def test_an_unknown_sensitivity_is_refused(run: Run, people: Path) -> None:
    run("ingest", people)
    assert "public, internal" in run("describe", "people", "--sensitivity", "wild").err
