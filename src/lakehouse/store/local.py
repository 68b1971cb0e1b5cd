"""[acts] A store in a local folder that survives killed processes and power cuts.

Every object is written under `.partial/`, flushed, and only then linked (or renamed) to its name, whose
folder is flushed too, before the call returns. Each open store has its own folder under `.partial/` and
holds a lock on it; a folder whose lock is free belongs to a process that is gone, and is swept.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from uuid import uuid4

from lakehouse.base.clock import Clock, SystemClock
from lakehouse.base.errors import NotFound
from lakehouse.store.durable import disk_error, fsync_path, make_folder, write_file
from lakehouse.store.keys import PARTIAL, check_key, check_range, is_key
from lakehouse.store.objects import ObjectInfo
from lakehouse.store.scratch import Scratch

Durability = Literal["full", "process"]
"""`full` survives a power cut; `process` survives a killed process, and skips every fsync."""


class LocalStore:
    """An ObjectStore in the folder `root`, which is created if need be and swept of leftovers."""

    def __init__(self, root: Path, *, durability: Durability = "full", clock: Clock | None = None) -> None:
        self.root = root.absolute()
        self._full = durability == "full"
        self._settled: set[Path] = set()
        try:
            make_folder(self.root, sync=self._full)
            self._scratch = Scratch(self.root / PARTIAL)
        except OSError as error:
            raise disk_error(error, f"open a store in {str(root)!r}") from error
        self.sweep(0, (clock or SystemClock()).now_ms())

    def put(self, key: str, data: bytes) -> None:
        """Store `data`, replacing what was there in one step; durable when it returns."""
        self._place(key, data, replace=True)

    def put_if_absent(self, key: str, data: bytes) -> bool:
        """Store `data` unless the key is taken; True if this call created the object.

        No reader, and no other process that races for the key, ever sees half an object.
        """
        return self._place(key, data, replace=False)

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """The object's bytes from `start`, at most `length` of them; empty past the end."""
        check_range(start, length)
        try:
            with self._path(key).open("rb", buffering=0) as file:
                if start:
                    file.seek(start)
                return _read(file.fileno(), length)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            hint = "list the store to see what is there"
            raise NotFound(f"there is no object {key!r}", hint=hint, key=key) from error
        except OSError as error:
            raise disk_error(error, f"read {key!r}", key=key) from error

    def head(self, key: str) -> ObjectInfo | None:
        """Size and age, or None if there is no such object."""
        path = self._path(key)
        try:
            found = path.stat()
            return None if path.is_dir() else _info(key, found)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise disk_error(error, f"look up {key!r}", key=key) from error

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Every object whose key starts with `prefix`, in order of keys."""
        above = prefix.rpartition("/")[0]
        if above and not is_key(above):
            return iter(())
        return _walk(self.root / above, f"{above}/" if above else "", prefix)

    def delete(self, key: str) -> bool:
        """Make sure the object is gone, durably; True if it was there."""
        path = self._path(key)
        try:
            path.unlink()
            self._sync(path.parent)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return False
        except OSError as error:
            raise disk_error(error, f"delete {key!r}", key=key) from error
        return True

    def url(self, key: str) -> str:
        """The absolute path of the object's file."""
        return str(self._path(key))

    def sweep(self, older_than_ms: int, now_ms: int) -> int:
        """Remove what killed processes left half-written, if it is that old; how many files went.

        Files of living processes stay whatever their age, since their folder's lock is held.
        """
        try:
            return self._scratch.sweep(before_ms=now_ms - older_than_ms)
        except OSError as error:
            raise disk_error(error, "sweep leftovers") from error

    def _place(self, key: str, data: bytes, *, replace: bool) -> bool:
        path, partial = self._path(key), self._scratch.path / uuid4().hex
        try:
            try:
                write_file(partial, data, sync=self._full)
                self._settle(path.parent)
                created = _rename(partial, path) if replace else _link_if_absent(partial, path)
                # Also when the key was taken: whoever is told so may rely on the object, and its
                # writer may not have got to this line yet.
                self._sync(path.parent)
            finally:
                partial.unlink(missing_ok=True)
        except OSError as error:
            raise disk_error(error, f"write {key!r}", key=key) from error
        return created

    def _settle(self, folder: Path) -> None:
        # A new folder is itself an entry of its parent that a power cut may lose.
        if folder in self._settled and folder.is_dir():
            return
        if folder != self.root:
            self._settle(folder.parent)
            folder.mkdir(exist_ok=True)
            self._sync(folder.parent)
        self._settled.add(folder)

    def _sync(self, folder: Path) -> None:
        if self._full:
            fsync_path(folder)

    def _path(self, key: str) -> Path:
        return self.root / check_key(key)


def _link_if_absent(source: Path, target: Path) -> bool:
    # link(2) fails with EEXIST where rename(2) would replace: the test and the write are one step.
    try:
        os.link(source, target)
    except FileExistsError:
        if target.is_dir():
            raise
        return False
    return True


def _rename(source: Path, target: Path) -> bool:
    source.replace(target)
    return True


def _read(handle: int, length: int | None) -> bytes:
    chunks, left = [], length
    if left is None:
        left = max(0, os.fstat(handle).st_size - os.lseek(handle, 0, os.SEEK_CUR))
    while left and (chunk := os.read(handle, min(left, 1 << 30))):
        chunks.append(chunk)
        left -= len(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _walk(folder: Path, above: str, prefix: str) -> Iterator[ObjectInfo]:
    # A folder sorts as its name with a slash, which is where the keys below it belong: "a.b" < "a/b".
    try:
        with os.scandir(folder) as entries:
            # Of a large folder most is not wanted; names tell, and asking what an entry is costs more.
            start, ours = prefix.removeprefix(above), prefix.startswith(above)
            wanted = [e for e in entries if not ours or e.name.startswith(start) or start.startswith(e.name)]
            names = sorted((f"{e.name}/" if e.is_dir(follow_symlinks=False) else e.name, e) for e in wanted)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise disk_error(error, "list objects") from error
    for name, entry in names:
        key = above + name
        if name.endswith("/"):
            if key != f"{PARTIAL}/" and (key.startswith(prefix) or prefix.startswith(key)):
                yield from _walk(folder / entry.name, key, prefix)
        elif key.startswith(prefix) and (info := _stat(key, entry)):
            yield info


def _stat(key: str, entry: os.DirEntry[str]) -> ObjectInfo | None:
    try:
        return _info(key, entry.stat())
    except FileNotFoundError:
        return None  # deleted since the folder was read


def _info(key: str, found: os.stat_result) -> ObjectInfo:
    return ObjectInfo(key=key, size=found.st_size, modified_ms=found.st_mtime_ns // 1_000_000)
