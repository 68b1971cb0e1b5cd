"""[acts] Memory of a process and all its children, as Linux counts it."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PAGE: Final = os.sysconf("SC_PAGE_SIZE")
EVERY_S: Final = 0.02


def tree_bytes(pid: int) -> int:
    """Resident bytes of a process and all below it; shared pages count in each, so this errs upward."""
    return sum(_resident(p) for p in (pid, *_below(pid)))


@contextmanager
def peak_of(pid: int) -> Iterator[list[int]]:
    """A list whose only element is, when the block ends, the most that `tree_bytes` was."""
    peak, done = [tree_bytes(pid)], threading.Event()

    def look() -> None:
        while not done.wait(EVERY_S):
            peak[0] = max(peak[0], tree_bytes(pid))

    watching = threading.Thread(target=look, daemon=True)
    watching.start()
    try:
        yield peak
    finally:
        done.set()
        watching.join()


def _below(pid: int) -> Iterator[int]:
    for task in _listed(Path(f"/proc/{pid}/task")):
        for child in map(int, _text(task / "children").split()):
            yield child
            yield from _below(child)


def _resident(pid: int) -> int:
    fields = _text(Path(f"/proc/{pid}/statm")).split()
    return int(fields[1]) * PAGE if fields else 0


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []  # the process ended meanwhile


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
