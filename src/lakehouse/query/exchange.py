"""[pure] The words between an engine and its worker: what it must learn for a query, what it answered.

The engine keeps the list of views that a worker has; the worker only does as it is told.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Protocol

from lakehouse.query.engine import Answer, Bound, Limits, Parsed
from lakehouse.query.relation import Definition, Relation, define, name_of


class Reply(Protocol):
    """A message of a worker."""

    @property
    def header(self) -> Mapping[str, object]:
        """Plain JSON."""
        ...

    @property
    def payload(self) -> tuple[bytes, ...]:
        """Raw bytes."""
        ...


Request = tuple[Mapping[str, object], tuple[bytes, ...]]
"""Header and payload."""


class Views:
    """The relations that one worker has views of, the latest used last."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: OrderedDict[Relation, Definition] = OrderedDict()
        self.iceberg = False
        """Has the worker the Iceberg reader?"""

    def need_iceberg(self, bound: Bound) -> bool:
        """Must the worker load the Iceberg reader first? It then starts over, without views."""
        return not self.iceberg and any(define(r, "").needs_iceberg for r in bound.relations)

    def restart(self) -> None:
        """Note that the worker started over with the Iceberg reader."""
        self._known.clear()
        self.iceberg = True

    def request(self, bound: Bound, limits: Limits) -> Request:
        """The request that runs a statement, and makes and drops views as needed; noted as done."""
        learn = [define(r, name_of(r)) for r in bound.relations if r not in self._known]
        for relation in bound.relations:
            if relation not in self._known:
                self._known[relation] = define(relation, name_of(relation))
            self._known.move_to_end(relation)
        surplus = len(self._known) - max(self._most, len(bound.relations))
        forget = [self._known.popitem(last=False)[1] for _ in range(surplus)]
        header = {
            "op": "run",
            "forget": [statement for d in forget for statement in d.teardown],
            "define": [statement for d in learn for statement in d.setup],
            "rows_names": [d.name for d in learn if d.rows is not None],
            "params": bound.params,
            "rows": limits.rows,
            "bytes": limits.bytes,
        }
        return header, (bound.tree.encode(), *(d.rows for d in learn if d.rows is not None))

    def doubt(self, bound: Bound) -> None:
        """Note that the request failed: whether its views came to be is unknown, making them anew is safe."""
        for relation in bound.relations:
            self._known.pop(relation, None)


def collect(replies: Iterable[Reply]) -> Answer:
    """The answer out of a worker's replies to `run`."""
    columns: list[tuple[str, str]] = []
    chunks: list[bytes] = []
    last: Mapping[str, object] = {}
    for reply in replies:
        last = reply.header
        said = last.get("columns")
        columns += [(str(name), str(kind)) for name, kind in said] if isinstance(said, list) else []
        chunks += filter(None, reply.payload)
    return Answer(
        columns=tuple(columns),
        chunks=tuple(chunks),
        row_count=int(str(last["row_count"])),
        truncated=bool(last["truncated"]),
        elapsed_ms=float(str(last["elapsed_ms"])),
    )


def parsed(reply: Reply) -> Parsed:
    """The tree out of a worker's reply to `parse`."""
    kinds = reply.header.get("kinds")
    return Parsed(reply.payload[0].decode(), tuple(map(str, kinds)) if isinstance(kinds, list) else ())
