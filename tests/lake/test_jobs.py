"""Jobs run one after another, can be followed and waited for, and end in words."""

import threading
from collections.abc import Iterator

import pytest

from lakehouse.base.clock import FixedClock
from lakehouse.base.errors import Invalid, NotFound
from lakehouse.index.refresh import Progress, Watch
from lakehouse.lake.jobs import Jobs
from lakehouse.store.journal import Journal
from lakehouse.store.memory import MemoryStore

CLOCK = FixedClock(1_700_000_000_000)


@pytest.fixture
def journal() -> Iterator[Journal]:
    journal = Journal(MemoryStore(), clock=CLOCK)
    yield journal
    journal.close()


@pytest.fixture
def jobs(journal: Journal) -> Iterator[Jobs]:
    jobs = Jobs(journal, CLOCK)
    yield jobs
    jobs.close()


def step(watch: Watch) -> None:
    watch(Progress(phase="words", done=3, total=4, elapsed_s=1.5))


def test_a_job_says_how_far_it_is_and_how_it_ended(jobs: Jobs, journal: Journal) -> None:
    job = jobs.wait(jobs.start("refresh", "resumes", step).job_id, timeout_s=20)
    assert (job.state, job.phase, job.done, job.total, job.rate, job.eta_s) == (
        "done",
        "words",
        3,
        4,
        2.0,
        0.5,
    )
    journal.flush()
    (kept,) = journal.replay("jobs")
    assert (kept["job_id"], kept["state"], kept["subject"]) == (job.job_id, "done", "resumes")


def test_a_failed_job_keeps_the_message_and_the_hint(jobs: Jobs) -> None:
    def fail(_: Watch) -> None:
        raise Invalid("no such column", hint="name another")

    job = jobs.wait(jobs.start("index", "resumes", fail).job_id, timeout_s=20)
    assert (job.state, job.error, job.hint) == ("failed", "no such column", "name another")


def test_a_defect_in_one_job_leaves_the_next_one_running(jobs: Jobs) -> None:
    first = jobs.start("refresh", "a", lambda _: 1 / 0)
    second = jobs.start("refresh", "b", step)
    assert jobs.wait(second.job_id, timeout_s=20).state == "done"
    assert (jobs.get(first.job_id).state, jobs.get(first.job_id).error) == ("failed", "ZeroDivisionError")


def test_the_same_work_waits_in_the_queue_once(jobs: Jobs) -> None:
    gate = threading.Event()
    running = jobs.start("refresh", "a", lambda _: gate.wait(20))
    waiting = jobs.start("refresh", "b", step)
    assert jobs.start("refresh", "b", step).job_id == waiting.job_id
    assert jobs.start("refresh", "b", step, again=True).job_id != waiting.job_id
    gate.set()
    assert jobs.wait(running.job_id, timeout_s=20).state == "done"
    assert [job.subject for job in jobs.all()] == ["b", "b", "a"]


def test_closing_stops_the_running_job_at_its_next_step_and_drops_the_rest(journal: Journal) -> None:
    jobs = Jobs(journal, CLOCK)
    begun, closing = threading.Event(), threading.Event()

    def long(watch: Watch) -> None:
        begun.set()
        closing.wait(20)
        while True:
            step(watch)

    running, waiting = jobs.start("refresh", "a", long), jobs.start("refresh", "b", step)
    assert begun.wait(20)
    closer = threading.Thread(target=jobs.close)
    closer.start()
    closing.set()
    closer.join(20)
    assert jobs.get(running.job_id).state == jobs.get(waiting.job_id).state == "stopped"


def test_an_unknown_job_is_said_so(jobs: Jobs) -> None:
    with pytest.raises(NotFound, match="no job"):
        jobs.get("01")
