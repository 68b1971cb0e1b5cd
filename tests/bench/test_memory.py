"""Memory as Linux counts it: of a process, of its children and theirs, while they live."""

import mmap
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lakehouse.bench.memory import held_bytes, peak_of, tree_bytes

MB = 1 << 20
HOLD = """
import sys
held = bytearray(b"x") * (int(sys.argv[1]) << 20)
print("ready", flush=True)
sys.stdin.read()
"""
"""Holds so many megabytes until its stdin is closed."""

GRANDCHILD = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1], sys.argv[2]], stdin=sys.stdin)
child.wait()
"""

MAP = """
import mmap, sys
with open(sys.argv[1], "rb") as file:
    mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
total = sum(mapped[n] for n in range(0, len(mapped), mmap.PAGESIZE))
print("ready", flush=True)
sys.stdin.read()
"""
"""Maps a file and reads every page of it."""


@contextmanager
def running(*words: str) -> Iterator[int]:
    """The number of a process that has said it is ready; it ends with the block."""
    command = [sys.executable, "-c", *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield process.pid


@pytest.fixture
def mapped(tmp_path: Path) -> Path:
    path = tmp_path / "mapped.bin"
    path.write_bytes(os.urandom(1024) * 32 * 1024)
    return path


def test_what_a_process_holds_is_counted() -> None:
    with running(HOLD, "60") as pid:
        assert 60 * MB < tree_bytes(pid) < 120 * MB
        assert 60 * MB < held_bytes(pid) < 120 * MB


def test_a_larger_process_counts_more_by_about_what_it_holds_more() -> None:
    with running(HOLD, "10") as small, running(HOLD, "60") as large:
        for measure in (tree_bytes, held_bytes):
            assert measure(large) - measure(small) == pytest.approx(50 * MB, rel=0.1)


def test_a_child_counts_with_its_parent_while_it_lives() -> None:
    before = tree_bytes(os.getpid())
    with running(HOLD, "60"):
        assert tree_bytes(os.getpid()) > before + 55 * MB
    assert tree_bytes(os.getpid()) < before + 30 * MB


def test_a_grandchild_counts_too() -> None:
    with running(GRANDCHILD, HOLD, "60") as pid:
        assert tree_bytes(pid) > 60 * MB
        assert held_bytes(pid) > 60 * MB


def test_a_process_that_has_ended_takes_nothing() -> None:
    with running(HOLD, "1") as pid:
        pass
    assert (tree_bytes(pid), held_bytes(pid)) == (0, 0)


def test_the_peak_is_remembered_after_the_child_has_gone() -> None:
    with peak_of(os.getpid()) as peak:
        before = peak[0]
        with running(HOLD, "80"):
            while peak[0] < before + 80 * MB:  # the watcher looks fifty times a second
                pass
        after = tree_bytes(os.getpid())
    assert peak[0] >= before + 80 * MB > after


def test_the_peak_of_nothing_is_what_was_there_at_first() -> None:
    with running(HOLD, "5") as pid:
        with peak_of(pid) as peak:
            pass
        assert peak == [pytest.approx(tree_bytes(pid), rel=0.2)]


def test_the_watch_ends_when_the_block_fails() -> None:
    with pytest.raises(RuntimeError, match="stop"), peak_of(os.getpid()) as peak:
        raise RuntimeError("stop")
    seen = peak[0]
    held = bytearray(b"x") * (40 * MB)
    assert peak[0] == seen
    assert held


def test_pages_of_a_file_count_in_each_process_but_are_held_once(mapped: Path) -> None:
    size = mapped.stat().st_size
    both = (
        "import subprocess, sys\n"
        "words = [sys.executable, '-c', sys.argv[1], sys.argv[2]]\n"
        "first = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "first.stdout.readline()\n"
        "second = subprocess.Popen(words, stdin=sys.stdin)\n"
        "second.wait()\n"
        "first.communicate()\n"
    )
    with running(both, MAP, str(mapped)) as pid:
        assert tree_bytes(pid) > 2 * size
        assert size < held_bytes(pid) < 2 * size


def test_a_page_is_as_large_as_the_machine_says() -> None:
    with running(MAP, __file__) as pid:
        assert tree_bytes(pid) % mmap.PAGESIZE == 0
