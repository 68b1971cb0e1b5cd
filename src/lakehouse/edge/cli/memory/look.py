"""[acts] `lakehouse pathway get`, `history`, `search`, `stats`, `fingerprints`, `hot-swap`: what is known."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.text import Text

from lakehouse.edge.cli import call as calls
from lakehouse.edge.cli import fit, grid, words
from lakehouse.edge.cli.call import Call
from lakehouse.edge.cli.grid import Head
from lakehouse.edge.cli.memory import shown
from lakehouse.edge.cli.memory.content import Tags
from lakehouse.edge.cli.memory.pathway import Uid
from lakehouse.edge.cli.opening import opened
from lakehouse.memory.swap import Swap


def get(context: typer.Context, uid: Uid) -> None:
    """One trace as it stands, retired or not."""
    call = calls.of(context)
    with opened(call) as lake:
        found = lake.pathway.get(uid)
    if call.json:
        shown.document(found.told())
    else:
        shown.one(call, found)


def history(context: typer.Context, uid: Uid) -> None:
    """A trace and its predecessors, newest first."""
    call = calls.of(context)
    with opened(call) as lake:
        found = lake.pathway.history(uid)
    if call.json:
        shown.document([trace.told() for trace in found])
    else:
        shown.traces(call, found)


def search(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="Words that the content holds.")] = "",
    *,
    tags: Tags = None,
    like: Annotated[
        str | None, typer.Option(metavar="TEXT|JSON", help="The most alike first: to a text or a task.")
    ] = None,
    folder: Annotated[str, typer.Option(help="Of the task's file: its first one or two folders.")] = "",
    every_version: Annotated[bool, typer.Option("--every-version", help="Also revised ones.")] = False,
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="Most traces.")] = 10,
) -> None:
    """Find traces in use: the latest first, or the most alike."""
    call = calls.of(context)
    asked = words.document(like, "--like") if like and like.lstrip().startswith("{") else like
    with opened(call) as lake:
        found = lake.pathway.search(
            text,
            tags=words.names(tags),
            like=asked,
            file_prefix=folder,
            every_version=every_version,
            k=k,
        )
    if call.json:
        shown.document([{"similarity": m.similarity, "trace": m.trace.told()} for m in found])
        return
    if found:
        shown.traces(call, [m.trace for m in found], [m.similarity for m in found])
    call.say(fit.count(len(found), "trace"))


def stats(context: typer.Context) -> None:
    """Figures of what is remembered, and of lines of the log that were skipped."""
    call = calls.of(context)
    with opened(call) as lake:
        found = asdict(lake.pathway.stats())
    if call.json:
        call.emit(found)
    else:
        rows = [(name.replace("_", " "), f"{value:,}") for name, value in found.items()]
        grid.rows(call.out, (Head("what"), Head("count", is_number=True)), rows)


def fingerprints(
    context: typer.Context,
    folder: Annotated[str, typer.Argument(help="The first one or two folders of a path.")],
) -> None:
    """Bugs that reviews found below a folder, most frequent first: what the next review should know."""
    call = calls.of(context)
    with opened(call) as lake:
        found = lake.pathway.bug_fingerprints(folder)
    if call.json:
        call.emit([asdict(bug) for bug in found])
    elif found:
        heads = (Head("seen", is_number=True), Head("bug", is_whole=True), Head("example"))
        grid.rows(call.out, heads, [(bug.occurrences, bug.pattern_key, bug.example) for bug in found])
    else:
        call.say(f"no bugs are known of {fit.clean(folder)}")


def hot_swap(
    context: typer.Context,
    task_class: Annotated[str, typer.Argument(metavar="TASK", help="The class of the task, such as review.")],
    file_path: Annotated[str, typer.Argument(metavar="FILE", help="The file it is about.")],
    signal_class: Annotated[str, typer.Argument(metavar="SIGNAL", help="What made it necessary.")],
    *,
    flags: Annotated[str | None, typer.Option(metavar="FLAG,…", help="Semantic flags.")] = None,
    more: Annotated[
        str | None, typer.Option(metavar="JSON", help="kb_chunks, type_hints_used, bug_fingerprints.")
    ] = None,
) -> None:
    """Decide whether a remembered model may replace the ladder of models; every gate with its reason."""
    call = calls.of(context)
    known = {"task_class": task_class, "file_path": file_path, "signal_class": signal_class}
    asked = {**(words.document(more, "--more") or {}), **known, "semantic_flags": list(words.names(flags))}
    with opened(call) as lake:
        found = lake.pathway.hot_swap(asked)
    if call.json:
        call.emit(asdict(found))
    else:
        _decision(call, found)


def _decision(call: Call, found: Swap) -> None:
    sign = ("✓ ", "bold green") if found.swap else ("✗ ", "yellow")
    said = f"use {found.model}" if found.swap else "climb the ladder"
    call.out.print(Text.assemble(sign, fit.clean(f"{said}: {found.reason}")), soft_wrap=True)
    for gate in found.gates:
        mark = ("  ✓ ", "green") if gate.passed else ("  ✗ ", "yellow")
        call.out.print(Text.assemble(mark, f"{gate.name:<12}", fit.clean(gate.reason)), soft_wrap=True)
