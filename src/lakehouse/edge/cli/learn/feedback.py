"""[acts] `lakehouse feedback`: what became of a hit, told by whoever knows."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.text import Text

from lakehouse.edge.cli import call as calls
from lakehouse.edge.cli import fit
from lakehouse.edge.cli.call import Call
from lakehouse.edge.cli.opening import opened
from lakehouse.lake.facade import Told
from lakehouse.matrix.playbook.events import OutcomeKind

Source = Annotated[str, typer.Option(metavar="NAME", help="Who says so; trust is kept by source.")]


def feedback(
    context: typer.Context,
    search_id: Annotated[str, typer.Argument(metavar="SEARCH_ID", help="Of the answer of a search.")],
    doc_id: Annotated[str, typer.Argument(metavar="DOC_ID", help="Of the hit.")],
    *,
    outcome: Annotated[OutcomeKind, typer.Option(help="What became of it.")],
    source: Source = "",
    corpus: Annotated[str, typer.Option("--corpus", "-c", help="Where several showed this id.")] = "",
    value: Annotated[
        float | None, typer.Option(min=0, max=1, help="0 (wrong) to 1 (right); judged needs it.")
    ] = None,
    audit: Annotated[
        bool, typer.Option("--audit", help="Told by somebody who was asked at random: teaches trust.")
    ] = False,
) -> None:
    """Say what became of a hit; later searches like that one listen to it."""
    call = calls.of(context)
    with opened(call) as lake:
        told = lake.feedback(
            search_id, doc_id, outcome=outcome, source=source, corpus=corpus, value=value, audit=audit
        )
    if call.json:
        call.emit(asdict(told))
    else:
        said(call, told)
        call.onward("playbook why 'the question'")


def said(call: Call, told: Told) -> None:
    """One line about what was kept."""
    if call.quiet:
        return
    at = f", shown at rank {told.rank}" if told.rank else ""
    known = "" if told.is_new else "; it was known, nothing was added"
    by = f" by {told.source} (counts {told.trust:.2f})" if told.source else f" (counts {told.trust:.2f})"
    line = f"{told.corpus}/{told.doc_id} {told.outcome}{by}{at}{known}"
    call.out.print(Text.assemble(("✓ ", "bold green"), fit.clean(line)), soft_wrap=True)


def prefix(call: Call) -> str:
    """The program, on this lake, as one types it."""
    return call.program
