"""A process that takes rows in is killed, again and again; what it acknowledged is there, once and whole."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

import pytest

from lakehouse.lake.facade import Lakehouse
from tests.flows.conftest import open_in

pytestmark = pytest.mark.crash

ROWS = 10
"""Of each file, and of each upsert."""

WORK = '''
import os, signal, sys
from pathlib import Path
import lakehouse, lakehouse.assembly

ROOT, ROWS = Path(sys.argv[1]), int(sys.argv[2])
CHANGES = {"os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree", "shutil.copyfile"}

def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())

def strike(at):
    """An audit hook that kills this process at its n-th change to the disk, as Python itself sees them."""
    seen = 0
    def hook(event, arguments):
        nonlocal seen
        if event in CHANGES or event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            seen += 1
            if seen == at:
                os.kill(os.getpid(), signal.SIGKILL)
    return hook

def work(number, kill_at):
    lake = lakehouse.open(ROOT)
    say("open", os.getpid())
    if kill_at:
        sys.addaudithook(strike(kill_at))
    while True:
        file = ROOT.parent / f"{number}.csv"
        lake.ingest(file, table="parts")
        say("parts", number)
        rows = [{"id": i, "v": number} for i in [*range(ROWS), 1000 + number]]
        lake.upsert("latest", rows, key="id")
        say("latest", number)
        lake.ingest(file, table="keyed", key="id")
        say("keyed", number)
        number += 1

for line in sys.stdin:  # a fresh process each time, without the second that imports take
    child = os.fork()
    if not child:
        work(*map(int, line.split()))
    say("ended", os.waitpid(child, 0)[1])
'''


class Victims:
    """Processes that work on one lake, each until it is killed."""

    def __init__(self, root: Path) -> None:
        command = [sys.executable, "-c", WORK, str(root), str(ROWS)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate(timeout=60)

    def run(self, number: int, *, kill_at: int, after_s: float) -> list[tuple[str, int]]:
        """What was acknowledged before the kill: from inside at a change, or from here after a time."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{number} {kill_at}\n")
        word, pid = self.process.stdout.readline().split()
        assert word == "open"
        if not kill_at:
            time.sleep(after_s)  # the moment of the kill: nothing is waited for
            os.kill(int(pid), signal.SIGKILL)
        said = []
        while (line := self.process.stdout.readline().split())[0] != "ended":
            said.append((line[0], int(line[1])))
        assert int(line[1]) == signal.SIGKILL
        return said


def parts_in(lake: Lakehouse) -> set[int]:
    """The files that are there; each once and whole."""
    found = lake.sql("SELECT part, count(*), count(DISTINCT id) FROM parts GROUP BY part").rows()
    assert {(rows, ids) for _, rows, ids in found} <= {(ROWS, ROWS)}
    return {part for part, _, _ in found}


def latest_in(lake: Lakehouse) -> set[int]:
    """The upserts that left their mark; the last of them with all its rows, and none of another."""
    marks = {v for (v,) in lake.sql("SELECT v FROM latest WHERE id >= 1000").rows()}
    rows = lake.sql("SELECT v, count(*) FROM latest WHERE id < 1000 GROUP BY v").rows()
    assert rows == ([(max(marks), ROWS)] if marks else [])
    return marks


def keyed_in(lake: Lakehouse) -> set[int]:
    """The files up to the one whose rows are there, all of them."""
    found = lake.sql("SELECT part, count(*), count(DISTINCT id) FROM keyed GROUP BY part").rows()
    assert [(rows, ids) for _, rows, ids in found] == [(ROWS, ROWS)]
    return set(range(found[0][0] + 1))


READ = {"parts": parts_in, "latest": latest_in, "keyed": keyed_in}
Kept = dict[str, set[int]]


def check(root: Path, promised: Kept, begun: int) -> Kept:
    """Open the lake as the next process would: what was promised is there, else at most what was begun.

    Returns:
        What is there now, and must be from now on.
    """
    started = time.process_time()
    with open_in(root) as lake:
        known = {info.table for info in lake.tables()}
        assert time.process_time() - started < 2, "recovery took too long"
        found = {table: read(lake) if table in known else set() for table, read in READ.items()}
        for scratch in ("cache/staging", "cache/hot"):
            assert len(list((root / scratch).iterdir())) == 1, "the dead left something behind"
    assert not [path for path in (root / ".partial").rglob("*") if path.is_file()]
    for table, numbers in found.items():
        assert numbers >= promised[table], f"{table} lost something"
        assert numbers <= promised[table] | {begun}, f"{table} holds what was never begun"
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_ten_kills_lose_nothing_that_was_acknowledged(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    for n in range(300):
        (tmp_path / f"{n}.csv").write_text("id,part\n" + "".join(f"{i},{n}\n" for i in range(ROWS)))
    root, begun = tmp_path / "lake", 0
    open_in(root).close()
    kept: Kept = {table: set() for table in READ}
    with Victims(root) as victims:
        for turn in range(10):
            kill_at = dice.randrange(1, 120) if turn % 3 else 0
            for table, number in victims.run(begun, kill_at=kill_at, after_s=dice.uniform(0, 1.5)):
                kept[table].add(number)
                begun = number + (table == "keyed")
            kept = check(root, kept, begun)
    assert len(kept["parts"]) > 1, "the kills came before anything was done"
