"""The server as a process: where it listens, what it refuses, how it ends; and many clients at once."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from lakehouse.base.errors import Invalid, LakehouseError, Refused, Unavailable
from lakehouse.edge.http.server import serve
from tests.edge.http.serving import Served

RUN = """
import sys
from pathlib import Path
from lakehouse.edge.http.server import serve
serve(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
"""


@contextmanager
def process(
    root: Path, host: str = "127.0.0.1", **environment: str
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A server of its own, and the URL that its first line names."""
    command = [sys.executable, "-c", RUN, str(root), host, "0"]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ | environment)
    assert running.stderr
    try:
        found = re.search(r"http://\S+", running.stderr.readline())
        assert found
        yield found[0], running
    finally:
        running.kill()
        running.communicate()


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served") / "lake"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_requests_in_flight_end_and_then_the_server(lake: Path, number: int) -> None:
    answers: list[int] = []
    with process(lake) as (url, running):
        httpx.post(f"{url}/v1/sql", json={"sql": "SELECT 1"})
        text = "SELECT count(*) FROM range(400000000) r(i) WHERE i % 7 = 3"

        def ask() -> None:
            answers.append(httpx.post(f"{url}/v1/sql", json={"sql": text}, timeout=30).status_code)

        asking = threading.Thread(target=ask)
        asking.start()
        while 'lakehouse_http_requests_total{method="POST"' not in httpx.get(f"{url}/metrics").text:
            pass
        running.send_signal(number)
        assert running.wait(10) == 0
        asking.join()
    assert answers in ([200], [503])


def test_an_endless_request_does_not_keep_a_server_that_is_to_stop(lake: Path) -> None:
    endless = {"sql": "SELECT count(*) FROM range(100000000000) r(i) WHERE i % 7 = 3"}
    with process(lake) as (url, running):
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{url}/v1/sql", json=endless, timeout=0.5)
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(httpx.post, f"{url}/v1/sql", json=endless, timeout=30)
            httpx.get(f"{url}/health")
            running.send_signal(signal.SIGTERM)
            assert running.wait(10) == 0
            asked.exception()


def test_two_servers_share_one_lake(lake: Path) -> None:
    with process(lake) as (one, _), process(lake) as (other, _):
        body = {"upsert": [{"id": 1}], "key": "id"}
        assert httpx.post(f"{one}/v1/catalog/datasets/common/rows", json=body, timeout=30).status_code == 200
        found = httpx.post(f"{other}/v1/sql", json={"sql": "SELECT * FROM common"}, timeout=30)
        assert found.json().get("rows") == [[1]], found.text


def test_every_address_is_served_once_there_is_a_token(lake: Path) -> None:
    with process(lake, "0.0.0.0", LAKEHOUSE_SECRET_SERVER_TOKEN="s3cret") as (url, _):
        local = url.replace("0.0.0.0", "127.0.0.1")
        assert httpx.get(f"{local}/health").status_code == 200
        assert httpx.get(f"{local}/metrics").status_code == 401
        right = {"Authorization": "Bearer s3cret"}
        assert httpx.get(f"{local}/metrics", headers=right).status_code == 200


def refusal(root: Path, host: str, port: int) -> LakehouseError:
    with pytest.raises(LakehouseError) as refused:
        serve(root, host, port)
    assert refused.value.hint
    return refused.value


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "*", "192.168.1.7", "lake.example"])
def test_an_open_address_without_a_token_is_refused_before_a_lake_is_made(tmp_path: Path, host: str) -> None:
    assert isinstance(refusal(tmp_path / "lake", host, 0), Refused)
    assert not (tmp_path / "lake").exists()


def test_a_port_in_use_and_an_address_that_is_not_here_say_so(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        used = refusal(tmp_path / "lake", "127.0.0.1", taken.getsockname()[1])
    assert isinstance(used, Unavailable)
    assert "--port 0" in used.hint
    assert isinstance(refusal(tmp_path / "lake", "127.0.0.1", 99_999), Invalid)
    assert not (tmp_path / "lake").exists()


def test_twenty_clients_at_once_see_no_error(served: Served) -> None:
    served.table("crowd", "id,n\n" + "".join(f"{i},0\n" for i in range(20)))
    for n in range(4):
        served.table(f"crowd{n}", "id\n-1\n")

    def client(number: int) -> list[int]:
        sql = {"sql": "SELECT * FROM crowd WHERE id = ?", "params": [number]}
        rows = {"upsert": [{"id": number, "n": number}], "key": "id"}
        file = {"file": (f"{number}.csv", f"id\n{number}\n".encode())}
        with httpx.Client(base_url=served.url, timeout=60) as http:
            answers = [
                http.post("/v1/sql", json=sql),
                http.post("/v1/catalog/datasets/crowd/rows", json=rows),
                http.post("/v1/ingest/file", files=file, data={"table": f"crowd{number % 4}"}),
                http.get("/v1/catalog/datasets/crowd"),
                *(http.post("/v1/sql", json=sql) for _ in range(5)),
            ]
        return [answer.status_code for answer in answers]

    with ThreadPoolExecutor(20) as pool:
        seen = {status for statuses in pool.map(client, range(20)) for status in statuses}
    assert seen == {200, 201}
    assert served.sql("SELECT sum(n) FROM crowd").json()["rows"] == [[190]]
    assert served.sql("SELECT count(*) FROM crowd0").json()["rows"] == [[6]]
