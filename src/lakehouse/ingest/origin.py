"""[acts] Origins: has a table taken in these very bytes before?"""

from pathlib import Path
from typing import Final

from lakehouse.base.ids import sha256
from lakehouse.store.journal import Journal
from lakehouse.table.heads import Head
from lakehouse.table.timeline import ROLLED_BACK_TO, lineage, source_hash

BLOCK: Final = 1 << 20
TAKEN: Final = frozenset({"created", "appended", "replaced", "upserted"})


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes. Cost: about a second for each gigabyte."""
    with path.open("rb") as file:
        return sha256(iter(lambda: file.read(BLOCK), b""))


def is_taken(head: Head, content: str, *, mode: str, journal: Journal) -> bool:
    """Are these bytes part of the table as it is now?

    The snapshots say so themselves; where the oldest of them have expired, the journal of ingests answers
    for those. A replacement asks only whether the table is that very file still.
    """
    writes = [s for s in lineage(head) if not (s.summary and s.summary.get("lakehouse.upkeep"))]
    if mode == "replace":
        return bool(writes) and source_hash(writes[0]) == content
    if any(source_hash(s) == content for s in writes):
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
