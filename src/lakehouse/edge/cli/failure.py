"""[acts] Errors at the terminal: what happened, why, and the one thing that fixes it; never a traceback."""

import json
import os
import sys
import time
import traceback
from typing import Final

import typer
from rich.text import Text
from typer.exceptions import TyperException

from lakehouse.base.errors import LakehouseError, problem
from lakehouse.base.ids import ulid
from lakehouse.edge.cli import fit
from lakehouse.edge.cli.call import Call

FAILED: Final = 1
PARTLY: Final = 3
"""Some of it was done, and what was not is named."""

INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141
"""The shell's own number for a program whose reader left."""

EXPECTED: Final = (LakehouseError, KeyboardInterrupt, BrokenPipeError)
ERROR_ID: Final = "error_id"
"""In an error's context: the lake keeps it under this id."""

PASSING: Final = (typer.Exit, typer.Abort, TyperException)
"""Not failures but words to Typer: usage errors are shown by it, with exit code 2."""


def report(failure: BaseException, call: Call | None) -> int:
    """Say on stderr what went wrong; the exit code that goes with it."""
    if isinstance(failure, PASSING):
        raise failure
    if isinstance(failure, BrokenPipeError):
        _leave_pipe()
        return PIPE_CLOSED
    call = call or Call()
    if call.debug:
        traceback.print_exception(failure)
    if isinstance(failure, KeyboardInterrupt):
        _say(call, "interrupted", why="what was acknowledged is kept, and nothing is half written")
        return INTERRUPTED
    error_id = noted(failure)
    if call.json:
        print(json.dumps(body(failure, error_id=error_id), ensure_ascii=False), file=sys.stderr)
    elif isinstance(failure, LakehouseError):
        _say(call, failure.message, kind=failure.kind, fix=failure.hint, error_id=error_id)
    else:
        given = body(failure, error_id=error_id)
        _say(call, str(given["detail"]), kind="Fault", fix=str(given["hint"]), error_id=error_id)
    return FAILED


def noted(failure: BaseException) -> str:
    """The id of a failure: the one under which the lake has it in system.errors, else a new one."""
    known = failure.context.get(ERROR_ID) if isinstance(failure, LakehouseError) else None
    return str(known or ulid(time.time_ns() // 1_000_000))


def body(failure: BaseException, *, error_id: str) -> dict[str, object]:
    """The problem document of a failure; of a fault of ours only its type and place, never a value."""
    if isinstance(failure, LakehouseError):
        return problem(failure, error_id=error_id)
    place = traceback.extract_tb(failure.__traceback__)[-1:]
    where = "".join(f" in {os.path.basename(p.filename)} line {p.lineno}" for p in place)  # noqa: PTH119 - not a path here
    return {
        "type": "about:blank",
        "title": "A fault in Lakehouse",
        "status": 500,
        "detail": f"a fault in lakehouse itself: {type(failure).__name__}{where}",
        "kind": "Fault",
        "hint": "run it again with --debug and report what it prints",
        "error_id": error_id,
        "retry": False,
    }


def _say(call: Call, what: str, *, kind: str = "", why: str = "", fix: str = "", error_id: str = "") -> None:
    lines = Text.assemble(("✗ ", "bold red"), (_harmless(what), "bold"))
    if why:
        lines.append(f"\n  {why}")
    if fix:
        lines.append("\n  fix  ", "dim").append(_harmless(fix))
    if error_id:
        lines.append(f"\n  {kind} · error {error_id}", "dim")
    call.err.print(lines)


def _harmless(message: str) -> str:
    # A message quotes what people and files said, which no terminal must obey.
    return "\n".join(fit.clean(line) for line in message.splitlines())


def _leave_pipe() -> None:
    # The interpreter flushes stdout as it ends: into nothing, or it would complain there.
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        return
