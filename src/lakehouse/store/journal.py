"""[acts] Events that are never lost: append, replay, fold into Parquet, show as SQL.

A record is durable when `append` returns. It lives in a segment, a small file of JSON lines that is
written once under a time-ordered name; `compact` folds segments into Parquet. Files are immutable and
name what they replace, so a crash at any point leaves every record readable exactly once.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from lakehouse.base.clock import Clock, SystemClock, iso
from lakehouse.base.errors import LakehouseError
from lakehouse.base.ids import ulid
from lakehouse.store.archive import Archive, CompactionReport
from lakehouse.store.follow import Follower
from lakehouse.store.lanes import Lane
from lakehouse.store.objects import ObjectStore
from lakehouse.store.segments import JournalFile, encode, stamp
from lakehouse.store.streams import STREAMS, Json, schema_of, shape, unshape
from lakehouse.store.views import StreamFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalParams:
    """How a journal trades delay, memory and number of files."""

    flush_every_s: float = 1.0
    """How long a posted record may wait; what a power cut may cost of facts that are only counted."""

    max_posted: int = 10_000
    """Posted records that may wait in memory, by stream; the caller that reaches it writes them."""

    target_bytes: int = 16 * 1024 * 1024
    """Size at which a Parquet file is left alone; a fold needs about ten times that in memory."""

    grace_ms: int = 60_000
    """How long replaced files stay for readers that began before; longer than any query may run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamStats:
    """The state of one stream."""

    stream: str
    segments: int
    segment_bytes: int
    parquet_files: int
    parquet_bytes: int
    posted: int
    """Records in memory, not yet durable."""

    torn: int
    """Torn tails repaired since this process opened the journal."""


DEFAULTS: Final = JournalParams()


class Journal:
    """All streams of a lake. Safe between threads; several processes may append to one store."""

    def __init__(
        self, store: ObjectStore, *, clock: Clock | None = None, params: JournalParams = DEFAULTS
    ) -> None:
        self._clock = clock or SystemClock()
        self._params = params
        self._archive = Archive(store, clock=self._clock)
        self._lock = threading.Lock()
        self._lanes: dict[str, Lane] = {}
        self._posted = threading.Event()
        self._closing = threading.Event()
        self._flusher: threading.Thread | None = None

    def append(self, stream: str, records: Sequence[Mapping[str, Json]]) -> None:
        """Make records durable; each gets an `id` (ULID) and `at` (UTC). Concurrent callers share a file.

        Raises:
            Invalid: a bad name, something that is not JSON, or a field named `id` or `at`.
            Unavailable: the store failed; none of these records is kept.
        """
        if bodies := self._encode(stream, records):
            self._lane(stream).append(bodies)

    def post(self, stream: str, record: Mapping[str, Json]) -> None:
        """Take a record that will be durable within `flush_every_s`, or at `flush` or `close`.

        Raises:
            Invalid: as in `append`.
            Unavailable: the store failed and `max_posted` records wait; this one is among them.
        """
        lane = self._lane(stream)
        if lane.post(self._encode(stream, [record])) >= self._params.max_posted:
            lane.flush()
        if self._flusher is None:
            self._start_flusher()
        self._posted.set()

    def flush(self) -> None:
        """Make every posted record durable.

        Raises:
            Unavailable: the store failed; what was posted keeps waiting.
        """
        with self._lock:
            lanes = tuple(self._lanes.values())
        for lane in lanes:
            lane.flush()

    def close(self) -> None:
        """Flush, and stop the thread that does so in the background."""
        self._closing.set()
        self._posted.set()
        if self._flusher:
            self._flusher.join()
        self.flush()

    def replay(self, stream: str) -> Iterator[dict[str, Json]]:
        """Every durable record, oldest first, exactly once, also after a compaction was cut short.

        Raises:
            Conflict: read for longer than `grace_ms` while the stream was folded; read again.
            Corrupt: a file is damaged (a torn tail is not: it is repaired and counted).
        """
        return (unshape(row) for row in self._archive.rows(self._archive.survey(stream)))

    def follow(self, stream: str) -> Follower:
        """A reader that keeps its place: what is new since it last looked, by any process."""
        return Follower(self._archive, stream)

    def streams(self) -> tuple[str, ...]:
        """Every stream that is declared or has records, in order of names."""
        return tuple(sorted(self._archive.streams() | STREAMS.keys()))

    def files(self, stream: str) -> StreamFiles:
        """Addresses of the files that hold each durable record once; see `views.view_sql`.

        They can be read for `grace_ms`. Raises as `replay` does.
        """
        found = self._archive.survey(stream)
        if found.overlapping:  # two processes folded at the same moment; folding again joins their files
            self.compact(stream)
            found = self._archive.survey(stream)
        return StreamFiles(
            schema=schema_of(stream),
            parquet=tuple(self._archive.url(file) for file in found.live if file.kind == "parquet"),
            jsonl=tuple(self._archive.url(file) for file in found.live if file.kind == "jsonl"),
        )

    def compact(self, stream: str) -> CompactionReport:
        """Fold segments into Parquet; delete what was replaced `grace_ms` ago or earlier.

        Raises:
            Corrupt: a file is damaged, or does not read back as written; nothing is deleted then.
        """
        return self._archive.compact(
            stream, target_bytes=self._params.target_bytes, grace_ms=self._params.grace_ms
        )

    @property
    def waiting(self) -> int:
        """Posted records in memory, over all streams. Cost: none."""
        with self._lock:
            return sum(lane.waiting for lane in self._lanes.values())

    def stats(self) -> tuple[StreamStats, ...]:
        """The state of every stream. Cost: one listing for each."""
        return tuple(self._stats(stream) for stream in self.streams())

    def _stats(self, stream: str) -> StreamStats:
        live = self._archive.survey(stream).live
        segments = [file for file in live if file.kind == "jsonl"]
        parquet = [file for file in live if file.kind == "parquet"]
        lane = self._lanes.get(stream)
        return StreamStats(
            stream=stream,
            segments=len(segments),
            segment_bytes=_bytes(segments),
            parquet_files=len(parquet),
            parquet_bytes=_bytes(parquet),
            posted=lane.waiting if lane else 0,
            torn=self._archive.torn.get(stream, 0),
        )

    def _encode(self, stream: str, records: Sequence[Mapping[str, Json]]) -> list[bytes]:
        schema = schema_of(stream)
        return [encode(shape(record, schema)) for record in records]

    def _lane(self, stream: str) -> Lane:
        with self._lock:
            if stream not in self._lanes:
                self._lanes[stream] = Lane(stamp=self._stamp, write=partial(self._archive.write, stream))
            return self._lanes[stream]

    def _stamp(self, body: bytes) -> bytes:
        now = self._clock.now_ms()
        return stamp(body, record_id=ulid(now), at=iso(now))

    def _start_flusher(self) -> None:
        with self._lock:
            if self._flusher is None:
                self._flusher = threading.Thread(target=self._flush_forever, name="journal", daemon=True)
                self._flusher.start()

    def _flush_forever(self) -> None:
        while not self._closing.is_set():
            self._posted.wait()
            self._closing.wait(self._params.flush_every_s)
            self._posted.clear()
            try:
                self.flush()
            except LakehouseError:  # what was posted keeps waiting; whoever fills the queue is told
                self._posted.set()


def _bytes(files: Sequence[JournalFile]) -> int:
    return sum(file.size for file in files)
