"""[acts] `lakehouse index promote`, `rollback`, `drop`: which generation serves, or whether any does."""

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
from lakehouse.edge.cli.search.index import Name
from lakehouse.lake.facade import Pointer


def promote(
    context: typer.Context,
    name: Name,
    generation: Annotated[int, typer.Argument(metavar="GEN", help="Its number; see lakehouse index show.")],
    *,
    override: Annotated[bool, typer.Option("--override", help="Although it finds too little.")] = False,
    note: Annotated[str, typer.Option(help="Why; kept with the promotion.")] = "",
) -> None:
    """Let a generation serve; searches that are under way end on the one they began with."""
    call = calls.of(context)
    with opened(call) as lake:
        pointer = lake.index.promote(name, generation, note=note, override=override)
    _said(call, name, pointer)


def rollback(context: typer.Context, name: Name) -> None:
    """Let the generation before the serving one serve again; before the first, searches are exact."""
    call = calls.of(context)
    with opened(call) as lake:
        pointer = lake.index.rollback(name)
    _said(call, name, pointer)


def drop(
    context: typer.Context,
    name: Name,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Forget an index and its vectors; the table behind it stays.

    Asks first on a terminal; anywhere else it needs --yes.
    """
    call = calls.of(context)
    with opened(call) as lake:
        info = lake.index.show(name)
        if not yes and not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise Refused(
                f"nobody was asked whether to drop {info.name}",
                hint=f"lakehouse index drop {info.name} --yes",
            )
        if not yes:
            typer.confirm(f"Drop {info.name} with {info.vectors:,} vectors?", abort=True, err=True)
        lake.index.drop(name)
    if call.json:
        call.emit({"name": info.name, "dropped": True, "vectors": info.vectors})
    else:
        _done(call, f"{info.name} dropped; {info.table} stays")


def _said(call: Call, name: str, pointer: Pointer) -> None:
    if call.json:
        call.emit({"name": name, **asdict(pointer)})
        return
    now = pointer.current
    if now is None:
        _done(call, f"{name}: no generation serves, searches look at every passage")
    else:
        _done(call, f"{name}: generation {now.generation} serves, recall@10 {now.recall:.3f}")


def _done(call: Call, said: str) -> None:
    if not call.quiet:
        call.out.print(Text.assemble(("✓ ", "bold green"), fit.clean(said)))
