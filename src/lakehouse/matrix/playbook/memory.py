"""[acts] The playbook as one value that grows: told what became of searches, asked what that says of another.

The same events in the same order give the same answers. One writer at a time; readers may run beside it.
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lakehouse.matrix.playbook import ledger
from lakehouse.matrix.playbook.boost import Edition, Evidence, Past, evidence
from lakehouse.matrix.playbook.events import Doc, Need, Outcome, Search
from lakehouse.matrix.playbook.lessons import Lessons
from lakehouse.matrix.playbook.params import DEFAULTS, PlaybookParams
from lakehouse.matrix.playbook.terms import terms
from lakehouse.matrix.playbook.traces import Trace
from lakehouse.matrix.playbook.wordings import Near, Wordings

Fresh = Callable[[Sequence[Edition]], Mapping[Edition, float]]
"""Rows with the digest they had -> 1 unchanged, 0.5 changed, 0 gone."""


Kind = tuple[str, int]
"""Model and dimension of a question's vector; questions of two kinds are never compared."""


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
        """What is added to the base score of each row.

        A failure counts at most once, whatever the weight: that nobody chose a row says less than that
        somebody did. (Counted in full, one in 14 verbatim repeats was hurt by clicks; so, one in 32.)
        """
        return {
            doc: (self.weight if one.boost > 0 else min(self.weight, 1.0)) * one.boost
            for doc, one in self.evidence.items()
        }


NOTHING: Final = Boosts(evidence={}, similarity=0.0, stratum=0, weight=0.0, injected=frozenset())


class Memory:
    """Everything that was learned from outcomes."""

    def __init__(self, params: PlaybookParams = DEFAULTS) -> None:
        self.params = params
        self.lessons = Lessons(params)
        self._wordings: dict[Kind, Wordings] = {}
        self._by_wording: dict[tuple[Kind, int], list[Trace]] = {}
        self._by_id: dict[str, Trace] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Searches that an outcome is known of."""
        return len(self._by_id)

    def knows(self, search_id: str) -> bool:
        """Was anything said of this search before?"""
        return search_id in self._by_id

    def tell(self, search: Search, outcomes: Iterable[Outcome]) -> None:
        """What became of a search; more may be said of it later. `study` draws the lessons."""
        with self._lock:
            trace = self._by_id.get(search.search_id) or self._enter(search)
            was_audited = len(trace.audited)
            trace.tell(outcomes, self.params)
            if len(trace.audited) > was_audited or (trace.audited and trace.marks):
                self.lessons.audited(trace)

    def study(self) -> None:
        """Draw the lessons of the audits again where enough came in since; half a second at most."""
        if self.lessons.is_due():
            self.lessons.learn(self)

    def distrust_only(self, sources: Iterable[str]) -> None:
        """Let these sources count for nothing, in hindsight too; of all others audits decide."""
        self.lessons.trust.distrusted.clear()
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
        weight = 1.0 if "strata" in self.params.left_out else self.lessons.ledger.weight(level)
        can_join = weight > 0 and "injection" not in self.params.left_out
        joining = (doc for doc, one in found.items() if one.successes > 0) if can_join else ()
        return Boosts(
            evidence=found, similarity=nearest, stratum=level, weight=weight, injected=frozenset(joining)
        )

    def past(self, need: Need, *, floor: float, apart_from: str = "") -> list[Past]:
        """Earlier searches like this one, nearest first, equal in every hard key."""
        kind = _kind(need)
        held = self._wordings.get(kind)
        if held is None:
            return []
        lowest = 0.2 if "floor" in self.params.left_out else floor
        near: Near = held.near(terms(need.text), need.vector, floor=lowest)
        found: list[Past] = []
        for number, alike in zip(near.wordings.tolist(), near.similarity.tolist(), strict=True):
            traces = self._by_wording.get((kind, number), ())  # none: it is being entered right now
            for trace in reversed(traces):  # the latest of one wording first
                search = trace.search
                if trace.marks and search.keys == need.keys and search.search_id != apart_from:
                    found.append(Past(search.search_id, min(alike, 1.0), search.at_ms, trace.marks))
            if len(found) >= self.params.neighbours:
                break
        return found[: self.params.neighbours]

    def outcomes(self, search_id: str) -> Sequence[Outcome]:
        """What was said of a search so far, in the order of its times."""
        trace = self._by_id.get(search_id)
        return tuple(trace.outcomes) if trace else ()

    def search(self, search_id: str) -> Search | None:
        """What was asked and shown, if an outcome is known of it."""
        trace = self._by_id.get(search_id)
        return trace.search if trace else None

    def _evidence(self, past: Sequence[Past], need: Need, fresh: Fresh | None) -> dict[Doc, Evidence]:
        sources = {mark.source for one in past for mark in one.marks}
        held: set[Edition] = set()
        if fresh:  # a look at a text takes 8 µs, so only at those that may be shown for what they did
            won = {mark.doc for one in past for mark in one.marks if mark.worth > 0}
            held = {(mark.doc, mark.digest) for one in past for mark in one.marks if mark.doc in won}
        return evidence(
            past,
            trust={source: self.lessons.weight(source) for source in sources},
            fresh=fresh(sorted(held)) if fresh else {},
            now_ms=need.now_ms,
            params=self.lessons.params,
        )

    def _enter(self, search: Search) -> Trace:
        kind = _kind(search)
        held = self._wordings.get(kind)
        if held is None:
            held = self._wordings[kind] = Wordings(kind[1])
        number = held.add(terms(search.text), search.vector)
        trace = Trace(search=search, wording=number)
        self._by_wording.setdefault((kind, number), []).append(trace)
        self._by_id[search.search_id] = trace
        return trace


def _kind(one: Search | Need) -> Kind:
    return (one.model, len(one.vector)) if one.vector is not None else ("", 0)
