"""[pure] What all events together mean: every trace as it stands, and what could not be applied.

Events are applied in their own order. Whatever was damaged or written by a newer version is left out by
whoever reads them; the fold takes what is left: a revision whose predecessor is missing is kept, as a gap.
Two revisions of one trace (two machines that could not see each other) are both kept, and counted as a fork;
the first in the order is the one that supersedes.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from lakehouse.base.errors import Corrupt, NotFound
from lakehouse.memory.events import Event
from lakehouse.memory.trace import Trace

MAKES: Final = frozenset({"add", "revise", "import"})


class State:
    """Everything that is remembered. Cost: about 20 µs an event."""

    def __init__(self) -> None:
        self._traces: dict[str, Trace] = {}
        self._events: set[str] = set()
        self._awaited: dict[str, str] = {}
        self.touched: dict[str, None] = {}
        """Traces that changed since somebody emptied this, in the order in which they did."""

        self.last: tuple[int, str] = (0, "")
        """Order of the latest event."""

        self.unapplied = 0
        """Events about traces that are not there, or that brought a uid again."""

        self.forks = 0
        self.gaps = 0

    def __len__(self) -> int:
        return len(self._traces)

    def __contains__(self, uid: object) -> bool:
        return uid in self._traces

    def __iter__(self) -> Iterator[Trace]:
        return iter(self._traces.values())

    @property
    def events(self) -> int:
        """How many events were read."""
        return len(self._events)

    def knows(self, event: Event) -> bool:
        """Was this event read already?"""
        return event.event_id in self._events

    def get(self, uid: str) -> Trace:
        """One trace, retired or not.

        Raises:
            NotFound: there is none.
        """
        if uid not in self._traces:
            raise NotFound(f"there is no trace {uid[:140]!r}", hint="lakehouse pathway search")
        return self._traces[uid]

    def history(self, uid: str) -> tuple[Trace, ...]:
        """The trace and its predecessors, newest first, as far back as they are known.

        Raises:
            NotFound: there is no such trace.
            Corrupt: the predecessors run in a circle.
        """
        found = {uid: self.get(uid)}
        at = found[uid].predecessor_uid
        while at is not None and at in self._traces:
            if at in found:
                raise Corrupt(
                    f"the predecessors of {uid[:140]} run in a circle", hint="lakehouse pathway get", uid=at
                )
            found[at] = self._traces[at]
            at = found[at].predecessor_uid
        return tuple(found.values())

    def apply(self, event: Event) -> None:
        """Take in one event; one that was read before changes nothing."""
        if self.knows(event):
            return
        self._events.add(event.event_id)
        self.last = max(self.last, event.order)
        if event.event == "imported":
            return
        known = self._traces.get(event.uid)
        if event.event in MAKES and known is None and event.text is not None:
            self._put(_made(event, superseded_by=self._awaited.pop(event.uid, None)))
            self._supersede(event)
        elif known is None or event.event in MAKES:
            self.unapplied += 1
        else:
            self._put(_changed(known, event))

    def _supersede(self, event: Event) -> None:
        before = event.predecessor_uid
        if before is None:
            return
        if before not in self._traces:
            self.gaps += 1
            self._awaited.setdefault(before, event.uid)
            return
        known = self._traces[before]
        if known.superseded_by in {None, event.uid}:
            self._put(replace(known, superseded_by=event.uid))
        else:
            self.forks += 1

    def _put(self, trace: Trace) -> None:
        self._traces[trace.uid] = trace
        self.touched[trace.uid] = None


def _made(event: Event, *, superseded_by: str | None) -> Trace:
    kept = event.counters
    return Trace(
        uid=event.uid,
        text=event.text or b"null",
        tags=event.tags or (),
        version=event.version,
        predecessor_uid=event.predecessor_uid,
        superseded_by=superseded_by or kept.superseded_by,
        created_ms=_first(kept.created_ms, event.at_ms),
        updated_ms=_first(kept.updated_ms, kept.created_ms, event.at_ms),
        retired_ms=kept.retired_ms,
        retired_reason=event.reason if kept.retired_ms is not None else "",
        replay_count=kept.replay_count,
        replays_succeeded=kept.replays_succeeded,
        replays_failed=kept.replays_failed,
        path=event.path,
    )


def _changed(known: Trace, event: Event) -> Trace:
    match event.event:
        case "update":
            return replace(
                known,
                text=known.text if event.text is None else event.text,
                path=known.path if event.text is None else event.path,
                tags=known.tags if event.tags is None else event.tags,
                updated_ms=event.at_ms,
            )
        case "retire" if not known.is_retired:
            return replace(known, retired_ms=event.at_ms, retired_reason=event.reason, updated_ms=event.at_ms)
        case "replay":
            return replace(
                known,
                replay_count=known.replay_count + 1,
                replays_succeeded=known.replays_succeeded + (event.succeeded is True),
                replays_failed=known.replays_failed + (event.succeeded is False),
            )
        case _:
            return known


def _first(*given: int | None) -> int:
    return next(value for value in given if value is not None)
