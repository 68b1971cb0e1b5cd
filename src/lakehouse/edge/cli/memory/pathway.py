"""[acts] The commands under `lakehouse pathway`, in the order in which people need them."""

from typing import Annotated, Final

import typer

from lakehouse.edge.cli.lazy import Entry

HERE: Final = "lakehouse.edge.cli.memory."
WRITE, LOOK, TRUST = "Write", "Look", "Trust"

Uid = Annotated[str, typer.Argument(metavar="UID", help="A trace; lakehouse pathway search lists them.")]

ENTRIES: Final = (
    Entry(name="add", where=HERE + "write:add", help="Remember what was tried.", panel=WRITE),
    Entry(name="update", where=HERE + "write:update", help="Change a trace in place.", panel=WRITE),
    Entry(name="revise", where=HERE + "write:revise", help="A new version of a trace.", panel=WRITE),
    Entry(name="retire", where=HERE + "write:retire", help="Take a trace out of use.", panel=WRITE),
    Entry(
        name="import", where=HERE + "write:import_state", help="Take in an earlier state file.", panel=WRITE
    ),
    Entry(name="get", where=HERE + "look:get", help="One trace as it stands.", panel=LOOK),
    Entry(name="history", where=HERE + "look:history", help="A trace and those before it.", panel=LOOK),
    Entry(name="search", where=HERE + "look:search", help="Find traces in use.", panel=LOOK),
    Entry(name="stats", where=HERE + "look:stats", help="Figures, and what was skipped.", panel=LOOK),
    Entry(name="fingerprints", where=HERE + "look:fingerprints", help="Known bugs of a folder.", panel=LOOK),
    Entry(name="replay", where=HERE + "write:replay", help="Tell what came of using one.", panel=TRUST),
    Entry(
        name="hot-swap",
        where=HERE + "look:hot_swap",
        help="May a known model replace the ladder?",
        panel=TRUST,
    ),
)
