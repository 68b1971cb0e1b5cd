"""A lake behind a real server on a free port, in a thread of the test process."""

import io
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import orjson

from lakehouse.assembly import open_lake
from lakehouse.edge.http import rules, server
from lakehouse.edge.http.app import application
from lakehouse.edge.http.gate import Gate, Log
from lakehouse.lake.facade import Lakehouse
from lakehouse.lake.models import Models
from lakehouse.settings import Settings

PEOPLE = "id,name,city\n" + "".join(f"{i},Person {i},{('Oslo', 'Rome', 'Lima')[i % 3]}\n" for i in range(300))


@dataclass
class Served:
    """A running server and a client that talks to it."""

    lake: Lakehouse
    url: str
    client: httpx.Client
    log: io.StringIO

    def sql(self, text: str, **more: object) -> httpx.Response:
        return self.client.post("/v1/sql", json={"sql": text, **more})

    def upload(self, data: bytes, *, name: str = "people.csv", **fields: str) -> httpx.Response:
        return self.client.post("/v1/ingest/file", files={"file": (name, data)}, data=fields)

    def table(self, name: str, text: str = PEOPLE) -> str:
        """A table of the test's own."""
        answer = self.upload(text.encode(), table=name)
        assert answer.status_code == 201, answer.text
        return name

    def logged(self) -> list[dict[str, object]]:
        return [orjson.loads(line) for line in self.log.getvalue().splitlines()]


@contextmanager
def serving(
    root: Path,
    *,
    policy: rules.Policy | None = None,
    settings: Settings | None = None,
    models: Models | None = None,
) -> Iterator[Served]:
    log = io.StringIO()
    with open_lake(root, settings=settings, models=models) as lake:
        gate = application(lake, policy=policy or rules.policy("127.0.0.1", None), log=Log(log))
        with listening(gate) as url, httpx.Client(base_url=url, timeout=60) as client:
            yield Served(lake, url, client, log)


@contextmanager
def listening(gate: Gate) -> Iterator[str]:
    ready = threading.Event()
    door = socket.socket()
    door.bind(("127.0.0.1", 0))
    running = server.Server(server.config(gate), listening=ready.set)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [door]})
    thread.start()
    try:
        assert ready.wait(20)
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
    finally:
        running.should_exit = True
        thread.join(20)
        door.close()
    assert not thread.is_alive()


def problem(answer: httpx.Response, *, status: int, kind: str) -> Mapping[str, object]:
    """The problem document of an answer, checked against the contract."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, object] = answer.json()
    assert set(body) == {"type", "title", "status", "detail", "kind", "hint", "error_id", "retry"}
    assert body["status"] == status
    assert body["kind"] == kind
    assert body["hint"]
    assert body["type"] == f"urn:lakehouse:error:{kind.lower()}"
    assert "Traceback" not in answer.text
    return body
