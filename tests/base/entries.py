"""What the children of these tests run: each function is an entry for `lakehouse.base.child`."""

import os
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from lakehouse.base import errors
from lakehouse.base.child import Handler, Message
from lakehouse.base.errors import NotFound

Step = Callable[[str], object]


def _connect(port: str) -> None:
    with socket.socket() as s:
        s.connect(("127.0.0.1", int(port)))


def _datagram(port: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.sendto(b"x", ("127.0.0.1", int(port)))


def _found(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _hog(megabytes: str) -> int:
    return len(bytearray(int(megabytes) << 20))


def _spin(_: str) -> None:
    while True:
        pass


ATTEMPTS: dict[str, Step] = {
    "read": lambda path: Path(path).read_text(),
    "list": os.listdir,
    "write": lambda path: Path(path).write_text("x"),
    "exec": lambda path: os.execv(path, [path]),
    "connect": _connect,
    "datagram": _datagram,
    "environment": lambda _: dict(os.environ),
    "hog": _hog,
    "spin": _spin,
    "sleep": lambda seconds: time.sleep(float(seconds)),
    "die": lambda code: os._exit(int(code)),
    "abort": lambda _: os.abort(),
    "crash": lambda text: {}[f"value {text}"],
    "find": _found,
    "shout": lambda count: os.write(2, b"x" * int(count)),
}


def attempts(setup: Mapping[str, object]) -> Handler:
    """Does what it is asked to and says how the kernel answered."""

    def handle(message: Message) -> Iterator[Message]:
        do = ATTEMPTS[str(message.header["do"])]
        try:
            yield Message({"got": do(str(message.header.get("with", "")))})
        except OSError as error:
            yield Message({"errno": error.errno})

    return handle


def echo(setup: Mapping[str, object]) -> Handler:
    """Repeats what it is sent, `times` over; misses what is called nothing."""

    def handle(message: Message) -> Iterator[Message]:
        if message.header.get("name") == "nothing":
            raise NotFound("no table 'nothing'", hint="lakehouse tables", table="nothing")
        for i in range(int(str(message.header.get("times", 1)))):
            yield Message({**message.header, "i": i, "setup": setup}, message.payload)

    return handle


def wild(setup: Mapping[str, object]) -> Handler:
    """A child that was taken over: it sends what it likes, then ends or stays."""
    wire = int(sys.argv[-1])

    def handle(message: Message) -> Iterator[Message]:
        yield Message({"said": "one"})
        yield Message({"said": "two"})  # sends the first
        for piece in message.payload:
            os.write(wire, piece)
        if message.header.get("stay"):
            time.sleep(60)
        os._exit(3)

    return handle


def broken(setup: Mapping[str, object]) -> Handler:
    """Dies while it is set up, in the way it is told to."""
    ATTEMPTS[str(setup["do"])](str(setup.get("with", "")))
    raise LookupError("never ready")


def raising(setup: Mapping[str, object]) -> Handler:
    """Raises what it is asked to, maybe after a reply."""
    context = {"path": Path("/lake"), "at": object, "rows": 7, "spoiled": True}

    def handle(message: Message) -> Iterator[Message]:
        for i in range(int(str(message.header.get("after", 0)))):
            yield Message({"i": i})
        raise getattr(errors, str(message.header["kind"]))("what", hint="how", **context)

    return handle
