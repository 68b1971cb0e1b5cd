"""Models of an Ollama server, over a real connection."""

from collections.abc import Iterator

import numpy as np
import pytest

from lakehouse.base.errors import Corrupt, Invalid, NotFound, Unavailable
from lakehouse.llm import ollama
from lakehouse.llm.embedding import Embedder
from lakehouse.llm.http import Server
from lakehouse.llm.ollama import OllamaChat
from lakehouse.llm.remote import Prefixes, RemoteEmbedder
from tests.llm.conftest import Waits
from tests.llm.provider import CONTEXT, Canned, Provider
from tests.suites.chat import LONG, ChatSuite, ask
from tests.suites.embedder import EmbedderSuite


@pytest.fixture
def embedder(provider: Provider, waits: Waits) -> Iterator[RemoteEmbedder]:
    made = ollama.embedder(Server(url=provider.url), timing=waits.timing)
    yield made
    made.close()


@pytest.fixture
def chat(provider: Provider, waits: Waits) -> Iterator[OllamaChat]:
    made = OllamaChat(Server(url=provider.url, failures=99), "chatter", timing=waits.timing)
    yield made
    made.close()


class TestOllamaEmbedder(EmbedderSuite):
    """The suite, but for tokens: they are counted on the server only, and estimated here."""

    def test_tokens_grow_with_the_text(self, embedder: Embedder) -> None:
        assert [embedder.count("x" * n) for n in (0, 1, 4, 5, 4000)] == [0, 1, 1, 2, 1000]

    def test_a_text_is_cut_at_the_limit_of_the_model(self, embedder: Embedder) -> None:
        full = ["night"] * embedder.model.max_tokens
        whole, cut, other = embedder.embed(
            [" ".join(full), " ".join([*full, "wing"]), " ".join([*full[:-1], "wing"])]
        )
        assert whole @ cut >= 0.9999
        assert whole @ other < 0.9999


class TestOllamaChat(ChatSuite):
    """The suite, over NDJSON."""


def test_the_model_is_known_by_the_digest_of_its_weights_and_its_prefixes(
    embedder: RemoteEmbedder, provider: Provider
) -> None:
    model = embedder.model
    assert (model.name, model.dimension, model.max_tokens) == ("nomic-embed-text", 64, CONTEXT)
    assert model.version.startswith("aaaaaaaaaaaa-")
    bare = ollama.embedder(Server(url=provider.url), prefixes=Prefixes())
    assert bare.model.version == "aaaaaaaaaaaa"
    provider.models["nomic-embed-text"] = "sha256:" + "d" * 64
    later = ollama.embedder(Server(url=provider.url))
    assert later.model.version == model.version.replace("a" * 12, "d" * 12)
    bare.close()
    later.close()


def test_a_server_that_lists_no_digest_has_unversioned_weights(
    embedder: RemoteEmbedder, provider: Provider
) -> None:
    provider.extra = lambda answer: {} if "models" in answer or "model_info" in answer else answer
    assert embedder.model.version.startswith("unversioned-")
    assert embedder.model.max_tokens == 512


def test_documents_and_queries_of_nomic_have_their_prefixes(
    embedder: RemoteEmbedder, provider: Provider
) -> None:
    embedder.embed(["one"])
    embedder.embed(["two"], use="query")
    sent = provider.bodies("/api/embed")[-2:]
    assert [body["input"] for body in sent] == [["search_document: one"], ["search_query: two"]]
    assert all(body["truncate"] is True for body in sent)


def test_other_models_have_none(provider: Provider) -> None:
    embedder = ollama.embedder(Server(url=provider.url), "embedder")
    embedder.embed(["one"])
    assert provider.bodies("/api/embed")[-1]["input"] == ["one"]
    embedder.close()


def test_the_model_is_looked_up_once(embedder: RemoteEmbedder, provider: Provider) -> None:
    assert provider.seen == []
    embedder.embed(["one"])
    embedder.embed(["two"])
    assert [seen.path for seen in provider.seen] == ["/api/show", "/api/tags", *["/api/embed"] * 3]


def test_many_texts_go_in_batches(embedder: RemoteEmbedder, provider: Provider) -> None:
    vectors = embedder.embed([f"text {n}" for n in range(150)])
    sizes = [len(body["input"]) for body in provider.bodies("/api/embed")[1:]]  # type: ignore[arg-type]
    assert vectors.shape == (150, 64)
    assert sizes == [64, 64, 22]


def test_long_texts_make_smaller_batches(embedder: RemoteEmbedder, provider: Provider) -> None:
    embedder.embed(["word " * 12_000] * 5)
    sizes = [len(body["input"]) for body in provider.bodies("/api/embed")[1:]]  # type: ignore[arg-type]
    assert sizes == [2, 2, 1]


def test_a_text_that_the_server_refuses_as_too_long_is_cut_and_its_neighbours_are_not(
    embedder: RemoteEmbedder, provider: Provider
) -> None:
    # Ollama has not cut the texts of some models since 0.13.5: github.com/ollama/ollama/issues/14186.
    provider.truncates = False
    long = "night " * 400
    texts = ["one", "two", long, "four", "five"]
    vectors = embedder.embed(texts)
    alone = np.concatenate([embedder.embed([text]) for text in texts])
    assert np.allclose(vectors, alone, atol=1e-6)
    assert vectors[2] @ embedder.embed(["night"])[0] > 0.99  # half a word may be left at the end


def test_a_server_that_calls_everything_too_long_is_not_asked_for_ever(
    embedder: RemoteEmbedder, provider: Provider
) -> None:
    assert embedder.model
    provider.fail(*[Canned(status=400, body={"error": "input length exceeds"})] * 50)
    with pytest.raises(Invalid):
        embedder.embed(["night " * 400])
    assert 0 < len(provider.canned) < 45


def test_a_missing_model_is_not_found_and_the_hint_pulls_it(provider: Provider) -> None:
    provider.models.clear()
    embedder = ollama.embedder(Server(url=provider.url))
    chat = OllamaChat(Server(url=provider.url), "llama3.2")
    with pytest.raises(NotFound) as caught:
        embedder.embed(["one"])
    assert caught.value.hint == "ollama pull nomic-embed-text"
    with pytest.raises(NotFound) as caught:
        chat.reply(ask("one"))
    assert caught.value.hint == "ollama pull llama3.2"
    embedder.close()
    chat.close()


def test_another_dimension_than_before_is_corrupt(embedder: RemoteEmbedder, provider: Provider) -> None:
    embedder.embed(["one"])
    provider.dimension = 32
    with pytest.raises(Corrupt) as caught:
        embedder.embed(["two"])
    assert "open the lake again" in caught.value.hint


@pytest.mark.parametrize("rows", [[], [[1.0], [1.0]], [[0.0]], [["x"]], None])
def test_unusable_vectors_are_unavailable(embedder: RemoteEmbedder, provider: Provider, rows: object) -> None:
    provider.extra = lambda answer: answer | {"embeddings": rows} if "embeddings" in answer else answer
    with pytest.raises(Unavailable) as caught:
        embedder.embed(["one"])
    assert caught.value.hint


def test_a_key_is_sent_where_there_is_one(provider: Provider) -> None:
    for key in ("", "k1"):
        chat = OllamaChat(Server(url=provider.url, key=key), "chatter")
        chat.reply(ask("one"))
        chat.close()
    assert [seen.headers.get("authorization") for seen in provider.seen] == [None, "Bearer k1"]


def test_a_long_conversation_asks_for_the_context_it_needs(chat: OllamaChat, provider: Provider) -> None:
    chat.reply(ask("short"))
    chat.reply(ask("word " * 5000), max_tokens=100)
    options = [body["options"] for body in provider.bodies("/api/chat")]
    assert options[0] == {"temperature": 0.0, "num_predict": 1024}
    assert options[1] == {"temperature": 0.0, "num_predict": 100, "num_ctx": 16384}


@pytest.mark.parametrize(
    "piece", [b'{"error": "out of memory"}\n', b"<html>\n", b"[]\n", b'{"message": {}}\n']
)
def test_a_stream_that_turns_into_an_error_is_unavailable(
    chat: OllamaChat, provider: Provider, piece: bytes
) -> None:
    provider.mid_stream = piece
    stream = chat.stream(ask(LONG))
    assert next(stream) == "user:"
    with pytest.raises(Unavailable):
        list(stream)


def test_a_stream_that_ends_before_it_is_done_is_unavailable(chat: OllamaChat, provider: Provider) -> None:
    provider.breaks_after = 3
    with pytest.raises(Unavailable, match="broke off"):
        list(chat.stream(ask(LONG)))
    provider.breaks_after, provider.mid_stream = None, b""
    provider.fail(Canned(body=b'{"message": {"content": "half"}, "done": false}\n'))
    with pytest.raises(Unavailable, match="broke off"):
        list(chat.stream(ask(LONG)))


def test_an_answer_without_a_message_is_unavailable(chat: OllamaChat, provider: Provider) -> None:
    provider.fail(Canned(body={"done": True}))
    with pytest.raises(Unavailable):
        chat.reply(ask("one"))
