"""A process that keeps an index up is killed, again and again; the next one goes on, nothing is doubled."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.lake.conftest import open_with

pytestmark = pytest.mark.crash

POINTS = (3, 15, 31, 47, 66)
"""Changes to the disk after which the process dies; one round makes about thirty."""

WORK = """
import os, signal, sys
from pathlib import Path
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

def work(root, at, first):
    lake = open_with(Path(root))
    if "resumes" not in lake.index.names():
        lake.upsert("people", [{"id": 0, "resume": "worker number0"}], key="id")
        lake.index.define("resumes", table="people", text="resume", id="id")
    print("open", flush=True)
    sys.addaudithook(strike(at))
    for number in range(first, first + 1000):
        rows = [{"id": n, "resume": f"worker number{n} round{number}"} for n in (number, number + 1, 0)]
        lake.upsert("people", rows, key="id")
        lake.index.get("resumes").refresh(lambda _: None, graph=number % 2 == 0)
        print("done", number, flush=True)

work(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
"""


def killed(root: Path, at: int, first: int) -> int:
    """Let a process work until it is killed; the last round that it said was done, or the one before."""
    command = [sys.executable, "-c", WORK, str(root), str(at), str(first)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert ended.returncode == -9, ended.stderr[-2000:]
    done = [int(line.split()[1]) for line in ended.stdout.splitlines() if line.startswith("done")]
    return done[-1] if done else first - 1


def test_a_refresh_that_is_killed_anywhere_is_gone_on_with(tmp_path: Path) -> None:
    root, last = tmp_path / "lake", 0
    for at in POINTS:
        last = killed(root, at, last + 1)
        with open_with(root) as lake:
            lake.index.refresh("resumes")
            rows = lake.show("people").info.rows
            counted = lake.sql(
                "SELECT count(*), count(DISTINCT row_key), count(DISTINCT model) FROM _vectors.resumes"
            ).rows()
            assert counted == [(rows, rows, 1)]
            shown = lake.index.show("resumes")
            assert (shown.waiting, shown.embedded) == (0, rows)
            found = lake.search(f"number{last}", k=1).hits[0]
            assert found.id == str(last)
            assert found.parts.dense is not None
    assert last > 2
