"""[acts] Sources: which bytes a table has taken in, also when their snapshots have expired.

Theory of operation. While a snapshot is kept, its summary names its source. The commit that lets it go, ours
or another engine's, remembers the source and its sequence number. The newest are in a table property, which
each commit writes again and must therefore stay small; the others are in lists, objects in the table's
metadata folder that never change. Small lists are joined, so that there are few. Whether a state holds a
source follows from the turns of history (see spans); what no kept state holds is forgotten.
"""

import io
import json
import threading
import uuid
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyiceberg.table.metadata import TableMetadata
from pyiceberg.table.snapshots import Snapshot

from lakehouse.base.errors import Corrupt, NotFound
from lakehouse.table.fileio import StoreIO
from lakehouse.table.files.spans import Span, Turns, is_within, spans, turns

SOURCE: Final = "lakehouse.sha256"
"""In a snapshot's summary: content hash of the source that its rows came from."""

MODE: Final = "lakehouse.mode"
ROLLED_BACK_TO: Final = "lakehouse.rollback-to"

NONE: Final = -1
"""Id of no snapshot, as in Iceberg: what goes on from it begins anew."""

SOURCES: Final = "lakehouse.sources"
"""Table property: what is remembered, as JSON."""

RECENT: Final = 128
"""Sources in the property: 80 bytes each in every metadata file."""

TIER: Final = 3
"""A list is joined by one that has at least a third of its sources: each is written a few times only."""

KEPT_BYTES: Final = 64 << 20
"""Lists kept in memory; a source takes 76 bytes."""

SCHEMA: Final = pa.schema([("sha256", pa.string()), ("sequence", pa.int64())])
CONTENT_HASH, SEQUENCE = SCHEMA.names

CameIn = tuple[str, int]
"""A content hash, and the sequence number of the snapshot that brought it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A list of sources: an object of its own."""

    name: str
    """Of the object, in the table's metadata folder."""

    count: int
    first: int
    last: int
    """The lowest and highest sequence number in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What the property holds."""

    recent: tuple[CameIn, ...] = ()
    turns: Turns
    """Those that the kept snapshots do not tell."""

    lists: tuple[Listed, ...] = ()
    """Large ones first."""

    retired: tuple[str, ...] = ()
    """Lists that the newest one replaced; who read the table just before may still look at them."""


class Sources:
    """What the tables of one lake have taken in; lists are read when first needed, and kept."""

    def __init__(self, files: StoreIO, *, recent: int = RECENT, kept_bytes: int = KEPT_BYTES) -> None:
        self._files, self._recent, self._kept_bytes = files, recent, kept_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, pa.Table] = OrderedDict()
        self._bytes = 0

    def has(self, metadata: TableMetadata, source: str) -> bool:
        """Did these bytes, by their hash, come into the table as it is now?

        Cost: none but the property's, unless lists have to be asked; then a scan of 30 µs for each 10,000.

        Raises:
            Corrupt: a list is missing or damaged.
        """
        current = metadata.current_snapshot()
        if current is None:
            return False
        memory = read(metadata)
        held = spans([_number(current)], _turns(metadata.snapshots, memory.turns))
        known = (*memory.recent, *_came_in(metadata.snapshots))
        if any(content == source and is_within(held, n, n) for content, n in known):
            return True
        return any(
            is_within(held, n, n)
            for listed in reversed(memory.lists)
            if is_within(held, listed.first, listed.last)
            for n in self._numbers(_location(metadata, listed.name), source)
        )

    def carried(
        self, before: TableMetadata | None, after: TableMetadata
    ) -> tuple[TableMetadata, tuple[str, ...]]:
        """`after` with the sources of all snapshots that it lets go, and the objects written for it.

        They must be durable before anyone hears of `after`.
        """
        known, kept = ({s.snapshot_id for s in m.snapshots} if m else set() for m in (before, after))
        anew = {_number(s): 0 for s in after.snapshots if s.snapshot_id not in known and _is_anew(s)}
        if not before or not (known - kept or anew):
            return after, ()
        gone = [s for s in before.snapshots if s.snapshot_id not in kept]
        was = read(before)
        # From before: of a snapshot whose parent goes, PyIceberg lets the parent's id go too.
        told = _turns((*before.snapshots, *after.snapshots), {**was.turns, **anew})
        alive = spans(map(_number, after.snapshots), told)
        plain, starts = _turns(after.snapshots, {}), {start for start, _ in alive}
        recent = {c for c in (*was.recent, *_came_in(gone)) if is_within(alive, c[1], c[1])}
        now = Memory(
            recent=_in_order(recent),
            turns={n: to for n, to in told.items() if n in starts and plain.get(n) != to},
            lists=tuple(x for x in was.lists if is_within(alive, x.first, x.last)),
        )
        written: tuple[str, ...] = ()
        if len(recent) > self._recent:
            now = self._spilled(after, now, alive)
            written = (_location(after, now.lists[-1].name),)
        left = {x.name for x in was.lists} - {x.name for x in now.lists}
        text = _text(now, retired=sorted(left) or was.retired)
        return after.model_copy(update={"properties": {**after.properties, SOURCES: text}}), written

    def _spilled(self, metadata: TableMetadata, memory: Memory, alive: Sequence[Span]) -> Memory:
        """The same with all recent sources in a list, joined with those lists that are not much larger."""
        content, lists = set(memory.recent), list(memory.lists)
        while lists and lists[-1].count <= TIER * len(content):
            table = self._table(_location(metadata, lists.pop().name))
            pairs = zip(table[CONTENT_HASH].to_pylist(), table[SEQUENCE].to_pylist(), strict=True)
            content |= {c for c in pairs if is_within(alive, c[1], c[1])}
        rows = _in_order(content)
        name = f"sources-{uuid.uuid4()}.parquet"
        columns = [[source for source, _ in rows], [n for _, n in rows]]
        sink = io.BytesIO()
        pq.write_table(pa.Table.from_arrays([*map(pa.array, columns)], schema=SCHEMA), sink)
        self._files.store.put(self._files.key(_location(metadata, name)), sink.getvalue())
        listed = Listed(name=name, count=len(rows), first=rows[0][1], last=rows[-1][1])
        return Memory(turns=memory.turns, lists=(*lists, listed))

    def _numbers(self, location: str, source: str) -> list[int]:
        table = self._table(location)
        found: list[int] = table[SEQUENCE].filter(pc.equal(table[CONTENT_HASH], source)).to_pylist()
        return found

    def _table(self, location: str) -> pa.Table:
        with self._lock:
            if location in self._kept:
                self._kept.move_to_end(location)
                return self._kept[location]
        try:
            data = self._files.store.get(self._files.key(location))
            table = pq.ParquetFile(io.BytesIO(data)).read().select(SCHEMA.names).combine_chunks()
        except (NotFound, pa.ArrowException, KeyError, OSError) as error:
            hint = "bring the object back from a copy, or ingest with --mode replace"
            why = "a list of what the table has taken in is missing or damaged"
            raise Corrupt(why, hint=hint, location=location) from error
        with self._lock:
            self._bytes += 0 if location in self._kept else table.nbytes
            self._kept[location] = table
            while self._bytes > self._kept_bytes:
                self._bytes -= self._kept.popitem(last=False)[1].nbytes
        return table


def read(metadata: TableMetadata) -> Memory:
    """What the property says; nothing where no source has expired yet.

    Raises:
        Corrupt: it is not as we write it.
    """
    text = metadata.properties.get(SOURCES)
    try:
        given = json.loads(text or "{}")
        if "recent" not in given:
            return _before_lists(given)
        return Memory(
            recent=tuple((str(source), int(n)) for source, n in given["recent"]),
            turns={int(n): int(to) for n, to in given["turns"]},
            lists=tuple(
                Listed(name=str(name), count=int(count), first=int(first), last=int(last))
                for name, count, first, last in given["lists"]
            ),
            retired=tuple(map(str, given["retired"])),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        why = f"the property {SOURCES} is not as Lakehouse wrote it"
        raise Corrupt(why, hint="set it back to what an older metadata file says") from error


def _before_lists(given: Mapping[str, int | list[int]]) -> Memory:
    """As it was before there were lists: by hash, when it came in or both that and when it was left out."""
    came = {source: n if isinstance(n, int) else n[0] for source, n in given.items()}
    told: dict[int, int] = {}
    for n, turn in (pair for pair in given.values() if not isinstance(pair, int)):
        told[turn] = min(told.get(turn, n), n - 1)
    return Memory(recent=_in_order(came.items()), turns=told)


def locations(metadata: TableMetadata) -> tuple[str, ...]:
    """The objects that the table's memory is in."""
    memory = read(metadata)
    return tuple(_location(metadata, name) for name in (*(x.name for x in memory.lists), *memory.retired))


def source_hash(snapshot: Snapshot) -> str:
    """Content hash of what a snapshot ingested; empty where it did not."""
    return said(snapshot, SOURCE)


def said(snapshot: Snapshot, key: str) -> str:
    """What a snapshot's summary says; empty where it says nothing."""
    return str(snapshot.summary.get(key) or "") if snapshot.summary else ""


def goes_on_from(snapshot: Snapshot) -> int | None:
    """Id of the snapshot whose state this one goes on from, or `NONE`; None where nobody knows any more."""
    if said(snapshot, MODE) == "replace":
        return NONE
    back = said(snapshot, ROLLED_BACK_TO)
    return int(back) if back else snapshot.parent_snapshot_id


def _text(memory: Memory, *, retired: Iterable[str]) -> str:
    lists = [[x.name, x.count, x.first, x.last] for x in memory.lists]
    said = {"recent": memory.recent, "turns": sorted(memory.turns.items()), "lists": lists}
    return json.dumps({**said, "retired": list(retired)}, separators=(",", ":"))


def _turns(snapshots: Sequence[Snapshot], told: Mapping[int, int]) -> dict[int, int]:
    numbers: dict[int | None, int] = {NONE: 0, **{s.snapshot_id: _number(s) for s in snapshots}}
    return turns(((_number(s), numbers.get(goes_on_from(s))) for s in snapshots), told=told)


def _is_anew(snapshot: Snapshot) -> bool:
    """Does a new snapshot go on from none of those before it, as another engine may have it?"""
    return snapshot.parent_snapshot_id is None and _number(snapshot) > 1


def _came_in(snapshots: Iterable[Snapshot]) -> list[CameIn]:
    return [(source, _number(s)) for s in snapshots if (source := source_hash(s))]


def _in_order(content: Iterable[CameIn]) -> tuple[CameIn, ...]:
    return tuple(sorted(content, key=lambda item: (item[1], item[0])))


def _number(snapshot: Snapshot) -> int:
    return snapshot.sequence_number or 0


def _location(metadata: TableMetadata, name: str) -> str:
    return f"{metadata.location}/metadata/{name}"
