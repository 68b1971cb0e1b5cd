"""[acts] Successes that are told without a search: checked, embedded together, kept in one write."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lakehouse.base.clock import Clock
from lakehouse.base.errors import LakehouseError, NotFound
from lakehouse.index.ann import Vectors
from lakehouse.index.view import View
from lakehouse.lake.indexes import Indexes
from lakehouse.llm.cache import CachedEmbedder
from lakehouse.matrix.playbook import success
from lakehouse.matrix.playbook.events import Search
from lakehouse.matrix.playbook.playbook import Playbook, Told
from lakehouse.matrix.playbook.records import rounded
from lakehouse.matrix.playbook.success import Success


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One of many: what it did, or why it was refused."""

    told: Told | None
    problem: LakehouseError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """A success whose row is there."""

    given: Success
    digest: str
    model: str
    """That searches of its corpus use; empty: by words only."""


class Successes:
    """Takes them for one lake. Safe between threads."""

    def __init__(
        self,
        playbook: Playbook,
        *,
        indexes: Indexes,
        embedder: Callable[[], CachedEmbedder | None],
        clock: Clock,
    ) -> None:
        self._playbook, self._indexes, self._embedder, self._clock = playbook, indexes, embedder, clock

    def record(self, given: Mapping[str, object]) -> Told:
        """Keep one.

        Raises:
            Invalid, NotFound, Refused: as `Learning.record` says.
        """
        return self._keep([self._known(given)])[0]

    def record_many(self, given: Sequence[Mapping[str, object]]) -> tuple[Recorded, ...]:
        """Keep those that can be kept, and say of each other one why it cannot."""
        checked: list[_Known | LakehouseError] = []
        for one in given:
            try:
                checked.append(self._known(one))
            except LakehouseError as problem:
                checked.append(problem)
        kept = iter(self._keep([one for one in checked if isinstance(one, _Known)]))
        return tuple(
            Recorded(told=next(kept)) if isinstance(one, _Known) else Recorded(told=None, problem=one)
            for one in checked
        )

    def _keep(self, known: Sequence[_Known]) -> tuple[Told, ...]:
        if not known:
            return ()
        now_ms, vectors = self._clock.now_ms(), self._vectors(known)
        searches: dict[str, Search] = {}
        for one, vector in zip(known, vectors, strict=True):
            made = success.search(one.given, vector=vector, model=one.model, at_ms=now_ms, digest=one.digest)
            searches.setdefault(made.search_id, made)
        return self._playbook.tell(
            [success.outcome(one.given, at_ms=now_ms) for one in known],
            find=searches.get,
            exists=_was_seen,
            is_repeatable=False,
        )

    def _known(self, given: Mapping[str, object]) -> _Known:
        read = success.read(given)
        view = self._indexes.get(read.answer_corpus).view()
        embedder = self._embedder()
        model = view.definition.model if view.vectors and not view.definition.vector else ""
        is_here = embedder is not None and str(embedder.model) == model
        dimension = embedder.model.dimension if embedder and is_here else 0
        success.check_model(read, model=model if is_here else "", dimension=dimension)
        return _Known(given=read, digest=_digest(view, read), model=model if is_here else "")

    def _vectors(self, known: Sequence[_Known]) -> list[Vectors | None]:
        """Those that were given, and the others embedded in one batch."""
        wanted = [one for one in known if one.model and one.given.vector is None]
        embedder = self._embedder()
        made = (
            iter(embedder.embed([one.given.query_text for one in wanted], use="query"))
            if wanted and embedder
            else iter(())
        )
        return [
            None if not one.model else rounded(next(made) if one.given.vector is None else one.given.vector)
            for one in known
        ]


def _was_seen(_corpus: str, _key: str) -> bool:
    """The rows of successes were looked at when they were read."""
    return True


def _digest(view: View, given: Success) -> str:
    """Of the row's text now; empty where it has only a vector.

    Raises:
        NotFound: the corpus has no such row.
    """
    key, corpus = given.answer_id, given.answer_corpus
    if view.words is None:
        allowed = view.among([key])
        if not (allowed.fresh.any() or (allowed.built is not None and allowed.built.any())):
            raise NotFound(f"{corpus} has no row {key[:60]!r}", hint=f"lakehouse search … --corpus {corpus}")
        return ""
    found = view.words.texts([key]).get(key)
    if found is None:
        raise NotFound(f"{corpus} has no row {key[:60]!r}", hint=f"lakehouse search … --corpus {corpus}")
    return found.digest
