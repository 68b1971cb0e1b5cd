"""Any run of operations leaves the memory as a dictionary would: by random walks, with restarts between."""

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from lakehouse.base.clock import FixedClock
from lakehouse.base.errors import Conflict, NotFound, Refused
from lakehouse.memory.pathway import PathwayMemory
from lakehouse.memory.posterior import at_least
from lakehouse.memory.trace import Trace
from lakehouse.store.journal import Journal, JournalParams
from lakehouse.store.memory import MemoryStore
from lakehouse.store.turns import MemoryTurns

CONTENTS = st.sampled_from([1, "crane", {"a": [None, 1.5]}, [], False, 0, ""])
TAGS = st.lists(st.sampled_from(["x", "y", "z"]), unique=True)


@dataclass
class Plain:
    """A trace as a naive program would hold it."""

    content: object
    tags: list[str]
    before: str | None = None
    after: str | None = None
    version: int = 1
    retired: str | None = None
    uses: int = 0
    outcomes: list[bool] = field(default_factory=list)


class Memory(RuleBasedStateMachine):
    """Two processes over one store, which take turns at every step, and a dictionary."""

    uids: Bundle[str] = Bundle("uids")

    def __init__(self) -> None:
        super().__init__()
        self.store, self.turns, self.clock = MemoryStore(), MemoryTurns(), FixedClock()
        self.processes = [self.started(), self.started()]
        self.plain: dict[str, Plain] = {}
        self.steps = 0

    def started(self) -> PathwayMemory:
        return PathwayMemory(Journal(self.store, clock=self.clock), turns=self.turns, clock=self.clock)

    @property
    def memory(self) -> PathwayMemory:
        self.steps += 1
        self.clock.advance(1)
        return self.processes[self.steps % 2]

    @rule(target=uids, content=CONTENTS, tags=TAGS)
    def add(self, content: object, tags: list[str]) -> str:
        made = self.memory.add(content, tags=tags)
        self.plain[made.uid] = Plain(content, tags)
        return made.uid

    @rule(uid=uids, content=CONTENTS)
    def add_again(self, uid: str, content: object) -> None:
        self.memory.add(content, uid=uid, idempotent=True)
        self.plain[uid].uses += 1
        with pytest.raises(Conflict):
            self.memory.add(content, uid=uid)

    @rule(uid=uids, content=st.none() | CONTENTS, tags=TAGS)
    def update(self, uid: str, content: object, tags: list[str]) -> None:
        known = self.plain[uid]
        if known.retired is not None:
            with pytest.raises(Refused):
                self.memory.update(uid, content=content, tags=tags)
            return
        self.memory.update(uid, content=content, tags=tags)
        known.content, known.tags = known.content if content is None else content, tags

    @rule(target=uids, uid=uids, content=CONTENTS)
    def revise(self, uid: str, content: object) -> str:
        known = self.plain[uid]
        if known.after:
            with pytest.raises(Conflict):
                self.memory.revise(uid, content)
            return uid
        made = self.memory.revise(uid, content)
        self.plain[made.uid] = Plain(content, known.tags, before=uid, version=known.version + 1)
        known.after = made.uid
        return made.uid

    @rule(uid=uids, reason=st.sampled_from(["old", "bad"]))
    def retire(self, uid: str, reason: str) -> None:
        self.memory.retire(uid, reason)
        self.plain[uid].retired = self.plain[uid].retired or reason

    @rule(uid=uids, succeeded=st.booleans())
    def replay(self, uid: str, succeeded: bool) -> None:
        known = self.plain[uid]
        if known.retired is not None:
            with pytest.raises(Refused):
                self.memory.replay(uid, succeeded=succeeded)
            return
        found = self.memory.replay(uid, succeeded=succeeded)
        known.uses += 1
        known.outcomes.append(succeeded)
        good, bad = known.outcomes.count(True), known.outcomes.count(False)
        if 1 - at_least(0.8, successes=good, failures=bad) >= 0.9:
            known.retired = found.retired_reason

    @rule(uid=consumes(uids))
    def ask_for_what_is_not_there(self, uid: str) -> None:
        with pytest.raises(NotFound):
            self.memory.get(uid + "~")
        with pytest.raises(NotFound):
            self.memory.revise(uid + "~", 1)

    @rule()
    def restart(self) -> None:
        self.processes[self.steps % 2] = self.started()

    @rule()
    def fold(self) -> None:
        Journal(self.store, clock=self.clock, params=JournalParams(grace_ms=0)).compact("pathway")

    @invariant()
    def both_processes_know_what_the_dictionary_knows(self) -> None:
        for process in self.processes:
            for uid, known in self.plain.items():
                assert shown(process.get(uid)) == known
                walked = [t.uid for t in process.history(uid)]
                assert walked == self.chain(uid)
            current = {u for u, p in self.plain.items() if p.retired is None and p.after is None}
            assert {m.trace.uid for m in process.search(k=1000)} == current
            tagged = {u for u in current if "x" in self.plain[u].tags}
            assert {m.trace.uid for m in process.search(tags=["x"], k=1000)} == tagged
            stats = process.stats()
            assert (stats.traces, stats.current) == (len(self.plain), len(current))
            assert (stats.unapplied_events, stats.forks, stats.gaps, stats.damaged_lines) == (0, 0, 0, 0)

    def chain(self, uid: str) -> list[str]:
        found = [uid]
        while before := self.plain[found[-1]].before:
            found.append(before)
        return found


def shown(trace: Trace) -> Plain:
    good, bad = trace.replays_succeeded, trace.replays_failed
    return Plain(
        content=trace.content,
        tags=list(trace.tags),
        before=trace.predecessor_uid,
        after=trace.superseded_by,
        version=trace.version,
        retired=trace.retired_reason if trace.is_retired else None,
        uses=trace.replay_count,
        outcomes=Outcomes(good, bad),
    )


class Outcomes(list[bool]):
    """Equal to any list with as many successes and failures."""

    def __init__(self, good: int, bad: int) -> None:
        super().__init__([True] * good + [False] * bad)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, list) and sorted(other) == sorted(self)

    __hash__ = None  # type: ignore[assignment]  # a list, which has none


TestMemory = Memory.TestCase
TestMemory.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
