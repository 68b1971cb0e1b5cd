"""Texts to vectors over HTTP: ours, and as clients of OpenAI's protocol ask for them."""

from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest

from lakehouse.edge.http.search import answers
from lakehouse.llm.fake import FakeEmbedder
from lakehouse.llm.scripted import ScriptedChat
from tests.edge.http.search.asked import PEOPLE, SETTINGS, built, ids, search, searching
from tests.edge.http.serving import Served, problem, serving


def test_every_text_becomes_a_unit_vector_in_order(served: Served) -> None:
    body = served.client.post("/v1/embed", json={"texts": ["a nurse", "a welder", "a nurse"]}).json()
    answers.Embedded.model_validate(body)
    vectors = np.array(body["vectors"])
    assert vectors.shape == (3, 64)
    assert body["dimension"] == 64
    assert body["model"] == "fake@1-64"
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1)
    assert (vectors[0] == vectors[2]).all()
    assert not (vectors[0] == vectors[1]).all()
    assert (
        np.float32(body["vectors"]).tolist()
        == served.lake.embed(["a nurse", "a welder", "a nurse"]).vectors.tolist()
    )


def test_the_cache_of_vectors_is_counted(served: Served) -> None:
    def stats() -> dict[str, float]:
        found = served.client.get("/v1/embed/stats").json()
        answers.EmbedStats.model_validate(found)
        return found

    served.client.post("/v1/embed", json={"texts": ["seen before"]})
    before = stats()
    served.client.post("/v1/embed", json={"texts": ["seen before"]})
    assert stats()["hits"] == before["hits"] + 1
    assert stats()["misses"] == before["misses"]


def test_the_protocol_of_openai_is_spoken(served: Served) -> None:
    listed = served.client.get("/v1/models").json()
    answers.Models.model_validate(listed)
    assert [model["id"] for model in listed["data"]] == ["fake"]
    asked = {"input": ["one", "two"], "model": "fake", "user": "me"}
    body = served.client.post("/v1/embeddings", json=asked).json()
    answers.Embeddings.model_validate(body)
    assert [one["index"] for one in body["data"]] == [0, 1]
    assert (body["object"], body["model"]) == ("list", "fake")
    assert body["usage"] == {"prompt_tokens": 2, "total_tokens": 2}
    ours = served.client.post("/v1/embed", json={"texts": ["one", "two"]}).json()["vectors"]
    assert [one["embedding"] for one in body["data"]] == ours


def test_the_chat_model_is_listed_beside_the_one_that_embeds(tmp_path: Path) -> None:
    chat = ScriptedChat(lambda _: "yes")
    for embedder, listed in ((FakeEmbedder(), ["fake", chat.model]), (None, [chat.model])):
        with searching(tmp_path / str(len(listed)), embedder=embedder, chat=chat) as own:
            body = own.client.get("/v1/models").json()
        answers.Models.model_validate(body)
        assert [model["id"] for model in body["data"]] == listed


def test_a_vector_can_be_sent_as_base64(served: Served) -> None:
    asked = {"input": "one", "encoding_format": "base64", "dimensions": 64}
    body = served.client.post("/v1/embeddings", json=asked).json()
    answers.Embeddings.model_validate(body)
    packed = np.frombuffer(b64decode(body["data"][0]["embedding"]), "<f4")
    assert packed.tolist() == served.lake.embed(["one"]).vectors[0].tolist()


@pytest.mark.parametrize(
    ("path", "body", "status", "kind"),
    [
        ("/v1/embed", {"texts": [""]}, 400, "Invalid"),
        ("/v1/embed", {"texts": ["a", " \n"]}, 400, "Invalid"),
        ("/v1/embed", {"texts": []}, 422, "Invalid"),
        ("/v1/embed", {"texts": "a"}, 422, "Invalid"),
        ("/v1/embed", {"texts": [7]}, 422, "Invalid"),
        ("/v1/embed", {"texts": ["a"] * 2049}, 422, "Invalid"),
        ("/v1/embed", {"texts": ["a" * ((1 << 20) + 1)]}, 422, "Invalid"),
        ("/v1/embed", {"texts": ["a"], "use": "both"}, 422, "Invalid"),
        ("/v1/embed", {}, 422, "Invalid"),
        ("/v1/embed", [], 422, "Invalid"),
        ("/v1/embeddings", {"input": ""}, 400, "Invalid"),
        ("/v1/embeddings", {"input": []}, 422, "Invalid"),
        ("/v1/embeddings", {"input": [1, 2, 3]}, 422, "Invalid"),
        ("/v1/embeddings", {"input": "a", "encoding_format": "int8"}, 422, "Invalid"),
        ("/v1/embeddings", {"input": "a", "dimensions": 8}, 400, "Invalid"),
        ("/v1/embeddings", {"input": "a", "model": "text-embedding-3-small"}, 404, "NotFound"),
    ],
)
def test_what_has_no_vector_is_a_problem_with_a_hint(
    served: Served, path: str, body: object, status: int, kind: str
) -> None:
    problem(served.client.post(path, json=body), status=status, kind=kind)


def test_a_body_beyond_the_limit_is_413(served: Served) -> None:
    answer = served.client.post("/v1/embed", json={"texts": ["a" * (1 << 20)] * 33})
    problem(answer, status=413, kind="Invalid")


def test_lone_surrogates_are_no_json(served: Served) -> None:
    sent = served.client.post(
        "/v1/embed", content=b'{"texts": ["\\ud800"]}', headers={"Content-Type": "application/json"}
    )
    problem(sent, status=400, kind="Invalid")


def test_without_a_model_nothing_is_listed_and_embedding_says_what_to_set(tmp_path: Path) -> None:
    with searching(tmp_path / "lake", embedder=None) as own:
        assert own.client.get("/v1/models").json() == {"object": "list", "data": []}
        for answer in (
            own.client.post("/v1/embed", json={"texts": ["a"]}),
            own.client.post("/v1/embeddings", json={"input": "a"}),
            own.client.get("/v1/embed/stats"),
        ):
            assert "[embedding]" in str(problem(answer, status=503, kind="Unavailable")["hint"])


def test_the_model_that_comes_along_finds_what_is_meant(tmp_path: Path) -> None:
    with serving(tmp_path / "lake", settings=SETTINGS) as own:
        if not own.client.get("/v1/models").json()["data"]:
            pytest.skip("the model is not installed: make setup")
        own.lake.upsert("people", PEOPLE, key="id")
        built(own, "resumes")
        found = search(own, "resumes", text="somebody to look after sick patients", k=1)
        assert ids(found) == ["2"]
        assert found.json()["hits"][0]["parts"]["lexical"] is None
        body = own.client.post("/v1/embed", json={"texts": ["a nurse", "a doctor", "a truck"]}).json()
        nurse, doctor, truck = np.array(body["vectors"])
        assert body["dimension"] == 384
        assert nurse @ doctor > nurse @ truck
