"""Pathway memory through all doors at once: a server, command lines and Python on one lake agree."""

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

import lakehouse
from lakehouse.settings import DurabilityParams, Settings
from tests.edge.http.serving import Served, serving
from tests.memory.remembered import RICH, TASK


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path / "lake", settings=Settings(durability=DurabilityParams(mode="process"))) as found:
        yield found


def typed(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """One command in a process of its own."""
    command = [sys.executable, "-m", "lakehouse", "--root", str(root), "pathway", *words, "--json"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_what_one_door_writes_all_doors_read_alike(served: Served) -> None:
    root = served.lake.root
    uid = json.loads(typed(root, "add", json.dumps(dict(RICH)), "--tags", "review,rust").stdout)["uid"]
    for _ in range(10):
        answer = served.client.post("/v1/pathway/replay", json={"uid": uid, "succeeded": True})
        assert answer.status_code == 200
    served.client.post("/v1/pathway/update", json={"uid": uid, "tags": ["review"]})
    by_http = served.client.get(f"/v1/pathway/get/{uid}").json()
    by_words = json.loads(typed(root, "get", uid).stdout)
    with lakehouse.open(root) as other:
        by_python = json.loads(json.dumps(other.pathway.get(uid).told()))
        swap = other.pathway.hot_swap(TASK)
    assert by_http == by_words == by_python
    assert (by_http["replays_succeeded"], by_http["tags"], by_http["content"]) == (10, ["review"], dict(RICH))
    asked = served.client.post("/v1/pathway/hot_swap", json=dict(TASK)).json()
    assert (asked["swap"], asked["model"], asked["uid"]) == (swap.swap, swap.model, swap.uid)
    assert asked["swap"]
    rows = served.sql("SELECT event, count(*) FROM system.pathway GROUP BY ALL ORDER BY 1").json()["rows"]
    assert rows == [["add", 1], ["replay", 10], ["update", 1]]


def test_of_all_who_revise_one_trace_through_all_doors_one_succeeds(served: Served) -> None:
    root = served.lake.root
    served.client.post("/v1/pathway/add", json={"content": 0, "uid": "tip"})

    def by_http(n: int) -> bool:
        body = {"predecessor_uid": "tip", "content": n}
        answer = served.client.post("/v1/pathway/revise", json=body)
        assert answer.status_code in {201, 409}, answer.text
        return answer.status_code == 201

    def by_words(n: int) -> bool:
        done = typed(root, "revise", "tip", str(n))
        assert done.returncode == 0 or json.loads(done.stderr)["kind"] == "Conflict", done.stderr
        return done.returncode == 0

    with ThreadPoolExecutor(10) as threads:
        words = [threads.submit(by_words, n) for n in range(2)]
        posts = [threads.submit(by_http, n) for n in range(8)]
        won = sum(done.result(60) for done in (*words, *posts))
    assert won == 1
    stats = served.client.get("/v1/pathway/stats").json()
    assert (stats["traces"], stats["current"], stats["forks"]) == (2, 1, 0)


def test_every_answer_that_was_given_is_kept_when_the_server_ends(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    with serving(root, settings=Settings(durability=DurabilityParams(mode="process"))) as served:

        def add(n: int) -> str:
            with httpx.Client(base_url=served.url, timeout=60) as client:
                return str(client.post("/v1/pathway/add", json={"content": {"n": n}}).json()["uid"])

        with ThreadPoolExecutor(8) as threads:
            uids = list(threads.map(add, range(60)))
    with lakehouse.open(root) as lake:
        contents = [lake.pathway.get(uid).content for uid in uids]
    assert contents == [{"n": n} for n in range(60)]


def test_an_earlier_state_is_imported_by_a_command_while_the_server_runs(
    served: Served, tmp_path: Path
) -> None:
    traces = [
        {**RICH, "trace_uid": f"t{n}", "signal_class": f"s{n}", "replay_count": 11, "replays_succeeded": 11}
        for n in range(11)
    ]
    (tmp_path / "state.json").write_text(json.dumps({"traces": traces}))
    before = served.client.get("/v1/pathway/stats").json()
    first = json.loads(typed(served.lake.root, "import", str(tmp_path / "state.json")).stdout)
    after = served.client.get("/v1/pathway/stats").json()
    assert (before["traces"], first["added"], after["traces"], after["proven"]) == (0, 11, 11, 11)
    again = json.loads(typed(served.lake.root, "import", str(tmp_path / "state.json")).stdout)
    assert (again["added"], again["known"]) == (0, 11)
    assert served.client.get("/v1/pathway/stats").json() == after
