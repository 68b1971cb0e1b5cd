"""The twin in memory does what every store does."""

import pytest

from lakehouse.base.clock import FixedClock
from lakehouse.store.memory import MemoryStore
from tests.suites.object_store import RacingObjectStoreSuite


class TestMemoryStore(RacingObjectStoreSuite):
    """The suite, in memory."""

    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()


def test_ages_come_from_the_clock_that_was_given() -> None:
    store = MemoryStore(clock=FixedClock(ms=12))
    store.put("a", b"")
    assert [o.modified_ms for o in store.list("")] == [12]


def test_an_address_in_memory_names_the_object() -> None:
    assert MemoryStore().url("a/b") == "memory://a/b"
