"""[acts] Origins: has a table taken in these very bytes before?"""

from pathlib import Path
from typing import Final

from lakehouse.base.errors import NotFound, Unavailable
from lakehouse.base.ids import sha256
from lakehouse.store.journal import Journal
from lakehouse.table.heads import Head
from lakehouse.table.timeline import ROLLED_BACK_TO, lineage, source_hash, sources

BLOCK: Final = 1 << 20
TAKEN: Final = frozenset({"created", "appended", "replaced", "upserted"})


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


def is_taken(head: Head, content: str, *, mode: str, journal: Journal) -> bool:
    """Are these bytes part of the table as it is now?

    The snapshots say so themselves; where the oldest of them have expired, the journal of ingests answers
    for those. An append asks whether they were ever added. A replacement and an upsert say how rows are to
    be from now on, so they ask whether these bytes were the last to say anything.
    """
    writes = [s for s in lineage(head) if not (s.summary and s.summary.get("lakehouse.upkeep"))]
    if mode != "append":
        own = [s for s in writes if not (s.summary and s.summary.get(ROLLED_BACK_TO))]
        return bool(own) and source_hash(own[0]) == content
    if content in sources(head):
        return True
    oldest = writes[-1] if writes else None
    summary = oldest.summary if oldest else None
    if oldest is None or (summary and summary.get("lakehouse.mode") == "replace"):
        return False
    is_cut = oldest.parent_snapshot_id is not None and not (summary and summary.get(ROLLED_BACK_TO))
    return is_cut and _journaled(head, content, journal)


def _journaled(head: Head, content: str, journal: Journal) -> bool:
    kept = {s.snapshot_id for s in head.metadata.snapshots}
    return any(
        record.get("sha256") == content
        and record.get("table_name") == str(head.name)
        and record.get("status") in TAKEN
        and record.get("snapshot_id") not in kept
        for record in journal.replay("ingests")
    )
