"""[pure] The words between an engine and its worker: what it must learn for a query, what it answered.

The engine keeps the list of views that a worker has; the worker only does as it is told.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from lakehouse.query.engine import Answer, Bound, Limits, Parsed
from lakehouse.query.relation import Definition, Held, Relation, define, name_of


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


HELD: Final = 8
"""Tables that a worker holds columns of: 12 bytes a row for a condition on one number."""

Request = tuple[Mapping[str, object], tuple[bytes, ...]]
"""Header and payload."""


class Views:
    """The relations that one worker has views of, the latest used last."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: OrderedDict[Relation, Definition] = OrderedDict()
        self._doubted: list[Definition] = []
        self.iceberg = False
        """Has the worker the Iceberg reader?"""

    def need_iceberg(self, bound: Bound) -> bool:
        """Must the worker load the Iceberg reader first? It then starts over, without views."""
        return not self.iceberg and any(define(r, "").needs_iceberg for r in bound.relations)

    def restart(self) -> None:
        """Note that the worker started over with the Iceberg reader."""
        self._known.clear()
        self._doubted = []
        self.iceberg = True

    def request(self, bound: Bound, limits: Limits) -> Request:
        """The request that runs a statement, and makes and drops views as needed; noted as done."""
        learn = [define(r, name_of(r)) for r in bound.relations if r not in self._known]
        for relation in bound.relations:
            if relation not in self._known:
                self._known[relation] = define(relation, name_of(relation))
            self._known.move_to_end(relation)
        forget = [*self._doubted, *(self._known.pop(relation) for relation in self._surplus(bound))]
        self._doubted = []
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

    def _surplus(self, bound: Bound) -> list[Relation]:
        """Those that were not used for longest, beyond what a worker may know and may hold."""
        rest = [r for r in self._known if r not in bound.relations]
        held = [r for r in rest if isinstance(r, Held)]
        leaving = held[: max(0, len(held) - HELD)]
        others = [r for r in rest if r not in leaving]
        excess = len(self._known) - len(leaving) - max(self._most, len(set(bound.relations)))
        return [*leaving, *others[: max(0, excess)]]

    def doubt(self, bound: Bound) -> None:
        """Note that the request failed: whether its views came to be is unknown; they are made anew."""
        for relation in bound.relations:
            if relation in self._known:
                self._doubted.append(self._known.pop(relation))


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
