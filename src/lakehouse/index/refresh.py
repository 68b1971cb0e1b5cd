"""[acts] Refresh: brings an index up to its table, and does again only what changed.

What is missing is worked out from the tables themselves each time, so a refresh that was killed anywhere goes
on where it stopped, and running it twice does nothing twice.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lakehouse.base.errors import Unavailable
from lakehouse.index import changes, chunk
from lakehouse.index.changes import Rows
from lakehouse.index.definition import Definition
from lakehouse.index.source import Source
from lakehouse.index.vectors import PASSAGES, Stored, VectorTable
from lakehouse.index.words.lexical import Document, Lexical
from lakehouse.llm.embedding import Embedder

EMBED_ROWS: Final = 1000
"""Rows embedded between two commits: what a kill may cost is half a minute of a slow machine."""

TEXT_BYTES: Final = 32 << 20
"""Text held at once."""

MANY: Final = 50_000
"""Rows whose texts are taken at once where no model has to run."""

VECTOR_BYTES: Final = 1 << 30
"""Ready vectors held at once, twice while they are read; each piece reads the table once."""

GROUP: Final = 128
"""Passages embedded between two looks at the clock."""

READY: Final = "column"
"""Model of vectors that came ready in a column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a long piece of work is."""

    phase: str
    """words, meaning, graph or trial."""

    done: int
    total: int
    """Rows."""

    elapsed_s: float

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.done / self.elapsed_s if self.elapsed_s > 0 else 0.0

    @property
    def eta_s(self) -> float:
        """Seconds that the rest will take at this rate."""
        return (self.total - self.done) / self.rate if self.rate else 0.0


Watch = Callable[[Progress], None]
"""Told how far the work is; may raise to stop it, which loses nothing."""


def unwatched(_: Progress) -> None:
    """Nobody waits for this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """What a refresh did."""

    rows: int
    """Rows of the table that can be searched."""

    words: int = 0
    """Rows taken into the index of words."""

    embedded: int = 0
    """Passages that a model made vectors of."""

    removed: int = 0
    """Rows that the table no longer has."""

    refused: int = 0
    """Rows whose ready vector is none: another dimension, NaN, no length."""

    keyless: int = 0
    blank: int = 0
    snapshot_id: int | None = None
    model: str = ""
    elapsed_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Filled:
    """What came into the table of vectors."""

    passages: int = 0
    refused: int = 0
    stored: Stored | None = None


def words(source: Source, lexical: Lexical, rows: Rows, watch: Watch) -> int:
    """Bring the index of words up to `rows`; how many rows it took up.

    Cost: 5 s for 100,000 texts of 100 words; nothing where nothing changed.
    """
    plan = changes.plan(rows.table, lexical.known())
    if not plan:
        return 0
    edited = len(plan.stale) - plan.gone
    gone = plan.stale if not edited else plan.stale.filter(_missing_in(plan.stale, plan.todo["key"]))
    lexical.update(_documents(source, plan.todo, rows.snapshot_id, watch), gone.to_pylist())
    return len(plan.todo)


def _missing_in(keys: pa.Array, others: pa.ChunkedArray) -> pa.Array:
    return pc.invert(pc.is_in(keys, value_set=others.combine_chunks()))


def _documents(source: Source, todo: pa.Table, snapshot_id: int | None, watch: Watch) -> Iterator[Document]:
    started, done = time.perf_counter(), 0
    for piece in changes.batches(todo, rows=MANY, size=TEXT_BYTES):
        texts = source.texts(piece["key"].combine_chunks(), at=snapshot_id)
        for key, digest in zip(piece["key"].to_pylist(), piece["digest"].to_pylist(), strict=True):
            if key in texts:
                yield Document(key, digest, texts[key])
        done += len(piece)
        elapsed_s = time.perf_counter() - started
        watch(Progress(phase="words", done=done, total=len(todo), elapsed_s=elapsed_s))


class Meaning:
    """Fills the table of vectors of one index."""

    def __init__(
        self,
        source: Source,
        table: VectorTable,
        embedder: Embedder | None,
        *,
        piece_bytes: int = VECTOR_BYTES,
    ) -> None:
        self._source, self._table, self._embedder = source, table, embedder
        self._piece_bytes = piece_bytes

    def bring(self, rows: Rows, watch: Watch) -> tuple[Refreshed, Stored | None]:
        """Make the vectors say what `rows` says: embed what is new or edited, remove what is gone.

        Returns:
            What was done, and all vectors of the table where they are in memory: one piece was all of it.

        Raises:
            Unavailable: there is no model to embed with.
        """
        definition = self._settled(rows)
        plan = changes.plan(rows.table, self._table.known(model=definition.model))
        if len(plan.stale):
            self._table.remove(plan.stale)
        fill = self._import if definition.vector else self._embed
        filled = fill(definition, plan.todo, rows, watch)
        return Refreshed(
            rows=len(rows.table), embedded=filled.passages, removed=plan.gone, refused=filled.refused,
            keyless=rows.keyless, blank=rows.blank, snapshot_id=rows.snapshot_id, model=definition.model,
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

    def _embed(self, definition: Definition, todo: pa.Table, rows: Rows, watch: Watch) -> _Filled:
        embedder = self._required()
        started, done, embedded = time.perf_counter(), 0, 0
        for piece in changes.batches(todo, rows=EMBED_ROWS, size=TEXT_BYTES):
            texts = self._source.texts(piece["key"].combine_chunks(), at=rows.snapshot_id)
            passages, said = _passages(definition, piece, texts, embedder.count)
            vectors = np.empty((len(said), embedder.model.dimension), np.float32)
            for start in range(0, len(said), GROUP):
                vectors[start : start + GROUP] = embedder.embed(said[start : start + GROUP])
                share = min(start + GROUP, len(said)) / max(len(said), 1)
                now = time.perf_counter() - started
                told = done + int(len(piece) * share)
                watch(Progress(phase="meaning", done=told, total=len(todo), elapsed_s=now))
            if said:
                self._table.add(passages, vectors, model=definition.model)
            done, embedded = done + len(piece), embedded + len(said)
        return _Filled(passages=embedded)

    def _import(self, definition: Definition, todo: pa.Table, rows: Rows, watch: Watch) -> _Filled:
        started, done, filled = time.perf_counter(), 0, _Filled()
        most = max(1, self._piece_bytes // (4 * max(1, definition.dimension)))
        for piece in (todo.slice(start, most) for start in range(0, len(todo), most)):
            is_all = len(piece) == len(rows.table)
            keys = None if is_all else piece["key"].combine_chunks()
            ready = self._source.vectors(keys, dimension=definition.dimension, at=rows.snapshot_id)
            stored = None
            if len(ready.keys):
                stored = self._table.add(_whole(ready.keys, piece), ready.vectors, model=definition.model)
            filled = _Filled(
                passages=filled.passages + len(ready.keys),
                refused=filled.refused + ready.refused,
                stored=stored if is_all else None,
            )
            done += len(piece)
            watch(
                Progress(phase="meaning", done=done, total=len(todo), elapsed_s=time.perf_counter() - started)
            )
        return filled


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
