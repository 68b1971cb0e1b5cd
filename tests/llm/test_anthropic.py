"""Models of Anthropic, over a real connection."""

from collections.abc import Iterator

import pytest

from lakehouse.base.errors import Invalid, NotFound, Refused, Unavailable
from lakehouse.llm.anthropic import AnthropicChat
from lakehouse.llm.chat import Turn
from lakehouse.llm.http import Server
from tests.llm.conftest import Waits
from tests.llm.provider import Canned, Provider
from tests.suites.chat import LONG, ChatSuite, ask


@pytest.fixture
def chat(provider: Provider, waits: Waits) -> Iterator[AnthropicChat]:
    server = Server(url=provider.url, key="k1", failures=99)
    made = AnthropicChat(server, "chatter", timing=waits.timing)
    yield made
    made.close()


class TestAnthropicChat(ChatSuite):
    """The suite, over server-sent events."""


def test_the_key_and_the_version_of_the_protocol_are_sent(chat: AnthropicChat, provider: Provider) -> None:
    chat.reply(ask("one"))
    headers = provider.seen[0].headers
    assert (headers["x-api-key"], headers["anthropic-version"]) == ("k1", "2023-06-01")
    assert "authorization" not in headers


def test_without_a_key_it_is_refused_with_the_secret_to_set(provider: Provider) -> None:
    chat = AnthropicChat(Server(url=provider.url), "chatter")
    with pytest.raises(Refused) as caught:
        chat.reply(ask("one"))
    chat.close()
    assert "LAKEHOUSE_SECRET_ANTHROPIC_KEY" in caught.value.hint


def test_turns_of_the_system_go_beside_the_conversation(chat: AnthropicChat, provider: Provider) -> None:
    system = [Turn(role="system", text="be brief"), Turn(role="system", text="cite")]
    chat.reply([*system, *ask("one")])
    body = provider.seen[0].body
    assert body["system"] == "be brief\n\ncite"
    assert body["messages"] == [{"role": "user", "content": "one"}]
    chat.reply(ask("two"))
    assert "system" not in provider.seen[1].body


def test_a_model_that_takes_no_temperature_is_learnt_once(chat: AnthropicChat, provider: Provider) -> None:
    provider.refuses = {"temperature"}
    assert "".join(chat.stream(ask("one"))) == "user: one"
    assert chat.reply(ask("two")).text == "user: two"
    assert ["temperature" in seen.body for seen in provider.seen] == [True, False, False]


def test_temperatures_end_at_one_here(chat: AnthropicChat, provider: Provider) -> None:
    chat.reply(ask("one"), temperature=1.7)
    assert provider.seen[0].body["temperature"] == 1.0


def test_a_missing_model_is_not_found(provider: Provider) -> None:
    chat = AnthropicChat(Server(url=provider.url, key="k1"), "nope")
    with pytest.raises(NotFound, match="no model 'nope'") as caught:
        chat.reply(ask("one"))
    chat.close()
    assert "/v1/models" in caught.value.hint


def test_a_prompt_that_is_too_long_is_invalid(chat: AnthropicChat, provider: Provider) -> None:
    error = {"type": "invalid_request_error", "message": "prompt is too long: 210000 tokens > 200000 maximum"}
    provider.fail(Canned(status=400, body={"type": "error", "error": error}))
    with pytest.raises(Invalid, match="too long"):
        chat.reply(ask("one"))


def test_an_overloaded_server_is_tried_again(chat: AnthropicChat, provider: Provider, waits: Waits) -> None:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    provider.fail(Canned(status=529, body=error))
    assert chat.reply(ask("one")).text == "user: one"
    assert waits.waited == [0.5]


def test_a_refusal_of_the_model_is_refused(chat: AnthropicChat, provider: Provider) -> None:
    provider.fail(Canned(body={"content": [], "stop_reason": "refusal"}))
    with pytest.raises(Refused):
        chat.reply(ask("one"))
    provider.mid_stream = b'data: {"type": "message_delta", "delta": {"stop_reason": "refusal"}}\n\n'
    with pytest.raises(Refused):
        list(chat.stream(ask("one")))


@pytest.mark.parametrize("reason", ["max_tokens", "model_context_window_exceeded"])
def test_an_answer_that_ran_out_of_room_is_cut(chat: AnthropicChat, provider: Provider, reason: str) -> None:
    provider.fail(Canned(body={"content": [{"type": "text", "text": "half"}], "stop_reason": reason}))
    assert chat.reply(ask("one")).is_cut


@pytest.mark.parametrize(
    "piece",
    [
        b'event: error\ndata: {"type": "error", "error": {"type": "overloaded_error"}}\n\n',
        b"data: <html>\n\n",
        b"data: {}\n\n",
    ],
)
def test_a_stream_that_turns_into_an_error_is_unavailable(
    chat: AnthropicChat, provider: Provider, piece: bytes
) -> None:
    provider.mid_stream = piece
    with pytest.raises(Unavailable):
        list(chat.stream(ask(LONG)))


def test_a_stream_that_ends_early_is_unavailable(chat: AnthropicChat, provider: Provider) -> None:
    provider.breaks_after = 5
    with pytest.raises(Unavailable, match="broke off"):
        list(chat.stream(ask(LONG)))
    provider.fail(Canned(body=b'data: {"type": "message_start"}\n\n'))
    with pytest.raises(Unavailable, match="broke off"):
        list(chat.stream(ask(LONG)))


def test_events_that_came_later_to_the_protocol_are_passed_over(
    chat: AnthropicChat, provider: Provider
) -> None:
    provider.mid_stream = b'data: {"type": "something_new"}\n\n'
    assert "".join(chat.stream(ask("one"))) == "user: one"


def test_an_answer_without_content_is_unavailable(chat: AnthropicChat, provider: Provider) -> None:
    provider.fail(Canned(body={"stop_reason": "end_turn"}))
    with pytest.raises(Unavailable):
        chat.reply(ask("one"))
