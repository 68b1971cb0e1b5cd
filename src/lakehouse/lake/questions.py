"""[acts] The questions one asks a lake by words and meaning, and what one says of the answers."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence

from lakehouse.lake.asking import Cited, Embedded
from lakehouse.lake.parts import Parts
from lakehouse.matrix.playbook.playbook import Told
from lakehouse.search.calibrate import Calibration
from lakehouse.search.hits import Found


class Questions(ABC):
    """What `Lakehouse` can answer beside SQL; it completes this class. Safe between threads."""

    @property
    @abstractmethod
    def _parts(self) -> Parts:
        """What the lake is made of, while it is open."""

    def search(
        self,
        query: str = "",
        *,
        vector: Sequence[float] | None = None,
        corpora: Sequence[str] = (),
        k: int = 10,
        where: str = "",
        exact: bool = False,
        exclude: Iterable[str] = (),
        playbook: bool = True,
    ) -> Found:
        """The rows that answer best, by words and by meaning, and by what became of earlier searches.

        Args:
            query: words, "exact phrases", fuzzy~ words, -excluded ones; or a whole question.
            vector: instead of the query's own, or without any query.
            corpora: indexes to search; none: all.
            k: hits, 1 to 1,000.
            where: a condition on the table's columns, as in SQL.
            exact: compare with every vector instead of asking the graph.
            exclude: ids that must not be found.
            playbook: let outcomes of earlier searches move rows.

        Raises:
            NotFound: no such index.
            Invalid: the question is empty, or the vector or the condition does not fit.
            Unavailable: the lake has no index yet.
        """
        return self._parts.asking.search(
            query, vector=vector, corpora=corpora, k=k, where=where, exact=exact, exclude=exclude,
            playbook=playbook,
        )  # fmt: skip

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
    ) -> Told:
        """Say what became of a hit; later searches like that one listen to it.

        Args:
            outcome: placed, accepted, clicked, rejected, failed, or judged with a `value` from 0 to 1.
            source: who says so; trust is kept by source.
            audit: told by somebody who was asked at random; teaches trust, and moves no row by itself.

        Raises:
            NotFound: no such search.
            Refused: the search did not show this row.
            Conflict: the row is gone.
        """
        return self._parts.learning.feedback(
            search_id, doc_id, outcome=outcome, source=source, corpus=corpus, value=value, audit=audit
        )

    def hybrid(self, question: str, *, index: str, where: str = "", k: int = 10) -> Found:
        """A search of one index among the rows that a condition leaves; each hit is verified by SQL."""
        return self.search(question, corpora=(index,), k=k, where=where)

    def rag(
        self,
        question: str,
        *,
        corpora: Sequence[str] = (),
        k: int = 8,
        where: str = "",
        model: str | None = None,
    ) -> Cited:
        """An answer made of passages, by the chat model where one is set up, else by the best sentences.

        Every sentence is cited with table, row, chunk and characters, or listed as unsupported.
        """
        return self._parts.asking.rag(question, corpora=corpora, k=k, where=where, model=model)

    def calibrate(self, index: str, judged: Mapping[str, Mapping[str, float]]) -> Calibration:
        """Learn how much meaning weighs against words in an index, from judged questions; searches use it.

        Args:
            judged: question -> id of a right row -> how right it is, above 0.

        Raises:
            Invalid: no question has a right row.
        """
        return self._parts.asking.calibrate(index, judged)

    def embed(self, texts: Sequence[str], *, use: str = "document") -> Embedded:
        """A unit vector for each text, by the model that is set up.

        Raises:
            Invalid: a text is blank.
            Unavailable: there is no model.
        """
        return self._parts.asking.embed(texts, use=use)

    def chat_model(self) -> str | None:
        """The chat model that is set up; None: answers are made of sentences."""
        return self._parts.asking.chat_model()

    def embed_stats(self) -> dict[str, float]:
        """Hits, misses, hit_rate and size of the cache of vectors."""
        stats = self._parts.asking.stats()
        return {"hits": stats.hits, "misses": stats.misses, "hit_rate": stats.hit_rate, "size": stats.size}
