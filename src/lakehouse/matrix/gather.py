"""[acts] Many corpora are asked side by side, with one deadline for all; a lost one is never lost quietly.

Two looks: first every corpus finds its candidates and says how many of its rows have each word of the
question; then, with the words weighed over all corpora, its candidates' BM25 is computed on one scale.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, TypeVar

import numpy as np

from lakehouse.base.errors import Corrupt, LakehouseError, NotFound, Unavailable
from lakehouse.index.index import Index
from lakehouse.index.words.weigh import Terms, Weighed, together
from lakehouse.llm.embedding import Embedder, Model, Use, Vectors
from lakehouse.matrix.corpus import Corpus
from lakehouse.matrix.features import Floats, Side
from lakehouse.matrix.merge import Ranking
from lakehouse.search.leg import DEPTH, Candidate, Leg, Question, look
from lakehouse.search.searcher import JOINT, fused

DEADLINE_S: Final = 5.0
"""A person waits no longer; a corpus of 500,000 rows answers in some 20 ms."""

WEIGHING: Final = 0.1
"""Share of the deadline that is kept for the second look, which takes some milliseconds."""

THREADS: Final = 32
"""That ask, over all requests; more corpora than that wait for each other."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One corpus to be asked, and what it is asked: conditions differ with the columns."""

    corpus: Corpus
    index: Index
    question: Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A corpus that did not answer."""

    corpus: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gathered:
    """What the corpora said, in the order in which they were named."""

    corpora: tuple[Corpus, ...]
    """Those that answered."""

    legs: tuple[Leg, ...]
    sides: tuple[Side, ...]
    missing: tuple[Missing, ...]

    def cards(self) -> dict[str, Corpus]:
        """The corpora by name, as `merge` wants them."""
        return {corpus.name: corpus for corpus in self.corpora}

    def candidates(self, ranking: Ranking) -> list[Candidate]:
        """A merged ranking as candidates that a search raises and shows."""
        at = {corpus.name: n for n, corpus in enumerate(self.corpora)}
        return [
            _candidate(at[one.corpus], one.key, one.base, self.legs[at[one.corpus]])
            for one in ranking.candidates
        ]


def asks(question: Question, corpora: Sequence[tuple[Corpus, Index]]) -> tuple[Ask, ...]:
    """One question for all, each corpus with its own filter too."""
    return tuple(
        Ask(corpus=corpus, index=index, question=replace(question, where=corpus.where(question.where)))
        for corpus, index in corpora
    )


class Gatherer:
    """Asks corpora. Safe between threads."""

    def __init__(self, embedder: Callable[[], Embedder | None], *, threads: int = THREADS) -> None:
        """Args: `embedder` gives the model of questions, or None where there is none."""
        self._embedder = embedder
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="matrix")

    def close(self) -> None:
        """Let go of the threads; corpora that are late finish first."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def ask(
        self,
        asked: Sequence[Ask],
        *,
        deadline_s: float = DEADLINE_S,
        allow_partial: bool = False,
        depth: int = DEPTH,
        lost: Mapping[str, str] | None = None,
    ) -> Gathered:
        """The candidates of every corpus.

        Args:
            asked: of different corpora.
            allow_partial: go on without a corpus that failed or was late, and name it.
            lost: corpora that failed before, and why.
            depth: candidates of each, at most.

        Raises:
            Unavailable: a corpus failed or was late, and partial answers were not allowed; or all did.
            Invalid, Refused: the question cannot be asked of a corpus, which is no failure of it.
        """
        started = time.monotonic()
        model = self._embedder()
        embedder = None if model is None else _Once(model)
        missing = dict(lost or {})
        looks = {one.corpus.name: partial(_look, one, embedder, depth) for one in asked}
        found = self.side_by_side(looks, started + (1 - WEIGHING) * deadline_s, missing)
        require(missing, allow_partial=allow_partial, has_any=bool(found))
        weighed = together([seen.terms for seen in found.values() if seen.terms is not None])
        weighs = {name: partial(_side, name, seen, weighed) for name, seen in found.items()}
        sides = self.side_by_side(weighs, started + deadline_s, missing)
        require(missing, allow_partial=allow_partial, has_any=bool(sides))
        there = [one.corpus for one in asked if one.corpus.name in sides]
        return Gathered(
            corpora=tuple(there),
            legs=tuple(found[one.name].leg for one in there),
            sides=tuple(sides[one.name] for one in there),
            missing=tuple(Missing(corpus=name, why=why) for name, why in missing.items()),
        )

    def side_by_side(
        self, tasks: Mapping[str, Callable[[], T]], until: float, missing: dict[str, str]
    ) -> dict[str, T]:
        """What each corpus gave until a moment of the monotonic clock; `missing` gets those that did not.

        Raises:
            Invalid, Refused: what is wrong with the question, which is no failure of a corpus.
        """
        running = {name: self._pool.submit(task) for name, task in tasks.items()}
        wait(running.values(), max(0.0, until - time.monotonic()))
        done: dict[str, T] = {}
        for name, future in running.items():
            if not future.done():
                future.cancel()
                missing[name] = "it did not answer in time"
            elif (error := _failure(future)) is not None:
                missing[name] = error.message
            else:
                done[name] = future.result()
        return done


class _Once:
    """An embedder of one request: every text is embedded once, whoever asks; the others wait for it."""

    def __init__(self, inner: Embedder) -> None:
        self._inner, self._lock = inner, threading.Lock()
        self._made: dict[tuple[Use, str], Vectors] = {}

    @property
    def model(self) -> Model:
        return self._inner.model

    def embed(self, texts: Sequence[str], *, use: Use = "document") -> Vectors:
        key = (use, JOINT.join(texts))
        with self._lock:
            if key not in self._made:
                self._made[key] = self._inner.embed(texts, use=use)
            return self._made[key]

    def count(self, text: str) -> int:
        return self._inner.count(text)

    def close(self) -> None:
        """The embedder inside is not of this request."""


def _failure(future: "Future[T]") -> LakehouseError | None:
    """Why a corpus could not answer; what is wrong with the question, or with us, is raised."""
    error = future.exception()
    if error is None or isinstance(error, Unavailable | Corrupt | NotFound):
        return error
    raise error


def require(missing: Mapping[str, str], *, allow_partial: bool, has_any: bool) -> None:
    """Raises `Unavailable` where a corpus is missing that must not be."""
    if missing and not (allow_partial and has_any):
        name, why = next(iter(missing.items()))
        raise Unavailable(
            f"the corpus {name} is missing: {why}",
            hint="allow partial answers, or leave the corpus out" if has_any else "lakehouse doctor",
            corpora=",".join(missing),
        )


@dataclass(frozen=True, slots=True)
class _Seen:
    leg: Leg
    ranked: tuple[Candidate, ...]
    terms: Terms | None


def _look(one: Ask, embedder: Embedder | None, depth: int) -> _Seen:
    """A corpus's own ranking, and what it knows of the question's words."""
    leg = look(one.question, one.index, embedder)
    words, text = leg.view.words, one.question.text
    terms = words.terms(text) if words is not None and text.strip() else None
    return _Seen(leg, tuple(fused([leg], most=None)[:depth]), terms)


def _side(name: str, seen: _Seen, weighed: Weighed) -> Side:
    leg, keys = seen.leg, tuple(one.key for one in seen.ranked)
    words = np.full(len(keys), np.nan)
    if seen.terms is not None and leg.view.words is not None:
        scores = leg.view.words.weighed(weighed.weights, keys)
        words = np.array([scores.get(key, 0.0) for key in keys]) / (weighed.attainable or 1.0)
    meaning = _meaning(seen.ranked, leg)
    own = _own(seen.ranked, leg)
    return Side(corpus=name, keys=keys, own=own, meaning=meaning, words=words, model=_model(leg))


def _own(ranked: Sequence[Candidate], leg: Leg) -> Floats:
    """Scores of the corpus's own ranking from 1 down, also where it ranks by bare cosines."""
    scores = np.minimum.accumulate(np.array([one.score for one in ranked], dtype=np.float64))
    if leg.said or not len(scores):
        return scores
    spread = scores[0] - min(near.score for near in leg.near.values())
    made: Floats = 1 - (scores[0] - scores) / spread if spread > 0 else np.ones(len(scores))
    return made


def _meaning(ranked: Sequence[Candidate], leg: Leg) -> Floats:
    """Cosines; a row that words alone have found has the lowest of them, one without a vector none."""
    lowest = min((near.score for near in leg.near.values()), default=np.nan)
    waiting = leg.view.waiting
    return np.array(
        [one.dense if one.dense is not None else np.nan if one.key in waiting else lowest for one in ranked],
        dtype=np.float64,
    )


def _model(leg: Leg) -> str:
    """Vectors out of a column are of no model that is known here, whatever the index's name for it."""
    definition = leg.view.definition
    return "" if definition.vector else definition.model.partition("@")[0]


def _candidate(at: int, key: str, base: float, leg: Leg) -> Candidate:
    near = leg.near.get(key)
    return Candidate(
        leg=at, key=key, score=base, dense=near.score if near else None, lexical=leg.said.get(key)
    )  # fmt: skip
