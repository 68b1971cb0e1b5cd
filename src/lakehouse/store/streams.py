"""[pure] The event streams and their columns: what `SELECT * FROM system.<stream>` shows.

A record is any JSON object. Fields that its stream declares, with values of the declared type, become
columns; whatever else a record carries is kept in the column `extra`, so nothing is refused or lost.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, Union

from lakehouse.base.errors import Invalid

Json: TypeAlias = Union[bool, int, float, str, Sequence["Json"], Mapping[str, "Json"], None]  # noqa: UP007 - a string is no operand of |

ColumnType = Literal["string", "bigint", "double", "boolean", "json"]

RESERVED: Final = ("id", "at")
"""Fields that the journal itself gives to every record."""

EXTRA: Final = "extra"
"""The column that holds, as a JSON object, what no declared column can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSchema:
    """A stream and its declared columns, in the order in which SQL shows them."""

    name: str
    columns: tuple[tuple[str, ColumnType], ...] = ()


def declare(name: str, columns: str) -> StreamSchema:
    """A schema from text such as `"table, rows bigint"`; a name without a type is a string."""
    kinds: dict[str, ColumnType] = {
        "string": "string", "bigint": "bigint", "double": "double", "boolean": "boolean", "json": "json",
    }  # fmt: skip
    pairs = [f"{column} string".split()[:2] for column in columns.split(",")]
    return StreamSchema(name=name, columns=tuple((column, kinds[kind]) for column, kind in pairs))


STREAMS: Final[Mapping[str, StreamSchema]] = {
    schema.name: schema
    for schema in (
        declare(
            "ingests",
            "ingest_id, source, table_name, status, sha256, rows_read bigint, rows bigint, rejected bigint,"
            "snapshot_id bigint, mode, reason, elapsed_ms double",
        ),
        declare("rejected", "ingest_id, source, table_name, line bigint, column_name, reason, kind, raw"),
        declare(
            "queries",
            "query_id, sql_sha256, tables json, rows bigint, elapsed_ms double, status, error_kind",
        ),
        declare("errors", "error_id, kind, where, message, hint, request_id"),
        declare(
            "maintenance",
            "table_name, action, reason, files_before bigint, files_after bigint, rows bigint,"
            "elapsed_ms double",
        ),
        declare("quarantine", "source, sha256, reason, kept_as"),
        declare(
            "trials",
            "index_name, generation bigint, recall double, recall_worst double, recall_low double,"
            "recall_high double, k bigint, queries bigint, eval_set, p50_ms double, p95_ms double,"
            "p99_ms double, build_s double, bytes bigint, config json, seed bigint",
        ),
        declare("evals", "index_name, eval_set, questions json"),
        declare(
            "searches",
            "search_id, query, corpora json, k bigint, condition, hits json, rows bigint, elapsed_ms double,"
            "shown json, model, keys json, learning json",
        ),
        declare(
            "outcomes",
            "event_id, search_id, corpus, doc_id, outcome, value double, source, rank bigint, audit boolean,"
            "at_ms bigint, search json",
        ),
        declare("corpora", "event_id, op, name, card json"),
        declare("downgrades", "model, tier, mode, wanted, downgraded_from, reason, difference double"),
        declare(
            "lift",
            "run_id, set_name, kind, user_kind, arm, class, needs bigint, base double, ndcg double,"
            "lift double, low double, high double, p double, hurt double, helped double, success_1 double,"
            "recall_100 double",
        ),
        declare("jobs", "job_id, kind, subject, state, phase, done bigint, total bigint, error"),
        declare(
            "pathway",
            "event_id, seq bigint, event, uid, predecessor_uid, pathway_id, tags json, content json,"
            "succeeded boolean, reason, at_ms bigint",
        ),
        declare(
            "playbook",
            "event_id, seq bigint, op, entry_id, section, content, scope json, evidence json, doc_refs json,"
            "status, source, call_id, helpful boolean, difference double, rule, subject, to, reason,"
            "at_ms bigint",
        ),
    )
}


def schema_of(stream: str) -> StreamSchema:
    """The declared schema, or one without columns for a stream that nobody declared.

    Raises:
        Invalid: not a name for a stream.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", stream):
        raise Invalid(
            f"{stream[:80]!r} is not a name for a stream", hint="use a-z, 0-9 and _, such as ingests"
        )
    return STREAMS.get(stream, StreamSchema(name=stream))


def shape(record: Mapping[str, Json], schema: StreamSchema) -> dict[str, Json]:
    """The record as a row: declared columns that fit, the rest under `extra`; null is the same as absent.

    Raises:
        Invalid: the record uses a reserved field.
    """
    if taken := [name for name in RESERVED if name in record]:
        raise Invalid(f"{schema.name}: the journal sets {taken[0]!r} itself", hint=f"rename {taken[0]!r}")
    row: dict[str, Json] = {}
    extra = {name: value for name, value in record.items() if value is not None}
    for name, kind in schema.columns:
        if name in extra and _fits(extra[name], kind):
            value = extra.pop(name)
            row[name] = float(value) if kind == "double" and isinstance(value, int) else value
    if extra:
        row[EXTRA] = extra
    return row


def unshape(row: Mapping[str, Json]) -> dict[str, Json]:
    """The record that `shape` was given, with the journal's own fields first."""
    record: dict[str, Json] = {
        name: value for name, value in row.items() if name != EXTRA and value is not None
    }
    extra = row.get(EXTRA)
    if isinstance(extra, dict):
        record.update(extra)
    return record


def _fits(value: Json, kind: ColumnType) -> bool:
    match kind:
        case "string":
            return isinstance(value, str)
        case "bigint":
            return type(value) is int and -(2**63) <= value < 2**63
        case "double":
            return (type(value) is int and abs(value) <= 2**53) or (
                type(value) is float and math.isfinite(value)
            )
        case "boolean":
            return isinstance(value, bool)
        case _:
            return True
