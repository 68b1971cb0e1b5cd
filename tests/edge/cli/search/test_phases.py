"""Work on an index shows its phase, rate and time to go: a bar for people, lines for logs."""

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from lakehouse.edge.cli.call import Call
from lakehouse.edge.cli.search.phases import Log, far, phases, span
from lakehouse.lake.facade import Progress


def at(done: int, total: int = 100, *, phase: str = "meaning", elapsed_s: float = 2.0) -> Progress:
    return Progress(phase=phase, done=done, total=total, elapsed_s=elapsed_s)


def terminal() -> Call:
    return Call(err=Console(file=io.StringIO(), force_terminal=True, width=100, highlight=False))


def shown(call: Call) -> str:
    file = call.err.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def test_a_terminal_gets_a_bar_and_a_line_for_each_phase_that_is_over() -> None:
    call = terminal()
    with phases(call, "resumes") as watch:
        watch(at(100, phase="words"))
        watch(at(20))
        watch(at(100))
    assert "words    100 rows in 2.0 s" in shown(call)
    assert "meaning  100 rows in 2.0 s" in shown(call)


def test_a_phase_without_rows_leaves_no_line() -> None:
    call = terminal()
    with phases(call, "resumes") as watch:
        watch(at(0, 0, phase="words", elapsed_s=0))
        watch(at(0, 50, phase="graph", elapsed_s=0))
    assert "words    0" not in shown(call)


@pytest.mark.parametrize("option", ["quiet", "json"])
def test_the_quiet_and_scripts_see_no_bar_but_it_is_known_how_far_the_work_is(option: str) -> None:
    call = terminal()
    with phases(replace(call, **{option: True}), "resumes") as watch:  # type: ignore[arg-type] # a flag
        watch(at(20))
    assert shown(call) == ""
    assert watch.last == at(20)


def test_a_log_gets_a_line_with_phase_rate_and_time_to_go(capsys: pytest.CaptureFixture[str]) -> None:
    watch = Log("resumes", every_s=0.0)
    watch(at(0))
    watch(at(50))
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert first["eta_s"] is None
    assert second == {
        "progress": "resumes", "phase": "meaning", "done": 50, "total": 100, "rate": 25.0, "eta_s": 2,
    }  # fmt: skip


def test_short_work_leaves_no_line_in_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    Log("resumes")(at(50))
    assert capsys.readouterr().err == ""


def test_how_far_it_is_names_rows_rate_and_time_to_go() -> None:
    assert far(at(50)) == "50 of 100 rows  25/s  2.0 s to go"
    assert far(at(0)) == far(at(100)) == "100 rows"
    assert far(at(1, 1), ended=True) == "1 row in 2.0 s"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (59.4, "59 s"),
        (200, "3 min 20 s"),
        (18_720, "5 h 12 min"),
        (86_400, "1 day"),
        (250_000, "2 days"),
    ],
)
def test_a_length_of_time_is_said_as_people_say_it(seconds: float, said: str) -> None:
    assert span(seconds) == said
