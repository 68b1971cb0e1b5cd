"""One run: what is measured in which order, what fails alone, and clients that count only real answers."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid, Unavailable
from lakehouse.bench import cold, machine, run, served
from lakehouse.bench.ground import TINY
from lakehouse.bench.outcome import Failure, Outcome
from lakehouse.bench.race import race, timed

NO_COMPANY = replace(TINY, scale=0.001)
"""A company of this scale cannot be made, so the measures that want one fail."""

Answer = tuple[int, bytes]


@contextmanager
def answering(answer: Callable[[dict[str, object]], Answer]) -> Iterator[tuple[int, list[dict[str, object]]]]:
    """A real server of the protocol alone: its port, and the bodies that came."""
    bodies: list[dict[str, object]] = []

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            bodies.append({**body, "path": self.path, "client": self.client_address[1]})
            status, data = answer(body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Nothing on the screen."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1], bodies
        finally:
            server.shutdown()
            thread.join()


def test_all_measures_have_a_name_of_their_own_and_an_order() -> None:
    assert list(run.TABLES) == ["ingest", "cold", "pinned", "upsert", "server", "start"]
    assert list(run.SEARCH) == [
        "vectors",
        "search",
        "filtered",
        "peers",
        "embedding",
        "refresh",
        "quality",
        "large",
    ]
    assert list(run.MEASURES) == [*run.TABLES, *run.SEARCH, "learn"]


@pytest.mark.parametrize("names", [["speed"], ["cold", "speed"], [""], ["COLD"]])
def test_a_strange_name_is_refused_before_anything_is_measured(names: list[str], tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no measure"):
        next(run.measured(names, TINY, tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_long_name_is_not_repeated_in_full() -> None:
    with pytest.raises(Invalid) as caught:
        next(run.measured(["x" * 10_000], TINY, None))
    assert len(str(caught.value)) < 100


def test_a_measure_that_fails_hides_neither_what_came_before_nor_what_comes_after(tmp_path: Path) -> None:
    results = list(run.measured(["pinned", "cold", "server"], NO_COMPANY, tmp_path))
    failed = [result.measure for result in results if isinstance(result, Failure)]
    assert failed == ["pinned", "server"]
    assert [type(result) for result in results] == [Failure, *[Outcome] * len(cold.QUERIES), Failure]
    assert all("scale" in result.reason for result in results if isinstance(result, Failure))
    assert list(tmp_path.iterdir()) == []


def test_a_measure_named_twice_is_measured_once(tmp_path: Path) -> None:
    results = list(run.measured(["pinned", "server", "pinned"], NO_COMPANY, tmp_path))
    assert [result.measure for result in results] == ["pinned", "server"]


def test_results_come_as_they_are_measured_and_whoever_stops_leaves_nothing_behind(tmp_path: Path) -> None:
    results = run.measured(["cold"], TINY, tmp_path)
    assert isinstance(next(results), Outcome)
    assert len(list(tmp_path.iterdir())) == 1
    results.close()  # type: ignore[attr-defined] # a generator
    assert list(tmp_path.iterdir()) == []


@given(st.integers(0, 20), st.integers(0, 5))
def test_a_race_has_as_many_samples_as_asked_and_nobody_goes_first_more_often(
    samples: int, warm_ups: int
) -> None:
    order: list[str] = []

    def call(who: str) -> float:
        order.append(who)
        return 1.0

    ours, peer = race(lambda: call("ours"), lambda: call("peer"), samples=samples, warm_ups=warm_ups)
    assert len(ours) == len(peer) == samples
    first = order[::2]
    assert abs(first.count("ours") - first.count("peer")) <= 1


def test_what_goes_wrong_in_a_race_ends_it() -> None:
    def broken() -> float:
        raise Unavailable("no disk", hint="buy one")

    with pytest.raises(Unavailable):
        race(broken, lambda: 1.0, samples=3)
    with pytest.raises(Unavailable):
        timed(broken)


def test_work_is_done_once_and_takes_some_time() -> None:
    done: list[int] = []
    assert timed(lambda: done.append(1)) > 0
    assert done == [1]


def test_a_client_asks_for_a_hundred_people_in_turn_on_one_connection() -> None:
    with answering(lambda _: (200, b"{}")) as (port, bodies):
        times = served.ask(port, 120)
    assert len(times) == 120
    assert min(times) > 0
    assert [body["params"] for body in bodies] == [{"id": n % 100 + 1} for n in range(120)]
    assert len({body["client"] for body in bodies}) == 1
    assert {body["path"] for body in bodies} == {"/v1/sql"}
    assert {body["sql"] for body in bodies} == {served.SQL}


def test_a_client_that_is_to_ask_nothing_asks_once() -> None:
    with answering(lambda _: (200, b"{}")) as (port, bodies):
        assert len(served.ask(port, 0)) == len(bodies) == 1


@pytest.mark.parametrize("status", [400, 429, 503])
def test_an_answer_that_is_none_is_no_figure(status: int) -> None:
    with (
        answering(lambda _: (status, b"too many")) as (port, _),
        pytest.raises(Unavailable, match=rf"{status}.*too many"),
    ):
        served.ask(port, 3)


def test_several_clients_ask_side_by_side_and_all_their_times_count() -> None:
    with answering(lambda _: (200, b"{}")) as (port, bodies):
        seconds, times = served.ask_together(port, served.CONNECTIONS * 5)
    assert len(times) == len(bodies) == served.CONNECTIONS * 5
    assert len({body["client"] for body in bodies}) == served.CONNECTIONS
    assert max(times) <= seconds


def test_one_failure_among_several_clients_is_seen() -> None:
    def answer(body: dict[str, object]) -> Answer:
        return (500, b"no") if body["params"] == {"id": 3} else (200, b"{}")

    with answering(answer) as (port, _), pytest.raises(Unavailable):
        served.ask_together(port, served.CONNECTIONS * 5)


def test_the_machine_is_described_by_figures_that_can_be() -> None:
    facts = machine.facts()
    assert isinstance(facts["cores"], int)
    assert facts["cores"] >= 1
    assert float(str(facts["memory_gb"])) > 0.1
    assert facts["processor"]
    assert all(re.match(r"\d+\.\d+", str(facts[name])) for name in machine.PACKAGES)
    json.dumps(facts)
