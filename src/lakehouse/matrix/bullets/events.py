"""[pure] What happened to entries: events as they are written to the stream `playbook` and read from it.

The stream holds control events of the playbook too (a source distrusted, a rollback); they have an `op` of
their own, and here only what they say of sources is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from lakehouse.base.errors import Invalid
from lakehouse.matrix.bullets import limits
from lakehouse.matrix.bullets.bullet import STATUSES, DocRef, Scope, Status
from lakehouse.store.streams import Json

STREAM: Final = "playbook"

Op = Literal["add", "update", "merge", "link", "retire", "restore", "reject", "serve", "vote"]
OPS: Final[Mapping[str, Op]] = {
    "add": "add",
    "update": "update",
    "merge": "merge",
    "link": "link",
    "retire": "retire",
    "restore": "restore",
    "reject": "reject",
    "serve": "serve",
    "vote": "vote",
}
"""link: more evidence for an entry that says the same. restore: an earlier version stands again. reject: a
candidate stayed out (its text is not kept). serve: a call was given entries. vote: what came of it."""

CONTROLS: Final = ("distrust", "trust", "retire_row", "restore_row", "rollback")
"""Written by the numeric side of the playbook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One fact. Fields that are None change nothing."""

    op: Op
    entry_id: str = ""
    section: str | None = None
    content: str | None = None
    scope: Scope | None = None
    evidence: tuple[str, ...] | None = None
    doc_refs: tuple[DocRef, ...] | None = None
    status: Status | None = None
    source: str = ""
    call_id: str = ""
    helpful: bool | None = None
    difference: float | None = None
    """Of the call's result with the entry and without it, -1 to 1."""

    rule: str = ""
    reason: str = ""
    entries: tuple[tuple[str, int], ...] = ()
    """Ids and versions: what a call was served, or what was merged."""

    to_version: int = 0
    event_id: str = ""
    seq: int = 0
    """One more than the largest that its writer had seen; see the log of pathway memory."""

    at_ms: int = 0

    @property
    def order(self) -> tuple[int, str]:
        """Its place among all events."""
        return self.seq, self.event_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """What the playbook was told of its sources, or a rollback of that."""

    op: str
    subject: str
    to: str
    event_id: str


def to_record(event: Event) -> dict[str, Json]:
    """The event as a record of the stream."""
    refs = event.doc_refs
    record: dict[str, Json] = {
        "event_id": event.event_id,
        "seq": event.seq,
        "op": event.op,
        "entry_id": event.entry_id or None,
        "section": event.section,
        "content": event.content,
        "scope": dict(event.scope) if event.scope is not None else None,
        "evidence": list(event.evidence) if event.evidence is not None else None,
        "doc_refs": [[r.table, r.row, r.digest] for r in refs] if refs is not None else None,
        "status": event.status,
        "source": event.source or None,
        "call_id": event.call_id or None,
        "helpful": event.helpful,
        "difference": event.difference,
        "rule": event.rule or None,
        "to": str(event.to_version) if event.to_version else None,
        "reason": event.reason or None,
        "at_ms": event.at_ms,
        "entries": [list(pair) for pair in event.entries] or None,
    }
    return record


def from_record(record: Mapping[str, Json]) -> Event | Control | None:
    """The event that a record of the stream holds; None where it is none that we know."""
    event_id, op = _word(record, "event_id"), _word(record, "op")
    if op in CONTROLS and event_id:
        return Control(op=op, subject=_word(record, "subject"), to=_word(record, "to"), event_id=event_id)
    seq, known = record.get("seq"), OPS.get(op)
    if known is None or not event_id or type(seq) is not int or seq < 1:
        return None
    try:
        return _event(record, known, event_id, seq)
    except (Invalid, ValueError, TypeError, OverflowError):
        return None


def _event(record: Mapping[str, Json], op: Op, event_id: str, seq: int) -> Event:
    scope, evidence, refs = record.get("scope"), record.get("evidence"), record.get("doc_refs")
    helpful, difference, at_ms = record.get("helpful"), record.get("difference"), record.get("at_ms")
    section, content = record.get("section"), record.get("content")
    return Event(
        op=op,
        entry_id=_word(record, "entry_id"),
        section=section if isinstance(section, str) else None,
        content=content if isinstance(content, str) else None,
        scope=limits.scope(scope) if scope is not None else None,
        evidence=limits.evidence(evidence) if evidence is not None else None,
        doc_refs=tuple(map(_ref, refs)) if isinstance(refs, list) else None,
        status=next((s for s in STATUSES if s == record.get("status")), None),
        source=_word(record, "source"),
        call_id=_word(record, "call_id"),
        helpful=helpful if isinstance(helpful, bool) else None,
        difference=float(difference) if isinstance(difference, int | float) else None,
        rule=_word(record, "rule"),
        reason=_word(record, "reason"),
        entries=_entries(record.get("entries")),
        to_version=int(_word(record, "to") or 0),
        event_id=event_id,
        seq=seq,
        at_ms=at_ms if type(at_ms) is int else 0,
    )


def _ref(given: Json) -> DocRef:
    match given:
        case [str(table), str(row), str(digest)]:
            return DocRef(table=table, row=row, digest=digest)
        case _:
            raise ValueError("no row")


def _entries(given: Json) -> tuple[tuple[str, int], ...]:
    found: list[tuple[str, int]] = []
    for pair in given if isinstance(given, list) else []:
        match pair:
            case [str(entry_id), int(version)]:
                found.append((entry_id, version))
            case _:
                raise ValueError("no entry")
    return tuple(found)


def _word(record: Mapping[str, Json], name: str) -> str:
    given = record.get(name)
    return given if isinstance(given, str) else ""
