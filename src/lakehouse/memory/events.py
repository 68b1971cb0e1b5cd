"""[pure] What happened to traces: events as they are written to the stream `pathway` and read from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import orjson

from lakehouse.base.errors import Invalid
from lakehouse.memory import path as paths
from lakehouse.memory.limits import parsed
from lakehouse.memory.path import Path
from lakehouse.store.streams import Json

STREAM: Final = "pathway"
Kind = Literal["add", "update", "revise", "retire", "replay", "import", "imported"]
KINDS: Final[Mapping[str, Kind]] = {
    "add": "add", "update": "update", "revise": "revise", "retire": "retire", "replay": "replay",
    "import": "import", "imported": "imported",
}  # fmt: skip
"""add, revise, import: a trace comes. replay: it was used, or added again (then without an outcome).
imported: a file of the earlier shape was taken in; its content is what that file held besides traces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """What an imported trace had been through."""

    replay_count: int = 0
    replays_succeeded: int = 0
    replays_failed: int = 0
    created_ms: int | None = None
    updated_ms: int | None = None
    retired_ms: int | None = None
    superseded_by: str | None = None


NOTHING: Final = Counters()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One fact. Facts are put in order by `order`, not by anybody's clock."""

    event: Kind
    uid: str
    text: bytes | None = None
    """The content as JSON, where the event brings one."""

    tags: tuple[str, ...] | None = None
    predecessor_uid: str | None = None
    version: int = 1
    path: Path | None = None
    """What the content says; made anew from it when the event is read back."""

    succeeded: bool | None = None
    reason: str = ""
    counters: Counters = field(default=NOTHING)
    event_id: str = ""
    """Unique; an event that is read twice counts once."""

    seq: int = 0
    """One more than the largest that its writer had seen: no event comes before what it rests on, even where
    clocks differ or go back. Source: Lamport, "Time, Clocks, and the Ordering of Events" (1978)."""

    at_ms: int = 0

    @property
    def order(self) -> tuple[int, str]:
        """Its place among all events."""
        return self.seq, self.event_id


def to_record(event: Event) -> dict[str, Json]:
    """The event as a record of the stream."""
    kept = event.counters
    counted: dict[str, Json] = {
        "replay_count": kept.replay_count,
        "replays_succeeded": kept.replays_succeeded,
        "replays_failed": kept.replays_failed,
        "created_ms": kept.created_ms,
        "updated_ms": kept.updated_ms,
        "retired_ms": kept.retired_ms,
        "superseded_by": kept.superseded_by,
    }
    return {
        "event_id": event.event_id,
        "seq": event.seq,
        "event": event.event,
        "uid": event.uid,
        "predecessor_uid": event.predecessor_uid,
        "pathway_id": event.path.pathway_id if event.path else None,
        "tags": list(event.tags) if event.tags is not None else None,
        "content": parsed(event.text) if event.text is not None else None,
        "succeeded": event.succeeded,
        "reason": event.reason or None,
        "at_ms": event.at_ms,
        "version": event.version if event.version > 1 else None,
        **(counted if kept != NOTHING else {}),
    }


def from_record(record: Mapping[str, Json]) -> Event | None:
    """The event that a record of the stream holds; None where it is none that we know."""
    kind = KINDS.get(str(record.get("event")))
    uid, event_id, content = record.get("uid"), record.get("event_id"), record.get("content")
    tags, seq = record.get("tags"), _whole(record, "seq")
    if kind is None or not isinstance(uid, str) or not isinstance(event_id, str) or seq is None:
        return None
    succeeded = record.get("succeeded")
    return Event(
        event=kind,
        uid=uid,
        text=orjson.dumps(content) if content is not None else None,
        tags=tuple(map(str, tags)) if isinstance(tags, list) else None,
        predecessor_uid=_word(record, "predecessor_uid"),
        version=_whole(record, "version") or 1,
        path=path_of(content) if kind != "imported" else None,
        succeeded=succeeded if isinstance(succeeded, bool) else None,
        reason=_word(record, "reason") or "",
        counters=_counters(record) if kind == "import" else NOTHING,
        event_id=event_id,
        seq=seq,
        at_ms=_whole(record, "at_ms") or 0,
    )


def path_of(content: Json) -> Path | None:
    """What stored content says, where it is a rich trace that can be read; any other is opaque."""
    if not isinstance(content, Mapping) or not paths.claims(content):
        return None
    try:
        return paths.read(content)
    except Invalid:
        return None


def _counters(record: Mapping[str, Json]) -> Counters:
    return Counters(
        replay_count=_whole(record, "replay_count") or 0,
        replays_succeeded=_whole(record, "replays_succeeded") or 0,
        replays_failed=_whole(record, "replays_failed") or 0,
        created_ms=_whole(record, "created_ms"),
        updated_ms=_whole(record, "updated_ms"),
        retired_ms=_whole(record, "retired_ms"),
        superseded_by=_word(record, "superseded_by"),
    )


def _whole(record: Mapping[str, Json], name: str) -> int | None:
    given = record.get(name)
    return given if type(given) is int and given >= 0 else None


def _word(record: Mapping[str, Json], name: str) -> str | None:
    given = record.get(name)
    return given if isinstance(given, str) and given else None
