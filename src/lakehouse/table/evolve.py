"""[acts] Schema evolution: add, rename, widen, drop; a change that breaks old files is refused."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyiceberg.catalog.noop import NoopCatalog
from pyiceberg.exceptions import ValidationError
from pyiceberg.schema import Schema, assign_fresh_schema_ids
from pyiceberg.table import Table, Transaction
from pyiceberg.table.update.schema import UpdateSchema
from pyiceberg.types import NestedField

from lakehouse.base.errors import Conflict, Invalid
from lakehouse.table.catalog import Catalog, Change
from lakehouse.table.heads import Head
from lakehouse.table.names import TableName
from lakehouse.table.rows import checked
from lakehouse.table.schema import (
    Column,
    check_names,
    columns_of,
    duck_type,
    iceberg_type,
    is_wider,
    new_schema,
)
from lakehouse.table.snapshot import ATTEMPTS, wait


@dataclass(frozen=True, slots=True, kw_only=True)
class AddColumn:
    """A new column; rows written before read NULL."""

    name: str
    type: str
    doc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameColumn:
    """Another label for the same column; every file stays as it is."""

    name: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WidenColumn:
    """A type that holds every value of the old one: INTEGER to BIGINT, FLOAT to DOUBLE, a longer DECIMAL."""

    name: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DropColumn:
    """Hide a column; its values stay in the files, and in the history."""

    name: str


ColumnStep = AddColumn | RenameColumn | WidenColumn | DropColumn


def evolve(catalog: Catalog, name: TableName, steps: Sequence[ColumnStep]) -> Head:
    """Change a table's columns in one commit, planned again after every lost race.

    Raises:
        Invalid: a step is a break, names no column, or takes a name that is in use; nothing changed.
    """
    for attempt in range(ATTEMPTS):
        head = catalog.head(name)
        update = _planned(catalog, head, steps)
        updates, requirements = update._commit()
        if not updates:
            return head
        try:
            return catalog.commit((Change(name=name, requirements=requirements, updates=updates),))[0]
        except Conflict:
            if attempt == ATTEMPTS - 1:
                raise
            wait(attempt)
    raise AssertionError("the loop returns or raises")


def evolved(catalog: Catalog, head: Head, steps: Sequence[ColumnStep]) -> Schema:
    """The schema that `steps` lead to, for a commit that brings rows too."""
    if not steps:
        return head.metadata.schema()
    return _numbered(head, _planned(catalog, head, steps)._apply())


def replaced(head: Head, columns: Sequence[Column]) -> Schema:
    """A schema with just these columns; a name that keeps its type keeps its field id."""
    known = {c.name.casefold(): c for c in columns_of(head.metadata.schema())}
    fresh = new_schema(columns)
    next_id = itertools.count(head.metadata.last_column_id + 1)
    fields: list[NestedField] = []
    for column, field in zip(columns, fresh.fields, strict=True):
        before = known.get(column.name.casefold())
        if before and before.type == column.type:
            kept = head.metadata.schema().find_field(before.field_id)
            fields.append(kept.model_copy(update={"name": column.name}))
        else:
            fields.append(_renumbered(field, next_id))
    return _numbered(head, Schema(*fields))


def _renumbered(field: NestedField, next_id: Iterator[int]) -> NestedField:
    """A copy with new ids for the field and all fields inside it."""
    return assign_fresh_schema_ids(Schema(field), lambda: next(next_id)).fields[0]


def _numbered(head: Head, schema: Schema) -> Schema:
    """The same schema under the id it has in the table already, or else the next free one."""
    for known in head.metadata.schemas:
        if known.as_struct() == schema.as_struct():
            return known
    schema_id = max(s.schema_id for s in head.metadata.schemas) + 1
    return Schema(*schema.fields, schema_id=schema_id, identifier_field_ids=schema.identifier_field_ids)


def _planned(catalog: Catalog, head: Head, steps: Sequence[ColumnStep]) -> UpdateSchema:
    identifier = (head.name.namespace, head.name.table)
    table = Table(identifier, head.metadata, head.location, catalog.io, NoopCatalog("plan"))
    update = UpdateSchema(Transaction(table), case_sensitive=False)
    columns = columns_of(head.metadata.schema())
    try:
        for step in steps:
            _apply(update, step, columns)
        fields = update._apply().fields
    except (ValueError, ValidationError) as error:
        hint = "in place go INTEGER to BIGINT, FLOAT to DOUBLE, longer DECIMALs; or use --mode replace"
        raise Invalid(
            f"{head.name} cannot change that way: {error}", hint=hint, table=str(head.name)
        ) from error
    check_names(f.name for f in fields)
    return update


def _apply(update: UpdateSchema, step: ColumnStep, columns: Sequence[Column]) -> None:
    # Paths are tuples: a dot in a column's name is a character, not a way into a struct.
    if isinstance(step, AddColumn):
        update.add_column((step.name,), iceberg_type(step.type), doc=step.doc or None)
        return
    known = checked(columns, step.name)
    match step:
        case RenameColumn():
            update.rename_column((known.name,), step.to)
        case WidenColumn():
            wider = iceberg_type(step.type)
            if known.type != duck_type(wider) and not is_wider(known.type, duck_type(wider)):
                raise ValueError(f"{known.name} {known.type} -> {duck_type(wider)}")
            update.update_column((known.name,), wider)
        case DropColumn():
            update.delete_column((known.name,))
