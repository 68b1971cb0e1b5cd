"""[acts] The matrix of a lake: corpora and their cards, one question to many of them, and two small gates."""

from collections.abc import Callable, Mapping, Sequence

from lakehouse.base.clock import Clock
from lakehouse.base.errors import Unavailable
from lakehouse.base.ids import ulid
from lakehouse.lake.corpora import Corpora
from lakehouse.lake.indexes import Indexes
from lakehouse.lake.learning import Learning
from lakehouse.llm.cache import CachedEmbedder
from lakehouse.matrix import adjacency
from lakehouse.matrix.conditions.facets import Sql
from lakehouse.matrix.downgrade import (
    MODES,
    NOTHING,
    Decision,
    Evidence,
    Gate,
    Mode,
    Request,
    Tier,
    decide,
    tier,
)
from lakehouse.matrix.matrix import Matrix, MatrixFound, MatrixQuestion
from lakehouse.matrix.vocabularies import Vocabularies
from lakehouse.search.hits import Found
from lakehouse.store.journal import Journal
from lakehouse.store.streams import Json


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
    ) -> None:
        self._indexes, self._learning, self._journal, self._clock = indexes, learning, journal, clock
        self.corpora = corpora
        """Every index, and what its card says of how to ask it."""
        self._matrix = Matrix(Vocabularies(sql), embedder=embedder)

    def close(self) -> None:
        """Let go of the threads."""
        self._matrix.close()

    def search(
        self,
        query: str,
        *,
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
            text=query, k=k, per_corpus_k=per_corpus_k, where=where, role=role, strict=strict,
            metadata=metadata_filter or {}, excluded=tuple(map(str, exclude_ids)),
            allow_partial=partial, deadline_s=deadline_s,
        )  # fmt: skip
        chosen = [(card, self._indexes.get(card.index)) for card in self.corpora.chosen(corpora)]
        if not chosen:
            raise Unavailable(
                "there is no corpus to ask", hint="lakehouse index build NAME --table T --text C"
            )
        heard = self._learning.listen(playbook=use_playbook)
        found = self._matrix.search(question, chosen, search_id=ulid(self._clock.now_ms()), learned=heard)
        told = self._learning.shown(_plain(found), heard)
        self._journal.post("searches", _record(question, found) | told)
        return found

    def relevance(
        self, focus: adjacency.Focus, chunks: Sequence[adjacency.Chunk], *, threshold: float = 0.3
    ) -> adjacency.Relevance:
        """Which passages are about a file in question, and which only lie beside it."""
        return adjacency.judge(focus, chunks, adjacency.AdjacencyParams(threshold=threshold))

    def downgrade(self, request: Request) -> Decision:
        """How much context a model should get; what was decided is written down."""
        decision = decide(request, Gate(evidence=self._evidence()))
        self._journal.post(
            "downgrades",
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
        """Tell what context did for a model in an audited pair: value with it minus without, -1 to 1."""
        of = tier(model)
        known = self._evidence().get((of, mode), NOTHING).after(difference)
        record: dict[str, Json] = {"model": model, "tier": of, "mode": mode, "difference": difference}
        self._journal.append("downgrades", [record])
        return known

    def _evidence(self) -> dict[tuple[Tier, Mode], Evidence]:
        self._journal.flush()
        found: dict[tuple[Tier, Mode], Evidence] = {}
        for record in self._journal.replay("downgrades"):
            difference, mode = record.get("difference"), record.get("mode")
            known = next((one for one in MODES if one == mode), None)
            if isinstance(difference, int | float) and known:
                key = (tier(str(record.get("model", ""))), known)
                found[key] = found.get(key, NOTHING).after(float(difference))
        return found


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
