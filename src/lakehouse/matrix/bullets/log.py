"""[acts] The log of the playbook's text and the fold over it: written in turns, seen by every process.

The same order as in the log of pathway memory: a writer waits for its turn, reads what others wrote, lets
its plan decide on what is then known, and appends. Control events of the playbook come without turns; they
say nothing of texts, so their place among them does not matter.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from lakehouse.base.clock import Clock
from lakehouse.base.ids import ulid
from lakehouse.matrix.bullets.events import STREAM, Control, Event, from_record, to_record
from lakehouse.matrix.bullets.fold import State
from lakehouse.matrix.bullets.known import Index
from lakehouse.store.follow import Follower
from lakehouse.store.journal import Journal
from lakehouse.store.turns import Turns

T = TypeVar("T")


@dataclass(slots=True)
class View:
    """What this process knows, and how far it has read."""

    state: State
    index: Index
    follower: Follower
    unknown: set[str] = field(default_factory=set)
    """Ids of records that no version up to this one writes."""


Decide = Callable[[View], Sequence[Event]]
"""What to write, decided on what is known; raises a LakehouseError where nothing may be."""


class Log:
    """Events of entries, durable and in order. Safe between threads and processes."""

    def __init__(self, journal: Journal, *, turns: Turns, clock: Clock) -> None:
        self._journal, self._turns, self._clock = journal, turns, clock
        self._lock = threading.Lock()
        self._view: View | None = None
        self._looked_ms = 0

    def read(self, ask: Callable[[View], T], *, within_ms: int = 0) -> T:
        """An answer from what is known now. `ask` must not keep the view.

        Args:
            within_ms: how old what other processes wrote may be without being seen; 0 looks for it.
        """
        with self._lock:
            if self._view and 0 <= self._clock.now_ms() - self._looked_ms < within_ms:
                return ask(self._view)
            return ask(self._caught_up())

    def write(self, decide: Decide, show: Callable[[View], T]) -> T:
        """Append what `decide` says; what `show` says of the state right after it, once it is durable.

        Raises:
            Unavailable: the store failed; whether the events are there will be known at the next call.
            LakehouseError: whatever `decide` raised; nothing was written then.
        """
        with self._lock, self._turns.hold() as turn:
            view = self._caught_up()
            events = self._stamped(view.state, decide(view))
            if events:
                self._view = None  # should the store fail: nobody knows whether the events are there
                turn.begin()
                self._journal.append(STREAM, [to_record(event) for event in events])
                turn.settle()
                for event in events:
                    view.state.apply(event)
                view.index.refresh()
                self._view = view
            return show(view)

    def _stamped(self, state: State, events: Sequence[Event]) -> list[Event]:
        now, seq = self._clock.now_ms(), state.last[0]
        return [
            replace(event, event_id=ulid(now), seq=seq + place, at_ms=now)
            for place, event in enumerate(events, 1)
        ]

    def _caught_up(self) -> View:
        self._looked_ms = self._clock.now_ms()
        view = self._view if self._view is not None else self._blank()
        if not _take(view):
            view = self._blank()
            _take(view)
        view.index.refresh()
        self._view = view
        return view

    def _blank(self) -> View:
        state = State()
        return View(state=state, index=Index(state), follower=self._journal.follow(STREAM))


def _take(view: View) -> bool:
    """Apply what is new; False where it belongs before what was applied, so that all must be read again."""
    read = [(from_record(record), str(record.get("id"))) for record in view.follower.fetch()]
    fresh = [event for event, _ in read if event and not view.state.knows(event)]
    told = sorted((one for one in fresh if isinstance(one, Event)), key=lambda one: one.order)
    if told and told[0].order < view.state.last:
        return False
    for control in (one for one in fresh if isinstance(one, Control)):
        view.state.apply(control)
    for event in told:
        view.state.apply(event)
    view.unknown |= {record_id for event, record_id in read if not event}
    return True
