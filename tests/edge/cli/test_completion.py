"""A shell completes commands and, after a command, that command's own options."""

import pytest
from typer.testing import CliRunner

from lakehouse.__main__ import app


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
        ("lakehouse in", ["init", "ingest"]),
        ("lakehouse ingest --dr", ["--dry-run"]),
        ("lakehouse ingest --mode ", ["append", "replace", "upsert"]),
        ("lakehouse sql --format p", ["parquet"]),
        ("lakehouse --js", ["--json"]),
    ],
)
def test_words_are_completed(line: str, expected: list[str]) -> None:
    assert completed(line) == expected
