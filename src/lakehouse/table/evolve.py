"""[acts] Schema evolution: add, rename, widen, drop; a change that breaks old files is refused."""

from collections.abc import Sequence
from dataclasses import dataclass

from pyiceberg.catalog.noop import NoopCatalog
from pyiceberg.exceptions import ValidationError
from pyiceberg.table import Table, Transaction
from pyiceberg.table.update import TableUpdate
from pyiceberg.table.update.schema import UpdateSchema

from lakehouse.base.errors import Conflict, Invalid
from lakehouse.table.catalog import Catalog, Change
from lakehouse.table.heads import Head
from lakehouse.table.names import TableName
from lakehouse.table.rows import checked
from lakehouse.table.schema import columns_of, iceberg_type
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


def schema_updates(catalog: Catalog, head: Head, steps: Sequence[ColumnStep]) -> tuple[TableUpdate, ...]:
    """The updates that carry out `steps`, for a commit that does more than that."""
    return tuple(_planned(catalog, head, steps)._commit()[0])


def _planned(catalog: Catalog, head: Head, steps: Sequence[ColumnStep]) -> UpdateSchema:
    identifier = (head.name.namespace, head.name.table)
    table = Table(identifier, head.metadata, head.location, catalog.io, NoopCatalog("plan"))
    update = UpdateSchema(Transaction(table), case_sensitive=False)
    columns = columns_of(head.metadata.schema())
    for step in steps:
        try:
            _apply(update, step, None if isinstance(step, AddColumn) else checked(columns, step.name).name)
        except (ValueError, ValidationError) as error:
            hint = "only INTEGER to BIGINT, FLOAT to DOUBLE and longer DECIMALs can change in place; or --mode replace"
            raise Invalid(
                f"{head.name} cannot change that way: {error}", hint=hint, table=str(head.name)
            ) from error
    return update


def _apply(update: UpdateSchema, step: ColumnStep, known: str | None) -> None:
    # Paths are tuples: a dot in a column's name is a character, not a way into a struct.
    match step:
        case AddColumn():
            update.add_column((step.name,), iceberg_type(step.type), doc=step.doc or None)
        case RenameColumn():
            update.rename_column((str(known),), step.to)
        case WidenColumn():
            update.update_column((str(known),), iceberg_type(step.type))
        case DropColumn():
            update.delete_column((str(known),))
