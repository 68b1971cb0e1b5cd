"""[acts] `lakehouse playbook add`, `edit`, `merge`, `drop`, `vote`: what changes an entry."""

from typing import Annotated

import typer

from lakehouse.base.errors import Invalid, Refused
from lakehouse.edge.cli import call as calls
from lakehouse.edge.cli import failure, fit, words
from lakehouse.edge.cli.learn.entries import shown
from lakehouse.edge.cli.learn.feedback import Source
from lakehouse.edge.cli.opening import opened
from lakehouse.matrix.bullets.draft import Draft

EntryId = Annotated[str, typer.Argument(metavar="ID", help="As lakehouse playbook entries lists it.")]
Section = Annotated[str, typer.Option(metavar="S", help="The heading that it stands under.")]
Scope = Annotated[
    list[str] | None, typer.Option("--scope", metavar="COL=VALUE", help="Where it holds; again for more.")
]
Evidence = Annotated[
    str | None, typer.Option(metavar="ID,…", help="Searches with an outcome, or traces, that show it.")
]
Why = Annotated[str, typer.Option(help="Why; it is kept.")]


def add(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="One lesson, in one sentence.")],
    *,
    section: Section = "",
    scope: Scope = None,
    evidence: Evidence = None,
    source: Source = "",
    trial: Annotated[bool, typer.Option("--trial", help="In shadow: only trial calls get it.")] = False,
) -> None:
    """Hand in a lesson; it is judged before anything is written, and a rejected text is not kept.

    Exit code 1 where it is rejected.
    """
    call = calls.of(context)
    draft = _draft(text, section=section, scope=scope, evidence=evidence)
    with opened(call) as lake:
        made = lake.playbook.entries.add(draft, source=source, is_trial=trial)
    verdict = made.verdict
    if call.json:
        call.emit(made.told())
    elif verdict.outcome == "reject":
        hint = f"lakehouse playbook entry {verdict.entry_id}" if verdict.entry_id else "say it without that"
        raise Refused(f"not taken ({verdict.rule}): {verdict.reason}", hint=hint)
    elif made.entry is not None:
        what = "has one more piece of evidence" if verdict.outcome == "link" else "is an entry"
        shown.said(call, made.entry, what)
    raise typer.Exit(failure.FAILED if verdict.outcome == "reject" else 0)


def edit(
    context: typer.Context,
    entry_id: EntryId,
    text: Annotated[str | None, typer.Argument(help="What it says from now on.", show_default=False)] = None,
    *,
    section: Section = "",
    scope: Scope = None,
    evidence: Evidence = None,
    status: Annotated[
        str | None, typer.Option(help="active or shadow: out of quarantine, with a --reason.")
    ] = None,
    source: Source = "",
    reason: Why = "",
) -> None:
    """Change an entry; what is not given stays, and a new text is judged and begins without votes."""
    call = calls.of(context)
    draft = _draft(text, section=section, scope=scope, evidence=evidence)
    with opened(call) as lake:
        made = lake.playbook.entries.update(entry_id, draft, status=status, source=source, reason=reason)
    shown.said(call, made, f"is at version {made.version}")


def merge(
    context: typer.Context,
    entry_ids: Annotated[str, typer.Argument(metavar="ID,ID", help="The first one stays.")],
    text: Annotated[str | None, typer.Argument(help="For all of them.", show_default=False)] = None,
    *,
    reason: Why,
    scope: Scope = None,
    source: Source = "",
) -> None:
    """Let one entry say what several say; the others retire into it, evidence and votes in the log."""
    call, ids = calls.of(context), words.names(entry_ids)
    if len(ids) < 2:
        raise Invalid("two entries or more are merged", hint="lakehouse playbook merge ID,ID --reason …")
    with opened(call) as lake:
        made = lake.playbook.entries.merge(ids, _draft(text, scope=scope), reason=reason, source=source)
    shown.said(call, made, f"says what {fit.count(len(ids), 'entry').replace('entrys', 'entries')} said")


def drop(context: typer.Context, entry_id: EntryId, *, reason: Why, source: Source = "") -> None:
    """Take an entry out of use; it stays in the log, and is not learned again."""
    call = calls.of(context)
    with opened(call) as lake:
        made = lake.playbook.entries.retire(entry_id, reason=reason, source=source)
    shown.said(call, made, "is out of use")


def vote(
    context: typer.Context,
    entry_id: EntryId,
    *,
    made: Annotated[str, typer.Option("--call", metavar="SEARCH_ID", help="The call that was given it.")],
    helpful: Annotated[bool, typer.Option("--helpful/--harmful", help="What it did.", show_default=False)],
    source: Source = "",
) -> None:
    """Say whether an entry helped a call that was given it; whoever wrote it has no vote."""
    call = calls.of(context)
    with opened(call) as lake:
        found = lake.playbook.entries.vote(entry_id, call_id=made, helpful=helpful, source=source)
    shown.said(call, found, f"has {found.helpful} helpful, {found.harmful} harmful")


def _draft(
    text: str | None, *, section: str = "", scope: list[str] | None = None, evidence: str | None = None
) -> Draft:
    return Draft(
        content=text,
        section=section or None,
        scope=words.docs(scope) if scope else None,
        evidence=words.names(evidence) if evidence is not None else None,
    )
