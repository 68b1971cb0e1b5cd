"""[pure] Targets: what each figure is to reach, written down once, with the words they come from."""

from dataclasses import dataclass
from typing import Final, Literal

Unit = Literal["s", "ms", "MB", "/s"]

SCALE: Final[dict[Unit, float]] = {"s": 1.0, "ms": 1e-3, "MB": 1e6, "/s": 1.0}
"""One unit in the base that samples are kept in: seconds, bytes, requests per second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A bound for the median of a figure; exactly one of `most`, `least` and `times` is set."""

    source: str
    """The line of the requirement, in its own words."""

    unit: Unit
    most: float | None = None
    """In `unit`."""

    least: float | None = None
    times: float | None = None
    """Of the peer's median."""

    plus: float = 0.0
    """In `unit`, on top of `times`."""

    def limit(self, peer: float | None) -> float | None:
        """The bound in base units; None when it needs a peer that was not measured."""
        scale = SCALE[self.unit]
        if self.times is None:
            return ((self.most if self.most is not None else self.least) or 0.0) * scale
        return None if peer is None else self.times * peer + self.plus * scale

    def is_met(self, ours: float, peer: float | None) -> bool | None:
        """Is this median within the bound? None when that cannot be said."""
        limit = self.limit(peer)
        if limit is None:
            return None
        return ours >= limit if self.least is not None else ours <= limit

    def __str__(self) -> str:
        """The bound as a person writes it."""
        if self.times is not None:
            return f"≤ {self.times:g}x" + (f" + {self.plus:g} {self.unit}" if self.plus else "")
        if self.least is not None:
            return f"≥ {self.least:g}{self.unit}"
        return f"≤ {self.most:g} {self.unit}"


INGEST: Final = (
    "CSV to committed table: at most 2.0x DuckDB CREATE TABLE AS read_csv to a file; 1.5 GB at peak"
)
QUERY: Final = "cold query at most 1.3x + 5 ms of read_parquet in bare DuckDB, 2 M rows; pinned at most 10 ms"
SERVED: Final = "HTTP POST /v1/sql small query: p50 at most 8 ms, at least 300 requests/s on 2 cores"
CHANGED: Final = "upsert of 1 row: at most 40 ms, durability full 80; at most 60 ms after 1,000 of them"
STARTED: Final = "lakehouse --help 0.35 s, idle server memory 250 MB, make demo on a warm cache 60 s"

INGEST_TIME: Final = Target(source=INGEST, unit="s", times=2.0)
INGEST_MEMORY: Final = Target(source=INGEST, unit="MB", most=1500)
COLD_QUERY: Final = Target(source=QUERY, unit="ms", times=1.3, plus=5)
PINNED_QUERY: Final = Target(source=QUERY, unit="ms", most=10)
REQUEST_TIME: Final = Target(source=SERVED, unit="ms", most=8)
REQUEST_RATE: Final = Target(source=SERVED, unit="/s", least=300)
UPSERT_PROCESS: Final = Target(source=CHANGED, unit="ms", most=40)
UPSERT_FULL: Final = Target(source=CHANGED, unit="ms", most=80)
UPSERT_AFTER: Final = Target(source=CHANGED, unit="ms", most=60)
UPSERT_BYTES: Final = Target(source="upsert: no data file rewritten", unit="MB", most=0.1)
HELP_TIME: Final = Target(source=STARTED, unit="s", most=0.35)
FIRST_ANSWER: Final = Target(source="opening a lake and a first SQL answer from cold", unit="s", most=1.2)
IDLE_MEMORY: Final = Target(source=STARTED, unit="MB", most=250)
DEMO_TIME: Final = Target(source=STARTED, unit="s", most=60)
