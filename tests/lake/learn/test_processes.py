"""Several processes tell at once, and one is killed while it tells: nothing is lost, halved or doubled."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import pytest

from lakehouse.base.clock import FixedClock, SystemClock
from lakehouse.base.errors import NotFound, Refused
from tests.lake.learn.conftest import ASKED, START_MS, opened

EACH: Final = 25
BULK: Final = 500

TELL: Final = """
import os, sys, time
from pathlib import Path
from lakehouse.base.clock import SystemClock
from tests.lake.learn.conftest import ASKED, opened

root, name, each = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
with opened(root, SystemClock()) as lake:
    found = lake.search(ASKED, k=3)
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(each):
        lake.feedback(found.search_id, found.hits[0].id, outcome="accepted", source=f"{name}{number}")
    print("told", flush=True)
    sys.stdin.readline()
    until = time.monotonic() + 2
    while lake.playbook.stats().outcomes < 2 * each and time.monotonic() < until:
        os.sched_yield()
    print(lake.playbook.stats().outcomes, flush=True)
"""

DIE: Final = """
import os, signal, sys
from pathlib import Path
from tests.lake.learn.conftest import ASKED, opened

CHANGES = {"os.rename", "os.link", "os.remove", "os.mkdir", "os.replace"}

def strike(at):
    seen = 0
    def hook(event, arguments):
        nonlocal seen
        if event in CHANGES or event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            seen += 1
            if seen == at:
                os.kill(os.getpid(), signal.SIGKILL)
    return hook

root, at, bulk = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
lake = opened(root)
found = lake.search(ASKED, k=3)
lake._all.journal.flush()
one = {"search_id": found.search_id, "doc_id": found.hits[0].id, "outcome": "accepted"}
outcomes = [{**one, "source": f"s{at}-{number}"} for number in range(bulk)]
sys.addaudithook(strike(at))
lake.playbook.feedback_many(outcomes)
os.write(1, b"kept")
os.kill(os.getpid(), signal.SIGKILL)
"""


def started(code: str, *words: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *map(str, words)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def heard(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def test_two_processes_tell_at_once_and_both_know_all_of_it_within_two_seconds(root: Path) -> None:
    names = ("ann", "bob")
    with opened(root, SystemClock()) as lake:
        both = [started(TELL, root, name, EACH) for name in names]
        for said in ("ready", "told"):
            assert [heard(process) for process in both] == [said] * 2
            if said == "ready":
                for process in both:
                    go(process)
        for process in both:
            go(process)
        until = time.monotonic() + 2
        while lake.playbook.stats().outcomes < 2 * EACH and time.monotonic() < until:
            os.sched_yield()
        assert lake.playbook.stats().outcomes == 2 * EACH
        assert [int(heard(process)) for process in both] == [2 * EACH] * 2
        assert [process.wait(30) for process in both] == [0, 0]
        for process in both:
            process.communicate()
        sources = set(lake.playbook.stats().sources)
    assert sources == {f"{name}{number}" for name in names for number in range(EACH)}


@pytest.mark.crash
def test_a_process_killed_anywhere_in_a_bulk_leaves_all_of_it_or_nothing(root: Path) -> None:
    whole = 0
    for at in (1, 3, 100):  # before the file is there, while it is put in its place, and after it
        killed = subprocess.run(
            [sys.executable, "-c", DIE, str(root), str(at), str(BULK)],
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert killed.returncode == -9, killed.stderr[-2000:]
        with opened(root) as lake:
            known = lake.playbook.stats()
            rows = lake.sql("SELECT count(*), count(DISTINCT source) FROM system.outcomes").rows()
        assert known.damaged == 0
        assert known.outcomes % BULK == 0
        assert rows == [(known.outcomes, known.outcomes)]
        assert known.outcomes - whole in ({BULK} if killed.stdout == b"kept" else {0, BULK})
        whole = known.outcomes
    assert whole >= BULK


def test_a_search_of_another_process_takes_outcomes_with_its_age_and_its_vector(root: Path) -> None:
    with opened(root, FixedClock(START_MS)) as first:
        found = first.search(ASKED, k=3)
    later = FixedClock(START_MS + 180 * 86_400_000)
    with opened(root, later) as second:
        second.feedback(found.search_id, found.hits[0].id, outcome="accepted")
        why = second.playbook.why(ASKED)
        assert why.similarity == pytest.approx(1.0, abs=0.01)
        assert why.rows[0].successes == pytest.approx(
            0.8 * 0.6 * 0.5, rel=0.05
        )  # worth, trust, half its life
        with pytest.raises(Refused):
            second.feedback(found.search_id, "5", outcome="accepted")
        with pytest.raises(NotFound):
            second.feedback("01ARZ3NDEKTSV4RRFFQ69G5FAV", "5", outcome="accepted")


def test_an_outcome_told_where_the_model_is_missing_is_kept_and_read_where_it_is_there(root: Path) -> None:
    with opened(root) as first:
        found = first.search(ASKED, k=3)
    with opened(root, has_model=False) as second:
        second.feedback(found.search_id, found.hits[0].id, outcome="accepted", source="ann")
    with opened(root) as third:
        again = third.search(ASKED, k=3)
        third.feedback(again.search_id, again.hits[0].id, outcome="accepted", source="bob")
        assert third.playbook.stats().outcomes == 2
        assert third.playbook.stats().damaged == 0
