"""The index of words tells which rows say a phrase: all of them, or among some."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lakehouse.index.words.lexical import Document, Lexical

TEXTS = {
    "a": "Forklift operator. Night shift, OSHA-10 certified.",
    "b": "Registered nurse with ten years of night shifts.",
    "c": "Forklift driver; the shift was at night.",
}


@pytest.fixture
def words(tmp_path: Path) -> Iterator[Lexical]:
    """An index of three texts."""
    opened = Lexical(tmp_path / "words")
    opened.update([Document(key, "", text) for key, text in TEXTS.items()])
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("phrase", "keys"),
    [
        ("forklift", "ac"),
        ("Night Shift", "ab"),
        ("OSHA-10", "a"),
        ("years of night", "b"),
        ("shift was at night", "c"),
        ("crane", ""),
    ],
)
def test_the_rows_that_say_a_phrase_are_those_of_its_words_in_order(
    words: Lexical, phrase: str, keys: str
) -> None:
    assert words.saying(phrase) == frozenset(keys)
    assert words.saying(phrase, ["a", "c", "z"]) == frozenset(keys) & {"a", "c"}
    assert words.saying(phrase, []) == frozenset()


def test_function_words_alone_are_asked_of_no_row(words: Lexical) -> None:
    assert words.saying("of the") is None


def test_a_row_that_was_replaced_says_only_what_it_says_now(words: Lexical) -> None:
    words.update([Document("a", "", "Crane operator.")], gone=["c"])
    assert words.saying("forklift") == frozenset()
    assert words.saying("crane") == {"a"}


def test_an_empty_index_says_nothing(tmp_path: Path) -> None:
    with_nothing = Lexical(tmp_path / "empty")
    assert with_nothing.saying("forklift") == frozenset()
    with_nothing.close()
