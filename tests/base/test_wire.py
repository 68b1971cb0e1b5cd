"""Frames on the wire, and what is not one."""

import socket
import struct
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.child import MAX_FRAME_BYTES, Message, read, write

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    a, b = socket.socketpair()
    with a, b:
        yield a, b


@given(
    st.dictionaries(st.text(max_size=5), st.integers() | st.text()),
    st.lists(st.binary(max_size=200), max_size=4),
)
def test_a_message_arrives_as_it_was_sent(header: dict[str, object], payload: list[bytes]) -> None:
    a, b = socket.socketpair()
    header.pop("frames", None)
    with a, b:
        write(a, Message(header, tuple(payload)))
        assert read(b) == Message(header, tuple(payload))


def test_a_large_frame_arrives_whole(pair: Pair) -> None:
    big = bytes(range(256)) * 20_000
    sender = threading.Thread(target=write, args=(pair[0], Message({}, (big, b"", b"x"))))
    sender.start()
    received = read(pair[1], time.monotonic() + 10)
    sender.join()
    assert received == Message({}, (big, b"", b"x"))


def test_a_closed_wire_is_the_end(pair: Pair) -> None:
    pair[0].close()
    assert read(pair[1]) is None


def test_waiting_ends_at_the_deadline(pair: Pair) -> None:
    with pytest.raises(TimeoutError):
        read(pair[1], time.monotonic() + 0.05)
    with pytest.raises(TimeoutError):
        read(pair[1], time.monotonic() - 1)


@pytest.mark.parametrize(
    "head", [b"", b"{", b"[]", b"1", b"{}", b'{"frames": "x"}', b'{"frames": null}', b"\xff"]
)
def test_a_header_that_is_none_breaks_the_conversation(pair: Pair, head: bytes) -> None:
    pair[0].sendall(struct.pack("!I", len(head)) + head)
    pair[0].close()
    with pytest.raises(OSError, match="not a message"):
        read(pair[1])


def test_a_message_that_breaks_off_is_told(pair: Pair) -> None:
    pair[0].sendall(struct.pack("!I", 13) + b'{"frames": 1}')
    pair[0].close()
    with pytest.raises(OSError, match="broke off"):
        read(pair[1])


def test_a_length_beyond_the_limit_is_not_believed(pair: Pair) -> None:
    pair[0].sendall(struct.pack("!I", MAX_FRAME_BYTES + 1))
    with pytest.raises(OSError, match="too long"):
        read(pair[1])
