"""[acts] `lakehouse playbook distrust`, `trust`, `retire`, `restore`, `rollback`: what undoes learning."""

from typing import Annotated

import typer
from rich.text import Text

from lakehouse.edge.cli import call as calls
from lakehouse.edge.cli import fit
from lakehouse.edge.cli.learn.playbook import Reason
from lakehouse.edge.cli.opening import opened

Name = Annotated[str, typer.Argument(metavar="SOURCE", help="As lakehouse playbook stats lists it.")]
Row = Annotated[str, typer.Argument(metavar="CORPUS/KEY", help="Such as resumes/1042.")]


def distrust(context: typer.Context, source: Name, *, reason: Reason = "") -> None:
    """Let everything that a source says count for nothing, also what it said before."""
    _control(context, "distrust", source, f"{source} counts for nothing, in hindsight too", reason=reason)


def trust(context: typer.Context, source: Name, *, reason: Reason = "") -> None:
    """Let audits decide again what a source counts for."""
    _control(context, "trust", source, f"{source} is judged by audits again", reason=reason)


def retire(context: typer.Context, row: Row, *, reason: Reason = "") -> None:
    """Let nothing that was learned move a row; searches find it as they would without the playbook."""
    _control(context, "retire_row", row, f"nothing moves {row} any more", reason=reason)


def restore(context: typer.Context, row: Row, *, reason: Reason = "") -> None:
    """Let what was learned move a retired row again."""
    _control(context, "restore_row", row, f"{row} can be moved again", reason=reason)


def rollback(
    context: typer.Context,
    *,
    to: Annotated[
        str, typer.Option("--to", metavar="VERSION", help="lakehouse playbook history lists them.")
    ],
    reason: Reason = "",
) -> None:
    """Make the playbook what it was at a version; the events in between stay in the log.

    A rollback is a version too: going back to the one before it undoes it.
    """
    _control(context, "rollback", "", f"as it was at {to}", reason=reason, to=to)


def _control(context: typer.Context, op: str, subject: str, what: str, *, reason: str, to: str = "") -> None:
    call = calls.of(context)
    with opened(call) as lake:
        version = lake.playbook.control(op, subject, reason=reason, to=to)
    if call.json:
        call.emit({"version": version, "op": op, "subject": subject, "to": to, "reason": reason})
    elif not call.quiet:
        line = Text.assemble(("✓ ", "bold green"), fit.clean(what), (f"  version {version}", "dim"))
        call.out.print(line, soft_wrap=True)
