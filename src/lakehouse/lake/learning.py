"""[acts] What became of searches: remembered, told by people and programs, and heard by the next search."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Final

from lakehouse.base.clock import Clock
from lakehouse.base.errors import Invalid, LakehouseError
from lakehouse.index.ann import Vectors
from lakehouse.lake.corpora import Corpora
from lakehouse.lake.indexes import Indexes
from lakehouse.lake.successes import Recorded, Successes
from lakehouse.llm.cache import CachedEmbedder
from lakehouse.matrix.bullets.bullets import Bullets
from lakehouse.matrix.bullets.choose import Choice
from lakehouse.matrix.bullets.limits import REASON_CHARS, TEXT_CHARS
from lakehouse.matrix.playbook import check
from lakehouse.matrix.playbook.events import KINDS, Outcome, Search, Shown
from lakehouse.matrix.playbook.playbook import Playbook, PlaybookStats, Told
from lakehouse.matrix.playbook.records import read_search, rounded, search_record
from lakehouse.matrix.playbook.versions import Version
from lakehouse.matrix.playbook.why import Why
from lakehouse.search.hits import Found
from lakehouse.search.learned import Asked, Digests, Recalled, Row
from lakehouse.search.leg import Question
from lakehouse.search.searcher import Searcher
from lakehouse.store.journal import Journal
from lakehouse.store.streams import Json

MOST: Final = 10_000
"""Outcomes of one call."""

MOST_MS: Final = 1 << 53
"""Of a time: what JSON can say exactly."""


class Heard:
    """What one search heard of the past, and what it was asked; a seam between a search and the playbook."""

    def __init__(self, playbook: Playbook | None) -> None:
        self._playbook = playbook
        self.asked: Asked | None = None

    def recall(self, asked: Asked, digests: Digests) -> Mapping[Row, Recalled]:
        """What the playbook says; nothing where the search was to do without it."""
        self.asked = asked
        return self._playbook.recall(asked, digests) if self._playbook else {}


class Reasons:
    """Takes the place of the playbook in one search, to say what that search would have heard."""

    def __init__(self, playbook: Playbook) -> None:
        self._playbook = playbook
        self.why: Why | None = None

    def recall(self, asked: Asked, digests: Digests) -> Mapping[Row, Recalled]:
        """Nothing, after the reasons were kept."""
        self.why = self._playbook.why(asked, digests)
        return {}


class Learning:
    """Outcomes of the searches of one lake. Safe between threads."""

    def __init__(
        self,
        playbook: Playbook,
        *,
        indexes: Indexes,
        corpora: Corpora,
        embedder: Callable[[], CachedEmbedder | None],
        entries: Callable[[], Bullets],
        journal: Journal,
        clock: Clock,
    ) -> None:
        self._make_entries = entries
        self._playbook, self._indexes, self._embedder = playbook, indexes, embedder
        self._corpora, self._journal, self._clock = corpora, journal, clock
        self._successes = Successes(playbook, indexes=indexes, embedder=embedder, clock=clock)

    @cached_property
    def entries(self) -> Bullets:
        """What was learned in words; made when first asked for, since it may load a model."""
        return self._make_entries()

    def advice(self, question: str, search_id: str) -> Choice:
        """The one or two entries that hold everywhere and fit a question; the search counts as their call."""
        text = question.encode("utf-8", "replace").decode()[:TEXT_CHARS]
        return self.entries.choose(text, call_id=search_id)

    def served(self, passages: Sequence[str]) -> None:
        """Remember passages that an answer was made of, so that they are not learned as lessons."""
        texts = [text.encode("utf-8", "replace").decode() for text in passages]
        self.entries.served([part for text in texts for part in _parts(text)])

    def listen(self, *, playbook: bool) -> Heard:
        """What a search asks for the past; without the playbook it hears nothing, and is remembered."""
        return Heard(self._playbook if playbook else None)

    def shown(self, found: Found, heard: Heard) -> dict[str, Json]:
        """Remember what a search showed; what the log should say of it."""
        asked = heard.asked
        if asked is None:
            return {}
        search = Search(
            search_id=found.search_id,
            at_ms=self._clock.now_ms(),
            text=asked.text.encode("utf-8", "replace").decode(),
            vector=None if asked.vector is None else rounded(asked.vector),
            model=asked.model,
            shown=tuple(
                Shown(corpus=h.corpus, key=h.id, rank=h.rank, base=h.parts.base, digest=h.digest)
                for h in found.hits
            ),
            keys=asked.keys,
        )
        self._playbook.shown(search)
        record = search_record(replace(search, vector=None))
        learning = found.learning
        return {
            "shown": record["shown"],
            "model": search.model,
            "keys": record["keys"],
            "learning": {
                "computed": learning.computed, "hit": learning.hit,
                "moved": learning.moved, "injected": learning.injected,
            },
        }  # fmt: skip

    def feedback(
        self,
        search_id: str,
        doc_id: str,
        *,
        outcome: str,
        source: str = "",
        corpus: str = "",
        value: float | None = None,
        audit: bool = False,
        at_ms: int | None = None,
    ) -> Told:
        """What became of one hit."""
        one = {
            "search_id": search_id, "doc_id": doc_id, "outcome": outcome, "source": source, "corpus": corpus,
            "value": value, "audit": audit, "at_ms": at_ms,
        }  # fmt: skip
        return self.feedback_many([one])[0]

    def feedback_many(self, outcomes: Sequence[Mapping[str, object]]) -> tuple[Told, ...]:
        """What became of many hits, in one write: all are kept, or none.

        Raises:
            Invalid: too many, or one of them is not an outcome.
        """
        if len(outcomes) > MOST:
            raise Invalid(f"at most {MOST:,} outcomes at once", hint="send them in parts")
        now_ms = self._clock.now_ms()
        told = [_outcome(one, now_ms) for one in outcomes]
        return self._playbook.tell(told, find=self._find, exists=self._exists) if told else ()

    def record(
        self,
        query_text: str,
        answer_id: str,
        *,
        answer_corpus: str,
        score: float = 1.0,
        source: str = "",
        **more: object,
    ) -> Told:
        """A success that no search showed: this row answers that question.

        The same again adds nothing; another score of the same source replaces the earlier one.

        Args:
            score: 0 (wrong) to 1 (right).
            more: role and tags, which are kept with the event; vector and model of the question, which
                must be those that the corpus is searched with.

        Raises:
            Invalid: a member is unknown or out of range.
            NotFound: no such corpus, or no such row in it.
            Refused: the vector is of another model.
        """
        given: dict[str, object] = {
            "query_text": query_text, "answer_id": answer_id, "answer_corpus": answer_corpus,
            "score": score, "source": source, **more,
        }  # fmt: skip
        return self._successes.record(given)

    def record_many(self, successes: Sequence[Mapping[str, object]]) -> tuple[Recorded, ...]:
        """Many such, embedded together and kept in one write; each with its error where it has one.

        Raises:
            Invalid: more than 10,000.
        """
        if len(successes) > MOST:
            raise Invalid(f"at most {MOST:,} successes at once", hint="send them in parts")
        return self._successes.record_many(successes)

    def control(self, op: str, subject: str = "", *, reason: str = "", to: str = "") -> str:
        """Distrust or trust a source, retire or restore a row, roll back; the version with it.

        A rollback takes the entries along: each reads as it did at that version.
        """
        if op == "rollback":
            check.control(op, subject, to)
            self._playbook.require_version(to)
            # Before the rollback itself, so that its id is a version in which the entries are back already.
            why = reason.strip()[:REASON_CHARS] or f"rollback to {to}"
            self.entries.rollback_all(to=to, reason=why, is_moment=True)
        return self._playbook.control(op, subject, reason=reason, to=to)

    def stats(self) -> PlaybookStats:
        """What was learned so far."""
        return self._playbook.stats()

    def history(self, *, limit: int = 50) -> tuple[Version, ...]:
        """The newest events, newest first; each is a version that `control("rollback", to=…)` takes."""
        if type(limit) is not int or not 1 <= limit <= MOST:
            raise Invalid(f"a limit is from 1 to {MOST:,}", hint="limit=50")
        return self._playbook.history(limit=limit)

    def why(self, question: str, *, corpora: Sequence[str] = ()) -> Why:
        """Which past outcomes would move which rows for a question, and what they rest on.

        Args:
            corpora: indexes to look at; none: all.
        """
        reasons = Reasons(self._playbook)
        indexes = [self._indexes.get(name) for name in (dict.fromkeys(corpora) or self._indexes.whole())]
        Searcher(self._embedder).search(Question(text=question), indexes, search_id="", learned=reasons)
        if reasons.why is None:
            raise Invalid("the question is empty", hint="ask what a person would ask")
        return reasons.why

    def _find(self, search_id: str) -> Search | None:
        """A search of another process, or of long ago, out of the log."""
        self._journal.flush()
        for record in self._journal.replay("searches"):
            if record.get("search_id") == search_id and "shown" in record:
                told = {"text": record.get("query", ""), "at_ms": _at_ms(record, self._clock.now_ms())}
                found = read_search(search_id, told | record)
                return replace(found, vector=self._vector(found)) if found else None
        return None

    def _vector(self, search: Search) -> Vectors | None:
        embedder = self._embedder() if search.model and search.text.strip() else None
        if embedder is None or str(embedder.model) != search.model:
            return None
        return rounded(embedder.embed([search.text], use="query")[0])

    def _exists(self, corpus: str, key: str) -> bool:
        try:
            view = self._indexes.get(self._corpora.index_of(corpus)).view()
        except LakehouseError:
            return False
        return view.words is None or bool(view.words.texts([key]))


def _parts(text: str) -> list[str]:
    """A text in parts as long as one may be."""
    return [text[at : at + TEXT_CHARS] for at in range(0, len(text), TEXT_CHARS)]


def _at_ms(record: Mapping[str, Json], now_ms: int) -> int:
    """When a search was written down; outcomes age from there."""
    try:
        return int(dt.datetime.fromisoformat(str(record.get("at"))).timestamp() * 1000)
    except ValueError:
        return now_ms


def _outcome(given: Mapping[str, object], now_ms: int) -> Outcome:
    """An outcome out of what a client sent."""
    names = ("search_id", "doc_id", "source", "corpus")
    texts = [given.get(name, "") for name in names]
    if not all(isinstance(text, str) for text in texts) or not all(texts[:2]):
        raise Invalid("an outcome names search_id and doc_id", hint="both are in the answer of a search")
    kind = next((kind for kind in KINDS if kind == given.get("outcome")), None)
    if kind is None:
        raise Invalid("the outcome is unknown", hint=f"one of {', '.join(KINDS)}")
    value, at_ms = given.get("value"), given.get("at_ms")
    if isinstance(value, bool) or not isinstance(value, int | float | None):
        raise Invalid("the value of an outcome is a number from 0 to 1", hint="value=1")
    if at_ms is not None and (type(at_ms) is not int or not 0 <= at_ms < MOST_MS):
        raise Invalid("at_ms is milliseconds since 1970", hint="leave it out for now")
    search_id, doc_id, source, corpus = map(str, texts)
    return Outcome(
        search_id=search_id, corpus=corpus, key=doc_id, kind=kind, source=source,
        at_ms=now_ms if at_ms is None else at_ms, value=None if value is None else float(value),
        is_audit=given.get("audit") is True,
    )  # fmt: skip
