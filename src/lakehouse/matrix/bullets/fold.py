"""[pure] What all events together mean: every entry with its versions, votes and uses.

Votes belong to a text, not to an id: a text that earned them and was then changed begins anew, and one that
is restored has them again. Votes of a source that is distrusted do not count, whenever they were given.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

from lakehouse.base.errors import NotFound
from lakehouse.matrix.bullets.bullet import Bullet, Votes
from lakehouse.matrix.bullets.events import Control, Event

Outcome = Literal["add", "link", "reject", "quarantine"]
JUDGED: Final = ("add", "link", "reject")


@dataclass(frozen=True, slots=True)
class Judged:
    """What hygiene said of one candidate."""

    at_ms: int
    outcome: Outcome
    rule: str


@dataclass(frozen=True, slots=True)
class _Vote:
    content: str
    """Of the version that the call was served."""

    source: str
    helpful: bool | None
    difference: float | None


class State:
    """The playbook's text. Cost: about 20 µs an event."""

    def __init__(self) -> None:
        self._versions: dict[str, list[Bullet]] = {}
        self._votes: dict[str, dict[tuple[str, str], _Vote]] = {}
        self._calls: dict[str, dict[str, int]] = {}
        self._uses: dict[str, int] = {}
        self._served_ms: dict[str, int] = {}
        self._controls: dict[str, Control] = {}
        self._distrusted: frozenset[str] = frozenset()
        self._events: set[str] = set()
        self._made: dict[str, Bullet] = {}
        """Entries with their counts, until something changes."""

        self.log: list[tuple[str, str]] = []
        """Event ids and the entries whose versions they changed, in order."""

        self._places: dict[str, int] = {}
        """Of every event: how many changes of versions there were once it was applied."""

        self.judged: list[Judged] = []
        self.touched: dict[str, None] = {}
        """Entries whose text or status changed since somebody emptied this."""

        self.last: tuple[int, str] = (0, "")
        self.unapplied = 0
        """Events about entries that are not there."""

    def __len__(self) -> int:
        return len(self._versions)

    def __contains__(self, entry_id: object) -> bool:
        return entry_id in self._versions

    def __iter__(self) -> Iterator[Bullet]:
        return (self.get(entry_id) for entry_id in self._versions)

    @property
    def events(self) -> int:
        """How many events were read, control events too."""
        return len(self._events)

    def knows(self, event: Event | Control) -> bool:
        """Was it read already?"""
        return event.event_id in self._events

    def has(self, event_id: str) -> bool:
        """Is there an event of entries with this id?"""
        return event_id in self._places

    def place(self, event_id: str) -> int:
        """How many changes of versions the log holds up to this event, itself included."""
        return self._places[event_id]

    def place_by(self, moment: str) -> int:
        """The same of an id that may be no event of entries: up to the newest event that is not younger."""
        return max((place for known, place in self._places.items() if known <= moment), default=0)

    def get(self, entry_id: str) -> Bullet:
        """One entry as it stands, retired or not.

        Raises:
            NotFound: there is none.
        """
        if entry_id not in self._versions:
            raise NotFound(f"the playbook has no entry {entry_id[:128]!r}", hint="lakehouse playbook entries")
        if entry_id not in self._made:
            self._made[entry_id] = self._counted(self._versions[entry_id][-1])
        return self._made[entry_id]

    def history(self, entry_id: str) -> tuple[Bullet, ...]:
        """Every version of an entry, newest first, each with what is said of its text today.

        Raises:
            NotFound: there is no such entry.
        """
        self.get(entry_id)
        return tuple(self._counted(one) for one in reversed(self._versions[entry_id]))

    def served(self, call_id: str) -> dict[str, int]:
        """Entries that a call was given, and their versions."""
        return dict(self._calls.get(call_id, {}))

    def served_ms(self, entry_id: str) -> int | None:
        """When an entry was served last."""
        return self._served_ms.get(entry_id)

    def apply(self, event: Event | Control) -> None:
        """Take in one event; one that was read before changes nothing."""
        if self.knows(event):
            return
        self._events.add(event.event_id)
        if isinstance(event, Control):
            self._control(event)
            return
        self.last = max(self.last, event.order)
        self._take(event)
        self._places[event.event_id] = len(self.log)

    def _take(self, event: Event) -> None:
        if event.op in JUDGED:
            is_kept_apart = event.op == "add" and event.status == "quarantined"
            outcome: Outcome = "quarantine" if is_kept_apart else event.op
            self.judged.append(Judged(event.at_ms, outcome, event.rule))
        match event.op:
            case "reject":
                return
            case "serve":
                self._serve(event)
            case "vote":
                self._vote(event)
            case "add" if event.entry_id not in self._versions and event.content is not None:
                self._put(_made(event), event)
            case "merge" if event.entry_id in self._versions:
                self._merge(event)
            case "update" | "link" | "retire" | "restore" if event.entry_id in self._versions:
                self._put(_changed(self._versions[event.entry_id], event), event)
            case _:
                self.unapplied += 1

    def _put(self, bullet: Bullet, event: Event) -> None:
        self._versions.setdefault(bullet.entry_id, []).append(bullet)
        self._made.pop(bullet.entry_id, None)
        self.touched[bullet.entry_id] = None
        self.log.append((event.event_id, bullet.entry_id))

    def _merge(self, event: Event) -> None:
        into = event.entry_id
        said = {into: self._versions[into][-1].content}
        self._put(_changed(self._versions[into], event), event)
        kept = self._versions[into][-1].content
        for entry_id, _ in event.entries:
            if entry_id not in self._versions:
                self.unapplied += 1
                continue
            last = self._versions[entry_id][-1]
            said[entry_id] = last.content
            self._put(
                replace(
                    last,
                    version=last.version + 1,
                    status="retired",
                    op="merge",
                    merged_into=into,
                    reason=event.reason,
                    updated_ms=event.at_ms,
                ),
                event,
            )
        if kept in said.values():  # it says what one of them said; a new text has to earn its votes anew
            mine = self._votes.setdefault(into, {})
            for entry_id, content in said.items():
                for voter, vote in self._votes.get(entry_id, {}).items():
                    if vote.content == content:
                        mine.setdefault(voter, replace(vote, content=kept))

    def _serve(self, event: Event) -> None:
        for entry_id, version in event.entries:
            if entry_id not in self._versions:
                self.unapplied += 1
                continue
            self._calls.setdefault(event.call_id, {})[entry_id] = version
            self._uses[entry_id] = self._uses.get(entry_id, 0) + 1
            self._served_ms[entry_id] = max(event.at_ms, self._served_ms.get(entry_id, 0))
            self._made.pop(entry_id, None)

    def _vote(self, event: Event) -> None:
        version = self._calls.get(event.call_id, {}).get(event.entry_id)
        held = self._versions.get(event.entry_id, [])
        if version is None or not 1 <= version <= len(held):
            self.unapplied += 1
            return
        vote = _Vote(held[version - 1].content, event.source, event.helpful, event.difference)
        self._votes.setdefault(event.entry_id, {})[event.call_id, event.source] = vote
        self._made.pop(event.entry_id, None)

    def _control(self, control: Control) -> None:
        self._controls[control.event_id] = control
        gaps = [(one.to, one.event_id) for one in self._controls.values() if one.op == "rollback"]
        told: set[str] = set()
        for event_id in sorted(self._controls):
            one = self._controls[event_id]
            if any(low < event_id < high for low, high in gaps):
                continue
            if one.op == "distrust":
                told.add(one.subject)
            elif one.op == "trust":
                told.discard(one.subject)
        if told != self._distrusted:
            self._distrusted = frozenset(told)
            self._made.clear()

    def _counted(self, bullet: Bullet) -> Bullet:
        votes = [
            vote
            for vote in self._votes.get(bullet.entry_id, {}).values()
            if vote.content == bullet.content and vote.source not in self._distrusted
        ]
        differences = [vote.difference for vote in votes if vote.difference is not None]
        counted = Votes(
            helpful=sum(vote.helpful is True for vote in votes),
            harmful=sum(vote.helpful is False for vote in votes),
            pairs=len(differences),
            total=sum(differences),
            squares=sum(one * one for one in differences),
        )
        return replace(bullet, votes=counted, uses=self._uses.get(bullet.entry_id, 0))


def _made(event: Event) -> Bullet:
    return Bullet(
        entry_id=event.entry_id,
        section=event.section or "",
        content=event.content or "",
        scope=event.scope or (),
        evidence=event.evidence or (),
        doc_refs=event.doc_refs or (),
        status=event.status or "active",
        rule=event.rule,
        reason=event.reason,
        source=event.source,
        created_ms=event.at_ms,
        updated_ms=event.at_ms,
    )


def _changed(held: list[Bullet], event: Event) -> Bullet:
    """The next version: what the event names, and everything else as it was."""
    last = held[-1]
    base = held[event.to_version - 1] if 1 <= event.to_version <= len(held) else last
    status = "retired" if event.op == "retire" else event.status or base.status
    return replace(
        base,
        section=event.section if event.section is not None else base.section,
        content=event.content if event.content is not None else base.content,
        scope=event.scope if event.scope is not None else base.scope,
        evidence=_joined(base.evidence, event.evidence),
        doc_refs=event.doc_refs if event.doc_refs is not None else base.doc_refs,
        status=status,
        rule=event.rule or base.rule if status == "quarantined" else "",
        merged_into="" if event.op == "restore" else base.merged_into,
        reason=event.reason,
        source=event.source if event.content is not None and event.source else base.source,
        version=last.version + 1,
        op=event.op,
        updated_ms=event.at_ms,
    )


def _joined(held: tuple[str, ...], added: tuple[str, ...] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*held, *(added or ()))))
