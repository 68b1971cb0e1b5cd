"""Indexes over HTTP: defined now and built meanwhile, measured, promoted, rolled back, forgotten."""

from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from lakehouse.edge.http.search import answers
from lakehouse.lake.trials import unwatched
from lakehouse.llm.fake import FakeEmbedder
from tests.edge.http.search.asked import INDEXES, Halting, build, built, ended, ids, search, searching
from tests.edge.http.serving import Served, problem


def test_a_build_is_answered_at_once_and_its_words_can_be_searched(tmp_path: Path) -> None:
    model = Halting()
    with searching(tmp_path / "lake", embedder=model) as own:
        own.lake.upsert("people", [{"id": 6, "city": "Kiel", "resume": "halt"}], key="id")
        answer = build(own, "resumes")
        try:
            answers.Started.model_validate(answer.json())
            assert answer.status_code == 202
            assert answer.json()["index"] == "resumes"
            assert model.reached.acquire(timeout=30)
            found = search(own, "resumes", text="forklift operator", k=1)
            assert ids(found) == ["1"]
            assert found.json()["hits"][0]["parts"]["dense"] is None
            assert "by words only" in found.json()["notes"][0]
            job = own.client.get(answer.headers["location"]).json()
            answers.Job.model_validate(job)
            assert (job["job_id"], job["kind"]) == (answer.json()["job_id"], "index")
            assert (job["state"], job["subject"]) == ("running", "resumes")
        finally:
            model.go.set()
        assert ended(own, answer).state == "done"
        found = search(own, "resumes", text="forklift operator", k=1)
        assert found.json()["hits"][0]["parts"]["dense"] is not None
        assert found.json()["notes"] == []
        job = own.client.get(answer.headers["location"]).json()
        assert (job["state"], job["error"]) == ("done", "")
        assert job["done"] == job["total"] == 6
        assert job["ended_at"] >= job["started_at"] > ""


def test_an_index_says_what_it_is_how_good_and_how_far_behind(served: Served) -> None:
    shown = served.client.get(f"{INDEXES}/resumes").json()
    answers.Index.model_validate(shown)
    assert (shown["name"], shown["table"], shown["id"], shown["text"]) == (
        *("resumes", "people", "id"),
        ["resume"],
    )
    assert (shown["rows"], shown["embedded"], shown["waiting"], shown["dimension"]) == (5, 5, 0, 64)
    assert shown["generation"] is not None
    assert 0.95 <= shown["recall_worst"] <= shown["recall"] <= 1
    assert shown["bytes"] > 0
    assert shown["age_s"] >= 0
    listed = served.client.get(INDEXES).json()
    answers.Indexes.model_validate(listed)
    assert "resumes" in [index["name"] for index in listed["indexes"]]


def test_new_rows_are_debt_until_a_refresh(served: Served) -> None:
    served.lake.upsert("debtors", [{"id": 1, "said": "one"}, {"id": 2, "said": "two"}], key="id")
    built(served, "debtors", table="debtors", text="said")
    served.lake.upsert("debtors", [{"id": 3, "said": "three"}], key="id")
    assert served.client.get(f"{INDEXES}/debtors").json()["waiting"] == 1
    assert levels(served, "debtors")["waiting"] == 1
    answer = served.client.post(f"{INDEXES}/debtors/refresh")
    answers.Started.model_validate(answer.json())
    assert ended(served, answer).state == "done"
    assert served.client.get(f"{INDEXES}/debtors").json()["waiting"] == 0
    assert ids(search(served, "debtors", text="three", k=1)) == ["3"]
    assert levels(served, "debtors")["waiting"] == 0


def levels(served: Served, index: str) -> dict[str, float]:
    """What /metrics says of an index."""
    families = text_string_to_metric_families(served.client.get("/metrics").text)
    samples = [s for f in families for s in f.samples if s.labels.get("index") == index]
    return {s.name.removeprefix("lakehouse_index_"): s.value for s in samples}


def test_levels_of_an_index_are_measured(served: Served) -> None:
    search(served, "resumes", text="nurse")
    found = levels(served, "resumes")
    assert set(found) == {"fresh", "dead", "waiting", "recall"}
    assert (found["fresh"], found["dead"], found["waiting"]) == (0, 0, 0)
    assert found["recall"] == served.lake.index.show("resumes").recall


def another_generation(served: Served, name: str) -> int:
    """A generation that nobody uses yet."""
    return served.lake.index.get(name).build(unwatched, promote=False).generation


def test_a_generation_is_promoted_and_rolled_back(served: Served) -> None:
    name = built(served, "stepped")
    first = served.lake.index.show(name).generation
    second = another_generation(served, name)
    assert second != first
    promoted = served.client.post(f"{INDEXES}/{name}/promote", json={"generation": second, "note": "why not"})
    assert promoted.status_code == 200, promoted.text
    answers.Pointer.model_validate(promoted.json())
    current = promoted.json()["current"]
    assert (current["generation"], current["note"], current["by"]) == (second, "why not", "person")
    assert promoted.json()["history"][0]["generation"] == first
    assert served.client.get(f"{INDEXES}/{name}").json()["generation"] == second
    back = served.client.post(f"{INDEXES}/{name}/rollback")
    answers.Pointer.model_validate(back.json())
    assert back.json()["current"]["generation"] == first
    assert served.client.get(f"{INDEXES}/{name}").json()["generation"] == first


def test_a_generation_below_the_floor_serves_only_when_a_person_insists(served: Served) -> None:
    name = built(served, "demanding")
    generation = another_generation(served, name)
    # Nothing finds more than all: whatever is measured, this index asks for more.
    served.lake.index.get(name).table.redefine(lambda known: replace(known, min_recall=1.01))
    refused = served.client.post(f"{INDEXES}/{name}/promote", json={"generation": generation})
    assert "override" in str(problem(refused, status=403, kind="Refused")["hint"])
    body = {"generation": generation, "override": True}
    insisted = served.client.post(f"{INDEXES}/{name}/promote", json=body)
    assert insisted.json()["current"]["overridden"]


def test_trials_are_measured_kept_and_compared(served: Served) -> None:
    name = built(served, "tried")
    path = f"{INDEXES}/{name}"
    none = served.client.get(f"{path}/best")
    problem(none, status=404, kind="NotFound")
    assert served.client.get(f"{path}/trials").json() == {"index": name, "trials": []}
    first = served.client.post(f"{path}/trial", json={"config": {"m": 8}, "queries": 20})
    second = served.client.post(f"{path}/trial", json={"config": {"m": 32}, "queries": 20})
    assert first.json()["job_id"] != second.json()["job_id"]
    assert [ended(served, one).state for one in (first, second)] == ["done", "done"]
    tried = served.client.get(f"{path}/trials").json()
    answers.Trials.model_validate(tried)
    assert [trial["config"]["m"] for trial in tried["trials"]] == [8, 32]
    for metric in ("recall", "latency", "pareto"):
        best = served.client.get(f"{path}/best", params={"metric": metric}).json()
        answers.Best.model_validate(best)
        assert best["metric"] == metric
        assert best["trials"]
    unknown = served.client.get(f"{path}/best", params={"metric": "beauty"})
    problem(unknown, status=422, kind="Invalid")


def test_a_trial_can_be_waited_for(served: Served) -> None:
    name = built(served, "awaited")
    serving = served.lake.index.show(name).generation
    asked = {"config": {"m": 8, "storage": "fp32"}, "queries": 10}
    answer = served.client.post(f"{INDEXES}/{name}/trial", params={"wait": True}, json=asked)
    assert answer.status_code == 200, answer.text
    answers.Trial.model_validate(answer.json())
    assert (answer.json()["config"]["m"], answer.json()["index_name"]) == (8, name)
    assert served.client.get(f"{INDEXES}/{name}/trials").json()["trials"] == [answer.json()]
    assert served.lake.index.show(name).generation == serving


def test_autotune_tries_within_its_budget_and_promotes_the_best(served: Served) -> None:
    name = built(served, "tuned")
    answer = served.client.post(f"{INDEXES}/{name}/autotune", json={"budget": 2})
    assert ended(served, answer).state == "done"
    assert len(served.client.get(f"{INDEXES}/{name}/trials").json()["trials"]) == 2
    assert served.lake.index.get(name).table.pointer().current.by == "tuner"  # type: ignore[union-attr]


def test_an_index_is_forgotten_and_its_table_stays(served: Served) -> None:
    name = built(served, "passing")
    answer = served.client.delete(f"{INDEXES}/{name}")
    assert answer.json() == {"index": name, "dropped": True}
    problem(served.client.delete(f"{INDEXES}/{name}"), status=404, kind="NotFound")
    problem(search(served, name, text="nurse"), status=404, kind="NotFound")
    assert name not in [index["name"] for index in served.client.get(INDEXES).json()["indexes"]]
    assert served.sql("SELECT count(*) FROM people").json()["rows"] == [[5]]


@pytest.mark.parametrize(
    ("change", "status", "kind"),
    [
        ({"table": "nope"}, 404, "NotFound"),
        ({"text": ["nope"]}, 404, "NotFound"),
        ({"text": "{nope}"}, 404, "NotFound"),
        ({"id": "nope"}, 404, "NotFound"),
        ({"id": "city"}, 400, "Invalid"),
        ({"vector": "city"}, 400, "Invalid"),
        ({"model": "nope"}, 503, "Unavailable"),
        ({"text": []}, 400, "Invalid"),
        ({"name": "Not A Name"}, 400, "Invalid"),
        ({"name": "../../etc"}, 400, "Invalid"),
        ({"name": ""}, 400, "Invalid"),
        ({"config": {"m": 1}}, 400, "Invalid"),
        ({"config": {"m": "many"}}, 400, "Invalid"),
        ({"config": {"speed": "high"}}, 400, "Invalid"),
        ({"config": {"backend": "nope"}}, 400, "Invalid"),
        ({"config": {"backend": ["hnsw"]}}, 400, "Invalid"),
        ({"chunk_tokens": 1}, 400, "Invalid"),
        ({"overlap_tokens": 500}, 400, "Invalid"),
        ({"min_recall": 1.5}, 400, "Invalid"),
        ({"chunk_tokens": "many"}, 422, "Invalid"),
        ({"refresh": "sometimes"}, 422, "Invalid"),
        ({"every_s": 0}, 422, "Invalid"),
        ({"weight": 1}, 422, "Invalid"),
    ],
)
def test_what_cannot_be_built_is_said_now_and_leaves_nothing(
    served: Served, change: dict[str, object], status: int, kind: str
) -> None:
    before = served.client.get("/v1/jobs").json()["jobs"]
    answer = build(served, **{"name": "wrong"} | change)  # type: ignore[arg-type]  # wrong on purpose
    problem(answer, status=status, kind=kind)
    assert [j["job_id"] for j in served.client.get("/v1/jobs").json()["jobs"]] == [
        j["job_id"] for j in before
    ]
    problem(served.client.get(f"{INDEXES}/wrong"), status=404, kind="NotFound")


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "kind"),
    [
        ("GET", "/nope", None, 404, "NotFound"),
        ("DELETE", "/nope", None, 404, "NotFound"),
        ("GET", "/nope/trials", None, 404, "NotFound"),
        ("GET", "/nope/best", None, 404, "NotFound"),
        ("POST", "/nope/trial", {}, 404, "NotFound"),
        ("POST", "/nope/trial?wait=true", {}, 404, "NotFound"),
        ("POST", "/nope/refresh", None, 404, "NotFound"),
        ("POST", "/nope/rollback", None, 404, "NotFound"),
        ("POST", "/nope/autotune", None, 404, "NotFound"),
        ("POST", "/nope/promote", {"generation": 1}, 404, "NotFound"),
        ("POST", "/resumes/promote", {"generation": 999}, 404, "NotFound"),
        ("POST", "/resumes/promote", {"generation": 0}, 422, "Invalid"),
        ("POST", "/resumes/promote", {"generation": "1"}, 422, "Invalid"),
        ("POST", "/resumes/promote", {}, 422, "Invalid"),
        ("POST", "/resumes/trial", {"config": {"m": 0}}, 400, "Invalid"),
        ("POST", "/resumes/trial", {"config": [8]}, 422, "Invalid"),
        ("POST", "/resumes/trial", {"queries": 0}, 422, "Invalid"),
        ("POST", "/resumes/trial?wait=true", {"eval_set": "nope"}, 404, "NotFound"),
        ("POST", "/resumes/trial", {"eval_set": "nope"}, 404, "NotFound"),
        ("POST", "/resumes/promote", {"generation": 77}, 404, "NotFound"),
        ("POST", "/resumes/trial?wait=perhaps", {}, 422, "Invalid"),
        ("POST", "/resumes/autotune", {"budget": 0}, 422, "Invalid"),
        ("GET", "/%00", None, 400, "Invalid"),
        ("GET", "/a.b.c", None, 404, "NotFound"),
    ],
)
def test_what_is_not_there_or_cannot_be_is_a_problem(
    served: Served, method: str, path: str, body: object, status: int, kind: str
) -> None:
    problem(served.client.request(method, INDEXES + path, json=body), status=status, kind=kind)


def test_an_index_whose_table_is_gone_says_so_and_can_be_forgotten(tmp_path: Path) -> None:
    with searching(tmp_path / "lake", embedder=FakeEmbedder()) as own:
        own.lake.upsert("short", [{"id": 1, "said": "hello"}], key="id")
        built(own, "orphan", table="short", text="said")
        own.lake.catalog("DELETE", ["namespaces", "lake", "tables", "short"], {})  # as another tool does it
        (listed,) = own.client.get(INDEXES).json()["indexes"]
        assert "short" in listed["problem"]
        for answer in (
            search(own, "orphan", text="hello"),
            own.client.get(f"{INDEXES}/orphan"),
            own.client.post(f"{INDEXES}/orphan/search", json={"vector": [1.0] * 64}),
        ):
            assert "short" in str(problem(answer, status=404, kind="NotFound")["detail"])
        assert own.client.delete(f"{INDEXES}/orphan").status_code == 200
