"""[acts] Scratch folders that end with their process, however it ends.

The owner holds a lock on its folder. The kernel drops the lock when the process is gone, also a killed one,
so a folder whose lock is free is a leftover: whoever comes next removes it.
"""

import fcntl
import os
import shutil
import weakref
from pathlib import Path
from typing import Final
from uuid import uuid4

FLAGS: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class Scratch:
    """A new, locked folder in `parent`; `close`, or the end of this object, removes it.

    Raises:
        OSError: the disk refused.
    """

    def __init__(self, parent: Path) -> None:
        while True:
            self.path = parent / f"{os.getpid()}-{uuid4().hex}"
            self.path.mkdir(parents=True)
            try:
                handle = os.open(self.path, FLAGS)
            except FileNotFoundError:
                continue  # a sweeper came between mkdir and open
            fcntl.flock(handle, fcntl.LOCK_EX)
            if self.path.is_dir():  # else it came between open and lock
                break
            os.close(handle)
        self._end = weakref.finalize(self, _release, handle, self.path, os.getpid())

    def close(self) -> None:
        """Remove the folder and give up the lock."""
        self._end()

    def sweep(self, *, before_ms: float) -> int:
        """Remove this folder's siblings that nobody holds and that are that old; how many files went.

        Raises:
            OSError: the disk refused.
        """
        removed = 0
        for folder in sorted(self.path.parent.iterdir()):
            try:
                if folder != self.path and folder.stat().st_mtime * 1000 <= before_ms:
                    removed += _remove_if_abandoned(folder)
            except (FileNotFoundError, NotADirectoryError):
                continue  # another process swept at the same time; or a stray file, which is not ours
        return removed


def _remove_if_abandoned(folder: Path) -> int:
    handle = os.open(folder, FLAGS)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        files = sum(1 for path in folder.rglob("*") if path.is_file())
        shutil.rmtree(folder)
    except BlockingIOError:
        return 0
    finally:
        os.close(handle)
    return files


def _release(handle: int, folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # a forked child that ends must leave its parent's folder alone
        shutil.rmtree(folder, ignore_errors=True)
    os.close(handle)
