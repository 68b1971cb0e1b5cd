"""The matrix over HTTP: exact answers, a lost corpus named, and what goes wrong as a problem."""

from collections.abc import Iterator

import httpx
import pytest

from lakehouse.edge.http.learn.matrix import answers
from lakehouse.llm.fake import FakeEmbedder
from tests.edge.http.search.asked import built, searching
from tests.edge.http.serving import Served, problem

ROOT = "/v1/matrix"
CARD = {"facets": ["city"], "keys": ["city"], "rows": ["worker", "people"], "purpose": "who works where"}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with searching(tmp_path_factory.mktemp("lake"), embedder=FakeEmbedder()) as found:
        built(found, "resumes")
        built(found, "cities", text=["city"])
        found.lake.upsert("notes", [{"id": 1, "said": "A forklift needs a card"}], key="id")
        built(found, "notes", table="notes", text="said")
        answer = found.client.put(f"{ROOT}/corpora/resumes", json=CARD)
        assert answer.status_code == 200, answer.text
        answers.Corpus.model_validate(answer.json())
        yield found


def search(asked: Served, **body: object) -> httpx.Response:
    return asked.client.post(f"{ROOT}/search", json=body)


def ids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    answers.MatrixFound.model_validate(answer.json())
    return [one["hit"]["id"] for one in answer.json()["hits"]]


def test_three_corpora_answer_each_hit_with_its_origin(asked: Served) -> None:
    answer = search(asked, query_text="forklift", strict=False, k=10)
    assert ids(answer)
    body = answer.json()
    assert {share["corpus"] for share in body["corpora"]} == {"resumes", "cities", "notes"}
    assert {one["hit"]["corpus"] for one in body["hits"]} >= {"resumes", "notes"}
    assert body["downgrade"] is None


def test_a_negation_becomes_a_condition(asked: Served) -> None:
    answer = search(asked, query_text="forklift people not in Oslo", corpora=["resumes"], strict=False)
    assert answer.json()["corpora"][0]["conditions"] == ["city not is Oslo"]
    assert set(ids(answer)) <= {"3", "4", "5"}


def test_filters_and_excluded_ids_hold_and_what_was_dropped_is_said_on_request(asked: Served) -> None:
    body = {"query_text": "forklift", "corpora": ["resumes"]}
    kept = search(asked, **body, metadata_filter={"city": ["Oslo", "Rome"]}, exclude_ids=[1], strict=False)
    assert set(ids(kept)) <= {"2", "3", "4"}
    silent = search(asked, query_text="submarine", corpora=["resumes"])
    assert (silent.json()["is_answered"], silent.json()["dropped"]) == (False, [])
    told = search(asked, query_text="submarine", corpora=["resumes"], explain=True).json()
    assert told["why"].startswith("not in the data")
    assert told["dropped"]


def test_a_vector_asks_and_a_model_gets_its_decision(asked: Served) -> None:
    vector = asked.lake.embed(["Registered nurse"], use="query").vectors[0].tolist()
    answer = search(asked, query_vector=vector, corpora=["resumes"], model="big", strict=False)
    assert ids(answer)[0] == "2"
    assert answer.json()["downgrade"]["downgraded_from"] == "composed"


def test_a_corpus_that_is_lost_is_503_and_named_unless_a_part_will_do(asked: Served) -> None:
    built(asked, "gone", text=["city"])
    asked.client.put(f"{ROOT}/corpora/gone", json={})
    asked.client.delete("/v1/vectors/indexes/gone")
    body = {"query_text": "forklift", "corpora": ["resumes", "gone"], "strict": False}
    assert "gone" in str(problem(search(asked, **body), status=503, kind="Unavailable")["detail"])
    answer = search(asked, **body, partial=True)
    assert ids(answer)
    assert [one["corpus"] for one in answer.json()["missing"]] == ["gone"]
    removed = asked.client.delete(f"{ROOT}/corpora/gone")
    answers.Removed.model_validate(removed.json())
    problem(asked.client.delete(f"{ROOT}/corpora/gone"), status=404, kind="NotFound")


def test_cards_are_listed(asked: Served) -> None:
    body = asked.client.get(f"{ROOT}/corpora").json()
    answers.Corpora.model_validate(body)
    resumes = next(card for card in body["corpora"] if card["name"] == "resumes")
    assert resumes["purpose"] == "who works where"


def test_the_gates_answer(asked: Served) -> None:
    down = asked.client.post(f"{ROOT}/downgrade", json={"model": "big", "mode": "composed"})
    answers.Decision.model_validate(down.json())
    assert down.json()["mode"] == "isolation"
    forced = {"model": "big", "force_mode": "composed"}
    assert asked.client.post(f"{ROOT}/downgrade", json=forced).json()["mode"] == "composed"
    body = {
        "focus": {"path": "src/a.py", "text": "def measure(): ..."},
        "chunks": [{"id": "1", "text": "measure stands in src/a.py"}, {"id": "2", "text": "else"}],
    }
    judged = asked.client.post(f"{ROOT}/relevance", json=body).json()
    answers.Relevance.model_validate(judged)
    assert [one["id"] for one in judged["kept"]] == ["1"]


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({}, 400, "Invalid"),
        ({"query_text": " "}, 400, "Invalid"),
        ({"query_text": "👷"}, 400, "Invalid"),
        ({"query_text": "x" * (1 << 20)}, 422, "Invalid"),
        ({"query_text": "a", "k": 0}, 422, "Invalid"),
        ({"query_text": "a", "k": 1001}, 422, "Invalid"),
        ({"query_text": "a", "per_corpus_k": 0}, 422, "Invalid"),
        ({"query_text": "a", "corpora": ["nope"]}, 404, "NotFound"),
        ({"query_text": "a", "corpora": ["👷"]}, 404, "NotFound"),
        ({"query_text": "a", "judge_url": "http://x"}, 422, "Invalid"),
        ({"query_text": "a", "query_vector": [0.0]}, 400, "Invalid"),
        ({"query_text": "a", "query_vector": [1.0]}, 400, "Invalid"),
        ({"query_text": "a", "metadata_filter": {"city": {"a": 1}}}, 422, "Invalid"),
        ({"query_text": "a", "where": "nope = 1"}, 400, "Invalid"),
        ({"query_text": "a", "deadline_s": 0}, 422, "Invalid"),
        ({"query_text": "welder", "deadline_s": 0.0000001}, 503, "Unavailable"),
    ],
)
def test_what_cannot_be_asked_is_a_problem(
    asked: Served, body: dict[str, object], status: int, kind: str
) -> None:
    problem(search(asked, **body), status=status, kind=kind)


@pytest.mark.parametrize(
    ("name", "body", "status", "kind"),
    [
        ("nope", {}, 404, "NotFound"),
        ("resumes", {"facets": ["nope"]}, 404, "NotFound"),
        ("resumes", {"weight": 0}, 422, "Invalid"),
        ("resumes", {"colour": "red"}, 422, "Invalid"),
        ("resumes", {"filter": "nope = 1"}, 400, "Invalid"),
        ("cities", {"index": "resumes"}, 409, "Conflict"),
        ("Not A Name", {"index": "resumes"}, 400, "Invalid"),
    ],
)
def test_a_card_that_cannot_work_is_a_problem(
    asked: Served, name: str, body: dict[str, object], status: int, kind: str
) -> None:
    problem(asked.client.put(f"{ROOT}/corpora/{name}", json=body), status=status, kind=kind)
