"""[acts] `lakehouse init`: a new lake, empty or with a sample."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, cast

import typer
from rich.text import Text

from lakehouse.edge.cli import call as calls
from lakehouse.edge.cli import report
from lakehouse.edge.cli.call import Call
from lakehouse.edge.cli.opening import is_lake, opened
from lakehouse.edge.cli.progress import watching
from lakehouse.edge.cli.search.build import summary
from lakehouse.edge.cli.search.phases import phases
from lakehouse.lake.facade import IndexInfo, IngestReport, Lakehouse

Load = Callable[..., Iterator[IngestReport]]
"""A sample: called with the lake, `scale` and `watch`; one report for each table."""

Build = Callable[..., IndexInfo]
"""The index of a sample: called with the lake and `watch`."""

SAMPLES, INDEXES = "sample:", "index:"


def init(
    context: typer.Context,
    folder: Annotated[Path | None, typer.Argument(metavar="[DIR]", help="Else --root.")] = None,
    *,
    demo: Annotated[str | None, typer.Option(metavar="NAME", help="A sample: staffing.")] = None,
    scale: Annotated[float, typer.Option(help="Of the sample; 1 is 286,500 rows.")] = 1.0,
) -> None:
    """Make a lake: a folder that holds tables, their history and the catalog. A lake that is there stays."""
    call = calls.of(context)
    call = call.at(folder) if folder else call
    samples = [name.removeprefix(SAMPLES) for name in call.plugs if name.startswith(SAMPLES)]
    if demo is not None and demo not in samples:
        raise typer.BadParameter(f"there is no sample {demo!r}: {', '.join(samples)}", param_hint="--demo")
    was_there = is_lake(call.root)
    with opened(call, create=True) as lake:
        done = []
        if demo:
            load = cast(Load, call.plugged(SAMPLES + demo))
            with watching(call) as watch:
                for one in load(lake, scale=scale, watch=watch):
                    done.append(one)
                    with watch.aside():
                        if not call.json and not call.quiet:
                            call.out.print(report.line(one))
        made = _index(call, lake, demo) if demo else ()
    if call.json:
        tables = {one.table: one.rows for one in done}
        created = {"root": str(call.root.absolute()), "created": not was_there, "tables": tables}
        call.emit(created | {"indexes": {info.name: info.rows for info in made}})
        return
    said = "is a lake already" if was_there else "is a lake now"
    call.say(Text.assemble(("✓ ", "bold green"), (f"{call.root} {said}", "bold")))
    option = "" if call.root == Path("lake") else f" --root {call.root}"
    follow = f'sql "SELECT * FROM {done[0].table} LIMIT 5"' if done else "ingest FILE"
    call.say(Text.assemble(("next  ", "dim"), f"lakehouse{option} {follow}"))


def _index(call: Call, lake: Lakehouse, demo: str) -> tuple[IndexInfo, ...]:
    """The index that belongs to a sample, with what is left to do for it."""
    if INDEXES + demo not in call.plugs:
        return ()
    build = cast(Build, call.plugged(INDEXES + demo))
    with phases(call, demo) as watch:
        info = build(lake, watch=watch)
    if not call.json and not call.quiet:
        call.out.print(summary(info))
    if info.waiting:
        call.say(f"  {info.waiting:,} rows wait: lakehouse index refresh {info.name} embeds them")
    return (info,)
