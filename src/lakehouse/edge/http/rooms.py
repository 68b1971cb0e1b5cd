"""[acts] Threads for the lake's calls: a room for each kind of work, so that no kind starves another."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

import anyio
import anyio.to_thread

from lakehouse.base.errors import Unavailable

Room = Literal["query", "ingest", "write", "read", "search", "embed", "answer", "index", "trial"]
T = TypeVar("T")

WAITING: Final = 256
"""Requests that may wait for a thread of one room; the next is told to come back."""

THREADS: Final[dict[Room, int]] = {
    "query": 4,
    "ingest": 2,
    "write": 4,
    "read": 4,
    "search": 4,
    "embed": 2,
    "answer": 4,
    "index": 2,
    "trial": 1,
}
"""A query's thread mostly waits for a worker; one more than twice the cores only adds switches.

`embed` and `trial` are few, since the model and the builder take cores by themselves; `answer` mostly waits
for a chat model, and would keep searches waiting in their room.
"""


class Busy(Unavailable):
    """Too many requests of this kind wait already."""

    status = 429


@dataclass(slots=True)
class _Space:
    limiter: anyio.CapacityLimiter
    waiting: int = 0


class Rooms:
    """Runs blocking calls in threads."""

    def __init__(self, *, query_workers: int) -> None:
        sizes = THREADS | {"query": max(THREADS["query"], query_workers + 2)}
        self._spaces = {room: _Space(anyio.CapacityLimiter(size)) for room, size in sizes.items()}
        self._lock = threading.Lock()
        self.running = 0
        """Calls that hold a thread now, also those whose requests are over."""

    async def call(self, room: Room, work: Callable[[], T]) -> T:
        """What `work` returns, from a thread of this room.

        Raises:
            Busy: `WAITING` requests wait for this room already.
        """
        space = self._spaces[room]
        if space.waiting >= WAITING:
            raise Busy("too many requests of this kind are waiting", hint="send it again in a second")
        space.waiting += 1
        try:
            return await anyio.to_thread.run_sync(self._counted, work, limiter=space.limiter)
        finally:
            space.waiting -= 1

    def _counted(self, work: Callable[[], T]) -> T:
        with self._lock:
            self.running += 1
        try:
            return work()
        finally:
            with self._lock:
                self.running -= 1
