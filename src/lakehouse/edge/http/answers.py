"""[pure] What answers look like, for the OpenAPI document; a test holds real answers against it."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, JsonValue

State = Literal["ok", "degraded", "down"]
SnapshotId = Annotated[
    str, Field(pattern="^-?[0-9]+$", description="Text: it has 63 bits, and numbers of JavaScript hold 53.")
]


class Problem(BaseModel):
    """An error, after RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    kind: Literal["Invalid", "NotFound", "Conflict", "Refused", "Unavailable", "Corrupt"]
    hint: str
    error_id: str
    retry: bool


class Health(BaseModel):
    """How the lake is."""

    status: State
    version: str
    services: dict[str, State]


class ResultColumn(BaseModel):
    """One column of a result."""

    name: str
    type: str


class Result(BaseModel):
    """The rows of a query."""

    columns: list[ResultColumn]
    rows: list[list[JsonValue]]
    row_count: int
    truncated: bool
    elapsed_ms: float
    query_id: str
    snapshots: dict[str, SnapshotId]


class Cancelled(BaseModel):
    """A query that was ended."""

    query_id: str
    cancelled: bool


class ReportColumn(BaseModel):
    """One column as it was stored."""

    name: str
    type: str
    pii: str
    evidence: str


class Report(BaseModel):
    """What an upload came to."""

    source: str
    table: str
    status: Literal["created", "appended", "replaced", "upserted", "skipped", "quarantined"]
    rows: int
    rejected: int
    rows_read: int
    gave_way: int
    snapshot_id: SnapshotId | None
    columns: list[ReportColumn]
    reason: str
    hint: str
    changes: list[str]
    counted_by: str
    sha256: str
    elapsed_ms: int
    proof: str


class TableInfo(BaseModel):
    """One table at a glance."""

    namespace: str
    table: str
    rows: int
    bytes: int
    files: int
    columns: int
    snapshot_id: SnapshotId | None
    updated_at: str


class Datasets(BaseModel):
    """Every table."""

    datasets: list[TableInfo]


class Column(BaseModel):
    """One column and what is known about it."""

    field_id: int
    name: str
    type: str
    doc: str
    pii: str
    evidence: str


class Card(BaseModel):
    """What people know about a table."""

    description: str
    owner: str
    sensitivity: str
    freshness: str
    tags: list[str]
    lineage: dict[str, str]
    key: list[str]


class Version(BaseModel):
    """One version of a table."""

    snapshot_id: SnapshotId
    at: str
    operation: str
    rows: int
    added: int
    removed: int
    tags: list[str]
    is_current: bool
    note: str


class Dataset(BaseModel):
    """One table in full."""

    namespace: str
    table: str
    rows: int
    bytes: int
    files: int
    snapshot_id: SnapshotId | None
    updated_at: str
    column_count: int
    columns: list[Column]
    card: Card
    history: list[Version]


class History(BaseModel):
    """Every kept version of a table, newest first."""

    table: str
    history: list[Version]


class Dropped(BaseModel):
    """A table that was forgotten."""

    table: str
    dropped: bool


class Changed(BaseModel):
    """What a change did."""

    table: str
    rows: int
    snapshot_id: SnapshotId | None


class RowsChanged(BaseModel):
    """What a change to rows did; equal rows are left alone and do not count."""

    table: str
    upserted: int
    deleted: int
    snapshot_id: SnapshotId | None


class Upkeep(BaseModel):
    """What upkeep did."""

    table: str
    reason: str
    files_before: int
    files_after: int
    rows: int
    expired: int
    removed: int


class Resync(BaseModel):
    """A table's files as they are."""

    table: str
    files: int
    rows: int
    missing: list[str]
    changed: list[str]


class Rebuilt(BaseModel):
    """What a rebuild found."""

    restored: list[str]
    kept: list[str]
    shadowed: list[str]
    dropped: list[str]
    damaged: list[str]


class Copy(BaseModel):
    """One hot copy."""

    table: str
    snapshot_id: SnapshotId
    bytes: int
    used: int


class CacheStats(BaseModel):
    """The hot cache."""

    hits: int
    misses: int
    builds: int
    failures: int
    bytes: int
    limit_bytes: int
    pinned: list[str]
    copies: list[Copy]


class Evicted(BaseModel):
    """A table that is hot no more."""

    table: str
    evicted: bool


class ErrorNote(BaseModel):
    """One failure."""

    at: str
    error_id: str | None
    kind: str | None
    where: str | None
    message: str | None
    hint: str | None
    request_id: str | None


class Errors(BaseModel):
    """The latest failures."""

    errors: list[ErrorNote]


PROBLEM = {
    "description": "A problem document.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
