"""[acts] A store in memory: the twin that tests use in place of a disk."""

import threading
from collections.abc import Iterator

from lakehouse.base.clock import Clock, SystemClock
from lakehouse.base.errors import NotFound
from lakehouse.store.keys import check_key, check_range
from lakehouse.store.objects import ObjectInfo


class MemoryStore:
    """An ObjectStore that is gone when the process is."""

    def __init__(self, *, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._objects: dict[str, tuple[bytes, int]] = {}

    def put(self, key: str, data: bytes) -> None:
        """Store `data`, replacing what was there in one step."""
        with self._lock:
            self._objects[check_key(key)] = (bytes(data), self._clock.now_ms())

    def put_if_absent(self, key: str, data: bytes) -> bool:
        """Store `data` unless the key is taken; True if this call created the object."""
        fresh = (bytes(data), self._clock.now_ms())
        with self._lock:
            return self._objects.setdefault(check_key(key), fresh) is fresh

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """The object's bytes from `start`, at most `length` of them; empty past the end."""
        check_range(start, length)
        if (found := self._objects.get(check_key(key))) is None:
            raise NotFound(f"there is no object {key!r}", hint="list the store to see what is there", key=key)
        return found[0][start:] if length is None else found[0][start : start + length]

    def head(self, key: str) -> ObjectInfo | None:
        """Size and age, or None if there is no such object."""
        if (found := self._objects.get(check_key(key))) is None:
            return None
        return ObjectInfo(key=key, size=len(found[0]), modified_ms=found[1])

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Every object whose key starts with `prefix`, in order of keys."""
        with self._lock:
            found = [
                (key, len(data), ms) for key, (data, ms) in self._objects.items() if key.startswith(prefix)
            ]
        return (ObjectInfo(key=key, size=size, modified_ms=ms) for key, size, ms in sorted(found))

    def delete(self, key: str) -> bool:
        """Make sure the object is gone; True if it was there."""
        with self._lock:
            return self._objects.pop(check_key(key), None) is not None

    def url(self, key: str) -> str:
        """An address that names the object; only this process knows what it means."""
        return f"memory://{check_key(key)}"
