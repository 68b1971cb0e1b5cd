"""[acts] The matrix of a lake: corpora and their cards, one question to many of them, and two small gates."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, Self

from lakehouse.base.clock import Clock
from lakehouse.base.errors import Invalid, NotFound, Unavailable
from lakehouse.base.ids import ulid
from lakehouse.index.index import Index
from lakehouse.lake.audits import STREAM, Audits
from lakehouse.lake.corpora import Corpora
from lakehouse.lake.indexes import Indexes
from lakehouse.lake.learning import Learning
from lakehouse.llm.cache import CachedEmbedder
from lakehouse.matrix import adjacency, build
from lakehouse.matrix.build import Built, Tables
from lakehouse.matrix.conditions.facet import Facet
from lakehouse.matrix.conditions.facets import Sql, suggest
from lakehouse.matrix.corpus import Corpus, parse
from lakehouse.matrix.downgrade import (
    MODES,
    NOTHING,
    Decision,
    DowngradeParams,
    Evidence,
    Gate,
    Mode,
    Request,
    decide,
    tier,
)
from lakehouse.matrix.found import MatrixFound, MatrixQuestion
from lakehouse.matrix.matrix import Matrix
from lakehouse.matrix.vocabularies import Vocabularies
from lakehouse.search.hits import Found
from lakehouse.search.searcher import unit
from lakehouse.store.journal import Journal
from lakehouse.store.streams import Json

MOST_CORPORA: Final = 100
"""That one question may name."""


class LakeMatrix:
    """Corpora and questions to them. Safe between threads."""

    def __init__(
        self,
        indexes: Indexes,
        *,
        corpora: Corpora,
        learning: Learning,
        sql: Sql,
        embedder: Callable[[], CachedEmbedder | None],
        journal: Journal,
        clock: Clock,
        downgrade: DowngradeParams | None = None,
    ) -> None:
        self._indexes, self._learning, self._journal, self._clock = indexes, learning, journal, clock
        self.corpora = corpora
        """Every index, and what its card says of how to ask it."""
        self._sql = sql
        self._matrix = Matrix(Vocabularies(sql), embedder=embedder)
        self._gate = downgrade or DowngradeParams()
        self._audits = Audits(journal)
        self._lake: Tables | None = None

    def of(self, lake: Tables) -> Self:
        """The same, with the lake whose tables its builders fill."""
        self._lake = lake
        return self

    def close(self) -> None:
        """Let go of the threads."""
        self._matrix.close()

    def search(
        self,
        query: str = "",
        *,
        vector: Sequence[float] | None = None,
        corpora: Sequence[str] = (),
        k: int = 8,
        per_corpus_k: int = 6,
        use_playbook: bool = True,
        where: str = "",
        role: str = "",
        exclude_ids: Sequence[str] = (),
        metadata_filter: Mapping[str, object] | None = None,
        partial: bool = False,
        strict: bool = True,
        deadline_s: float = 5.0,
    ) -> MatrixFound:
        """The rows of many corpora that answer best, by the probability that they are right.

        Args:
            vector: instead of the query's own, or without any query.
            corpora: none: all.
            per_corpus_k: most hits of one corpus, where several are asked.
            metadata_filter: column -> value, or any of a list.
            partial: answer without a corpus that failed, and name it.
            strict: drop what is unlikely to be right; say "not in the data" where nothing is left.

        Raises:
            NotFound: no such corpus.
            Unavailable: a corpus failed or was late, and partial answers were not asked for.
        """
        question = MatrixQuestion(
            text=query, vector=None if vector is None else unit(vector), k=k, per_corpus_k=per_corpus_k,
            where=where, role=role, strict=strict, metadata=metadata_filter or {},
            excluded=_ids(exclude_ids), allow_partial=partial, deadline_s=deadline_s,
        )  # fmt: skip
        chosen, lost = self._chosen(corpora)
        if not chosen and not lost:
            raise Unavailable(
                "there is no corpus to ask", hint="lakehouse index build NAME --table T --text C"
            )
        heard = self._learning.listen(playbook=use_playbook)
        search_id = ulid(self._clock.now_ms())
        found = self._matrix.search(question, chosen, search_id=search_id, learned=heard, lost=lost)
        told = self._learning.shown(_plain(found), heard)
        self._journal.post("searches", _record(question, found) | told)
        return found

    def _chosen(self, names: Sequence[str]) -> tuple[list[tuple[Corpus, Index]], dict[str, str]]:
        """The corpora that can be asked, and those whose index is gone from under their card.

        Raises:
            NotFound: nobody ever heard of one of them.
        """
        chosen: list[tuple[Corpus, Index]] = []
        lost: dict[str, str] = {}
        cards = self.corpora.chosen(names)
        if len(cards) > MOST_CORPORA:
            raise Invalid(f"at most {MOST_CORPORA} corpora are asked at once", hint="name some of them")
        for card in cards:
            try:
                chosen.append((card, self._indexes.get(card.index)))
            except NotFound as error:
                if not self.corpora.has_card(card.name):
                    raise NotFound(
                        f"there is no corpus {card.name}", hint="lakehouse matrix corpora", corpus=card.name
                    ) from error
                lost[card.name] = f"its index {card.index} is gone"
        return chosen, lost

    def build_table(
        self,
        card: Corpus | Mapping[str, object],
        *,
        table: str,
        text: str | Sequence[str],
        id: str | None = None,  # noqa: A002 - the column is called so by everyone
    ) -> Built:
        """A corpus over a table as it is: its index is built, and its card is kept."""
        made = self._card(card)
        return self._kept(build.from_table(self._tables(), made, table=table, text=text, key=id))

    def build_folder(
        self, card: Corpus | Mapping[str, object], folder: str | Path, *, table: str = ""
    ) -> Built:
        """A corpus out of the Markdown and text files below a folder; again, it is brought up.

        Raises:
            NotFound: there is no such folder.
            Invalid: nothing in it says anything.
            Conflict: the table holds something else.
        """
        return self._kept(build.from_folder(self._tables(), self._card(card), Path(folder), table=table))

    def build_sql(
        self,
        card: Corpus | Mapping[str, object],
        query: str,
        *,
        id: str,  # noqa: A002 - as in build_table
        text: str | Sequence[str],
        table: str = "",
    ) -> Built:
        """A corpus out of the rows of a query, as they are now; again, it is brought up.

        Raises:
            Invalid: the query gives no rows, too many, or rows without an id.
            Conflict: the table holds something else.
        """
        return self._kept(
            build.from_sql(self._tables(), self._card(card), query, key=id, text=text, table=table)
        )

    def suggest(self, name: str) -> tuple[Facet, ...]:
        """Facets that the table of a corpus seems made for; columns of personal data are left out.

        Cost: a pass over each column of text.
        """
        lake, index = self._tables(), self._indexes.get(self.corpora.index_of(name))
        table, columns = index.definition().table, index.source().columns
        described = lake.show(table).card.columns
        personal = [c.name for c in columns if (told := described.get(str(c.field_id))) and told.pii]
        return suggest(self._sql, table, columns, without=personal)

    def _card(self, given: Corpus | Mapping[str, object]) -> Corpus:
        made = given if isinstance(given, Corpus) else parse(given)
        self.corpora.require_free(made)
        return made

    def _kept(self, built: Built) -> Built:
        self.corpora.add(built.corpus)
        return built

    def _tables(self) -> Tables:
        if self._lake is None:
            raise Unavailable("corpora are built by an open lake", hint="lake.matrix.build_table(…)")
        return self._lake

    def relevance(
        self, focus: adjacency.Focus, chunks: Sequence[adjacency.Chunk], *, threshold: float = 0.3
    ) -> adjacency.Relevance:
        """Which passages are about a file in question, and which only lie beside it."""
        return adjacency.judge(focus, chunks, adjacency.AdjacencyParams(threshold=threshold))

    def downgrade(self, request: Request) -> Decision:
        """How much context a model should get; what was decided is written down."""
        decision = decide(request, Gate(params=self._gate, evidence=self._audits.known(self._gate)))
        self._journal.post(
            STREAM,
            {
                "model": decision.model,
                "tier": decision.tier,
                "mode": decision.mode,
                "wanted": request.mode,
                "downgraded_from": decision.downgraded_from,
                "reason": decision.reason,
            },
        )
        return decision

    def audit_context(self, model: str, mode: Mode, difference: float) -> Evidence:
        """Tell what context did for a model in an audited pair: value with it minus without, -1 to 1.

        Raises:
            Invalid: there is no such mode, or the difference lies outside.
        """
        if mode not in MODES or not model.strip():
            raise Invalid("a pair names a model and a mode", hint=f"one of {', '.join(MODES)}")
        of = tier(model, self._gate.weak_models)
        NOTHING.after(difference)  # what cannot be is refused before it is written
        record: dict[str, Json] = {"model": model, "tier": of, "mode": mode, "difference": float(difference)}
        self._journal.append(STREAM, [record])
        return self._audits.known(self._gate)[of, mode]


def _ids(given: Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(map(str, given))


def _plain(found: MatrixFound) -> Found:
    """The answer as the log and the playbook know answers."""
    return Found(
        search_id=found.search_id,
        hits=tuple(one.hit for one in found.hits),
        corpora=tuple(one.corpus for one in found.corpora),
        snapshots=dict(found.snapshots),
        elapsed_ms=found.elapsed_ms,
        learning=found.learning,
    )


def _record(question: MatrixQuestion, found: MatrixFound) -> dict[str, Json]:
    return {
        "search_id": found.search_id,
        "query": question.text.encode("utf-8", "replace").decode(),
        "corpora": [one.corpus for one in found.corpora],
        "k": question.k,
        "condition": question.where,
        "hits": [[one.hit.corpus, one.hit.id] for one in found.hits],
        "rows": len(found.hits),
        "elapsed_ms": round(found.elapsed_ms, 3),
    }
