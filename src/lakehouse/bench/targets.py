"""[pure] Targets: what each figure is to reach, written down once, with the words they come from."""

from dataclasses import dataclass
from typing import Final, Literal

Unit = Literal["s", "ms", "MB", "/s", "rows", ""]
"""The last: a share, such as recall or nDCG."""

SCALE: Final[dict[Unit, float]] = {"s": 1.0, "ms": 1e-3, "MB": 1e6, "/s": 1.0, "rows": 1.0, "": 1.0}
"""One unit in the base that samples are kept in: seconds, bytes, requests per second, rows, shares."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A bound for the median of a figure; exactly one of its five bounds is set."""

    source: str
    """The line of the requirement, in its own words."""

    unit: Unit
    most: float | None = None
    """In `unit`."""

    least: float | None = None
    exactly: float | None = None
    times: float | None = None
    """Of the peer's median, at most."""

    least_times: float | None = None
    """Of the peer's median, at least: of rates, and of shares, where more is better."""

    plus: float = 0.0
    """In `unit`, on top of `times`."""

    def limit(self, peer: float | None) -> float | None:
        """The bound in base units; None when it needs a peer that was not measured."""
        scale = SCALE[self.unit]
        fixed = next((b for b in (self.most, self.least, self.exactly) if b is not None), None)
        if fixed is not None:
            return fixed * scale
        times = self.times if self.times is not None else self.least_times
        return None if peer is None else (times or 0.0) * peer + self.plus * scale

    def is_met(self, ours: float, peer: float | None) -> bool | None:
        """Is this median within the bound? None when that cannot be said."""
        limit = self.limit(peer)
        if limit is None:
            return None
        if self.exactly is not None:
            return ours == limit
        return ours >= limit if self.wants_more else ours <= limit

    @property
    def wants_more(self) -> bool:
        """Is a larger figure a better one?"""
        return self.least is not None or self.least_times is not None

    def __str__(self) -> str:
        """The bound as a person writes it."""
        sign = "≥" if self.wants_more else "≤" if self.exactly is None else "="
        for times in (self.times, self.least_times):
            if times is not None:
                return f"{sign} {times:g}x" + (f" + {self.plus:g} {self.unit}" if self.plus else "")
        bound = next(b for b in (self.most, self.least, self.exactly) if b is not None)
        space = "" if self.unit.startswith("/") else " "
        return f"{sign} {bound:g}{space}{self.unit}".rstrip()


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

BUILT: Final = (
    "100,000 x 768 clustered vectors from Parquet to a promoted generation: at most 30 s on 2 cores and"
    " at most 1.3x bare FAISS with the same graph settings; recall@10 at least 0.99"
)
ASKED: Final = (
    "top-10 through the Python API p50 at most 1 ms, through HTTP with a vector 4 ms,"
    " with text 5 ms (embedding cached) and 25 ms (not)"
)
FILTERED: Final = "filtered 0.1 %, 1 %, 10 %, 50 %: recall@10 at least 0.99 at each, p50 at most 5 ms"
EMBEDDED: Final = (
    "embedding, texts of 40 and 180 tokens: at least 1.5x sentence-transformers on the same processor and"
    " 0.9x bare onnxruntime; memory at most 600 MB"
)
REFRESHED: Final = "refresh of 100,000 rows with 100 edits: at most 3 s, exactly 100 rows embedded"
JUDGED: Final = "nDCG@10, dense, lexical, fused: at least 1 times the baselines; fused not below both legs"
RIVALS: Final = "the same data in LanceDB and Chroma side by side: faster at equal or better recall"
LARGE: Final = "500,000 x 384 builds inside 4 GB at peak, p50 at most 3 ms"

LEARNED: Final = "added p95 latency with 100,000 events at most 5 ms; at least 500 events/s recorded durably"

LEARN_TIME: Final = Target(source=LEARNED, unit="ms", most=5)
LEARN_RATE: Final = Target(source=LEARNED, unit="/s", least=500)
BUILD_TIME: Final = Target(source=BUILT, unit="s", most=30)
BUILD_RATIO: Final = Target(source=BUILT, unit="s", times=1.3)
BUILD_RECALL: Final = Target(source=BUILT, unit="", least=0.99)
ASK_PYTHON: Final = Target(source=ASKED, unit="ms", most=1)
ASK_HTTP: Final = Target(source=ASKED, unit="ms", most=4)
ASK_CACHED: Final = Target(source=ASKED, unit="ms", most=5)
ASK_TEXT: Final = Target(source=ASKED, unit="ms", most=25)
FILTER_TIME: Final = Target(source=FILTERED, unit="ms", most=5)
FILTER_RECALL: Final = Target(source=FILTERED, unit="", least=0.99)
EMBED_TORCH: Final = Target(source=EMBEDDED, unit="/s", least_times=1.5)
EMBED_BARE: Final = Target(source=EMBEDDED, unit="/s", least_times=0.9)
EMBED_MEMORY: Final = Target(source=EMBEDDED, unit="MB", most=600)
REFRESH_TIME: Final = Target(source=REFRESHED, unit="s", most=3)
REFRESH_ROWS: Final = Target(source=REFRESHED, unit="rows", exactly=100)
NDCG: Final = Target(source=JUDGED, unit="", least_times=1.0)
RIVAL_BUILD: Final = Target(source=RIVALS, unit="s", times=1.0)
RIVAL_QUERY: Final = Target(source=RIVALS, unit="ms", times=1.0)
RIVAL_RECALL: Final = Target(source=RIVALS, unit="", least_times=1.0)
LARGE_MEMORY: Final = Target(source=LARGE, unit="MB", most=4000)
LARGE_QUERY: Final = Target(source=LARGE, unit="ms", most=3)
