"""Help is quick and complete, and every command can be loaded."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from lakehouse.__main__ import EXTRA, PLUGS
from lakehouse.edge.cli.app import COMMANDS
from lakehouse.edge.cli.lazy import Entry, hoisted, load
from tests.edge.cli.conftest import Run

ENTRIES = (*COMMANDS, *EXTRA)


def test_help_lists_every_command_with_one_line(run: Run) -> None:
    shown = run("--help").out
    for entry in ENTRIES:
        assert re.search(rf"^  {entry.name} +{re.escape(entry.help)} *$", shown, re.MULTILINE), entry.name


def test_no_command_at_all_shows_the_help(run: Run) -> None:
    assert "Usage" in run().out


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_a_command_loads_and_says_what_it_does(entry: Entry, run: Run) -> None:
    assert load(entry).help
    shown = run(entry.name, "--help")
    assert shown.code == 0
    assert entry.name in shown.out


@pytest.mark.parametrize("where", PLUGS.values())
def test_every_plug_names_something_that_is_there(where: str) -> None:
    module, _, function = where.partition(":")
    spec = find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    assert f"def {function}(" in Path(spec.origin).read_text()


def test_a_command_that_is_none_suggests_one(run: Run) -> None:
    wrong = run("ingst")
    assert wrong.code == 2
    assert "Did you mean 'ingest'" in wrong.err


def test_shared_options_may_follow_the_command() -> None:
    words = ["sql", "select 1", "--json", "-o", "x", "--root", "r", "-q", "--root=s"]
    assert hoisted(words) == ["--json", "--root", "r", "-q", "--root=s", "sql", "select 1", "-o", "x"]


def test_what_follows_two_dashes_is_left_alone() -> None:
    assert hoisted(["ingest", "--", "--json"]) == ["ingest", "--", "--json"]


def test_root_without_a_folder_is_wrong_usage(run: Run) -> None:
    assert run("tables", "--root").code == 2


def test_the_version_is_said(run: Run) -> None:
    assert run("--version").out.startswith("lakehouse 0.")
