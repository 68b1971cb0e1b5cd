"""[seam] Time as a parameter: the system clock in production, a fixed one in tests."""

import datetime as dt
from dataclasses import dataclass
from typing import Protocol


class Clock(Protocol):
    """Tells the time; ordering never depends on it, only labels and ages do."""

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01 UTC."""
        ...


class SystemClock:
    """The machine's own clock, in UTC."""

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01 UTC."""
        return int(dt.datetime.now(dt.UTC).timestamp() * 1000)


@dataclass(slots=True)
class FixedClock:
    """A clock that moves only when told to; the twin for tests."""

    ms: int = 1_700_000_000_000

    def now_ms(self) -> int:
        """The set time, in milliseconds."""
        return self.ms

    def advance(self, ms: int) -> None:
        """Move forward (or, for tests of clock faults, backward) by `ms` milliseconds."""
        self.ms += ms


def iso(ms: int) -> str:
    """`ms` since 1970 as ISO 8601 in UTC with milliseconds: 2026-11-01T12:00:00.000Z."""
    return (
        dt.datetime.fromtimestamp(ms / 1000, dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )
