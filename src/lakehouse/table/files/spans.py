"""[pure] Spans: the stretches of a table's history that a state is made of.

Theory of operation. Each snapshot has a sequence number, mostly one more than that of the state it goes on
from. Where it goes on from another state, by a rollback, or from none, by a replacement, history takes a
turn. What a state holds is what came in within the stretches between its turns. So a rollback or a
replacement adds one turn and says nothing of single sources: when a source came in never changes.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping

Turns = Mapping[int, int]
"""By the sequence number of a snapshot: that of the state it goes on from; 0 is a table without rows."""

Span = tuple[int, int]
"""First and last sequence number, both included."""


def turns(going_on: Iterable[tuple[int, int | None]], *, told: Turns) -> dict[int, int]:
    """Every turn there is.

    Args:
        going_on: sequence numbers of snapshots, each with that of the state it goes on from; None where
            that state has expired, so that only `told` knows.
        told: turns that were remembered.
    """
    found = dict(told)
    # A turn to a later state would have no end; no writer makes one.
    found.update((n, before) for n, before in going_on if before is not None and before < n - 1)
    return found


def spans(states: Iterable[int], turns: Turns) -> tuple[Span, ...]:
    """The stretches that any of these states is made of, oldest first; each begins with a turn, or at 0."""
    starts = sorted(turns)
    last: dict[int, int] = {}
    for state in states:
        end = state
        while end > 0:
            found = bisect_right(starts, end)
            start = starts[found - 1] if found else 0
            was = last.get(start)
            last[start] = max(end, was or 0)
            # A stretch that was seen before has been followed from its start already.
            end = turns.get(start, 0) if was is None else 0
    return tuple(sorted(last.items()))


def is_within(spans: Iterable[Span], first: int, last: int) -> bool:
    """Does anything from `first` to `last` lie in one of the stretches?"""
    return any(start <= last and first <= end for start, end in spans)
