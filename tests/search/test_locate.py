"""The passage that says most of a question: by different words, the earlier of two alike, in any script."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.index.chunk import Chunk, split
from lakehouse.search.leg import estimate
from lakehouse.search.locate import STEM, best_passage

FEW = settings(max_examples=30, deadline=None)
WORDS = st.lists(st.sampled_from(["forklift", "nurse", "night", "Shift", "x"]), max_size=4).map(" ".join)


def pieces(*texts: str) -> tuple[str, tuple[Chunk, ...]]:
    """Texts one behind the other, and where each stands."""
    whole, made = "", []
    for number, text in enumerate(texts):
        made.append(Chunk(number, len(whole), len(whole) + len(text)))
        whole += text + " "
    return whole, tuple(made)


def best(question: str, *texts: str) -> int:
    whole, made = pieces(*texts)
    return best_passage(whole, question, made).number


def test_the_piece_with_most_words_of_the_question_is_it() -> None:
    assert best("forklift night shift", "a forklift", "forklift at night", "night") == 1


def test_a_word_said_often_counts_once() -> None:
    assert best("forklift night", "forklift forklift forklift", "forklift night") == 1


@pytest.mark.parametrize("question", ["", "?!", "zebra", "…"])
def test_where_no_piece_says_a_word_the_first_is_it(question: str) -> None:
    assert best(question, "forklift", "nurse") == 0


def test_of_two_alike_the_earlier_is_it() -> None:
    assert best("nurse", "a cook", "one nurse", "two nurse") == 1


@pytest.mark.parametrize("said", ["FORKLIFT", "forklifts", "Forklift-driver", "forkl"])
def test_case_endings_and_hyphens_make_no_other_word(said: str) -> None:
    assert best("forklift", "nothing", said) == 1


def test_words_that_differ_within_their_first_letters_are_others() -> None:
    assert STEM == 5
    assert best("night", "nigh", "nights") == 1


@pytest.mark.parametrize(
    ("question", "said"), [("STRASSE", "straße"), ("müller", "MÜLLER"), ("倉庫", "倉庫")]
)
def test_words_of_other_scripts_are_words(question: str, said: str) -> None:
    assert best(question, "nothing here", said) == 1


def test_only_what_stands_inside_a_piece_counts() -> None:
    text = "nurse forklift nurse"
    assert best_passage(text, "forklift", [Chunk(0, 0, 5), Chunk(1, 6, 14)]).number == 1


def test_a_piece_alone_is_it_whatever_is_asked() -> None:
    only = Chunk(7, 0, 0)
    assert best_passage("", "forklift", [only]) is only


@FEW
@given(WORDS, st.lists(WORDS, min_size=1, max_size=6))
def test_no_other_piece_says_more_words_of_the_question(question: str, texts: list[str]) -> None:
    whole, made = pieces(*texts)
    wanted = {word.casefold()[:STEM] for word in question.split()}
    counts = [len(wanted & {word.casefold()[:STEM] for word in text.split()}) for text in texts]
    assert best_passage(whole, question, made).number == counts.index(max(counts))


@FEW
@given(WORDS, st.text(max_size=300))
def test_the_passage_of_any_text_is_one_of_its_pieces(question: str, text: str) -> None:
    made = split(text, size=20, overlap=5, count=estimate)
    assert not made or best_passage(text, question, made) in made


@pytest.mark.parametrize(("letters", "tokens"), [(0, 0), (1, 1), (4, 1), (5, 2), (400, 100)])
def test_four_letters_are_about_a_token_and_what_is_left_is_one_more(letters: int, tokens: int) -> None:
    assert estimate("x" * letters) == tokens
