"""Search over HTTP: hits with proof, conditions, vectors, answers with citations, and what goes wrong."""

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from lakehouse.edge.http.search import answers
from lakehouse.llm.fake import FakeEmbedder
from lakehouse.llm.scripted import ScriptedChat
from tests.edge.http.search.asked import INDEXES, built, ids, search, searching
from tests.edge.http.serving import Served, problem

SEARCH = f"{INDEXES}/resumes/search"


def test_a_hit_says_what_was_found_where_and_why(served: Served) -> None:
    answer = search(served, "resumes", text="forklift operator", k=2)
    assert ids(answer) == ["1", "3"]
    body = answer.json()
    answers.Found.model_validate(body)
    first = body["hits"][0]
    assert set(first) == {
        *("rank", "id", "corpus", "score", "parts", "text", "source", "sql_verified", "why", "digest"),
    }
    assert (first["rank"], first["corpus"], first["sql_verified"]) == (1, "resumes", True)
    assert first["text"] == "Forklift operator with an OSHA-10 card and night shifts."
    assert first["source"] == {"table": "people", "row": "1", "chunk": 0, "start": 0, "end": 56}
    assert set(first["parts"]) == {"dense", "lexical", "boost", "base"}
    assert "words" in first["why"]
    assert body["snapshots"] == {"lake.people": str(served.lake.show("people").info.snapshot_id)}
    assert body["search_id"]
    assert body["elapsed_ms"] > 0
    assert body["notes"] == []


def test_a_text_and_its_own_vector_find_the_same_rows(served: Served) -> None:
    texts = {"texts": ["forklift operator"], "use": "query"}
    vector = served.client.post("/v1/embed", json=texts).json()["vectors"][0]
    answer = search(served, "resumes", vector=vector, k=2)
    assert ids(answer) == ids(search(served, "resumes", text="forklift operator", k=2))
    hit = answer.json()["hits"][0]
    assert hit["score"] == pytest.approx(hit["parts"]["dense"], abs=1e-5)
    assert hit["parts"]["lexical"] is None


def test_the_length_of_a_vector_does_not_matter_and_whole_numbers_are_numbers(served: Served) -> None:
    short = search(served, "resumes", vector=[1] + [0] * 63, k=5).json()["hits"]
    long = search(served, "resumes", vector=[250.5] + [0] * 63, k=5).json()["hits"]
    assert [(h["id"], h["score"]) for h in short] == [(h["id"], h["score"]) for h in long]


def test_a_condition_leaves_only_rows_that_sql_confirms(served: Served) -> None:
    body = {"question": "forklift", "index": "resumes", "where": "city = 'Rome'", "k": 5}
    for answer in (
        served.client.post("/v1/hybrid", json=body),
        search(served, "resumes", text="forklift", where="city = 'Rome'", k=5),
    ):
        assert ids(answer)[0] == "3"
        assert set(ids(answer)) <= {"3", "4"}
        assert all(hit["sql_verified"] for hit in answer.json()["hits"])


@pytest.mark.parametrize("excluded", [["1"], [1], ["1", 2]])
def test_ids_that_are_excluded_are_not_found(served: Served, excluded: list[object]) -> None:
    found = ids(search(served, "resumes", text="forklift operator", k=5, exclude_ids=excluded))
    assert found[0] == "3"
    assert not {str(one) for one in excluded} & set(found)


def test_an_exact_search_gives_what_a_small_index_gives_anyway(served: Served) -> None:
    exact = search(served, "resumes", text="nurse", k=5, exact=True)
    assert ids(exact) == ids(search(served, "resumes", text="nurse", k=5))


def test_every_index_is_searched_unless_some_are_named(served: Served) -> None:
    built(served, "cities", text=["city"])
    everywhere = served.client.post("/v1/search", json={"query": "forklift operator in Oslo", "k": 10}).json()
    answers.Found.model_validate(everywhere)
    assert {"cities", "resumes"} <= set(everywhere["corpora"])
    assert {hit["corpus"] for hit in everywhere["hits"]} >= {"cities", "resumes"}
    named = served.client.post("/v1/search", json={"query": "oslo", "corpora": ["cities"], "where": None})
    assert {hit["corpus"] for hit in named.json()["hits"]} == {"cities"}


def test_an_answer_cites_the_passages_that_support_it(served: Served) -> None:
    body = {"question": "Who is a registered nurse?", "corpora": ["resumes"], "k": 3}
    answer = served.client.post("/v1/rag", json=body)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    answers.Cited.model_validate(said)
    cited = said["citations"][0]
    assert set(cited) == {"n", "id", "corpus", "text", "source"}
    assert cited["source"]["row"] == "2"
    assert "nurse" in cited["text"]
    assert "nurse" in said["answer"]
    assert "2" in [hit["id"] for hit in said["hits"]]
    assert said["search_id"]


def test_a_sentence_of_a_model_that_no_passage_supports_is_said_to_be(tmp_path: Path) -> None:
    said = "Number 2 is a registered nurse with intensive care. She lives in Paris."
    chat = ScriptedChat(lambda _: said, model="parrot")
    with searching(tmp_path / "lake", embedder=FakeEmbedder(), chat=chat) as own:
        built(own, "resumes")
        answer = own.client.post("/v1/rag", json={"question": "Who is a nurse?", "model": "parrot"})
        assert answer.status_code == 200, answer.text
        answers.Cited.model_validate(answer.json())
        assert answer.json()["model"] == "parrot"
        assert "She lives in Paris." in answer.json()["unsupported"]


def test_searches_are_counted_and_written_down(served: Served) -> None:
    def counted() -> float:
        text = served.client.get("/metrics").text
        families = {f.name: f for f in text_string_to_metric_families(text)}
        samples = families["lakehouse_search_seconds"].samples
        return next(s.value for s in samples if s.name.endswith("_count"))

    before = counted()
    search_id = search(served, "resumes", text="welder of pipes").json()["search_id"]
    assert counted() == before + 1
    noted = served.sql(f"SELECT query, rows FROM system.searches WHERE search_id = '{search_id}'")
    assert noted.json()["rows"][0][0] == "welder of pipes"


@pytest.mark.parametrize(
    ("path", "body", "status", "kind"),
    [
        (SEARCH, {"text": ""}, 400, "Invalid"),
        (SEARCH, {"text": "   "}, 400, "Invalid"),
        (SEARCH, {}, 400, "Invalid"),
        (SEARCH, {"vector": [0.1, 0.2]}, 400, "Invalid"),
        (SEARCH, {"vector": [0.0] * 64}, 400, "Invalid"),
        (SEARCH, {"vector": [1e-320] * 64}, 400, "Invalid"),
        (SEARCH, {"vector": [1e308] * 64}, 422, "Invalid"),
        (SEARCH, {"vector": []}, 422, "Invalid"),
        (SEARCH, {"vector": ["1"] * 64}, 422, "Invalid"),
        (SEARCH, {"vector": [True] * 64}, 422, "Invalid"),
        (SEARCH, {"vector": [None] * 64}, 422, "Invalid"),
        (SEARCH, {"vector": [[1.0] * 64]}, 422, "Invalid"),
        (SEARCH, {"vector": "0.1"}, 422, "Invalid"),
        (SEARCH, {"vector": [0.1] * 8193}, 422, "Invalid"),
        (SEARCH, {"text": 7}, 422, "Invalid"),
        (SEARCH, {"text": "x" * 40_000}, 422, "Invalid"),
        (SEARCH, {"text": "a", "k": 0}, 422, "Invalid"),
        (SEARCH, {"text": "a", "k": 1001}, 422, "Invalid"),
        (SEARCH, {"text": "a", "k": "5"}, 422, "Invalid"),
        (SEARCH, {"text": "a", "k": True}, 422, "Invalid"),
        (SEARCH, {"text": "a", "explain": True}, 422, "Invalid"),
        (SEARCH, {"text": "a", "where": "naem = 1"}, 400, "Invalid"),
        (SEARCH, {"text": "a", "where": "city = "}, 400, "Invalid"),
        (SEARCH, {"text": "a", "where": "id IN (SELECT id FROM other)"}, 403, "Refused"),
        (SEARCH, {"text": "a", "where": "1 = 1) OR (1 = 1"}, 400, "Invalid"),
        (SEARCH, {"text": "a", "exclude_ids": "1"}, 422, "Invalid"),
        (f"{INDEXES}/nope/search", {"text": "a"}, 404, "NotFound"),
        (f"{INDEXES}/..%2Fresumes/search", {"text": "a"}, 404, "NotFound"),
        (f"{INDEXES}/resumes%00/search", {"text": "a"}, 400, "Invalid"),
        ("/v1/search", {"query": ""}, 400, "Invalid"),
        ("/v1/search", {}, 422, "Invalid"),
        ("/v1/search", {"query": "a", "corpora": ["nope"]}, 404, "NotFound"),
        ("/v1/search", {"query": "a", "corpora": "resumes"}, 422, "Invalid"),
        ("/v1/hybrid", {"question": "a"}, 422, "Invalid"),
        ("/v1/hybrid", {"question": "a", "index": "nope"}, 404, "NotFound"),
        ("/v1/rag", {"question": " "}, 400, "Invalid"),
        ("/v1/rag", {"question": "a", "corpora": ["nope"]}, 404, "NotFound"),
        ("/v1/rag", {"question": "a", "model": "gpt-oss"}, 503, "Unavailable"),
    ],
)
def test_what_cannot_be_asked_is_a_problem_with_a_hint(
    served: Served, path: str, body: dict[str, object], status: int, kind: str
) -> None:
    problem(served.client.post(path, json=body), status=status, kind=kind)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "0x1", "1_0"])
def test_numbers_that_are_no_json_are_refused(served: Served, number: str) -> None:
    body = f'{{"vector": [{", ".join([number] * 64)}]}}'
    sent = served.client.post(SEARCH, content=body, headers={"Content-Type": "application/json"})
    problem(sent, status=400, kind="Invalid")


def test_an_index_of_words_alone_says_so_and_takes_no_vector(tmp_path: Path) -> None:
    with searching(tmp_path / "lake", embedder=None) as own:
        assert own.client.post("/v1/search", json={"query": "nurse"}).status_code == 503
        built_by_words(own)
        answer = search(own, "resumes", text="forklift operator", k=1)
        assert ids(answer) == ["1"]
        assert answer.json()["hits"][0]["parts"]["dense"] is None
        assert "by words only" in answer.json()["notes"][0]


def built_by_words(own: Served) -> None:
    body = {"name": "resumes", "table": "people", "text": "resume"}
    assert own.client.post("/v1/vectors/index", json=body).status_code == 202


def test_an_index_of_ready_vectors_is_asked_with_a_vector(tmp_path: Path) -> None:
    with searching(tmp_path / "lake", embedder=FakeEmbedder()) as own:
        rows = [{"id": n, "place": [float(n == m) for m in range(4)]} for n in range(4)]
        own.lake.upsert("places", rows, key="id")
        built(own, "places", table="places", text=[], vector="place")
        answer = search(own, "places", vector=[0, 0, 1, 0], k=1)
        assert ids(answer) == ["2"]
        assert answer.json()["hits"][0]["text"] == ""
        problem(search(own, "places", vector=[1.0] * 5), status=400, kind="Invalid")
