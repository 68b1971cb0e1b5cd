"""Logs of entries for tests: events with their places, and what they mean together."""

from dataclasses import replace

from lakehouse.matrix.bullets.draft import Draft, Read, read
from lakehouse.matrix.bullets.events import Control, Event
from lakehouse.matrix.bullets.fold import State
from lakehouse.matrix.bullets.hygiene.verdict import Verdict
from tests.matrix.bullets.desk import CALL

ADDED = Verdict(outcome="add")
APART = Verdict(outcome="quarantine", rule="order", reason="it hides from people")


def stamped(*events: Event) -> tuple[Event, ...]:
    """Events in order, a second apart: E001 at 1 s, E002 at 2 s."""
    return tuple(
        replace(event, event_id=f"E{place:03}", seq=place, at_ms=1000 * place)
        for place, event in enumerate(events, 1)
    )


def folded(*events: Event | Control) -> State:
    """What events mean as they stand."""
    state = State()
    for event in events:
        state.apply(event)
    return state


def state_of(*events: Event) -> State:
    """What events mean that get their places here."""
    return folded(*stamped(*events))


def entry(name: str, content: str = CALL, *, source: str = "", evidence: tuple[str, ...] = ("s1",)) -> Event:
    """A new entry in use."""
    return Event(
        op="add", entry_id=name, section="general", content=content, source=source, evidence=evidence
    )


def serve(call_id: str, *entries: tuple[str, int]) -> Event:
    """A call that is given versions of entries."""
    return Event(op="serve", call_id=call_id, entries=entries)


def given(**fields: object) -> Read:
    """A draft, read."""
    return read(Draft(**fields))
