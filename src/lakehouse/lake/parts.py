"""[acts] What a lake is made of, and what it answers with: the values behind the facade."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lakehouse.base.clock import Clock
from lakehouse.base.errors import Invalid
from lakehouse.ingest.run import Ingestor
from lakehouse.lake.asking import Asking
from lakehouse.lake.indexes import Indexes
from lakehouse.lake.keeper import Keeper
from lakehouse.lake.learning import Learning
from lakehouse.lake.matrix import LakeMatrix
from lakehouse.lake.models import Models
from lakehouse.lake.tables import LakeTables, TableInfo
from lakehouse.memory.pathway import PathwayMemory
from lakehouse.query.cache import HotCache
from lakehouse.query.duck import DuckEngine
from lakehouse.query.session import Session
from lakehouse.settings import Settings
from lakehouse.store.journal import Journal
from lakehouse.table.card import Card
from lakehouse.table.catalog import Catalog
from lakehouse.table.evolve import AddColumn, ColumnStep, DropColumn, RenameColumn, WidenColumn
from lakehouse.table.names import TableName, parse
from lakehouse.table.rest.door import Door
from lakehouse.table.schema import Column
from lakehouse.table.timeline import Version
from lakehouse.table.upkeep.background import Background
from lakehouse.table.upkeep.maintain import Maintainer
from lakehouse.table.writer import Writer, Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything a lake is made of; put together in `assembly.py`, nowhere else."""

    root: Path
    settings: Settings
    clock: Clock
    journal: Journal
    catalog: Catalog
    tables: LakeTables
    writer: Writer
    door: Door
    ingestor: Ingestor
    engine: DuckEngine
    session: Session
    cache: HotCache
    maintainer: Maintainer
    upkeep: Background
    models: Models
    indexes: Indexes
    learning: Learning
    matrix: LakeMatrix
    asking: Asking
    pathway: PathwayMemory
    keeper: Keeper
    staging: Path
    release: Callable[[], None]
    """Removes the staging folder and the hot copies, which nobody else uses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """One table in full: its facts, its card, its columns."""

    info: TableInfo
    card: Card
    columns: tuple[Column, ...]
    history: tuple[Version, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What a change to rows did."""

    table: str
    rows: int
    """Rows inserted, changed or removed; equal rows are left alone and do not count."""

    snapshot_id: int | None


def checked_text(given: object, what: str, *, hint: str) -> str:
    """`given`, if it is text.

    Raises:
        Invalid: it is anything else, as an untyped program may hand over.
    """
    if not isinstance(given, str):
        raise Invalid(f"{what} is text, not {type(given).__name__}", hint=hint)
    return given


def as_source(given: object) -> str:
    """The path that `given` is.

    Raises:
        Invalid: neither text nor a path.
    """
    if not isinstance(given, str | Path):
        raise Invalid(f"a source is a path, not {type(given).__name__}", hint='lake.ingest("people.csv")')
    return str(given)


def as_name(given: str) -> TableName:
    """The table that `given` names.

    Raises:
        Invalid: it is no text, or no name.
    """
    return parse(checked_text(given, "a table's name", hint='write "people" or "sales.people"'))


def as_key(given: str | Sequence[str] | None) -> tuple[str, ...]:
    """Key columns from `"a,b"`, a list, or nothing.

    Raises:
        Invalid: neither text nor a list of text.
    """
    parts: object = given.split(",") if isinstance(given, str) else () if given is None else given
    if not isinstance(parts, Sequence) or not all(isinstance(p, str) for p in parts):
        raise Invalid("a key is names of columns", hint='write key="id" or key=["store", "day"]')
    return tuple(p.strip() for p in parts if p.strip())


def as_types(given: Mapping[str, str] | None) -> dict[str, str]:
    """Column to type.

    Raises:
        Invalid: not a mapping of text to text.
    """
    types: object = {} if given is None else given
    if not isinstance(types, Mapping) or not all(isinstance(w, str) for pair in types.items() for w in pair):
        raise Invalid("types say which column is which type", hint='write types={"zip": "VARCHAR"}')
    return dict(types)


def changed(written: Written) -> Changed:
    """A write as the doors show it."""
    return Changed(table=str(written.head.name), rows=written.rows, snapshot_id=written.head.snapshot_id)


def full(name: TableName) -> str:
    """`namespace.table`, as queries and the cache name it."""
    return f"{name.namespace}.{name.table}"


def column_steps(
    *, add: Mapping[str, str], rename: Mapping[str, str], widen: Mapping[str, str], drop: Sequence[str]
) -> tuple[ColumnStep, ...]:
    """Changes to columns, for `Lakehouse.evolve`: name to type, old name to new, column to wider type."""
    return (
        *(AddColumn(name=name, type=kind) for name, kind in add.items()),
        *(RenameColumn(name=name, to=to) for name, to in rename.items()),
        *(WidenColumn(name=name, type=kind) for name, kind in widen.items()),
        *(DropColumn(name=name) for name in drop),
    )
