"""[acts] `lakehouse matrix downgrade` and `relevance`: how much context a model gets, and which."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from lakehouse.base.errors import Invalid
from lakehouse.edge.cli import call as calls
from lakehouse.edge.cli import fit
from lakehouse.edge.cli.opening import opened
from lakehouse.matrix.adjacency import Chunk, Focus
from lakehouse.matrix.downgrade import Mode, Request

LARGEST = 4 << 20
"""Bytes of a file whose relevance is judged."""


def downgrade(
    context: typer.Context,
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Such as qwen3:8b.")],
    *,
    mode: Annotated[Mode, typer.Option(help="That is wanted.")] = "composed",
    force_mode: Annotated[Mode | None, typer.Option(help="Kept, whatever the evidence.")] = None,
    full_context: Annotated[bool, typer.Option("--full-context", help="This once, as wanted.")] = False,
) -> None:
    """Decide how much context a model gets: strong ones less, until audited pairs prove that more helps."""
    call = calls.of(context)
    asked = Request(model=model, mode=mode, force_mode=force_mode, full_context=full_context)
    with opened(call) as lake:
        made = lake.matrix.downgrade(asked)
    if call.json:
        call.emit(asdict(made))
        return
    down = f" (downgraded from {made.downgraded_from})" if made.downgraded_from else ""
    call.out.print(Text.assemble((made.mode, "bold"), down, f"  {made.tier} model"), soft_wrap=True)
    call.out.print(Text(fit.clean(made.reason), "dim"))


def relevance(
    context: typer.Context,
    focus: Annotated[Path, typer.Argument(metavar="FILE", help="That a question is about.")],
    passages: Annotated[list[Path], typer.Argument(metavar="PASSAGE…", help="Files that were found.")],
    *,
    threshold: Annotated[float, typer.Option(help="Below it a passage is dropped.")] = 0.3,
) -> None:
    """Which passages are about a file of code, and which only lie beside it; not for prose about people."""
    call = calls.of(context)
    chunks = [Chunk(id=str(path), text=_text(path), path=path.as_posix()) for path in passages]
    about = Focus(path=focus.as_posix(), text=_text(focus))
    with opened(call) as lake:
        judged = lake.matrix.relevance(about, chunks, threshold=threshold)
    if call.json:
        call.emit(asdict(judged))
        return
    for one in (*judged.kept, *judged.dropped):
        sign = ("✓", "green") if one.is_kept else ("·", "dim")
        line = Text.assemble(sign, f" {one.score:+.2f}  ", (fit.clean(one.id), "bold"))
        call.out.print(line, soft_wrap=True)
        if one.reasons:
            call.out.print(Text(f"         {fit.clean('; '.join(one.reasons))}", "dim"), soft_wrap=True)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise Invalid(f"{path} is larger than {LARGEST >> 20} MiB", hint="name a part of it")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"cannot read {path}", hint="check the path; the text is UTF-8") from error
