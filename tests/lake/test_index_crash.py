"""A process that keeps an index up is killed, again and again; the next one goes on, nothing is doubled."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.crash

POINTS = (3, 40, 100, 220)
"""Changes to the disk after which the process dies: a row's write makes 5, a round 40 to 120."""

# One process imports everything, which takes longer than the work, and is forked for each life: it has opened
# no lake, so it has no threads that a fork would lose. Each life first looks at what the one before has left.
WORK = """
import os, signal, sys, traceback
from pathlib import Path
from lakehouse.index.words import native
from tests.lake.conftest import open_with

CHANGES = {"os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree", "os.replace"}

def strike(at):
    seen = 0
    def hook(event, arguments):
        nonlocal seen
        if event in CHANGES or event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            seen += 1
            if seen == at:
                os.kill(os.getpid(), signal.SIGKILL)
    return hook

def check(lake, last):
    lake.index.refresh("resumes")
    rows = lake.show("people").info.rows
    counted = "SELECT count(*), count(DISTINCT row_key), count(DISTINCT model) FROM _vectors.resumes"
    assert lake.sql(counted).rows() == [(rows, rows, 1)]
    shown = lake.index.show("resumes")
    assert (shown.waiting, shown.embedded) == (0, rows)
    found = lake.search(f"number{last}", k=1).hits[0]
    assert found.id == str(last)
    assert found.parts.dense is not None
    print("held", flush=True)

def live(root, at, last):
    lake = open_with(Path(root))
    if "resumes" in lake.index.names():
        check(lake, last)
    else:
        lake.upsert("people", [{"id": 0, "resume": "worker number0"}], key="id")
        lake.index.define("resumes", table="people", text="resume", id="id")
    sys.addaudithook(strike(at))
    for number in range(last + 1, last + 1000 if at else 0):
        rows = [{"id": n, "resume": f"worker number{n} round{number}"} for n in (number, number + 1, 0)]
        lake.upsert("people", rows, key="id")
        lake.index.get("resumes").refresh(lambda _: None, graph=number % 2 == 0)
        print("done", number, flush=True)
    lake.close()

for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        try:
            live(sys.argv[1], *map(int, line.split()))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    print("ended", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""


def lived(process: "subprocess.Popen[str]", at: int, last: int) -> list[str]:
    """What a life says that goes on after round `last` and ends at change `at`; 0: after a look."""
    said: list[str] = []
    assert process.stdin
    assert process.stdout
    print(at, last, file=process.stdin, flush=True)
    while not said or not said[-1].startswith("ended"):
        said.append(process.stdout.readline().strip())
        assert said[-1], said
    return said


def test_a_refresh_that_is_killed_anywhere_is_gone_on_with(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WORK, str(tmp_path / "lake")]
    one_thread = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    pipe, last = subprocess.PIPE, 0
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=one_thread) as process:
        for number, at in enumerate(POINTS):
            said = lived(process, at, last)
            assert said[-1] == "ended -9"
            assert ("held" in said) == (number > 0)
            last = max([last, *(int(line.split()[1]) for line in said if line.startswith("done"))])
        assert lived(process, 0, last) == ["held", "ended 0"]
    assert last >= 2
