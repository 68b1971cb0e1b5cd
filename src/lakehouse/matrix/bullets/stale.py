"""[pure] Entries whose rows changed or went since they were written; what nobody can tell is not flagged."""

from collections.abc import Collection, Sequence

from lakehouse.matrix.bullets.bullet import Bullet, DocRef
from lakehouse.matrix.bullets.outside import Digests


def find(bullets: Sequence[Bullet], digests: Digests | None) -> Collection[str] | None:
    """Ids of stale entries; None: nobody could look."""
    if digests is None:
        return None
    wanted: dict[str, set[str]] = {}
    for ref in (ref for one in bullets for ref in one.doc_refs):
        wanted.setdefault(ref.table, set()).add(ref.row)
    now = {table: digests(table, rows) for table, rows in wanted.items()}

    def is_stale(ref: DocRef) -> bool:
        table = now[ref.table]
        if table is None:
            return False
        current = table.get(ref.row)
        return current is None or bool(ref.digest and current and current != ref.digest)

    return {one.entry_id for one in bullets if any(map(is_stale, one.doc_refs))}
