"""What the kernel saw: fsync before every answer; a killed process and a failing disk lose nothing."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lakehouse.store.local import LocalStore

STRACE = shutil.which("strace")
pytestmark = [
    pytest.mark.crash,
    pytest.mark.skipif(STRACE is None, reason="strace is not installed (apt-get install strace)"),
]

WORK = """
import os, sys
from pathlib import Path
from lakehouse.base.errors import LakehouseError
from lakehouse.store.local import LocalStore
store = LocalStore(Path(sys.argv[1]), durability=sys.argv[2])
os.write(1, b"open -\\n")
for turn in range(4):
    for act in (store.put, store.put_if_absent):
        key = f"{act.__name__}/{turn % 2}/{turn}"
        try:
            act(key, key.encode() * 1000)
        except LakehouseError as error:
            os.write(1, f"{error.kind} {key} {error.hint}\\n".encode())
        else:
            os.write(1, f"stored {key}\\n".encode())
"""


def work(root: Path, *strace: str, durability: str = "full") -> tuple[list[list[str]], list[str]]:
    """Run WORK under strace; what it said it stored or failed, and the system calls."""
    log = root.with_suffix(".strace")
    calls = "trace=write,fsync,fdatasync,link,linkat,rename,renameat,renameat2"
    program = [sys.executable, "-c", WORK, str(root), durability]
    done = subprocess.run(
        [str(STRACE), "-f", "-y", "-qq", "-o", str(log), "-e", calls, *strace, *program],
        capture_output=True,
        text=True,
        timeout=60,
    )
    return [line.split(" ", 2) for line in done.stdout.splitlines()], log.read_text().splitlines()


def test_every_answer_comes_after_fsync_of_the_file_and_of_its_folder(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    said, calls = work(root)
    assert [word for word, *_ in said] == ["open"] + ["stored"] * 8
    synced: list[str] = []
    placed: list[str] = []
    for call in calls:
        if found := re.search(r"fsync\(\d+<([^>]+)>\) += 0", call):
            synced.append(found[1])
        elif found := re.search(r'(?:link|rename)\w*\("([^"]+)", "([^"]+)"\) += 0', call):
            assert found[1] in synced, "a file got its name before its bytes were durable"
            placed.append(found[2])
            synced.clear()
        elif found := re.search(r'"stored ([^\\]+)', call):
            assert placed == [str(root / found[1])]
            assert str(Path(placed.pop()).parent) in synced, "an answer came before the name was durable"


def test_the_folders_that_a_put_creates_are_durable_too(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    _, calls = work(root)
    synced = {found[1] for call in calls if (found := re.search(r"fsync\(\d+<([^>]+)>\) += 0", call))}
    assert {str(tmp_path), str(root), str(root / "put"), str(root / "put/1")} <= synced


def test_without_full_durability_nothing_waits_for_the_disk(tmp_path: Path) -> None:
    said, calls = work(tmp_path / "lake", durability="process")
    assert len(said) == 9
    assert not [call for call in calls if "sync(" in call]


@pytest.mark.parametrize(
    "fault",
    ["fsync:when=4", "fsync:when=9", "link:when=1", "link:when=4", "rename:when=1", "rename:when=4",
     "write:when=2", "write:when=8"],
)  # fmt: skip
def test_a_killed_process_loses_nothing_that_it_answered_for(tmp_path: Path, fault: str) -> None:
    root = tmp_path / "lake"
    said, _ = work(root, "-e", f"inject={fault.replace(':', ':signal=KILL:')}")
    assert len(said) < 9, "the fault did not strike"
    store = LocalStore(root)
    for _, key, *_ in said[1:]:
        assert store.get(key) == key.encode() * 1000
    for info in store.list(""):
        assert store.get(info.key) == info.key.encode() * 1000
    assert not [path for path in (root / ".partial").rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("fault", "hint"),
    [("fsync:error=EIO:when=3+4", "check the disk"), ("write:error=ENOSPC:when=2+4", "free disk space"),
     ("link,rename:error=EROFS:when=3+4", "mount the disk"), ("link:error=EPERM:when=1+2", "hard links")],
)  # fmt: skip
def test_a_failing_disk_is_told_with_the_cure_and_leaves_nothing_behind(
    tmp_path: Path, fault: str, hint: str
) -> None:
    root = tmp_path / "lake"
    LocalStore(root).put("before/x", b"before/x" * 1000)
    said, _ = work(root, "-e", f"inject={fault}")
    failed = [line for line in said if line[0] == "Unavailable"]
    assert failed, "the fault did not strike"
    assert all(hint in line[2] for line in failed)
    store = LocalStore(root)
    stored = {key for word, key, *_ in said if word == "stored"}
    assert stored <= {info.key for info in store.list("")}
    for info in store.list(""):
        assert store.get(info.key) == info.key.encode() * 1000
    assert not [path for path in (root / ".partial").rglob("*") if path.is_file()]
