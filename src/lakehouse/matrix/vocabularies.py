"""[acts] What questions may say about the columns of a corpus: its card and its table become a lexicon."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from threading import Lock
from typing import Final

from lakehouse.matrix.conditions.facet import Facet, Vocabulary, kind_of, vocabulary
from lakehouse.matrix.conditions.facets import HELD, PLACES, Lexicons, Sql, suggest
from lakehouse.matrix.conditions.lexicon import Lexicon
from lakehouse.matrix.corpus import Corpus
from lakehouse.table.schema import Column

Key = tuple[str, str, int | None, str, tuple[Column, ...]]
"""Card, table, snapshot, id column, columns."""

NO_FACETS: Final = Lexicon(Vocabulary(facets=()))


class Vocabularies:
    """Lexicons of corpora. Safe between threads."""

    def __init__(self, sql: Sql, *, most: int = HELD) -> None:
        """Args: `most` that are kept; the one used longest ago goes first."""
        self._sql, self._most = sql, most
        self._lexicons = Lexicons(sql, most=most)
        self._declared: OrderedDict[Key, Vocabulary] = OrderedDict()
        self._lock = Lock()
        self._turns: dict[Key, Lock] = {}

    def get(
        self, corpus: Corpus, *, table: str, columns: Sequence[Column], key: str, at: int | None
    ) -> Lexicon:
        """What questions may say about this corpus; nothing where its card names no facets.

        Args:
            at: the snapshot of the table; None: it has no rows yet.

        Cost: a pass over the facets' columns for each snapshot of the table; then nothing.
        """
        wanted = {column.name for column in columns}.intersection(corpus.facets)
        if not wanted or at is None:
            # The columns that filters name are read by their types alone.
            return NO_FACETS
        held: Key = (repr(corpus), table, at, key, tuple(columns))
        with self._turn(held):  # many questions at once after a write: one reads, the others wait for it
            return self._lexicons.get(table, self._vocabulary(held, corpus, columns), at=at)

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._declared)

    def _turn(self, held: Key) -> Lock:
        with self._lock:
            turn = self._turns.setdefault(held, Lock())
            if len(self._turns) > self._most:
                self._turns = {one: lock for one, lock in self._turns.items() if lock.locked() or one == held}
            return turn

    def _vocabulary(self, held: Key, corpus: Corpus, columns: Sequence[Column]) -> Vocabulary:
        """The facets of a card, with how the table's columns hold their values at this snapshot."""
        _, table, at, key, _ = held
        with self._lock:
            if held in self._declared:
                self._declared.move_to_end(held)
                return self._declared[held]
        made = vocabulary(self._facets(corpus, table, columns, at=at), rows=corpus.rows, key=key)
        with self._lock:
            self._declared[held] = made
            while len(self._declared) > self._most:
                self._declared.popitem(last=False)
        return made

    def _facets(
        self, corpus: Corpus, table: str, columns: Sequence[Column], *, at: int | None
    ) -> list[Facet]:
        wanted = [column for column in columns if column.name in corpus.facets]
        found = {facet.column: facet for facet in suggest(self._sql, table, wanted, at=at)}
        there = {column.name for column in wanted}
        return [
            replace(
                found.get(column.name) or Facet(column=column.name, kind=kind_of(column.type) or "text"),
                aliases=corpus.aliases.get(column.name, ()),
                synonyms=tuple(corpus.synonyms.get(column.name, {}).items()),
                units=corpus.units.get(column.name, ()),
                within=wide if (wide := corpus.within.get(column.name, "")) in there else "",
                is_key=column.name in corpus.keys,
                is_place=column.name.casefold() in PLACES,
                bare=">=" if kind_of(column.type) == "number" else "=",
            )
            for column in wanted
            if kind_of(column.type)
        ]
