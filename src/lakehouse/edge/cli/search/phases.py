"""[acts] Progress of work on an index: a bar with phase, rate and time to go, or a line of JSON for logs."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn

from lakehouse.edge.cli import fit
from lakehouse.edge.cli.call import Call
from lakehouse.edge.cli.progress import EVERY_S
from lakehouse.lake import facade


class Phases:
    """Called with how far the work is; this one only remembers it."""

    def __init__(self) -> None:
        self.last: facade.Progress | None = None
        """What was heard last."""

    def __call__(self, progress: facade.Progress) -> None:
        """Note it."""
        if self.last and self.last.phase != progress.phase:
            self._ended(self.last)
        self.last = progress

    def close(self) -> None:
        """Nothing more will come."""
        if self.last:
            self._ended(self.last)

    def _ended(self, progress: facade.Progress) -> None:
        """A phase is over."""


@contextmanager
def phases(call: Call, name: str) -> Iterator[Phases]:
    """What to call as the work on an index goes on."""
    if call.quiet:
        yield Phases()
    elif call.err.is_terminal and not call.json:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description:<8}", markup=False),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[far]}", markup=False),
        )
        with Progress(*columns, console=call.err, transient=True) as bar:
            watch = Bar(bar, call)
            yield watch
            watch.close()
    else:
        yield Log(name)


class Bar(Phases):
    """A bar for the phase at hand; those that are over become a line that stays."""

    def __init__(self, bar: Progress, call: Call) -> None:
        super().__init__()
        self._bar, self._call = bar, call
        self._task: TaskID | None = bar.add_task("reading", total=None, far="")

    def __call__(self, progress: facade.Progress) -> None:
        """Move the bar."""
        if self.last is None or self.last.phase != progress.phase:
            self._clear()
        super().__call__(progress)
        if self._task is None:
            self._task = self._bar.add_task(progress.phase, total=None, far="")
        # Without a first step there is nothing to tell a rate from, and a graph is one step.
        total = progress.total if progress.done else None
        self._bar.update(self._task, completed=progress.done, total=total, far=far(progress))

    def _clear(self) -> None:
        if self._task is not None:
            self._bar.remove_task(self._task)
            self._task = None

    def _ended(self, progress: facade.Progress) -> None:
        if progress.total:
            self._call.say(f"  {progress.phase:<8} {far(progress, ended=True)}")


class Log(Phases):
    """A line of JSON on stderr now and then, the first after `every_s`."""

    def __init__(self, name: str, *, every_s: float = EVERY_S) -> None:
        super().__init__()
        self._name, self._every_s = name, every_s
        self._said = time.monotonic()

    def __call__(self, progress: facade.Progress) -> None:
        """Say it, if it is time."""
        super().__call__(progress)
        now = time.monotonic()
        if now - self._said < self._every_s:
            return
        self._said = now
        line = {
            "progress": self._name,
            "phase": progress.phase,
            "done": progress.done,
            "total": progress.total,
            "rate": round(progress.rate, 1),
            "eta_s": round(progress.eta_s) if progress.rate else None,
        }
        print(json.dumps(line), file=sys.stderr, flush=True)


def far(progress: facade.Progress, *, ended: bool = False) -> str:
    """How far it is, in words: rows, rows a second, time to go; at the end how long it took."""
    if ended:
        return f"{fit.count(progress.done, 'row')} in {span(progress.elapsed_s)}"
    if progress.done in (0, progress.total):  # the next phase may be a while in coming
        return fit.count(progress.total, "row")
    rate = f"{progress.rate:,.0f}/s"
    return f"{progress.done:,} of {fit.count(progress.total, 'row')}  {rate}  {span(progress.eta_s)} to go"


def span(seconds: float) -> str:
    """A length of time as people say it: 0.4 s, 12 s, 3 min 20 s, 5 h 12 min, 3 days."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return fit.count(whole // 86_400, "day")
