"""[acts] One index as one search looks at it: candidates by meaning and by words, their texts and places."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from lakehouse.index import chunk
from lakehouse.index.allowed import Allowed
from lakehouse.index.ann import Vectors
from lakehouse.index.index import Index
from lakehouse.index.view import Near, View
from lakehouse.index.words import phrase
from lakehouse.index.words.lexical import Document
from lakehouse.llm.embedding import Embedder
from lakehouse.search.bound import Bound, bound
from lakehouse.search.hits import Hit, Parts, Place
from lakehouse.search.locate import best_passage
from lakehouse.table import names

DEPTH: Final = 100
"""Candidates of each leg before fusion. Of 50, 100 and 200 it gave the best nDCG@10: decision 008."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is searched."""

    text: str = ""
    meaning: str = ""
    """Embedded instead of the text, where a part of it became a condition; empty: the text."""

    vector: Vectors | None = None
    """(d,), instead of the text's own, or without any text."""

    k: int = 10
    where: str = ""
    """A condition on the table's columns."""

    exact: bool = False
    excluded: frozenset[str] = frozenset()
    """Ids that must not be found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A row of one leg, as it stands in a ranking."""

    leg: int
    """Position of its leg among those of the search."""

    key: str
    score: float
    dense: float | None = None
    lexical: float | None = None
    boost: float | None = None
    base: float | None = None
    """Its score before that; None: nothing moved it."""

    learned: str = ""
    """Why it was moved by what earlier searches had found."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One corpus as this search sees it."""

    index: Index
    view: View
    allowed: Allowed | None
    """The rows that meet the condition; None: there is no condition."""

    near: Mapping[str, Near]
    """Found by meaning, by key."""

    said: Mapping[str, float]
    """Found by words: BM25, by key."""

    question: str
    vector: Vectors | None
    """That was asked with; None: by words only."""

    notes: tuple[str, ...]
    bound: Bound | None = None
    """What the question's signs demand of a row; None: nothing."""

    @property
    def name(self) -> str:
        """Of the corpus."""
        return self.view.definition.name

    @property
    def snapshot(self) -> tuple[str, int | None]:
        """Its table by the full name that SQL's answers have, and the snapshot that was searched."""
        return names.parse(self.view.definition.table).full, self.view.table_snapshot

    def texts(self, keys: Collection[str]) -> Mapping[str, Document]:
        """The texts of rows; those that are gone are left out. Cost: 8 µs a row."""
        return self.view.words.texts(list(keys)) if self.view.words is not None and keys else {}

    def meets(self, key: str) -> bool:
        """Does this row meet the condition, as far as SQL was asked, and obey the question's signs?"""
        if self.allowed is not None and key not in self.allowed.keys:
            return False
        return self.bound is None or key in self.bound.kept((key,))


def look(question: Question, index: Index, embedder: Embedder | None) -> Leg:
    """The candidates of one index, by meaning and by words.

    Raises:
        Invalid: the condition or the vector does not fit the table.
    """
    view = index.view()
    allowed = view.allowed(question.where, index.source) if question.where else None
    depth = max(DEPTH, question.k * 2) if question.text and view.definition.text else question.k
    demands = bound(question.text, view.words)
    vector, notes = _vector(question, view, embedder, demands=demands)
    near: tuple[Near, ...] = ()
    if vector is not None:
        nearest = view.nearest if demands is None else partial(demands.nearest, view)
        near = nearest(vector, depth, allowed=allowed, excluded=question.excluded, exact=question.exact)
    said: dict[str, float] = {}
    if question.text and view.words is not None:
        words = view.words.search(
            question.text, depth, allowed=allowed.keys if allowed else None, excluded=question.excluded
        )
        said = {hit.key: hit.score for hit in words}
    return Leg(index, view, allowed, {n.key: n for n in near}, said, question.text, vector, notes, demands)


def _vector(
    question: Question, view: View, embedder: Embedder | None, *, demands: Bound | None
) -> tuple[Vectors | None, tuple[str, ...]]:
    """The question as a vector, and what a person should know about it."""
    if question.vector is not None:
        return question.vector, ()
    name = view.definition.name
    if not view.vectors:
        return None, (f"{name}: by words only until lakehouse index refresh {name}",)
    if view.definition.vector:
        note = f"{name}: by words only, its vectors are not of a model that is here; ask with a vector"
        return None, (note,)
    if embedder is None or str(embedder.model) != view.definition.model:
        return None, (f"{name}: by words only, its model {view.definition.model} is not here",)
    text = phrase.meant(question.text) if demands and demands.excluded else question.meaning or question.text
    if not text.strip():
        return None, (f"{name}: the question only says what must not be found",)
    waiting = len(view.waiting)
    note = f"{name}: {waiting:,} of {view.rows:,} rows are found by words only so far"
    vector: Vectors = embedder.embed([text], use="query")[0]
    return vector, (note,) if waiting > 0 else ()


def hit(one: Candidate, leg: Leg, texts: Mapping[str, Document]) -> Hit | None:
    """A candidate with its text and place; None: its row is gone."""
    definition, key = leg.view.definition, one.key
    place = Place(table=definition.table, row=key, chunk=0, start=0, end=0)
    text = digest = ""
    if definition.text:
        document = texts.get(key)
        if document is None:
            return None  # deleted between the ranking and here
        place = _placed(place, document, leg)
        text, digest = document.text[place.start : place.end], document.digest
    return Hit(
        rank=0, id=key, corpus=definition.name, score=round(one.score, 6),
        parts=Parts(dense=one.dense, lexical=one.lexical, boost=one.boost, base=_base(one)),
        text=text, source=place,
        sql_verified=_is_verified(key, leg), why=_why(one), digest=digest,
    )  # fmt: skip


def _base(one: Candidate) -> float:
    return round(one.score if one.base is None else one.base, 6)


def _is_verified(key: str, leg: Leg) -> bool:
    """Did SQL say that this row is there and meets the condition, at the snapshot that was searched?"""
    if leg.allowed is None:
        return True  # every row of a view comes out of one SELECT at its snapshot
    near = leg.near.get(key)
    if near is None:
        return key in leg.allowed.keys
    mask = leg.allowed.fresh if near.is_fresh else leg.allowed.built
    return mask is not None and bool(mask[near.position])


def _placed(place: Place, document: Document, leg: Leg) -> Place:
    """The place of the passage that was found by meaning, or of the one that says most of the words."""
    near = leg.near.get(place.row)
    if near is not None and not leg.view.definition.vector:
        span = leg.view.span(near)
        if span.digest == document.digest:
            return replace(place, chunk=span.chunk, start=span.start, end=span.end)
    return _located(place, document.text, leg)


def _located(place: Place, text: str, leg: Leg) -> Place:
    """The passage of a row that words alone have found."""
    definition = leg.view.definition
    pieces = chunk.split(
        text, size=definition.chunk_tokens, overlap=definition.overlap_tokens, count=estimate
    )
    if not pieces:
        return place
    best = best_passage(text, leg.question, pieces)
    return replace(place, chunk=best.number, start=best.start, end=best.end)


def estimate(text: str) -> int:
    """About how many tokens a text has, where no model is there to count: four characters each."""
    return -(-len(text) // 4)


def _why(one: Candidate) -> str:
    meaning = f"meaning {one.dense:.2f}" if one.dense is not None else ""
    words = f"words {one.lexical:.1f}" if one.lexical is not None else ""
    said = " and ".join(part for part in (meaning, words) if part)
    return "; ".join(part for part in (said, one.learned) if part)
