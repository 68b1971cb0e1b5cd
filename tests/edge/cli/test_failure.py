"""What goes wrong is said in words, with a way out and an id; never as a traceback."""

import json
from collections.abc import Callable

import pytest
import typer
from typer.testing import CliRunner

from lakehouse.base.errors import Refused
from lakehouse.edge.cli.app import application
from lakehouse.edge.cli.lazy import Entry
from tests.edge.cli.conftest import Outcome, Run


def fault(_: typer.Context) -> None:
    """A fault of ours, with a secret in its message."""
    raise KeyError("a value nobody may see")


def refuse(_: typer.Context) -> None:
    """An error of the six kinds."""
    raise Refused("not today", hint="come back tomorrow")


def interrupt(_: typer.Context) -> None:
    """Ctrl-C."""
    raise KeyboardInterrupt


def unread(_: typer.Context) -> None:
    """The reader of the pipe left."""
    raise BrokenPipeError


def call(function: Callable[..., None], *words: str) -> Outcome:
    entry = Entry(name="try", where=f"{__name__}:{function.__name__}", help="Try.", panel="Test")
    result = CliRunner().invoke(application((entry,)), [*words, "try"])
    return Outcome(result.exit_code, result.stdout, result.stderr, result.stdout_bytes)


def test_an_error_says_what_how_to_fix_it_and_its_id() -> None:
    done = call(refuse)
    what, fix, last = done.err.splitlines()
    assert (done.code, what, fix) == (1, "✗ not today", "  fix  come back tomorrow")
    assert last.startswith("  Refused · error 0")


def test_a_message_cannot_move_the_cursor(run: Run) -> None:
    run("init")
    done = run("sql", 'SELECT * FROM "a\x1b[2Jb"')
    assert done.code == 1
    assert "\x1b" not in done.err


def test_scripts_get_the_problem_document() -> None:
    problem = json.loads(call(refuse, "--json").err)
    assert {k: problem[k] for k in ("kind", "detail", "hint", "status", "retry")} == {
        "kind": "Refused",
        "detail": "not today",
        "hint": "come back tomorrow",
        "status": 403,
        "retry": False,
    }


def test_a_fault_of_ours_shows_neither_traceback_nor_value() -> None:
    for words in ([], ["--json"]):
        done = call(fault, *words)
        assert done.code == 1
        assert "KeyError in test_failure.py" in done.err
        assert "--debug" in done.err
        assert "nobody may see" not in done.err
        assert "Traceback" not in done.err


def test_debug_shows_the_traceback() -> None:
    assert "Traceback" in call(fault, "--debug").err


def test_an_interruption_says_what_is_kept() -> None:
    done = call(interrupt)
    assert done.code == 130
    assert "nothing is half written" in done.err


def test_a_reader_that_left_is_not_complained_about() -> None:
    done = call(unread)
    assert (done.code, done.err) == (141, "")


def test_a_failed_command_can_be_found_in_the_lake(run: Run) -> None:
    run("init")
    problem = json.loads(run("show", "nobody", "--json").err)
    found = run("sql", 'SELECT error_id, kind, "where" FROM system.errors', "--json").json["rows"]
    assert found == [{"error_id": problem["error_id"], "kind": "NotFound", "where": "lakehouse show"}]


@pytest.mark.parametrize("words", [["--wild"], ["tables", "--wild"], ["tables", "surplus"]])
def test_wrong_usage_is_exit_code_two(run: Run, words: list[str]) -> None:
    done = run(*words)
    assert done.code == 2
    assert "--help" in done.err
