"""[pure] Outcomes: the samples of one figure, and what they say."""

from dataclasses import dataclass
from statistics import median
from typing import Final

from lakehouse.bench.targets import SCALE, Target

TAIL: Final = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One figure of one measure."""

    measure: str
    what: str
    target: Target
    ours: tuple[float, ...]
    """Samples in base units: seconds, bytes, requests per second, rows, shares."""

    peer_name: str = ""
    """Empty: nobody to compare with."""

    peer: tuple[float, ...] = ()
    absent: str = ""
    """Why the named peer has no samples; empty: it has, or there is none."""

    note: str = ""

    @property
    def median(self) -> float:
        """Of our samples."""
        return median(self.ours)

    @property
    def peer_median(self) -> float | None:
        """Of the peer's samples; None without a peer."""
        return median(self.peer) if self.peer else None

    @property
    def ratio(self) -> float | None:
        """Our median as a multiple of the peer's; None without a peer."""
        return self.median / self.peer_median if self.peer_median else None

    @property
    def is_met(self) -> bool | None:
        """Does our median reach the target?"""
        return self.target.is_met(self.median, self.peer_median)

    def facts(self) -> dict[str, object]:
        """Everything, in the target's unit, as one JSON object."""
        scale = SCALE[self.target.unit]
        peer = self.peer_median
        return {
            "measure": self.measure,
            "what": self.what,
            "unit": self.target.unit,
            "ours": self.median / scale,
            "ours_p95": tail(self.ours) / scale,
            "samples": [sample / scale for sample in self.ours],
            "peer_name": self.peer_name,
            "peer": None if peer is None else peer / scale,
            "peer_samples": [sample / scale for sample in self.peer],
            "peer_absent": self.absent,
            "ratio": self.ratio,
            "target": str(self.target),
            "source": self.target.source,
            "met": self.is_met,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A measure that could not be carried out."""

    measure: str
    reason: str

    def facts(self) -> dict[str, object]:
        """As one JSON object."""
        return {"measure": self.measure, "failed": self.reason}


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A measure, or a part of one, that needs what this machine does not have; no failure."""

    measure: str
    reason: str

    def facts(self) -> dict[str, object]:
        """As one JSON object."""
        return {"measure": self.measure, "skipped": self.reason}


Result = Outcome | Skipped | Failure


def tail(samples: tuple[float, ...]) -> float:
    """The sample that 95 % of all do not exceed."""
    return sorted(samples)[min(len(samples) - 1, int(TAIL * len(samples)))]
