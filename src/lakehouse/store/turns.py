"""[acts] One writer at a time, over all processes of a machine, and a mark that tells readers that one wrote.

The mark is a random word in a file that is also the lock. A writer empties the file before it writes, and
puts a new word into it afterwards. So a reader that finds the word it knows has missed nothing; an empty file
(a writer is at it, or was killed there) means: look. Nothing is lost with the file: whoever finds none looks.
"""

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol
from uuid import uuid4

from lakehouse.base.errors import Unavailable
from lakehouse.store.durable import disk_error

UNKNOWN: Final = b""
"""No mark: nobody can say whether somebody wrote."""

MARK_BYTES: Final = 32
PAUSE_S: Final = 0.002
WAIT_S: Final = 10.0
"""For another process's turn, which is over within milliseconds unless the process hangs."""


@dataclass(slots=True)
class Turn:
    """The turn of one writer."""

    mark: bytes
    """As it was when the turn came."""

    _note: Callable[[bytes], None]

    def begin(self) -> None:
        """Say that something is written from now on."""
        self._note(UNKNOWN)

    def settle(self) -> bytes:
        """Say that all of it is there; the new mark."""
        self.mark = uuid4().hex.encode()
        self._note(self.mark)
        return self.mark


class Turns(Protocol):
    """Turns at one log. Safe between threads."""

    def mark(self) -> bytes:
        """What it is now; `UNKNOWN` where somebody may have written since any other."""
        ...

    def hold(self) -> AbstractContextManager[Turn]:
        """Wait for the turn and keep it.

        Raises:
            Unavailable: somebody else has had it for too long.
        """
        ...


class MemoryTurns:
    """Turns within this process; the twin for tests."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._mark = UNKNOWN

    def mark(self) -> bytes:
        """What it is now."""
        return self._mark

    @contextmanager
    def hold(self) -> Iterator[Turn]:
        """Wait for the turn and keep it."""
        if not self._lock.acquire(timeout=WAIT_S):
            raise _busy()
        try:
            yield Turn(self._mark, self._set)
        finally:
            self._lock.release()

    def _set(self, mark: bytes) -> None:
        self._mark = mark


class FileTurns:
    """Turns of all processes that name the same file.

    Args:
        path: of the lock; the folder must be there. Processes keep in turn only as long as it is not removed.
        is_everyone: whether all who write use this file. Where other machines write too, there is no mark.
    """

    def __init__(self, path: Path, *, is_everyone: bool = True, wait_s: float = WAIT_S) -> None:
        self._path, self._is_everyone, self._wait_s = path, is_everyone, wait_s

    def mark(self) -> bytes:
        """What it is now."""
        if not self._is_everyone:
            return UNKNOWN
        try:
            found = self._path.read_bytes()
        except FileNotFoundError:
            return UNKNOWN
        except OSError as error:
            raise disk_error(error, "see whether another process wrote") from error
        return found if len(found) == MARK_BYTES else UNKNOWN

    @contextmanager
    def hold(self) -> Iterator[Turn]:
        """Wait for the turn and keep it; the kernel gives it back when this process ends, however it ends."""
        try:
            handle = self._locked()
        except OSError as error:
            raise disk_error(error, "wait for the turn to write") from error
        try:
            yield Turn(self.mark(), lambda mark: _rewrite(handle, mark))
        finally:
            os.close(handle)

    def _locked(self) -> int:
        due = time.monotonic() + self._wait_s
        while True:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            if _lock(handle) and self._is_still(handle):
                return handle
            os.close(handle)
            if time.monotonic() > due:
                raise _busy()
            time.sleep(PAUSE_S)

    def _is_still(self, handle: int) -> bool:
        # Somebody may have removed it between open and lock; such a lock locks nobody out.
        try:
            return os.fstat(handle).st_ino == self._path.stat().st_ino
        except FileNotFoundError:
            return False


def _lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _rewrite(handle: int, mark: bytes) -> None:
    try:
        os.ftruncate(handle, 0)
        os.pwrite(handle, mark, 0)
    except OSError as error:
        raise disk_error(error, "mark what was written") from error


def _busy() -> Unavailable:
    return Unavailable("another process has been writing for too long", hint="send it again in a moment")
