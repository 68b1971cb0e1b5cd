"""Passages hold all of a text, fit the model and end at sentences."""

import gc
import re
import sys
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.index.chunk import Chunk, split

TOKEN = re.compile(r"\w{1,6}|[^\w\s]")
SPACES = ("\n", "\n\n", "\r\n", "\t", " ", "\u00a0", "\u2028", "\x1c")
SIGNS = (". ", "? ", "(", '"', "-", "é", "e\u0301", "👩‍🚒")
PIECES = st.sampled_from((*SPACES, *SIGNS, "word ", "a", "長い文章。", "Longerwordthatgoeson", "x" * 60))


def count(text: str) -> int:
    """Tokens as a word-piece model has them: at most six letters each, signs alone."""
    return len(TOKEN.findall(text))


def passages(text: str, *, size: int, overlap: int = 0) -> list[str]:
    """The texts of the passages."""
    return [text[c.start : c.end] for c in split(text, size=size, overlap=overlap, count=count)]


def test_a_text_that_fits_is_one_passage_without_space_around_it() -> None:
    assert split(" \n Nurse, ten years. ", size=10, overlap=2, count=count) == (Chunk(0, 3, 20),)


def test_a_text_that_fits_is_counted_once_and_loads_nothing() -> None:
    asked: list[str] = []
    split("Nurse. " * 10, size=200, overlap=20, count=lambda text: asked.append(text) or count(text))
    assert len(asked) == 1


@pytest.mark.parametrize("text", ["", " ", "\n\t\r\n ", "\u00a0\u2028\x1c" * 500])
def test_a_blank_text_has_no_passage(text: str) -> None:
    assert split(text, size=2, overlap=1, count=count) == ()


def test_passages_end_where_sentences_end() -> None:
    text = "Alpha beta gamma. Delta one two three. Epsilon zeta eta. Theta iota kappa lambda."
    assert passages(text, size=10) == [
        "Alpha beta gamma. Delta one two three.",
        "Epsilon zeta eta. Theta iota kappa lambda.",
    ]


def test_a_passage_reaches_back_to_a_whole_sentence_if_one_fits() -> None:
    text = "Alpha beta gamma delta. Short one. Epsilon zeta eta theta. Iota kappa lambda mu."
    assert passages(text, size=14, overlap=4) == [
        "Alpha beta gamma delta. Short one.",
        "Short one. Epsilon zeta eta theta.",
        "zeta eta theta. Iota kappa lambda mu.",  # the sentence before would be too long
    ]


def test_a_passage_reaches_back_to_a_word_if_no_sentence_fits() -> None:
    words = [f"w{n}" for n in range(30)]
    first, second, *_ = passages(" ".join(words), size=10, overlap=3)
    assert first.split() == words[:7]
    assert second.split() == words[4:14]


@pytest.mark.parametrize("text", ["x" * 10_000, "👩‍🚒" * 500, "e\u0301" * 900, "長い文章" * 300])
def test_a_word_without_end_is_cut(text: str) -> None:
    found = split(text, size=20, overlap=5, count=len)
    assert all(c.end - c.start <= 20 for c in found)
    assert {n for c in found for n in range(c.start, c.end)} == set(range(len(text)))


def test_runs_of_every_length_do_not_exhaust_the_stack() -> None:
    text = "".join("word" + "\n" * n for n in range(1, 1000))
    assert sum(len(p.split()) for p in passages(text, size=5)) == 999


def test_no_text_is_kept_in_memory() -> None:
    text = "".join(["A sentence that is only here. "] * 500)
    split(text, size=20, overlap=5, count=count)
    gc.collect()
    assert sys.getrefcount(text) == 2


@pytest.mark.parametrize(("size", "overlap"), [(0, 0), (10, 10), (10, -1), (-1, 0)])
def test_an_overlap_that_is_no_part_of_the_size_is_refused(size: int, overlap: int) -> None:
    with pytest.raises(Invalid):
        split("text", size=size, overlap=overlap, count=count)


@given(st.lists(PIECES, max_size=120).map("".join), st.integers(1, 30), st.integers(0, 29))
def test_passages_are_true_whole_moving_and_small(text: str, size: int, overlap: int) -> None:
    found = split(text, size=size, overlap=min(overlap, size - 1), count=count)
    assert [c.number for c in found] == list(range(len(found)))
    covered = {n for c in found for n in range(c.start, c.end)}
    assert {n for n, sign in enumerate(text) if not sign.isspace()} <= covered
    for c in found:
        piece = text[c.start : c.end]
        assert piece
        assert piece == piece.strip()
        assert count(piece) <= size or len(piece) == 1
    for one, other in pairwise(found):
        assert one.start < other.start
        assert one.end < other.end


@given(st.text(st.characters(), max_size=300), st.integers(1, 12))
def test_any_text_at_all_is_covered(text: str, size: int) -> None:
    found = split(text, size=size, overlap=size // 3, count=len)
    covered = {n for c in found for n in range(c.start, c.end)}
    assert {n for n, sign in enumerate(text) if not sign.isspace()} <= covered
    assert all(c.end - c.start <= size for c in found)
