"""One lake for each test process, since a writer's child takes half a second to start."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.table.wiring import Lake

settings.register_profile("table", deadline=None)  # a busy machine is no reason to fail
settings.load_profile("table")


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """Shared: tests make tables of their own in it, and leave everything else alone."""
    opened = Lake(tmp_path_factory.mktemp("lake"))
    yield opened
    opened.close()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Lake]:
    """A lake of the test's own, to break."""
    opened = Lake(tmp_path / "lake")
    yield opened
    opened.close()
