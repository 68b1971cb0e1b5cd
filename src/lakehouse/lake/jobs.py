"""[acts] Jobs: long pieces of work that a caller does not wait for, one at a time, followed by their id.

A job is a plan of what is still missing, worked out anew whenever it starts; killed anywhere, the next one
goes on. So nothing of a job but its outcome is kept.
"""

import queue
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Literal

from lakehouse.base.clock import Clock, iso
from lakehouse.base.errors import LakehouseError, NotFound
from lakehouse.base.ids import ulid
from lakehouse.index.refresh import Progress, Watch
from lakehouse.store.journal import Journal

KEPT: Final = 1000
"""Finished jobs that can still be asked for; all of them are in `system.jobs`."""

State = Literal["waiting", "running", "done", "failed", "stopped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One piece of work as it stands."""

    job_id: str
    kind: str
    """index, refresh, trial, autotune."""

    subject: str
    """The index it is about."""

    state: State = "waiting"
    phase: str = ""
    done: int = 0
    total: int = 0
    rate: float = 0.0
    """Rows a second."""

    eta_s: float | None = None
    """None until there is a rate."""

    started_at: str = ""
    ended_at: str = ""
    error: str = ""
    hint: str = ""


class Stopped(Exception):
    """Raised in a job that is told to end; what it finished is kept."""


Work = Callable[[Watch], object]


class Jobs:
    """A queue with one worker, started when first needed. Safe between threads."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal, self._clock = journal, clock
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._queue: queue.SimpleQueue[tuple[str, Work] | None] = queue.SimpleQueue()
        self._changed = threading.Condition()
        self._closing = False
        self._thread: threading.Thread | None = None

    def start(self, kind: str, subject: str, work: Work, *, again: bool = False) -> Job:
        """Queue a piece of work; one that waits already is not queued twice, but `again`: it may differ."""
        with self._changed:
            for job in () if again else self._jobs.values():
                if (job.kind, job.subject, job.state) == (kind, subject, "waiting"):
                    return job
            job = Job(job_id=ulid(self._clock.now_ms()), kind=kind, subject=subject)
            self._jobs[job.job_id] = job
            self._forget_old()
            self._queue.put((job.job_id, work))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True, name="lakehouse-jobs")
                self._thread.start()
        return job

    def get(self, job_id: str) -> Job:
        """A job as it stands.

        Raises:
            NotFound: there is none, or it ended long ago.
        """
        with self._changed:
            if job_id in self._jobs:
                return self._jobs[job_id]
        raise NotFound(f"there is no job {job_id[:40]!r}", hint="SELECT * FROM system.jobs")

    def all(self) -> tuple[Job, ...]:
        """Every job of this process, newest first."""
        with self._changed:
            return tuple(reversed(self._jobs.values()))

    def wait(self, job_id: str, *, timeout_s: float | None = None) -> Job:
        """The job once it has ended, or as it stands after `timeout_s`."""
        ended = {"done", "failed", "stopped"}
        with self._changed:
            self._changed.wait_for(lambda: self._jobs[job_id].state in ended, timeout_s)
        return self.get(job_id)

    def close(self) -> None:
        """Stop the running job at its next step, drop those that wait, and end the thread."""
        with self._changed:
            self._closing = True
        self._queue.put(None)
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        while (given := self._queue.get()) is not None:
            job_id, work = given
            if self._closing:
                self._note(job_id, state="stopped")
                continue
            self._note(job_id, state="running", started_at=iso(self._clock.now_ms()))
            try:
                work(partial(self._progress, job_id))
            except Stopped:
                self._end(job_id, state="stopped")
            except LakehouseError as error:
                self._end(job_id, state="failed", error=error.message, hint=error.hint)
            except Exception as error:  # noqa: BLE001 - one job's defect must not end the others
                self._end(job_id, state="failed", error=type(error).__name__, hint="lakehouse doctor")
            else:
                self._end(job_id, state="done")

    def _progress(self, job_id: str, progress: Progress) -> None:
        if self._closing:
            raise Stopped
        self._note(
            job_id, phase=progress.phase, done=progress.done, total=progress.total,
            rate=round(progress.rate, 1), eta_s=round(progress.eta_s, 1) if progress.rate else None,
        )  # fmt: skip

    def _end(self, job_id: str, *, state: State, error: str = "", hint: str = "") -> None:
        self._note(job_id, state=state, error=error, hint=hint, ended_at=iso(self._clock.now_ms()))
        job = self.get(job_id)
        self._journal.post(
            "jobs",
            {
                "job_id": job_id, "kind": job.kind, "subject": job.subject, "state": job.state,
                "phase": job.phase, "done": job.done, "total": job.total, "error": job.error,
            },
        )  # fmt: skip

    def _note(self, job_id: str, **changes: object) -> None:
        with self._changed:
            self._jobs[job_id] = replace(self._jobs[job_id], **changes)  # type: ignore[arg-type]  # its fields
            self._changed.notify_all()

    def _forget_old(self) -> None:
        ended = [i for i, job in self._jobs.items() if job.state in {"done", "failed", "stopped"}]
        for job_id in ended[: max(0, len(self._jobs) - KEPT)]:
            del self._jobs[job_id]
