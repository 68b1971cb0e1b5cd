"""[acts] One question to many corpora: read, gathered, merged by probability, moved by the playbook.

read      conditions, hard keys and what is left to be searched, for each corpus by its own columns
gather    candidates of all, with one deadline
merge     one ranking by P(relevant)
raise     what became of earlier searches
keep      the relevance filter; or, honestly, "not in the data"
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from lakehouse.base.errors import Invalid
from lakehouse.index.index import Index
from lakehouse.llm.embedding import Embedder
from lakehouse.matrix.conditions import reading, sql, structural
from lakehouse.matrix.conditions.condition import Condition, Reading
from lakehouse.matrix.corpus import Corpus
from lakehouse.matrix.filter import Filter, shipped
from lakehouse.matrix.gather import DEADLINE_S, Ask, Gathered, Gatherer, Missing
from lakehouse.matrix.merge import Kept, Ranking, Scored, keep, merge
from lakehouse.matrix.vocabularies import Vocabularies
from lakehouse.search.hits import Hit, Learning
from lakehouse.search.learned import Asked, Learned, Recalled, Row
from lakehouse.search.leg import Candidate, Question
from lakehouse.search.searcher import MOST, raised, shown

PER_CORPUS: Final = 6
"""Hits of one corpus among those of several, by default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixQuestion:
    """What is asked of the matrix."""

    text: str
    k: int = 8
    per_corpus_k: int = PER_CORPUS
    """Most hits of one corpus, where several are asked."""

    where: str = ""
    """A condition in SQL, for every corpus."""

    metadata: Mapping[str, object] = field(default_factory=dict)
    """Column -> value, or any of a list; a corpus without the column has no row that passes."""

    role: str = ""
    excluded: tuple[str, ...] = ()
    deadline_s: float = DEADLINE_S
    allow_partial: bool = False
    """Answer without a corpus that failed, and name it."""

    strict: bool = True
    """Drop what is unlikely to be right, and say so where nothing is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one corpus brought."""

    corpus: str
    candidates: int
    hits: int
    conditions: tuple[str, ...]
    """What the question, read by this corpus's columns, asks of a row."""

    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A candidate that is not shown, and why."""

    corpus: str
    id: str
    p: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixHit:
    """One row, with its origin."""

    hit: Hit
    p: float | None
    """Probability that it is right, before the playbook; None: only the playbook brought it."""

    features: Mapping[str, float]
    """What the probability was computed from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixFound:
    """The answer of the matrix."""

    search_id: str
    hits: tuple[MatrixHit, ...]
    is_answered: bool
    why: str
    """Where nothing is shown: why."""

    corpora: tuple[Share, ...]
    missing: tuple[Missing, ...]
    dropped: tuple[Dropped, ...]
    snapshots: Mapping[str, int | None]
    learning: Learning
    elapsed_ms: float


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
    ) -> MatrixFound:
        """The rows of all corpora that answer best.

        Args:
            by: the relevance filter; None: the one from public collections.

        Raises:
            Invalid: nothing was asked, or a condition does not fit the table.
            Unavailable: a corpus is missing, and partial answers were not asked for.
        """
        started = time.perf_counter()
        _check(question, corpora)
        read = [self._read(question, corpus, index) for corpus, index in corpora]
        gathered = self._gatherer.ask(
            [one.ask for one in read],
            deadline_s=question.deadline_s,
            allow_partial=question.allow_partial,
        )
        ranking = merge(gathered.sides, gathered.cards())
        known = _recalled(question, gathered, read, learned)
        ranked, learning = raised(
            gathered.candidates(ranking), gathered.legs, known, k=question.k, names=_names(gathered)
        )
        chosen = _chosen(question, ranked, ranking, gathered, by or shipped())
        return MatrixFound(
            search_id=search_id,
            hits=chosen.hits,
            is_answered=bool(chosen.hits),
            why=chosen.why,
            corpora=tuple(_share(one, gathered, chosen.hits) for one in read),
            missing=gathered.missing,
            dropped=chosen.dropped,
            snapshots={leg.view.definition.table: leg.view.table_snapshot for leg in gathered.legs},
            learning=learning,
            elapsed_ms=(time.perf_counter() - started) * 1000,
        )

    def _read(self, question: MatrixQuestion, corpus: Corpus, index: Index) -> "_Read":
        """A question as one corpus understands it."""
        source = index.source()
        definition = index.definition()
        lexicon = self._vocabularies.get(
            corpus, table=definition.table, columns=source.columns, key=definition.id
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
        words = said.text.strip() or question.text
        return _Read(
            ask=Ask(
                corpus=corpus,
                index=index,
                question=Question(
                    text=words, meaning=meaning, k=question.k, where=corpus.where(both),
                    excluded=frozenset(question.excluded),
                ),
            ),
            said=said,
            conditions=conditions,
            keys=structural.keys(conditions),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Read:
    ask: Ask
    said: Reading
    conditions: tuple[Condition, ...]
    keys: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Chosen:
    hits: tuple[MatrixHit, ...]
    dropped: tuple[Dropped, ...]
    why: str


def _check(question: MatrixQuestion, corpora: Sequence[tuple[Corpus, Index]]) -> None:
    if not question.text.strip():
        raise Invalid("the question is empty", hint="lakehouse matrix search 'forklift operator'")
    if not 1 <= question.k <= MOST or not 1 <= question.per_corpus_k <= MOST:
        raise Invalid(f"k and per_corpus_k are from 1 to {MOST}", hint='"k": 8, "per_corpus_k": 6')
    if not 0 < question.deadline_s <= 600:
        raise Invalid("a deadline is up to 600 seconds", hint='"deadline_s": 5')
    if not corpora:
        raise Invalid("no corpus is asked", hint="lakehouse matrix corpora")


def _names(gathered: Gathered) -> tuple[str, ...]:
    return tuple(corpus.name for corpus in gathered.corpora)


def _recalled(
    question: MatrixQuestion, gathered: Gathered, read: Sequence[_Read], learned: Learned
) -> dict[Row, Recalled]:
    """What earlier searches found useful, of rows that these corpora may show."""
    names = _names(gathered)
    legs = dict(zip(names, gathered.legs, strict=True))
    first = next((leg for leg in gathered.legs if leg.vector is not None), None)
    keys: dict[str, str] = {}
    for one in read:
        keys |= one.keys
    asked = Asked(
        text=question.text,
        vector=first.vector if first else None,
        model=first.view.definition.model if first else "",
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
    question: MatrixQuestion, ranked: Sequence[Candidate], ranking: Ranking, gathered: Gathered, by: Filter
) -> _Chosen:
    """The hits that are shown, and what was dropped."""
    names = _names(gathered)
    scored = {(one.corpus, one.key): one for one in ranking.candidates}
    most = question.k if len(names) == 1 else question.per_corpus_k
    first = _spread(ranked, names, k=question.k, most=most)
    rows = [(names[one.leg], one.key) for one in first]
    kept: Kept = keep(
        Ranking(candidates=tuple(scored[row] for row in rows if row in scored), evidence=ranking.evidence),
        k=question.k,
        by=by if question.strict else None,
    )
    passed = {(one.corpus, one.key) for one in kept.hits}
    passing = [one for one, row in zip(first, rows, strict=True) if row in passed or (one.boost or 0.0) > 0]
    hits = [(one, found) for one in passing for found in shown([one], gathered.legs, k=1)]
    return _Chosen(
        hits=tuple(
            _hit(found, rank, scored.get((names[one.leg], one.key)), names[one.leg])
            for rank, (one, found) in enumerate(hits, 1)
        ),
        dropped=tuple(_dropped(one.candidate, one.why) for one in kept.dropped),
        why="" if hits else kept.why,
    )


def _dropped(one: Scored, why: str) -> Dropped:
    return Dropped(corpus=one.corpus, id=one.key, p=round(one.p, 4), why=why)


def _spread(ranked: Sequence[Candidate], names: Sequence[str], *, k: int, most: int) -> list[Candidate]:
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
    notes = (f"{note.said}: {note.reason}" for note in one.said.notes)
    return Share(
        corpus=name,
        candidates=0 if at is None else len(gathered.sides[at].keys),
        hits=sum(hit.hit.corpus == name for hit in hits),
        conditions=tuple(map(str, one.conditions)),
        notes=(*notes, *(leg.notes if leg else ())),
    )
