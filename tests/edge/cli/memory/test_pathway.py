"""`lakehouse pathway`: every command as a person types it, and as a script reads it."""

import json
from pathlib import Path
from typing import cast

import pytest

from lakehouse.edge.cli.lazy import Entry
from lakehouse.edge.cli.memory.pathway import ENTRIES
from tests.edge.cli.conftest import Outcome, Run

RICH: dict[str, object] = {
    "schema": "pathway/1",
    "task_class": "review",
    "file_path": "crates/vectord/src/index.rs",
    "signal_class": "perf",
    "ladder_attempts": [{"rung": 1, "model": "small", "accepted": True}],
    "bug_fingerprints": [
        {"flag": "OffByOne", "pattern_key": "OffByOne:row_count", "example": "`row_count` is one less"}
    ],
}
BUGS = json.dumps({"bug_fingerprints": RICH["bug_fingerprints"]})
SWAP = ("pathway", "hot-swap", "review", "crates/vectord/src/index.rs", "perf")


@pytest.fixture
def lake(run: Run) -> Run:
    run("init")
    return run


def rows(done: Outcome) -> list[dict[str, object]]:
    assert done.code == 0, done.err
    return cast(list[dict[str, object]], json.loads(done.out))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_command_loads_and_says_what_it_does(entry: Entry, run: Run) -> None:
    assert f"lakehouse pathway {entry.name}" in run("pathway", entry.name, "--help").out


def test_content_comes_as_an_argument_from_a_file_or_from_stdin(lake: Run, tmp_path: Path) -> None:
    (tmp_path / "content.json").write_text('{"from": "file"}')
    lake("pathway", "add", '{"from": "words"}', "--uid", "a")
    lake("pathway", "add", "-f", tmp_path / "content.json", "--uid", "b")
    lake("pathway", "add", "-", "--uid", "c", stdin='{"from": "stdin"}')
    found = [lake("pathway", "get", uid, "--json").json["content"] for uid in "abc"]
    assert found == [{"from": "words"}, {"from": "file"}, {"from": "stdin"}]


def test_content_goes_out_as_it_came_in(lake: Run) -> None:
    content = {"snapshot_id": 7, "snapshots": {"t": 9}, "n": 9007199254740993, "ß": [None, 0.1]}
    made = lake("pathway", "add", json.dumps(content), "--json").json
    assert (made["content"], made["tags"], made["version"]) == (content, [], 1)


def test_a_chain_is_revised_walked_found_and_retired(lake: Run) -> None:
    lake("pathway", "add", '{"n": 1}', "--uid", "one", "--tags", "crane, dock")
    assert "two is version 2" in lake("pathway", "revise", "one", '{"n": 2}', "--uid", "two").out
    assert [t["uid"] for t in rows(lake("pathway", "history", "two", "--json"))] == ["two", "one"]
    (found,) = rows(lake("pathway", "search", "--tags", "dock,crane", "--json"))
    assert cast(dict[str, object], found["trace"])["uid"] == "two"
    lake("pathway", "update", "two", '{"n": 3}', "--tags", "crane")
    table = lake("pathway", "search", "--tags", "crane").out
    assert '{"n": 3}' in table
    assert "in use" in table
    assert "two is retired" in lake("pathway", "retire", "two", "--reason", "sold").out
    assert rows(lake("pathway", "search", "--json")) == []
    assert "retired: sold" in lake("pathway", "get", "two").out


def test_a_decision_shows_every_gate_and_changes_with_the_evidence(lake: Run) -> None:
    lake("pathway", "add", json.dumps(RICH), "--uid", "r")
    early = lake(*SWAP, "--more", BUGS)
    assert "climb the ladder: P(success rate >= 0.8) is 0.200 after 0 of 0 replays" in early.out
    assert early.out.count("✓") == 5
    for _ in range(10):
        lake("pathway", "replay", "r", "--succeeded")
    late = lake(*SWAP, "--more", BUGS, "--json").json
    assert (late["swap"], late["model"], late["p_success"]) == (True, "small", 0.914101)
    assert "10, 10 of 10 good" in lake("pathway", "get", "r").out
    known = rows(lake("pathway", "fingerprints", "crates/vectord", "--json"))
    assert [(b["pattern_key"], b["occurrences"]) for b in known] == [("OffByOne:row_count", 1)]
    assert "`row_count` is one less" in lake("pathway", "fingerprints", "crates").out


def test_a_failed_replay_retires_and_says_so(lake: Run) -> None:
    lake("pathway", "add", json.dumps(RICH), "--uid", "r")
    assert "r has 1, 0 of 1 good, and is retired" in lake("pathway", "replay", "r", "--failed").out
    again = lake("pathway", "replay", "r", "--succeeded")
    assert again.code == 1
    assert "P(success rate < 0.8) is 0.960" in again.err


def test_likeness_is_to_a_text_or_to_a_task(lake: Run) -> None:
    lake("pathway", "add", '"unload the pallets at dock seven"', "--uid", "text")
    lake("pathway", "add", json.dumps(RICH), "--uid", "rich")
    near = rows(lake("pathway", "search", "--like", "Unload the PALLETS at dock seven", "--json"))
    assert (cast(dict[str, object], near[0]["trace"])["uid"], near[0]["similarity"]) == ("text", 1.0)
    task = {name: RICH[name] for name in ("task_class", "file_path", "signal_class", "bug_fingerprints")}
    (only,) = rows(lake("pathway", "search", "--like", json.dumps(task), "--json"))
    assert (cast(dict[str, object], only["trace"])["uid"], only["similarity"]) == ("rich", 1.0)


def test_an_import_reports_and_the_second_adds_nothing(lake: Run, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    traces = [{**RICH, "trace_uid": "t1", "replay_count": 11, "replays_succeeded": 11}, {"trace_uid": "a b"}]
    state.write_text(json.dumps({"traces": traces, "last_updated": 1}))
    first = lake("pathway", "import", state)
    assert (first.code, "1 trace added of 2" in first.out) == (3, True)
    assert "a b: that is no uid of a trace" in first.err
    second = lake("pathway", "import", state, "--json").json
    assert (second["added"], second["known"]) == (0, 1)
    assert lake(*SWAP, "--more", BUGS, "--json").json["swap"] is True


def test_figures_are_a_table_or_a_document(lake: Run) -> None:
    lake("pathway", "add", "1")
    assert lake("pathway", "stats", "--json").json["traces"] == 1
    assert "damaged lines" in lake("pathway", "stats").out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("add",), 2, "say one"),
        (("add", "so"), 1, "not JSON"),
        (("add", "[NaN]"), 1, "a number that JSON cannot keep"),
        (("add", "[123456789012345678901]"), 1, "a number that JSON cannot keep"),
        (("add", "[" * 5000), 1, "not JSON"),
        (("add", "-f", "nowhere.json"), 1, "cannot read nowhere.json"),
        (("add", "1", "--uid", "a b"), 1, "no uid of a trace"),
        (("get", "nobody"), 1, "there is no trace 'nobody'"),
        (("replay", "nobody"), 2, "--succeeded"),
        (("retire", "nobody", "--reason", " "), 1, "there is no trace"),
        (("search", "--like", "{}x"), 2, "is not JSON"),
        (("hot-swap", "", "f", "s"), 1, "needs task_class"),
        (("import", "nowhere.json"), 1, "cannot read nowhere.json"),
        (("fingerprints", "/"), 1, "bugs of which folder?"),
    ],
)
def test_what_is_wrong_is_said_with_its_exit_code(
    lake: Run, words: tuple[str, ...], code: int, said: str
) -> None:
    done = lake("pathway", *words)
    assert (done.code, said in done.err) == (code, True), done.err
