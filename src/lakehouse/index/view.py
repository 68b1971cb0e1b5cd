"""[acts] Views: an index as one search sees it, whole and unchanging.

A view is a generation, the rows of it that are still true, and a fresh tier: vectors that came after the
generation was built, searched exactly. A write makes the next search look from a new view; searches under way
keep theirs. Nothing here reads a table.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np
import pyarrow as pa

from lakehouse.base.errors import Invalid
from lakehouse.index.allowed import MOST_ROWS, Allowed, Mask, Order, Rows, both, by_keys
from lakehouse.index.ann import Vectors
from lakehouse.index.definition import Definition
from lakehouse.index.generation import Generation
from lakehouse.index.near import route
from lakehouse.index.words.lexical import Lexical

FILTERS: Final = 64
"""Conditions whose rows are remembered by a view: a byte for each passage, and the ids that are left."""


@dataclass(frozen=True, slots=True)
class Near:
    """A row near a question, by the best of its passages."""

    key: str
    score: float
    """Cosine."""

    is_fresh: bool
    position: int
    """Of the passage, in the fresh tier or in the generation."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where a passage stands in the text of its row."""

    chunk: int
    start: int
    end: int
    digest: str
    """Of the text it was cut from."""


class View:
    """One moment of one index."""

    def __init__(
        self,
        definition: Definition,
        *,
        table_snapshot: int | None,
        rows: int,
        waiting: Collection[str],
        words: Lexical | None,
        generation: Generation | None,
        alive: Mask | None,
        fresh: pa.Table,
        fresh_vectors: Vectors,
    ) -> None:
        """One moment.

        Args:
            rows: of the table that can be searched.
            waiting: of those, the rows that have no vector yet.
            words: the index of words; None where there is no text.
            alive: which passages of the generation the table still says; None: all.
            fresh: passages that the generation has not, with their vectors.
        """
        self.definition = definition
        self.table_snapshot = table_snapshot
        self.rows = rows
        self.waiting = waiting
        self.words = words
        self.generation = generation
        self._alive = alive
        self._built = _columns(generation.rows) if generation else {}
        self._fresh = _columns(fresh)
        self._fresh_vectors = fresh_vectors
        self._filters: OrderedDict[str, Allowed] = OrderedDict()
        self._conditions = 0
        self._order: Order | None = None
        self._lock = threading.Lock()
        # A third more than the rows have passages on average: most questions then need one look.
        passages = self.vectors / max(1, rows - len(waiting))
        self._crowd = 1.0 if passages <= 1 else 1.3 * passages

    @property
    def dimension(self) -> int:
        """Of the vectors; 0 where there are none."""
        if self.generation:
            return self.generation.facts.dimension
        return int(self._fresh_vectors.shape[1]) if len(self._fresh_vectors) else 0

    @property
    def fresh(self) -> int:
        """Passages newer than the generation."""
        return len(self._fresh_vectors)

    @property
    def dead(self) -> int:
        """Passages of the generation that are no longer true."""
        return 0 if self._alive is None else int(len(self._alive) - self._alive.sum())

    @property
    def vectors(self) -> int:
        """Passages that can be found by meaning."""
        built = self.generation.ann.size if self.generation else 0
        return built - self.dead + self.fresh

    def allowed(self, condition: str, table: Callable[[], Rows]) -> Allowed:
        """The rows that a condition leaves, remembered while this view lasts.

        Args:
            table: gives what the condition is about; called when the condition is new.
        """
        with self._lock:
            if condition in self._filters:
                self._filters.move_to_end(condition)
                return self._filters[condition]
        allowed = self._evaluated(condition, table())
        with self._lock:
            self._filters[condition] = allowed
            while len(self._filters) > FILTERS:
                self._filters.popitem(last=False)
        return allowed

    def _evaluated(self, condition: str, table: Rows) -> Allowed:
        at, built, fresh = self.table_snapshot, self._built.get("row_key"), self._fresh["row_key"]
        with self._lock:
            self._conditions += 1
            # Columns are held for those who go on asking: for one condition it would not pay.
            holds = self._conditions > 1 and self.rows <= MOST_ROWS and at is not None
        slots = table.slots(condition, at=at) if holds else None
        if slots is None:
            return by_keys(table.allowed(condition, at=at), built=built, fresh=fresh)
        if self._order is None:
            self._order = Order(table.keys(at=at), built=built, fresh=fresh)
        return self._order.allowed(slots)

    def among(self, keys: Collection[str], *, within: Allowed | None = None) -> Allowed:
        """The rows with these keys, of those that a condition leaves. Cost: 0.2 µs a key and a passage."""
        named = by_keys(
            pa.array(keys, pa.string()), built=self._built.get("row_key"), fresh=self._fresh["row_key"]
        )
        return named if within is None else both(named, within)

    def nearest(
        self,
        query: Vectors,
        k: int,
        *,
        allowed: Allowed | None = None,
        excluded: Collection[str] = (),
        exact: bool = False,
    ) -> tuple[Near, ...]:
        """The `k` rows nearest to a question, each by its best passage.

        Args:
            query: (d,), unit length.
            exact: look at every vector instead of asking the graph.

        Raises:
            Invalid: the dimensions differ.
        """
        if not self.vectors:
            return ()
        if query.shape != (self.dimension,):
            raise Invalid(
                f"the vector has {query.shape[-1]} members, the index {self.dimension}",
                hint="ask with the model that the index was built with",
            )
        # Rows of many passages crowd others out, so more passages than rows are asked for.
        most = self.vectors
        wanted = min(most, ceil((k + len(excluded)) * self._crowd))
        while True:
            near = [*self._in_fresh(query, wanted, allowed), *self._in_built(query, wanted, allowed, exact)]
            near.sort(key=lambda n: (-n.score, n.key))
            best: dict[str, Near] = {}
            for one in near:
                if one.key not in excluded:
                    best.setdefault(one.key, one)
            if len(best) >= k or wanted >= most or len(near) < wanted:
                return tuple(best.values())[:k]
            wanted = min(most, wanted * 3)

    def span(self, near: Near) -> Span:
        """Where the passage of a row that was found stands."""
        rows, at = self._fresh if near.is_fresh else self._built, near.position
        return Span(
            chunk=rows["chunk"][at].as_py(),
            start=rows["start_char"][at].as_py(),
            end=rows["end_char"][at].as_py(),
            digest=rows["text_hash"][at].as_py(),
        )

    def _in_fresh(self, query: Vectors, k: int, allowed: Allowed | None) -> list[Near]:
        if not len(self._fresh_vectors):
            return []
        scores = self._fresh_vectors @ query
        if allowed is not None:
            scores = np.where(allowed.fresh, scores, -np.inf)
        k = min(k, len(scores))
        top = np.argpartition(-scores, k - 1)[:k]
        keys = self._fresh["row_key"]
        found = ((int(at), float(scores[at])) for at in top)
        return [Near(keys[at].as_py(), score, True, at) for at, score in found if score > -np.inf]

    def _in_built(self, query: Vectors, k: int, allowed: Allowed | None, exact: bool) -> list[Near]:
        if self.generation is None:
            return []
        ann, facts = self.generation.ann, self.generation.facts
        mask = self._alive
        if allowed is not None and allowed.built is not None:
            mask = allowed.built if mask is None else allowed.built & mask
        count = ann.size if mask is None else int(np.count_nonzero(mask))
        if not count:
            return []
        k = min(k, count)
        chosen = route.decide(allowed=count, size=ann.size, k=k, config=facts.config, costs=facts.costs)
        if exact or isinstance(chosen, route.Exact):
            found = ann.exact(query[None, :], k, allowed=mask)
        else:
            found = ann.search(query[None, :], k, allowed=mask, ef_search=chosen.ef_search)
        keys = self._built["row_key"]
        pairs = zip(found.positions[0].tolist(), found.scores[0].tolist(), strict=True)
        return [Near(keys[at].as_py(), score, False, at) for at, score in pairs if at >= 0]


def _columns(rows: pa.Table) -> dict[str, pa.Array]:
    return {name: _single(rows[name]) for name in rows.column_names}


def _single(column: pa.ChunkedArray) -> pa.Array:
    if not column.num_chunks:
        return pa.nulls(0, column.type)
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
