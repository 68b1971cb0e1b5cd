"""[seam] What crosses between session, engine and tables: parsed text, limits, answers, resolved names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from lakehouse.query.relation import Relation

Version = int | str | None
"""A snapshot id, an ISO 8601 time, a tag, or None for the newest."""

Name = tuple[str | None, str]
"""Namespace (None when the text named none) and table, both folded to lower case."""

Params = Sequence[object] | Mapping[str, object] | None
"""Values for `?` and `$1` in order, or for `$name` by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds that bind: what is beyond is cut off (rows, bytes) or ended (time)."""

    rows: int = 1_000_000
    bytes: int = 256 << 20
    """Of Arrow buffers; the whole result is held in memory once."""

    timeout_s: float = 60.0
    """Wall clock; the worker is killed when it passes."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What DuckDB's own parser says about a text."""

    tree: str
    """JSON of `json_serialize_sql`: statements, or the syntax error."""

    kinds: tuple[str, ...] = ()
    """Kinds of the statements, filled in when they are not all SELECT: INSERT, DROP…"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A guarded statement whose tables are all relations; safe to run."""

    tree: str
    """JSON for `json_deserialize_sql`."""

    relations: tuple[Relation, ...]
    params: object = None
    """As `params.encode` gives it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The rows of one query as an Arrow IPC stream."""

    columns: tuple[tuple[str, str], ...]
    """Names and DuckDB types, in order."""

    chunks: tuple[bytes, ...]
    """One Arrow IPC stream in pieces."""

    row_count: int
    truncated: bool
    """More rows were there than `Limits` let through."""

    elapsed_ms: float
    """In the worker."""


class Engine(Protocol):
    """Runs read-only SQL somewhere it can do no harm."""

    def parse(self, sql: str) -> Parsed:
        """Parse without running; a syntax error is part of the answer.

        Raises:
            Unavailable: the parser did not end within the engine's limit.
        """
        ...

    def run(self, bound: Bound, limits: Limits, *, query_id: str) -> Answer:
        """Run a bound statement.

        Raises:
            Invalid: DuckDB refused it; the context's `engine` names its exception.
            Unavailable: a limit was reached, or it was cancelled.
        """
        ...

    def cancel(self, query_id: str) -> bool:
        """End a running query now; False when none runs under that id."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What a name stands for at one version."""

    relation: Relation
    snapshot_id: int | None
    """None for what has no snapshots: system streams and information_schema."""

    table: str = ""
    """Its full name, `namespace.table`; the hot cache and `Result.snapshots` use it."""

    schema_id: int = 0
    """Of the columns it is read with: they may change while the snapshot stays."""


class TableSource(Protocol):
    """Knows the tables; the session asks it, never a catalog."""

    def resolve(self, names: Sequence[Name], at: Version) -> Mapping[Name, Resolved]:
        """What each name stands for, at one version; names that do not exist are left out.

        Raises:
            NotFound: the table exists, but not at that version.
        """
        ...

    def names(self) -> tuple[str, ...]:
        """Every table as `namespace.table`, for suggestions."""
        ...

    def columns(self, name: Name) -> tuple[str, ...]:
        """Columns of a table, for suggestions; empty when unknown."""
        ...
