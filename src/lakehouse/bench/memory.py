"""[acts] Memory of a process and all its children, as Linux counts it."""

import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PAGE: Final = os.sysconf("SC_PAGE_SIZE")
EVERY_S: Final = 0.02


def tree_bytes(pid: int) -> int:
    """Resident bytes of a process and all below it; shared pages count in each, so this errs upward."""
    return sum(_resident(p) for p in (pid, *_below(pid)))


def held_bytes(pid: int) -> int:
    """What a process and all below it take from the machine: pages of a file that several map count once."""
    private, files = 0, Counter[str]()
    for process in (pid, *_below(pid)):
        mapped = Counter[str]()
        for name, resident, anonymous in _mappings(process):
            private += anonymous
            mapped[name] += resident - anonymous
        files |= mapped  # the larger of both
    return private + files.total()


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


def _mappings(pid: int) -> Iterator[tuple[str, int, int]]:
    """Name, resident bytes and those of them that are the process's own, of each mapping."""
    name, resident = "", 0
    for line in _text(Path(f"/proc/{pid}/smaps")).splitlines():
        key, *rest = line.split(None, 5)
        if key == "Rss:":
            resident = int(rest[0]) * 1024
        elif key == "Anonymous:":
            yield name, resident, int(rest[0]) * 1024
        elif not key.endswith(":"):
            name = rest[4] if len(rest) > 4 else ""


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
