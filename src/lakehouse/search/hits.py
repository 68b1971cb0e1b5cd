"""[seam] What a search gives: hits with their parts, their place in a table, and why they are there."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the text of a hit stands."""

    table: str
    row: str
    """The row's id, as text."""

    chunk: int
    start: int
    end: int
    """Characters of the row's text, end excluded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the score was made of."""

    dense: float | None = None
    """Cosine; None: not found by meaning."""

    lexical: float | None = None
    """BM25; None: not found by words."""

    boost: float | None = None
    """Of the playbook, added to `base`; None: it knows nothing of this row and question."""

    base: float = 0.0
    """The score before the playbook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One row that answers."""

    rank: int
    """From 1."""

    id: str
    corpus: str
    score: float
    """0 to 1 within this search; a cosine where only vectors were compared."""

    parts: Parts
    text: str
    """The passage that answers; empty for rows that have only a vector."""

    source: Place
    sql_verified: bool
    """The row was in the table, and met the condition, at the snapshot that the result names."""

    why: str
    digest: str = ""
    """Of the row's text; empty where it has only a vector."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """What the playbook did to one search."""

    computed: int = 0
    """Rows it had an opinion of."""

    hit: int = 0
    """Of those, the ones among the base's candidates."""

    moved: int = 0
    """Of the rows that were shown, the ones that stand elsewhere than without it."""

    injected: int = 0
    """Of the rows that were shown, the ones that the base had not found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The answer to one search."""

    search_id: str
    hits: tuple[Hit, ...]
    corpora: tuple[str, ...]
    snapshots: dict[str, int | None]
    """Full table name, as in SQL's answers -> the snapshot that was searched."""

    notes: tuple[str, ...] = ()
    """What a person should know: rows still waiting for their meaning, a leg that was not there."""

    elapsed_ms: float = 0.0
    learning: Learning = Learning()
