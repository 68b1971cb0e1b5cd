"""What a parent makes of a child that breaks the rules: never a hang, never a fault of its own."""

import json
import os
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lakehouse.base.child import MAX_FRAME_BYTES, Child
from lakehouse.base.errors import LakehouseError, Unavailable
from lakehouse.base.jail import Jail

Start = Callable[..., Child]
ENTRIES = "tests.base.entries:"
KINDS = [kind.__name__ for kind in LakehouseError.__subclasses__()]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts children that end with the test."""
    started: list[Child] = []

    def start(entry: str, **setup: object) -> Child:
        jail = Jail(read=(), write=(tmp_path,), memory_bytes=200 << 20)
        started.append(Child(ENTRIES + entry, jail, setup=setup))
        return started[-1]

    yield start
    for child in started:
        child.close()


def frame(head: object) -> bytes:
    text = head if isinstance(head, bytes) else json.dumps(head).encode()
    return struct.pack("!I", len(text)) + text


def error(**members: object) -> bytes:
    return frame({"frames": 0, "end": True, **members})


TORN = {
    "a length without its frame": struct.pack("!I", 100),
    "half a length": b"\0\0",
    "half a header": struct.pack("!I", 100) + b'{"frames"',
    "a header without its frames": frame({"frames": 2}) + frame(b"one"),
    "an oversized frame": frame({"frames": 1}) + struct.pack("!I", MAX_FRAME_BYTES + 1),
    "an oversized header": struct.pack("!I", (1 << 32) - 1),
    "no JSON": frame(b"\xff\xfe"),
    "no object": frame([1, 2]),
    "no count": frame({"end": True}),
    "a count that is none": frame({"frames": "many"}),
    "a count without end": frame(b'{"frames": Infinity}'),
    "brackets without end": frame(b"[" * 200_000),
    "nothing at all": b"",
}


@pytest.mark.parametrize("torn", TORN.values(), ids=TORN.keys())
def test_a_message_that_is_none_is_the_end_of_that_child_and_of_nothing_else(
    start: Start, torn: bytes
) -> None:
    child = start("wild")
    replies = child.stream({}, torn, timeout_s=10)
    assert next(replies).header == {"said": "one"}
    with pytest.raises(Unavailable, match="stopped unexpectedly"):
        next(replies)
    assert not child.is_alive


def test_a_child_that_talks_nonsense_and_stays_is_ended(start: Start) -> None:
    child = start("wild")
    with pytest.raises(Unavailable):
        child.ask({"stay": True}, frame(b"nonsense"), timeout_s=10)
    assert not child.is_alive
    with pytest.raises(Unavailable):
        child.ask({}, timeout_s=10)


def test_half_a_message_does_not_outlast_the_time_limit(start: Start) -> None:
    child = start("wild")
    child.wait_ready()
    started = time.monotonic()
    with pytest.raises(Unavailable, match="time limit"):
        child.ask({"stay": True}, struct.pack("!I", 100) + b'{"fra', timeout_s=0.3)
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("name", ["Nonsense", "LakehouseError", "problem", "TITLES", "__name__", ""])
def test_a_kind_of_error_that_is_none_of_the_six_becomes_unavailable(start: Start, name: str) -> None:
    with pytest.raises(Unavailable, match=r"^what$") as caught:
        start("wild").ask({}, error(error=name, message="what", hint="how"), timeout_s=10)
    assert (type(caught.value), caught.value.kind, caught.value.hint) == (Unavailable, "Unavailable", "how")


@pytest.mark.parametrize(
    ("context", "kept"),
    [
        ({"table": "t"}, {"table": "t"}),
        ({"message": "other", "hint": "other", "self": 1, "rows": 7}, {"rows": 7}),
        (["no", "object"], {}),
        (None, {}),
    ],
)
def test_a_context_cannot_take_the_place_of_the_message(start: Start, context: object, kept: object) -> None:
    with pytest.raises(LakehouseError) as caught:
        start("wild").ask({}, error(error="Invalid", message="what", context=context), timeout_s=10)
    assert (caught.value.kind, caught.value.message, caught.value.context) == ("Invalid", "what", kept)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("after", [0, 1, 3])
def test_each_kind_arrives_with_its_context_as_plain_values(start: Start, kind: str, after: int) -> None:
    child = start("raising")
    replies = child.stream({"kind": kind, "after": after}, timeout_s=10)
    with pytest.raises(LakehouseError, match=r"^what$") as caught:
        list(replies)
    assert (caught.value.kind, caught.value.hint) == (kind, "how")
    assert caught.value.context == {"path": "/lake", "at": "<class 'object'>", "rows": 7, "spoiled": True}


@pytest.mark.parametrize("after", [0, 2])
def test_a_child_that_raised_one_of_the_six_goes_on(start: Start, after: int) -> None:
    child = start("raising")
    for _ in range(2):
        with pytest.raises(LakehouseError):
            child.ask({"kind": "Conflict", "after": after}, timeout_s=10)


def test_hundreds_of_frames_come_in_their_order(start: Start) -> None:
    frames = tuple(os.urandom(size) for size in [0, 1, 65_535, 65_536, 70_000] * 80)
    assert start("echo").ask({}, *frames, timeout_s=30).payload == frames


@pytest.mark.parametrize(
    ("setup", "said", "exception"),
    [
        ({"do": "die", "with": "7"}, "stopped unexpectedly", ""),
        ({"do": "abort"}, "out of memory", ""),
        ({"do": "crash", "with": "4711"}, "stopped unexpectedly", "KeyError"),
        ({"do": "environment"}, "stopped unexpectedly", "LookupError"),
        ({"do": "hog", "with": "4000"}, "out of memory", "MemoryError"),
    ],
)
def test_a_death_while_it_is_set_up_is_told_to_whoever_asks_first(
    start: Start, setup: dict[str, object], said: str, exception: str
) -> None:
    child = start("broken", **setup)
    with pytest.raises(Unavailable, match=said) as caught:
        child.wait_ready(10)
    assert caught.value.context["exception"] == exception
    assert "4711" not in f"{caught.value} {caught.value.context}"
    with pytest.raises(Unavailable):
        child.ask({}, timeout_s=10)


def test_a_death_between_two_requests_is_told_at_the_next(start: Start) -> None:
    child = start("echo")
    child.ask({}, timeout_s=10)
    os.kill(child.pid, 9)
    with pytest.raises(Unavailable, match="was killed") as caught:
        child.ask({}, timeout_s=10)
    assert (caught.value.retry, caught.value.context["exit_code"]) == (True, -9)


def test_an_exit_code_of_its_own_is_kept_for_the_log(start: Start) -> None:
    with pytest.raises(Unavailable) as caught:
        start("attempts").ask({"do": "die", "with": "7"}, timeout_s=10)
    assert caught.value.context == {"exit_code": 7, "exception": ""}


@pytest.mark.parametrize(("noise", "exception"), [(20_000, "KeyError"), (65_536, "")])
def test_last_words_are_found_behind_noise_as_long_as_they_fit_the_pipe(
    start: Start, noise: int, exception: str
) -> None:
    child = start("attempts")
    child.ask({"do": "shout", "with": noise}, timeout_s=10)
    with pytest.raises(Unavailable, match="stopped unexpectedly") as caught:
        child.ask({"do": "crash"}, timeout_s=10)
    assert caught.value.context["exception"] == exception


def test_a_closed_child_answers_in_words_and_may_be_closed_twice(start: Start) -> None:
    child = start("echo")
    child.close()
    with pytest.raises(Unavailable):
        child.ask({}, timeout_s=10)
    child.close()
