"""[acts] A real server and, in another process, its client: small queries, and memory when idle."""

import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from lakehouse.assembly import open_lake
from lakehouse.base.errors import Unavailable
from lakehouse.bench.ground import Ground
from lakehouse.bench.ingest import ingest
from lakehouse.bench.memory import held_bytes
from lakehouse.bench.outcome import Outcome
from lakehouse.bench.targets import IDLE_MEMORY, REQUEST_RATE, REQUEST_TIME

NAME: Final = "server"
CONNECTIONS: Final = 8
START_S: Final = 60.0
REQUEST_S: Final = 30.0
SETTLE_S: Final = 2.0
"""After a first query, until memory is read: the worker has started by then."""

SQL: Final = "SELECT candidate_id, first_name, city FROM candidates WHERE candidate_id = $id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One that is running."""

    pid: int
    port: int


def measure(ground: Ground) -> Iterator[Outcome]:
    """Memory first, then one connection, then several."""
    root = ground.fresh("server") / "lake"
    with open_lake(root) as lake:
        ingest(lake, ground.staffing)
    with serving(root) as server, ProcessPoolExecutor(1, mp_context=get_context("spawn")) as client:
        client.submit(ask, server.port, 1).result()
        time.sleep(SETTLE_S)
        yield Outcome(
            measure=NAME,
            what="idle server memory",
            target=IDLE_MEMORY,
            ours=(held_bytes(server.pid),),
            note="the server and its query worker after one query; pages of a file that both map count once",
        )
        requests = ground.sizes.requests
        client.submit(ask, server.port, requests // 5).result()
        alone = client.submit(ask, server.port, requests // 2).result()
        yield Outcome(
            measure=NAME,
            what="POST /v1/sql, point lookup in 15,000 rows, one connection",
            target=REQUEST_TIME,
            ours=alone,
            note="client and server share the cores",
        )
        yield _together(client, server.port, requests, samples=ground.sizes.samples)


def _together(client: ProcessPoolExecutor, port: int, requests: int, *, samples: int) -> Outcome:
    rates: list[float] = []
    times: list[float] = []
    for _ in range(samples):
        seconds, each = client.submit(ask_together, port, requests // samples).result()
        rates.append(len(each) / seconds)
        times += each
    middle = sorted(times)[len(times) // 2] * 1000
    return Outcome(
        measure=NAME,
        what=f"POST /v1/sql, the same, {CONNECTIONS} connections",
        target=REQUEST_RATE,
        ours=tuple(rates),
        note=f"half of the requests took at most {middle:.1f} ms at this load",
    )


@contextmanager
def serving(root: Path) -> Iterator[Server]:
    """`lakehouse serve` over the lake at `root`, ended when the block ends.

    Raises:
        Unavailable: it did not answer in time; its last words are the message.
    """
    port = _free_port()
    command = [sys.executable, "-m", "lakehouse", "--root", str(root), "serve", "--port", str(port)]
    with (root.parent / "server.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603 - our own command
    try:
        _await(process, port, root.parent / "server.log")
        yield Server(pid=process.pid, port=port)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(START_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=REQUEST_S)
            connection.request("GET", "/health")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    last = log.read_text(errors="replace").strip()[-300:]
    raise Unavailable(f"the server did not start: {last}", hint="try lakehouse serve by itself")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def ask(port: int, requests: int) -> tuple[float, ...]:
    """Seconds of each request on one connection that is kept.

    Raises:
        Unavailable: the server answered something else than 200 and one row.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=REQUEST_S)
    times = []
    try:
        for n in range(max(1, requests)):
            body = json.dumps({"sql": SQL, "params": {"id": n % 100 + 1}}).encode()
            started = time.perf_counter()
            connection.request("POST", "/v1/sql", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            answer = response.read()
            times.append(time.perf_counter() - started)
            if response.status != http.HTTPStatus.OK:
                raise Unavailable(
                    f"the server answered {response.status}: {answer[:200]!r}", hint="see /health"
                )
    finally:
        connection.close()
    return tuple(times)


def ask_together(port: int, requests: int) -> tuple[float, tuple[float, ...]]:
    """Seconds in all, and of each request, over several connections at once."""
    started = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        parts = [pool.submit(ask, port, requests // CONNECTIONS) for _ in range(CONNECTIONS)]
        times = [seconds for part in parts for seconds in part.result()]
    return time.perf_counter() - started, tuple(times)
