"""[pure] What answers about pathway memory look like, for the OpenAPI document; a test holds them to it."""

from typing import Literal

from pydantic import JsonValue

from lakehouse.edge.http.search.answers import Answer


class Trace(Answer):
    """One remembered trace as it stands."""

    uid: str
    content: JsonValue
    tags: list[str]
    version: int
    predecessor_uid: str | None
    superseded_by: str | None
    created_at: str
    updated_at: str
    retired: bool
    retired_at: str | None
    retired_reason: str
    replay_count: int
    replays_succeeded: int
    replays_failed: int
    pathway_id: str | None
    file_prefix: str | None


class History(Answer):
    """A trace and its predecessors, newest first."""

    uid: str
    history: list[Trace]


class Match(Answer):
    """One trace that was found."""

    similarity: float | None
    trace: Trace


class Matches(Answer):
    """What was found, the most alike or the latest first."""

    matches: list[Match]


class Bug(Answer):
    """One kind of mistake at one place of the code."""

    flag: str
    pattern_key: str
    example: str
    occurrences: int


class Bugs(Answer):
    """Known bugs of a folder, most frequent first."""

    file_prefix: str
    bug_fingerprints: list[Bug]


class Gate(Answer):
    """One condition of a hot swap."""

    name: Literal["fingerprint", "audit", "in_use", "similarity", "success", "model"]
    passed: bool
    reason: str


class Swap(Answer):
    """May the remembered model replace the ladder?"""

    swap: bool
    model: str | None
    uid: str | None
    reason: str
    similarity: float | None
    p_success: float | None
    gates: list[Gate]
    considered: int


class PathwayStats(Answer):
    """Figures of what is remembered, and of lines of the log that were skipped."""

    traces: int
    current: int
    superseded: int
    retired: int
    pathways: int
    proven: int
    replays: int
    replays_succeeded: int
    replays_failed: int
    bug_fingerprints: int
    events: int
    damaged_lines: int
    unknown_events: int
    unapplied_events: int
    forks: int
    gaps: int
