"""[acts] Group commit: callers that write at the same time share one file, and one wait for the disk.

Each stream has a lane. A caller queues its records, then takes the lane's commit lock. Whoever gets the
lock writes everything that is queued by then; the others find their records already written when the
lock comes to them. So nobody waits for a timer, and the busier the lane, the larger the groups.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lakehouse.base.errors import LakehouseError, Unavailable

Stamp = Callable[[bytes], bytes]
"""Makes the whole line of a record; called in the order in which records are queued."""

Write = Callable[[Sequence[bytes]], None]
"""Makes lines durable as one file, or raises a LakehouseError and leaves nothing."""


@dataclass(slots=True)
class _Batch:
    lines: list[bytes]
    waited_for: bool
    done: bool = False
    error: LakehouseError | None = None


class Lane:
    """The queue of one stream."""

    def __init__(self, *, stamp: Stamp, write: Write) -> None:
        self._stamp = stamp
        self._write = write
        self._queue: list[_Batch] = []
        self._queued = 0
        self._queue_lock = threading.Lock()
        self._commit_lock = threading.Lock()

    @property
    def waiting(self) -> int:
        """How many records are queued and not yet durable."""
        return self._queued

    def append(self, bodies: Sequence[bytes]) -> None:
        """Queue records and return when they are durable.

        Raises:
            Unavailable: the store failed; the records are not kept.
        """
        batch = self._enqueue(bodies, waited_for=True)
        with self._commit_lock:
            if not batch.done:
                self._commit()
        if error := batch.error:
            # One failure is told to many threads, and an exception object belongs to one.
            raise type(error)(error.message, hint=error.hint, **error.context) from error

    def post(self, bodies: Sequence[bytes]) -> int:
        """Queue records without waiting; how many are queued now."""
        self._enqueue(bodies, waited_for=False)
        return self.waiting

    def flush(self) -> None:
        """Make everything queued durable.

        Raises:
            Unavailable: the store failed; posted records stay queued for the next flush.
        """
        with self._commit_lock:
            if error := self._commit():
                raise error

    def _enqueue(self, bodies: Sequence[bytes], *, waited_for: bool) -> _Batch:
        with self._queue_lock:
            batch = _Batch([self._stamp(body) for body in bodies], waited_for)
            self._queue.append(batch)
            self._queued += len(batch.lines)
            return batch

    def _commit(self) -> LakehouseError | None:
        with self._queue_lock:
            batches, self._queue, self._queued = self._queue, [], 0
        if not batches:
            return None
        error: LakehouseError | None = Unavailable("writing was interrupted", hint="try again")
        try:
            self._write([line for batch in batches for line in batch.lines])
            error = None
        except LakehouseError as failure:
            error = failure
        finally:
            self._settle(batches, error)
        return error

    def _settle(self, batches: Sequence[_Batch], error: LakehouseError | None) -> None:
        for batch in batches:
            batch.done, batch.error = True, error
        if error:
            kept = [batch for batch in batches if not batch.waited_for]
            with self._queue_lock:
                self._queue[:0] = kept
                self._queued += sum(len(batch.lines) for batch in kept)
