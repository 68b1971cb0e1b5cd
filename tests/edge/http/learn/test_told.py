"""Feedback and the playbook over HTTP: what is told moves rows, shows its reasons, and can be undone."""

from typing import cast

import httpx
import pytest

from lakehouse.edge.http.learn import answers
from tests.edge.http.search.asked import ids, search
from tests.edge.http.serving import Served, problem

ROOT = "/v1/playbook"
RECORD = "/v1/matrix/playbooks/record"
Json = dict[str, object]


def post(served: Served, route: str, **body: object) -> httpx.Response:
    return served.client.post(route, json=body)


def asked(served: Served, text: str) -> Json:
    answer = search(served, "resumes", text=text, k=5)
    assert answer.status_code == 200, answer.text
    return cast(Json, answer.json())


def success(text: str, doc: str = "4", **more: object) -> Json:
    return {"query_text": text, "answer_id": doc, "answer_corpus": "resumes", **more}


def boosts(served: Served, text: str, **more: object) -> dict[str, float | None]:
    hits = search(served, "resumes", text=text, k=5, **more).json()["hits"]
    return {hit["id"]: hit["parts"]["boost"] for hit in hits}


def test_an_outcome_is_kept_moves_its_row_and_can_be_left_out(served: Served) -> None:
    found = asked(served, "certified welder of tanks")
    answer = post(
        served, "/v1/feedback", search_id=found["search_id"], doc_id="2", outcome="accepted", source="ann"
    )
    assert answer.status_code == 200, answer.text
    (told,) = answers.AllTold.model_validate(answer.json()).told
    assert (told.doc_id, told.corpus, told.source, told.is_new) == ("2", "resumes", "ann", True)
    moved = boosts(served, "tanks, a certified welder")
    assert (moved["2"] or 0) > 0
    assert set(boosts(served, "tanks, a certified welder", use_playbook=False).values()) == {None}


def test_many_outcomes_are_all_kept_or_none(served: Served) -> None:
    found = asked(served, "intensive care, seven years")
    one = {"search_id": found["search_id"], "doc_id": "2", "outcome": "placed", "source": "bulk"}
    bad = post(served, "/v1/feedback", outcomes=[one, {**one, "doc_id": "99"}])
    assert problem(bad, kind="Refused", status=403)
    count = "SELECT count(*) FROM system.outcomes WHERE source = 'bulk'"
    assert served.sql(count).json()["rows"] == [[0]]
    good = post(served, "/v1/feedback", outcomes=[one, {**one, "doc_id": "1", "outcome": "rejected"}])
    assert [told["doc_id"] for told in good.json()["told"]] == ["2", "1"]
    assert served.sql(count).json()["rows"] == [[2]]


@pytest.mark.parametrize(
    ("wrong", "kind", "status"),
    [
        ({"search_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV"}, "NotFound", 404),
        ({"doc_id": "99"}, "Refused", 403),
        ({"outcome": "liked"}, "Invalid", 422),
        ({"outcome": "judged"}, "Invalid", 400),
        ({"value": 2}, "Invalid", 422),
        ({"at_ms": 1 << 52}, "Invalid", 400),
        ({"at_ms": True}, "Invalid", 422),
        ({"source": "x" * 201}, "Invalid", 422),
        ({"colour": "red"}, "Invalid", 422),
        ({"audit": "yes"}, "Invalid", 422),
    ],
)
def test_what_cannot_be_told_is_refused_with_its_reason(
    served: Served, wrong: Json, kind: str, status: int
) -> None:
    found = asked(served, "forklift operator")
    body = {"search_id": found["search_id"], "doc_id": "1", "outcome": "accepted", **wrong}
    problem(post(served, "/v1/feedback", **body), kind=kind, status=status)


def test_more_outcomes_than_the_most_are_refused(served: Served) -> None:
    one = {"search_id": "x", "doc_id": "1", "outcome": "clicked"}
    problem(post(served, "/v1/feedback", outcomes=[one] * 10_001), kind="Invalid", status=422)
    problem(post(served, "/v1/feedback", outcomes=[]), kind="Invalid", status=422)


def test_a_success_is_made_once_and_a_later_score_replaces_the_first(served: Served) -> None:
    body = success("sombody to weld a boiler", score=0.9, source="old", tags=["night"], role="foreman")
    made, again, other = (
        served.client.post(RECORD, json=given) for given in (body, body, {**body, "score": 0.3})
    )
    assert [made.status_code, again.status_code, other.status_code] == [201, 200, 201]
    assert answers.Told.model_validate(made.json()).search_id == other.json()["search_id"]
    why = post(served, ROOT + "/why", question=body["query_text"]).json()
    assert [past["worth"] for past in why["rows"][0]["past"]] == [0.3]


def test_of_many_successes_each_bad_one_has_its_own_error(served: Served) -> None:
    entries = [success("bulk one"), success("bulk two", doc="99"), {"query_text": 7}, success("bulk three")]
    answer = post(served, RECORD + "/bulk", entries=entries)
    assert answer.status_code == 200, answer.text
    done = answers.Recorded.model_validate(answer.json())
    assert (done.recorded, done.known, done.refused) == (2, 0, 2)
    assert [entry.error and entry.error.kind for entry in done.entries] == [None, "NotFound", "Invalid", None]
    again = post(served, RECORD + "/bulk", entries=entries).json()
    assert (again["recorded"], again["known"], again["refused"]) == (0, 2, 2)


@pytest.mark.parametrize(
    ("wrong", "kind", "status"),
    [
        ({"answer_id": "99"}, "NotFound", 404),
        ({"answer_corpus": "nobody"}, "NotFound", 404),
        ({"score": 1.1}, "Invalid", 422),
        ({"query_text": ""}, "Invalid", 422),
        ({"query_text": " "}, "Invalid", 400),
        ({"vector": [1.0] * 64, "model": "another@1"}, "Refused", 403),
    ],
)
def test_what_is_no_success_is_refused(served: Served, wrong: Json, kind: str, status: int) -> None:
    problem(served.client.post(RECORD, json={**success("wrong"), **wrong}), kind=kind, status=status)


def test_the_state_the_history_and_the_reasons_have_the_shape_that_is_promised(served: Served) -> None:
    served.client.post(RECORD, json=success("who keeps the ledgers", doc="5", source="shape"))
    stats = answers.Stats.model_validate(served.client.get(ROOT).json())
    assert "shape" in stats.sources
    history = answers.History.model_validate(served.client.get(ROOT + "/history?limit=1").json())
    (newest,) = history.versions
    assert (newest.version, newest.by, newest.question) == (stats.version, "shape", "who keeps the ledgers")
    why = answers.Why.model_validate(post(served, ROOT + "/why", question="who keeps the ledgers").json())
    assert (why.stratum, why.rows[0].id, why.rows[0].past[0].source) == ("repeat", "5", "shape")
    problem(post(served, ROOT + "/why", question=" "), kind="Invalid", status=400)
    problem(served.client.get(ROOT + "/history?limit=0"), kind="Invalid", status=422)


def test_what_was_learned_is_undone_step_by_step(served: Served) -> None:
    text = "undo the payroll"
    before = served.client.get(ROOT).json()["version"]
    served.client.post(RECORD, json=success(text, doc="5", source="undone"))
    moved = boosts(served, text)["5"] or 0.0
    assert moved > 0
    for there, back, body in (
        ("distrust", "trust", {"source": "undone", "reason": "a robot"}),
        ("retire", "restore", {"corpus": "resumes", "doc_id": "5"}),
    ):
        done = answers.Control.model_validate(post(served, f"{ROOT}/{there}", **body).json())
        assert done.version
        assert not boosts(served, text)["5"]
        post(served, f"{ROOT}/{back}", **body)
        assert boosts(served, text)["5"] == pytest.approx(moved, rel=1e-6)  # it is a moment older
    post(served, ROOT + "/rollback", to=before)
    assert not boosts(served, text).get("5")
    problem(post(served, ROOT + "/rollback", to="nowhere"), kind="NotFound", status=404)
    problem(post(served, ROOT + "/distrust", source=" "), kind="Invalid", status=400)


def test_a_search_of_all_indexes_and_a_hybrid_one_leave_the_playbook_out_too(served: Served) -> None:
    for route, body in (
        ("/v1/search", {"query": "welder", "use_playbook": False}),
        ("/v1/hybrid", {"question": "welder", "index": "resumes", "use_playbook": False}),
    ):
        answer = served.client.post(route, json=body)
        assert ids(answer)
        assert answer.json()["learning"]["computed"] == 0
    problem(
        served.client.post("/v1/search", json={"query": "x", "use_playbook": "no"}),
        kind="Invalid",
        status=422,
    )
