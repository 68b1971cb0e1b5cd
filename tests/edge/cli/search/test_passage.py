"""A passage is cut around what was asked, its words are marked, and nothing in it is obeyed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.edge.cli.search import passage

LONG = (
    "Filler about nothing at all. " * 20 + "She drove forklifts at the harbour. " + "More filler here. " * 20
)


def marked(text: str, question: str) -> list[str]:
    shown = passage.shown(text, question, room=10_000)
    return [shown.text[start:end] for start, end in shown.marks]


def test_words_of_the_question_are_marked_whatever_their_case_and_ending() -> None:
    assert marked("Forklift operators OPERATE forklifts.", "forklift operator") == [
        "Forklift",
        "operators",
        "OPERATE",
        "forklifts",
    ]


def test_a_short_word_is_marked_as_a_whole_word_only() -> None:
    assert marked("IL and ILO, in Illinois", "IL") == ["IL"]


def test_function_words_are_not_marked() -> None:
    assert marked("The nurse with the card", "a nurse with the card") == ["nurse", "card"]


def test_a_question_of_signs_marks_nothing() -> None:
    assert marked("Forklift operator", '?! "~" -') == []


def test_a_text_that_fits_is_shown_whole() -> None:
    assert passage.shown("One line.", "line", room=9).text == "One line."


def test_a_long_text_is_cut_around_the_words_and_says_so_on_both_sides() -> None:
    shown = passage.shown(LONG, "forklifts in a harbour", room=80)
    assert shown.text.startswith("…")
    assert shown.text.endswith("…")
    assert [shown.text[a:b] for a, b in shown.marks] == ["forklifts", "harbour"]


def test_a_long_text_without_the_words_is_shown_from_its_beginning() -> None:
    shown = passage.shown(LONG, "violin", room=40)
    assert shown.text.startswith("Filler about")
    assert shown.text.endswith("…")


def test_the_beginning_stays_unless_another_part_says_two_words_more() -> None:
    text = "Welder. " + "blah " * 40 + "a forklift here"
    assert passage.shown(text, "forklift", room=40).text.startswith("Welder.")
    assert "forklift here" in passage.shown(text + " with pallets", "forklift pallets", room=60).text


@pytest.mark.parametrize("evil", ["\x1b[31mred", "a\x07bell", "line\nbreak", "tab\there", "\u202eright"])
def test_nothing_that_a_terminal_would_obey_is_left(evil: str) -> None:
    assert passage.shown(evil, "red", room=100).text.isprintable()


@given(st.text(max_size=400), st.text(max_size=40), st.integers(3, 120))
def test_no_text_is_longer_than_its_room_and_every_mark_lies_in_it(
    text: str, question: str, room: int
) -> None:
    shown = passage.shown(text, question, room=room)
    assert len(shown.text) <= room
    assert all(0 <= start < end <= len(shown.text) for start, end in shown.marks)
