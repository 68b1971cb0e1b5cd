"""A model server on loopback for each test, and time that passes only when waited for."""

import time
from collections.abc import Iterator

import pytest

from lakehouse.llm.http import Timing
from tests.llm.provider import Provider


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A server of its own for each test."""
    with Provider() as running:
        yield running


class Waits:
    """The machine's clock plus what was waited, without the waiting; chance is always 1."""

    def __init__(self) -> None:
        self.waited: list[float] = []
        self.timing = Timing(
            now_s=lambda: time.monotonic() + sum(self.waited), wait=self.wait, chance=lambda: 1
        )

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)


@pytest.fixture
def waits() -> Waits:
    """Waits that take no time."""
    return Waits()
