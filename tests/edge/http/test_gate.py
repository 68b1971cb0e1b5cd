"""What every request passes: ids, rules, log lines without values, headers, unforeseen failures."""

import asyncio
import io
import socket
from collections.abc import Mapping

import httpx
import orjson
import pytest

from lakehouse.base.errors import Conflict, Corrupt
from lakehouse.edge.http import rules
from lakehouse.edge.http.app import application
from lakehouse.edge.http.gate import Gate, Log
from lakehouse.edge.http.rooms import WAITING, Busy, Rooms
from lakehouse.lake.facade import Lakehouse
from tests.edge.http.serving import Served, problem

CANARY = "xyzzy-4711"


def ask(gate: Gate, method: str, path: str, **more: object) -> httpx.Response:
    """One request in process."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=gate, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, path, **more)

    return asyncio.run(send())


class Failing:
    """The lake behind a proxy that fails in one method, as no real lake does on demand."""

    def __init__(self, lake: Lakehouse, error: Exception) -> None:
        self._lake, self._error = lake, error

    def __getattr__(self, name: str) -> object:
        return getattr(self._lake, name)

    def tables(self) -> object:
        raise self._error


def failing(served: Served, error: Exception) -> tuple[Gate, io.StringIO]:
    log = io.StringIO()
    lake: Lakehouse = Failing(served.lake, error)  # type: ignore[assignment]
    return application(lake, policy=rules.policy("127.0.0.1", None), log=Log(log)), log


@pytest.mark.parametrize("given", ["abc", "A-b_c.9", "x" * 64])
def test_a_plain_request_id_is_echoed(served: Served, given: str) -> None:
    answer = served.client.get("/health", headers={"X-Request-Id": given})
    assert answer.headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "a;b", "<script>", "ü"])
def test_any_other_request_id_is_replaced(served: Served, given: str) -> None:
    answer = served.client.get("/health", headers={b"X-Request-Id": given.encode()})
    assert len(answer.headers["x-request-id"]) == 26


def test_answers_tell_browsers_to_keep_their_hands_off(served: Served) -> None:
    headers = served.client.get("/health").headers
    assert "server" not in headers
    assert not [name for name in headers if name.startswith("access-control")]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/nope", "/v1/sql/a/b", "//", "/v1/catalog/datasets/", "/%2e%2e/etc"])
def test_an_unknown_route_is_a_problem(served: Served, path: str) -> None:
    problem(served.client.get(path), status=404, kind="NotFound")


@pytest.mark.parametrize("path", ["/v1/sql", "/v1/catalog/rebuild", "/v1/ingest/file"])
def test_another_method_is_a_problem_that_names_the_right_one(served: Served, path: str) -> None:
    answer = served.client.get(path)
    problem(answer, status=405, kind="Invalid")
    assert "POST" in answer.headers["allow"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({}, 200),
    ],
)
def test_the_rules_bind_over_the_wire(served: Served, headers: Mapping[str, str], status: int) -> None:
    answer = served.client.post("/v1/sql", json={"sql": "SELECT 1"}, headers=headers)
    assert answer.status_code == status
    if status == 403:
        problem(answer, status=403, kind="Refused")


def test_a_token_is_asked_for_and_taken(served: Served) -> None:
    gate = application(served.lake, policy=rules.policy("0.0.0.0", "s3cret"), log=Log(io.StringIO()))
    answer = ask(gate, "GET", "/v1/catalog/datasets")
    problem(answer, status=401, kind="Refused")
    assert answer.headers["www-authenticate"] == "Bearer"
    right = {"Authorization": "Bearer s3cret"}
    assert ask(gate, "GET", "/v1/catalog/datasets", headers=right).status_code == 200
    assert ask(gate, "GET", "/health").status_code == 200
    iceberg = ask(gate, "GET", "/iceberg/v1/config")
    assert (iceberg.status_code, iceberg.json()["error"]["code"]) == (401, 401)


@pytest.mark.parametrize(
    ("error", "status", "kind", "retry"),
    [
        (Conflict("someone was faster", hint="again"), 409, "Conflict", True),
        (Corrupt("a file is damaged", hint="lakehouse doctor"), 500, "Corrupt", False),
    ],
)
def test_the_kind_of_an_error_decides_its_status(
    served: Served, error: Exception, status: int, kind: str, retry: bool
) -> None:
    gate, _ = failing(served, error)
    body = problem(ask(gate, "GET", "/v1/catalog/datasets"), status=status, kind=kind)
    assert body["retry"] is retry


def test_what_nobody_foresaw_is_a_500_that_says_nothing_and_can_be_found_in_the_log(served: Served) -> None:
    gate, log = failing(served, RuntimeError(CANARY))
    answer = ask(gate, "GET", "/v1/catalog/datasets")
    body = problem(answer, status=500, kind="Unavailable")
    failed = orjson.loads(log.getvalue().splitlines()[0])
    assert CANARY not in answer.text + log.getvalue()
    assert failed["error_id"] == body["error_id"]
    assert failed["exception"] == "RuntimeError"
    assert failed["at"].startswith("tests.edge.http.test_gate:")


def test_the_log_tells_the_route_and_never_what_was_said(served: Served) -> None:
    served.client.post("/v1/sql?token=" + CANARY, json={"sql": f"SELECT '{CANARY}'"})
    served.client.post("/v1/sql", json={"sql": f"SELECT {CANARY.replace('-', '_')}"})
    served.client.get(f"/v1/catalog/datasets/{CANARY}", headers={"Authorization": f"Bearer {CANARY}"})
    served.upload(f"a\n{CANARY}\n".encode(), name=f"{CANARY}.csv", table="canaries")
    served.client.get("/v1/catalog/datasets/canaries", headers={"X-Request-Id": "mark"})
    text = served.log.getvalue()
    assert "xyzzy" not in text
    assert "canaries" not in text
    last = served.logged()[-1]
    assert last["route"] == "/v1/catalog/datasets/{name}"
    assert (last["method"], last["status"], last["request_id"]) == ("GET", 200, "mark")
    assert isinstance(last["ms"], float)


def test_a_failure_is_logged_with_its_kind_and_id(served: Served) -> None:
    body = problem(served.sql("SELECT * FROM nowhere"), status=404, kind="NotFound")
    last = served.logged()[-1]
    assert (last["kind"], last["error_id"]) == ("NotFound", body["error_id"])


@pytest.mark.parametrize(
    "raw",
    [
        b"\x00\x01\x02garbage\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /v1/sql HTTP/1.1\r\nHost: localhost\r\nContent-Length: nine\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
    ],
)
def test_bytes_that_are_not_http_cost_one_connection(served: Served, raw: bytes) -> None:
    host, _, port = served.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass


def test_a_crowd_is_told_to_come_back() -> None:
    async def crowd() -> list[object]:
        rooms = Rooms(query_workers=1)
        gate = asyncio.Event()
        loop = asyncio.get_running_loop()

        def wait() -> None:
            asyncio.run_coroutine_threadsafe(gate.wait(), loop).result()

        calls = [asyncio.ensure_future(rooms.call("ingest", wait)) for _ in range(WAITING + 3)]
        await asyncio.sleep(0)
        assert 0 <= rooms.running <= 2
        gate.set()
        return await asyncio.gather(*calls, return_exceptions=True)

    outcomes = asyncio.run(crowd())
    refused = [outcome for outcome in outcomes if outcome is not None]
    assert len(refused) == 3
    assert all(isinstance(error, Busy) and error.status == 429 for error in refused)
