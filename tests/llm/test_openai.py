"""Models of OpenAI and of servers that speak as it does, over a real connection."""

from collections.abc import Iterator

import numpy as np
import pytest

from lakehouse.base.errors import Invalid, NotFound, Refused, Unavailable
from lakehouse.llm import openai
from lakehouse.llm.embedding import Embedder
from lakehouse.llm.http import Server
from lakehouse.llm.openai import OpenAIChat
from lakehouse.llm.remote import RemoteEmbedder
from tests.llm.conftest import Waits
from tests.llm.provider import CONTEXT, Canned, Provider
from tests.suites.chat import LONG, ChatSuite, ask
from tests.suites.embedder import EmbedderSuite


@pytest.fixture
def embedder(provider: Provider, waits: Waits) -> Iterator[RemoteEmbedder]:
    server = Server(url=f"{provider.url}/v1/", key="k1")
    made = openai.embedder(server, "embedder", max_tokens=CONTEXT, timing=waits.timing)
    yield made
    made.close()


@pytest.fixture
def chat(provider: Provider, waits: Waits) -> Iterator[OpenAIChat]:
    server = Server(url=f"{provider.url}/v1", key="k1", failures=99)
    made = OpenAIChat(server, "chatter", timing=waits.timing)
    yield made
    made.close()


class TestOpenAIEmbedder(EmbedderSuite):
    """The suite, but for tokens: they are counted on the server only, and estimated here."""

    def test_tokens_grow_with_the_text(self, embedder: Embedder) -> None:
        assert [embedder.count("x" * n) for n in (0, 1, 4, 5, 4000)] == [0, 1, 1, 2, 1000]

    def test_a_text_is_cut_at_the_limit_of_the_model(self, embedder: Embedder, provider: Provider) -> None:
        provider.truncates = False  # OpenAI refuses what is too long
        vectors = embedder.embed(["night " * 400, "night"])
        assert vectors[0] @ vectors[1] > 0.99


class TestOpenAIChat(ChatSuite):
    """The suite, over server-sent events."""


def test_the_model_is_known_by_its_name_and_by_what_its_owner_calls_the_weights(provider: Provider) -> None:
    server = Server(url=f"{provider.url}/v1")
    first, second = openai.embedder(server, "embedder"), openai.embedder(server, "embedder", weights="2")
    assert [str(e.model) for e in (first, second)] == ["embedder@1", "embedder@2"]
    assert (first.model.dimension, first.model.max_tokens) == (64, 8191)
    first.close()
    second.close()


def test_nomic_has_its_prefixes_here_too(provider: Provider) -> None:
    provider.models["nomic-ai/nomic-embed-text-v1.5"] = ""
    embedder = openai.embedder(Server(url=f"{provider.url}/v1"), "nomic-ai/nomic-embed-text-v1.5")
    embedder.embed(["one"], use="query")
    assert provider.bodies("/v1/embeddings")[-1]["input"] == ["search_query: one"]
    embedder.close()


def test_the_key_is_sent_where_there_is_one(provider: Provider, embedder: RemoteEmbedder) -> None:
    embedder.embed(["one"])
    assert provider.seen[-1].headers["authorization"] == "Bearer k1"
    bare = OpenAIChat(Server(url=f"{provider.url}/v1"), "chatter")
    bare.reply(ask("one"))
    bare.close()
    assert "authorization" not in provider.seen[-1].headers


def test_vectors_as_lists_are_taken_as_well(embedder: RemoteEmbedder, provider: Provider) -> None:
    packed = embedder.embed(["one", "two"])
    provider.sends_base64 = False
    assert np.allclose(embedder.embed(["one", "two"]), packed, atol=1e-6)


def test_a_server_that_refuses_base64_is_asked_for_lists_from_then_on(
    embedder: RemoteEmbedder, provider: Provider
) -> None:
    provider.refuses = {"encoding_format"}
    embedder.embed(["one"])
    embedder.embed(["two"])
    asked = ["encoding_format" in body for body in provider.bodies("/v1/embeddings")]
    assert asked == [True, False, False, False]


@pytest.mark.parametrize("indices", [[0, 0], [1, 2], [0]])
def test_vectors_that_are_not_one_for_each_text_are_unavailable(
    embedder: RemoteEmbedder, provider: Provider, indices: list[int]
) -> None:
    assert embedder.model
    provider.fail(Canned(body={"data": [{"index": i, "embedding": [1.0] * 64} for i in indices]}))
    with pytest.raises(Unavailable):
        embedder.embed(["one", "two"])


def test_a_server_that_takes_fewer_texts_gets_halves(embedder: RemoteEmbedder, provider: Provider) -> None:
    assert embedder.model
    provider.fail(Canned(status=413), Canned(status=413))
    embedder.embed([f"text {n} {'x' * 80}" for n in range(8)])
    sizes = [len(body["input"]) for body in provider.bodies("/v1/embeddings")[1:]]  # type: ignore[arg-type]
    assert sizes == [8, 4, 2, 2, 4]


def test_a_missing_model_is_not_found_and_the_hint_says_where_models_are_listed(provider: Provider) -> None:
    chat = OpenAIChat(Server(url=f"{provider.url}/v1"), "nope")
    with pytest.raises(NotFound) as caught:
        chat.reply(ask("one"))
    chat.close()
    assert "/models" in caught.value.hint


def test_a_model_that_takes_no_temperature_and_another_limit_is_learnt_once(
    chat: OpenAIChat, provider: Provider
) -> None:
    provider.refuses = {"temperature", "max_tokens"}
    assert chat.reply(ask(LONG), max_tokens=3).is_cut
    assert len(provider.seen) == 3
    assert "".join(chat.stream(ask("one"))) == "user: one"
    assert len(provider.seen) == 4
    assert provider.seen[-1].body["max_completion_tokens"] == 1024
    assert "temperature" not in provider.seen[-1].body


def test_what_cannot_be_left_out_is_invalid(chat: OpenAIChat, provider: Provider) -> None:
    provider.refuses = {"messages"}
    with pytest.raises(Invalid, match="messages"):
        chat.reply(ask("one"))
    assert len(provider.seen) == 1


def test_a_conversation_that_is_too_long_teaches_nothing_about_max_tokens(
    chat: OpenAIChat, provider: Provider
) -> None:
    said = "'max_tokens' is too large: the maximum context length is 8"
    provider.fail(Canned(status=400, body={"error": {"message": said}}))
    with pytest.raises(Invalid, match="too long"):
        chat.reply(ask("one"))
    chat.reply(ask("two"))
    assert "max_tokens" in provider.seen[-1].body


@pytest.mark.parametrize(
    "choice",
    [
        {"message": {"content": "", "refusal": "I cannot"}},
        {"message": {"content": None}, "finish_reason": "content_filter"},
    ],
)
def test_a_refusal_of_the_model_is_refused(chat: OpenAIChat, provider: Provider, choice: object) -> None:
    provider.fail(Canned(body={"choices": [choice]}))
    with pytest.raises(Refused):
        chat.reply(ask("one"))


def test_a_refusal_in_a_stream_is_refused(chat: OpenAIChat, provider: Provider) -> None:
    provider.mid_stream = b'data: {"choices": [{"delta": {"refusal": "I cannot"}}]}\n\n'
    with pytest.raises(Refused):
        list(chat.stream(ask("one")))


@pytest.mark.parametrize("piece", [b'data: {"error": {"message": "x"}}\n\n', b"data: <html>\n\n"])
def test_a_stream_that_turns_into_an_error_is_unavailable(
    chat: OpenAIChat, provider: Provider, piece: bytes
) -> None:
    provider.mid_stream = piece
    with pytest.raises(Unavailable):
        list(chat.stream(ask(LONG)))


def test_a_stream_that_ends_early_is_unavailable(chat: OpenAIChat, provider: Provider) -> None:
    provider.breaks_after = 4
    with pytest.raises(Unavailable, match="broke off"):
        list(chat.stream(ask(LONG)))
    provider.fail(Canned(body=b'data: {"choices": [{"delta": {"content": "half"}}]}\n\n'))
    with pytest.raises(Unavailable, match="broke off"):
        list(chat.stream(ask(LONG)))


@pytest.mark.parametrize("end", [b"data: [DONE]\n", b'data: {"choices": [{"finish_reason": "stop"}]}'])
def test_either_mark_ends_a_stream(chat: OpenAIChat, provider: Provider, end: bytes) -> None:
    begun = b'data:{"choices": [{"delta": {"content": "all"}}]}\n\ndata: {"choices": null}\n\n'
    provider.fail(Canned(body=begun + end))
    assert list(chat.stream(ask("one"))) == ["all"]


@pytest.mark.parametrize("answer", [{}, {"choices": []}, {"choices": [{"message": {}}]}, [1]])
def test_an_answer_without_a_text_is_unavailable(
    chat: OpenAIChat, provider: Provider, answer: object
) -> None:
    provider.fail(Canned(body=answer))
    with pytest.raises(Unavailable):
        chat.reply(ask("one"))
