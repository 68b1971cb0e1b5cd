"""[acts] One model server over HTTP: bounded retries, one deadline, and a breaker for when it is down.

Theory of operation. A call is one or more attempts under one deadline. Only what may pass by itself is
tried again: connections that fail, 429 and 5xx; the wait doubles, with jitter, and gives way to Retry-After.
Attempts that fail so, one after another and over all calls, open the breaker: further calls fail at once,
until after a pause one of them may try. Neither errors nor logs hold keys, texts or a server's own prose,
which may quote both.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlsplit

from lakehouse.base.errors import Invalid, LakehouseError, NotFound, Refused, Unavailable
from lakehouse.llm import wire

if TYPE_CHECKING:
    import httpx

MAX_BYTES: Final = 128 << 20
"""Of one answer: 2,048 vectors of 3,072 numbers written out take about 130 MB, and we ask for fewer."""

LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where a model server is, and how patiently to ask it."""

    url: str
    key: str = field(default="", repr=False)
    timeout_s: float = 60.0
    """For one request with its retries. A single silence within an answer is bounded by the same time."""

    connect_s: float = 5.0
    """A server that listens takes a connection within milliseconds, over an ocean within a second."""

    attempts: int = 3
    wait_s: float = 0.5
    """Before the second attempt; it doubles from there, and half of it is left to chance."""

    wait_limit_s: float = 20.0
    """A server that asks for more is not waited for."""

    failures: int = 5
    """Attempts in a row that open the breaker."""

    pause_s: float = 10.0
    """How long it stays open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """What is particular to a kind of server: its name, and what helps when it fails."""

    name: str
    down_hint: str
    model_hint: str
    """`{model}` stands for the name of the model that is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Time and chance; tests hand in their own."""

    now_s: Callable[[], float] = time.monotonic
    wait: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    """0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An attempt that failed."""

    error: LakehouseError
    may_pass: bool = False
    """The same request may succeed later: it is tried again, and counts for the breaker."""

    after_s: float | None = None
    """What the server asks to wait."""


class Breaker:
    """Counts failures in a row; from `limit` on it lets nothing through but one trial each `pause_s`."""

    def __init__(self, limit: int, pause_s: float) -> None:
        self._limit = limit
        self._pause_s = pause_s
        self._failures = 0
        self._until_s = 0.0
        self._lock = Lock()

    def blocked_s(self, now_s: float) -> float:
        """Seconds that a call has to wait; 0 if it may go now, and is then the trial where one is due."""
        with self._lock:
            if self._failures < self._limit:
                return 0.0
            if now_s < self._until_s:
                return self._until_s - now_s
            # The trial: others wait for its outcome, or for as long again should it never report one.
            self._until_s = now_s + self._pause_s
            return 0.0

    def note(self, *, failed: bool, now_s: float) -> None:
        """Count an attempt."""
        with self._lock:
            self._failures = self._failures + 1 if failed else 0
            self._until_s = now_s + self._pause_s


def wait_s(attempt: int, server: Server, *, after_s: float | None, chance: float) -> float | None:
    """Seconds to wait after the `attempt`th failed, from 1 on; None: do not try again."""
    if attempt >= server.attempts or (after_s or 0.0) > server.wait_limit_s:
        return None
    if after_s is not None:
        return after_s
    return float(min(server.wait_s * 2 ** (attempt - 1), server.wait_limit_s) * (0.5 + chance / 2))


class Endpoint:
    """JSON in, JSON or lines out; safe between threads. Nothing is asked until the first call."""

    def __init__(
        self,
        server: Server,
        provider: Provider,
        *,
        headers: Mapping[str, str],
        timing: Timing | None = None,
    ) -> None:
        self._server = server
        self._provider = provider
        self._host = _host(server, provider)
        self._headers = {"content-type": "application/json", **headers}
        self._timing = timing or Timing()
        self._breaker = Breaker(server.failures, server.pause_s)
        self._client: httpx.Client | None = None
        self._lock = Lock()

    def get(self, path: str) -> object:
        """The JSON at `path`; raises as `post` does."""
        return self._retried(lambda until_s: self._whole("GET", path, None, until_s))

    def post(self, path: str, body: Mapping[str, object]) -> object:
        """The JSON that answers `body`.

        Raises:
            Unavailable: no answer in time, a server's fault, or no JSON; or the breaker is open.
            Refused: the key, or what it may do.
            NotFound: the model, or the path.
            Invalid: the request; context `fields`: those it speaks of, `is_too_long`: the texts are.
        """
        return self._retried(lambda until_s: self._whole("POST", path, body, until_s))

    @contextmanager
    def lines(self, path: str, body: Mapping[str, object]) -> Iterator[Iterator[bytes]]:
        """The lines that answer `body`, as they come; raises as `post` does, and `Unavailable` mid-way.

        What came before a break is with the caller already, so a stream that began is not tried again.
        """
        until_s = self._timing.now_s() + self._server.timeout_s
        response = self._retried(lambda until_s: self._opened("POST", path, body, until_s))
        try:
            yield wire.lines(self._streamed(response, until_s))
        finally:
            response.close()

    def broke_off(self) -> Unavailable:
        """The error of a stream that ends before it says so, or holds what no stream should."""
        return self._unavailable("broke off in the middle of an answer")

    def unclear(self) -> Unavailable:
        """The error of an answer that does not hold what it must."""
        return self._unavailable("sent an answer that does not hold what was asked for")

    def close(self) -> None:
        """Give connections back; a later call opens new ones."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _retried(self, attempt: Callable[[float], T | Fault]) -> T:
        timing, server = self._timing, self._server
        until_s = timing.now_s() + server.timeout_s
        blocked_s = self._breaker.blocked_s(timing.now_s())
        if blocked_s:
            raise self._unavailable(f"failed {server.failures} times in a row and rests {blocked_s:.0f} s")
        for turn in range(1, server.attempts + 1):
            outcome = attempt(until_s)
            fault = outcome if isinstance(outcome, Fault) else None
            self._breaker.note(failed=bool(fault and fault.may_pass), now_s=timing.now_s())
            if not isinstance(outcome, Fault):
                return outcome
            pause_s = wait_s(turn, server, after_s=outcome.after_s, chance=timing.chance())
            over = pause_s is None or timing.now_s() + pause_s >= until_s
            if not outcome.may_pass or pause_s is None or over or self._breaker.blocked_s(timing.now_s()):
                raise outcome.error
            timing.wait(pause_s)
        raise AssertionError("the last attempt returns or raises")

    def _whole(self, method: str, path: str, body: Mapping[str, object] | None, until_s: float) -> object:
        response = self._opened(method, path, body, until_s)
        if isinstance(response, Fault):
            return response
        try:
            raw = b"".join(self._streamed(response, until_s))
        except Unavailable as error:
            return Fault(error=error, may_pass=True)
        finally:
            response.close()
        found = wire.decode(raw)
        return Fault(error=self.unclear()) if found is None else found

    def _opened(
        self, method: str, path: str, body: Mapping[str, object] | None, until_s: float
    ) -> "httpx.Response | Fault":
        import httpx

        left_s = max(until_s - self._timing.now_s(), 0.001)
        content = None if body is None else wire.encode(body)
        try:
            client = self._opened_client()
            limits = httpx.Timeout(left_s, connect=min(left_s, self._server.connect_s))
            url = self._server.url.rstrip("/") + path
            request = client.build_request(
                method, url, content=content, headers=self._headers, timeout=limits
            )
            response = client.send(request, stream=True)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Fault(
                error=self._unavailable("does not answer", failure=type(error).__name__), may_pass=True
            )
        if response.status_code == httpx.codes.OK:
            return response
        try:
            return self._fault(response, path, body or {}, until_s)
        finally:
            response.close()

    def _opened_client(self) -> "httpx.Client":
        import httpx

        with self._lock:
            if self._client is None:
                # A proxy of the environment is for the network, and none for a server on this machine.
                address = urlsplit(self._server.url)
                local = address.hostname in LOOPBACK
                # Reading the certificates of the world takes 70 ms, and plain HTTP without a proxy has no use
                # for them: redirects are not followed.
                plain = local and address.scheme == "http"
                self._client = httpx.Client(trust_env=not local, verify=not plain)
            return self._client

    def _streamed(self, response: "httpx.Response", until_s: float) -> Iterator[bytes]:
        import httpx

        size = 0
        try:
            for chunk in response.iter_bytes():
                size += len(chunk)
                if size > MAX_BYTES or self._timing.now_s() > until_s:
                    raise self._unavailable("takes too long or sends too much", bytes=size)
                yield chunk
        except httpx.HTTPError as error:
            raise self._unavailable(
                "broke off in the middle of an answer", failure=type(error).__name__
            ) from None

    def _fault(
        self, response: "httpx.Response", path: str, body: Mapping[str, object], until_s: float
    ) -> Fault:
        try:
            raw = b"".join(self._streamed(response, until_s))
        except Unavailable:
            raw = b""  # the status says enough
        status, said = response.status_code, wire.refusal(raw, body)
        if (status == 429 and said.code != "insufficient_quota") or status >= 500:
            after_s = wire.retry_after_s(response.headers)
            asked = f" and asks to wait {after_s:.0f} s" if after_s else ""
            error = self._unavailable(f"answered {status}{asked}", status=status, code=said.code)
            return Fault(error=error, may_pass=True, after_s=after_s)
        return Fault(error=self._refused(status, said, path, str(body.get("model", ""))))

    def _refused(self, status: int, said: wire.Refusal, path: str, model: str) -> LakehouseError:
        name, host = self._provider.name, self._host
        context = {"provider": name, "host": host, "status": status, "code": said.code}
        if status in {401, 402, 403, 407, 429}:
            hint = f"set LAKEHOUSE_SECRET_{name.upper()}_KEY to a key that may use {model or 'it'}"
            return Refused(f"{name} refuses the key or its credit ({status})", hint=hint, **context)
        if status == 404 and said.is_of_model:
            hint = self._provider.model_hint.format(model=model)
            return NotFound(f"{name} has no model {model!r}", hint=hint, **context)
        if status == 404 or status < 400:
            hint = f"check the url of {name}: {self._provider.down_hint}"
            return NotFound(f"{host} has nothing at {path}", hint=hint, **context)
        if said.is_too_long or status == 413:
            hint = "send shorter texts, or name a model with a longer context"
            message = f"the text is too long for {model or name}"
            return Invalid(message, hint=hint, is_too_long=True, fields=said.fields, **context)
        about = f": {', '.join(sorted(said.fields))}" if said.fields else ""
        hint = f"check the model ({model}) and the settings of {name}"
        return Invalid(
            f"{name} refuses the request ({status}){about}", hint=hint, fields=said.fields, **context
        )

    def _unavailable(self, what: str, **context: object) -> Unavailable:
        name = self._provider.name
        return Unavailable(
            f"{name} at {self._host} {what}",
            hint=self._provider.down_hint,
            provider=name,
            host=self._host,
            **context,
        )


def _host(server: Server, provider: Provider) -> str:
    name = provider.name
    try:
        address = urlsplit(server.url)
        host, port = address.hostname or "", address.port
    except ValueError:
        host, port = "", None
    if not host or address.scheme not in {"http", "https"}:
        raise Invalid(
            f"the url of {name} is no web address", hint="write http://host:port or https://host/path"
        )
    if address.username or address.password or address.query or address.fragment:
        # They would stand in errors and logs.
        raise Invalid(f"the url of {name} holds more than a path", hint="keys are secrets, not parts of it")
    if not (server.key.isascii() and server.key.isprintable()) or " " in server.key:
        raise Invalid(
            f"the key of {name} holds signs that no key has", hint="copy it again, without its line end"
        )
    return f"{host}:{port}" if port else host
