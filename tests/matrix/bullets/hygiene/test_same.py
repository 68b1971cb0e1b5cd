"""What says the same, and what only looks as if it did."""

import pytest

from lakehouse.matrix.bullets.hygiene.same import How, jaccard, same
from lakehouse.matrix.bullets.hygiene.wording import grams, plain, read, sentences, words
from lakehouse.matrix.bullets.params import BulletParams
from tests.matrix.bullets.desk import CALL, CARD
from tests.matrix.bullets.pairs import CONTRARY, PAIRS

PARAMS = BulletParams()


def how(new: str, old: str, cosine: float | None = None) -> How | None:
    one, two = read(new), read(old)
    found = same(one, two, cosine=cosine, params=PARAMS)
    assert same(two, one, cosine=cosine, params=PARAMS) == found
    return found


@pytest.mark.parametrize(
    "again", [CALL.upper(), f"  {CALL}!!", CALL.replace(" ", "\n"), CALL.replace("a", "a\u200b"), f"“{CALL}”"]
)
def test_case_marks_spacing_and_unseen_characters_change_nothing(again: str) -> None:
    assert how(again, CALL) == "exact"


@pytest.mark.parametrize(
    "again",
    [
        CALL.replace("candidates", "candidtaes"),
        CALL.replace("candidates", "candidate"),
        f"Please note: {CALL}",
        CALL.replace(" the ", " "),
    ],
)
def test_a_copy_with_a_slip_or_a_filler_is_near(again: str) -> None:
    assert how(again, CALL) == "near"


def test_a_text_within_a_longer_one_is_contained_and_what_is_around_a_known_one_must_be_looked_at() -> None:
    longer, shorter = (
        read(f"{CALL}. We learned that in spring, from the dispatchers in the branch"),
        read(CALL),
    )
    assert same(shorter, longer, cosine=None, params=PARAMS) == "contained"
    assert same(longer, shorter, cosine=None, params=PARAMS) == "similar"
    assert how("bus now", "bus now or later, whatever the dispatcher says about it today") is None


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("Book 3 welders for Monday morning", "Book 4 welders for Monday morning"),
        ("Book three welders for the morning", "Book four welders for the morning"),
        ("Send the invoice to Bonn before noon", "Send the invoice to Ulm before noon"),
        ("Send the invoice to Bonn before noon", "Send the invoice before noon"),
        ("The client accepts visible tattoos", "The client does not accept visible tattoos"),
        ("Book the cold store with high pay", "Book the cold store with low pay"),
        ("Use the small model for greetings and the large model for contracts",
         "Use the large model for greetings and the small model for contracts"),
    ],
)  # fmt: skip
def test_one_frame_with_something_else_in_it_is_another_lesson_however_alike(new: str, old: str) -> None:
    assert how(new, old, 0.999) is None


def test_vectors_speak_where_words_do_not_and_the_less_the_more_one_is_the_frame_of_the_other() -> None:
    said, again = PAIRS[4]
    assert how(again, said) is None
    assert how(again, said, PARAMS.cosine_sure) == "rephrased"
    assert how(again, said, PARAMS.cosine) == "similar"
    assert how(again, said, PARAMS.cosine - 0.01) is None
    assert (
        how("Ask electricians for the card before booking", "Ask welders for the card before booking", 0.9)
        is None
    )


def test_numbers_and_names_outside_of_a_frame_differ_only_where_both_name_one() -> None:
    assert how("Both profiles belong to a single man", "Two files with one birthday are of one person", 0.8)
    assert how("The shipyard stops above 60", "Work at the yard ends once the wind is over 80", 0.9) is None
    assert how("Always phone ahead in Ulm", "A call is due in the branch of Bonn before", 0.9) is None


def test_few_of_forty_lessons_that_only_look_alike_are_taken_for_the_same() -> None:
    taken = [text for text in CONTRARY if any(how(text, said) for said, _ in PAIRS)]
    assert len(taken) == 3


def test_nothing_has_nothing_in_common() -> None:
    assert jaccard(frozenset(), frozenset()) == 0
    assert how(CARD, CALL, 0.1) is None
    assert plain("ﬁne\u202e") == "fine"
    assert list(grams(("a", "b", "c"))) == []
    assert list(sentences("One two. Three!\n?")) == [("one", "two"), ("three",)]
    assert words("Don’t STOP") == ("don't", "stop")
