"""[acts] The log of pathway memory and the fold over it: written in turns, seen by every process.

A writer waits for its turn, reads what others wrote, lets its plan decide on what is then known, and appends
the events. So a revision of what is no longer the tip is refused, however many processes try at once. Writers
of one process that wait at the same time share a turn and a file: each decides on what those before it did,
and all wait for the disk once. Where several machines write to one bucket there is no turn between them: what
they write at the same moment is kept side by side, and counted (`fold`).
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from lakehouse.base.clock import Clock
from lakehouse.base.errors import LakehouseError, Unavailable
from lakehouse.base.ids import ulid
from lakehouse.memory.events import STREAM, Event, from_record, to_record
from lakehouse.memory.find import Index
from lakehouse.memory.fold import State
from lakehouse.store.follow import Follower
from lakehouse.store.journal import Journal
from lakehouse.store.turns import UNKNOWN, Turn, Turns

T = TypeVar("T")

Decide = Callable[[State], Sequence[Event]]
"""What to write, decided on what is known; raises a LakehouseError where nothing may be."""

CUT: Final = "writing was interrupted"


@dataclass(slots=True)
class View:
    """What this process knows, and how far it has read."""

    state: State
    index: Index
    follower: Follower
    mark: bytes = UNKNOWN
    unknown: set[str] = field(default_factory=set)
    """Ids of records that no version up to this one writes."""


@dataclass(slots=True)
class _Ticket:
    decide: Decide
    show: Callable[[State], object]
    done: bool = False
    shown: object = None
    error: LakehouseError | None = None


class Log:
    """Events of traces, durable and in order. Safe between threads and processes."""

    def __init__(self, journal: Journal, *, turns: Turns, clock: Clock) -> None:
        self._journal, self._turns, self._clock = journal, turns, clock
        self._lock = threading.Lock()
        self._queue_lock = threading.Lock()
        self._queue: list[_Ticket] = []
        self._view: View | None = None

    def read(self, ask: Callable[[View], T]) -> T:
        """An answer from what is known now. `ask` must not keep the view."""
        with self._lock:
            return ask(self._caught_up(self._turns.mark()))

    def write(self, decide: Decide, show: Callable[[State], object]) -> object:
        """Append what `decide` says; what `show` says of the state right after it, once it is durable.

        Raises:
            Unavailable: the store failed; whether the events are there will be known at the next call.
            LakehouseError: whatever `decide` raised; nothing was written for it.
        """
        ticket = _Ticket(decide, show)
        with self._queue_lock:
            self._queue.append(ticket)
        with self._lock:
            if not ticket.done:
                self._commit()
        if error := ticket.error:
            # One failure is told to many threads, and an exception object belongs to one.
            raise type(error)(error.message, hint=error.hint, **error.context) from error
        return ticket.shown

    def _commit(self) -> None:
        with self._queue_lock:
            tickets, self._queue = self._queue, []
        failure: LakehouseError | None = Unavailable(CUT, hint="try again")
        try:
            with self._turns.hold() as turn:
                self._work(tickets, turn)
            failure = None
        except LakehouseError as error:
            failure = error
        finally:
            for ticket in tickets:
                ticket.error = ticket.error or failure
                ticket.done = True

    def _work(self, tickets: Sequence[_Ticket], turn: Turn) -> None:
        view = self._caught_up(turn.mark)
        self._view = None  # whatever fails from here on: what was applied may not be in the log
        events: list[Event] = []
        for ticket in tickets:
            try:
                made = self._stamped(view.state, ticket.decide(view.state))
            except LakehouseError as error:
                ticket.error = error
                continue
            for event in made:
                view.state.apply(event)
            events += made
            ticket.shown = ticket.show(view.state)
        if events:
            turn.begin()
            self._journal.append(STREAM, [to_record(event) for event in events])
            view.mark = turn.settle()
        self._view = view

    def _stamped(self, state: State, events: Sequence[Event]) -> list[Event]:
        now, seq = self._clock.now_ms(), state.last[0]
        return [
            replace(event, event_id=ulid(now), seq=seq + place, at_ms=now)
            for place, event in enumerate(events, 1)
        ]

    def _caught_up(self, mark: bytes) -> View:
        """What is known once everything is read that was there when the mark was."""
        view = self._view if self._view is not None else self._blank()
        if mark == UNKNOWN or mark != view.mark:
            if not _take(view):
                view = self._blank()
                _take(view)
            view.mark = mark
        self._view = view
        return view

    def _blank(self) -> View:
        state = State()
        return View(state=state, index=Index(state), follower=self._journal.follow(STREAM))


def _take(view: View) -> bool:
    """Apply what is new; False where it belongs before what was applied, so that all must be read again."""
    read = [(from_record(record), str(record.get("id"))) for record in view.follower.fetch()]
    fresh = sorted((e for e, _ in read if e and not view.state.knows(e)), key=lambda e: e.order)
    if fresh and fresh[0].order < view.state.last:
        return False
    for event in fresh:
        view.state.apply(event)
    view.unknown |= {record_id for event, record_id in read if not event}
    return True
