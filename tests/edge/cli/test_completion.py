"""A shell completes commands and, after a command, that command's own options."""

import pytest
from typer.testing import CliRunner

from lakehouse.__main__ import app
from lakehouse.edge.cli.lazy import Entry
from tests.edge.cli.test_help import ENTRIES


def completed(line: str) -> list[str]:
    environment = {
        "_LAKEHOUSE_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(line.count(" ")),
    }
    return CliRunner(env=environment).invoke(app, prog_name="lakehouse").stdout.split()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("lakehouse in", ["init", "ingest", "index"]),
        ("lakehouse ingest --dr", ["--dry-run"]),
        ("lakehouse ingest --mode ", ["append", "replace", "upsert"]),
        ("lakehouse sql --format p", ["parquet"]),
        ("lakehouse --js", ["--json"]),
        ("lakehouse sql --format ", ["table", "json", "csv", "parquet", "arrow", "md"]),
        ("lakehouse doctor --f", ["--fix"]),
        ("lakehouse no", []),
        ("lakehouse index tr", ["trial", "trials"]),
        ("lakehouse index best x --metric ", ["recall", "latency", "pareto"]),
        ("lakehouse index build --chunk", ["--chunk-tokens"]),
    ],
)
def test_words_are_completed(line: str, expected: list[str]) -> None:
    assert completed(line) == expected


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_command_is_completed_and_then_its_options(entry: Entry) -> None:
    assert entry.name in completed(f"lakehouse {entry.name[:2]}")
    assert "--help" in completed(f"lakehouse {entry.name} --")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_for_a_shell_calls_the_program_by_its_name(shell: str) -> None:
    environment = {"_LAKEHOUSE_COMPLETE": f"source_{shell}"}
    script = CliRunner(env=environment).invoke(app, prog_name="lakehouse").stdout
    assert "lakehouse" in script
    assert f"complete_{shell}" in script
