"""[acts] The commands, in the order in which people need them, and the options they share."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from lakehouse import __version__
from lakehouse.edge.cli.call import Call
from lakehouse.edge.cli.lazy import Entry, Group

HERE: Final = "lakehouse.edge.cli."
START, DATA, SEARCH, TIME, CARE = "Start", "Data", "Search", "Time", "Care"

COMMANDS: Final = (
    Entry(name="init", where=HERE + "start:init", help="Make a lake.", panel=START),
    Entry(name="ingest", where=HERE + "ingest:ingest", help="Make files tables, or part of one.", panel=DATA),
    Entry(name="sql", where=HERE + "sql:sql", help="Ask in SQL.", panel=DATA),
    Entry(name="tables", where=HERE + "tables:tables", help="List the tables.", panel=DATA),
    Entry(name="show", where=HERE + "tables:show", help="One table in full: card and columns.", panel=DATA),
    Entry(name="describe", where=HERE + "tables:describe", help="Write on a table's card.", panel=DATA),
    Entry(name="delete", where=HERE + "change:delete", help="Remove rows by a condition.", panel=DATA),
    Entry(name="drop", where=HERE + "change:drop", help="Forget a table.", panel=DATA),
    Entry(
        name="search", where=HERE + "search.find:search", help="Find rows by words and meaning.", panel=SEARCH
    ),
    Entry(name="rag", where=HERE + "search.rag:rag", help="An answer made of cited passages.", panel=SEARCH),
    Entry(
        name="matrix",
        where=HERE + "learn.matrix.entries:ENTRIES",
        help="Many corpora asked as one.",
        panel=SEARCH,
        usual="corpora",
    ),
    Entry(
        name="feedback",
        where=HERE + "learn.feedback:feedback",
        help="Say what became of a hit.",
        panel=SEARCH,
    ),
    Entry(
        name="playbook",
        where=HERE + "learn.playbook:ENTRIES",
        help="What was learned from outcomes, and how to undo it.",
        panel=SEARCH,
        usual="stats",
    ),
    Entry(
        name="index",
        where=HERE + "search.index:ENTRIES",
        help="Make, measure and keep indexes.",
        panel=SEARCH,
    ),
    Entry(
        name="pathway",
        where=HERE + "memory.pathway:ENTRIES",
        help="What was tried, and how it went.",
        panel=SEARCH,
    ),
    Entry(name="history", where=HERE + "tables:history", help="Every kept version of a table.", panel=TIME),
    Entry(name="rollback", where=HERE + "change:rollback", help="Make a table read as it did.", panel=TIME),
    Entry(name="tag", where=HERE + "change:tag", help="Name a version, so that it stays.", panel=TIME),
    Entry(name="compact", where=HERE + "change:compact", help="Fold small files now.", panel=CARE),
    Entry(
        name="rebuild", where=HERE + "change:rebuild", help="The catalog anew, from the files.", panel=CARE
    ),
    Entry(name="doctor", where=HERE + "care:doctor", help="Look for damage; --fix repairs.", panel=CARE),
    Entry(
        name="lift",
        where=HERE + "learn.lift:lift",
        help="Measure what learning gives, and prove it.",
        panel=CARE,
    ),
    Entry(
        name="bench",
        where=HERE + "care:bench",
        help="Measure speed beside named peers.",
        panel=CARE,
    ),
    Entry(name="serve", where=HERE + "care:serve", help="Open the HTTP door.", panel=CARE),
)

EPILOG: Final = (
    "--root, --json, --quiet and --debug may also follow the command; lakehouse COMMAND --help says more.\n"
    "Exit code: 0 done, 1 failed, 2 wrong usage, 3 partly done."
)


def application(extra: Sequence[Entry] = (), *, plugs: Mapping[str, str] | None = None) -> typer.Typer:
    """The command line.

    Args:
        extra: further commands, each listed under its panel.
        plugs: what only the entry point may know, `module:function` by name: `serve`, `doctor`, and
            `sample:NAME` for each sample that `init --demo NAME` can load, `index:NAME` for its index.
    """

    class Listed(Group):
        entries = (*COMMANDS, *extra)

    app = typer.Typer(
        name="lakehouse", cls=Listed, no_args_is_help=True, epilog=EPILOG, pretty_exceptions_enable=False
    )

    @app.callback()
    def shared(
        context: typer.Context,
        root: Annotated[
            Path,
            typer.Option(
                "--root", envvar="LAKEHOUSE_ROOT", help="The lake's folder: LAKEHOUSE_ROOT, else ./lake."
            ),
        ] = Path("lake"),
        *,
        json: Annotated[bool, typer.Option("--json", help="JSON on stdout, for scripts.")] = False,
        quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no messages.")] = False,
        debug: Annotated[bool, typer.Option("--debug", help="Tracebacks, for us.")] = False,
        version: Annotated[
            bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which.")
        ] = False,
    ) -> None:
        """Any file becomes an open, versioned table; ask it in SQL, change it, go back in time."""
        del version
        context.obj = Call(root=root, json=json, quiet=quiet, debug=debug, plugs=plugs or {})

    return app


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"lakehouse {__version__}")
        raise typer.Exit
