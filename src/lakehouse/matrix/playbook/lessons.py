"""[pure] What audits taught: trust in sources, weights of strata, the floor; anew as audits come in."""

from collections.abc import Sequence, Set
from dataclasses import replace
from typing import Final, Protocol

from lakehouse.matrix.playbook import floor, ledger
from lakehouse.matrix.playbook.boost import Past, evidence
from lakehouse.matrix.playbook.events import Need
from lakehouse.matrix.playbook.ledger import EDGES, START, Ledger, Row, stratum
from lakehouse.matrix.playbook.params import PlaybookParams
from lakehouse.matrix.playbook.traces import RIGHT, Trace, audited_rows
from lakehouse.matrix.playbook.trust import Trust

LATEST: Final = 500
"""Audited searches that lessons are drawn from: the newest; each takes about a millisecond."""

STEP: Final = 10
"""Audited searches after which lessons are drawn again, or a tenth more, whichever is later."""

BASE_WEIGHT: Final = 50.0
"""Rows that what is assumed of the base rate counts for: about 20 searches."""

HIGHEST_RATE: Final = 0.9
"""Above it there is no room for a boost."""


def last_due(audits: int) -> int:
    """The count of audited searches, up to this one, at which lessons were last due: 10, 20 … 100, 110, 121 …

    By the count alone, so that a log leads to the same lessons whether it is read as it grows or at once.
    """
    due = 0
    while (following := due + max(STEP, due // 10)) <= audits:
        due = following
    return due


class Recalling(Protocol):
    """What lessons ask of the memory they are drawn from."""

    def past(self, need: Need, *, floor: float, apart_from: str = "") -> Sequence[Past]:
        """Earlier searches like this one, but for one of them."""


class Lessons:
    """The state of what was taught. Of one memory."""

    def __init__(self, params: PlaybookParams) -> None:
        self._params = self.params = params
        """With the base rate that audited searches show."""
        self._audited: dict[str, Trace] = {}
        self._learned_at = 0
        self.trust = Trust()
        self.ledger: Ledger = START
        self.floor = params.floor

    @property
    def audits(self) -> int:
        """Audited searches so far."""
        return len(self._audited)

    def weight(self, source: str) -> float:
        """J of a source; 1 for all where trust is left out."""
        return 1.0 if "trust" in self._params.left_out else self.trust.weight(source)

    def audited(self, trace: Trace) -> None:
        """Take an audited search into account, at the next lesson."""
        self._audited[trace.search.search_id] = trace

    def is_due(self) -> bool:
        """Have enough audits come in since the last lesson?"""
        return last_due(len(self._audited)) > self._learned_at

    def last_due(self, audited: Set[str]) -> int:
        """At which count lessons will last have been due, once these searches are audited too."""
        return last_due(len(self._audited.keys() | audited))

    def learn(self, memory: Recalling) -> None:
        """Draw every lesson again from the newest audits."""
        traces = list(self._audited.values())[-LATEST:]
        self._learned_at = last_due(len(self._audited))
        distrusted = self.trust.distrusted
        self.trust = Trust(distrusted=distrusted)
        for trace in traces:
            for source, said in audited_rows(trace).items():
                self.trust.learn(source, said)
        self.params = replace(self._params, base_rate=_base_rate(traces, self._params.base_rate))
        self.floor = self._floor(memory, traces)
        rows = [row for trace in traces for row in self._rows(memory, trace)]
        self.ledger = ledger.learn(rows, searches=len(traces))

    def _rows(self, memory: Recalling, trace: Trace) -> list[Row]:
        """What the rest of the memory would say of the rows of one audited search, for each stratum.

        By its repeats most audited searches are repeats; what far and near questions are worth is seen by
        asking again as if nothing nearer had ever been asked.
        """
        need, own = _need(trace), trace.search.search_id
        past = memory.past(need, floor=self.floor, apart_from=own)
        base = {shown.doc: shown.base for shown in trace.search.shown}
        rows: list[Row] = []
        for level, ceiling in enumerate((*EDGES, 2.0)):
            known = [one for one in past if one.similarity < ceiling]
            if not known or stratum(known[0].similarity) != level:
                continue
            weights = {mark.source: self.weight(mark.source) for one in known for mark in one.marks}
            found = evidence(known, trust=weights, fresh={}, now_ms=need.now_ms, params=self.params)
            rows += [
                Row(level, base.get(doc, 0.0), found[doc].boost if doc in found else 0.0, is_right)
                for doc, is_right in trace.audited.items()
            ]
        return rows

    def _floor(self, memory: Recalling, traces: list[Trace]) -> float:
        pairs: list[tuple[float, bool]] = []
        shown = right = 0
        for trace in traces:
            shown += len(trace.audited)
            right += sum(trace.audited.values())
            for one in memory.past(_need(trace), floor=floor.LOWEST, apart_from=trace.search.search_id):
                pairs += [
                    (one.similarity, trace.audited[mark.doc])
                    for mark in one.marks
                    if mark.worth >= RIGHT and mark.doc in trace.audited and self.weight(mark.source) > 0
                ]
        return floor.learn(pairs, base_rate=right / shown if shown else 0.0, default=self._params.floor)


def _base_rate(traces: Sequence[Trace], prior: float) -> float:
    """Success rate of the rows that were looked at, drawn towards what is assumed (pi)."""
    won = sum(mark.worth * mark.seen for trace in traces for mark in trace.marks)
    seen = sum(mark.seen for trace in traces for mark in trace.marks)
    return min((won + BASE_WEIGHT * prior) / (seen + BASE_WEIGHT), HIGHEST_RATE)


def _need(trace: Trace) -> Need:
    search = trace.search
    return Need(
        text=search.text, vector=search.vector, model=search.model, keys=search.keys, now_ms=search.at_ms
    )
