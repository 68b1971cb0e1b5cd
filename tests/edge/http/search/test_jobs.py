"""Jobs over HTTP: each can be followed to its end, and none keeps SQL or searches waiting."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lakehouse.base.errors import Conflict
from lakehouse.edge.http.search import answers
from lakehouse.index.refresh import Watch
from tests.edge.http.search.asked import INDEXES, Halting, build, built, ids, search, searching
from tests.edge.http.serving import Served, problem


def test_jobs_are_listed_newest_first(served: Served) -> None:
    first = served.client.post(f"{INDEXES}/resumes/refresh").json()["job_id"]
    served.lake.index.jobs.wait(first, timeout_s=60)
    second = served.client.post(f"{INDEXES}/resumes/refresh").json()["job_id"]
    served.lake.index.jobs.wait(second, timeout_s=60)
    body = served.client.get("/v1/jobs").json()
    answers.Jobs.model_validate(body)
    assert [job["job_id"] for job in body["jobs"]][:2] == [second, first]


def test_a_job_that_failed_says_why_and_what_helps(served: Served) -> None:
    def work(_: Watch) -> None:
        raise Conflict("someone else was first", hint="start it again")

    job_id = served.lake.index.jobs.start("refresh", "resumes", work).job_id
    served.lake.index.jobs.wait(job_id, timeout_s=60)
    body = served.client.get(f"/v1/jobs/{job_id}").json()
    answers.Job.model_validate(body)
    assert (body["state"], body["error"], body["hint"]) == (
        *("failed", "someone else was first"),
        "start it again",
    )


def test_an_unknown_job_is_404(served: Served) -> None:
    problem(served.client.get("/v1/jobs/nope"), status=404, kind="NotFound")
    problem(served.client.get("/v1/jobs/" + "x" * 65), status=422, kind="Invalid")


def test_a_refresh_that_waits_is_not_queued_twice_but_trials_are(tmp_path: Path) -> None:
    model = Halting()
    with searching(tmp_path / "lake", embedder=model) as own:
        own.lake.upsert("people", [{"id": 6, "resume": "halt"}], key="id")
        build(own, "resumes")
        try:
            assert model.reached.acquire(timeout=30)
            refreshes = {own.client.post(f"{INDEXES}/resumes/refresh").json()["job_id"] for _ in range(3)}
            trials = {
                own.client.post(f"{INDEXES}/resumes/trial", json={"config": {"m": m}}).json()["job_id"]
                for m in (8, 32)
            }
            waiting = [job for job in own.client.get("/v1/jobs").json()["jobs"] if job["state"] == "waiting"]
        finally:
            model.go.set()
        assert (len(refreshes), len(trials)) == (1, 2)
        assert {job["job_id"] for job in waiting} == refreshes | trials


def test_building_and_embedding_keep_nobody_waiting(tmp_path: Path) -> None:
    model = Halting()
    with searching(tmp_path / "lake", embedder=model) as own, ThreadPoolExecutor(16) as pool:
        built(own, "resumes")
        vector = own.lake.embed(["nurse"]).vectors[0].tolist()
        own.lake.upsert("people", [{"id": 6, "resume": "halt"}], key="id")
        own.client.post(f"{INDEXES}/resumes/refresh")
        try:
            assert model.reached.acquire(timeout=30)
            stuck = [
                pool.submit(own.client.post, "/v1/embed", json={"texts": [f"halt {n}"]}) for n in range(8)
            ]
            assert model.reached.acquire(timeout=30)
            assert own.sql("SELECT count(*) FROM people").json()["rows"] == [[6]]
            assert ids(search(own, "resumes", vector=vector, k=1)) == ["2"]
            assert own.client.get(f"{INDEXES}/resumes").status_code == 200
            assert own.client.get("/v1/jobs").status_code == 200
            assert own.client.get("/health").status_code == 200
        finally:
            model.go.set()
        assert {answer.result().status_code for answer in stuck} == {200}


def test_a_server_stops_in_the_middle_of_a_build_and_the_next_one_goes_on(tmp_path: Path) -> None:
    model = Halting()
    stopped = threading.Event()
    with searching(tmp_path / "lake", embedder=model) as own:
        rows = [{"id": n, "resume": f"worker number {n}"} for n in range(100, 800)]
        own.lake.upsert("people", [*rows, {"id": 900, "resume": "halt"}], key="id")
        build(own, "resumes")
        assert model.reached.acquire(timeout=30)
        letting_go = threading.Timer(0.2, lambda: (stopped.set(), model.go.set()))
        letting_go.start()
    assert stopped.is_set()
    with searching(tmp_path / "lake", embedder=model) as own:
        answer = own.client.post(f"{INDEXES}/resumes/refresh")
        assert own.lake.index.jobs.wait(answer.json()["job_id"], timeout_s=60).state == "done"
        shown = own.client.get(f"{INDEXES}/resumes").json()
        assert (shown["embedded"], shown["waiting"]) == (706, 0)
