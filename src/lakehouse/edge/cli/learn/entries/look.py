"""[acts] `lakehouse playbook entries`, `entry`, `choose`, `audit`: what was learned in words."""

from typing import Annotated, Final, cast

import typer
from rich.text import Text

from lakehouse.edge.cli import call as calls
from lakehouse.edge.cli import fit, grid, words
from lakehouse.edge.cli.call import Call
from lakehouse.edge.cli.grid import Head
from lakehouse.edge.cli.learn.entries import shown
from lakehouse.edge.cli.learn.entries.write import EntryId, Section
from lakehouse.edge.cli.opening import opened
from lakehouse.matrix.bullets.audit import MEASURED, Audit, Share
from lakehouse.matrix.bullets.bullet import Status

OF: Final = {
    "duplicates": "known already",
    "loops": "our own text come back",
    "leaks": "secrets or personal data",
    "without_evidence": "without evidence",
    "orders": "orders to a model",
    "retired": "retired",
    "harmful": "more votes against than for",
    "surely_harmful": "surely harmful",
    "stale": "resting on changed rows",
    "never_used": "never used",
    "unshown": "in use without evidence",
}
"""Shares of the audit, and what each is called."""


def entries(
    context: typer.Context,
    *,
    section: Section = "",
    status: Annotated[Status | None, typer.Option(help="By default all but the retired.")] = None,
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, max=1000, help="Most entries.")] = 20,
) -> None:
    """What was learned in words, the latest change first."""
    call = calls.of(context)
    with opened(call) as lake:
        found = lake.playbook.entries.ls(section=section, status=status or "", k=limit)
    if call.json:
        call.emit([one.told() for one in found])
        return
    if found:
        shown.entries(call, found)
    else:
        call.say("no entries; playbook add 'what you learned' --evidence SEARCH_ID")


def entry(context: typer.Context, entry_id: EntryId) -> None:
    """One entry in full: where it holds, what shows it, its votes and its versions."""
    call = calls.of(context)
    with opened(call) as lake:
        versions = lake.playbook.entries.history(entry_id)
    if call.json:
        call.emit({**versions[0].told(), "history": [one.told() for one in versions]})
        return
    shown.one(call, versions[0])
    call.out.print()
    heads = (Head("version", is_number=True), Head("what"), Head("status"), Head("text"), Head("reason"))
    rows = [(v.version, v.op, v.status, fit.clean(v.content), fit.clean(v.reason)) for v in versions]
    grid.rows(call.out, heads, rows)


def choose(
    context: typer.Context,
    question: Annotated[str, typer.Argument(help="What the prompt is about.")],
    *,
    scope: Annotated[
        list[str] | None, typer.Option("--scope", metavar="COL=VALUE", help="Of the question.")
    ] = None,
    made: Annotated[str, typer.Option("--call", metavar="ID", help="Of the call that gets them.")] = "",
    k: Annotated[int | None, typer.Option("-k", min=1, max=2, help="Most entries.")] = None,
) -> None:
    """The one or two entries that a prompt should get, as text; without --call nothing is recorded."""
    call = calls.of(context)
    with opened(call) as lake:
        found = lake.playbook.entries.choose(question, facets=words.docs(scope), call_id=made, k=k)
    if call.json:
        call.emit(found.told())
        return
    if found.text:
        call.out.print(Text(found.text), soft_wrap=True)
    else:
        call.say("no entry fits this question")
    for entry_id, why in found.left_out:
        call.say(Text(fit.clean(f"not {entry_id}: {why}"), "dim"))


def audit(context: typer.Context) -> None:
    """How healthy the entries are, what stayed out within a month, and how well that works."""
    call = calls.of(context)
    with opened(call) as lake:
        found = lake.playbook.entries.audit()
    if call.json:
        call.emit(found.told())
    else:
        _audit(call, found)


def _audit(call: Call, found: Audit) -> None:
    outcomes = [(f"candidates: {name}", *_share(share)) for name, share in found.outcomes.items()]
    shares = [(what, *_share(cast(Share | None, getattr(found, name)))) for name, what in OF.items()]
    states = [
        (f"entries: {name}", f"{count:,}", f"{found.entries:,}", "") for name, count in found.statuses.items()
    ]
    numbers = [Head(name, is_number=True) for name in ("count", "of", "rate")]
    grid.rows(call.out, (Head(""), *numbers), [*outcomes, *shares[:5], *states, *shares[5:]])
    for count, what in ((found.damaged, "damaged lines"), (found.unknown, "unknown records")):
        if count:
            call.say(Text.assemble(("! ", "yellow"), f"{count:,} {what} were skipped"))
    kinds = tuple(dict.fromkeys(kind for figures in MEASURED.values() for kind in figures))
    call.out.print("\nplanted cases that did not get in, as measured; of clean ones, lower is better")
    rows = [
        (name, *(f"{figures[kind]:.3f}" if kind in figures else "" for kind in kinds))
        for name, figures in MEASURED.items()
    ]
    grid.rows(call.out, (Head("judged by"), *(Head(kind, is_number=True) for kind in kinds)), rows)


def _share(share: Share | None) -> tuple[str, str, str]:
    return (f"{share.count:,}", f"{share.of:,}", f"{share.rate:.1%}") if share else ("unknown", "", "")
