"""Sentences: all of the text, in order, cut where a reader would cut it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.search.sentences import spans

TEXTS = st.text(st.sampled_from("aAbB19 .!?…\n-•()\"'。:,"), max_size=60) | st.text(max_size=40)


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in spans(text)]


@given(TEXTS)
def test_sentences_hold_every_character_but_space_in_order(text: str) -> None:
    found = spans(text)
    assert "".join("".join(cut(text)).split()) == "".join(text.split())
    assert all(a.end <= b.start for a, b in pairwise(found))


@given(TEXTS)
def test_a_sentence_has_no_space_around_it_and_is_never_empty(text: str) -> None:
    assert all(piece and piece == piece.strip() for piece in cut(text))


@given(TEXTS)
def test_every_sentence_but_a_lone_first_has_a_letter_or_digit(text: str) -> None:
    assert all(any(map(str.isalnum, piece)) for piece in cut(text)[1:])


@pytest.mark.parametrize(
    "sentences",
    [
        ["It rains.", "We stay in."],
        ["Is it so?", "It is!", "Good…", "Then go."],
        ['He said "no."', "She left."],
        ["(See the annex.)", "It is long."],
        ["Dr. Smith met Mr. J. R. Jones at 5 p.m. sharp.", "They spoke."],
        ["The rate was 3.5 per cent, e.g. in Ohio.", "It fell to .2 later."],
        ["See fig. 3 and eq. 4 in no. 12.", "The rest follows."],
        ["Acme Inc. was sold.", "Then came Bolt Inc.", "It was small."],
        ["Jones et al. wrote it.", "Version 1.2.3 is out."],
        ["Write to a.b@c.org today.", "See www.x.org/y.html."],
        ["He earns $5.", "She earns 6."],
        ["First one。", "Second one！", "Third"],
        ["What...", "Then it stopped."],
        ["Wait... it goes on."],
        ["It takes 5 min.", "We said no.", "No. 7 is next."],
        ["It began on Jan. 5 and ended in Feb.", "It was cold."],
        ["So did I.", "Vitamin a.", "Then B."],
    ],
)
def test_sentences_on_one_line(sentences: list[str]) -> None:
    assert cut(" ".join(sentences)) == sentences


@pytest.mark.parametrize(
    "sentences",
    [
        ["Duties", "- Lifts loads", "- Drives a forklift", "- Keeps records"],
        ["1. Mix the paint.", "2. Apply it.", "a) Wait", "(b) Wash"],
        ["Needed:", "OSHA 10", "Own car"],
        ["A heading", "The text under it is a sentence."],
    ],
)
def test_bullets_and_short_lines_stand_alone(sentences: list[str]) -> None:
    assert cut("\n".join(sentences)) == sentences


def test_a_line_broken_by_its_width_goes_on() -> None:
    wrapped = "The operator moves materials between the dock and the\nWarehouse, and counts them\nonce a day."
    assert cut(wrapped) == [wrapped]


def test_a_blank_line_ends_a_sentence_without_a_mark() -> None:
    assert cut("the first paragraph has no mark\n\nthe second neither") == [
        "the first paragraph has no mark",
        "the second neither",
    ]


def test_a_text_without_capitals_is_cut_at_its_marks() -> None:
    assert cut("it was tried . the flow broke down. see fig. 3 for this.") == [
        "it was tried .",
        "the flow broke down.",
        "see fig. 3 for this.",
    ]


def test_nothing_comes_of_nothing() -> None:
    assert cut("") == cut(" \n ") == []
