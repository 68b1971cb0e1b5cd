"""A lake with people in it, and a model made of words: real parts, small rows."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lakehouse.assembly import open_lake
from lakehouse.base.clock import FixedClock
from lakehouse.lake.facade import Lakehouse
from lakehouse.lake.models import Models
from lakehouse.llm.fake import FakeEmbedder
from lakehouse.settings import DurabilityParams, Settings

SETTINGS = Settings(durability=DurabilityParams(mode="process"))
PEOPLE = (
    {"id": 1, "city": "Oslo", "resume": "Forklift operator with an OSHA-10 card and night shifts."},
    {"id": 2, "city": "Oslo", "resume": "Registered nurse, intensive care, seven years."},
    {"id": 3, "city": "Rome", "resume": "Forklift driver in a cold store."},
    {"id": 4, "city": "Rome", "resume": "Welder of pipes and tanks, certified."},
    {"id": 5, "city": "Bonn", "resume": "Bookkeeper: ledgers, payroll, tax."},
)


def open_with(root: Path, *, dimension: int = 64, has_model: bool = True) -> Lakehouse:
    """A lake whose model is made of words, or that has none."""
    models = Models(
        embedder=lambda: FakeEmbedder(dimension=dimension) if has_model else None,
        chat=lambda: None,
        entries=100,
    )
    return open_lake(root, settings=SETTINGS, clock=FixedClock(1_700_000_000_000), models=models)


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lakehouse]:
    with open_with(tmp_path / "lake") as lake:
        lake.upsert("people", PEOPLE, key="id")
        yield lake


@pytest.fixture
def many(lake: Lakehouse) -> Callable[[int], None]:
    """Adds so many people whose resumes are told apart by their numbers."""

    def add(count: int) -> None:
        rows = [
            {"id": 100 + n, "city": "Graz", "resume": f"worker number{n} group{n % 7}"} for n in range(count)
        ]
        lake.upsert("people", rows, key="id")

    return add
