"""[pure] Changes: which rows an index must take up again, and which it must let go."""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from lakehouse.base.errors import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows of a table as an index sees them at one snapshot: no text, only its fingerprint."""

    table: pa.Table
    """`key` string, `digest` string, `bytes` int64; keys are unique, texts are not blank."""

    snapshot_id: int | None
    """None while the table has never been written to."""

    keyless: int = 0
    """Rows without an id, which no search can name."""

    blank: int = 0
    """Rows without anything to search."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What separates an index from its table."""

    todo: pa.Table
    """`key`, `digest`, `bytes` of the rows that are new or have another text now."""

    stale: pa.Array
    """Keys that the index holds and must let go: edited rows and deleted ones."""

    gone: int
    """How many of the stale ones were deleted."""

    def __bool__(self) -> bool:
        return bool(len(self.todo) or len(self.stale))


def require_unique(keys: pa.ChunkedArray, *, column: str, table: str) -> None:
    """Nothing, if every key stands once.

    Raises:
        Invalid: a key stands twice: a hit could not say which row it means.
    """
    if pc.count_distinct(keys).as_py() != len(keys):
        raise Invalid(
            f"{column} does not identify a row of {table}: some values stand more than once",
            hint="name a column whose values are unique: --id …",
        )


def plan(wanted: pa.Table, known: pa.Table) -> Changes:
    """What to embed and what to let go, so that `known` becomes `wanted`.

    Args:
        wanted: `key`, `digest`, `bytes`, of the table as it is.
        known: `key`, `digest`, of what the index holds.

    Cost: 30 ms for 100,000 rows against 100,000.
    """
    if not len(known):
        return Changes(todo=wanted, stale=pa.nulls(0, pa.string()), gone=0)
    held_keys = known["key"].combine_chunks()
    at = pc.index_in(wanted["key"], value_set=held_keys)
    held = pc.take(known["digest"].combine_chunks(), at.combine_chunks())
    is_new = pc.is_null(at)
    differs = pc.or_kleene(is_new, pc.not_equal(wanted["digest"], held))
    if len(known) == len(wanted) and not pc.any(differs).as_py():
        return Changes(todo=wanted.slice(0, 0), stale=pa.nulls(0, pa.string()), gone=0)
    gone = known.filter(pc.invert(pc.is_in(held_keys, value_set=wanted["key"].combine_chunks())))["key"]
    edited = wanted.filter(pc.and_not(differs, is_new))["key"]
    stale = pa.concat_arrays([gone.combine_chunks(), edited.combine_chunks()])
    return Changes(todo=wanted.filter(differs), stale=stale, gone=len(gone))


def batches(todo: pa.Table, *, rows: int, size: int) -> tuple[pa.Table, ...]:
    """The rows in pieces of at most `rows` rows and about `size` bytes of text."""
    pieces: list[pa.Table] = []
    start = taken = 0
    for position, length in enumerate(todo["bytes"].to_pylist()):
        if position > start and (position - start >= rows or taken + length > size):
            pieces.append(todo.slice(start, position - start))
            start, taken = position, 0
        taken += length
    if start < len(todo):
        pieces.append(todo.slice(start))
    return tuple(pieces)
