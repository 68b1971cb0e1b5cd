"""The local store does what every store does, and leaves nothing behind."""

from pathlib import Path

import pytest

from lakehouse.store.local import LocalStore
from tests.suites.object_store import RacingObjectStoreSuite


class TestDurableLocalStore(RacingObjectStoreSuite):
    """The suite, with fsync."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> LocalStore:
        return LocalStore(tmp_path / "lake")


class TestProcessLocalStore(RacingObjectStoreSuite):
    """The suite, without fsync."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> LocalStore:
        return LocalStore(tmp_path / "lake", durability="process")
