"""[acts] `lakehouse playbook stats`, `history`, `why`: what was learned, since when, and what it would do."""

from dataclasses import asdict
from typing import Annotated, Final

import typer
from rich.text import Text

from lakehouse.edge.cli import call as calls
from lakehouse.edge.cli import fit, grid, words
from lakehouse.edge.cli.call import Call
from lakehouse.edge.cli.grid import Head
from lakehouse.edge.cli.opening import opened
from lakehouse.matrix.playbook.versions import Version
from lakehouse.matrix.playbook.why import Mover, Precedent, Why

INDENT: Final = 28
"""As wide as a version."""

SHADOW: Final = "in shadow: computed, and not used until audits show that they help"


def stats(context: typer.Context) -> None:
    """What was learned so far: outcomes, audits, what boosts count, whom to trust."""
    call = calls.of(context)
    with opened(call) as lake:
        found = lake.playbook.stats()
    if call.json:
        call.emit(asdict(found))
        return
    facts = {
        "version": found.version or "none yet",
        "searches": f"{found.searches:,} with an outcome",
        "outcomes": f"{found.outcomes:,}",
        "audits": f"{found.audits:,} searches",
        "floor": f"{found.floor:.2f}: less alike questions count for nothing",
        "boosts": f"repeat {found.repeat:.2f}, near {found.near:.2f}, far {found.far:.2f}: {found.reason}",
        "damaged": f"{found.damaged:,} records were skipped" if found.damaged else "",
    }
    for name, value in facts.items():
        if value:
            call.out.print(Text.assemble((f"  {name:<10}", "dim"), fit.clean(value)), soft_wrap=True)
    if found.sources:
        call.out.print()
        named = [(name or "(nobody)", f"{trust:.2f}") for name, trust in found.sources.items()]
        grid.rows(call.out, (Head("source"), Head("trust", is_number=True)), named)
    if not found.outcomes:
        call.onward("search 'what somebody needs'")


def history(
    context: typer.Context,
    *,
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, max=10_000, help="Most events.")] = 20,
) -> None:
    """The events that it is made of, newest first; each is a version to go back to."""
    call = calls.of(context)
    with opened(call) as lake:
        found = lake.playbook.history(limit=limit)
    if call.json:
        call.emit([asdict(one) for one in found])
        return
    for one in found:
        _event(call, one)
    if found:
        call.onward("playbook rollback --to VERSION")
    else:
        call.say("nothing was told yet: lakehouse feedback says what became of a hit")


def why(
    context: typer.Context,
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="As one would search for it.")],
    *,
    corpus: Annotated[
        str | None, typer.Option("--corpus", "-c", metavar="N,…", help="Indexes to look at; else all.")
    ] = None,
) -> None:
    """Which past outcomes would move which rows for a question, and what each rests on."""
    call = calls.of(context)
    with opened(call) as lake:
        found = lake.playbook.why(question, corpora=words.names(corpus))
    if call.json:
        call.emit(asdict(found))
        return
    _near(call, found)
    for row in found.rows:
        _row(call, row)


def _event(call: Call, one: Version) -> None:
    by = f" by {fit.clean(one.by)}" if one.by else ""
    undone = ("  undone", "yellow") if one.is_undone else ""
    what = f"{fit.clean(one.what)} {fit.clean(one.subject)}{by}"
    when = (f"  {fit.moment(one.at)}  ", "dim")
    call.out.print(Text.assemble(one.version, when, what, undone), soft_wrap=True)
    said = [f"“{fit.clean(one.question)}”" if one.question else "", fit.clean(one.reason)]
    if any(said):
        line = Text(" " * INDENT + ", ".join(part for part in said if part), "dim")
        line.truncate(max(call.out.width, INDENT * 2), overflow="ellipsis")
        call.out.print(line, soft_wrap=True)


def _near(call: Call, found: Why) -> None:
    if found.stratum == "none":
        line = (
            f"nothing moves: no earlier question with an outcome is {found.floor:.2f} or more like this one"
        )
        call.say(line)
        return
    counts = f"boosts count {found.weight:.2f}" if found.weight else SHADOW
    line = f"{found.stratum}: the nearest earlier question is {found.similarity:.2f} like this one; {counts}"
    call.out.print(Text(line, "dim"))


def _row(call: Call, row: Mover) -> None:
    sign = ("▲", "green") if row.boost > 0 else ("▼", "yellow") if row.boost < 0 else ("·", "dim")
    tail = "  joins where the search does not find it" if row.joins else ""
    head = (fit.clean(row.id), "bold"), (f"  {fit.clean(row.corpus)}", "dim"), (tail, "dim")
    call.out.print(Text.assemble(sign, f" {row.boost:+.3f}  ", *head), soft_wrap=True)
    for one in row.past:
        call.out.print(Text.assemble("          ", _said(call, one)), soft_wrap=True)


def _said(call: Call, one: Precedent) -> Text:
    what = f"worth {one.worth:.1f}" if one.worth else "passed over"
    by = f" by {fit.clean(one.source)}" if one.source else ""
    text = Text(f"{what}{by} (trust {one.trust:.2f}), {one.similarity:.2f} like: “{fit.clean(one.question)}”")
    text.truncate(max(call.out.width - 10, 20), overflow="ellipsis")
    return text
