"""[acts] The log of outcomes and controls, folded into a memory: every record once, whoever wrote it."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Final

from lakehouse.matrix.playbook.events import Doc, Outcome, Search
from lakehouse.matrix.playbook.memory import Memory
from lakehouse.matrix.playbook.params import PlaybookParams
from lakehouse.matrix.playbook.records import read_outcome, read_search
from lakehouse.matrix.playbook.versions import Gap, gaps, is_in
from lakehouse.store.journal import Journal
from lakehouse.store.streams import Json

Record = Mapping[str, Json]
OUTCOMES: Final = "outcomes"
CONTROLS: Final = "playbook"
TURNS: Final = ("distrust", "trust")
"""Controls that turn what sources count."""


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
        self._take([one for one in outcomes if self._holds(_id(one))], fresh)

    def _holds(self, event_id: str) -> bool:
        """Is this event new, and not one that a rollback took out before it could be read here?"""
        return event_id not in self._seen and not is_in(event_id, self._undone)

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
        self._undone: list[Gap] = []
        self._distrusted: set[str] = set()
        self._carried: dict[str, Search] = {}
        self._outcomes = self._journal.follow(OUTCOMES)
        self._controls = self._journal.follow(CONTROLS)

    def _again(self) -> None:
        """Fold the whole log anew: a rollback takes events out of its middle."""
        self._journal.flush()
        self._begin()
        outcomes, controls = self._outcomes.fetch(), self._controls.fetch()
        self._undone = gaps(controls)
        for one in outcomes:  # one that holds may leave it to one that was taken out to say what was asked
            self._carry(one)
        held = [one for one in controls if one.get("op") != "rollback"]
        self._take(
            [one for one in outcomes if not is_in(_id(one), self._undone)],
            [one for one in held if not is_in(_id(one), self._undone)],
        )
        self._seen.update(map(_id, chain(outcomes, controls)))
        self.version = max(self._seen, default="")

    def _take(self, outcomes: Sequence[Record], controls: Sequence[Record]) -> None:
        """In the order in which a reader who was there would have, so that the lessons are the same.

        Trust that a person gives or takes draws them again: with what was known by then, and no more. Of
        several draws in a row only the last is made, for none leaves a trace in the next.
        """
        for one in outcomes:
            self._carry(one)
        turned = max((_id(one) for one in controls if one.get("op") in TURNS), default="")
        self._outcome([one for one in outcomes if _id(one) < turned], is_last=False)
        for one in controls:
            self._control(one)
        if turned:
            self.memory.distrust_only(self._distrusted)
        self._outcome([one for one in outcomes if _id(one) >= turned])

    def _control(self, one: Record) -> None:
        subject = str(one.get("subject", ""))
        row = (subject.partition("/")[0], subject.partition("/")[2])
        match one.get("op"):
            case "distrust":
                self._distrusted.add(subject)
                self.sources.add(subject)
            case "trust":
                self._distrusted.discard(subject)
            case "retire_row":
                self.retired.add(row)
            case "restore_row":
                self.retired.discard(row)
            case _:
                pass  # text entries live in the same stream
        self._saw(_id(one))

    def _outcome(self, records: Sequence[Record], *, is_last: bool = True) -> None:
        told = self._read(records)
        lessons = self.memory.lessons
        due = lessons.last_due({one.search_id for one, _ in told if one.is_audit})
        for one, search in told:
            self.memory.tell(search, [one])
            self._carried.pop(one.search_id, None)
            self.outcomes += 1
            self.sources.add(one.source)
            if (
                is_last and lessons.audits >= due
            ):  # lessons before that would be drawn again before anybody asks
                self.memory.study()

    def _read(self, records: Sequence[Record]) -> list[tuple[Outcome, Search]]:
        """Outcomes with their searches, each once; those that cannot be read are counted."""
        read: list[tuple[Outcome, Search]] = []
        for one in records:
            event_id, outcome = _id(one), read_outcome(one)
            if event_id in self._seen:
                continue
            search_id = outcome.search_id if outcome else ""
            search = self.memory.search(search_id) or self._carried.get(search_id)
            if not event_id or outcome is None or search is None:
                self._unread += 1  # damaged, or the record that carried its search is
            else:
                read.append((outcome, search))
            if event_id:
                self._saw(event_id)
        return read

    def _carry(self, one: Record) -> None:
        if (carried := read_search(str(one.get("search_id", "")), one.get("search"))) is not None:
            self._carried.setdefault(carried.search_id, carried)

    def _saw(self, event_id: str) -> None:
        self._seen.add(event_id)
        self.version = max(self.version, event_id)


def _id(record: Record) -> str:
    return str(record.get("event_id", ""))
