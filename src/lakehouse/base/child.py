"""[acts] A jailed child process that answers framed requests; how untrusted SQL and files are run.

Theory of operation. The parent starts an isolated Python with `<module>:<function>`, its own import path,
an empty environment and one end of a socket pair. The first frame carries the jail and the setup; the
child confines itself, imports the function, limits itself, calls the function once with the setup to get a
handler, and then answers one request at a time: any number of frames, the last marked. Nothing is pickled:
a message is a JSON header and raw byte frames. A child that breaks simply dies; its parent sees the closed
socket and says so in words.
"""

import importlib.util
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Final, Self

from lakehouse.base.errors import LakehouseError, Unavailable
from lakehouse.base.jail import Jail, confine, from_json, limit

LENGTH: Final = struct.Struct("!I")
MAX_FRAME_BYTES: Final = 1 << 30
STDERR_BYTES: Final = 8192
START_TIMEOUT_S: Final = 30.0


BOOT: Final = (
    "import sys, json; sys.path[:] = json.loads(sys.argv.pop(1)); "
    "from lakehouse.base import child; child.main()"
)
"""Isolated mode (-I) hides the environment and the working folder; the packages are the parent's own."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message in either direction."""

    header: Mapping[str, object] = field(default_factory=dict)
    """Plain JSON. `end`, `error` and `frames` are set by this module."""

    payload: tuple[bytes, ...] = ()
    """Raw bytes beside the header, each below 1 GiB."""


Handler = Callable[[Message], Iterator[Message]]
"""Answers one request in the child: yields one or more replies, or raises a `LakehouseError`."""

Entry = Callable[[Mapping[str, object]], Handler]
"""What `<module>:<function>` names: called once, confined, with the setup."""


class Child:
    """One jailed process, asked one request at a time from any thread.

    Cost: 20 ms plus the entry's imports to start (in the background: only the first request waits).
    """

    def __init__(
        self,
        entry: str,
        jail: Jail,
        *,
        setup: Mapping[str, object] | None = None,
        without: tuple[str, ...] = (),
    ) -> None:
        """Start it.

        Args:
            without: modules that the child is not to find, because libraries import them on their own, at a
                cost, where nothing needs them: pandas alone takes 0.9 s and 50 MB.
        """
        self._turn = threading.Lock()
        self._socket, theirs = socket.socketpair()
        self._process = _start(entry, theirs, jail)
        theirs.close()
        self._ready = self._over = False
        self.unapplied: tuple[str, ...] = ()
        """Layers of the jail that this kernel lacks; known after `wait_ready` or the first request."""
        first = {"jail": jail.to_json(), "setup": dict(setup or {}), "without": list(without)}
        self._send(Message(first), START_TIMEOUT_S)

    @property
    def is_alive(self) -> bool:
        """Is the process running, and can it be asked?"""
        return not self._over and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def wait_ready(self, timeout_s: float = START_TIMEOUT_S) -> None:
        """Return once the child has imported its entry and is confined.

        Raises:
            Unavailable: it died or did not get ready in time.
        """
        with self._turn:
            self._await_ready(time.monotonic() + timeout_s)

    def ask(self, header: Mapping[str, object], *payload: bytes, timeout_s: float) -> Message:
        """Send one request and return the last reply.

        Raises:
            LakehouseError: of the kind that the child raised.
            Unavailable: no answer within `timeout_s` (the child is killed), or the child died.
        """
        *_, last = self.stream(header, *payload, timeout_s=timeout_s)
        return last

    def stream(self, header: Mapping[str, object], *payload: bytes, timeout_s: float) -> Iterator[Message]:
        """Send one request and yield its replies as they come; leaving early kills the child.

        The clock covers the whole exchange, the consumer's own time included.

        Raises:
            LakehouseError: as in `ask`.
        """
        with self._turn:
            done = False
            try:
                if self._over:
                    raise self._died()
                self._await_ready(time.monotonic() + START_TIMEOUT_S)
                deadline = time.monotonic() + timeout_s
                self._send(Message(header, payload), timeout_s)
                while not done:
                    reply = self._receive(deadline)
                    done = bool(reply.header.get("end"))
                    if "error" in reply.header:
                        raise _raised(reply.header)
                    yield reply
            finally:
                if not done:
                    self.kill()

    def kill(self) -> None:
        """End the process at once; a request in progress and all later ones fail with Unavailable."""
        self._over = True
        self._process.kill()

    def close(self) -> None:
        """End the process and give back its descriptors."""
        self.kill()
        self._process.wait()
        self._socket.close()
        if self._process.stderr:
            self._process.stderr.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _await_ready(self, deadline: float) -> None:
        if self._ready:
            return
        undone = self._receive(deadline).header.get("unapplied")
        self.unapplied = tuple(map(str, undone)) if isinstance(undone, list) else ()
        self._ready = True

    def _send(self, message: Message, timeout_s: float) -> None:
        self._socket.settimeout(timeout_s)
        try:
            write(self._socket, message)
        except TimeoutError as error:
            raise self._too_slow() from error
        except OSError as error:
            raise self._died() from error

    def _receive(self, deadline: float) -> Message:
        try:
            message = read(self._socket, deadline)
        except TimeoutError as error:
            raise self._too_slow() from error
        except OSError as error:
            raise self._died() from error
        if message is None:
            raise self._died()
        return message

    def _too_slow(self) -> Unavailable:
        self.kill()
        return Unavailable(
            "the time limit was reached", hint="ask for less, or raise the time limit (limits.timeout_s)"
        )

    def _died(self) -> Unavailable:
        try:
            self._process.wait(1)  # its own exit code says more than our signal would
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._over = True
        why, hint = cause(self._process.returncode, last_words := _drain(self._process.stderr))
        return Unavailable(
            why, hint=hint, exit_code=self._process.returncode, exception=_exception_name(last_words)
        )


def cause(exit_code: int, stderr: str) -> tuple[str, str]:
    """Why a child with this exit code and these last words is gone, and what to do about it."""
    out_of_memory = any(
        sign in stderr for sign in ("MemoryError", "bad_alloc", "Out of Memory", "OutOfMemory")
    )
    if out_of_memory or -exit_code in (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS):
        return (
            "the worker process ran out of memory",
            "ask for less, or raise its section's memory_bytes",
        )
    if -exit_code == signal.SIGXCPU:
        return "the worker process used up its CPU time", "ask for less, or raise the CPU limit"
    if -exit_code == signal.SIGKILL:
        return "the worker process was killed", "try again"
    return "the worker process stopped unexpectedly", "try again; lakehouse doctor checks the installation"


def write(to: socket.socket, message: Message) -> None:
    """Send one message: length and JSON header, then length and bytes of each frame.

    Raises:
        OSError: the other side is gone, or too slow.
    """
    # An error's context may hold what JSON has not, such as a path; it must not cost the child its life.
    head = json.dumps({**message.header, "frames": len(message.payload)}, default=str).encode()
    parts = [LENGTH.pack(len(head)) + head]
    for frame in message.payload:
        if len(frame) < 1 << 16:
            parts[-1] += LENGTH.pack(len(frame)) + frame
        else:
            parts += [LENGTH.pack(len(frame)), frame]
    for part in parts:
        to.sendall(part)


def read(source: socket.socket, deadline: float | None = None) -> Message | None:
    """The next message, or None when the other side closed.

    Raises:
        TimeoutError: the deadline passed (`time.monotonic` seconds).
        OSError: the message breaks off, or a length is beyond 1 GiB.
    """
    head = _read_frame(source, deadline)
    if head is None:
        return None
    try:
        header = json.loads(head)
        count = int(header.pop("frames"))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise OSError("not a message") from error
    frames = []
    for _ in range(count):
        frame = _read_frame(source, deadline)
        if frame is None:
            raise OSError("a message broke off")
        frames.append(frame)
    return Message(header, tuple(frames))


def _read_frame(source: socket.socket, deadline: float | None) -> bytes | None:
    prefix = _read_exactly(source, LENGTH.size, deadline)
    if prefix is None:
        return None
    (length,) = LENGTH.unpack(prefix)
    if length > MAX_FRAME_BYTES:
        raise OSError("a frame is too long")
    return _read_exactly(source, length, deadline)


def _read_exactly(source: socket.socket, count: int, deadline: float | None) -> bytes | None:
    buffer = bytearray(count)
    view, got = memoryview(buffer), 0
    while got < count:
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            source.settimeout(left)
        if not (n := source.recv_into(view[got:])):
            return None
        got += n
    return bytes(buffer)


def _start(entry: str, theirs: socket.socket, jail: Jail) -> subprocess.Popen[bytes]:
    home = str(jail.write[0]) if jail.write else "/"
    fd = theirs.fileno()
    path = json.dumps([p for p in sys.path if p])
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module; `entry` is a name from our code
        [sys.executable, "-I", "-c", BOOT, path, entry, str(fd)],
        pass_fds=(fd,),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": home,
            "TMPDIR": home,
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "OPENBLAS_NUM_THREADS": "1",  # threads that start before the jail closes would stay outside it
            "MALLOC_ARENA_MAX": "2",  # each arena reserves 64 MB of the address space that the jail bounds
        },
        start_new_session=True,  # Ctrl-C at a terminal is for the parent, which then ends its children
    )


def _drain(stderr: IO[bytes] | None) -> str:
    """What is left in the pipe, at most `STDERR_BYTES` from its end; the writer is dead or never blocks."""
    if stderr is None or stderr.closed:
        return ""
    os.set_blocking(stderr.fileno(), False)
    return (stderr.read() or b"")[-STDERR_BYTES:].decode(errors="replace")


def _exception_name(stderr: str) -> str:
    # Only the exception's class: its text may quote rows, and so may what libraries print.
    if "Traceback" not in stderr:
        return ""
    last = stderr.strip().rsplit("\n", 1)[-1]
    name = last.split(":", 1)[0]
    return name if name.replace(".", "").isidentifier() else ""


KINDS: Final = {kind.__name__: kind for kind in LakehouseError.__subclasses__()}


def _raised(header: Mapping[str, object]) -> LakehouseError:
    # Said by a child that may have been taken over: neither its kind nor its context is believed unseen.
    known = KINDS.get(str(header["error"]), Unavailable)
    context = header.get("context")
    given = context.items() if isinstance(context, dict) else ()
    safe = {k: v for k, v in given if k not in ("self", "message", "hint")}
    return known(str(header.get("message", "")), hint=str(header.get("hint", "")), **safe)


def _serve(ours: socket.socket, entry: str) -> None:
    """The child's whole life: confine, then answer until the parent closes."""
    first = read(ours)
    if first is None:
        return
    jail, setup = first.header["jail"], first.header["setup"]
    if not isinstance(jail, dict) or not isinstance(setup, dict):
        raise TypeError("the first frame holds the jail and the setup")
    module, _, name = entry.partition(":")
    sys.meta_path.insert(0, _NotHere(first.header.get("without")))
    bounds = from_json(jail)
    undone = confine(replace(bounds, read=(*bounds.read, *_home(module))))
    make: Entry = getattr(importlib.import_module(module), name)
    undone += limit(bounds)
    threading.Thread(target=_die_with_parent, args=(ours,), daemon=True).start()
    handler = make(setup)
    write(ours, Message({"unapplied": list(undone)}))
    while (request := read(ours)) is not None:
        _answer(ours, handler, request)


class _NotHere:
    """An import hook: says of some modules that they are not installed."""

    def __init__(self, names: object) -> None:
        self._names = frozenset(map(str, names)) if isinstance(names, list) else frozenset()

    def find_spec(self, name: str, *_: object) -> None:
        """Refuse them; leave all others to the next finder."""
        if name in self._names:
            raise ModuleNotFoundError(f"{name} is not for this process", name=name)


def _home(module: str) -> tuple[Path, ...]:
    """The folder that an entry is imported from, which need not be among the installed packages."""
    spec = importlib.util.find_spec(module)
    return (Path(spec.origin).parent,) if spec and spec.origin else ()


def _answer(ours: socket.socket, handler: Handler, request: Message) -> None:
    pending: Message | None = None
    try:
        for reply in handler(request):
            if pending is not None:
                write(ours, pending)
            pending = reply
    except LakehouseError as error:
        said = {"error": error.kind, "message": error.message, "hint": error.hint, "context": error.context}
        write(ours, Message({**said, "end": True}))
        return
    last = pending or Message()
    write(ours, Message({**last.header, "end": True}, last.payload))


def _die_with_parent(ours: socket.socket) -> None:
    """Kill this process when the parent is gone, even in the middle of a request.

    PR_SET_PDEATHSIG is no substitute: it fires when the *thread* that started the child ends, and servers
    start children from short-lived threads.
    """
    watch = select.poll()
    watch.register(ours, 0)
    ((_, event),) = watch.poll()
    if event & select.POLLNVAL:
        return  # not the parent's end: this process closed its own, and has last words to say
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Entry point of the child process; started by `Child`, not by people."""
    entry, fd = sys.argv[1:]
    os.set_blocking(sys.stderr.fileno(), False)  # the pipe is the bound: what does not fit is dropped
    with socket.socket(fileno=int(fd)) as ours:
        _serve(ours, entry)
