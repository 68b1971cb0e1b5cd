"""[acts] The server: a lake, opened once, behind HTTP until it is told to stop."""

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

import uvicorn

from lakehouse.assembly import open_lake
from lakehouse.base.errors import Invalid, Unavailable
from lakehouse.edge.http import rules
from lakehouse.edge.http.app import application, rooms_for
from lakehouse.edge.http.gate import Gate, Log
from lakehouse.secrets import of_lake
from lakehouse.settings import load

GRACE_S: Final = 3
"""Requests in flight have this long to end once the server is told to stop."""

CLOSE_S: Final = 1.0
"""And threads that still work have this long after that."""

TOKEN: Final = "server_token"  # noqa: S105 - the name of a secret, not one
STOPS: Final = (signal.SIGTERM, signal.SIGINT)


def serve(
    root: Path,
    host: str | None = None,
    port: int | None = None,
    *,
    listening: Callable[[str], None] | None = None,
) -> None:
    """Serve the lake at `root` until SIGTERM or SIGINT; both let requests in flight end.

    Args:
        host: by default `server.host`, which is loopback.
        port: by default `server.port`; 0 takes a free one.
        listening: told the URL once requests are answered; by default it goes to standard error.

    Raises:
        Refused: the address is not loopback, and no token is set.
        Invalid: the address or port does not exist.
        Unavailable: the port is in use.
    """
    settings = load(root.absolute())
    address = settings.server.host if host is None else host
    token = of_lake(root.absolute()).get(TOKEN)
    policy = rules.policy(address, token.reveal() if token else None)
    with _bound(address, settings.server.port if port is None else port) as door, open_lake(root) as lake:
        say, url, log, rooms = listening or _say, _url(door), Log(), rooms_for(lake)
        log.adopt_libraries()
        gate = application(lake, policy=policy, log=log, rooms=rooms)
        with _signals_only_stop():
            Server(config(gate), listening=lambda: say(url)).run(sockets=[door])
        if rooms.running:
            _end_in(CLOSE_S)


def _end_in(seconds: float) -> None:
    """End the process if it has not ended by then: a thread in a long ingest cannot be interrupted.

    Nothing that was acknowledged is lost; what is half-done is cleared away when the lake is opened next.
    """
    ending = threading.Timer(seconds, os._exit, (0,))
    ending.daemon = True
    ending.start()


class Server(uvicorn.Server):
    """Says so once it listens."""

    def __init__(self, config: uvicorn.Config, *, listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen."""
        await super().startup(sockets)
        if self.started:
            self._listening()


def config(app: Gate) -> uvicorn.Config:
    """How uvicorn is run: the fast parts, no headers that tell, no log of its own."""
    return uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=GRACE_S,
    )


@contextmanager
def _bound(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that is bound, so that a port in use is known before the lake is opened."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((host, port))
        except OverflowError as error:
            raise Invalid(f"{port} is no port", hint="use 1 to 65535, or 0 for any that is free") from error
        except socket.gaierror as error:
            raise Invalid(f"{host[:80]!r} is no address", hint="use --host 127.0.0.1") from error
        except OSError as error:
            hint = "use --port 0 for any that is free, or stop the other program"
            raise Unavailable(f"cannot listen on {host}:{port}: {error.strerror}", hint=hint) from error
        yield door
    finally:
        door.close()


def _url(door: socket.socket) -> str:
    host, port = door.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


@contextmanager
def _signals_only_stop() -> Iterator[None]:
    """Keep the signals that stop the server from ending the process before the lake is closed.

    Once it has stopped, uvicorn raises them again, for handlers that were there before.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _ignore) for number in STOPS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """The server has stopped already."""


def _say(url: str) -> None:
    sys.stderr.write(f"Lakehouse listens on {url} (docs: {url}/docs); Ctrl-C stops it\n")
    sys.stderr.flush()
