"""[acts] A folder whose content changes as a whole: a killed process leaves the old state or the new one.

Theory of operation. `sealed.json` names one state: the folder `<number>` and, of every file in it, length and
SHA-256. A state never changes. The next one is drafted beside it: hard links to what stays, new files for
what is new. Replacing the seal, which is one rename, makes the draft the state; whatever was not sealed is a
leftover that the next writer removes. Writers hold a lock of the kernel, which a killed process gives up.
"""

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

import orjson

from lakehouse.base.errors import Corrupt, Unavailable
from lakehouse.store.durable import Durable, disk_error, fsync_path, make_folder, write_file

SEAL: Final = "sealed.json"
LOCK: Final = "lock"
PARTIAL: Final = ".partial"
POLL_S: Final = 0.01

Mark = tuple[int, int, int]
"""Inode, time and length of the seal: equal only for the same seal."""


@dataclass(frozen=True, slots=True, order=True)
class File:
    """One file of a state, with the proof that it is what was written."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the seal says."""

    format: int
    """Of the files; another one is read as damage, and so made again."""

    number: int = 0
    """Name of the folder; 0: nothing was ever written, and there is none."""

    files: tuple[File, ...] = ()


class States:
    """The sealed states of one folder; safe between threads and between processes."""

    def __init__(self, folder: Path, *, format: int, lock_wait_s: float) -> None:  # noqa: A002
        """Open the folder, or make it with an empty state.

        Raises:
            Corrupt: there are files, but no seal.
            Unavailable: the disk refused, or another process held the lock for too long.
        """
        self.folder = folder
        self._format = format
        self._lock_wait_s = lock_wait_s
        self._durable = Durable(folder)
        with disk_errors():
            make_folder(folder, sync=True)
            if not (folder / SEAL).exists():
                self._begin()

    def _begin(self) -> None:
        with self.locked():
            if (self.folder / SEAL).exists():
                return  # another process was first
            if any(path.name.isdigit() for path in self.folder.iterdir()):
                raise _damage("the seal is missing")
            self._write(State(format=self._format))

    def mark(self) -> Mark:
        """What tells one seal from the next. Cost: one stat.

        Raises:
            Corrupt: the seal is gone.
        """
        try:
            found = (self.folder / SEAL).stat()
        except OSError as error:
            raise _damage("the seal is missing") from error
        return found.st_ino, found.st_mtime_ns, found.st_size

    def read(self) -> State:
        """The current state, as sealed; its files are not looked at.

        Raises:
            Corrupt: the seal is damaged, or of another format.
        """
        try:
            said = orjson.loads((self.folder / SEAL).read_bytes())
            body, proof = said["state"], said["sha256"]
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise _damage("the seal cannot be read") from error
        if hashlib.sha256(orjson.dumps(body)).hexdigest() != proof or body.get("format") != self._format:
            raise _damage("the seal is not what was written, or of another version")
        return State(**{**body, "files": tuple(File(**file) for file in body["files"])})

    def place(self, state: State) -> Path:
        """The folder that holds the files of `state`."""
        return self.folder / str(state.number)

    def check(self, state: State, *, known: Collection[File] = ()) -> None:
        """Nothing, if every file is what was sealed; those in `known` were looked at before.

        Raises:
            Corrupt: a file is missing or other than it was.

        Cost: reads every file once, 1 ms a megabyte.
        """
        for file in sorted(set(state.files) - set(known)):
            path = self.place(state) / file.name
            try:
                is_same = path.stat().st_size == file.bytes and _sha256(path) == file.sha256
            except OSError as error:
                raise _damage("a file is missing") from error
            if not is_same:
                raise _damage("a file is not what was written")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only writer.

        Raises:
            Unavailable: another one was at it for too long.
        """
        handle = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        deadline = time.monotonic() + self._lock_wait_s
        try:
            while not _take(handle):
                if time.monotonic() >= deadline:
                    raise Unavailable(
                        "another process is writing this index of words",
                        hint="wait until it is done, then try again",
                        folder=str(self.folder),
                    )
                time.sleep(POLL_S)
            yield
        finally:
            os.close(handle)

    @contextmanager
    def draft(self, state: State) -> Iterator[Path]:
        """A folder with everything that `state` has; unless sealed by the end, it is removed.

        The caller holds the lock and replaces files as a whole, for they are shared with `state`.
        """
        path = self.folder / str(state.number + 1)
        with disk_errors():
            shutil.rmtree(path, ignore_errors=True)  # of a writer that was killed
            path.mkdir()
        try:
            with disk_errors():
                for file in state.files:
                    (path / file.name).hardlink_to(self.place(state) / file.name)
            yield path
        finally:
            if self.read().number != state.number + 1:
                shutil.rmtree(path, ignore_errors=True)

    def seal(self, state: State, names: Collection[str]) -> State:
        """Make the draft that follows `state` the current state, with the files `names`; durably."""
        path = self.folder / str(state.number + 1)
        old = {file.name: file for file in state.files}
        with disk_errors():
            kept = {name for name in names if name in old and _is_same(path / name, self.place(state) / name)}
            files = tuple(old[name] if name in kept else _file(path / name) for name in sorted(names))
            self._durable([path / name for name in names if name not in kept])
            fsync_path(path)
            fsync_path(self.folder)  # the draft's own name
            sealed = State(format=self._format, number=state.number + 1, files=files)
            self._write(sealed)
            self._sweep(sealed)
        return sealed

    def _write(self, state: State) -> None:
        body = orjson.loads(orjson.dumps(state))
        proof = hashlib.sha256(orjson.dumps(body)).hexdigest()
        partial = self.folder / f"{uuid4().hex}{PARTIAL}"
        write_file(partial, orjson.dumps({"sha256": proof, "state": body}), sync=True)
        partial.replace(self.folder / SEAL)
        fsync_path(self.folder)

    def _sweep(self, state: State) -> None:
        # A reader keeps what it has mapped of the old folder; one that comes too late reads the seal again.
        for path in self.folder.iterdir():
            if path.name.isdigit() and path.name != str(state.number):
                shutil.rmtree(path, ignore_errors=True)
            elif path.suffix == PARTIAL:
                path.unlink(missing_ok=True)
        kept = {file.name for file in state.files}
        for path in self.place(state).iterdir():
            if path.name not in kept:
                path.unlink(missing_ok=True)


@contextmanager
def disk_errors() -> Iterator[None]:
    """Raise what the disk refuses as an error of ours."""
    try:
        yield
    except OSError as error:
        raise disk_error(error, "write the index of words") from error


def _take(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_same(one: Path, other: Path) -> bool:
    return one.stat().st_ino == other.stat().st_ino


def _file(path: Path) -> File:
    return File(path.name, path.stat().st_size, _sha256(path))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _damage(what: str) -> Corrupt:
    return Corrupt(f"the index of words is damaged: {what}", hint="delete its folder; it is made again")
