"""[acts] What makes bytes on a local disk survive a power cut: fsync of the file, then of its folder.

Nothing in the Python data stack does this (object stores, Parquet writers, DuckDB's COPY: none of them
call fsync), so whoever acknowledges a write calls it here first. An error of fsync means that the write
failed: the kernel may have dropped the dirty pages already, so asking again would lie.
Source: "PostgreSQL's handling of fsync() errors is unsafe", postgresql.org/message-id (2018).
"""

import errno
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from lakehouse.base.errors import Invalid, LakehouseError, Unavailable

FSYNC_THREADS: Final = 8
"""Side by side, since files that are synced at the same time share one commit of the disk's journal."""

HINTS: Final = {
    errno.ENOSPC: "free disk space, then try again",
    errno.EDQUOT: "raise the disk quota or free space, then try again",
    errno.EROFS: "mount the disk for writing, or choose another folder for the lake",
    errno.EACCES: "give this user the right to read and write the lake's folder",
    errno.EPERM: "put the lake on a file system that has hard links, such as ext4, xfs or apfs",
    errno.EOPNOTSUPP: "put the lake on a file system that has hard links, such as ext4, xfs or apfs",
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
    errno.EIO: "check the disk (dmesg, smartctl): it reported an input/output error",
}


class Durable:
    """Makes files below one folder durable, with every folder on the way to them.

    A new folder is itself an entry of its parent: each is flushed the first time, for nobody knows whether
    the process that made it did so.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._settled: set[Path] = set()

    def __call__(self, locations: Iterable[str | Path]) -> None:
        """Return when the files at these absolute locations would survive a power cut.

        Raises:
            Unavailable: a file is missing, or the disk reported an error; none of them counts as durable.

        Cost: about one commit of the disk's journal (milliseconds) for all of them together.
        """
        files = tuple(dict.fromkeys(map(Path, locations)))
        folders = {path.parent for path in files}
        within = {a for f in folders for a in (f, *f.parents) if self._root in a.parents}
        new = within - self._settled
        try:
            _side_by_side(files)
            _side_by_side(tuple(folders | {folder.parent for folder in new}))
        except OSError as error:
            raise disk_error(error, "make files durable") from error
        self._settled |= new


def make_folder(path: Path, *, sync: bool) -> None:
    """Make sure that the folder is there, durably if `sync`, with those above it that were missing.

    Raises:
        OSError: the disk refused.
    """
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for folder in missing if sync else ():
        fsync_path(folder.parent)


def fsync_path(path: Path) -> None:
    """Flush one file or folder to the disk; OSError if the disk reports a fault."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_file(path: Path, data: bytes, *, sync: bool) -> None:
    """Create `path`, which must not exist, with `data`, flushed to the disk if `sync`."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    try:
        view = memoryview(data)
        while len(view):
            view = view[os.write(handle, view) :]
        if sync:
            os.fsync(handle)
    finally:
        os.close(handle)


def disk_error(error: OSError, doing: str, **context: object) -> LakehouseError:
    """The error to raise instead of `error`: Invalid if the key cannot fit, else Unavailable."""
    if isinstance(error, FileExistsError | NotADirectoryError | IsADirectoryError):
        return Invalid(
            f"cannot {doing}: a file stands where a folder must be, or a folder where a file must be",
            hint="choose another name",
            **context,
        )
    reason = error.strerror or type(error).__name__
    hint = HINTS.get(error.errno or 0, "check the disk that holds the lake's folder")
    return Unavailable(f"cannot {doing}: {reason}", hint=hint, **context)


def _side_by_side(paths: tuple[Path, ...]) -> None:
    if len(paths) < 2:
        for path in paths:
            fsync_path(path)
        return
    with ThreadPoolExecutor(min(FSYNC_THREADS, len(paths)), "fsync") as pool:
        for done in [pool.submit(fsync_path, path) for path in paths]:
            done.result()
