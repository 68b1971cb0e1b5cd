"""[acts] One question to many corpora: read, gathered, merged by probability, moved by the playbook.

read      conditions, hard keys and what is left to be searched, for each corpus by its own columns
gather    candidates of all, with one deadline
merge     one ranking by P(relevant)
raise     what became of earlier searches
keep      the relevance filter; or, honestly, "not in the data"
"""

import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from lakehouse.base.errors import Invalid, Unavailable
from lakehouse.index.ann import Vectors
from lakehouse.index.index import Index
from lakehouse.llm.embedding import Embedder
from lakehouse.matrix.conditions import reading, sql, structural
from lakehouse.matrix.conditions.condition import Condition, Reading
from lakehouse.matrix.corpus import Corpus
from lakehouse.matrix.filter import Filter, shipped
from lakehouse.matrix.found import Dropped, MatrixFound, MatrixHit, MatrixQuestion, Share
from lakehouse.matrix.gather import Ask, Gathered, Gatherer, require
from lakehouse.matrix.merge import Ranking, Scored, keep, merge
from lakehouse.matrix.vocabularies import Vocabularies
from lakehouse.search.hits import Hit
from lakehouse.search.learned import Asked, Learned, Recalled, Row
from lakehouse.search.leg import Candidate, Question
from lakehouse.search.searcher import MOST, raised, shown

LONGEST: Final = 32 << 10
"""Characters of a question; a longer one is a document, and takes minutes to embed."""

OPENING_S: Final = 120.0
"""For indexes that this process has not looked at yet; the deadline of a question begins after that."""

READING: Final = 0.5
"""Share of the deadline in which a question must be read: a table's vocabulary is made on the first one."""

HAS_WORD: Final = re.compile(r"[^\W_]")


class Matrix:
    """Asks many corpora. Safe between threads."""

    def __init__(self, vocabularies: Vocabularies, *, embedder: Callable[[], Embedder | None]) -> None:
        self._vocabularies, self._embedder = vocabularies, embedder
        self._gatherer = Gatherer(embedder)

    def close(self) -> None:
        """Let go of the threads."""
        self._gatherer.close()

    def search(
        self,
        question: MatrixQuestion,
        corpora: Sequence[tuple[Corpus, Index]],
        *,
        search_id: str,
        learned: Learned,
        by: Filter | None = None,
        lost: Mapping[str, str] | None = None,
    ) -> MatrixFound:
        """The rows of all corpora that answer best.

        Args:
            lost: corpora that cannot be asked, and why; they are missing.
            by: the relevance filter; None: the one from public collections.

        Raises:
            Invalid: nothing was asked, or a condition does not fit the table.
            Unavailable: a corpus is missing, and partial answers were not asked for.
        """
        started = time.perf_counter()
        _check(question, corpora or lost or ())
        read, gathered = self._gathered(question, corpora, lost or {})
        ranking = merge(gathered.sides, gathered.cards())
        known = _recalled(question, gathered, read, learned, vector=self._vector(question, gathered))
        ranked, learning = raised(
            gathered.candidates(ranking), gathered.legs, known, k=question.k, names=_names(gathered)
        )
        whole = frozenset(one.ask.corpus.name for one in read if one.said.is_all)
        chosen = _chosen(question, ranked, ranking, gathered, by=by or shipped(), whole=whole)
        return MatrixFound(
            search_id=search_id,
            hits=chosen.hits,
            is_answered=bool(chosen.hits),
            why=chosen.why,
            corpora=tuple(_share(one, gathered, chosen.hits) for one in read),
            missing=gathered.missing,
            dropped=chosen.dropped,
            snapshots=dict(leg.snapshot for leg in gathered.legs),
            learning=learning,
            elapsed_ms=(time.perf_counter() - started) * 1000,
        )

    def _gathered(
        self,
        question: MatrixQuestion,
        corpora: Sequence[tuple[Corpus, Index]],
        lost: Mapping[str, str],
    ) -> tuple[list["_Read"], Gathered]:
        """The candidates of every corpus, and how each understood the question, by one deadline."""
        missing = dict(lost)
        readings = {corpus.name: partial(self._read, question, corpus, index) for corpus, index in corpora}
        cold = {corpus.name for corpus, index in corpora if index.seen() is None}
        if cold:  # words and vectors come from the disk once in the life of a process
            opening = {name: readings[name] for name in cold}
            self._gatherer.side_by_side(opening, time.monotonic() + OPENING_S, missing)
            readings = {name: read for name, read in readings.items() if name not in missing}
        started = time.monotonic()
        read = self._gatherer.side_by_side(readings, started + READING * question.deadline_s, missing)
        require(missing, allow_partial=question.allow_partial, has_any=bool(read))
        gathered = self._gatherer.ask(
            [one.ask for one in read.values()],
            deadline_s=max(0.0, question.deadline_s - (time.monotonic() - started)),
            allow_partial=question.allow_partial,
            lost=missing,
        )
        return list(read.values()), gathered

    def _vector(self, question: MatrixQuestion, gathered: Gathered) -> Vectors | None:
        """Of the whole question, whatever became a condition: earlier questions are compared by it."""
        if question.vector is not None:
            return question.vector
        embedder = self._embedder() if any(leg.vector is not None for leg in gathered.legs) else None
        if embedder is None or not question.text.strip():
            return None
        try:
            vector: Vectors = embedder.embed([question.text], use="query")[0]
        except Unavailable:  # the hits are there; earlier outcomes are found by words alone then
            return None
        return vector

    def _read(self, question: MatrixQuestion, corpus: Corpus, index: Index) -> "_Read":
        """A question as one corpus understands it."""
        source = index.source()
        definition = index.definition()
        lexicon = self._vocabularies.get(
            corpus,
            table=definition.table,
            columns=source.columns,
            key=definition.id,
            at=index.view().table_snapshot,
        )
        said = reading.read(question.text, lexicon)
        types = {column.name: column.type for column in source.columns}
        given: tuple[Condition, ...] = (
            *structural.filters(question.metadata, lexicon.vocabulary, columns=types),
            *structural.role(question.role, lexicon),
        )
        conditions = (*said.conditions, *given)
        condition = sql.predicate(conditions) if conditions else ""
        both = " AND ".join(f"({part}\n)" for part in (question.where, condition) if part.strip())
        meaning = said.meaning if said.conditions else question.text
        words = said.text if HAS_WORD.search(said.text) else question.text
        gone = sorted(set(corpus.facets) - {column.name for column in source.columns})
        return _Read(
            ask=Ask(
                corpus=corpus,
                index=index,
                question=Question(
                    text=words, meaning=meaning, vector=question.vector, k=question.k,
                    where=corpus.where(both), excluded=frozenset(question.excluded),
                ),
            ),
            said=said,
            conditions=conditions,
            keys=structural.keys(conditions),
            notes=(
                *(f"{note.said}: {note.reason}" for note in said.notes),
                *(f"its table has no column {name} any more" for name in gone),
            ),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Read:
    ask: Ask
    said: Reading
    conditions: tuple[Condition, ...]
    keys: Mapping[str, str]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Chosen:
    hits: tuple[MatrixHit, ...]
    dropped: tuple[Dropped, ...]
    why: str


def _check(question: MatrixQuestion, corpora: Collection[object]) -> None:
    if not isinstance(question.text, str):
        raise Invalid("a question is text", hint="lakehouse matrix search 'forklift operator'")
    if not question.text.strip() and question.vector is None:
        raise Invalid("the question is empty", hint="lakehouse matrix search 'forklift operator'")
    if len(question.text) > LONGEST:
        raise Invalid(f"a question has up to {LONGEST:,} characters", hint="ask for what matters")
    if any(type(n) is not int or not 1 <= n <= MOST for n in (question.k, question.per_corpus_k)):
        raise Invalid(f"k and per_corpus_k are from 1 to {MOST}", hint='"k": 8, "per_corpus_k": 6')
    if not 0 < question.deadline_s <= 600:
        raise Invalid("a deadline is up to 600 seconds", hint='"deadline_s": 5')
    if not corpora:
        raise Invalid("no corpus is asked", hint="lakehouse matrix corpora")


def _names(gathered: Gathered) -> tuple[str, ...]:
    return tuple(corpus.name for corpus in gathered.corpora)


def _recalled(
    question: MatrixQuestion,
    gathered: Gathered,
    read: Sequence[_Read],
    learned: Learned,
    *,
    vector: Vectors | None,
) -> dict[Row, Recalled]:
    """What earlier searches found useful, of rows that these corpora may show."""
    if not question.text.strip():
        return {}
    names = _names(gathered)
    legs = dict(zip(names, gathered.legs, strict=True))
    first = next((leg for leg in gathered.legs if leg.vector is not None), None)
    keys: dict[str, str] = {}
    for one in read:
        keys |= one.keys
    asked = Asked(
        text=question.text,
        vector=vector,
        model=first.view.definition.model if first and vector is not None else "",
        keys=keys,
        corpora=names,
    )

    def digests(corpus: str, rows: object) -> dict[str, str]:
        keys = [str(key) for key in rows] if isinstance(rows, set | frozenset | list | tuple) else []
        return {key: doc.digest for key, doc in legs[corpus].texts(keys).items()} if corpus in legs else {}

    return {
        row: one
        for row, one in learned.recall(asked, digests).items()
        if row[0] in legs and row[1] not in question.excluded
    }


def _chosen(
    question: MatrixQuestion,
    ranked: Sequence[Candidate],
    ranking: Ranking,
    gathered: Gathered,
    *,
    by: Filter,
    whole: frozenset[str],
) -> _Chosen:
    """The hits that are shown, and what was dropped.

    Args:
        whole: corpora by whose columns the question is nothing but conditions: SQL has answered it there.
    """
    names = _names(gathered)
    scored = {(one.corpus, one.key): one for one in ranking.candidates}
    most = question.k if len(names) == 1 else question.per_corpus_k
    first = _spread(_once(ranked, gathered), names, k=question.k, most=most)
    rows = [(names[one.leg], one.key) for one in first]
    shown_ = [scored[row] for row in rows if row in scored]
    asked = Ranking(
        candidates=tuple(one for one in shown_ if one.corpus not in whole), evidence=ranking.evidence
    )
    sure = Ranking(candidates=tuple(one for one in shown_ if one.corpus in whole), evidence=None)
    halves = (
        keep(asked, k=question.k, by=by if question.strict else None),
        keep(sure, k=question.k, by=None),
    )
    passed = {(one.corpus, one.key) for kept in halves for one in kept.hits}
    passing = [one for one, row in zip(first, rows, strict=True) if row in passed or (one.boost or 0.0) > 0]
    hits = [(one, found) for one in passing for found in shown([one], gathered.legs, k=1)]
    return _Chosen(
        hits=tuple(
            _hit(found, rank, scored.get((names[one.leg], one.key)), names[one.leg])
            for rank, (one, found) in enumerate(hits, 1)
        ),
        dropped=tuple(
            _dropped(one.candidate, one.why)
            for kept in halves
            for one in kept.dropped
            if (one.candidate.corpus, one.candidate.key) not in {(names[c.leg], c.key) for c in passing}
        ),
        why="" if hits else next((kept.why for kept in halves if kept.dropped), halves[0].why),
    )


def _once(ranked: Sequence[Candidate], gathered: Gathered) -> Iterator[Candidate]:
    """Each row where it stands best: two corpora over one table may both have it."""
    seen: set[tuple[str, str, str]] = set()
    for one in ranked:
        definition = gathered.legs[one.leg].view.definition
        row = (definition.table, definition.id, one.key)
        if row not in seen:
            seen.add(row)
            yield one


def _dropped(one: Scored, why: str) -> Dropped:
    return Dropped(corpus=one.corpus, id=one.key, p=round(one.p, 4), why=why)


def _spread(ranked: Iterable[Candidate], names: Sequence[str], *, k: int, most: int) -> list[Candidate]:
    """The first `k`, of which at most `most` are of one corpus."""
    counts = dict.fromkeys(range(len(names)), 0)
    found: list[Candidate] = []
    for one in ranked:
        if counts[one.leg] < most:
            counts[one.leg] += 1
            found.append(one)
        if len(found) == k:
            break
    return found


def _hit(hit: Hit, rank: int, scored: Scored | None, corpus: str) -> MatrixHit:
    why = "; ".join(part for part in (scored.why() if scored else "", hit.why) if part)
    return MatrixHit(
        hit=replace(hit, rank=rank, corpus=corpus, why=why),
        p=round(scored.p, 4) if scored else None,
        features=scored.parts() if scored else {},
    )


def _share(one: _Read, gathered: Gathered, hits: Sequence[MatrixHit]) -> Share:
    name = one.ask.corpus.name
    at = next((n for n, corpus in enumerate(gathered.corpora) if corpus.name == name), None)
    leg = None if at is None else gathered.legs[at]
    return Share(
        corpus=name,
        candidates=0 if at is None else len(gathered.sides[at].keys),
        hits=sum(hit.hit.corpus == name for hit in hits),
        conditions=tuple(map(str, one.conditions)),
        notes=(*one.notes, *(leg.notes if leg else ())),
    )
