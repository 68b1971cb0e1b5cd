"""[pure] The playbook's versions: every event is one, and rollbacks take events out of the middle."""

import heapq
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain

from lakehouse.store.streams import Json

Record = Mapping[str, Json]
Gap = tuple[str, str]
"""The ids between which events no longer hold, both ends excluded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One event, and the state of the playbook with it."""

    version: str
    """`rollback` takes one."""

    at: str
    """When it was written down, ISO 8601."""

    what: str
    """An outcome (accepted, rejected …) or a control (distrust, retire_row, rollback …)."""

    subject: str
    """`corpus/key` of a row, a source, or the version that a rollback went back to."""

    by: str
    """Who said so; empty: nobody in particular."""

    question: str
    """Of an outcome: what was asked."""

    reason: str
    search_id: str = ""
    is_undone: bool = False
    """A later rollback took it out."""


def versions(
    outcomes: Iterable[Record], controls: Iterable[Record], *, limit: int, asked: Callable[[str], str]
) -> tuple[Version, ...]:
    """The newest events first.

    Args:
        asked: the question of a search, empty where it is not known.

    Cost: grows with the log, which is read once; memory with `limit` and the controls.
    """
    steered = tuple(controls)
    undone = gaps(steered)
    told = chain(map(_outcome, outcomes), map(_control, steered))
    newest = heapq.nlargest(limit, told, key=lambda one: one.version)
    return tuple(
        replace(one, question=one.question or asked(one.search_id), is_undone=is_in(one.version, undone))
        for one in newest
    )


def gaps(controls: Iterable[Record]) -> list[Gap]:
    """What rollbacks took out: everything after the version they went back to, up to themselves.

    A rollback that a later one took out counts no more: what it had taken out holds again.
    """
    rollbacks = sorted(
        (_text(one, "event_id"), _text(one, "to")) for one in controls if one.get("op") == "rollback"
    )
    found: list[Gap] = []
    for event_id, to in reversed(rollbacks):
        if not is_in(event_id, found):
            found.append((to, event_id))
    return found


def is_in(event_id: str, undone: Iterable[Gap]) -> bool:
    """Was this event taken out?"""
    return any(low < event_id < high for low, high in undone)


def _outcome(record: Record) -> Version:
    search = record.get("search")
    question = search.get("text") if isinstance(search, Mapping) else ""
    kind, audit = _text(record, "outcome"), record.get("audit") is True
    value = record.get("value")
    return Version(
        version=_text(record, "event_id"),
        at=_text(record, "at"),
        what=f"audited {kind}" if audit else kind,
        subject=f"{_text(record, 'corpus')}/{_text(record, 'doc_id')}",
        by=_text(record, "source"),
        question=question if isinstance(question, str) else "",
        reason=f"value {value:g}" if isinstance(value, int | float) else "",
        search_id=_text(record, "search_id"),
    )


def _control(record: Record) -> Version:
    return Version(
        version=_text(record, "event_id"),
        at=_text(record, "at"),
        what=_text(record, "op"),
        subject=_text(record, "subject") or _text(record, "to") or _text(record, "entry_id"),
        by=_text(record, "source"),
        question="",
        reason=_text(record, "reason"),
    )


def _text(record: Record, name: str) -> str:
    value = record.get(name)
    return value if isinstance(value, str) else ""
