"""[acts] The program: the command line, and the parts that only an entry point may know."""

import sys
from typing import Final

INTERRUPTED: Final = 130
"""As the command line ends itself; its modules may not be there yet."""


def _leave() -> None:
    """End as a command that was interrupted does; nothing was begun."""
    sys.stderr.write("✗ interrupted\n")
    sys.exit(INTERRUPTED)


try:
    from lakehouse.edge.cli.app import START, application
    from lakehouse.edge.cli.lazy import Entry
except KeyboardInterrupt:  # a third of a second passes here, before the command line can say it in words
    _leave()

PLUGS: Final = {
    "serve": "lakehouse.edge.http.server:serve",
    "bench": "lakehouse.bench.run:main",
    "doctor": "lakehouse.doctor:examine",
    "sample:staffing": "lakehouse.staffing.sample:load",
    "index:staffing": "lakehouse.staffing.resumes:build",
    "world:staffing": "lakehouse.staffing.gate.world:staged",
}
EXTRA: Final = (
    Entry(
        name="demo", where="lakehouse.staffing.demo:demo", help="The first minute, on real data.", panel=START
    ),
)

app = application(EXTRA, plugs=PLUGS)


def main() -> None:
    """Run one command; the process ends with its exit code."""
    try:
        app(prog_name="lakehouse")
    except KeyboardInterrupt:
        _leave()


if __name__ == "__main__":
    main()
