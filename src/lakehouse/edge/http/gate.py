"""[acts] The gate: every request passes it once in and once out; ids, rules, counts, one line of log.

Plain ASGI, since the framework's own base class for this costs more than a small query.
"""

import asyncio
import logging
import sys
import time
from collections.abc import MutableMapping
from typing import Final, TextIO

import orjson
import structlog
from fastapi.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lakehouse.base.clock import SystemClock
from lakehouse.base.errors import Refused, Unavailable
from lakehouse.base.ids import ulid
from lakehouse.edge.http import problems, rules
from lakehouse.edge.http.meters import Meters
from lakehouse.edge.http.problems import Trace

ALWAYS: Final = [
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
]
CLOCK: Final = SystemClock()


class Gate:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, *, policy: rules.Policy, meters: Meters, log: "Log") -> None:
        self._app, self._policy, self._meters, self._log = app, policy, meters, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        headers = dict(scope["headers"])
        trace = scope["trace"] = Trace(request_id=_request_id(headers))
        sending = _Sending(send, trace)
        denied = rules.judge(self._policy, method=scope["method"], path=scope["path"], headers=headers)
        try:
            if denied:
                await _denial(denied, scope["path"], trace)(scope, receive, sending)
            else:
                await self._app(scope, receive, sending)
        except asyncio.CancelledError:
            # The server stops, and this request had its time: say so, where the client still waits.
            if not sending.status:
                stopping = Unavailable("the server is stopping", hint="send it again in a moment")
                await problems.answer(stopping, path=scope["path"], trace=trace)(scope, receive, sending)
        except Exception as error:  # noqa: BLE001 - a door: whatever fails is one failed request
            self._log.failed(trace, error)
        finally:
            seconds = time.perf_counter() - started
            trace.route = problems.route_of(scope)
            self._meters.request(scope["method"], trace.route, sending.status, seconds)
            self._log.request(scope["method"], trace, status=sending.status, seconds=seconds)


def _denial(denied: rules.Denied, path: str, trace: Trace) -> Response:
    challenge = {"WWW-Authenticate": "Bearer"} if denied.status == 401 else {}
    error = Refused(denied.reason, hint=denied.hint)
    return problems.answer(error, path=path, trace=trace, status=denied.status, headers=challenge)


class _Sending:
    """Adds the headers that every answer has, and remembers the status."""

    def __init__(self, send: Send, trace: Trace) -> None:
        self._send, self._trace = send, trace
        self.status = 0
        """0: the client left before there was an answer."""

    async def __call__(self, message: Message) -> None:
        """Pass one message on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            request_id = (b"x-request-id", self._trace.request_id.encode())
            given = {name for name, _ in message["headers"]}
            always = [pair for pair in ALWAYS if pair[0] not in given]
            message["headers"] = [*message["headers"], *always, request_id]
        await self._send(message)


class Log:
    """One JSON object a line: what was asked by route, how it went; never what it said."""

    def __init__(self, to: TextIO | None = None) -> None:
        self._log = structlog.wrap_logger(
            structlog.WriteLogger(to or sys.stderr),
            processors=[
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.JSONRenderer(serializer=_dumps),
            ],
            wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        )

    def request(self, method: str, trace: Trace, *, status: int, seconds: float) -> None:
        """A request that is over."""
        facts: dict[str, object] = {"kind": trace.kind, "error_id": trace.error_id} if trace.kind else {}
        self._log.info(
            "request",
            method=method[:10],
            route=trace.route,
            status=status,
            ms=round(seconds * 1000, 2),
            request_id=trace.request_id,
            **facts,
        )

    def failed(self, trace: Trace, error: Exception) -> None:
        """An exception that nobody foresaw: its type and place; its message may hold anything."""
        at, last = error.__traceback__, ""
        while at:
            last = f"{at.tb_frame.f_globals.get('__name__')}:{at.tb_lineno}"
            at = at.tb_next
        self._log.error(
            "failed",
            exception=type(error).__name__,
            at=last,
            request_id=trace.request_id,
            error_id=trace.error_id,
        )

    def adopt_libraries(self) -> None:
        """Take up what libraries warn of, by its place only: what they say may hold anything."""
        logging.getLogger().addHandler(_Library(self))

    def event(self, event: str, **facts: object) -> None:
        """Something about the server itself."""
        self._log.info(event, **facts)


class _Library(logging.Handler):
    """Standard logging as one more event of ours."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Say which library warned, and where."""
        self._log.event("library", library=record.name, at=f"{record.module}:{record.lineno}")


def _request_id(headers: MutableMapping[bytes, bytes]) -> str:
    given = headers.get(b"x-request-id", b"").decode("latin-1")
    return given if rules.REQUEST_ID.fullmatch(given) else ulid(CLOCK.now_ms())


def _dumps(fields: object, **_: object) -> str:
    return orjson.dumps(fields, default=str).decode()
