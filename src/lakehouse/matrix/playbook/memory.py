"""[acts] The playbook as one value that grows: told what became of searches, asked what that says of another.

The same events in the same order give the same answers. One writer at a time; readers may run beside it.
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from lakehouse.matrix.playbook import ledger
from lakehouse.matrix.playbook.boost import Evidence, Past, evidence
from lakehouse.matrix.playbook.events import Doc, Need, Outcome, Search, Vector
from lakehouse.matrix.playbook.lessons import Lessons
from lakehouse.matrix.playbook.params import DEFAULTS, PlaybookParams
from lakehouse.matrix.playbook.terms import terms
from lakehouse.matrix.playbook.traces import RIGHT, Trace
from lakehouse.matrix.playbook.wordings import Near, Wordings

Fresh = Callable[[Sequence[tuple[Doc, str]]], Mapping[Doc, float]]
"""Rows with the digest they had -> 1 unchanged, 0.5 changed, 0 gone."""

WINS: Final = 50
"""Latest successes of a row that its field is made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Boosts:
    """What the past says of a question."""

    evidence: Mapping[Doc, Evidence]
    similarity: float
    """Of the nearest earlier question; 0: none is near enough."""

    stratum: int
    """0 far, 1 near, 2 repeat."""

    weight: float
    """What the ledger lets boosts of this stratum count."""

    injected: frozenset[Doc]
    """Rows that succeeded: they join the candidates."""

    def scaled(self) -> dict[Doc, float]:
        """What is added to the base score of each row."""
        return {doc: self.weight * one.boost for doc, one in self.evidence.items()}


NOTHING: Final = Boosts(evidence={}, similarity=0.0, stratum=0, weight=0.0, injected=frozenset())


class Memory:
    """Everything that was learned from outcomes."""

    def __init__(self, params: PlaybookParams = DEFAULTS) -> None:
        self.params = params
        self.lessons = Lessons(params)
        self._wordings: dict[str, Wordings] = {}
        self._by_wording: dict[tuple[str, int], list[Trace]] = {}
        self._by_id: dict[str, Trace] = {}
        self._wins: dict[Doc, list[Trace]] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Searches that an outcome is known of."""
        return len(self._by_id)

    def knows(self, search_id: str) -> bool:
        """Was anything said of this search before?"""
        return search_id in self._by_id

    def tell(self, search: Search, outcomes: Iterable[Outcome]) -> None:
        """What became of a search; more may be said of it later."""
        with self._lock:
            trace = self._by_id.get(search.search_id) or self._enter(search)
            had = {mark.doc for mark in trace.marks if mark.worth >= RIGHT}
            was_audited = len(trace.audited)
            trace.tell(outcomes, self.params)
            for doc in {mark.doc for mark in trace.marks if mark.worth >= RIGHT} - had:
                self._wins.setdefault(doc, []).append(trace)
            if len(trace.audited) > was_audited or (trace.audited and trace.marks):
                self.lessons.audited(trace)
        if self.lessons.is_due():
            self.lessons.learn(self)

    def distrust(self, sources: Iterable[str]) -> None:
        """Let these sources count for nothing, in hindsight too."""
        self.lessons.trust.distrust(set(sources))
        self.lessons.learn(self)

    def boosts(self, need: Need, *, fresh: Fresh | None = None) -> Boosts:
        """What similar searches say of rows."""
        past = self.past(need, floor=self.lessons.floor)
        if not past:
            return NOTHING
        found = self._evidence(past, need, fresh)
        nearest = past[0].similarity
        level = ledger.stratum(nearest)
        weight = 1.0 if "strata" in self.params.without else self.lessons.ledger.weight(level)
        can_join = weight > 0 and "injection" not in self.params.without
        joining = (doc for doc, one in found.items() if one.successes > 0) if can_join else ()
        return Boosts(
            evidence=found, similarity=nearest, stratum=level, weight=weight, injected=frozenset(joining)
        )

    def past(self, need: Need, *, floor: float, apart_from: str = "") -> list[Past]:
        """Earlier searches like this one, nearest first, equal in every hard key."""
        held = self._wordings.get(need.model)
        if held is None:
            return []
        lowest = 0.2 if "floor" in self.params.without else floor
        near: Near = held.near(terms(need.text), need.vector, floor=lowest)
        found: list[Past] = []
        for number, alike in zip(near.wordings.tolist(), near.similarity.tolist(), strict=True):
            for trace in reversed(self._by_wording[need.model, number]):  # the latest of one wording first
                search = trace.search
                if trace.marks and search.keys == need.keys and search.search_id != apart_from:
                    found.append(Past(search.search_id, min(alike, 1.0), search.at_ms, trace.marks))
            if len(found) >= self.params.neighbours:
                break
        return found[: self.params.neighbours]

    def fields(self, need: Need, docs: Iterable[Doc], *, apart_from: str = "") -> dict[Doc, float]:
        """How like the questions that succeeded for a row this one is, 0 to 1: cosine to their mean, squared.

        Source: success text as a field of the document (Xue et al., CIKM 2004), with vectors for words.
        """
        held = self._wordings.get(need.model)
        if held is None or need.vector is None or "field" in self.params.without:
            return {}
        found: dict[Doc, float] = {}
        for doc in docs:
            traces = [
                trace
                for trace in self._wins.get(doc, ())[-WINS:]
                if trace.search.keys == need.keys and trace.search.search_id != apart_from
            ]
            if traces:
                found[doc] = self._field(doc, traces, need.vector)
        return found

    def search(self, search_id: str) -> Search | None:
        """What was asked and shown, if an outcome is known of it."""
        trace = self._by_id.get(search_id)
        return trace.search if trace else None

    def _field(self, doc: Doc, traces: Sequence[Trace], vector: Vector) -> float:
        total = np.zeros_like(vector)
        for trace in traces:
            trusted = sum(
                mark.worth * self.lessons.weight(mark.source)
                for mark in trace.marks
                if mark.doc == doc and mark.worth >= RIGHT
            )
            if trace.search.vector is not None:
                total += np.float32(trusted) * trace.search.vector
        length = float(np.linalg.norm(total))
        return max(0.0, float(total @ vector) / length) ** 2 if length > 0 else 0.0

    def _evidence(self, past: Sequence[Past], need: Need, fresh: Fresh | None) -> dict[Doc, Evidence]:
        sources = {mark.source for one in past for mark in one.marks}
        held = {(mark.doc, mark.digest) for one in past for mark in one.marks} if fresh else set()
        return evidence(
            past,
            trust={source: self.lessons.weight(source) for source in sources},
            fresh=fresh(sorted(held)) if fresh else {},
            now_ms=need.now_ms,
            params=self.params,
        )

    def _enter(self, search: Search) -> Trace:
        dimension = 0 if search.vector is None else len(search.vector)
        held = self._wordings.setdefault(search.model, Wordings(dimension))
        number = held.add(terms(search.text), search.vector)
        trace = Trace(search=search, wording=number)
        self._by_wording.setdefault((search.model, number), []).append(trace)
        self._by_id[search.search_id] = trace
        return trace
