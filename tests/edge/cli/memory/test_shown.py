"""Traces on a screen: which columns there are, what a state is called, content that cannot do harm."""

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from lakehouse.edge.cli.call import Call
from lakehouse.edge.cli.memory import shown
from lakehouse.memory.trace import Trace


def screen(width: int = 120) -> Call:
    return Call(out=Console(file=io.StringIO(), width=width, highlight=False, markup=False, emoji=False))


def seen(call: Call) -> list[str]:
    file = call.out.file
    assert isinstance(file, io.StringIO)
    return [line.rstrip() for line in file.getvalue().splitlines()]


def trace(uid: str = "t-1", content: object = "x", **more: object) -> Trace:
    return Trace(uid=uid, text=json.dumps(content).encode(), **more)  # type: ignore[arg-type]  # its members


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "in use"),
        ({"superseded_by": "t-2"}, "revised by t-2"),
        ({"retired_ms": 1, "retired_reason": "sold"}, "retired: sold"),
        ({"retired_ms": 0, "superseded_by": "t-2"}, "retired: "),
    ],
)
def test_a_state_says_whether_a_trace_may_be_used(more: dict[str, object], said: str) -> None:
    assert shown.state(trace("t-1", "x", **more)) == said


@pytest.mark.parametrize(
    ("counts", "said"),
    [((0, 0, 0), "0"), ((3, 0, 0), "3"), ((3, 2, 1), "3, 2 of 3 good"), ((5, 0, 1), "5, 0 of 1 good")],
)
def test_replays_name_outcomes_only_where_there_are_some(counts: tuple[int, int, int], said: str) -> None:
    used, good, bad = counts
    one = trace(replay_count=used, replays_succeeded=good, replays_failed=bad)
    assert shown.replays(one) == said


def test_a_list_has_likeness_only_where_something_was_compared() -> None:
    plain, alike = screen(), screen()
    shown.traces(plain, [trace()])
    shown.traces(alike, [trace(), trace("t-2")], [0.98765, 0.5])
    assert seen(plain)[0].split() == ["uid", "version", "replays", "state", "tags", "content"]
    assert seen(alike)[0].split()[0] == "alike"
    assert [line.split()[0] for line in seen(alike)[1:]] == ["0.988", "0.500"]


def test_a_list_without_traces_is_its_titles() -> None:
    call = screen()
    shown.traces(call, [])
    assert [line.split() for line in seen(call)] == [
        ["uid", "version", "replays", "state", "tags", "content"]
    ]


def test_a_uid_is_never_cut_and_content_is() -> None:
    call = screen(80)
    shown.traces(call, [trace("u" * 40, "long " * 400)])
    _, line = seen(call)
    assert line.startswith("u" * 40)
    assert len(line) <= 80


def test_one_trace_in_full_names_only_what_it_has() -> None:
    call = screen()
    shown.one(call, trace(content={"b": "ü"}, tags=("red", "blue"), predecessor_uid="t-0", version=2))
    assert seen(call) == [
        *(
            "t-1",
            "  version  2",
            "  state    in use",
            "  tags     red, blue",
            "  replays  0",
            "  before   t-0",
        ),
        '{"b": "ü"}',
    ]


def test_what_a_terminal_would_obey_is_shown_as_a_mark_in_every_place() -> None:
    evil = "a\x1b[2J"
    call = screen()
    shown.one(call, trace(evil, evil, tags=(evil,), retired_ms=1, retired_reason=evil))
    shown.traces(call, [trace(evil, evil, tags=(evil,))])
    assert all(line.isprintable() for line in seen(call))
    assert sum("a�[2J" in line for line in seen(call)) >= 4


def test_a_document_is_one_line_of_json_whatever_its_members_are_called(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown.document({"snapshot_id": 2**62 + 1, "text": "ü\n"})
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {"snapshot_id": 2**62 + 1, "text": "ü\n"}
    assert "ü" in line


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=60), st.lists(st.text(max_size=8), max_size=3))
def test_any_trace_takes_one_line_of_a_list(content: str, tags: list[str]) -> None:
    call = screen()
    shown.traces(call, [trace(content=content, tags=tuple(tags)), trace("t-2")])
    found = seen(call)
    assert len(found) == 3
    assert max(map(len, found)) <= 120
    assert found[1].isprintable()
