"""[acts] Origins: has a table taken in these very bytes before?"""

from pathlib import Path
from typing import Final

from pyiceberg.table.snapshots import Snapshot

from lakehouse.base.errors import NotFound, Unavailable
from lakehouse.base.ids import sha256
from lakehouse.table.files.sources import ROLLED_BACK_TO, Sources, said, source_hash
from lakehouse.table.heads import Head
from lakehouse.table.timeline import lineage

BLOCK: Final = 1 << 20


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes. Cost: about a second for each gigabyte.

    Raises:
        NotFound: the file is gone.
        Unavailable: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return sha256(iter(lambda: file.read(BLOCK), b""))
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {path.name} any more", hint="check the path") from error
    except OSError as error:
        why = f"{path.name} cannot be read: {error.strerror}"
        raise Unavailable(why, hint="check its permissions and the disk") from error


def is_taken(head: Head, content: str, *, mode: str, sources: Sources) -> bool:
    """Are these bytes part of the table as it is now?

    The table says so itself, also of snapshots that have expired. An append asks whether they were ever
    added. A replacement and an upsert say how rows are to be from now on, so they ask whether these bytes
    were the last to say anything.
    """
    if mode == "append":
        return sources.has(head.metadata, content)
    last = next((s for s in lineage(head) if not _is_aside(s)), None)
    return last is not None and source_hash(last) == content


def _is_aside(snapshot: Snapshot) -> bool:
    """Did it say nothing of rows itself: upkeep, or a rollback?"""
    return bool(said(snapshot, "lakehouse.upkeep") or said(snapshot, ROLLED_BACK_TO))
