"""[acts] `lakehouse index trial`, `trials`, `best`, `tune`: what configurations cost and find, measured."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Literal

import typer
from rich.text import Text

from lakehouse.edge.cli import call as calls
from lakehouse.edge.cli import failure, fit, grid, words
from lakehouse.edge.cli.call import Call
from lakehouse.edge.cli.grid import Head
from lakehouse.edge.cli.opening import opened
from lakehouse.edge.cli.search.index import Name
from lakehouse.edge.cli.search.look import brief
from lakehouse.edge.cli.search.phases import phases
from lakehouse.lake.facade import Trial

Metric = Literal["recall", "latency", "pareto"]


def trial(
    context: typer.Context,
    name: Name,
    *,
    config: Annotated[
        str | None, typer.Option(metavar="JSON", help='{"ef_search": 128}, over its own.')
    ] = None,
    queries: Annotated[int, typer.Option(min=1, help="Questions to measure with.")] = 200,
) -> None:
    """Build with a configuration beside the serving generation and measure it; nothing is promoted."""
    call = calls.of(context)
    settings = words.document(config, "--config")
    with opened(call) as lake, phases(call, name) as watch:
        done = lake.index.trial(name, settings, queries=queries, watch=watch)
    if call.json:
        call.emit(asdict(done))
    elif not call.quiet:
        table(call, (done,))


def trials(context: typer.Context, name: Name) -> None:
    """Every trial of an index, oldest first; as SQL: SELECT * FROM system.trials."""
    call = calls.of(context)
    with opened(call) as lake:
        found = lake.index.trials(name)
    if call.json:
        call.emit([asdict(one) for one in found])
    elif not found:
        call.say(f"no trials yet: lakehouse index trial {fit.clean(name)} makes one")
    else:
        table(call, found)


def best(
    context: typer.Context,
    name: Name,
    *,
    metric: Annotated[Metric, typer.Option(help="pareto: all that no other beats in both.")] = "recall",
) -> None:
    """The trial with the best recall or latency among those above the index's floor."""
    call = calls.of(context)
    with opened(call) as lake:
        found = lake.index.best(name, metric)
        floor = lake.index.get(name).definition().min_recall
    if call.json:
        call.emit([asdict(one) for one in found])
    elif not found:
        call.say(f"no trial reached a recall of {floor}: lakehouse index tune {fit.clean(name)} tries others")
    else:
        table(call, found)


def tune(
    context: typer.Context,
    name: Name,
    *,
    budget: Annotated[int, typer.Option(min=1, help="Most trials.")] = 6,
) -> None:
    """Try configurations, then build with the best and promote it; Ctrl-C keeps the trials made so far.

    Exit code 3 when none reached the recall that the index demands: nothing is promoted then.
    """
    call = calls.of(context)
    with opened(call) as lake, phases(call, name) as watch:
        facts = lake.index.autotune(name, budget=budget, watch=watch)
        made = lake.index.trials(name)
    if call.json:
        promoted = asdict(facts) if facts else None
        call.emit({"name": name, "promoted": promoted, "trials": [asdict(one) for one in made]})
    elif not call.quiet:
        table(call, made)
        said = (
            f"generation {facts.generation} serves, recall@10 {facts.recall.mean:.3f}"
            if facts
            else "no configuration finds enough; nothing is promoted"
        )
        sign = ("✓ ", "bold green") if facts else ("! ", "yellow")
        call.out.print(Text.assemble(sign, fit.clean(f"{name}: {said}")))
    raise typer.Exit(0 if facts else failure.PARTLY)


def table(call: Call, found: Sequence[Trial]) -> None:
    """Trials as a table: what was found, with its 95 % interval, and what it cost."""
    numbers = ("worst", "p50 ms", "p95 ms", "build s", "size", "questions")
    heads = (
        Head("config", is_whole=True),  # first, so that no narrow screen leaves out what was tried
        Head("recall", is_number=True),
        Head("95 %", is_whole=True),
        *(Head(n, is_number=True) for n in numbers),
    )
    lines = [
        (
            brief(one.config),
            f"{one.recall:.3f}",
            f"{one.recall_low:.3f}-{one.recall_high:.3f}",
            f"{one.recall_worst:.2f}",
            f"{one.p50_ms:.2f}",
            f"{one.p95_ms:.2f}",
            f"{one.build_s:.1f}",
            fit.size(one.bytes),
            f"{one.queries:,}",
        )
        for one in found
    ]
    grid.rows(call.out, heads, lines)
