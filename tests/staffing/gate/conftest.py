"""A lake with six hundred candidates and their corpus, and the needs that three of them or more meet."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from lakehouse.base.clock import FixedClock
from lakehouse.lake.facade import Lakehouse
from lakehouse.matrix.lift.ground.world import World
from lakehouse.staffing.card import RESUMES
from lakehouse.staffing.gate.world import CORPUS, world
from lakehouse.staffing.generate import roster
from lakehouse.staffing.resumes import TEXT
from tests.lake.learn.conftest import opened

PEOPLE: Final = 600
COUNT: Final = 12
ENOUGH: Final = 4


@dataclass(frozen=True)
class Scene:
    """The lake, its clock, and the world over it."""

    lake: Lakehouse
    clock: FixedClock
    world: World


def filled(lake: Lakehouse) -> None:
    """The candidates, their index and its card."""
    lake.upsert("candidates", roster(PEOPLE).read_all(), key="candidate_id")
    lake.index.build(CORPUS, table="candidates", text=TEXT, id="candidate_id", refresh="manual")
    lake.matrix.corpora.add(RESUMES)


@pytest.fixture(scope="package")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    root: Path = tmp_path_factory.mktemp("gate") / "lake"
    clock = FixedClock()
    with opened(root, clock, dimension=256) as lake:
        filled(lake)
        yield Scene(lake, clock, world(lake, count=COUNT, enough=ENOUGH))
