"""[pure] What answers about outcomes and the playbook look like; a test holds real ones against it."""

from typing import Literal

from lakehouse.edge.http.search.answers import Answer


class Told(Answer):
    """What one outcome did."""

    event_id: str
    search_id: str
    corpus: str
    doc_id: str
    outcome: Literal["placed", "accepted", "clicked", "rejected", "failed", "judged"]
    source: str
    rank: int
    trust: float
    is_new: bool


class AllTold(Answer):
    """What the outcomes did, in their order."""

    told: list[Told]


class Wrong(Answer):
    """Why one of many was refused."""

    kind: str
    detail: str
    hint: str


class Entry(Answer):
    """One of many: what it did, or why it was refused."""

    index: int
    told: Told | None
    error: Wrong | None


class Recorded(Answer):
    """What became of many successes, in their order."""

    recorded: int
    known: int
    refused: int
    entries: list[Entry]


class Stats(Answer):
    """The state of what was learned."""

    version: str
    searches: int
    outcomes: int
    audits: int
    floor: float
    far: float
    near: float
    repeat: float
    reason: str
    sources: dict[str, float]
    damaged: int


class Version(Answer):
    """One event, and the state of the playbook with it."""

    version: str
    at: str
    what: str
    subject: str
    by: str
    question: str
    reason: str
    search_id: str
    is_undone: bool


class History(Answer):
    """The newest first."""

    versions: list[Version]


class Precedent(Answer):
    """An earlier search that says something of a row."""

    search_id: str
    question: str
    similarity: float
    source: str
    worth: float
    trust: float


class Mover(Answer):
    """One row that the past has an opinion of."""

    corpus: str
    id: str
    boost: float
    joins: bool
    successes: float
    failures: float
    past: list[Precedent]


class Why(Answer):
    """What the playbook says of a question."""

    question: str
    similarity: float
    stratum: Literal["none", "far", "near", "repeat"]
    weight: float
    floor: float
    rows: list[Mover]


class Control(Answer):
    """A change of what counts."""

    version: str
    op: Literal["distrust", "trust", "retire_row", "restore_row", "rollback"]
    subject: str
    to: str
    reason: str
