"""`lakehouse feedback` and `lakehouse playbook`: as a person types them, and as a script reads them."""

import json
import re
from pathlib import Path
from typing import cast

import pytest

from lakehouse.edge.cli.lazy import Entry
from lakehouse.edge.cli.learn.playbook import ENTRIES
from tests.edge.cli.conftest import Outcome, Run, run_in
from tests.edge.cli.search.conftest import made

ASKED = ("search", "forklift operator", "-c", "resumes", "-k", "3")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Commands on one lake; each test asks and tells something of its own."""
    root = made(tmp_path_factory.mktemp("learned") / "lake")
    done = run_in(root, "index", "build", "resumes", "--table", "workers", "--text", "{role}: {resume}")
    assert done.code == 0
    return lambda *words, **options: run_in(root, *words, **options)


def searched(lake: Run, question: str) -> str:
    return str(lake("search", question, "-c", "resumes", "--json").json["search_id"])


def listed(done: Outcome) -> list[dict[str, object]]:
    assert done.code == 0, done.err
    return cast(list[dict[str, object]], json.loads(done.out))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_command_loads_and_says_what_it_does(entry: Entry, run: Run) -> None:
    assert f"lakehouse playbook {entry.name}" in run("playbook", entry.name, "--help").out


def test_the_last_line_of_a_search_is_the_feedback_and_it_works_as_it_stands(lake: Run) -> None:
    done = lake(*ASKED)
    (command,) = re.findall(r"^next  lakehouse (?:--root \S+ )?(.+)$", done.err, re.MULTILINE)
    told = lake(*command.split())
    assert told.code == 0, told.err
    assert "✓ resumes/1 accepted (counts " in told.out


def test_what_moved_is_marked_with_its_reason_and_not_without_the_playbook(lake: Run) -> None:
    lake("feedback", searched(lake, "welder of tanks"), "4", "--outcome", "accepted", "--source", "ann")
    shown = lake("search", "tanks for a welder", "-c", "resumes", width=80)
    assert re.search(r"^1  \d\.\d{3}  4  resumes  ▲ \+0\.\d\d$", shown.out, re.MULTILINE)
    assert "playbook: worked for “welder of tanks”" in shown.out
    assert max(map(len, shown.out.splitlines())) <= 80
    assert "▲" not in lake("search", "tanks for a welder", "-c", "resumes", "--no-playbook").out


def test_feedback_as_json_says_what_was_kept(lake: Run) -> None:
    told = lake(
        "feedback", searched(lake, "nurse"), "2", "--outcome", "judged", "--value", "0.5", "--audit", "--json"
    ).json
    assert (told["corpus"], told["doc_id"], told["outcome"], told["rank"]) == ("resumes", "2", "judged", 1)


def test_the_group_alone_shows_the_state(lake: Run) -> None:
    lake("playbook", "record", "who keeps books", "resumes/5", "--source", "state")
    alone, named = lake("playbook", "--json").json, lake("playbook", "stats", "--json").json
    assert alone == named
    assert "state" in cast(dict[str, float], alone["sources"])
    assert re.search(r"^state +0\.\d\d$", lake("playbook").out, re.MULTILINE)


def test_why_shows_row_boost_source_and_question(lake: Run) -> None:
    lake("playbook", "record", "certified for pipes", "resumes/4", "--source", "why")
    said = lake("playbook", "why", "certified for pipes", width=80)
    assert said.out.startswith("repeat: the nearest earlier question is 1.00 like this one")
    assert "▲ +0." in said.out
    assert "by why" in said.out
    assert max(map(len, said.out.splitlines())) <= 80
    assert lake("playbook", "why", "certified for pipes", "--json").json["stratum"] == "repeat"
    assert "nothing moves" in lake("playbook", "why", "xylophone").err


def test_history_distrust_and_rollback_undo_what_was_told(lake: Run) -> None:
    before = listed(lake("playbook", "history", "-n", "1", "--json"))
    lake("playbook", "record", "night watch", "resumes/3", "--source", "undone")
    lake("playbook", "distrust", "undone", "--reason", "a robot")
    shown = lake("playbook", "history", "-n", "2", width=80)
    assert "distrust undone" in shown.out
    assert "a robot" in shown.out
    assert "“night watch”" in shown.out
    assert max(map(len, shown.out.splitlines())) <= 80
    lake("playbook", "trust", "undone")
    lake("playbook", "retire", "resumes/3")
    lake("playbook", "restore", "resumes/3")
    to = str(before[0]["version"]) if before else ""
    assert to
    assert lake("playbook", "rollback", "--to", to, "--json").json["to"] == to
    undone = listed(lake("playbook", "history", "-n", "6", "--json"))
    assert [one["is_undone"] for one in undone] == [False, True, True, True, True, True]


def test_a_file_of_successes_names_its_bad_lines_and_keeps_the_others(lake: Run, tmp_path: Path) -> None:
    good = {"query_text": "a file of them", "answer_id": "3", "answer_corpus": "resumes"}
    file = tmp_path / "successes.ndjson"
    file.write_text("\n".join(json.dumps(one) for one in (good, {**good, "answer_id": "99"})))
    done = lake("playbook", "record", "-f", file)
    assert (done.code, done.out) == (3, "1 success recorded, 0 known already, 1 refused\n")
    assert "line 2: resumes has no row '99'" in done.err
    first, second = listed_partly(lake("playbook", "record", "-f", "-", "--json", stdin=file.read_text()))
    assert cast(dict[str, object], first["told"])["is_new"] is False
    assert cast(dict[str, object], second["error"])["kind"] == "NotFound"


def listed_partly(done: Outcome) -> list[dict[str, object]]:
    assert done.code == 3, done.err
    return cast(list[dict[str, object]], json.loads(done.out))


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("feedback", "nobody", "1", "--outcome", "accepted"), 1, "there is no such search"),
        (("feedback", "x", "1"), 2, "--outcome"),
        (("feedback", "x", "1", "--outcome", "liked"), 2, "liked"),
        (("feedback", "x", "1", "--outcome", "judged", "--value", "2"), 2, "--value"),
        (("playbook", "record", "q"), 2, "CORPUS/KEY"),
        (("playbook", "record", "q", "17"), 2, "resumes/17"),
        (("playbook", "record", "q", "resumes/99"), 1, "no row '99'"),
        (("playbook", "record", "-f", "nowhere"), 1, "cannot read nowhere"),
        (("playbook", "retire", "17"), 1, "by its corpus and its key"),
        (("playbook", "rollback", "--to", "nowhere"), 1, "no such version"),
        (("playbook", "why", " "), 1, "the question is empty"),
        (("playbook", "forget"), 2, "forget"),
    ],
)
def test_what_is_wrong_is_said_with_its_exit_code(
    lake: Run, words: tuple[str, ...], code: int, said: str
) -> None:
    done = lake(*words)
    assert (done.code, said in done.err) == (code, True), done.err
