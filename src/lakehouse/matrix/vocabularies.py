"""[acts] What questions may say about the columns of a corpus: its card and its table become a lexicon."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from lakehouse.matrix.conditions.facet import Facet, Vocabulary, kind_of, vocabulary
from lakehouse.matrix.conditions.facets import PLACES, Lexicons, Sql, suggest
from lakehouse.matrix.conditions.lexicon import Lexicon
from lakehouse.matrix.corpus import Corpus
from lakehouse.table.schema import Column


class Tabled(Protocol):
    """What is asked of an index: which table it is over."""

    @property
    def table(self) -> str:
        """Its name."""


class Vocabularies:
    """Lexicons of corpora. Safe between threads."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        self._lexicons = Lexicons(sql)
        self._declared: dict[tuple[str, str, tuple[Column, ...]], Vocabulary] = {}

    def get(self, corpus: Corpus, *, table: str, columns: Sequence[Column], key: str) -> Lexicon:
        """What questions may say about this corpus; nothing where its card names no facets.

        Cost: a pass over the facets' columns for each snapshot of the table; then nothing.

        Raises:
            NotFound: the table has no such column.
        """
        return self._lexicons.get(table, self.declared(corpus, table=table, columns=columns, key=key))

    def declared(self, corpus: Corpus, *, table: str, columns: Sequence[Column], key: str) -> Vocabulary:
        """The facets of a card, with how the table's columns hold their values."""
        held = (corpus.name, repr(corpus), tuple(columns))
        if held not in self._declared:
            facets = self._facets(corpus, table, columns)
            self._declared[held] = vocabulary(facets, rows=corpus.rows, key=key)
        return self._declared[held]

    def _facets(self, corpus: Corpus, table: str, columns: Sequence[Column]) -> list[Facet]:
        wanted = [column for column in columns if column.name in corpus.facets]
        found = {facet.column: facet for facet in suggest(self._sql, table, wanted)} if wanted else {}
        return [
            replace(
                found.get(column.name) or Facet(column=column.name, kind=kind_of(column.type) or "text"),
                aliases=corpus.aliases.get(column.name, ()),
                synonyms=tuple(corpus.synonyms.get(column.name, {}).items()),
                is_key=column.name in corpus.keys,
                is_place=column.name.casefold() in PLACES,
                bare=">=" if kind_of(column.type) == "number" else "=",
            )
            for column in wanted
        ]
