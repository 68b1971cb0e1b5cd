"""[acts] Identifiers: ULIDs that sort by time, and content hashes."""

import hashlib
import os
import threading
from collections.abc import Iterable
from typing import Final

CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

_lock = threading.Lock()
_last = 0


def ulid(now_ms: int) -> str:
    """A new identifier of 26 characters; later calls in this process always sort after earlier ones.

    Source: the ULID specification, github.com/ulid/spec, sections "Components" and "Monotonicity".
    """
    global _last  # noqa: PLW0603 - monotonic within the process is the point of a ULID
    with _lock:
        fresh = now_ms << 80 | int.from_bytes(os.urandom(10))
        _last = max(fresh, _last + 1)
        value = _last
    return "".join(CROCKFORD[value >> shift & 31] for shift in range(125, -1, -5))


def sha256(chunks: Iterable[bytes]) -> str:
    """SHA-256 of the concatenated chunks, lowercase hex."""
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()
