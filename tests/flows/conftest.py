"""A lake as people get it: opened from a folder, asked through its one object, nothing replaced."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import lakehouse
from lakehouse.lake.facade import Lakehouse

QUICK = '[durability]\nmode = "process"\n'
"""Tests survive without fsync; what fsync promises is proved where it is done."""

NUMBERS = itertools.count(1)


def open_in(folder: Path, settings: str = QUICK) -> Lakehouse:
    folder.mkdir(parents=True, exist_ok=True)
    if settings and not (folder / "lakehouse.toml").exists():
        (folder / "lakehouse.toml").write_text(settings)
    return lakehouse.open(folder)


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lakehouse]:
    """One lake for all tests that only need a table of their own in it."""
    with open_in(tmp_path_factory.mktemp("flows") / "lake") as lake:
        yield lake


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Lakehouse]:
    """A lake for one test alone."""
    with open_in(tmp_path / "own") as lake:
        yield lake


@pytest.fixture
def table() -> str:
    """The name of a table that no other test uses."""
    return f"t{next(NUMBERS)}"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Writes a file and says where it is."""

    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write
