"""[acts] One index, whole: words, vectors, generations and the view that searches look from."""

import shutil
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lakehouse.base.clock import Clock, iso
from lakehouse.base.errors import Corrupt, NotFound, Refused
from lakehouse.index import definition as defined
from lakehouse.index import refresh
from lakehouse.index.allowed import Mask, as_mask
from lakehouse.index.ann import Backend, Config
from lakehouse.index.changes import Rows
from lakehouse.index.definition import DEFINITION, POINTER, Definition, Pointer, Promotion
from lakehouse.index.generation import Facts, Generation, Generations
from lakehouse.index.meaning import Meaning
from lakehouse.index.refresh import Progress, Refreshed, Watch, unwatched
from lakehouse.index.source import Source, Sql, Unusable
from lakehouse.index.vectors import Stored, VectorTable
from lakehouse.index.view import View
from lakehouse.index.words.lexical import Lexical
from lakehouse.llm.embedding import Embedder
from lakehouse.table import names
from lakehouse.table.catalog import Catalog
from lakehouse.table.heads import Head
from lakehouse.table.schema import columns_of
from lakehouse.table.writer import Writer

KEPT: Final = 3
"""Generations that stay on this machine besides the serving one and the one before: trials look at them."""

DEBT: Final = 0.1
"""Share of fresh and dead passages from which a refresh builds a new generation."""

FEW: Final = 20_000
"""Passages up to which vectors are asked for by key; beyond, reading all of them is faster."""

TURN: Final = "turn"
"""Lock of the process that refreshes."""

EXACT: Final = 2000
"""Passages up to which a refresh builds no generation by itself: looking at all of them is as quick."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What the indexes of one lake share."""

    catalog: Catalog
    writer: Writer
    sql: Sql
    clock: Clock
    folder: Path
    """`indexes/` of the lake."""

    staging: Path
    backends: Mapping[str, Backend]
    embedder: Callable[[], Embedder | None]
    """None where no model is configured or installed: words still work."""

    threads: int


@dataclass(frozen=True, slots=True)
class _Moment:
    """What a view was made from; another one needs another view."""

    table: object
    vectors: object
    definition: str
    pointer: str
    words: object


def _moment(table: Head, vectors: Head, words: object) -> _Moment:
    properties = vectors.metadata.properties
    return _Moment(
        _state(table), _state(vectors), properties.get(DEFINITION, ""), properties.get(POINTER, ""), words
    )


def _state(head: Head) -> tuple[object, ...]:
    """What a table's rows hang on; other commits change its card only."""
    return head.metadata.table_uuid, head.snapshot_id, head.metadata.current_schema_id


class Index:
    """One index of a lake. Safe between threads; two processes may hold the same one."""

    def __init__(self, machine: Machine, name: str) -> None:
        self._m = machine
        self.name = name
        self.folder = machine.folder / name
        self.table = VectorTable(
            machine.catalog, machine.writer, machine.sql, name=name, staging=machine.staging
        )
        self.generations = Generations(
            self.folder, name=name, backends=machine.backends, clock=machine.clock, threads=machine.threads
        )
        self._lock = threading.RLock()
        self._words: tuple[str, Lexical] | None = None
        self._words_at: tuple[object, ...] | None = None
        self._rows: tuple[object, Rows] | None = None
        self._generation: Generation | None = None
        self._passages: tuple[object, pa.Table, int | None] | None = None
        self._view: tuple[_Moment, View] | None = None
        self._unusable: tuple[View, Unusable] | None = None
        self._work = threading.Lock()

    def close(self) -> None:
        """Give memory back."""
        with self._lock:
            if self._words:
                self._words[1].close()
            if self._generation:
                self._generation.ann.close()
            self._words = self._generation = self._view = self._unusable = None

    def definition(self) -> Definition:
        """What the index is."""
        return self.table.definition()

    def source(self) -> Source:
        """The table behind it.

        Raises:
            NotFound: the table, or one of its columns, is gone.
        """
        definition = self.definition()
        head = self._m.catalog.head(names.parse(definition.table))
        return Source(self._m.sql, definition, columns_of(head.metadata.schema()))

    def refresh(self, watch: Watch, *, graph: bool | None = None) -> Refreshed:
        """Bring words, vectors and, where it pays, the graph up to the table.

        Args:
            graph: build a new generation (True), or not (False); None: when enough has changed.

        Raises:
            Unavailable: there is no model; words are up to date all the same.
        """
        started = time.perf_counter()
        with self._work, refresh.turn(self.folder / TURN, watch):
            source = self.source()
            rows = self._wanted(source)
            taken = self._catch_up_words(source, rows, watch)
            done, stored = Meaning(source, self.table, self._m.embedder()).bring(rows, watch)
            if graph or (graph is None and self._is_worn(rows)):
                self.build(watch, stored=stored)
        return replace(done, words=taken, elapsed_s=time.perf_counter() - started)

    def build(
        self,
        watch: Watch,
        *,
        config: Config | None = None,
        by: str = "build",
        promote: bool = True,
        stored: Stored | None = None,
    ) -> Facts:
        """A new generation over the vectors as they are, promoted if it finds enough and `promote`.

        Args:
            stored: all vectors, where the caller has just written them; None: they are read from their table.
        """
        definition, started = self.definition(), time.perf_counter()
        stored = stored or self.table.read(model=definition.model)
        count = len(stored.vectors)
        watch(Progress(phase="graph", done=0, total=count, elapsed_s=time.perf_counter() - started))
        facts = self.generations.build(stored, model=definition.model, config=config or definition.config)
        watch(Progress(phase="graph", done=count, total=count, elapsed_s=time.perf_counter() - started))
        if promote and facts.recall.mean >= definition.min_recall:
            self._promote(facts, by=by, note="", overridden=False)
        return facts

    def promote(self, number: int, *, by: str, note: str = "", override: bool = False) -> Pointer:
        """Make a generation the serving one, in one step.

        Raises:
            NotFound: it is not on this machine.
            Refused: it finds less than the index demands, and `override` is not given.
            Corrupt: a file of it is not the one that was sealed.
        """
        facts = self.generations.load(number).facts
        floor = self.definition().min_recall
        if facts.recall.mean < floor and not override:
            raise Refused(
                f"generation {number} finds {facts.recall.mean:.3f} of the exact answer, {floor} is demanded",
                hint=f"lakehouse index promote {self.name} {number} --override",
            )
        return self._promote(facts, by=by, note=note, overridden=facts.recall.mean < floor)

    def rollback(self) -> Pointer:
        """Make the generation before the serving one serve again; before the first, searches are exact.

        Raises:
            NotFound: none was ever promoted.
        """
        if self.table.pointer().current is None:
            raise NotFound("no generation serves", hint=f"lakehouse index promote {self.name} GENERATION")
        return self.table.repoint(Pointer.rolled_back)

    def drop(self) -> None:
        """Forget the index and remove its files on this machine."""
        self.table.drop()
        self.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def know(self, source: Source, rows: Rows) -> None:
        """Take over rows of the table that were read a moment ago; they count while the table stays so."""
        head = self._m.catalog.head(source.name)
        if head.snapshot_id == rows.snapshot_id:
            self._rows = ((source.definition.reading, _state(head)), rows)

    def view(self) -> View:
        """The index as it is now: every acknowledged write is in it.

        Cost: 0.2 ms where nothing was written since the last; else what `refresh.words` costs, and a
        look at the vectors that came.
        """
        with self._lock:
            vectors = self.table.head()
            definition = defined.read(vectors.metadata.properties.get(DEFINITION, ""))
            moment = _moment(self._m.catalog.head(names.parse(definition.table)), vectors, self._mark())
            if self._view and self._view[0] == moment:
                return self._view[1]
            view = self._look(definition)
            self._view = (replace(moment, words=self._mark()), view)
            return view

    def _mark(self) -> object:
        """The state of the words; a process that looked at the table earlier may put older ones there."""
        return self._words[1].mark() if self._words else None

    def seen(self) -> View | None:
        """The latest view that anyone looked from; reads nothing."""
        latest = self._view
        return latest[1] if latest else None

    def unusable(self, view: View) -> Unusable:
        """The rows of a view whose ready vector is none, so that no refresh will make them found by meaning.

        Cost: a look at the rows without a vector, once a view; more than `FEW` are taken to wait.
        """
        dimension, count = view.definition.dimension, len(view.waiting)
        if not (view.definition.vector and dimension and 0 < count <= FEW):
            return Unusable()
        with self._lock:
            if self._unusable is None or self._unusable[0] is not view:
                keys = pa.array(view.waiting, pa.string())
                ready = self.source().vectors(keys, dimension=dimension, at=view.table_snapshot)
                self._unusable = (view, ready.refused)
            return self._unusable[1]

    def words(self) -> Lexical:
        """The index of words; damaged, it is made anew from the table."""
        with self._lock:
            reading = self.definition().reading
            if self._words is None or self._words[0] != reading:
                if self._words:
                    self._words[1].close()
                self._words, self._words_at = (reading, _open_words(self.folder, reading)), None
            return self._words[1]

    def _look(self, definition: Definition) -> View:
        source = self.source()
        rows = self._wanted(source)
        self._catch_up_words(source, rows, unwatched)
        generation = self._serving(definition)
        passages, snapshot_id = self._held(definition.model)
        true = _true(passages, rows)
        alive, fresh = _against(generation, rows, true)
        vectors = np.zeros((0, 0), np.float32)
        if len(fresh):
            keys = _keys(fresh) if len(fresh) <= FEW else None
            stored = self.table.read(model=definition.model, keys=keys, at=snapshot_id)
            is_true = _is_true(stored.rows, rows)
            fresh, vectors = (
                stored.rows.filter(is_true),
                stored.vectors[as_mask(is_true)],
            )
        return View(
            definition,
            table_snapshot=rows.snapshot_id,
            rows=len(rows.table),
            waiting=_waiting(rows, true),
            words=self.words() if definition.text else None,
            generation=generation,
            alive=alive,
            fresh=fresh,
            fresh_vectors=vectors,
        )

    def _held(self, model: str) -> tuple[pa.Table, int | None]:
        """The passages that have vectors, read once for each state of their table."""
        state = (_state(self.table.head()), model)
        if self._passages is None or self._passages[0] != state:
            self._passages = (state, *self.table.rows(model=model))
        return self._passages[1], self._passages[2]

    def _serving(self, definition: Definition) -> Generation | None:
        """The promoted generation, loaded; where it is not here or damaged, it is built again."""
        current = self.table.pointer().current
        if current is None:
            return None
        held, uuid = self._generation, str(self.table.head().metadata.table_uuid)
        if held is None or (held.facts.table_uuid, held.facts.generation) != (uuid, current.generation):
            held = self._loaded(current.generation, definition, uuid)
        if held is not None and held.facts.model != definition.model:
            return None  # its vectors cannot be compared with those of the model in use
        self._generation = held
        return held

    def _loaded(self, number: int, definition: Definition, uuid: str) -> Generation | None:
        try:
            found = self.generations.load(number)
        except (NotFound, Corrupt):
            found = None
        if found is not None and found.facts.table_uuid == uuid:
            return found
        stored = self.table.read(model=definition.model)
        if len(stored.vectors) <= EXACT:
            return None
        facts = self.generations.build(stored, model=definition.model, config=definition.config)
        self._promote(facts, by="repair", note=f"in place of {number}", overridden=False)
        return self.generations.load(facts.generation)

    def _promote(self, facts: Facts, *, by: str, note: str, overridden: bool) -> Pointer:
        promotion = Promotion(
            generation=facts.generation, at=iso(self._m.clock.now_ms()), by=by, note=note,
            recall=facts.recall.mean, overridden=overridden,
        )  # fmt: skip
        pointer = self.table.repoint(lambda p: p.promoted(promotion))
        before = [p.generation for p in pointer.history[:1]]
        self.generations.remove(keep={facts.generation, *before, *self.generations.numbers()[-KEPT:]})
        return pointer

    def _wanted(self, source: Source) -> Rows:
        """The table's rows now, read once for each of its states."""
        head = self._m.catalog.head(source.name)
        state = (source.definition.reading, _state(head))
        if self._rows is None or self._rows[0] != state:
            self._rows = (state, source.rows())
        return self._rows[1]

    def _catch_up_words(self, source: Source, rows: Rows, watch: Watch) -> int:
        if not source.definition.text:
            return 0
        lexical = self.words()
        state = (source.definition.reading, rows.snapshot_id)
        if self._words_at == (*state, lexical.mark()):
            return 0
        with self._lock:
            taken = refresh.words(source, lexical, rows, watch)
            self._words_at = (*state, lexical.mark())
        return taken

    def _is_worn(self, rows: Rows) -> bool:
        """Has so much changed since the serving generation that another one pays?"""
        definition = self.definition()
        generation = self._serving(definition)
        true = _true(self._held(definition.model)[0], rows)
        if generation is None:
            return len(true) > EXACT
        alive, fresh = _against(generation, rows, true)
        dead = 0 if alive is None else int(np.count_nonzero(~alive))
        if generation.ann.size - dead + len(fresh) > len(true):
            return True  # passages that stood twice are in it still
        return len(fresh) + dead > DEBT * generation.ann.size


def _open_words(folder: Path, reading: str) -> Lexical:
    mine = folder / f"lexical-{reading}"
    for other in folder.glob("lexical-*"):
        if other != mine:
            shutil.rmtree(other, ignore_errors=True)
    try:
        return Lexical(mine)
    except Corrupt:
        shutil.rmtree(mine)  # all of it can be made again from the table
        return Lexical(mine)


def _keys(rows: pa.Table) -> pa.Array:
    return pc.unique(rows["row_key"])


def _waiting(rows: Rows, true: pa.Table) -> frozenset[str]:
    """Rows of the table that have no vector yet."""
    if not len(true):
        return frozenset(rows.table["key"].to_pylist())
    has = pc.is_in(rows.table["key"], value_set=_keys(true))
    return frozenset(rows.table.filter(pc.invert(has))["key"].to_pylist())


def _is_true(passages: pa.Table, rows: Rows) -> pa.BooleanArray:
    """Which passages are of a text that the table still has."""
    at = pc.index_in(passages["row_key"], value_set=rows.table["key"].combine_chunks())
    said = pc.take(rows.table["digest"], at)
    return pc.and_kleene(pc.is_valid(at), pc.equal(passages["text_hash"], said)).combine_chunks()


def _true(passages: pa.Table, rows: Rows) -> pa.Table:
    return (
        passages.filter(_is_true(passages, rows))
        if len(passages) and len(rows.table)
        else passages.slice(0, 0)
    )


def _against(generation: Generation | None, rows: Rows, true: pa.Table) -> tuple[Mask | None, pa.Table]:
    """Which passages of a generation are still true, and those of rows that it has not as they are now."""
    if generation is None or not len(true):
        none = None if generation is None else np.zeros(generation.ann.size, bool)
        return none, true
    is_true = _is_true(generation.rows, rows)
    alive = as_mask(is_true)
    covered = generation.rows.filter(is_true)["row_key"]
    if not len(covered):
        return alive, true
    missing = pc.invert(pc.is_in(true["row_key"], value_set=covered.combine_chunks()))
    return (None if alive.all() else alive), true.filter(missing)
