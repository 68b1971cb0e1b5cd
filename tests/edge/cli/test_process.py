"""The program as a shell sees it: exit codes, signals, pipes."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.edge.cli.conftest import Run

LAKEHOUSE = [sys.executable, "-m", "lakehouse"]


def environment(root: Path) -> dict[str, str]:
    return {**os.environ, "LAKEHOUSE_ROOT": str(root), "NO_COLOR": "1"}


def program(root: Path, *words: str, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*LAKEHOUSE, *words], env=environment(root), input=stdin, capture_output=True)


def test_a_lake_from_a_pipe_and_an_answer_into_one(tmp_path: Path) -> None:
    done = program(tmp_path / "lake", "ingest", "-", "-t", "t", stdin=b"a,b\n1,2\n")
    assert (done.returncode, b"created t" in done.stdout) == (0, True)
    asked = program(tmp_path / "lake", "sql", "-", "--format", "csv", stdin=b"SELECT b FROM t")
    assert (asked.returncode, asked.stdout) == (0, b'"b"\n2\n')
    assert b"Traceback" not in asked.stderr


def test_failure_and_wrong_usage_have_their_codes(tmp_path: Path) -> None:
    assert program(tmp_path / "lake", "tables").returncode == 1
    assert program(tmp_path / "lake", "sql").returncode == 2


def test_colours_are_for_terminals_only(shared_root: Path) -> None:
    for words in (["show", "people"], ["--help"], ["show", "nobody"]):
        done = program(shared_root, *words)
        assert b"\x1b" not in done.stdout + done.stderr


def test_a_reader_that_leaves_early_hears_no_complaint(shared_root: Path) -> None:
    words = ["sql", "SELECT repeat('x', 1000) FROM range(5000)", "--format", "csv", "--quiet"]
    writer = subprocess.Popen(
        [*LAKEHOUSE, *words], env=environment(shared_root), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert writer.stdout is not None
    assert writer.stderr is not None
    writer.stdout.readline()
    writer.stdout.close()
    said = writer.stderr.read()
    writer.stderr.close()
    assert (writer.wait(), said) == (141, b"")


def test_an_interrupted_ingest_keeps_what_was_done_and_nothing_else(
    run: Run, people: Path, tmp_path: Path
) -> None:
    (tmp_path / "big.csv").write_bytes(b"a,b\n" + b"1,2\n" * 15_000_000)  # takes a second or more
    writer = subprocess.Popen(
        [*LAKEHOUSE, "ingest", str(people), str(tmp_path / "big.csv"), "--json"],
        env=environment(tmp_path / "lake"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert writer.stdout is not None
    first = json.loads(writer.stdout.readline())
    os.killpg(writer.pid, signal.SIGINT)  # as a terminal does it
    _, said = writer.communicate()
    assert (first["table"], writer.returncode) == ("people", 130)
    assert b"kept: 1 file, 100 rows" in said
    assert b"Traceback" not in said
    assert [(i["table"], i["rows"]) for i in json.loads(run("tables", "--json").out)] == [("people", 100)]
    assert [p for p in (tmp_path / "lake" / "cache").rglob("*") if p.is_file()] == []


INTERRUPTED_AT = """
import os, signal, sys
MODULE = sys.argv[1]
from importlib.abc import MetaPathFinder

class Interrupts(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == MODULE:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupts())
from lakehouse.__main__ import main
sys.argv[1:] = sys.argv[3:]
main()
"""


@pytest.mark.parametrize(
    "module",
    [
        "typer",
        "lakehouse.edge.cli.app",
        "pydantic.types",  # while the options are read
        "lakehouse.edge.cli.tables",
        "lakehouse.assembly",
        "pyarrow",
    ],
)
def test_an_interrupt_while_modules_are_imported_is_said_in_words(shared_root: Path, module: str) -> None:
    command = [sys.executable, "-c", INTERRUPTED_AT, module, "", "tables"]
    done = subprocess.run(command, env=environment(shared_root), capture_output=True)
    assert (done.returncode, done.stdout) == (130, b"")
    assert b"interrupted" in done.stderr
    assert b"Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 2
