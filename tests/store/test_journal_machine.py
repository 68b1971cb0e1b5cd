"""Any sequence of appends, folds, cuts, crashes and restarts leaves a journal equal to a list."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from lakehouse.base.clock import FixedClock
from lakehouse.base.errors import Unavailable
from lakehouse.store.journal import Journal, JournalParams
from lakehouse.store.memory import MemoryStore
from tests.store.test_streams import RECORDS

GRACE_MS = 1_000


class CrashingStore(MemoryStore):
    """A store that stops answering after a number of changes, as if the process were killed."""

    changes_left = -1

    def put(self, key: str, data: bytes) -> None:
        self._count()
        super().put(key, data)

    def put_if_absent(self, key: str, data: bytes) -> bool:
        self._count()
        return super().put_if_absent(key, data)

    def delete(self, key: str) -> bool:
        self._count()
        return super().delete(key)

    def _count(self) -> None:
        if self.changes_left == 0:
            raise Unavailable("killed", hint="start again")
        self.changes_left -= 1


class JournalAgainstAList(RuleBasedStateMachine):
    """A journal and a list are told the same; a replay must give the list."""

    def __init__(self) -> None:
        super().__init__()
        self.store = CrashingStore()
        self.clock = FixedClock()
        self.model: list[dict[str, object]] = []
        self.journal = self.open()

    def open(self) -> Journal:
        params = JournalParams(grace_ms=GRACE_MS, target_bytes=6_000, flush_every_s=3_600)
        return Journal(self.store, clock=self.clock, params=params)

    def start_again(self) -> None:
        self.journal.close()
        self.journal = self.open()

    @rule(records=st.lists(RECORDS, max_size=3))
    def append(self, records: list[dict[str, object]]) -> None:
        self.journal.append("ingests", records)  # type: ignore[arg-type] # values are Json, invariantly
        if records:
            self._settle(records)

    @rule(record=RECORDS)
    def post_and_flush(self, record: dict[str, object]) -> None:
        self.journal.post("ingests", record)  # type: ignore[arg-type] # as above
        self.journal.flush()
        self._settle([record])

    def _settle(self, records: list[dict[str, object]]) -> None:
        for record in records:
            self.model.append({name: value for name, value in record.items() if value is not None})

    @rule(changes=st.integers(0, 6))
    def fold_until_killed(self, changes: int) -> None:
        self.store.changes_left = changes
        try:
            self.journal.compact("ingests")
        except Unavailable:
            self.store.changes_left = -1
            self.start_again()
        self.store.changes_left = -1

    @rule()
    def fold(self) -> None:
        self.journal.compact("ingests")

    @rule(ms=st.sampled_from([1, GRACE_MS, -GRACE_MS, 86_400_000]))
    def time_passes(self, ms: int) -> None:
        self.clock.advance(ms)

    @rule()
    def open_again(self) -> None:
        self.start_again()

    @rule(other=st.booleans())
    def another_process_folds(self, other: bool) -> None:
        params = JournalParams(grace_ms=GRACE_MS, target_bytes=1_000 if other else 60_000)
        Journal(self.store, clock=self.clock, params=params).compact("ingests")

    @precondition(lambda self: bool(self.model))
    @rule(cut=st.integers(1, 30))
    def the_newest_segment_is_cut_short(self, cut: int) -> None:
        self.journal.append("ingests", [{"reason": "x" * 40}])
        newest = [o.key for o in self.store.list("journal/")][-1]
        data = self.store.get(newest)
        self.store.put(newest, data[: len(data) - cut - 1])
        self.start_again()
        self.a_replay_gives_the_list()
        assert sum(stats.torn for stats in self.journal.stats()) == 1

    def teardown(self) -> None:
        self.journal.close()

    @invariant()
    def a_replay_gives_the_list(self) -> None:
        found = [dict(record) for record in self.journal.replay("ingests")]
        ids = [record.pop("id") for record in found]
        for record in found:
            record.pop("at")
        assert found == self.model
        assert len(set(ids)) == len(ids)


TestJournalAgainstAList = JournalAgainstAList.TestCase
TestJournalAgainstAList.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
