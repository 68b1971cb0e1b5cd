"""People see a bar, logs get a line now and then, the quiet get nothing."""

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from lakehouse.edge.cli.call import Call
from lakehouse.edge.cli.progress import Lines, watching


def terminal() -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=100, legacy_windows=False)


def shown(call: Call) -> str:
    file = call.err.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def test_a_terminal_gets_a_bar_that_is_gone_at_the_end() -> None:
    call = Call(err=terminal())
    with watching(call) as watch:
        watch("data/people.csv", 50, 100)
        watch("data/people.csv", 100, 100)
        watch("data/more.csv", 1, 10)
    assert "more.csv" in shown(call)
    assert "1/10 bytes" in shown(call)
    assert shown(call).endswith("\x1b[2K")


def test_the_bar_makes_room_for_what_stays() -> None:
    call = Call(err=terminal())
    with watching(call) as watch:
        watch("a.csv", 1, 2)
        with watch.aside():
            call.err.print("a report")
        watch("a.csv", 2, 2)
    before = shown(call).split("a report")[0]
    assert before.rstrip("\r").endswith("\x1b[2K")


def test_an_empty_source_has_no_end_to_wait_for() -> None:
    with watching(Call(err=terminal())) as watch:
        watch("empty.csv", 0, 0)


def test_a_log_gets_a_line_with_rate_and_time_to_go(capsys: pytest.CaptureFixture[str]) -> None:
    watch = Lines(every_s=0.0)
    watch("a.csv", 0, 100)
    watch("a.csv", 50, 100)
    watch("b.csv", 10, 10)
    first, second, third = map(json.loads, capsys.readouterr().err.splitlines())
    assert (first["progress"], first["bytes"], first["of_bytes"], first["eta_s"]) == ("a.csv", 0, 100, None)
    assert second["bytes_per_s"] > 0
    assert (third["progress"], third["eta_s"]) == ("b.csv", 0)


def test_short_work_leaves_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    with watching(Call()) as watch, watch.aside():
        watch("a.csv", 50, 100)
    assert capsys.readouterr().err == ""


def test_the_quiet_and_scripts_see_no_bar() -> None:
    for call in (Call(err=terminal(), quiet=True), Call(err=terminal(), json=True)):
        with watching(replace(call)) as watch, watch.aside():
            watch("a.csv", 50, 100)
        assert shown(call) == ""
