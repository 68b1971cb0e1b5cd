"""Children: framed requests, limits that bind, and deaths told in words."""

import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lakehouse.base.child import Child, cause
from lakehouse.base.errors import NotFound, Unavailable
from lakehouse.base.jail import Jail


def small(tmp_path: Path, **changes: object) -> Jail:
    fields = {"read": (), "write": (tmp_path,), "memory_bytes": 200 << 20, **changes}
    return Jail(**fields)  # type: ignore[arg-type]


@pytest.fixture
def echo(tmp_path: Path) -> Iterator[Child]:
    with Child("tests.base.entries:echo", small(tmp_path), setup={"colour": "red"}) as child:
        yield child


@pytest.fixture
def attempts(tmp_path: Path) -> Iterator[Child]:
    with Child("tests.base.entries:attempts", small(tmp_path)) as child:
        yield child


def test_a_request_comes_back_with_its_bytes_and_the_setup(echo: Child) -> None:
    big = bytes(range(256)) * 4000
    reply = echo.ask({"a": [1, "ü"]}, b"", b"small", big, timeout_s=5)
    assert reply.payload == (b"", b"small", big)
    assert reply.header == {"a": [1, "ü"], "i": 0, "setup": {"colour": "red"}, "end": True}


def test_a_child_does_not_find_the_modules_it_is_to_do_without(tmp_path: Path) -> None:
    without = ("colorsys",)
    with Child("tests.base.entries:attempts", small(tmp_path), without=without) as child:
        assert child.ask({"do": "find", "with": "calendar"}, timeout_s=5).header["got"]
        assert not child.ask({"do": "find", "with": "colorsys"}, timeout_s=5).header["got"]


def test_replies_stream_in_order_and_only_the_last_is_marked(echo: Child) -> None:
    replies = list(echo.stream({"times": 5}, b"x", timeout_s=5))
    assert [r.header["i"] for r in replies] == [0, 1, 2, 3, 4]
    assert [bool(r.header.get("end")) for r in replies] == [False] * 4 + [True]


def test_an_answer_without_replies_still_ends(echo: Child) -> None:
    assert list(echo.stream({"times": 0}, timeout_s=5))[-1].header["end"]


def test_an_error_keeps_its_kind_hint_and_context_and_the_child_goes_on(echo: Child) -> None:
    with pytest.raises(NotFound, match="no table 'nothing'") as caught:
        echo.ask({"name": "nothing"}, timeout_s=5)
    assert caught.value.hint == "lakehouse tables"
    assert caught.value.context == {"table": "nothing"}
    assert echo.ask({}, timeout_s=5).header["i"] == 0


def test_many_threads_take_turns(echo: Child) -> None:
    got: list[object] = []

    def ask(i: int) -> None:
        got.extend(echo.ask({"n": i}, timeout_s=10).header["n"] == i for _ in range(20))

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [True] * 160


def test_leaving_a_stream_early_ends_the_child(echo: Child) -> None:
    replies = echo.stream({"times": 3}, timeout_s=5)
    next(replies)
    replies.close()
    with pytest.raises(Unavailable):
        echo.ask({}, timeout_s=5)
    assert not echo.is_alive


@pytest.mark.parametrize("what", ["spin", "sleep"])
def test_the_wall_clock_binds_whatever_the_child_does(attempts: Child, what: str) -> None:
    attempts.wait_ready()
    started = time.monotonic()
    with pytest.raises(Unavailable, match="time limit") as caught:
        attempts.ask({"do": what, "with": "60"}, timeout_s=0.3)
    assert time.monotonic() - started < 1.3
    assert "timeout_s" in caught.value.hint


def test_a_memory_bomb_dies_and_says_so(attempts: Child) -> None:
    with pytest.raises(Unavailable, match="ran out of memory") as caught:
        attempts.ask({"do": "hog", "with": "4000"}, timeout_s=5)
    assert "memory_bytes" in caught.value.hint
    assert caught.value.context["exception"] == "MemoryError"


def test_the_cpu_limit_binds(tmp_path: Path) -> None:
    with (
        Child("tests.base.entries:attempts", small(tmp_path, cpu_s=1)) as child,
        pytest.raises(Unavailable, match=r"CPU|killed"),
    ):
        child.ask({"do": "spin"}, timeout_s=10)


def test_a_crash_names_the_exception_but_none_of_its_values(attempts: Child) -> None:
    with pytest.raises(Unavailable, match="stopped unexpectedly") as caught:
        attempts.ask({"do": "crash", "with": "4711"}, timeout_s=5)
    assert caught.value.context["exception"] == "KeyError"
    assert "4711" not in str(caught.value.context) + str(caught.value)


def test_words_beyond_the_pipe_do_not_block_the_child(attempts: Child) -> None:
    assert attempts.ask({"do": "shout", "with": "60000"}, timeout_s=5).header["got"] == 60000
    attempts.ask({"do": "shout", "with": "60000"}, timeout_s=5)
    assert attempts.ask({"do": "environment"}, timeout_s=5).header["end"]


def test_a_kill_from_another_thread_ends_the_request_at_once(attempts: Child) -> None:
    attempts.wait_ready()
    started = time.monotonic()
    timer = threading.Timer(0.2, attempts.kill)
    timer.start()
    with pytest.raises(Unavailable, match="was killed"):
        attempts.ask({"do": "sleep", "with": "60"}, timeout_s=30)
    timer.join()
    assert time.monotonic() - started < 5


def test_an_entry_that_does_not_exist_is_told_on_the_first_request(tmp_path: Path) -> None:
    with (
        Child("tests.base.entries:nobody", small(tmp_path)) as child,
        pytest.raises(Unavailable, match="stopped") as caught,
    ):
        child.ask({}, timeout_s=5)
    assert caught.value.context["exception"] == "AttributeError"


def test_a_child_dies_with_its_parent_even_in_the_middle_of_a_request(tmp_path: Path) -> None:
    script = (
        "import sys, threading, os; from pathlib import Path; from lakehouse.base.child import Child; "
        "from lakehouse.base.jail import Jail; sys.path.insert(0, sys.argv[2]);"
        "jail = Jail(read=(), write=(Path(sys.argv[1]),), memory_bytes=1 << 28);"
        "c = Child('tests.base.entries:attempts', jail);"
        "c.wait_ready(); print(c.pid, flush=True);"
        "c.ask({'do': 'sleep', 'with': '60'}, timeout_s=60)"
    )
    here = str(Path(__file__).parents[2])
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path), here], stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        handle = os.pidfd_open(child)
        parent.kill()
        ended, _, _ = select.select([handle], [], [], 5)
        os.close(handle)
    assert ended


def test_every_way_to_die_has_its_words() -> None:
    assert (
        cause(-6, "")[0]
        == cause(-11, "")[0]
        == cause(1, "MemoryError")[0]
        == "the worker process ran out of memory"
    )
    assert cause(-24, "")[0] == "the worker process used up its CPU time"
    assert cause(-9, "")[0] == "the worker process was killed"
    assert cause(3, "")[0] == "the worker process stopped unexpectedly"
