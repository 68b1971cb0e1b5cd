"""[acts] Traces on the screen; as JSON they are as they are, whatever their content calls its members."""

import json
from collections.abc import Sequence

from rich.text import Text

from lakehouse.edge.cli import fit, grid
from lakehouse.edge.cli.call import Call
from lakehouse.edge.cli.grid import Head
from lakehouse.memory.trace import Trace

CHARS = 400
"""Of content in a row of a table; the screen cuts it further."""


def document(value: object) -> None:
    """One JSON document on one line of stdout."""
    print(json.dumps(value, ensure_ascii=False), flush=True)


def traces(call: Call, found: Sequence[Trace], likeness: Sequence[float | None] = ()) -> None:
    """A row for each trace."""
    alike = [f"{score:.3f}" for score in likeness if score is not None]
    heads = [Head("uid", is_whole=True), Head("version", is_number=True), Head("replays"), Head("state")]
    heads = [*([Head("alike", is_number=True)] if alike else []), *heads, Head("tags"), Head("content")]
    lines = [
        (
            *alike[place : place + 1],
            *(trace.uid, trace.version, replays(trace), state(trace), ", ".join(trace.tags)),
            line(trace.content)[:CHARS],
        )
        for place, trace in enumerate(found)
    ]
    grid.rows(call.out, heads, lines)


def one(call: Call, trace: Trace) -> None:
    """A trace in full."""
    told = {
        "version": str(trace.version),
        "state": state(trace),
        "tags": ", ".join(trace.tags),
        "replays": replays(trace),
        "before": trace.predecessor_uid or "",
        "kind": trace.path.pathway_id if trace.path else "",
    }
    call.out.print(Text(fit.clean(trace.uid), "bold"))
    for name, value in told.items():
        if value:
            call.out.print(Text.assemble((f"  {name:<8} ", "dim"), fit.clean(value)), soft_wrap=True)
    call.out.print(Text(fit.clean(line(trace.content))), soft_wrap=True)


def replays(trace: Trace) -> str:
    """How often it was used, and what came of it."""
    outcomes = trace.replays_succeeded + trace.replays_failed
    return (
        f"{trace.replay_count}, {trace.replays_succeeded} of {outcomes} good"
        if outcomes
        else str(trace.replay_count)
    )


def state(trace: Trace) -> str:
    """May it be used?"""
    if trace.is_retired:
        return f"retired: {trace.retired_reason}"
    return "in use" if trace.is_tip else f"revised by {trace.superseded_by}"


def line(content: object) -> str:
    """Content on one line."""
    return json.dumps(content, ensure_ascii=False)
