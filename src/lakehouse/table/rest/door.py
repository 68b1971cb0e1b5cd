"""[acts] The private door: the catalog protocol on loopback, for this process's own DuckDB writer only.

DuckDB commits to Iceberg over HTTP; this is the other end. It listens on a free loopback port, asks for a
token that only the writer's child knows, and lives as long as the lake is open.
"""

import http.server
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Final
from urllib.parse import unquote, urlsplit

import orjson

from lakehouse.table.catalog import Catalog
from lakehouse.table.rest.protocol import Answer, Request, answer

MAX_BODY_BYTES: Final = 64 << 20


class Door:
    """A loopback server for one catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self.token = secrets.token_urlsafe(24)
        expected = f"Bearer {self.token}"

        class Handler(_Handler):
            bearer = expected
            tables = catalog

        self._handler = Handler
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True, name="lakehouse-door"
        )
        self._thread.start()

    @contextmanager
    def noting(self, summary: Mapping[str, str]) -> Iterator[None]:
        """Let every snapshot that comes in by this door carry `summary` until the block ends."""
        self._handler.summary = summary
        try:
            yield
        finally:
            self._handler.summary = {}

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        """Of IPv4's loopback address."""
        return int(self._server.server_address[1])

    @property
    def is_open(self) -> bool:
        """Does it listen?"""
        return self._thread.is_alive()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    """Dispatches every method to `_serve`: the library looks for `do_<METHOD>`."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    bearer: str
    tables: Catalog
    summary: Mapping[str, str] = MappingProxyType({})

    def _serve(self) -> None:
        given = (self.headers.get("Authorization") or "").encode()
        if not secrets.compare_digest(given, self.bearer.encode()):
            self._refuse(401, "NotAuthorizedException", "not for you")
            return
        length = self.headers.get("Content-Length") or "0"
        if not length.isascii() or not length.isdigit() or int(length) > MAX_BODY_BYTES:
            self._refuse(400, "BadRequestException", "the body's length is missing or too large")
            return
        data = self.rfile.read(int(length))
        try:
            path = tuple(unquote(part) for part in urlsplit(self.path).path.split("/") if part)[1:]
            body = orjson.loads(data) if data else {}
        except ValueError:
            self._refuse(400, "BadRequestException", "the body is not JSON")
            return
        request = Request(method=self.command, path=path, body=body, summary=self.summary, is_ours=True)
        self._send(answer(self.tables, request))

    def _refuse(self, status: int, kind: str, message: str) -> None:
        self.close_connection = True  # what follows of the request is not worth reading
        self._send(Answer(status=status, body={"error": {"message": message, "type": kind, "code": status}}))

    def _send(self, given: Answer) -> None:
        data = b"" if given.body is None else orjson.dumps(given.body)
        self.send_response_only(given.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)
        self.wfile.flush()

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name in {"do_GET", "do_POST", "do_HEAD", "do_DELETE"}:
            return self._serve
        raise AttributeError(name)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature is the library's
        """Say nothing: paths hold table names, and commits are recorded elsewhere."""

    def handle(self) -> None:
        try:
            super().handle()
        except (ConnectionError, TimeoutError):
            self.close_connection = True  # the child was killed in the middle of a request
