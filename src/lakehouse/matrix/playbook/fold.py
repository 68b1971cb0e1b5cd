"""[acts] The log of outcomes and controls, folded into a memory: every record once, whoever wrote it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from lakehouse.matrix.playbook.events import Doc, Outcome, Search
from lakehouse.matrix.playbook.memory import Memory
from lakehouse.matrix.playbook.params import PlaybookParams
from lakehouse.matrix.playbook.records import read_outcome, read_search
from lakehouse.store.journal import Journal
from lakehouse.store.streams import Json

Record = Mapping[str, Json]
OUTCOMES: Final = "outcomes"
CONTROLS: Final = "playbook"


class Fold:
    """The state that the log leads to. Its owner keeps threads apart."""

    def __init__(self, journal: Journal, params: PlaybookParams) -> None:
        self._journal, self._params = journal, params
        self._begin()

    @property
    def damaged(self) -> int:
        """Records that could not be read."""
        return self._unread + self._outcomes.damaged + self._controls.damaged

    def catch_up(self) -> None:
        """Read what was written since the last look, by any process."""
        self.apply(self._outcomes.fetch(), self._controls.fetch())

    def apply(self, outcomes: Iterable[Record], controls: Iterable[Record] = ()) -> None:
        """Take records into account that are in the log; those that were seen before change nothing."""
        fresh = [one for one in controls if _id(one) not in self._seen]
        if any(one.get("op") == "rollback" for one in fresh):
            self._again()
            return
        for one in fresh:
            self._control(one)
        self._outcome([one for one in outcomes if _id(one) not in self._seen])

    def has(self, version: str) -> bool:
        """Is this the id of an event that was folded?"""
        return version in self._seen

    def _begin(self) -> None:
        self.memory = Memory(self._params)
        self.retired: set[Doc] = set()
        self.sources: set[str] = set()
        self.outcomes = 0
        self.version = ""
        self._unread = 0
        self._seen: set[str] = set()
        self._carried: dict[str, Search] = {}
        self._outcomes = self._journal.follow(OUTCOMES)
        self._controls = self._journal.follow(CONTROLS)

    def _again(self) -> None:
        """Fold the whole log anew: a rollback takes events out of its middle."""
        self._journal.flush()
        self._begin()
        outcomes, controls = self._outcomes.fetch(), self._controls.fetch()
        gaps = _gaps(controls)
        for one in controls:
            self._seen.add(_id(one))
            if one.get("op") != "rollback" and not _is_in(_id(one), gaps):
                self._control(one)
        self._outcome([one for one in outcomes if not _is_in(_id(one), gaps)])
        self._seen.update(map(_id, outcomes))
        self.version = max(self._seen, default="")

    def _control(self, one: Record) -> None:
        subject = str(one.get("subject", ""))
        row = (subject.partition("/")[0], subject.partition("/")[2])
        match one.get("op"):
            case "distrust":
                self.memory.distrust([subject])
                self.sources.add(subject)
            case "trust":
                self.memory.trust_again([subject])
            case "retire_row":
                self.retired.add(row)
            case "restore_row":
                self.retired.discard(row)
            case _:
                pass  # text entries live in the same stream
        self._saw(_id(one))

    def _outcome(self, records: Sequence[Record]) -> None:
        told: dict[str, list[Outcome]] = {}
        for one in records:
            outcome = read_outcome(one)
            if outcome is None:
                self._unread += 1
                continue
            if (carried := read_search(outcome.search_id, one.get("search"))) is not None:
                self._carried.setdefault(carried.search_id, carried)
            told.setdefault(outcome.search_id, []).append(outcome)
            self._saw(_id(one))
        for search_id, outcomes in told.items():
            search = self._carried.pop(search_id, None) or self.memory.search(search_id)
            if search is None:
                self._unread += len(outcomes)  # the record that carried its search is damaged
                continue
            self.memory.tell(search, outcomes)
            self.outcomes += len(outcomes)
            self.sources.update(outcome.source for outcome in outcomes)
        self.memory.study()

    def _saw(self, event_id: str) -> None:
        self._seen.add(event_id)
        self.version = max(self.version, event_id)


def _id(record: Record) -> str:
    return str(record.get("event_id", ""))


def _gaps(controls: Iterable[Record]) -> list[tuple[str, str]]:
    """The events that rollbacks took out: after the version they went back to, up to themselves."""
    return [(str(one.get("to", "")), _id(one)) for one in controls if one.get("op") == "rollback"]


def _is_in(event_id: str, gaps: Iterable[tuple[str, str]]) -> bool:
    return any(low < event_id < high for low, high in gaps)
