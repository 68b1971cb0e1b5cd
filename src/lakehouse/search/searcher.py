"""[acts] A search: words and meaning over one or more indexes, filtered by SQL, fused, with proof.

Corpora are merged on scores that compare: cosines of one model, BM25 as it is; never on ranks within each.
Source: measured on nine collections; merging per-corpus ranks found the right corpus for 20 % of the top ten,
raw cosine for 91 %.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from lakehouse.base.errors import Invalid, Unavailable
from lakehouse.index import chunk
from lakehouse.index.allowed import Allowed
from lakehouse.index.ann import Vectors
from lakehouse.index.index import Index
from lakehouse.index.view import Near, View
from lakehouse.index.words.lexical import Document
from lakehouse.llm.embedding import Embedder
from lakehouse.search.fusion import Fused, Weights, fuse
from lakehouse.search.hits import Found, Hit, Parts, Place
from lakehouse.search.locate import best_passage

DEPTH: Final = 100
"""Candidates of each leg before fusion. Of 50, 100 and 200 it gave the best nDCG@10: decision 008."""

PAGES: Final = 3
"""Times k candidates are kept after fusion: rows that were deleted meanwhile make room for the next."""

MOST: Final = 1000
"""Hits of one search; more is a query for SQL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is searched."""

    text: str = ""
    vector: Vectors | None = None
    """(d,), instead of the text's own, or without any text."""

    k: int = 10
    where: str = ""
    """A condition on the table's columns."""

    exact: bool = False
    excluded: frozenset[str] = frozenset()
    """Ids that must not be found."""


@dataclass(frozen=True, slots=True)
class _Leg:
    """One corpus as this search sees it."""

    index: Index
    view: View
    allowed: Allowed | None
    near: Mapping[str, Near]
    said: Mapping[str, float]
    question: str


class Searcher:
    """Searches indexes. Safe between threads."""

    def __init__(self, embedder: Callable[[], Embedder | None]) -> None:
        """Args: `embedder` gives the model of questions, or None where there is none."""
        self._embedder = embedder

    def search(self, question: Question, indexes: Sequence[Index], *, search_id: str) -> Found:
        """The `k` rows that answer best.

        Raises:
            Invalid: nothing was asked, k is out of range, or the vector fits none of the indexes.
            Unavailable: only vectors could answer, and no model is there to make one.
        """
        started = time.perf_counter()
        _check(question, indexes)
        notes: list[str] = []
        legs = [self._leg(question, index, notes) for index in indexes]
        hits = _hits(_ranked(legs, most=question.k * PAGES), legs, k=question.k)
        return Found(
            search_id=search_id,
            hits=tuple(replace(hit, rank=rank) for rank, hit in enumerate(hits, 1)),
            corpora=tuple(index.name for index in indexes),
            snapshots={leg.view.definition.table: leg.view.table_snapshot for leg in legs},
            notes=tuple(dict.fromkeys(notes)),
            elapsed_ms=(time.perf_counter() - started) * 1000,
        )

    def rankings(self, text: str, index: Index) -> tuple[dict[str, float], dict[str, float]]:
        """What meaning and what words find for a question, each by itself: row to raw score."""
        leg = self._leg(Question(text=text), index, [])
        return {key: near.score for key, near in leg.near.items()}, dict(leg.said)

    def _leg(self, question: Question, index: Index, notes: list[str]) -> _Leg:
        view = index.view()
        definition = view.definition
        allowed = None
        if question.where:
            allowed = view.allowed(question.where, index.source)
        depth = max(DEPTH, question.k * 2) if question.text and definition.text else question.k
        vector = self._vector(question, view, notes)
        near: tuple[Near, ...] = ()
        if vector is not None:
            near = view.nearest(
                vector, depth, allowed=allowed, excluded=question.excluded, exact=question.exact
            )
        said: dict[str, float] = {}
        if question.text and view.words is not None:
            words = view.words.search(
                question.text, depth, allowed=allowed.keys if allowed else None, excluded=question.excluded
            )
            said = {hit.key: hit.score for hit in words}
        return _Leg(index, view, allowed, {n.key: n for n in near}, said, question.text)

    def _vector(self, question: Question, view: View, notes: list[str]) -> Vectors | None:
        if question.vector is not None:
            return question.vector
        name = view.definition.name
        if not view.vectors:
            notes.append(f"{name}: by words only until lakehouse index refresh {name}")
            return None
        if view.definition.vector:
            notes.append(
                f"{name}: by words only, its vectors are not of a model that is here; ask with a vector"
            )
            return None
        embedder = self._embedder()
        if embedder is None or str(embedder.model) != view.definition.model:
            notes.append(f"{name}: by words only, its model {view.definition.model} is not here")
            return None
        waiting = len(view.waiting)
        if waiting > 0:
            notes.append(f"{name}: {waiting:,} of {view.rows:,} rows are found by words only so far")
        vector: Vectors = embedder.embed([question.text], use="query")[0]
        return vector


def unit(vector: Sequence[float]) -> Vectors:
    """A vector that a client sent, brought to unit length.

    Raises:
        Invalid: it is empty, not finite, or has no length.
    """
    try:
        given = np.asarray(vector, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise Invalid("a vector is a list of numbers", hint="send [0.1, 0.2, …]") from error
    norm = float(np.linalg.norm(given)) if given.ndim == 1 and given.size else 0.0
    if not np.isfinite(norm) or norm == 0:
        raise Invalid(
            "the vector is empty, has no length, or is not finite", hint="send finite numbers, not all zero"
        )
    made: Vectors = (given / norm).astype(np.float32)
    return made


def _check(question: Question, indexes: Sequence[Index]) -> None:
    if not question.text.strip() and question.vector is None:
        raise Invalid("the question is empty", hint="lakehouse search 'forklift operator'")
    if not 1 <= question.k <= MOST:
        raise Invalid(f"k is from 1 to {MOST}", hint="-k 10")
    if not indexes:
        raise Unavailable("there is no index to search", hint="lakehouse index build NAME --table T --text C")


Ranked = tuple[int, Fused]
"""The corpus of a candidate, and its fused score; the key is still `_joined`."""


def _ranked(legs: Sequence[_Leg], *, most: int) -> list[Ranked]:
    """The first candidates of all corpora in one order."""
    dense = _joined([{key: near.score for key, near in leg.near.items()} for leg in legs])
    said = _joined([leg.said for leg in legs])
    if not said:  # only vectors were compared: their cosine says more than a rank
        ordered = sorted(dense.items(), key=lambda item: (-item[1], item[0]))
        return [_split(Fused(key=key, score=s, dense=s, lexical=None)) for key, s in ordered]
    known = [w for leg in legs if (w := leg.view.definition.weight) is not None]
    weights = Weights(dense=sum(known) / len(known)) if len(known) == len(legs) else None
    is_partial = bool(dense) and any(leg.view.waiting for leg in legs)
    ranked = [_split(one) for one in fuse(dense, said, weights=weights, most=None if is_partial else most)]
    if is_partial:
        best = max(said.values())
        ranked = [(n, _whole(one, legs[n].view, best)) for n, one in ranked]
        ranked.sort(key=lambda item: (-item[1].score, item[0], item[1].key))
    return ranked


JOINT: Final = "\x1f"


def _joined(legs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {f"{n}{JOINT}{key}": score for n, leg in enumerate(legs) for key, score in leg.items()}


def _split(one: Fused) -> Ranked:
    return int(one.key.partition(JOINT)[0]), one


def _key(one: Fused) -> str:
    return one.key.partition(JOINT)[2]


def _whole(one: Fused, view: View, best: float) -> Fused:
    """A row that cannot be found by meaning yet is judged by its words alone, not as if it meant nothing."""
    if one.lexical is None or _key(one) not in view.waiting:
        return one
    return replace(one, score=max(one.score, one.lexical / best))


def _hits(ranked: Sequence[Ranked], legs: Sequence[_Leg], *, k: int) -> list[Hit]:
    """The first `k` candidates with their texts; those that were deleted meanwhile make room for the next."""
    hits: list[Hit] = []
    for start in range(0, len(ranked), k):
        page = ranked[start : start + k]
        texts = [_texts(leg, [_key(one) for n, one in page if n == at]) for at, leg in enumerate(legs)]
        hits += [hit for n, one in page if (hit := _hit(one, legs[n], texts[n])) is not None]
        if len(hits) >= k:
            break
    return hits[:k]


def _texts(leg: _Leg, keys: Sequence[str]) -> Mapping[str, Document]:
    return leg.view.words.texts(keys) if leg.view.words is not None and keys else {}


def _hit(one: Fused, leg: _Leg, texts: Mapping[str, Document]) -> Hit | None:
    definition, key = leg.view.definition, _key(one)
    place = Place(table=definition.table, row=key, chunk=0, start=0, end=0)
    text = ""
    if definition.text:
        document = texts.get(key)
        if document is None:
            return None  # deleted between the ranking and here
        place = _placed(place, document, leg)
        text = document.text[place.start : place.end]
    return Hit(
        rank=0, id=key, corpus=definition.name, score=round(one.score, 6),
        parts=Parts(dense=one.dense, lexical=one.lexical), text=text, source=place,
        sql_verified=_is_verified(key, leg), why=_why(one),
    )  # fmt: skip


def _is_verified(key: str, leg: _Leg) -> bool:
    """Did SQL say that this row is there and meets the condition, at the snapshot that was searched?"""
    if leg.allowed is None:
        return True  # every row of a view comes out of one SELECT at its snapshot
    near = leg.near.get(key)
    if near is None:
        return key in leg.allowed.keys
    mask = leg.allowed.fresh if near.is_fresh else leg.allowed.built
    return mask is not None and bool(mask[near.position])


def _placed(place: Place, document: Document, leg: _Leg) -> Place:
    """The place of the passage that was found by meaning, or of the one that says most of the words."""
    near = leg.near.get(place.row)
    if near is not None and not leg.view.definition.vector:
        span = leg.view.span(near)
        if span.digest == document.digest:
            return replace(place, chunk=span.chunk, start=span.start, end=span.end)
    return _located(place, document.text, leg)


def _located(place: Place, text: str, leg: _Leg) -> Place:
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


def _why(one: Fused) -> str:
    meaning = f"meaning {one.dense:.2f}" if one.dense is not None else ""
    words = f"words {one.lexical:.1f}" if one.lexical is not None else ""
    return " and ".join(part for part in (meaning, words) if part)
