"""Indexes from the command line: built, looked at, measured, promoted, dropped; with all their fields."""

import json
from dataclasses import fields
from pathlib import Path

import pytest

from lakehouse.lake.facade import IndexInfo, Refreshed, Trial
from tests.edge.cli.conftest import Outcome, Run, run_in


def names(kind: type) -> set[str]:
    return {field.name for field in fields(kind)}  # type: ignore[arg-type] # a dataclass


def info(done: Outcome) -> dict[str, object]:
    assert done.code == 0, done.err
    return done.json


def test_without_a_model_an_index_is_made_and_the_way_to_one_is_said(at: Run) -> None:
    done = at("index", "build", "resumes", "-t", "workers", "--text", "resume")
    assert done.code == 0
    assert "✓ resumes  5 rows of workers by words" in done.out
    assert "search works by words only" in done.err
    assert "[embedding] provider" in done.err
    assert "then lakehouse index refresh resumes" in done.err


def test_what_is_built_is_told_to_scripts_with_every_field(at: Run) -> None:
    done = at("index", "build", "resumes", "-t", "workers", "--text", "city,resume", "--json")
    told = info(done)
    assert set(told) == names(IndexInfo)
    assert (told["name"], told["table"], told["id"], told["text"]) == (
        "resumes", "workers", "id", ["city", "resume"],
    )  # fmt: skip
    assert (told["rows"], told["embedded"], told["waiting"], told["generation"]) == (5, 0, 5, None)
    assert done.err == ""


def test_a_template_keeps_its_commas(at: Run) -> None:
    told = info(at("index", "build", "r", "-t", "workers", "--text", "{role}, {city}: {resume}", "--json"))
    assert told["text"] == ["{role}, {city}: {resume}"]


def test_settings_of_an_index_are_taken_from_the_options(at: Run) -> None:
    words = ("--config", '{"m": 32}', "--chunk-tokens", "64", "--refresh", "manual", "--min-recall", "0.5")
    told = info(at("index", "build", "r", "-t", "workers", "--text", "resume", *words, "--json"))
    assert told["config"]["m"] == 32  # type: ignore[index] # a dict
    assert told["refresh"] == "manual"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--text", "resume", "--config", "{m: 3}"), 2, "is not JSON"),
        (("--text", "resume", "--config", "[1]"), 2, "is not a JSON object"),
        (("--text", "resume", "--config", '{"m": 1}'), 1, "m is a whole number from 4 to 64"),
        (("--text", "resume", "--refresh", "never"), 2, "never"),
        (("--text", "resumee"), 1, "resume"),
        ((), 1, "name text columns"),
        (("--text", "resume", "--model", "gpt"), 1, "is not the one that is set up"),
    ],
)
def test_an_index_that_cannot_be_is_refused_and_none_is_made(
    on: Run, words: tuple[str, ...], code: int, said: str
) -> None:
    done = on("index", "build", "wrong", "--table", "workers", *words)
    assert (done.code, said in done.err) == (code, True)
    assert "wrong" not in on("index", "ls", "--json").out


def test_the_same_again_brings_the_index_up_to_its_table(root: Path, at: Run, tmp_path: Path) -> None:
    words = ("index", "build", "resumes", "-t", "workers", "--text", "resume", "--json")
    assert info(at(*words))["rows"] == 5
    (tmp_path / "more.csv").write_text("id,city,role,resume\n9,Kiel,Crane Operator,Cranes in the harbour.\n")
    assert at("ingest", tmp_path / "more.csv", "-t", "workers", "--key", "id").code == 0
    assert info(at(*words))["rows"] == 6
    assert run_in(root, "search", "harbour", "--json").json["hits"][0]["id"] == "9"  # type: ignore[index]


def test_the_indexes_are_listed_with_what_waits_and_how_good_they_are(on: Run) -> None:
    listed = json.loads(on("index", "ls", "--json").out)
    assert [(i["name"], i["rows"], i["waiting"]) for i in listed] == [("points", 60, 0), ("resumes", 5, 5)]
    shown = on("index", "ls", width=120).out
    assert shown.splitlines()[0].split() == [
        "index", "table", "rows", "waiting", "recall", "age",
        "by", "meaning", "unusable", "gen", "worst", "size",
    ]  # fmt: skip
    assert "points" in shown
    assert "1.000" in shown
    narrow = on("index", "ls", width=60).out.splitlines()[0].split()
    assert narrow[:6] == ["index", "table", "rows", "waiting", "recall", "age"]


def test_a_lake_without_indexes_says_how_to_make_one(at: Run) -> None:
    done = at("index", "ls")
    assert (done.code, done.out, "lakehouse index build" in done.err) == (0, "", True)


def test_an_index_is_shown_with_recall_debt_and_generations(on: Run) -> None:
    shown = on("index", "show", "points", width=160).out
    for part in (
        "points by id",
        "ready vectors, 8 dimensions",
        "recall@10 1.000, worst query",
        "ef_search=64",
    ):
        assert part in shown
    assert "●" in shown
    assert "rows wait for their meaning" in on("index", "show", "resumes").out
    assert set(on("index", "show", "points", "--json").json) == names(IndexInfo)


def test_a_refresh_says_what_it_did_and_the_second_does_nothing(at: Run, tmp_path: Path) -> None:
    assert at("index", "build", "points", "-t", "points", "--vector", "v").code == 0
    assert at("delete", "points", "--where", "id <= 3").code == 0
    done = info(at("index", "refresh", "points", "--json"))
    assert set(done) == {"name"} | names(Refreshed)
    assert (done["removed"], done["rows"]) == (3, 57)
    assert "nothing to do" in at("index", "refresh", "points").out


def test_a_refresh_without_a_model_fails_and_says_what_to_do(at: Run) -> None:
    assert at("index", "build", "resumes", "-t", "workers", "--text", "resume").code == 0
    done = at("index", "refresh", "resumes")
    assert (done.code, "fix  make setup" in done.err) == (1, True)


def test_a_dropped_index_is_gone_and_its_table_stays(at: Run) -> None:
    assert at("index", "build", "resumes", "-t", "workers", "--text", "resume").code == 0
    unasked = at("index", "drop", "resumes")
    assert (unasked.code, "fix  lakehouse index drop resumes --yes" in unasked.err) == (1, True)
    assert at("index", "drop", "resumes", "--yes", "--json").json == {
        "name": "resumes", "dropped": True, "vectors": 0,
    }  # fmt: skip
    assert at("search", "forklift").code == 1
    assert at("show", "workers").code == 0


def test_generations_are_promoted_and_rolled_back(at: Run) -> None:
    assert at("index", "build", "points", "-t", "points", "--vector", "v").code == 0
    back = at("index", "rollback", "points")
    assert (back.code, "searches look at every passage" in back.out) == (0, True)
    again = at("index", "promote", "points", "1", "--note", "better", "--json")
    pointer = again.json
    assert (pointer["name"], pointer["current"]["generation"]) == ("points", 1)  # type: ignore[index]
    assert pointer["current"]["note"] == "better"  # type: ignore[index]
    assert at("index", "promote", "points", "7").code == 1
    assert "generation 1 serves, recall@10 1.000" in at("index", "promote", "points", "1").out


def test_a_generation_below_the_floor_needs_the_override_that_is_named(at: Run) -> None:
    words = ("--vector", "v", "--min-recall", "1.0")
    assert at("index", "build", "points", "-t", "points", *words, "--config", '{"ef_search": 64}').code == 0
    # Whatever its recall: a promotion that is not needed is not overridden.
    done = at("index", "promote", "points", "1", "--override", "--json").json
    assert done["current"]["overridden"] is (done["current"]["recall"] < 1)  # type: ignore[index]


def test_a_trial_is_measured_listed_and_the_best_is_found(at: Run) -> None:
    assert at("index", "build", "points", "-t", "points", "--vector", "v").code == 0
    assert "no trials yet" in at("index", "trials", "points").err
    missing = at("index", "best", "points")
    assert (missing.code, "fix  lakehouse index trial points" in missing.err) == (1, True)
    one = info(at("index", "trial", "points", "--config", '{"ef_search": 128}', "--queries", "20", "--json"))
    assert set(one) == names(Trial)
    assert one["config"]["ef_search"] == 128  # type: ignore[index]
    shown = at("index", "trial", "points", "--queries", "20", width=200)
    assert "ef_search=64" in shown.out
    assert len(json.loads(at("index", "trials", "points", "--json").out)) == 2
    assert len(at("index", "trials", "points", width=200).out.splitlines()) == 3
    for metric in ("recall", "latency", "pareto"):
        (best, *_) = json.loads(at("index", "best", "points", "--metric", metric, "--json").out)
        assert best["recall"] >= 0.95
    assert at("sql", "SELECT count(*) AS n FROM system.trials", "--format", "csv").out == '"n"\n2\n'


def test_tuning_promotes_the_best_of_its_trials(at: Run) -> None:
    assert at("index", "build", "points", "-t", "points", "--vector", "v").code == 0
    done = info(at("index", "tune", "points", "--budget", "2", "--json"))
    assert len(done["trials"]) == 2  # type: ignore[arg-type]
    assert done["promoted"]["generation"] == 2  # type: ignore[index]
    assert "generation 3 serves" in at("index", "tune", "points", "--budget", "1", width=160).out


@pytest.mark.parametrize(
    "words",
    ["show", "refresh", "drop --yes", "promote 1", "rollback", "trial", "trials", "best", "tune"],
)
def test_an_unknown_index_is_said_with_those_that_are_there(on: Run, words: str) -> None:
    command, *rest = words.split()
    done = on("index", command, "pints", *rest)
    assert done.code == 1
    assert "no index 'pints'" in done.err
    assert "points" in done.err


@pytest.mark.parametrize("command", ["ls", "show points", "trials points", "best points", "refresh points"])
def test_the_quiet_hear_nothing_that_is_not_data(on: Run, command: str) -> None:
    assert on("index", *command.split(), "--quiet").err.count("! ") == 0


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_screen(on: Run, width: int) -> None:
    for words in (("index", "ls"), ("index", "show", "points")):
        lines = on(*words, width=width).out.splitlines()
        assert max(map(len, lines)) <= width


def test_a_narrow_screen_shows_what_was_tried_and_keeps_facts_under_each_other(at: Run) -> None:
    assert at("index", "build", "points", "-t", "points", "--vector", "v").code == 0
    assert at("index", "trial", "points", "--config", '{"ef_search": 99, "storage": "fp32"}').code == 0
    assert "m=16 ef_search=99 storage=fp32" in at("index", "trials", "points", width=80).out
    lines = at("index", "show", "points", width=80).out.splitlines()
    (first,) = (n for n, line in enumerate(lines) if line.startswith("  config"))
    assert lines[first + 1].startswith(" " * 14 + "rerank=")
