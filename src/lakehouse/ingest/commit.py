"""[acts] From a plan to a snapshot: the schema that rows are written for, and the commit that brings them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pyiceberg.schema import Schema

from lakehouse.ingest.plan import Plan
from lakehouse.ingest.shape import InspectedColumn
from lakehouse.table import card
from lakehouse.table.card import Card, ColumnCard
from lakehouse.table.catalog import Catalog
from lakehouse.table.evolve import AddColumn, ColumnStep, WidenColumn, evolve, evolved, replaced
from lakehouse.table.heads import Head
from lakehouse.table.names import TableName
from lakehouse.table.schema import new_schema
from lakehouse.table.writer import Batch, Writer


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


def publish(
    catalog: Catalog,
    writer: Writer,
    planned: Plan,
    wanted: Target,
    *,
    files: Sequence[Path],
    summary: Mapping[str, str],
) -> Head:
    """Commit staged files as the plan says, schema and card with them."""
    before = card.write(card.read(wanted.head.metadata.properties)) if wanted.head else {}
    properties = {k: v for k, v in card.write(wanted.card).items() if before.get(k) != v}
    batch = Batch(files=tuple(files), summary=dict(summary), schema=wanted.schema, properties=properties)
    if planned.action == "create":
        catalog.pointers.create_namespace(wanted.name.namespace)
        metadata = catalog.stage_create(wanted.name, wanted.schema, properties=properties)
        if not planned.key:
            return writer.create(wanted.name, metadata, batch)
        catalog.create(wanted.name, metadata)
    elif planned.action == "append":
        return writer.append(wanted.name, batch)
    elif planned.action == "replace":
        return writer.replace(wanted.name, batch)
    else:
        evolve(catalog, wanted.name, steps(planned))
    given = [c.name for c in planned.columns]
    return writer.upsert(wanted.name, batch, given=given, key=planned.key).head
