"""Entries of the playbook over HTTP: every route, its exact answer, and what is refused."""

from concurrent.futures import ThreadPoolExecutor
from typing import cast

import httpx
import pytest

from lakehouse.edge.http.learn.entries import answers
from lakehouse.edge.http.search.answers import Answer
from tests.edge.http.search.asked import search
from tests.edge.http.serving import Served, problem

ROOT = "/v1/playbook"
ENTRIES = ROOT + "/entries"
NOBODY = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
Json = dict[str, object]


def post(served: Served, route: str, **body: object) -> httpx.Response:
    return served.client.post(route, json=body)


def exact(answer: httpx.Response, model: type[Answer], *, status: int = 200) -> Json:
    """The answer, which has the members of its model and no other."""
    assert answer.status_code == status, answer.text
    model.model_validate(answer.json())
    assert set(answer.json()) == set(model.model_fields)
    return cast(Json, answer.json())


@pytest.fixture
def shows(served: Served) -> str:
    """The id of a search with an outcome."""
    found = search(served, "resumes", text="forklift driver", k=3).json()
    told = post(served, "/v1/feedback", search_id=found["search_id"], doc_id="3", outcome="accepted")
    assert told.status_code == 200, told.text
    return str(found["search_id"])


def added(served: Served, text: str, shows: str, **more: object) -> Json:
    body = exact(post(served, ENTRIES, content=text, evidence=[shows], **more), answers.Written, status=201)
    return cast(Json, body["entry"])


def test_an_entry_is_added_listed_shown_edited_and_dropped(served: Served, shows: str) -> None:
    made = added(served, "Pallet jacks squeak on Mondays.", shows, section="tools", scope={"city": "Oslo"})
    route = f"{ENTRIES}/{made['id']}"
    assert (made["status"], made["scope"], made["evidence"]) == ("active", {"city": "Oslo"}, [shows])
    listed = exact(served.client.get(ENTRIES, params={"section": "tools"}), answers.Entries)
    assert listed["entries"] == [made]
    edited = exact(
        served.client.patch(route, json={"content": "Trucks are washed before inspection weeks."}),
        answers.Entry,
    )
    assert (edited["version"], edited["section"]) == (2, "tools")
    dropped = exact(served.client.delete(route, params={"reason": "no longer so"}), answers.Entry)
    assert (dropped["status"], dropped["reason"]) == ("retired", "no longer so")
    whole = exact(served.client.get(route), answers.Whole)
    assert [one["version"] for one in cast(list[Json], whole["history"])] == [3, 2, 1]
    assert exact(served.client.get(ENTRIES, params={"section": "tools"}), answers.Entries)["entries"] == []
    again = problem(served.client.patch(route, json={"section": "new"}), kind="Refused", status=403)
    assert str(made["id"]) in str(again["hint"])


def test_the_same_again_is_no_new_entry(served: Served, shows: str) -> None:
    made = added(served, "Bakeries hire before Easter weekend.", shows)
    again = exact(
        post(served, ENTRIES, content="Bakeries hire before Easter weekend.", evidence=[shows]),
        answers.Written,
    )
    assert (again["outcome"], again["rule"], again["entry_id"]) == ("reject", "duplicate", made["id"])


def test_a_rejected_text_is_said_and_never_stored(served: Served, shows: str) -> None:
    secret = "AKIAIOSFODNN7EXAMPLE"
    body = exact(post(served, ENTRIES, content=f"Use {secret} there", evidence=[shows]), answers.Written)
    assert (body["outcome"], body["rule"], body["entry"]) == ("reject", "secret", None)
    assert secret not in str(body)
    files = [path for path in (served.lake.root / "journal").rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if secret.encode() in path.read_bytes()]
    assert secret not in served.log.getvalue()


def test_a_chosen_entry_is_voted_on_by_the_call_that_got_it(served: Served, shows: str) -> None:
    made = added(served, "Turbine blades are inspected with mirrors.", shows, source="ann")
    question = "how are turbine blades inspected"
    look = exact(post(served, ROOT + "/choose", question=question), answers.Choice)
    assert (look["call_id"], [one["id"] for one in cast(list[Json], look["entries"])]) == (None, [made["id"]])
    vote = f"{ENTRIES}/{made['id']}/vote"
    problem(post(served, vote, call_id="call-9", helpful=True), kind="Refused", status=403)
    exact(post(served, ROOT + "/choose", question=question, call_id="call-9", k=1), answers.Choice)
    voted = exact(post(served, vote, call_id="call-9", helpful=True, difference=0.25), answers.Entry)
    assert (voted["helpful"], voted["pairs"], voted["mean_difference"], voted["uses"]) == (1, 1, 0.25, 1)
    problem(post(served, vote, call_id="call-9", helpful=True, source="ann"), kind="Refused", status=403)


def test_two_entries_become_one_with_the_evidence_of_both(served: Served, shows: str) -> None:
    one = added(served, "Orchards pay by the crate in autumn.", shows)
    other = added(served, "Vineyards want gloves and own shears.", shows)
    merged = exact(
        post(served, ENTRIES + "/merge", entries=[one["id"], other["id"]], reason="one trade"), answers.Entry
    )
    assert merged["id"] == one["id"]
    gone = exact(served.client.get(f"{ENTRIES}/{other['id']}"), answers.Whole)
    assert (gone["status"], gone["merged_into"]) == ("retired", one["id"])


def test_the_audit_counts_and_says_how_well_hygiene_works(served: Served, shows: str) -> None:
    before = exact(served.client.get(ROOT + "/audit"), answers.Audit)
    post(served, ENTRIES, content="Mail ann.smith@example.com first", evidence=[shows])
    after = exact(served.client.get(ROOT + "/audit"), answers.Audit)
    leaks = [cast(dict[str, int], body["leaks"])["count"] for body in (before, after)]
    assert leaks[1] == leaks[0] + 1
    assert set(cast(Json, after["measured"])) == {"words", "vectors", "fresh"}


def test_an_answer_without_a_chat_model_names_no_entries(served: Served) -> None:
    body = post(served, "/v1/rag", question="who drives a forklift?").json()
    assert body["entries"] == []


def test_eight_clients_that_add_the_same_make_one_entry(served: Served, shows: str) -> None:
    text = "Ski lifts need two people at the top station."
    with ThreadPoolExecutor(8) as threads:
        done = list(threads.map(lambda _: post(served, ENTRIES, content=text, evidence=[shows]), range(8)))
    assert sorted(answer.status_code for answer in done) == [200] * 7 + [201]


@pytest.mark.parametrize(
    ("method", "route", "body", "kind", "status"),
    [
        ("POST", "", {}, "Invalid", 422),
        ("POST", "", {"content": " "}, "", 200),
        ("POST", "", {"content": 7}, "Invalid", 422),
        ("POST", "", {"content": "x" * (33 << 10)}, "Invalid", 422),
        ("POST", "", {"content": "x", "colour": "red"}, "Invalid", 422),
        ("POST", "", {"content": "x", "evidence": ["a b"]}, "Invalid", 400),
        ("POST", "", {"content": "x", "evidence": ["a"] * 201}, "Invalid", 422),
        ("POST", "", {"content": "x", "scope": {"role": ""}}, "Invalid", 422),
        ("POST", "", {"content": "x", "doc_refs": [{"table": "t"}]}, "Invalid", 422),
        ("POST", "", {"content": "x", "trial": "yes"}, "Invalid", 422),
        ("GET", "?status=dead", None, "Invalid", 422),
        ("GET", "?limit=0", None, "Invalid", 422),
        ("GET", f"/{NOBODY}", None, "NotFound", 404),
        ("PATCH", f"/{NOBODY}", {"section": "a"}, "NotFound", 404),
        ("PATCH", f"/{NOBODY}", {"status": "retired"}, "Invalid", 422),
        ("DELETE", f"/{NOBODY}", None, "Invalid", 422),
        ("DELETE", f"/{NOBODY}?reason=x", None, "NotFound", 404),
        ("POST", "/merge", {"entries": [NOBODY], "reason": "x"}, "Invalid", 422),
        ("POST", "/merge", {"entries": [NOBODY, "other"], "reason": "x"}, "NotFound", 404),
        ("POST", "/merge", {"entries": [NOBODY, "other"]}, "Invalid", 422),
        ("POST", f"/{NOBODY}/vote", {"call_id": "c", "helpful": True}, "NotFound", 404),
        ("POST", f"/{NOBODY}/vote", {"call_id": "c", "difference": 2}, "Invalid", 422),
        ("POST", f"/{NOBODY}/vote", {"call_id": "c", "helpful": "yes"}, "Invalid", 422),
        ("POST", "/../choose", {"question": "x", "k": 3}, "Invalid", 422),
        ("POST", "/../choose", {"question": "   "}, "Invalid", 400),
    ],
)
def test_foolish_requests_are_told_what_is_wrong(
    served: Served, method: str, route: str, body: Json | None, kind: str, status: int
) -> None:
    path = ROOT + route[3:] if route.startswith("/..") else ENTRIES + route
    answer = (
        served.client.request(method, path, json=body)
        if body is not None
        else served.client.request(method, path)
    )
    if kind:
        problem(answer, kind=kind, status=status)
    else:
        assert exact(answer, answers.Written, status=status)["rule"] == "blank"
