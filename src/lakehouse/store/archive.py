"""[acts] A journal's files in an object store: written, surveyed, read, repaired, folded, deleted."""

import itertools
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from lakehouse.base.clock import Clock
from lakehouse.base.errors import Conflict, Corrupt, LakehouseError, NotFound
from lakehouse.base.ids import ulid
from lakehouse.store.columns import TAIL_BYTES, claims_of, footer_bytes, from_parquet, to_parquet
from lakehouse.store.folds import Claims, Survey, plan, survey
from lakehouse.store.objects import ObjectStore
from lakehouse.store.segments import (
    ROOT,
    JournalFile,
    decode,
    decode_whole,
    file_key,
    parse_key,
    without_repeats,
)
from lakehouse.store.streams import Json, schema_of

Row = dict[str, Json]
"""A record in the shape of its stream's columns."""

MOVED: Final = "the files of {stream} were folded while they were read"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactionReport:
    """What one compaction of a stream did."""

    stream: str
    files_folded: int
    files_written: int
    files_deleted: int
    """Files that this fold or earlier ones had replaced."""

    rows: int
    """Records in the files written."""


class Archive:
    """The files of all streams in one store. Safe between threads; folds of one stream go one by one."""

    def __init__(self, store: ObjectStore, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._folding: dict[str, threading.Lock] = {}
        self._claims: dict[str, tuple[JournalFile, Claims]] = {}
        self._whole: set[str] = set()
        self.torn: dict[str, int] = {}
        """Torn tails repaired since this process opened the journal, by stream."""

    def write(self, stream: str, lines: Sequence[bytes]) -> None:
        """Store lines as a new segment, the newest of its stream; nothing is left of a failure."""
        key = file_key(stream, ulid(self._clock.now_ms()), "jsonl")
        try:
            self._store.put(key, b"".join(lines))
        except LakehouseError:
            with suppress(LakehouseError):
                self._store.delete(key)
            raise
        self._whole.add(key)

    def streams(self) -> frozenset[str]:
        """Every stream that has a file. Cost: one listing of all of them."""
        files = (parse_key(o.key, o.size, o.modified_ms) for o in self._store.list(ROOT))
        return frozenset(file.stream for file in files if file)

    def survey(self, stream: str) -> Survey:
        """Which files of the stream count now. Cost: one listing, and a footer per new Parquet file."""
        try:
            return self._survey(stream)
        except NotFound:  # deleted between listing and reading; the next listing no longer names it
            return self._survey(stream)

    def rows(self, found: Survey) -> Iterator[Row]:
        """Every record of the surveyed files, oldest first, each once."""
        rows = itertools.chain.from_iterable(self._read(file) for file in found.live)
        return iter(without_repeats(rows)) if found.overlapping else rows

    def whole_lines(self, file: JournalFile) -> tuple[Sequence[Row], int]:
        """The records of one file, and how many damaged lines were left out.

        Raises:
            Conflict: the file was folded and deleted meanwhile.
            Corrupt: a damaged Parquet file.
        """
        if file.kind == "parquet":
            return self._read(file), 0
        try:
            return decode_whole(self._store.get(file.key))
        except NotFound as error:
            raise Conflict(MOVED.format(stream=file.stream), hint="read again", key=file.key) from error

    def claims(self, file: JournalFile) -> frozenset[str]:
        """Names of the files that this one replaces; none for a segment."""
        return self._claims_of(file).replaces if file.kind == "parquet" else frozenset()

    def url(self, file: JournalFile) -> str:
        """The address of a file, made whole first if a power cut left it short."""
        if file.kind == "jsonl" and file.key not in self._whole:
            self._read(file)
        return self._store.url(file.key)

    def compact(self, stream: str, *, target_bytes: int, grace_ms: int) -> CompactionReport:
        """Fold what is worth folding, then delete what has been replaced for `grace_ms`.

        Raises:
            Corrupt: a file is damaged, or what was written does not read back as it should; whatever
                was not folded before that is still in its segments.
        """
        with self._lock:
            folding = self._folding.setdefault(stream, threading.Lock())
        with folding:
            groups = plan(self.survey(stream).live, target_bytes=target_bytes)
            rows = [self._fold(stream, group) for group in groups]
            return CompactionReport(
                stream=stream,
                files_folded=sum(len(group) for group in groups),
                files_written=len(groups),
                files_deleted=self._delete_dead(stream, grace_ms),
                rows=sum(rows),
            )

    def _survey(self, stream: str) -> Survey:
        listed = self._store.list(f"{ROOT}{schema_of(stream).name}/")
        files = [file for o in listed if (file := parse_key(o.key, o.size, o.modified_ms))]
        return survey(files, {file.name: self._claims_of(file) for file in files if file.kind == "parquet"})

    def _fold(self, stream: str, group: Sequence[JournalFile]) -> int:
        schema, key = schema_of(stream), file_key(stream, max(file.ulid for file in group), "parquet")
        rows = without_repeats(itertools.chain.from_iterable(self._read(file) for file in group))
        claims = Claims(replaces=frozenset(file.name for file in group), written_ms=self._clock.now_ms())
        data = to_parquet(rows, schema, claims)
        if from_parquet(data, schema, key) != rows:
            raise Corrupt(
                f"{key} would not read back as written", hint="report this; nothing was lost", key=key
            )
        if self._store.put_if_absent(key, data) and self._store.get(key) != data:
            self._store.delete(key)
            raise Corrupt(
                f"the store changed {key}", hint="check the disk or bucket; nothing was lost", key=key
            )
        return len(rows)

    def _delete_dead(self, stream: str, grace_ms: int) -> int:
        due = self._clock.now_ms() - grace_ms
        deleted = 0
        for file, since in self.survey(stream).dead:
            if since > due:  # the order protects what comes later, also when the clock went back
                break
            self._store.delete(file.key)
            self._whole.discard(file.key)
            self._claims.pop(file.key, None)
            deleted += 1
        return deleted

    def _read(self, file: JournalFile) -> tuple[Row, ...]:
        try:
            data = self._store.get(file.key)
        except NotFound as error:
            raise Conflict(MOVED.format(stream=file.stream), hint="read again", key=file.key) from error
        if file.kind == "parquet":
            return from_parquet(data, schema_of(file.stream), file.key)
        decoded = decode(data, file.key)
        if decoded.torn:
            self._store.put(file.key, data[: decoded.whole_bytes])
            with self._lock:
                self.torn[file.stream] = self.torn.get(file.stream, 0) + 1
        self._whole.add(file.key)
        return decoded.rows

    def _claims_of(self, file: JournalFile) -> Claims:
        known = self._claims.get(file.key)
        if known and known[0] == file:
            return known[1]
        tail = self._store.get(file.key, max(0, file.size - TAIL_BYTES))
        length = min(file.size, footer_bytes(tail, file.key))
        claims = claims_of(self._store.get(file.key, file.size - length), file.key)
        self._claims[file.key] = (file, claims)
        return claims
