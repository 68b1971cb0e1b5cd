"""What every chat model must do. A new one inherits this, adds one `chat` fixture and answers by `script`."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from lakehouse.base.errors import Invalid, Unavailable
from lakehouse.llm.chat import Chat, Turn

FAILING = "fail"
ODD = 'naïve 東京 🙂\u2028two\u0085three\x0bfour\r\nfive\n\ndata: six {"a": 1}'
LONG = "one two three four five six seven eight nine ten"


def script(turns: Sequence[Turn]) -> str:
    """What the model under test is made to say: all that it was told, in order."""
    if turns[-1].text == FAILING:
        raise Unavailable("the script fails", hint="ask something else")
    return " | ".join(f"{turn.role}: {turn.text}" for turn in turns)


def ask(text: str) -> list[Turn]:
    """A conversation of one question."""
    return [Turn(role="user", text=text)]


class ChatSuite:
    """Behaviour that does not depend on the model."""

    def test_the_answer_comes_whole_with_its_model_and_its_cost(self, chat: Chat) -> None:
        reply = chat.reply(ask("how many shifts"))
        assert reply.text == "user: how many shifts"
        assert reply.model == chat.model
        assert (reply.tokens_in, reply.tokens_out) == (3, 4)
        assert not reply.is_cut

    def test_a_stream_is_the_same_answer_in_pieces(self, chat: Chat) -> None:
        pieces = list(chat.stream(ask(LONG)))
        assert "".join(pieces) == chat.reply(ask(LONG)).text == f"user: {LONG}"
        assert len(pieces) > 5
        assert all(pieces)

    def test_the_whole_conversation_reaches_the_model_in_order(self, chat: Chat) -> None:
        turns = [
            Turn(role="system", text="be brief"),
            Turn(role="user", text="one"),
            Turn(role="assistant", text="two"),
            Turn(role="user", text="three"),
        ]
        said = "system: be brief | user: one | assistant: two | user: three"
        assert chat.reply(turns).text == said
        assert "".join(chat.stream(turns)) == said

    def test_no_sign_is_lost_on_the_way(self, chat: Chat) -> None:
        assert chat.reply(ask(ODD)).text == f"user: {ODD}"
        assert "".join(chat.stream(ask(ODD))) == f"user: {ODD}"

    def test_a_lone_surrogate_does_no_harm(self, chat: Chat) -> None:
        assert chat.reply(ask("half \ud800 sign")).text.startswith("user: half ")

    @pytest.mark.parametrize("most", [1, 3, 10])
    def test_an_answer_is_cut_at_the_limit_and_says_so(self, chat: Chat, most: int) -> None:
        reply = chat.reply(ask(LONG), max_tokens=most)
        assert reply.is_cut
        assert reply.tokens_out == most
        assert reply.text.split() == f"user: {LONG}".split()[:most]
        assert "".join(chat.stream(ask(LONG), max_tokens=most)) == reply.text

    def test_an_answer_that_just_fits_is_not_cut(self, chat: Chat) -> None:
        assert not chat.reply(ask(LONG), max_tokens=11).is_cut

    @pytest.mark.parametrize(
        "turns",
        [[], [Turn(role="system", text="be brief")], ask(""), ask(" \n"), [*ask("one"), *ask("\t")]],
    )
    def test_a_conversation_without_a_question_is_invalid(self, chat: Chat, turns: list[Turn]) -> None:
        with pytest.raises(Invalid) as caught:
            chat.reply(turns)
        assert caught.value.hint
        with pytest.raises(Invalid):
            list(chat.stream(turns))

    @pytest.mark.parametrize(("most", "temperature"), [(0, 0.0), (-1, 0.0), (1, -0.1), (1, 2.1)])
    def test_a_bound_out_of_range_is_invalid(self, chat: Chat, most: int, temperature: float) -> None:
        with pytest.raises(Invalid):
            chat.reply(ask("one"), max_tokens=most, temperature=temperature)
        with pytest.raises(Invalid):
            list(chat.stream(ask("one"), max_tokens=most, temperature=temperature))

    @pytest.mark.parametrize("temperature", [0.0, 0.7, 2.0])
    def test_every_temperature_in_range_is_taken(self, chat: Chat, temperature: float) -> None:
        assert chat.reply(ask("one"), temperature=temperature).text == "user: one"

    def test_a_model_that_fails_is_unavailable_and_may_be_asked_again(self, chat: Chat) -> None:
        with pytest.raises(Unavailable) as caught:
            chat.reply(ask(FAILING))
        assert caught.value.hint
        with pytest.raises(Unavailable):
            list(chat.stream(ask(FAILING)))
        assert chat.reply(ask("again")).text == "user: again"

    def test_a_stream_may_be_left_half_way(self, chat: Chat) -> None:
        stream = chat.stream(ask(LONG))
        assert next(iter(stream)) in f"user: {LONG}"
        del stream
        assert chat.reply(ask("next")).text == "user: next"

    def test_threads_get_the_answers_to_their_own_questions(self, chat: Chat) -> None:
        questions = [f"question {n}" for n in range(24)]
        with ThreadPoolExecutor(6) as pool:
            replies = list(pool.map(lambda q: chat.reply(ask(q)).text, questions))
            streams = list(pool.map(lambda q: "".join(chat.stream(ask(q))), questions))
        assert replies == streams == [f"user: {q}" for q in questions]

    def test_closing_twice_is_no_error(self, chat: Chat) -> None:
        chat.reply(ask("one"))
        chat.close()
        chat.close()
