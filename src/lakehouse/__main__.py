"""[acts] The program: the command line, and the parts that only an entry point may know."""

from typing import Final

from lakehouse.edge.cli.app import START, application
from lakehouse.edge.cli.lazy import Entry

PLUGS: Final = {
    "serve": "lakehouse.edge.http.server:serve",
    "bench": "lakehouse.bench.run:main",
    "doctor": "lakehouse.doctor:examine",
    "sample:staffing": "lakehouse.staffing.sample:load",
}
EXTRA: Final = (
    Entry(
        name="demo", where="lakehouse.staffing.demo:demo", help="The first minute, on real data.", panel=START
    ),
)

app = application(EXTRA, plugs=PLUGS)


def main() -> None:
    """Run one command; the process ends with its exit code."""
    app(prog_name="lakehouse")


if __name__ == "__main__":
    main()
