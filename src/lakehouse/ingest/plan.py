"""[pure] What an ingest will do to a table: decided before anything is written, shown by --dry-run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from lakehouse.base.errors import Invalid
from lakehouse.table.schema import Column, ColumnChange, diff

Mode = Literal["append", "replace", "upsert"]
MODES: tuple[Mode, ...] = ("append", "replace", "upsert")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a person asked for."""

    table: str | None = None
    """None: named after the file."""

    key: tuple[str, ...] = ()
    mode: str | None = None
    """None: upsert with a key, else append."""

    types: Mapping[str, str] = field(default_factory=dict)
    dry_run: bool = False
    label: str | None = None
    """What the only source is called in reports and history; None: as it was named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One column of the file, as it was seen."""

    name: str
    type: str
    is_empty: bool = False
    """No value at all: fits any column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will happen, and why."""

    action: Literal["create", "append", "replace", "upsert"]
    columns: tuple[Column, ...]
    """One for each column of the file, in its order: the table's name for it, and the type to store."""

    changes: tuple[ColumnChange, ...] = ()
    key: tuple[str, ...] = ()


def decide(request: Request, found: Sequence[Found], *, table: Sequence[Column] | None, name: str) -> Plan:
    """The plan for a file with the columns `found` and a table with the columns `table` (None: not there).

    Raises:
        Invalid: the mode is unknown or lacks a key, a key or typed column is not in the file, or the file
            would break the table; the message is the difference, column by column.
    """
    mode = mode_of(request)
    names = {f.name.casefold(): f.name for f in found}
    for wanted in (*request.key, *request.types):
        if wanted.casefold() not in names:
            hint = f"its columns: {', '.join(f.name for f in found)[:200]}"
            raise Invalid(f"the file has no column {wanted[:60]!r}", hint=hint)
    key = tuple(names[k.casefold()] for k in request.key)
    given = tuple(Column(name=f.name, type=_wanted(f, request.types)) for f in found)
    if table is None:
        return Plan(action="create", columns=given, key=key)
    if mode == "replace":
        return Plan(action="replace", columns=given, changes=_replacing(table, given), key=key)
    return _joining(mode, request, found, table=table, name=name)


def mode_of(request: Request) -> Mode:
    """The mode that a request means.

    Raises:
        Invalid: it is unknown, or is upsert without a key.
    """
    mode = request.mode or ("upsert" if request.key else "append")
    known = next((m for m in MODES if m == mode), None)
    if known is None:
        raise Invalid(f"no mode {mode[:40]!r}", hint="use --mode append, replace or upsert")
    if known == "upsert" and not request.key:
        raise Invalid("upsert needs to know what identifies a row", hint="add --key COLUMN")
    return known


def _joining(
    mode: Mode, request: Request, found: Sequence[Found], *, table: Sequence[Column], name: str
) -> Plan:
    known = {c.name.casefold(): c for c in table}
    columns = tuple(_as_stored(f, known.get(f.name.casefold()), request.types) for f in found)
    changes = diff(table, columns)
    breaks = [c for c in changes if c.kind == "break"]
    if breaks:
        listed = "; ".join(str(c) for c in breaks)
        typed = f"--types {breaks[0].column}={breaks[0].before}"
        hint = f"{typed} rejects the rows that do not fit; --mode replace starts anew"
        raise Invalid(f"the file does not fit {name}: {listed}", hint=hint, table=name)
    stored = {c.name.casefold(): c for c in columns}
    key = tuple(stored[k.casefold()].name for k in request.key)
    return Plan(action="upsert" if mode == "upsert" else "append", columns=columns, changes=changes, key=key)


def _as_stored(found: Found, known: Column | None, types: Mapping[str, str]) -> Column:
    """The file's column under the table's name, in the table's type where its values fit that."""
    wanted = _wanted(found, types)
    if known is None:
        return Column(name=found.name, type=wanted)
    alone = (Column(name=known.name, type=wanted),)
    fits = found.is_empty or not diff((known,), alone)
    return Column(name=known.name, type=known.type if fits else wanted)


def _wanted(found: Found, types: Mapping[str, str]) -> str:
    return next((t for c, t in types.items() if c.casefold() == found.name.casefold()), found.type)


def _replacing(table: Sequence[Column], given: Sequence[Column]) -> tuple[ColumnChange, ...]:
    """What a replacement changes in the columns; nothing of it is a break, since no old file is read on."""
    changes = diff(table, given)
    return tuple(
        ColumnChange(kind="widen", column=c.column, before=c.before, after=c.after)
        if c.kind == "break"
        else c
        for c in changes
    )
