"""[acts] The commands under `lakehouse index`, in the order in which people need them."""

from typing import Annotated, Final

import typer

from lakehouse.edge.cli.lazy import Entry

HERE: Final = "lakehouse.edge.cli.search."
MAKE, LOOK, TRY, SERVE = "Make", "Look", "Try", "Serve"

Name = Annotated[str, typer.Argument(metavar="NAME", help="An index; lakehouse index ls lists them.")]

ENTRIES: Final = (
    Entry(name="build", where=HERE + "build:build", help="Make a table searchable.", panel=MAKE),
    Entry(
        name="refresh",
        where=HERE + "build:refresh",
        help="Embed what is new; goes on after a stop.",
        panel=MAKE,
    ),
    Entry(name="drop", where=HERE + "serving:drop", help="Forget an index; its table stays.", panel=MAKE),
    Entry(name="ls", where=HERE + "look:ls", help="List the indexes.", panel=LOOK),
    Entry(
        name="show", where=HERE + "look:show", help="One index: how good, how old, what waits.", panel=LOOK
    ),
    Entry(
        name="trial", where=HERE + "trial:trial", help="Build and measure a configuration aside.", panel=TRY
    ),
    Entry(name="trials", where=HERE + "trial:trials", help="Every trial of an index.", panel=TRY),
    Entry(name="best", where=HERE + "trial:best", help="The best trial so far.", panel=TRY),
    Entry(name="tune", where=HERE + "trial:tune", help="Try several, then promote the best.", panel=TRY),
    Entry(name="promote", where=HERE + "serving:promote", help="Let a generation serve.", panel=SERVE),
    Entry(name="rollback", where=HERE + "serving:rollback", help="Back to the one before.", panel=SERVE),
)
