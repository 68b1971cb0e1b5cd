"""What two questions are compared by: stems of their content words."""

from hypothesis import given
from hypothesis import strategies as st

from lakehouse.matrix.playbook.terms import terms


def test_endings_case_order_and_filler_words_do_not_matter() -> None:
    assert terms("the Welders of Berlin") == terms("berlin WELDER")


def test_numbers_are_content() -> None:
    assert terms("iso 9001") != terms("iso 14001")


def test_a_question_of_filler_words_alone_is_still_a_question() -> None:
    assert terms("to be or not to be") != frozenset()


def test_a_question_without_words_has_none() -> None:
    assert terms(" -- ?! ") == frozenset()


@given(st.text(max_size=60))
def test_saying_a_thing_twice_says_it_once(text: str) -> None:
    assert terms(f"{text} {text}") == terms(text)
