"""[pure] Searches with what became of them: outcomes become marks, the same for the same events.

A row that was shown and of which nothing was said counts as not chosen, as far as it was seen: 1 / rank.
Source of the examination: Craswell et al., "An experimental comparison of click position-bias models" (2008).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Final

from lakehouse.matrix.playbook.boost import Mark
from lakehouse.matrix.playbook.events import Doc, Outcome, Search
from lakehouse.matrix.playbook.params import PlaybookParams

CHOSEN: Final = frozenset({"placed", "accepted", "clicked", "failed"})
TAKEN: Final = frozenset({"placed", "failed"})
"""Outcomes of a choice that ends a search: one person for one place."""

RIGHT = 0.5
"""From which an audit's value counts as right, and a worth as a success."""


@dataclass(slots=True)
class Trace:
    """One search, its place among the wordings, and everything that was said of it so far."""

    search: Search
    wording: int
    outcomes: list[Outcome] = field(default_factory=list)
    marks: tuple[Mark, ...] = ()
    audited: dict[Doc, bool] = field(default_factory=dict)
    """Of the rows that an auditor was asked about: whether each is right."""

    def tell(self, outcomes: Iterable[Outcome], params: PlaybookParams) -> None:
        """Add outcomes; of two by one source about one row the later one holds."""
        self.outcomes.extend(outcomes)
        self.outcomes.sort(key=lambda one: one.at_ms)
        for one in self.outcomes:
            if one.is_audit:
                self.audited[one.doc] = _worth(one, params) >= RIGHT
        self.marks = marks(self.search, [one for one in self.outcomes if not one.is_audit], params)


def marks(search: Search, outcomes: Iterable[Outcome], params: PlaybookParams) -> tuple[Mark, ...]:
    """What was said of each row that was shown, and what silence says of the others."""
    latest: dict[tuple[Doc, str], Outcome] = {(one.doc, one.source): one for one in outcomes}
    if not latest:
        return ()
    digests = {shown.doc: shown.digest for shown in search.shown}
    said = [
        Mark(doc, source, _worth(one, params), 1.0, digests.get(doc, ""), _is_chosen(one))
        for (doc, source), one in latest.items()
    ]
    speaker = next(iter(latest.values())).source
    spoken = {mark.doc for mark in said}
    last = _last_seen(search, latest.values())
    silent = [
        Mark(shown.doc, speaker, 0.0, seen(shown.rank), shown.digest)
        for shown in search.shown
        if shown.doc not in spoken and shown.rank <= last
    ]
    return (*said, *silent)


def _last_seen(search: Search, said: Iterable[Outcome]) -> float:
    """The rank behind which nobody looked: who takes a row for good stops there."""
    ranks = {shown.doc: shown.rank for shown in search.shown}
    taken = [ranks[one.doc] for one in said if one.kind in TAKEN and one.doc in ranks]
    return max(taken) if taken else inf


def _is_chosen(one: Outcome) -> bool:
    """Did the source hold the row to be right? One that was taken and did not last was a right choice too."""
    return one.value >= RIGHT if one.kind == "judged" and one.value is not None else one.kind in CHOSEN


def seen(rank: int) -> float:
    """Chance that somebody looked at this rank. A row that was never ranked was surely looked at."""
    return 1 / rank if rank > 0 else 1.0


def audited_rows(trace: Trace) -> Mapping[str, list[tuple[float, float, bool]]]:
    """By source: what it said, the chance that it saw the row, and whether the row is right."""
    ranks = {shown.doc: shown.rank for shown in trace.search.shown}
    rows: dict[str, list[tuple[float, float, bool]]] = {}
    for mark in trace.marks:
        if mark.doc in trace.audited:
            is_refused = not mark.is_chosen and mark.seen == 1.0
            chance = 1.0 if is_refused else seen(ranks.get(mark.doc, 0))
            said = 1.0 if mark.is_chosen else 0.0
            rows.setdefault(mark.source, []).append((said, chance, trace.audited[mark.doc]))
    return rows


def _worth(one: Outcome, params: PlaybookParams) -> float:
    return params.worth(one.kind) if one.value is None else one.value
