"""[acts] `lakehouse pathway add`, `update`, `revise`, `retire`, `replay`, `import`: what changes it."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from lakehouse.edge.cli import call as calls
from lakehouse.edge.cli import failure, fit, words
from lakehouse.edge.cli.call import Call
from lakehouse.edge.cli.memory import shown
from lakehouse.edge.cli.memory.content import Content, File, Tags, content, raw
from lakehouse.edge.cli.memory.pathway import Uid
from lakehouse.edge.cli.opening import opened
from lakehouse.memory.trace import Trace

NewUid = Annotated[str | None, typer.Option("--uid", help="Of the new trace; by default a new one is made.")]


def add(
    context: typer.Context,
    given: Content = None,
    *,
    file: File = None,
    tags: Tags = None,
    uid: NewUid = None,
    idempotent: Annotated[
        bool, typer.Option("--idempotent", help="Where the uid is there, count one more use.")
    ] = False,
) -> None:
    """Remember what was tried: any JSON; with "schema": "pathway/1" it is read as a rich trace."""
    call, text = calls.of(context), content(given, file)
    with opened(call) as lake:
        _said(
            call,
            lake.pathway.add(text, tags=words.names(tags), uid=uid, idempotent=idempotent),
            "is remembered",
        )


def update(
    context: typer.Context, uid: Uid, given: Content = None, *, file: File = None, tags: Tags = None
) -> None:
    """Change the content of a trace, its tags, or both, in place; '' for no tags."""
    call = calls.of(context)
    text = content(given, file) if given is not None or file or tags is None else None
    with opened(call) as lake:
        named = None if tags is None else words.names(tags)
        _said(call, lake.pathway.update(uid, content=text, tags=named), "is up to date")


def revise(
    context: typer.Context,
    uid: Uid,
    given: Content = None,
    *,
    file: File = None,
    tags: Tags = None,
    new_uid: NewUid = None,
) -> None:
    """Make a new version of the last trace of a chain; its replays start anew."""
    call, text = calls.of(context), content(given, file)
    with opened(call) as lake:
        named = None if tags is None else words.names(tags)
        made = lake.pathway.revise(uid, text, tags=named, uid=new_uid)
    _said(call, made, f"is version {made.version}")


def retire(
    context: typer.Context, uid: Uid, *, reason: Annotated[str, typer.Option(help="Why; it is kept.")]
) -> None:
    """Take a trace out of use for good: no search finds it, get and history do."""
    call = calls.of(context)
    with opened(call) as lake:
        _said(call, lake.pathway.retire(uid, reason), "is retired")


def replay(
    context: typer.Context,
    uid: Uid,
    *,
    succeeded: Annotated[bool, typer.Option("--succeeded/--failed", help="What came of it.")],
    note: Annotated[str, typer.Option(help="Kept with the replay.")] = "",
) -> None:
    """Tell what came of using a trace again; one that is surely too bad is retired by that."""
    call = calls.of(context)
    with opened(call) as lake:
        made = lake.pathway.replay(uid, succeeded=succeeded, note=note)
    _said(call, made, f"has {shown.replays(made)}{', and is retired' if made.is_retired else ''}")


def import_state(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The state.json of an earlier system.")],
) -> None:
    """Take in the traces of an earlier system; the same file again adds nothing.

    Exit code 3 when some of them were rejected.
    """
    call, text = calls.of(context), raw(file)
    with opened(call) as lake:
        done = lake.pathway.import_state(text)
    if call.json:
        call.emit(asdict(done))
    elif not call.quiet:
        counted = f"{fit.count(done.added, 'trace')} added of {done.found}, {done.known} known already"
        call.out.print(f"{counted}; {done.rich} rich, {done.opaque} opaque, {done.retired} retired")
        for bad in done.rejected:
            call.say(Text.assemble(("! ", "yellow"), fit.clean(f"{bad.uid}: {bad.reason}")))
    raise typer.Exit(failure.PARTLY if done.rejected else 0)


def _said(call: Call, trace: Trace, what: str) -> None:
    if call.json:
        shown.document(trace.told())
    elif not call.quiet:
        call.out.print(Text.assemble(("✓ ", "bold green"), fit.clean(f"{trace.uid} {what}")), soft_wrap=True)
