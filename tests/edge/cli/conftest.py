"""The command line in this process, on real lakes."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest
from typer.testing import CliRunner

from lakehouse.__main__ import app

PEOPLE = "id,name,email,zip\n" + "".join(f"{i},Name {i},n{i}@example.com,0{i:04d}\n" for i in range(1, 101))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command left on the screens."""

    code: int
    out: str
    err: str
    raw: bytes

    @property
    def json(self) -> dict[str, object]:
        """The one document on stdout."""
        return cast(dict[str, object], json.loads(self.out))


Run = Callable[..., Outcome]


def run_in(root: Path, *words: str | Path, stdin: str | bytes | None = None, width: int = 100) -> Outcome:
    """One command on the lake at `root`."""
    runner = CliRunner(env={"COLUMNS": str(width), "LAKEHOUSE_ROOT": str(root)})
    result = runner.invoke(app, [str(word) for word in words], input=stdin, prog_name="lakehouse")
    return Outcome(result.exit_code, result.stdout, result.stderr, result.stdout_bytes)


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """A file of a hundred people."""
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE)
    return path


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Commands on a lake of the test's own, which is not there yet."""
    return lambda *words, **options: run_in(tmp_path / "lake", *words, **options)


@pytest.fixture(scope="session")
def shared_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake that no test changes, with the table people."""
    folder = tmp_path_factory.mktemp("shared")
    (folder / "people.csv").write_text(PEOPLE)
    assert run_in(folder / "lake", "ingest", folder / "people.csv").code == 0
    return folder / "lake"


@pytest.fixture
def read(shared_root: Path) -> Run:
    """Commands that read the shared lake."""
    return lambda *words, **options: run_in(shared_root, *words, **options)
