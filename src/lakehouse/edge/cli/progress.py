"""[acts] Progress of long work: a bar for people, a line of JSON every five seconds for logs."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import Final

from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from lakehouse.edge.cli import fit
from lakehouse.edge.cli.call import Call

EVERY_S: Final = 5.0


class Watcher:
    """Called with a source, how many of its bytes are done, and how many it has; this one is silent."""

    def __call__(self, source: str, done: int, total: int) -> None:
        """Nobody looks."""

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Make room on the screen for something that stays."""
        yield


@contextmanager
def watching(call: Call) -> Iterator[Watcher]:
    """What to call as the work goes on."""
    if call.quiet:
        yield Watcher()
    elif call.err.is_terminal and not call.json:
        with _bar(call) as progress:
            yield Bars(progress)
    else:
        yield Lines()


def _bar(call: Call) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=call.err,
        transient=True,
    )


class Bars(Watcher):
    """A bar for the source at hand; those that are done give way."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}
        self._waiting: TaskID | None = progress.add_task("reading", total=None)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Take the bar away meanwhile."""
        self._progress.stop()
        yield
        self._progress.start()

    def __call__(self, source: str, done: int, total: int) -> None:
        """Move the bar."""
        if self._waiting is not None:
            self._progress.remove_task(self._waiting)
            self._waiting = None
        if source not in self._tasks:
            for task in self._tasks.values():
                self._progress.update(task, visible=False)
            name = fit.clean(PurePath(source).name[-30:])
            self._tasks[source] = self._progress.add_task(name, total=total or None)
        self._progress.update(self._tasks[source], completed=done)


class Lines(Watcher):
    """A line of JSON on stderr now and then, the first after `every_s`."""

    def __init__(self, *, every_s: float = EVERY_S) -> None:
        self._every_s = every_s
        self._started = self._said = time.monotonic()
        self._source = ""

    def __call__(self, source: str, done: int, total: int) -> None:
        """Say it, if it is time."""
        now = time.monotonic()
        if source != self._source:
            self._source, self._started = source, now
        if now - self._said < self._every_s:
            return
        self._said = now
        rate = done / max(now - self._started, 0.001)
        line = {
            "progress": source,
            "bytes": done,
            "of_bytes": total,
            "bytes_per_s": round(rate),
            "eta_s": round((total - done) / rate) if rate else None,
        }
        print(json.dumps(line), file=sys.stderr, flush=True)
