"""[acts] What the playbook's text asks of a lake: what shows an entry, whether its rows are unchanged."""

from collections.abc import Collection, Mapping, Sequence

from lakehouse.base.errors import Invalid, LakehouseError, NotFound
from lakehouse.lake.indexes import Indexes
from lakehouse.llm.embedding import Embedder
from lakehouse.matrix.bullets.outside import Outside
from lakehouse.matrix.playbook.playbook import Playbook
from lakehouse.memory.pathway import PathwayMemory
from lakehouse.table.names import parse


def outside(
    embedder: Embedder | None, *, playbook: Playbook, pathway: PathwayMemory, indexes: Indexes
) -> Outside:
    """What entries ask of a lake."""

    def evidence(ids: Sequence[str]) -> Collection[str]:
        return {one for one in ids if playbook.knows(one) or _is_traced(pathway, one)}

    def digests(table: str, rows: Collection[str]) -> Mapping[str, str] | None:
        return _digests(indexes, table, rows)

    return Outside(embedder=embedder, evidence=evidence, digests=digests)


def _is_traced(pathway: PathwayMemory, uid: str) -> bool:
    try:
        pathway.get(uid)
    except (Invalid, NotFound):
        return False
    return True


def _digests(indexes: Indexes, table: str, rows: Collection[str]) -> Mapping[str, str] | None:
    """Of the texts that the first index over a table has; None where none can tell."""
    try:
        for name in indexes.of(parse(table)):
            if (words := indexes.get(name).view().words) is not None:
                return {key: document.digest for key, document in words.texts(list(rows)).items()}
    except LakehouseError:  # an index that is just being changed says nothing of its rows
        return None
    return None
