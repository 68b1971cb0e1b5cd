"""Peers in an environment of their own: found or said to be absent, asked line by line, ended in any case."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from lakehouse.base.errors import Unavailable
from lakehouse.bench.ground import THREADS
from lakehouse.bench.search import stranger as module
from lakehouse.bench.search import strangers
from lakehouse.bench.search.stranger import ABSENT, POOLS, SCRIPT, interpreter, stranger


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "script.py"
    monkeypatch.setattr(module, "SCRIPT", path)
    return path


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_environment_lies_beside_the_one_that_runs(tmp_path: Path) -> None:
    assert interpreter(tmp_path / ".venv") is None
    python = tmp_path / ".venv-peers" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    assert interpreter(tmp_path / ".venv") == python


def test_what_to_do_about_an_absent_peer_is_a_target_of_the_makefile() -> None:
    command = ABSENT.partition(": ")[2]
    makefile = (Path(__file__).parents[3] / "Makefile").read_text()
    assert command.startswith("make ")
    assert f"\n{command.removeprefix('make ')}:" in makefile


def test_a_peer_is_told_how_many_threads_it_has(script: Path, tmp_path: Path) -> None:
    script.write_text(
        textwrap.dedent("""
        import json, os, sys
        for line in sys.stdin:
            asked = json.loads(line)
            print(json.dumps({"asked": asked, "environ": dict(os.environ)}), flush=True)
        """)
    )
    with stranger(tmp_path, python=Path(sys.executable)) as peer:
        first, second = peer.ask("one", {"x": 1}), peer.ask("two", {})
    assert first["asked"] == {"what": "one", "x": 1, "threads": THREADS}
    assert second["asked"] == {"what": "two", "threads": THREADS}
    environ = first["environ"]
    assert isinstance(environ, dict)
    assert {environ[name] for name in POOLS} == {str(THREADS)}


def test_a_peer_that_fails_says_its_last_words(script: Path, tmp_path: Path) -> None:
    script.write_text("import sys; sys.stdin.readline(); raise ValueError('no such graph')")
    with (
        stranger(tmp_path, python=Path(sys.executable)) as peer,
        pytest.raises(Unavailable, match="no such graph") as caught,
    ):
        peer.ask("lancedb", {})
    assert "make bench-peers" in caught.value.hint


def test_a_peer_that_ended_before_it_was_asked_is_unavailable(script: Path, tmp_path: Path) -> None:
    script.write_text("raise SystemExit('gone')")
    with stranger(tmp_path, python=Path(sys.executable)) as peer, pytest.raises(Unavailable):
        peer.ask("lancedb", {"filler": "x" * 1_000_000})  # more than a pipe holds


def test_a_peer_ends_with_the_block_even_when_it_is_busy(script: Path, tmp_path: Path) -> None:
    script.write_text(
        "import os, sys\nsys.stdin.readline()\nprint(os.getpid(), flush=True)\nwhile True: pass\n"
    )
    with stranger(tmp_path, python=Path(sys.executable)) as peer:
        pid = peer.ask("x", {})
    assert isinstance(pid, int)
    assert not alive(pid)


def test_the_script_needs_nothing_of_ours_and_keeps_what_libraries_print_out_of_its_answers() -> None:
    asked = [{"what": "echo", "x": 1}, {"what": "echo", "x": 2}]
    code = (
        "import runpy, sys; m = runpy.run_path(sys.argv[1]);"
        "m['KNOWN']['echo'] = lambda asked: (print('noise'), {'x': asked['x']})[1]; m['main']()"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, str(SCRIPT)],
        input="".join(json.dumps(one) + "\n" for one in asked),
        capture_output=True,
        text=True,
        check=True,
    )
    assert [json.loads(line) for line in done.stdout.splitlines()] == [{"x": 1}, {"x": 2}]
    assert done.stderr.count("noise") == 2


def test_a_try_measures_each_question_and_how_much_of_the_truth_was_found() -> None:
    def ask(question: list[int], effort: int) -> list[int]:
        return question[:effort]

    questions = [[1, 2], [3, 9]] * 10
    found = strangers._tried(ask, questions, 2, [[1, 2], [3, 4]] * 10)
    assert len(found["times"]) == 20
    assert (found["effort"], found["recall"]) == (2, 0.75)
