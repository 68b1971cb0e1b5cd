"""[pure] What answers about entries of the playbook look like; a test holds real ones against it."""

from typing import Literal

from lakehouse.edge.http.search.answers import Answer

Status = Literal["active", "shadow", "quarantined", "retired"]


class Ref(Answer):
    """A row that an entry rests on."""

    table: str
    row: str
    digest: str


class Entry(Answer):
    """One entry, at one version."""

    id: str
    section: str
    content: str
    scope: dict[str, str]
    evidence: list[str]
    doc_refs: list[Ref]
    status: Status
    rule: str
    reason: str
    source: str
    version: int
    op: str
    merged_into: str | None
    helpful: int
    harmful: int
    pairs: int
    mean_difference: float | None
    uses: int
    created_at: str
    updated_at: str


class Whole(Entry):
    """One entry with its versions, newest first."""

    history: list[Entry]


class Entries(Answer):
    """The latest change first."""

    entries: list[Entry]


class Written(Answer):
    """What became of a candidate; of a rejected text nothing is kept but why."""

    outcome: Literal["add", "link", "reject", "quarantine"]
    rule: str
    reason: str
    entry_id: str | None
    entry: Entry | None


class Chosen(Entry):
    """An entry that a prompt gets, and why."""

    relevance: float
    bound: float
    score: float


class LeftOut(Answer):
    """A relevant entry that was not chosen."""

    id: str
    reason: str


class Choice(Answer):
    """What a prompt gets."""

    entries: list[Chosen]
    text: str
    tokens: int
    left_out: list[LeftOut]
    call_id: str | None


class Share(Answer):
    """How many of how many."""

    count: int
    of: int
    rate: float


class Audit(Answer):
    """The state of the entries, what hygiene did within a month, and how well it works."""

    since: str
    candidates: int
    outcomes: dict[str, Share]
    duplicates: Share
    loops: Share
    leaks: Share
    without_evidence: Share
    orders: Share
    entries: int
    statuses: dict[Status, int]
    retired: Share
    harmful: Share
    surely_harmful: Share
    never_used: Share
    unshown: Share
    stale: Share | None
    damaged_lines: int
    unknown_events: int
    measured: dict[str, dict[str, float]]
