"""[acts] `lake.index`: builds, measures, promotes and shows the indexes of a lake."""

import datetime as dt
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lakehouse.base.clock import Clock
from lakehouse.base.errors import Invalid, NotFound, Unavailable
from lakehouse.index.ann import Config
from lakehouse.index.definition import Definition, Pointer, Promotion, check, configured
from lakehouse.index.index import Index, Machine
from lakehouse.index.refresh import Refreshed, Watch, unwatched
from lakehouse.index.source import Source
from lakehouse.index.vectors import NAMESPACE
from lakehouse.index.view import View
from lakehouse.lake.jobs import Job, Jobs
from lakehouse.lake.trials import Trials
from lakehouse.store.journal import Journal
from lakehouse.table import card, names
from lakehouse.table.names import TableName
from lakehouse.table.schema import columns_of


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexInfo:
    """One index at a glance: what it is, how good it is, how far behind."""

    name: str
    table: str
    id: str
    text: tuple[str, ...]
    vector: str
    model: str
    """Empty until the first vector is made."""

    dimension: int
    rows: int
    """Of the table that can be searched by words."""

    embedded: int
    """Of those, rows that can be found by meaning."""

    vectors: int
    """Passages that can be found by meaning."""

    generation: int | None
    """The serving one; None: searches are exact."""

    recall: float | None
    """recall@10 of the serving generation against the exact answer, mean of a sample."""

    recall_worst: float | None
    """Of the worst query of that sample."""

    bytes: int
    """Of memory for the serving generation."""

    built_at: str
    age_s: float | None
    """Of the serving generation."""

    fresh: int
    """Passages newer than the generation, searched exactly."""

    dead: int
    """Passages of the generation that the table no longer has."""

    waiting: int
    """Rows that no vector stands for yet, but will after a refresh: freshness debt."""

    refresh: str
    config: Config
    generations: tuple[int, ...]
    """On this machine."""

    history: tuple[Promotion, ...]
    problem: str = ""
    """Why it cannot be searched: its table, or a column of it, is gone."""

    unusable: int = 0
    """Rows whose ready vector is none: they are found by words at most, and no refresh changes that."""

    unusable_why: str = ""
    """How many for which reason."""


class Indexes(Trials):
    """The indexes of one lake. Safe between threads."""

    def __init__(self, machine: Machine, *, jobs: Jobs, journal: Journal, clock: Clock) -> None:
        super().__init__(machine, jobs=jobs, journal=journal)
        self._clock = clock
        self._open: dict[str, Index] = {}
        self._lock = threading.Lock()

    def build(
        self,
        name: str,
        *,
        table: str,
        text: str | Sequence[str] = (),
        id: str | None = None,  # noqa: A002 - the column is called so by everyone
        vector: str = "",
        config: Mapping[str, object] | None = None,
        model: str | None = None,
        watch: Watch | None = None,
        **more: object,
    ) -> IndexInfo:
        """An index over a table, whole: words, vectors and a measured generation; again, it is brought up.

        Args:
            text: columns, or one template such as `"{role}: {resume}"`.
            id: the column that identifies a row; by default the table's key, else one with unique values.
            vector: a column of ready vectors, instead of a model.
            config: of the graph: m, ef_construction, ef_search, storage, rerank, backend.
            model: refuse any other than this one.
            watch: told how far it is.
            more: chunk_tokens, overlap_tokens, refresh, every_s, min_recall.

        Raises:
            NotFound: no such table or column.
            Invalid: the id does not identify rows, or a setting cannot be.
        """
        self.define(name, table=table, text=text, id=id, vector=vector, config=config, model=model, **more)
        index = self.get(name)
        try:
            self._brought(index, watch or unwatched)
        except Unavailable:
            if index.definition().vector or self._m.embedder() is not None:
                raise
        return self.show(name)

    def define(
        self,
        name: str,
        *,
        table: str,
        text: str | Sequence[str] = (),
        id: str | None = None,  # noqa: A002 - as in build
        vector: str = "",
        config: Mapping[str, object] | None = None,
        model: str | None = None,
        **more: object,
    ) -> Definition:
        """Say what an index is; words can be searched at once, meaning after a refresh."""
        self._require_model(model)
        head = self._m.catalog.head(names.parse(table))
        columns = columns_of(head.metadata.schema())
        texts = (text,) if isinstance(text, str) and text else tuple(text)
        key = id or self._key(
            head.name.sql, [c.name for c in columns], card.read(head.metadata.properties).key
        )
        try:
            asked = Definition(
                name=name, table=str(head.name), id=key, text=texts, vector=vector,
                config=configured(config or {}), **more,  # type: ignore[arg-type]  # a wrong name is told below
            )  # fmt: skip
        except TypeError as error:
            hint = "there are: chunk_tokens, overlap_tokens, refresh, every_s, min_recall"
            raise Invalid("an index has no such setting", hint=hint) from error
        # What cannot be read is said before anything is made.
        source = Source(self._m.sql, check(asked), columns)
        rows = source.rows()
        if vector:
            source.dimension()
        index = Index(self._m, name)
        index.table.create(asked)
        index.know(source, rows)
        with self._lock:
            if before := self._open.pop(name, None):
                before.close()
            self._open[name] = index
        return asked

    def start(self, kind: str, name: str) -> Job:
        """Do a refresh (kind refresh or index) in the background."""
        index = self.get(name)
        return self.jobs.start(kind, name, lambda watch: self._brought(index, watch))

    def refresh(self, name: str, *, watch: Watch | None = None) -> Refreshed:
        """Embed what is new or edited, let go what is gone; only that."""
        return self.get(name).refresh(watch or unwatched)

    def names(self) -> tuple[str, ...]:
        """Every index, sorted."""
        return tuple(n.table for n in self._m.catalog.names() if n.namespace == NAMESPACE)

    def get(self, name: str) -> Index:
        """One index, kept open.

        Raises:
            NotFound: there is none.
            Invalid: nothing can be called so.
        """
        try:
            folded = names.folded(name)
        except Invalid as error:
            raise Invalid(
                "the name of an index has 1 to 63 characters: a-z, 0-9 and _", hint="lakehouse index ls"
            ) from error
        with self._lock:
            if folded not in self._open:
                index = Index(self._m, folded)
                index.table.head()
                self._open[folded] = index
            return self._open[folded]

    def of(self, table: TableName) -> tuple[str, ...]:
        """The indexes over one table."""
        return tuple(n for n in self.names() if names.parse(self.get(n).definition().table) == table)

    def whole(self) -> tuple[str, ...]:
        """The indexes whose table is there."""
        tables = set(self._m.catalog.names())
        return tuple(n for n in self.names() if names.parse(self.get(n).definition().table) in tables)

    def follow(self, table: TableName, to: TableName) -> None:
        """Let the indexes of a table that was renamed go with it; what they know stays true."""
        for name in self.of(table):
            self.get(name).table.redefine(lambda d: replace(d, table=str(to)))

    def ls(self) -> tuple[IndexInfo, ...]:
        """Every index at a glance, those too that cannot be searched."""
        return tuple(self._shown(name) for name in self.names())

    def _shown(self, name: str) -> IndexInfo:
        try:
            return self.show(name)
        except NotFound as error:
            d = self.get(name).definition()
            return IndexInfo(
                name=d.name, table=d.table, id=d.id, text=d.text, vector=d.vector, model=d.model,
                dimension=d.dimension, rows=0, embedded=0, vectors=0, generation=None, recall=None,
                recall_worst=None, bytes=0, built_at="", age_s=None, fresh=0, dead=0, waiting=0,
                refresh=d.refresh, config=d.config, generations=(), history=(), problem=error.message,
            )  # fmt: skip

    def show(self, name: str) -> IndexInfo:
        """One index at a glance. Cost: a look at the table where it changed since the last search."""
        index = self.get(name)
        view, pointer = index.view(), index.table.pointer()
        definition, unusable = view.definition, index.unusable(view)
        facts = view.generation.facts if view.generation else None
        age_s = (self._clock.now_ms() - _ms(facts.built_at)) / 1000 if facts else None
        return IndexInfo(
            name=definition.name, table=definition.table, id=definition.id, text=definition.text,
            vector=definition.vector, model=definition.model, dimension=view.dimension, rows=view.rows,
            embedded=view.rows - len(view.waiting), vectors=view.vectors,
            generation=facts.generation if facts else None, recall=facts.recall.mean if facts else None,
            recall_worst=facts.recall.worst if facts else None, bytes=facts.bytes if facts else 0,
            built_at=facts.built_at if facts else "", age_s=age_s, fresh=view.fresh, dead=view.dead,
            waiting=len(view.waiting) - unusable.count, refresh=definition.refresh, config=definition.config,
            generations=index.generations.numbers(), history=pointer.history, unusable=unusable.count,
            unusable_why=unusable.why(definition.dimension),
        )  # fmt: skip

    def drop(self, name: str) -> None:
        """Forget an index; the table behind it stays."""
        index = self.get(name)
        with self._lock:
            self._open.pop(index.name, None)
        index.drop()

    def promote(self, name: str, generation: int, *, note: str = "", override: bool = False) -> Pointer:
        """Make a generation the serving one; below the demanded recall only with `override`."""
        index = self.get(name)
        there = index.generations.numbers()
        if generation not in there:
            known = f"there are: {', '.join(map(str, there))}" if there else f"lakehouse index refresh {name}"
            raise NotFound(f"{index.name} has no generation {generation}", hint=known)
        return index.promote(generation, by="person", note=note, override=override)

    def rollback(self, name: str) -> Pointer:
        """Make the generation before the serving one serve again."""
        return self.get(name).rollback()

    def seen(self) -> dict[str, View]:
        """The latest view of each index that this process has looked at; reads nothing."""
        with self._lock:
            return {name: view for name, index in self._open.items() if (view := index.seen())}

    def close(self) -> None:
        """Give memory back."""
        with self._lock:
            for index in self._open.values():
                index.close()
            self._open.clear()

    def _brought(self, index: Index, watch: Watch) -> Refreshed:
        done = index.refresh(watch)
        if index.table.pointer().current is None and index.view().vectors:
            index.build(watch)
        return done

    def _require_model(self, wanted: str | None) -> None:
        if not wanted:
            return
        embedder = self._m.embedder()
        have = embedder.model.name if embedder else "none"
        if wanted not in {have, str(embedder.model) if embedder else ""}:
            raise Unavailable(
                f"the model {wanted[:60]!r} is not the one that is set up ({have})",
                hint="set [embedding] provider and model in lakehouse.toml",
            )

    def _key(self, table: str, columns: Sequence[str], declared: Sequence[str]) -> str:
        """The column that identifies a row: the table's key, else the first whose values are unique."""
        if len(declared) == 1:
            return declared[0]
        likely = sorted(columns, key=lambda c: (not c.casefold().endswith("id"), columns.index(c)))
        for column in likely:
            quoted = names.quoted(column)
            one = self._m.sql.sql(
                f"SELECT count(*) AS n, count(DISTINCT {quoted}) AS d, count({quoted}) AS v FROM {table}"
            ).to_arrow()
            n, d, v = (one[c][0].as_py() for c in ("n", "d", "v"))
            if n == d == v and n:
                return column
        raise Invalid("no column identifies a row", hint="name one whose values are unique: --id …")


def _ms(at: str) -> int:
    return int(dt.datetime.fromisoformat(at).timestamp() * 1000)
