"""[acts] From a plan to a snapshot: the schema that rows are written for, and the commit that brings them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pyiceberg.schema import Schema
from pyiceberg.table.update import SetPropertiesUpdate

from lakehouse.base.duck import quote_text
from lakehouse.ingest.plan import Plan
from lakehouse.ingest.shape import InspectedColumn
from lakehouse.table import card
from lakehouse.table.card import Card, ColumnCard
from lakehouse.table.catalog import Catalog, Change
from lakehouse.table.evolve import AddColumn, ColumnStep, WidenColumn, evolve, evolved, replaced
from lakehouse.table.heads import Head
from lakehouse.table.names import TableName, quoted
from lakehouse.table.schema import field_ids, new_schema
from lakehouse.table.writer import Batch, Writer, require_alike

INGEST_ID: Final = "lakehouse.ingest-id"
"""Says in a snapshot's summary which ingest it came from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A table as one ingest means to leave it."""

    name: TableName
    head: Head | None
    """None: it is not there yet."""

    schema: Schema
    """With the field ids that the staged files carry."""

    card: Card


def target(
    catalog: Catalog, name: TableName, head: Head | None, planned: Plan, seen: Sequence[InspectedColumn]
) -> Target:
    """The schema and card that a plan leads to; nothing is written."""
    if head is None:
        schema = new_schema(planned.columns)
    elif planned.action == "replace":
        schema = replaced(head, planned.columns)
    else:
        schema = evolved(catalog, head, steps(planned))
    before = card.read(head.metadata.properties) if head else Card()
    return Target(name=name, head=head, schema=schema, card=described(before, schema, planned, seen))


def staged_ids(wanted: Target, planned: Plan) -> str:
    """The field ids that staged files carry, of the file's own columns, as DuckDB's option FIELD_IDS."""
    return field_ids(wanted.schema.select(*(c.name for c in planned.columns)))


def steps(planned: Plan) -> tuple[ColumnStep, ...]:
    """The column changes that a plan asks of its table."""
    found: list[ColumnStep] = []
    for change in planned.changes:
        if change.kind == "add":
            found.append(AddColumn(name=change.column, type=change.after))
        elif change.kind == "widen":
            found.append(WidenColumn(name=change.column, type=change.after))
    return tuple(found)


def described(before: Card, schema: Schema, planned: Plan, seen: Sequence[InspectedColumn]) -> Card:
    """The card with what the file taught about its columns; what people wrote stays."""
    columns = dict(before.columns)
    for stored, found in zip(planned.columns, seen, strict=True):
        field = schema.find_field(stored.name, case_sensitive=False)
        known = columns.get(str(field.field_id), ColumnCard())
        if found.pii and not known.pii:
            columns[str(field.field_id)] = replace(known, pii=found.pii.kind, evidence=found.pii.reason)
    has_pii = any(c.pii for c in columns.values())
    sensitivity = (
        "confidential" if has_pii and before.sensitivity in {"public", "internal"} else before.sensitivity
    )
    return replace(before, columns=columns, sensitivity=sensitivity, key=planned.key or before.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a commit came to."""

    head: Head
    gave_way: int = 0
    """Rows that a later one of the same file with the same key replaced."""

    is_unchanged: bool = False
    """Did the table hold every row already?"""

    @property
    def note(self) -> str:
        """What a person should know besides."""
        what = "1 row" if self.gave_way == 1 else f"{self.gave_way:,} rows"
        doubles = f"{what} gave way to later ones with the same key" if self.gave_way else ""
        same = "the table held these rows already" if self.is_unchanged else ""
        return "; ".join(filter(None, (doubles, same)))


def publish(
    catalog: Catalog,
    writer: Writer,
    planned: Plan,
    wanted: Target,
    *,
    files: Sequence[Path],
    summary: Mapping[str, str],
) -> Published:
    """Commit staged files as the plan says, schema and card with them."""
    before = card.write(card.read(wanted.head.metadata.properties)) if wanted.head else {}
    properties = {k: v for k, v in card.write(wanted.card).items() if before.get(k) != v}
    doubles = _doubles(writer, files, planned)
    if doubles and planned.action != "upsert":
        files = _last_of_each(writer, files, planned, wanted)
    batch = Batch(
        files=tuple(files),
        summary=dict(summary),
        schema=wanted.schema,
        properties=properties,
        base=wanted.head,
    )
    if planned.action == "create":
        catalog.pointers.create_namespace(wanted.name.namespace)
        metadata = catalog.stage_create(wanted.name, wanted.schema, properties=properties)
        return Published(head=writer.create(wanted.name, metadata, batch), gave_way=doubles)
    if planned.action == "replace":
        return Published(head=writer.replace(wanted.name, batch), gave_way=doubles)
    if planned.action == "append" or not files:
        head = writer.append(wanted.name, batch)
        return Published(head=head, is_unchanged=not _is_of(head, summary))
    if wanted.head:
        require_alike(wanted.head, catalog.head(wanted.name))
    evolve(catalog, wanted.name, steps(planned))
    if properties:
        update = SetPropertiesUpdate(updates=properties)
        catalog.commit((Change(name=wanted.name, requirements=(), updates=(update,)),))
    given = [c.name for c in planned.columns]
    written = writer.upsert(wanted.name, batch, given=given, key=planned.key)
    return Published(head=written.head, gave_way=doubles, is_unchanged=not written.rows)


def _is_of(head: Head, summary: Mapping[str, str]) -> bool:
    """Did the ingest with this summary commit this state?"""
    snapshot = head.metadata.current_snapshot()
    given = snapshot.summary if snapshot else None
    return given is not None and given.get(INGEST_ID) == summary[INGEST_ID]


def _doubles(writer: Writer, files: Sequence[Path], planned: Plan) -> int:
    """How many staged rows have the key of a later one."""
    if not planned.key or not files or planned.action == "append":
        return 0
    key = ", ".join(map(quoted, planned.key))
    relation = _staged(files)
    return writer.run(
        [f"SELECT count(*) - (SELECT count(*) FROM (SELECT DISTINCT {key} FROM {relation})) FROM {relation}"]
    )


def _last_of_each(writer: Writer, files: Sequence[Path], planned: Plan, wanted: Target) -> tuple[Path, ...]:
    """One staged file with the last row of each key, in the order of the source."""
    names = [c.name for c in planned.columns]
    place = quoted(max(names, key=len) + "_")  # no column has this name
    out = files[0].with_name("distinct.parquet")
    key = ", ".join(map(quoted, planned.key))
    placed = f"SELECT *, row_number() OVER () AS {place} FROM {_staged(files)}"
    last = f"row_number() OVER (PARTITION BY {key} ORDER BY {place} DESC) = 1"
    latest = f"SELECT * FROM ({placed}) QUALIFY {last}"
    select = f"SELECT {', '.join(map(quoted, names))} FROM ({latest}) ORDER BY {place}"
    options = f"FORMAT parquet, COMPRESSION zstd, FIELD_IDS {staged_ids(wanted, planned)}"
    writer.run([f"COPY ({select}) TO {quote_text(str(out))} ({options})"])
    return (out,)


def _staged(files: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(quote_text(str(f)) for f in files)}])"
