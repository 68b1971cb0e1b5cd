"""[acts] `delete`, `drop`, `rollback`, `tag`, `compact`, `rebuild`: changes, said back in figures."""

import sys
from dataclasses import asdict
from typing import Annotated

import typer
from rich.text import Text

from lakehouse.base.errors import Refused
from lakehouse.edge.cli import call as calls
from lakehouse.edge.cli import fit
from lakehouse.edge.cli.call import Call
from lakehouse.edge.cli.opening import opened
from lakehouse.edge.cli.tables import Table


def delete(
    context: typer.Context,
    table: Table,
    *,
    where: Annotated[str, typer.Option(help="A condition on the table's columns.")],
) -> None:
    """Remove the rows for which the condition holds; the history keeps them."""
    call = calls.of(context)
    with opened(call) as lake:
        done = lake.delete(table, where=where)
    _done(
        call,
        asdict(done),
        f"{fit.count(done.rows, 'row')} removed from {done.table}; lakehouse rollback brings them back",
    )


def drop(
    context: typer.Context,
    table: Table,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Forget a table; its files go after the days that history is kept.

    Asks first on a terminal; anywhere else it needs --yes.
    """
    call = calls.of(context)
    with opened(call) as lake:
        found = lake.show(table)
        name = fit.clean(table)
        if not yes and not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise Refused(f"nobody was asked whether to drop {name}", hint=f"lakehouse drop {name} --yes")
        if not yes:
            typer.confirm(f"Drop {name} with {found.info.rows:,} rows?", abort=True, err=True)
        lake.drop(table)
    _done(call, {"table": table, "dropped": True, "rows": found.info.rows}, f"{name} dropped")


def rollback(
    context: typer.Context,
    table: Table,
    *,
    to: Annotated[str, typer.Option(help="A snapshot id, a time or a tag; see lakehouse history.")],
) -> None:
    """Make a table read as it did; the versions in between stay in its history."""
    call = calls.of(context)
    with opened(call) as lake:
        done = lake.rollback(table, to=to)
        rows = lake.show(table).info.rows
    given = {"table": done.table, "rows": rows, "snapshot_id": done.snapshot_id}
    _done(call, given, f"{done.table} reads as at {fit.clean(to)}: {rows:,} rows")


def tag(
    context: typer.Context,
    table: Table,
    label: Annotated[str, typer.Argument(help="Begins with a letter.")],
    *,
    at: Annotated[str | None, typer.Option(help="A snapshot id or a time; else now.")] = None,
) -> None:
    """Give a version a name; tagged versions never expire."""
    call = calls.of(context)
    with opened(call) as lake:
        lake.tag(table, label, at=at)
    _done(call, {"table": table, "tag": label}, f"{fit.clean(table)} is tagged {fit.clean(label)}")


def compact(context: typer.Context, table: Table) -> None:
    """Fold small files, let old versions go, remove what nobody needs."""
    call = calls.of(context)
    with opened(call) as lake:
        done = lake.compact(table)
    gone = (
        f"; {done.expired} versions and {done.removed} files let go" if done.expired or done.removed else ""
    )
    said = f"{done.table}: {fit.count(done.files_before, 'file')} → {done.files_after} ({done.reason}){gone}"
    _done(call, asdict(done), said)


def rebuild(context: typer.Context) -> None:
    """Put every table that the files hold into the catalog; nothing that is there is touched."""
    call = calls.of(context)
    with opened(call) as lake:
        done = lake.rebuild()
    counts = ", ".join(f"{len(names)} {what}" for what, names in asdict(done).items())
    _done(call, asdict(done), f"tables: {counts}")
    for folder in done.shadowed:
        call.err.print(f"shadowed: {folder}: another table has its name; drop that one and rebuild again")
    for folder in done.damaged:
        call.err.print(Text(f"damaged: {folder}", "red"))
    raise typer.Exit(3 if done.damaged else 0)


def _done(call: Call, document: dict[str, object], said: str) -> None:
    if call.json:
        call.emit(document)
    elif not call.quiet:
        call.out.print(Text.assemble(("✓ ", "bold green"), fit.clean(said)))
