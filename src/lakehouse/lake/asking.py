"""[acts] Asking by meaning: search, answers with citations, vectors; what was found is written down."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from lakehouse.base.clock import Clock
from lakehouse.base.errors import Invalid, Unavailable
from lakehouse.base.ids import ulid
from lakehouse.index.index import Index
from lakehouse.lake.indexes import Indexes
from lakehouse.lake.learning import Learning
from lakehouse.llm.cache import CachedEmbedder, CacheStats
from lakehouse.llm.chat import Chat
from lakehouse.llm.embedding import Model, Vectors
from lakehouse.search import answer
from lakehouse.search.answer import Answer
from lakehouse.search.calibrate import Calibration, Judged, learn
from lakehouse.search.cite import Passage
from lakehouse.search.hits import Found, Hit
from lakehouse.search.leg import Question
from lakehouse.search.searcher import Searcher, unit
from lakehouse.store.journal import Journal
from lakehouse.store.streams import Json

HINT: Final = "lake.search('forklift operator', corpora=['resumes'], k=10)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """Texts as vectors."""

    vectors: Vectors
    model: Model


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """An answer with the search it rests on."""

    answer: Answer
    found: Found
    entries: tuple[str, ...] = ()
    """Of the playbook, which the model was given; votes on them are taken under the search's id."""


class Asking:
    """Searches and answers over the indexes of one lake. Safe between threads."""

    def __init__(
        self,
        indexes: Indexes,
        *,
        embedder: Callable[[], CachedEmbedder | None],
        chat: Callable[[], Chat | None],
        learning: Learning,
        journal: Journal,
        clock: Clock,
    ) -> None:
        self._indexes, self._embedder, self._chat = indexes, embedder, chat
        self._learning, self._journal, self._clock = learning, journal, clock
        self._searcher = Searcher(embedder)

    def search(
        self,
        text: str,
        *,
        vector: Sequence[float] | None,
        corpora: Sequence[str],
        k: int,
        where: str,
        exact: bool,
        exclude: Iterable[str],
        playbook: bool = True,
    ) -> Found:
        """The rows that answer best, over the named indexes, or all of them."""
        if not _is_asked(text, where, k):
            raise Invalid("a question and a condition are text, k is a whole number", hint=HINT)
        question = Question(
            text=text, vector=None if vector is None else unit(vector), k=k, where=where, exact=exact,
            excluded=frozenset(map(str, _several(exclude))),
        )  # fmt: skip
        search_id = ulid(self._clock.now_ms())
        chosen = self._chosen([str(name) for name in _several(corpora)])
        heard = self._learning.listen(playbook=playbook)
        found = self._searcher.search(question, chosen, search_id=search_id, learned=heard)
        told = self._learning.shown(found, heard)
        self._journal.post("searches", _record(text, where, k, found) | told)
        return found

    def rag(self, question: str, *, corpora: Sequence[str], k: int, where: str, model: str | None) -> Cited:
        """An answer made of passages, every sentence with the passage that supports it."""
        chat = self._chat()
        if model and (chat is None or chat.model != model):
            raise Unavailable(
                f"the model {model[:60]!r} is not set up",
                hint="set [chat] provider and model in lakehouse.toml",
            )
        found = self.search(question, vector=None, corpora=corpora, k=k, where=where, exact=False, exclude=())
        passages = tuple(_passage(hit) for hit in found.hits if hit.text)
        chosen = self._learning.advice(question, found.search_id) if chat and passages else None
        made = answer.compose(question, passages, chat=chat, advice=chosen.text if chosen else "")
        self._learning.served([passage.text for passage in passages])
        named = tuple(one.bullet.entry_id for one in chosen.chosen) if chosen else ()
        return Cited(answer=made, found=found, entries=named)

    def chat_model(self) -> str | None:
        """The chat model that is set up, if any."""
        chat = self._chat()
        return chat.model if chat else None

    def calibrate(self, name: str, judged: Mapping[str, Mapping[str, float]]) -> Calibration:
        """Learn how much meaning weighs against words, from questions and their right rows; it is kept."""
        index = self._indexes.get(name)
        taught = []
        for text, grades in judged.items():
            dense, lexical = self._searcher.rankings(text, index)
            taught.append(Judged(dense=dense, lexical=lexical, grades=grades))
        learned = learn(taught)
        index.table.redefine(lambda d: replace(d, weight=learned.weights.dense))
        return learned

    def embed(self, texts: Sequence[str], *, use: str) -> Embedded:
        """A vector for each text.

        Raises:
            Invalid: a text is blank, or `use` is neither document nor query.
            Unavailable: there is no model.
        """
        embedder = self._required()
        if use not in {"document", "query"}:
            raise Invalid("use is document or query", hint='use="document"')
        vectors = embedder.embed(list(texts), use="query" if use == "query" else "document")
        return Embedded(vectors=vectors, model=embedder.model)

    def stats(self) -> CacheStats:
        """Hits and misses of the cache of vectors."""
        return self._required().stats()

    def _chosen(self, corpora: Sequence[str]) -> list[Index]:
        return [self._indexes.get(name) for name in (dict.fromkeys(corpora) or self._indexes.whole())]

    def _required(self) -> CachedEmbedder:
        embedder = self._embedder()
        if embedder is None:
            hint = "make setup installs one; or set [embedding] provider in lakehouse.toml"
            raise Unavailable("there is no model to embed with", hint=hint)
        return embedder


def _several(given: object) -> list[object]:
    """Names or ids: one that stands alone is meant as one, not letter by letter."""
    return list(given) if isinstance(given, Iterable) and not isinstance(given, str) else [given]


def _is_asked(text: object, where: object, k: object) -> bool:
    return isinstance(text, str) and isinstance(where, str) and type(k) is int


def _record(text: str, where: str, k: int, found: Found) -> dict[str, Json]:
    return {
        "search_id": found.search_id,
        "query": text.encode("utf-8", "replace").decode(),  # half a surrogate pair is no JSON
        "corpora": list(found.corpora),
        "k": k,
        "condition": where,
        "hits": [[hit.corpus, hit.id] for hit in found.hits],
        "rows": len(found.hits),
        "elapsed_ms": round(found.elapsed_ms, 3),
    }


def _passage(hit: Hit) -> Passage:
    place = hit.source
    return Passage(
        id=f"{place.table}:{hit.id}#{place.chunk}",
        corpus=hit.corpus,
        table=place.table,
        row=hit.id,
        chunk=place.chunk,
        start=place.start,
        end=place.end,
        text=hit.text,
        score=hit.score,
    )
