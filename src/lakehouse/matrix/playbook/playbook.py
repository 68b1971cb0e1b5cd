"""[acts] The playbook of one lake: told of outcomes, kept in the log, asked by searches.

Two streams: `outcomes` (what became of what was shown) and `playbook` (sources distrusted, rows retired,
rollbacks). The memory is a fold over both; other processes' events are seen within a second.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from lakehouse.base.clock import Clock
from lakehouse.base.errors import Conflict, NotFound
from lakehouse.base.ids import ulid
from lakehouse.matrix.playbook import check
from lakehouse.matrix.playbook.boost import Edition
from lakehouse.matrix.playbook.events import Doc, Need, Outcome, Search
from lakehouse.matrix.playbook.fold import Fold
from lakehouse.matrix.playbook.ledger import STRATA
from lakehouse.matrix.playbook.memory import Boosts, Memory
from lakehouse.matrix.playbook.params import DEFAULTS, PlaybookParams
from lakehouse.matrix.playbook.records import outcome_record
from lakehouse.matrix.playbook.versions import Version, versions
from lakehouse.matrix.playbook.why import Why, movers
from lakehouse.search.learned import Asked, Digests, Recalled, Row
from lakehouse.store.journal import Journal
from lakehouse.store.streams import Json

LOOK_MS: Final = 1_000
"""How often the log is looked at for what other processes wrote."""

RECENT: Final = 5_000
"""Searches that are remembered until somebody says what became of them; older ones are found in the log."""

Find = Callable[[str], Search | None]
"""A search by its id, out of the log."""

Exists = Callable[[str, str], bool]
"""Is this row of a corpus still there?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a feedback did."""

    event_id: str
    """The version of the playbook with it; `rollback` takes one."""

    search_id: str
    corpus: str
    doc_id: str
    outcome: str
    source: str
    rank: int
    trust: float
    """What the source's word counts, 0 to 1."""

    is_new: bool = True
    """False: the very same was known, and nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookStats:
    """The state of what was learned."""

    version: str
    searches: int
    """With an outcome."""

    outcomes: int
    audits: int
    floor: float
    far: float
    near: float
    repeat: float
    """What boosts of each stratum count."""

    reason: str
    sources: Mapping[str, float]
    """Trust by source, of those that audits or outcomes know."""

    damaged: int
    """Records of the log that could not be read; the others count."""


class Playbook:
    """Outcomes of a lake's searches. Safe between threads, and between processes."""

    def __init__(self, journal: Journal, *, clock: Clock, params: PlaybookParams = DEFAULTS) -> None:
        self._journal, self._clock, self.params = journal, clock, params
        self._fold = Fold(journal, params)
        self._recent: OrderedDict[str, Search] = OrderedDict()
        self._lock = threading.RLock()
        self._looked_ms = -LOOK_MS

    def recall(self, asked: Asked, digests: Digests) -> Mapping[Row, Recalled]:
        """What earlier outcomes say of rows for this question; nothing while the playbook is off."""
        memory = self.memory()
        if not self.params.is_on or not len(memory):
            return {}
        need = self._need(asked)
        found = memory.boosts(need, fresh=lambda rows: self._fresh(rows, asked.corpora, digests))
        if found.weight == 0:
            return {}
        scaled = found.scaled()
        return {
            doc: Recalled(boost=scaled[doc], joins=doc in found.injected, why=_why(found, doc, memory))
            for doc in found.evidence
            if doc[0] in asked.corpora and doc not in self._fold.retired
        }

    def shown(self, search: Search) -> None:
        """Remember what a search showed, until somebody says what became of it."""
        with self._lock:
            self._recent[search.search_id] = search
            while len(self._recent) > RECENT:
                self._recent.popitem(last=False)

    def why(self, asked: Asked, digests: Digests) -> Why:
        """What earlier outcomes say of rows for this question, and which searches say it."""
        memory = self.memory()
        need, lessons = self._need(asked), memory.lessons
        found = memory.boosts(need, fresh=lambda rows: self._fresh(rows, asked.corpora, digests))
        scaled = found.scaled() if self.params.is_on else dict.fromkeys(found.evidence, 0.0)
        here = {doc: one for doc, one in found.evidence.items() if doc[0] in asked.corpora}
        return Why(
            question=asked.text,
            similarity=round(found.similarity, 4),
            stratum=STRATA[found.stratum] if found.evidence else "none",
            weight=round(found.weight, 4),
            floor=lessons.floor,
            rows=movers(
                (here, scaled, found.injected if self.params.is_on else frozenset()),
                memory.past(need, floor=lessons.floor),
                trust=lessons.weight,
                question=lambda search_id: _asked(memory, search_id),
            ),
        )

    def tell(
        self, outcomes: Sequence[Outcome], *, find: Find, exists: Exists, is_repeatable: bool = True
    ) -> tuple[Told, ...]:
        """Keep what became of hits; all of it is durable when this returns, or none of it was kept.

        Callers at the same time share one write.

        Args:
            outcomes: an empty corpus means the only one that showed the row.
            find: for searches that this process does not remember.
            is_repeatable: False: what a source said of a row already is not written again.

        Raises:
            NotFound: no such search.
            Refused: the row was not shown by it.
            Conflict: the row is gone.
            Invalid: a time to come, a value out of range, an unknown kind.
        """
        self.memory()
        searches: dict[str, Search] = {}
        checked: list[tuple[Outcome, int]] = []
        for outcome in outcomes:
            check.outcome(outcome, now_ms=self._clock.now_ms())
            search = searches.get(outcome.search_id) or self._found(outcome.search_id, find)
            searches[search.search_id] = search
            one, rank = check.shown(outcome, search)
            if not exists(one.corpus, one.key):
                raise Conflict("this row is gone by now", hint="search again", corpus=one.corpus)
            checked.append((one, rank))
        with self._lock:
            told, records = self._written(checked, searches, is_repeatable=is_repeatable)
        if records:  # outside the lock, so that callers at the same time share a file and a wait for the disk
            self._journal.append("outcomes", records)
            with self._lock:
                self._fold.apply(records)
        return told

    def _written(
        self, checked: Sequence[tuple[Outcome, int]], searches: Mapping[str, Search], *, is_repeatable: bool
    ) -> tuple[tuple[Told, ...], list[Mapping[str, Json]]]:
        """What is answered, and what is to be written."""
        memory = self._fold.memory
        told: list[Told] = []
        records: list[Mapping[str, Json]] = []
        begun: set[str] = set()
        said: dict[tuple[str, Doc, str], Outcome] = {}
        for one, rank in checked:
            place = (one.search_id, one.doc, one.source)
            before = said.get(place) or _latest(memory, one)
            if not is_repeatable and before and (before.kind, before.value) == (one.kind, one.value):
                told.append(replace(_told(one, "", rank, memory), is_new=False))
                continue
            said[place] = one
            # Others may be writing of this search right now: until it is known to be kept, each carries it.
            is_first = not memory.knows(one.search_id) and one.search_id not in begun
            begun.add(one.search_id)
            event_id = ulid(self._clock.now_ms())
            first = searches[one.search_id] if is_first else None
            records.append(outcome_record(one, event_id=event_id, rank=rank, first=first))
            told.append(_told(one, event_id, rank, memory))
        return tuple(told), records

    def knows(self, search_id: str) -> bool:
        """Is there an outcome of this search?"""
        return self.memory().knows(search_id)

    def require_version(self, version: str) -> None:
        """Raise where there is no such event.

        Raises:
            NotFound: there is none.
        """
        with self._lock:
            self.memory()
            if not self._fold.has(version):
                raise NotFound("the playbook has no such version", hint="lakehouse playbook history")

    def control(self, op: str, subject: str, *, reason: str = "", to: str = "") -> str:
        """Distrust or trust a source, retire or restore a row, or roll back; the version with it.

        Args:
            op: distrust, trust, retire_row, restore_row or rollback.
            subject: the source, or `corpus/key` of a row.
            to: of a rollback: the version that holds again.
        """
        check.control(op, subject, to)
        with self._lock:
            self.memory()
            if op == "rollback":
                self.require_version(to)
            event_id = ulid(self._clock.now_ms())
            record: dict[str, Json] = {
                "event_id": event_id, "op": op, "subject": subject, "to": to, "reason": reason,
            }  # fmt: skip
            self._journal.append("playbook", [record])
            self._fold.apply([], [record])
            return event_id

    def history(self, *, limit: int) -> tuple[Version, ...]:
        """The newest events, newest first; each is a version that `rollback` takes. Cost: reads the log."""
        memory = self.memory()
        return versions(
            self._journal.replay("outcomes"),
            self._journal.replay("playbook"),
            limit=limit,
            asked=lambda search_id: _asked(memory, search_id),
        )

    def stats(self) -> PlaybookStats:
        """The state of what was learned."""
        with self._lock:
            memory = self.memory()
            lessons = memory.lessons
            far, near, repeat = lessons.ledger.weights
            return PlaybookStats(
                version=self._fold.version,
                searches=len(memory),
                outcomes=self._fold.outcomes,
                audits=lessons.audits,
                floor=lessons.floor,
                far=far,
                near=near,
                repeat=repeat,
                reason=lessons.ledger.reason,
                sources={name: round(lessons.weight(name), 4) for name in sorted(self._fold.sources)},
                damaged=self._fold.damaged,
            )

    def memory(self) -> Memory:
        """What was learned, with what other processes wrote up to a second ago."""
        with self._lock:
            now_ms = self._clock.now_ms()
            if now_ms - self._looked_ms >= LOOK_MS or now_ms < self._looked_ms:
                self._looked_ms = now_ms
                self._fold.catch_up()
            return self._fold.memory

    def _found(self, search_id: str, find: Find) -> Search:
        with self._lock:
            search = self._recent.get(search_id) or self._fold.memory.search(search_id)
        search = search or find(search_id)
        if search is None:
            raise NotFound("there is no such search", hint="take search_id from the answer of a search")
        return search

    def _need(self, asked: Asked) -> Need:
        return Need(
            text=asked.text, vector=asked.vector, model=asked.model, keys=asked.keys,
            now_ms=self._clock.now_ms(),
        )  # fmt: skip

    def _fresh(
        self, rows: Sequence[Edition], corpora: Iterable[str], digests: Digests
    ) -> dict[Edition, float]:
        """How far what was learned of each row still holds: 1 same text, less where it changed, 0 gone."""
        wanted: dict[str, set[str]] = {corpus: set() for corpus in corpora}
        for (corpus, key), _ in rows:
            if corpus in wanted and (corpus, key) not in self._fold.retired:
                wanted[corpus].add(key)
        now = {corpus: digests(corpus, keys) for corpus, keys in wanted.items() if keys}
        fresh: dict[Edition, float] = {}
        for (corpus, key), digest in rows:
            current = now.get(corpus, {}).get(key) if key in wanted.get(corpus, ()) else None
            holds = 0.0 if current is None else 1.0
            if current is not None and digest and digest != current:
                holds = self.params.changed
            fresh[(corpus, key), digest] = holds
        return fresh


def _told(one: Outcome, event_id: str, rank: int, memory: Memory) -> Told:
    return Told(
        event_id=event_id, search_id=one.search_id, corpus=one.corpus, doc_id=one.key, outcome=one.kind,
        source=one.source, rank=rank, trust=round(memory.lessons.weight(one.source), 4),
    )  # fmt: skip


def _latest(memory: Memory, one: Outcome) -> Outcome | None:
    """The last thing that this source said of this row of this search."""
    said = [
        past
        for past in memory.outcomes(one.search_id)
        if (past.doc, past.source, past.is_audit) == (one.doc, one.source, one.is_audit)
    ]
    return said[-1] if said else None


def _asked(memory: Memory, search_id: str) -> str:
    search = memory.search(search_id)
    return search.text if search else ""


def _why(found: Boosts, doc: Doc, memory: Memory) -> str:
    """In words: how much, and for which earlier questions the row succeeded or failed."""
    one = found.evidence[doc]
    if one.boost < 0:
        return "playbook: passed over before"
    asked = [search.text for name, _ in one.searches if (search := memory.search(name)) is not None]
    quoted = ", ".join(f"“{_short(text)}”" for text in dict.fromkeys(asked))
    return f"playbook: worked for {quoted}" if quoted else ""


def _short(text: str, most: int = 48) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
