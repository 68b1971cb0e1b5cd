"""Help is quick and complete, and every command can be loaded."""

import json
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from lakehouse.__main__ import EXTRA, PLUGS
from lakehouse.edge.cli.app import COMMANDS
from lakehouse.edge.cli.lazy import Entry, hoisted, load
from lakehouse.edge.cli.search.index import ENTRIES as INDEX
from tests.edge.cli.conftest import Run, run_in

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


def test_a_group_lists_its_commands_under_its_own_name(run: Run) -> None:
    shown = run("index", "--help").out
    assert shown.startswith("Usage  lakehouse index [OPTIONS] COMMAND …")
    for entry in INDEX:
        assert re.search(rf"^  {entry.name} +{re.escape(entry.help)} *$", shown, re.MULTILINE), entry.name
    assert "--root" not in shown


@pytest.mark.parametrize("entry", INDEX, ids=lambda entry: entry.name)
def test_a_command_of_a_group_loads_and_says_what_it_does(entry: Entry, run: Run) -> None:
    assert load(entry).help
    assert f"lakehouse index {entry.name}" in run("index", entry.name, "--help").out


def test_a_group_without_a_command_shows_its_help_and_a_wrong_one_suggests(run: Run) -> None:
    assert "Usage  lakehouse index" in run("index").out
    wrong = run("index", "biuld")
    assert (wrong.code, "Did you mean 'build'" in wrong.err) == (2, True)


def test_shared_options_may_follow_a_command_of_a_group(tmp_path: Path) -> None:
    done = run_in(tmp_path / "lake", "index", "ls", "--json", "--root", tmp_path / "other")
    assert (done.code, f"no lake in {tmp_path / 'other'}" in done.err) == (1, True)
    assert json.loads(done.err)["kind"] == "NotFound"


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
