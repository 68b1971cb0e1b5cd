"""What the kernel saw of whole writes: what an answer stands for is on the disk before the answer."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

STRACE = shutil.which("strace")
pytestmark = [
    pytest.mark.crash,
    pytest.mark.skipif(STRACE is None, reason="strace is not installed (apt-get install strace)"),
]

WORK = """
import os, sys
from pathlib import Path
import lakehouse
from lakehouse.table.schema import Column
root, file = Path(sys.argv[1]), Path(sys.argv[2])
def done(what):
    os.access("/answered/" + what, os.R_OK)
with lakehouse.open(root) as lake:
    done("open")
    lake.ingest(file, table="sales.t"); done("ingest")
    first = lake.history("sales.t")[0].snapshot_id
    lake.upsert("sales.t", [{"id": 1, "name": "q"}, {"id": 7, "name": "z"}], key="id"); done("upsert")
    lake.delete("sales.t", where="id = 2"); done("delete")
    lake.compact("sales.t"); done("compact")
    lake.rollback("sales.t", to=first); done("rollback")
    lake.create("sales.c", [Column(name="id", type="BIGINT")]); done("create")
    lake.drop("sales.c"); done("drop")
"""
ANSWERS = ["open", "ingest", "upsert", "delete", "compact", "rollback", "create", "drop"]

CALLS = "access,fsync,fdatasync,mkdir,openat,rename,link,unlink"
MADE = re.compile(r'(?:mkdir\(|openat\([^"]*)"([^"]+)", (?:0\d+|\S*O_CREAT\S*.*?)\) += \d')
PLACED = re.compile(r'(?:rename|link)\("([^"]+)", "([^"]+)"(?:\) += 0| <unfinished)')
GONE = re.compile(r'unlink\("([^"]+)"\) += 0')
SYNCED = re.compile(r"f(?:data)?sync\(\d+<([^>]+)>(?:\) += 0| <unfinished)")
ANSWER = re.compile(r'access\("/answered/(\w+)"')
DISPOSABLE = re.compile(r"/(?:cache|\.partial)(?:/|$)|-shm$")


def traced(tmp_path: Path) -> list[str]:
    file, log = tmp_path / "f.csv", tmp_path / "log"
    file.write_text("id,name\n1,a\n2,b\n")
    program = [sys.executable, "-c", WORK, str(tmp_path / "deep/lake"), str(file)]
    subprocess.run(
        [str(STRACE), "-f", "-y", "-qq", "-o", str(log), "-e", f"trace={CALLS}", *program],
        check=True,
        timeout=120,
    )
    return log.read_text().splitlines()


def test_no_answer_comes_before_its_files_and_the_folders_that_name_them_are_durable(tmp_path: Path) -> None:
    answered: list[str] = []
    unnamed: set[str] = set()  # made, and their folder not flushed since
    unwritten: set[str] = set()  # made, and not flushed themselves since; a folder is what names others
    for call in traced(tmp_path):
        if (found := MADE.search(call)) and str(tmp_path / "deep") in found[1]:
            unnamed.add(found[1])
            unwritten |= set() if "mkdir(" in call else {found[1]}
        elif found := PLACED.search(call):
            unnamed = (unnamed - {found[1]}) | {found[2]}
            unwritten = {found[2] if path == found[1] else path for path in unwritten}
        elif found := GONE.search(call):
            unnamed, unwritten = unnamed - {found[1]}, unwritten - {found[1]}
        elif found := SYNCED.search(call):
            unwritten.discard(found[1])
            unnamed = {path for path in unnamed if str(Path(path).parent) != found[1]}
        elif found := ANSWER.search(call):
            answered.append(found[1])
            kept = {path for path in unnamed | unwritten if not DISPOSABLE.search(path)}
            # Empty folders of a lake are made again: an open lake has promised nothing yet.
            left = {p for p in kept if Path(p).name not in {"warehouse", "journal"}}
            assert not (left if found[1] == "open" else kept), found[1]
    assert answered == ANSWERS
