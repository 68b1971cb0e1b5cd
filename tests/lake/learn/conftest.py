"""A lake of people with an index, a model made of words, and a clock that a test moves."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest

from lakehouse.assembly import open_lake
from lakehouse.base.clock import Clock, FixedClock
from lakehouse.lake.facade import Found, Lakehouse
from lakehouse.lake.models import Models
from lakehouse.llm.fake import FakeEmbedder
from tests.lake.conftest import PEOPLE, SETTINGS

START_MS: Final = 1_700_000_000_000
ASKED: Final = "forklift driver"


def opened(
    root: Path, clock: Clock | None = None, *, dimension: int = 64, has_model: bool = True
) -> Lakehouse:
    """The lake, with a model made of words or without any."""
    models = Models(
        embedder=lambda: FakeEmbedder(dimension=dimension) if has_model else None,
        chat=lambda: None,
        entries=100,
    )
    return open_lake(root, settings=SETTINGS, clock=clock or FixedClock(START_MS), models=models)


def indexed(root: Path) -> None:
    """A lake at `root` whose people can be searched."""
    with opened(root) as lake:
        lake.upsert("people", PEOPLE, key="id")
        lake.index.build("resumes", table="people", text="resume", id="id", refresh="manual")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That lake, closed; its rows are never changed."""
    root = tmp_path_factory.mktemp("learn") / "lake"
    indexed(root)
    return root


@pytest.fixture
def root(built: Path) -> Iterator[Path]:
    """The same, in which nobody has asked or told anything."""
    yield built
    for stream in ("searches", "outcomes", "playbook"):
        shutil.rmtree(built / "journal" / stream, ignore_errors=True)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(START_MS)


@pytest.fixture
def lake(root: Path, clock: FixedClock) -> Iterator[Lakehouse]:
    with opened(root, clock) as lake:
        yield lake


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Lakehouse]:
    """A lake whose rows a test may change."""
    indexed(tmp_path / "lake")
    with opened(tmp_path / "lake") as lake:
        yield lake


def order(found: Found) -> list[str]:
    return [hit.id for hit in found.hits]


def accept(
    lake: Lakehouse, doc: str, *, question: str = ASKED, sources: Sequence[str] = ("a", "b", "c")
) -> Found:
    """Somebody asks, and each source takes this row."""
    found = lake.search(question, k=5)
    for source in sources:
        lake.feedback(found.search_id, doc, outcome="accepted", source=source)
    return found
