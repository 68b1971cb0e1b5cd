"""[acts] `lakehouse playbook record`: a success that no search showed, or a file of them."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.text import Text

from lakehouse.base.errors import Invalid
from lakehouse.edge.cli import call as calls
from lakehouse.edge.cli import failure, fit, words
from lakehouse.edge.cli.call import Call
from lakehouse.edge.cli.learn.feedback import Source, said
from lakehouse.edge.cli.opening import opened
from lakehouse.lake.successes import Recorded

HINT: Final = "one JSON object a line: query_text, answer_id, answer_corpus, score, source"


def record(
    context: typer.Context,
    question: Annotated[str | None, typer.Argument(metavar="QUESTION", show_default=False)] = None,
    row: Annotated[
        str | None,
        typer.Argument(metavar="CORPUS/KEY", help="The row that answers it.", show_default=False),
    ] = None,
    *,
    score: Annotated[float, typer.Option(min=0, max=1, help="0 (wrong) to 1 (right).")] = 1.0,
    source: Source = "",
    role: Annotated[str, typer.Option(help="Of who asked; kept with it.")] = "",
    tags: Annotated[str | None, typer.Option(metavar="TAG,…", help="Kept with it.")] = None,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="Many, a JSON object a line; - is stdin.")
    ] = None,
) -> None:
    """Tell that a row answers a question; the same again adds nothing, another score replaces the first.

    Exit code 3 when some of a file were refused.
    """
    call = calls.of(context)
    if (file is None) == (question is None or row is None):
        raise typer.BadParameter("say QUESTION and CORPUS/KEY, or -f FILE", param_hint="QUESTION")
    if file is not None:
        _many(call, _read(file))
        return
    corpus, sign, key = str(row).partition("/")
    if not sign:
        raise typer.BadParameter("a row is CORPUS/KEY, such as resumes/17", param_hint="CORPUS/KEY")
    with opened(call) as lake:
        told = lake.playbook.record(
            str(question), key, answer_corpus=corpus, score=score, source=source, role=role,
            tags=words.names(tags),
        )  # fmt: skip
    if call.json:
        call.emit(asdict(told))
    else:
        said(call, told)


def document(one: Recorded) -> dict[str, object]:
    """One of many, as JSON."""
    problem = one.problem
    told = asdict(one.told) if one.told else None
    error = {"kind": problem.kind, "detail": problem.message, "hint": problem.hint} if problem else None
    return {"told": told, "error": error}


def _many(call: Call, given: Sequence[Mapping[str, object]]) -> None:
    with opened(call) as lake:
        done = lake.playbook.record_many(given)
    refused = [(n, one.problem) for n, one in enumerate(done, 1) if one.problem]
    new = sum(one.told is not None and one.told.is_new for one in done)
    if call.json:
        call.emit([document(one) for one in done])
    elif not call.quiet:
        known = len(done) - len(refused) - new
        line = f"{new:,} success{'' if new == 1 else 'es'}"
        call.out.print(f"{line} recorded, {known} known already, {len(refused)} refused")
        for n, problem in refused:
            call.say(Text.assemble(("! ", "yellow"), fit.clean(f"line {n}: {problem.message}")))
    raise typer.Exit(failure.PARTLY if refused else 0)


def _read(file: Path) -> list[Mapping[str, object]]:
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"cannot read {file}", hint="check the path; the text is UTF-8") from error
    return [_object(line, n) for n, line in enumerate(text.splitlines(), 1) if line.strip()]


def _object(line: str, number: int) -> Mapping[str, object]:
    try:
        given = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"line {number} is not JSON", hint=HINT) from error
    if not isinstance(given, dict):
        raise Invalid(f"line {number} is not a JSON object", hint=HINT)
    return given
