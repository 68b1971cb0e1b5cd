"""[seam] What every object store gives: whole objects by key, nothing half-written, nothing in place.

Seven methods are all that the rest of the system may use. Objects never change in place: they are
put, replaced as a whole, or deleted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectInfo:
    """One stored object, without its bytes."""

    key: str
    size: int
    """In bytes."""

    modified_ms: int
    """When it was last put, by the store's own clock; for ages, never for order."""


class ObjectStore(Protocol):
    """Objects by key. Safe to share between threads; two processes may share what lies underneath.

    A key is one or more segments joined by `/`; see `store.keys` for what is allowed. No key may be a
    folder of another (`a` beside `a/b`), since local disks cannot keep both.

    Every method raises Invalid for a bad key and Unavailable when the store does not answer. After
    Unavailable from a put, the object may or may not be there: read it again before trying again.
    """

    def put(self, key: str, data: bytes) -> None:
        """Store `data`, replacing what was there in one step; durable when it returns."""
        ...

    def put_if_absent(self, key: str, data: bytes) -> bool:
        """Store `data` unless the key is taken; True if this call created the object."""
        ...

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """The object's bytes from `start`, at most `length` of them; empty past the end.

        Raises:
            NotFound: there is no such object.
        """
        ...

    def head(self, key: str) -> ObjectInfo | None:
        """Size and age, or None if there is no such object."""
        ...

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Every object whose key starts with `prefix` (any text, "" for all), in order of keys."""
        ...

    def delete(self, key: str) -> bool:
        """Make sure the object is gone; True if it was there."""
        ...

    def url(self, key: str) -> str:
        """The address by which engines read the object: an absolute local path, or scheme://bucket/key."""
        ...
