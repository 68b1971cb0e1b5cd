"""[acts] Meaning: the table of vectors is brought up to its source, and embeds again only what changed.

Theory of operation. What is missing is worked out from the two tables, and added whole rows at a time. Each
addition is made for the very state of the table of vectors that it was worked out from; where somebody else
committed in between, what they added is left out of it. So no passage is ever stored twice, however many
processes, on however many machines, bring up one index. Vectors that a model makes are stored every few
seconds: a killed process loses no more than that.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lakehouse.base.errors import Conflict, Unavailable
from lakehouse.index import changes, chunk
from lakehouse.index.allowed import as_mask
from lakehouse.index.ann import Vectors
from lakehouse.index.changes import Rows
from lakehouse.index.definition import Definition
from lakehouse.index.refresh import TEXT_BYTES, Progress, Refreshed, Watch
from lakehouse.index.source import Source
from lakehouse.index.vectors import PASSAGES, Stored, VectorTable
from lakehouse.llm.embedding import Embedder
from lakehouse.table.heads import Head

EMBED_ROWS: Final = 1000
"""Rows embedded between two commits, at most."""

STORE_S: Final = 15.0
"""Seconds of embedding between two commits, at most: what a kill may cost. Upkeep folds the small files."""

VECTOR_BYTES: Final = 1 << 30
"""Ready vectors held at once, twice while they are read; each piece reads the table once."""

GROUP: Final = 128
"""Passages embedded between two looks at the clock."""

READY: Final = "column"
"""Model of vectors that came ready in a column."""

REPAIRED_ROWS: Final = 10_000
"""Whose vectors are held at once while they are repaired."""

TRIES: Final = 20
"""To add a piece while others commit to the same table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Filled:
    """What came into the table of vectors."""

    passages: int = 0
    refused: int = 0
    stored: Stored | None = None


class Meaning:
    """Fills the table of vectors of one index, once."""

    def __init__(
        self,
        source: Source,
        table: VectorTable,
        embedder: Embedder | None,
        *,
        piece_bytes: int = VECTOR_BYTES,
        store_s: float = STORE_S,
    ) -> None:
        self._source, self._table, self._embedder = source, table, embedder
        self._piece_bytes, self._store_s = piece_bytes, store_s
        self._base = table.head()
        self._theirs = pa.nulls(0, pa.string())
        """Keys that others added since the work was planned."""

    def bring(self, rows: Rows, watch: Watch) -> tuple[Refreshed, Stored | None]:
        """Make the vectors say what `rows` says: embed what is new or edited, remove what is gone.

        Returns:
            What was done, and all vectors of the table where they are in memory: one piece was all of it.

        Raises:
            Unavailable: there is no model to embed with.
            Conflict: the index was defined anew meanwhile.
        """
        definition = self._settled(rows)
        self._base, self._theirs = self._table.head(), pa.nulls(0, pa.string())
        known = self._table.known(model=definition.model, at=self._base.snapshot_id)
        plan = changes.plan(rows.table, known)
        if len(plan.stale):
            self._table.remove(plan.stale)
        repaired = self._repaired(definition, known, stale=plan.stale)
        fill = self._import if definition.vector else self._embed
        filled = fill(definition, plan.todo, rows, watch)
        return Refreshed(
            rows=len(rows.table), embedded=filled.passages, removed=plan.gone, refused=filled.refused,
            repaired=repaired, keyless=rows.keyless, blank=rows.blank, snapshot_id=rows.snapshot_id,
            model=definition.model,
        ), filled.stored  # fmt: skip

    def _settled(self, rows: Rows) -> Definition:
        """The definition with the model that vectors are made with now; those of another one are removed."""
        definition = self._table.definition()
        if definition.vector:
            model = READY
            dimension = definition.dimension or self._source.dimension(at=rows.snapshot_id)
        elif self._embedder is None:
            raise Unavailable(
                "there is no model to embed with", hint="make setup, or set [embedding] provider"
            )
        else:
            model, dimension = str(self._embedder.model), self._embedder.model.dimension
        if definition.model == model and definition.dimension == dimension:
            return definition
        if definition.model not in {"", model}:
            self._table.remove_other_models(model)
        return self._table.redefine(lambda d: replace(d, model=model, dimension=dimension))

    def _required(self) -> Embedder:
        if self._embedder is None:
            hint = "make setup installs one; or set [embedding] provider in lakehouse.toml"
            raise Unavailable("there is no model to embed with", hint=hint)
        return self._embedder

    def _repaired(self, definition: Definition, known: pa.Table, *, stale: pa.Array) -> int:
        """Rows whose passages stood twice, and stand once now; edited ones are embedded anew anyway."""
        twice = known.filter(known["is_doubled"])["key"].combine_chunks()
        twice = twice.filter(pc.invert(pc.is_in(twice, value_set=stale)))
        for start in range(0, len(twice), REPAIRED_ROWS):
            keys = twice.slice(start, REPAIRED_ROWS)
            held = self._table.read(model=definition.model, keys=keys)
            once = _once(held.rows)
            self._table.remove(keys)  # killed here, the next refresh embeds them
            self._add(definition, held.rows.take(once), held.vectors[once.to_pylist()])
        return len(twice)

    def _embed(self, definition: Definition, todo: pa.Table, rows: Rows, watch: Watch) -> _Filled:
        embedder = self._required()
        started, done, embedded = time.perf_counter(), 0, 0
        for piece in changes.batches(todo, rows=EMBED_ROWS, size=TEXT_BYTES):

            def tell(share: float, piece: pa.Table = piece, done: int = done) -> None:
                now_s, told = time.perf_counter() - started, done + int(len(piece) * share)
                watch(Progress(phase="meaning", done=told, total=len(todo), elapsed_s=now_s))

            mine = piece.filter(pc.invert(pc.is_in(piece["key"], value_set=self._theirs)))
            texts = self._source.texts(mine["key"].combine_chunks(), at=rows.snapshot_id)
            passages, said = _passages(definition, mine, texts, embedder.count)
            embedded += self._embedded(definition, passages, said, tell)
            done += len(piece)
        return _Filled(passages=embedded)

    def _embedded(
        self, definition: Definition, passages: pa.Table, said: list[str], tell: Callable[[float], None]
    ) -> int:
        """Embed passages and store them as time goes by; how many were stored."""
        embedder = self._required()
        vectors = np.empty((len(said), embedder.model.dimension), np.float32)
        since, kept, stored = time.perf_counter(), 0, 0
        for start in range(0, len(said), GROUP):
            end = min(start + GROUP, len(said))
            vectors[start:end] = embedder.embed(said[start:end])
            tell(end / len(said))
            is_due = end == len(said) or time.perf_counter() - since >= self._store_s
            if is_due and (whole := _whole_rows(passages["row_key"], end)) > kept:
                piece = passages.slice(kept, whole - kept)
                added = self._add(definition, piece, vectors[kept:whole])
                stored += len(added.rows) if added else 0
                since, kept = time.perf_counter(), whole
        return stored

    def _import(self, definition: Definition, todo: pa.Table, rows: Rows, watch: Watch) -> _Filled:
        started, done, filled = time.perf_counter(), 0, _Filled()
        most = max(1, self._piece_bytes // (4 * max(1, definition.dimension)))
        for piece in (todo.slice(start, most) for start in range(0, len(todo), most)):
            is_all = len(piece) == len(rows.table)
            keys = None if is_all else piece["key"].combine_chunks()
            ready = self._source.vectors(keys, dimension=definition.dimension, at=rows.snapshot_id)
            stored = None
            if len(ready.keys):
                stored = self._add(definition, _whole(ready.keys, piece), ready.vectors)
            is_all = is_all and stored is not None and len(stored.rows) == len(ready.keys)
            filled = _Filled(
                passages=filled.passages + (len(stored.rows) if stored else 0),
                refused=filled.refused + ready.refused.count,
                stored=stored if is_all else None,
            )
            done += len(piece)
            watch(
                Progress(phase="meaning", done=done, total=len(todo), elapsed_s=time.perf_counter() - started)
            )
        return filled

    def _add(self, definition: Definition, passages: pa.Table, vectors: Vectors) -> Stored | None:
        """Store what nobody else has stored meanwhile; None: that is nothing.

        Raises:
            Conflict: the index was defined anew, or others commit all the time.
        """
        for _ in range(TRIES):
            try:
                self._base = self._table.add(passages, vectors, model=definition.model, base=self._base)
            except Conflict:
                self._base = self._looked_again(definition)
                mine = as_mask(pc.invert(pc.is_in(_flat(passages["row_key"]), value_set=self._theirs)))
                if not mine.any():
                    return None
                if not mine.all():
                    passages, vectors = passages.filter(pa.array(mine)), vectors[mine]
                continue
            snapshot_id, table_uuid = self._base.snapshot_id, str(self._base.metadata.table_uuid)
            return Stored(rows=passages, vectors=vectors, snapshot_id=snapshot_id, table_uuid=table_uuid)
        raise Conflict(f"the index {definition.name} is changing too fast", hint="try again")

    def _looked_again(self, definition: Definition) -> Head:
        """The table as it is now, with `_theirs` to match."""
        head = self._table.head()
        now = self._table.definition()
        if (now.cutting, now.reading, now.model) != (
            definition.cutting,
            definition.reading,
            definition.model,
        ):
            hint = f"lakehouse index refresh {definition.name}"
            raise Conflict(f"the index {definition.name} was defined anew meanwhile", hint=hint)
        known = self._table.known(model=definition.model, at=head.snapshot_id)
        self._theirs = known["key"].combine_chunks()
        return head


def _flat(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks()


def _whole_rows(keys: pa.ChunkedArray, end: int) -> int:
    """How many of the first `end` passages are of rows that end there too."""
    if end < len(keys):
        while end and keys[end - 1] == keys[end]:
            end -= 1
    return end


def _once(passages: pa.Table) -> pa.Array:
    """The positions that are left where every passage stands once."""
    numbered = passages.append_column("at", pa.array(range(len(passages)), pa.int64()))
    first = numbered.group_by(["row_key", "chunk"]).aggregate([("at", "min")])["at_min"]
    return _flat(first).sort()


def _whole(keys: pa.Array, rows: pa.Table) -> pa.Table:
    """One passage for each of these rows, all of it."""
    digests = rows["digest"].combine_chunks().take(pc.index_in(keys, value_set=rows["key"].combine_chunks()))
    zero = pa.repeat(pa.scalar(0, pa.int32()), len(keys))
    return pa.table([keys, zero, zero, zero, digests], schema=PASSAGES)


def _passages(
    definition: Definition, piece: pa.Table, texts: dict[str, str], count: Callable[[str], int]
) -> tuple[pa.Table, list[str]]:
    """The passages of some rows, and their texts."""
    passages: list[tuple[str, int, int, int, str]] = []
    said: list[str] = []
    for key, digest in zip(piece["key"].to_pylist(), piece["digest"].to_pylist(), strict=True):
        text = texts.get(key, "")
        pieces = chunk.split(
            text, size=definition.chunk_tokens, overlap=definition.overlap_tokens, count=count
        )
        for one in pieces:
            passages.append((key, one.number, one.start, one.end, digest))
            said.append(text[one.start : one.end])
    columns = zip(*passages, strict=True) if passages else ((),) * len(PASSAGES)
    return pa.table(
        [pa.array(c, f.type) for c, f in zip(columns, PASSAGES, strict=True)], schema=PASSAGES
    ), said
