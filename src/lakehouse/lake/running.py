"""[acts] What a process that keeps a lake open asks of it: is it well, how worn is it, tidy up."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from lakehouse.base.errors import Corrupt, LakehouseError
from lakehouse.base.ids import ulid
from lakehouse.lake.parts import Parts, full
from lakehouse.store.journal import Journal, StreamStats
from lakehouse.store.streams import Json
from lakehouse.table.manifests import live
from lakehouse.table.rebuild import remove_dropped

State = Literal["ok", "degraded", "down"]

DAY_MS: Final = 86_400_000
SWEEP_MS: Final = 3_600_000
"""Between two looks for tables dropped long ago: each lists the whole warehouse."""

MANY_SEGMENTS: Final = 64
"""Segments of one stream from which folding them pays: a query opens each."""

MANY_POSTED: Final = 5_000
"""Records that wait in memory only when the store has failed for a while."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauges:
    """Levels of one moment, for dashboards."""

    workers: int
    """Query workers that are there."""

    cache_bytes: int
    cache_hits: int
    cache_misses: int
    segments: int
    """Journal files that no fold has taken up yet, over all streams."""

    posted: int
    """Journal records in memory only."""

    small_files: dict[str, int]
    """Full table name -> data files below `upkeep.small_bytes`."""


class Running:
    """The lake from the point of view of whoever runs it. Safe between threads."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._swept_ms = 0

    def journal(self) -> tuple[StreamStats, ...]:
        """The state of every event stream."""
        return self._parts.journal.stats()

    def start(self) -> None:
        """Start one query worker ahead of the first question, and keep indexes up; returns at once."""
        self._parts.engine.start()
        self._parts.keeper.start()

    def scratch(self) -> Path:
        """A new, empty folder on the lake's own disk; removing it is the caller's."""
        folder = self._parts.staging / f"scratch-{ulid(self._parts.clock.now_ms())}"
        folder.mkdir(parents=True)
        return folder

    def note_error(
        self, error: LakehouseError, *, error_id: str, where: str, request_id: str = "", kind: str = ""
    ) -> None:
        """Keep a failure in `system.errors`; where the journal itself fails, the log must do.

        Args:
            where: the operation, never the data: a route or a command.
        """
        record = {
            "error_id": error_id,
            "kind": kind or error.kind,
            "where": where,
            "message": error.message,
            "hint": error.hint,
            "request_id": request_id,
        }
        try:
            self._parts.journal.post("errors", record)
        except LakehouseError:
            return

    def note_lift(self, records: Iterable[Mapping[str, Json]]) -> None:
        """Keep what the gate measured in `system.lift`, durably: a record for each figure.

        Raises:
            Unavailable: the store did not answer.
        """
        self._parts.journal.append("lift", list(records))

    def health(self) -> dict[str, State]:
        """How each part is. Cost: one small read of the catalog and of the disk; starts nothing."""
        parts = self._parts
        return {
            "catalog": _state(parts.catalog.pointers.locations),
            "writer": "ok" if parts.door.is_open else "down",
            "query": "ok" if parts.engine.workers() else "degraded",
            "journal": "ok" if parts.journal.waiting < MANY_POSTED else "degraded",
            "storage": _state(self._touch),
        }

    def gauges(self) -> Gauges:
        """Levels of one moment. Cost: a listing of each stream, the manifests of tables that changed."""
        streams = self._parts.journal.stats()
        cache = self._parts.cache.stats()
        return Gauges(
            workers=len(self._parts.engine.workers()),
            cache_bytes=cache.bytes,
            cache_hits=cache.hits,
            cache_misses=cache.misses,
            segments=sum(s.segments for s in streams),
            posted=self._parts.journal.waiting,
            small_files=self._small_files(),
        )

    def tidy(self) -> int:
        """End spare workers, fold long streams, remove tables dropped long ago; how many objects went."""
        parts = self._parts
        parts.engine.tidy()
        fold_journal(parts.journal)
        if parts.clock.now_ms() - self._swept_ms < SWEEP_MS:
            return 0
        self._swept_ms = parts.clock.now_ms()
        kept_ms = parts.settings.upkeep.keep_days * DAY_MS
        return remove_dropped(parts.catalog, clock=parts.clock, after_ms=kept_ms)

    def _small_files(self) -> dict[str, int]:
        parts = self._parts
        small_bytes = parts.settings.upkeep.small_bytes
        heads = [parts.catalog.heads.load(*at) for at in sorted(parts.catalog.pointers.locations().items())]
        return {
            full(head.name): sum(
                entry.data_file.file_size_in_bytes < small_bytes
                for entry in live(parts.catalog.io, head.metadata.current_snapshot()).data
            )
            for head in heads
        }

    def _touch(self) -> None:
        mark = self._parts.staging / "health"
        mark.write_bytes(b"ok")  # a full disk refuses bytes, not names
        mark.unlink()


def fold_journal(journal: Journal) -> None:
    """Fold the streams that have grown long; a server does so now and then, everyone else on closing.

    Cost: a listing for each stream, and 0.1 s for a thousand segments.
    """
    for stream in journal.stats():
        if stream.segments > MANY_SEGMENTS:
            with suppress(Corrupt):  # a damaged stream stays as it is, for the doctor; the others are folded
                journal.compact(stream.stream)


def _state(works: Callable[[], object]) -> State:
    try:
        works()
    except (LakehouseError, OSError):
        return "down"
    return "ok"
