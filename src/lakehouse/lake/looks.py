"""[acts] The matrix of a lake as the base of the lift gate: its answers, and what a ranker may know of each.

The answers are those of `lake.matrix.search` without the playbook. What the playbook would be asked (vector
and hard keys), and which rows a question lets through, is read by the modules that the matrix reads with.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from lakehouse.lake.facade import Lakehouse, Result
from lakehouse.lake.lift import DIGITS, WORDS_ONLY, embedder_of
from lakehouse.llm.embedding import Embedder
from lakehouse.llm.fake import FakeEmbedder
from lakehouse.matrix.conditions import reading, sql
from lakehouse.matrix.conditions.lexicon import Lexicon
from lakehouse.matrix.lift.arm import Asked
from lakehouse.matrix.playbook.records import rounded
from lakehouse.matrix.vocabularies import Vocabularies
from lakehouse.query.engine import Limits, Params
from lakehouse.table.timeline import At

LOOKED: Final = 50
"""Hits that are asked for: as many as the search finds without looking deeper than it does for ten."""

ROWS: Final = 10_000_000
"""That one condition may let through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """One question, answered."""

    asked: Asked
    conditions: tuple[str, ...]
    """As the matrix understood them."""

    notes: tuple[str, ...]


class MatrixBase:
    """One corpus of a lake, asked through the matrix, before anything was learned."""

    def __init__(self, lake: Lakehouse, *, corpus: str) -> None:
        """Args: `corpus` by its name; the card says what questions may ask of its rows.

        Raises:
            NotFound: the lake has no such corpus.
        """
        self._lake, self._name = lake, corpus
        (self._card,) = lake.matrix.corpora.chosen([corpus])
        self._index = lake.index.get(self._card.index)
        embedder = embedder_of(lake)
        self._embedder: Embedder = embedder or FakeEmbedder(dimension=256)
        self._vocabularies = Vocabularies(_Sql(lake))
        self._rows = lru_cache(maxsize=4096)(self._meeting)
        self.model = str(embedder.model) if embedder else WORDS_ONLY
        """Of the questions' vectors."""

    def look(self, text: str) -> Looked:
        """What the matrix answers. Cost: about 20 ms."""
        said = reading.read(text, self._lexicon())
        found = self._lake.matrix.search(
            text, corpora=[self._name], k=LOOKED, use_playbook=False, strict=False
        )
        base = {one.hit.id: round(one.hit.parts.base, DIGITS) for one in found.hits}
        return Looked(
            asked=Asked(
                text=text,
                vector=rounded(self._embedder.embed([text], use="query")[0]),
                base=base,
                order=tuple(base),
                keys=said.keys,
                allowed=self._rows(sql.predicate(said.conditions)) if said.conditions else None,
            ),
            conditions=tuple(c for share in found.corpora for c in share.conditions),
            notes=tuple(note for share in found.corpora for note in share.notes),
        )

    def _lexicon(self) -> Lexicon:
        source, definition = self._index.source(), self._index.definition()
        return self._vocabularies.get(
            self._card,
            table=definition.table,
            columns=source.columns,
            key=definition.id,
            at=self._index.view().table_snapshot,
        )

    def _meeting(self, predicate: str) -> frozenset[str]:
        """Rows for which SQL says so."""
        definition = self._index.definition()
        found = self._lake.sql(
            f'SELECT "{definition.id}" FROM "{definition.table}" WHERE {predicate}', limit=ROWS
        )
        return frozenset(str(key) for (key,) in found.rows())


class _Sql:
    """The lake's SQL, as vocabularies ask it."""

    def __init__(self, lake: Lakehouse) -> None:
        self._lake = lake

    def sql(self, text: str, params: Params = None, *, at: At = None, limits: Limits | None = None) -> Result:
        return self._lake.sql(text, params, at=at, limit=limits.rows if limits else None)
