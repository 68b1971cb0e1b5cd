"""The twin in memory does what every chat model does, and nothing leaves the process."""

import pytest

from lakehouse.base.errors import Refused
from lakehouse.llm.chat import Turn
from lakehouse.llm.scripted import ScriptedChat, tokens
from tests.suites.chat import ChatSuite, ask, script


class TestScriptedChat(ChatSuite):
    """The suite, in memory."""

    @pytest.fixture
    def chat(self) -> ScriptedChat:
        return ScriptedChat(script)


def test_it_bears_the_name_it_was_given() -> None:
    chat = ScriptedChat(lambda turns: "yes", model="judge")
    assert chat.model == chat.reply(ask("is it")).model == "judge"


def test_the_script_sees_every_turn() -> None:
    seen: list[Turn] = []
    ScriptedChat(lambda turns: seen.extend(turns) or "yes").reply(ask("one"))
    assert seen == ask("one")


def test_what_the_script_raises_is_raised() -> None:
    def refuse(turns: object) -> str:
        raise Refused("not this one", hint="ask another")

    with pytest.raises(Refused):
        ScriptedChat(refuse).reply(ask("one"))


def test_an_empty_answer_is_an_answer() -> None:
    chat = ScriptedChat(lambda turns: "")
    assert chat.reply(ask("one")).text == ""
    assert list(chat.stream(ask("one"))) == []


@pytest.mark.parametrize("text", ["", " ", "one", " one  two\n", "\n\n", "a\u2028b"])
def test_tokens_together_are_the_text(text: str) -> None:
    assert "".join(tokens(text)) == text
