"""Pathway memory over HTTP: what is remembered, found and decided, and what bad input gets."""

from concurrent.futures import ThreadPoolExecutor
from typing import cast

import httpx
import pytest

from lakehouse.edge.http.learn.pathway import answers
from tests.edge.http.serving import Served, problem

ROOT = "/v1/pathway"
RICH: dict[str, object] = {
    "schema": "pathway/1",
    "task_class": "review",
    "file_path": "crates/vectord/src/index.rs",
    "signal_class": "perf",
    "ladder_attempts": [{"rung": 1, "model": "small", "latency_ms": 900, "accepted": True}],
    "semantic_flags": ["UnitMismatch"],
    "bug_fingerprints": [
        {"flag": "UnitMismatch", "pattern_key": "UnitMismatch:row_count", "example": "`row_count`"}
    ],
}
KNOWN = ("task_class", "file_path", "signal_class", "semantic_flags", "bug_fingerprints")


def post(served: Served, route: str, **body: object) -> httpx.Response:
    return served.client.post(f"{ROOT}/{route}", json=body)


def add(served: Served, content: object, **more: object) -> dict[str, object]:
    answer = post(served, "add", content=content, **more)
    assert answer.status_code == 201, answer.text
    answers.Trace.model_validate(answer.json())
    return cast(dict[str, object], answer.json())


def matches(answer: httpx.Response) -> list[object]:
    assert answer.status_code == 200, answer.text
    answers.Matches.model_validate(answer.json())
    return [m["trace"]["uid"] for m in answer.json()["matches"]]


def test_what_is_added_can_be_had_again_exactly(served: Served) -> None:
    content = {"snapshot_id": 9007199254740993, "deep": [{"ß": None}, 0.1, "語"], "empty": {}}
    made = add(served, content, tags=["exact"], uid="exact-1")
    got = served.client.get(f"{ROOT}/get/exact-1").json()
    assert got == made
    assert (got["content"], got["tags"], got["version"]) == (content, ["exact"], 1)


def test_adding_again_is_a_conflict_or_one_more_use(served: Served) -> None:
    add(served, "first", uid="again")
    assert problem(post(served, "add", content="second", uid="again"), kind="Conflict", status=409)
    counted = post(served, "add", content="second", uid="again", idempotent=True)
    assert (counted.status_code, counted.json()["content"], counted.json()["replay_count"]) == (
        *(200, "first", 1),
    )


def test_three_versions_walk_back_and_searches_find_the_last(served: Served) -> None:
    first = add(served, {"n": 1}, tags=["walk"])
    second = post(served, "revise", predecessor_uid=first["uid"], content={"n": 2}).json()
    third = post(served, "revise", predecessor_uid=second["uid"], content={"n": 3}).json()
    walked = served.client.get(f"{ROOT}/history/{third['uid']}").json()
    answers.History.model_validate(walked)
    assert [t["content"]["n"] for t in walked["history"]] == [3, 2, 1]
    assert matches(post(served, "search", tags=["walk"])) == [third["uid"]]
    assert len(matches(post(served, "search", tags=["walk"], every_version=True))) == 3
    assert problem(
        post(served, "revise", predecessor_uid=first["uid"], content=4), kind="Conflict", status=409
    )


def test_an_update_changes_in_place_and_a_retired_trace_is_found_by_name_only(served: Served) -> None:
    uid = add(served, "crane", tags=["place"])["uid"]
    assert post(served, "update", uid=uid, tags=["place", "more"]).json()["tags"] == ["place", "more"]
    assert post(served, "update", uid=uid, content="tower crane").json()["version"] == 1
    assert matches(post(served, "search", text="TOWER", tags=["more"])) == [uid]
    assert post(served, "retire", uid=uid, reason="sold").json()["retired"] is True
    assert matches(post(served, "search", text="tower", tags=["more"])) == []
    assert served.client.get(f"{ROOT}/get/{uid}").json()["retired_reason"] == "sold"
    assert problem(post(served, "update", uid=uid, content="x"), kind="Refused", status=403)


def test_a_proven_path_replaces_the_ladder_and_every_gate_is_shown(served: Served) -> None:
    add(served, RICH, uid="proven")
    task = {name: RICH[name] for name in KNOWN}
    for _ in range(3):
        post(served, "replay", uid="proven", succeeded=True, note="as before")
    early = post(served, "hot_swap", **task).json()
    answers.Swap.model_validate(early)
    assert (early["swap"], early["model"], early["p_success"]) == (False, None, 0.5904)
    assert [g["name"] for g in early["gates"] if not g["passed"]] == ["success"]
    for _ in range(7):
        post(served, "replay", uid="proven", succeeded=True)
    late = post(served, "hot_swap", **task).json()
    assert (late["swap"], late["model"], late["uid"], len(late["gates"])) == (True, "small", "proven", 6)
    assert matches(post(served, "search", like=task)) == ["proven"]
    bugs = served.client.get(f"{ROOT}/bug_fingerprints", params={"file_prefix": "crates/vectord"}).json()
    answers.Bugs.model_validate(bugs)
    assert [b["pattern_key"] for b in bugs["bug_fingerprints"]] == ["UnitMismatch:row_count"]


def test_figures_count_and_every_event_is_a_row_of_sql(served: Served) -> None:
    before = served.client.get(f"{ROOT}/stats").json()
    answers.PathwayStats.model_validate(before)
    add(served, "counted", uid="counted")
    assert served.client.get(f"{ROOT}/stats").json()["traces"] == before["traces"] + 1
    rows = served.sql("SELECT event, content FROM system.pathway WHERE uid = 'counted'").json()["rows"]
    assert rows == [["add", '"counted"']]


def test_many_add_at_once_and_none_is_lost(served: Served) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda n: add(served, n, tags=["crowd"]), range(40)))
    found = matches(post(served, "search", tags=["crowd"], k=100))
    assert sorted(map(str, found)) == sorted(str(t["uid"]) for t in made)


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("add", {}),
        ("add", {"content": 1, "colour": "red"}),
        ("add", {"content": 1, "tags": ["x"] * 65}),
        ("add", {"content": 1, "uid": "x" * 129}),
        ("add", {"content": 1, "uid": "a", "idempotent": 1}),
        ("retire", {"uid": "a"}),
        ("replay", {"uid": "a", "succeeded": "yes"}),
        ("search", {"k": 0}),
        ("search", {"like": {"task_klass": "x"}}),
        ("hot_swap", {"kb_chunks": "x"}),
    ],
)
def test_a_body_that_is_wrong_is_named_as_such(served: Served, route: str, body: dict[str, object]) -> None:
    assert problem(post(served, route, **body), kind="Invalid", status=422)


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("add", {"content": None}),
        ("add", {"content": "x" * 262_143}),
        ("add", {"content": 1, "uid": "no blanks"}),
        ("add", {"content": 1, "uid": ""}),
        ("add", {"content": 1, "tags": [""]}),
        ("add", {"content": 1, "idempotent": True}),
        ("add", {"content": {"schema": "pathway/1"}}),
        ("add", {"content": RICH | {"semantic_flags": ["Ugly"]}}),
        ("add", {"content": RICH | {"audit_consensus": "mostly"}}),
        ("add", {"content": RICH | {"ladder_attempts": [{"model": "m", "accepted": "yes"}]}}),
        ("hot_swap", {}),
        ("hot_swap", {"task_class": "review"}),
        ("search", {"like": ""}),
    ],
)
def test_what_cannot_be_remembered_or_asked_is_refused(
    served: Served, route: str, body: dict[str, object]
) -> None:
    assert problem(post(served, route, **body), kind="Invalid", status=400)


def test_content_of_just_the_limit_is_kept(served: Served) -> None:
    made = add(served, "x" * (256 * 1024 - 2))
    assert len(str(served.client.get(f"{ROOT}/get/{made['uid']}").json()["content"])) == 262_142


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("update", {"uid": "nobody", "content": 1}),
        ("revise", {"predecessor_uid": "nobody", "content": 1}),
        ("retire", {"uid": "nobody", "reason": "x"}),
        ("replay", {"uid": "nobody", "succeeded": True}),
    ],
)
def test_a_trace_that_is_not_there_is_said_to_be_missing(
    served: Served, route: str, body: dict[str, object]
) -> None:
    assert problem(post(served, route, **body), kind="NotFound", status=404)
    assert problem(served.client.get(f"{ROOT}/get/nobody"), kind="NotFound", status=404)
    assert problem(served.client.get(f"{ROOT}/history/nobody"), kind="NotFound", status=404)
