"""[acts] `doctor`, `serve`, `bench`: parts that only the entry point knows, called by name."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Final, Protocol, cast

import typer
from rich.text import Text

from lakehouse.base.errors import NotFound
from lakehouse.edge.cli import call as calls
from lakehouse.edge.cli import failure, fit
from lakehouse.edge.cli.opening import is_lake

SIGNS: Final = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "bad": ("✗", "bold red")}


Serve = Callable[[Path, str | None, int | None], None]
"""Serves a lake on a host and a port, each None for what the settings say, until it is stopped."""


class Finding(Protocol):
    """What the doctor says of one thing."""

    name: str
    status: str
    detail: str
    hint: str


def doctor(
    context: typer.Context,
    *,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what cannot lose anything.")] = False,
) -> None:
    """Look the machine and the lake over; exit code 1 when something is bad."""
    call = calls.of(context)
    if not is_lake(call.root):
        raise NotFound(f"there is no lake in {call.root}", hint=f"lakehouse init {call.root}")
    examine = cast(Callable[..., Iterable[Finding]], call.plugged("doctor"))
    findings = list(examine(call.root, fix=fix))
    for found in findings:
        if call.json:
            call.emit({n: getattr(found, n) for n in ("name", "status", "detail", "hint")})
        elif not call.quiet or found.status != "ok":
            sign, style = SIGNS[found.status]
            line = Text.assemble((f"{sign} ", style), (f"{found.name:<12}", "bold"), fit.clean(found.detail))
            call.out.print(line.append(f"\n    fix  {fit.clean(found.hint)}" if found.hint else "", "dim"))
    bad = sum(found.status == "bad" for found in findings)
    call.say(
        f"{bad} bad" if bad else "all is well" if all(f.status == "ok" for f in findings) else "nothing bad"
    )
    raise typer.Exit(failure.FAILED if bad else 0)


def serve(
    context: typer.Context,
    *,
    host: Annotated[str | None, typer.Option(help="Else 127.0.0.1; any other needs a token.")] = None,
    port: Annotated[int | None, typer.Option(help="Else 3110; 0 takes a free one.")] = None,
) -> None:
    """Open the HTTP door on this machine, until Ctrl-C."""
    call = calls.of(context)
    if not is_lake(call.root):
        raise NotFound(f"there is no lake in {call.root}", hint=f"lakehouse init {call.root}")
    run = cast(Serve, call.plugged("serve"))
    run(call.root, host, port)


def bench(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="Else all measures.")] = None,
    *,
    quick: Annotated[bool, typer.Option("--quick", help="Small sizes, few samples.")] = False,
) -> None:
    """Measure speed and memory beside named peers, in the same run; a missed target is shown as missed."""
    call = calls.of(context)
    main = cast(Callable[..., int], call.plugged("bench"))
    raise typer.Exit(main(names or (), json=call.json, quick=quick, root=None))
