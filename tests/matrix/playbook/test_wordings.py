"""Earlier questions like a new one: the similarity by hand, each held once, a shortlist that loses few."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.matrix.playbook.events import Vector
from lakehouse.matrix.playbook.wordings import SCANNED, SKETCH, Wordings
from tests.matrix.playbook.told import unit

WORDS = st.frozensets(st.sampled_from("abcdefgh"), max_size=6)
DIMENSION = 64
"""More than a sketch has, so that it loses something."""


def test_similarity_is_the_mean_of_the_cosines_of_words_and_of_vectors() -> None:
    held = Wordings(2)
    held.add(frozenset("abcd"), unit(1, 0))
    near = held.near(frozenset("abxy"), unit(0.6, 0.8), floor=0.0)
    assert near.similarity.tolist() == [pytest.approx((2 / 4 + 0.6) / 2)]


def test_a_vector_that_points_away_takes_nothing_off() -> None:
    held = Wordings(2)
    held.add(frozenset("a"), unit(1, 0))
    assert held.near(frozenset("a"), unit(-1, 0), floor=0.0).similarity.tolist() == [pytest.approx(0.5)]


def test_without_vectors_words_alone_are_compared() -> None:
    held = Wordings(0)
    held.add(frozenset("ab"), None)
    assert held.near(frozenset("abcdefgh"), None, floor=0.0).similarity.tolist() == [pytest.approx(0.5)]


def test_what_is_below_the_floor_is_not_there_and_the_nearest_comes_first() -> None:
    held = Wordings(0)
    for words in ("abcd", "ab", "abc", "x"):
        held.add(frozenset(words), None)
    near = held.near(frozenset("abc"), None, floor=0.85)
    assert near.wordings.tolist() == [2, 0]
    assert near.similarity.tolist() == [pytest.approx(1), pytest.approx(3 / np.sqrt(12))]


def test_a_question_is_held_once_however_often_it_is_asked() -> None:
    held = Wordings(2)
    assert [held.add(frozenset("ab"), unit(1, 0)) for _ in range(3)] == [0, 0, 0]
    assert held.add(frozenset("ab"), unit(0, 1)) == 1
    assert len(held) == 2


def test_nothing_is_near_where_nothing_was_asked() -> None:
    assert Wordings(2).near(frozenset("a"), unit(1, 0), floor=0.0).wordings.tolist() == []


@given(st.lists(WORDS, max_size=30), WORDS, st.floats(0, 1))
def test_similarities_are_from_0_to_1_none_below_the_floor_and_never_rise(
    held_words: list[frozenset[str]], asked: frozenset[str], floor: float
) -> None:
    held = Wordings(0)
    for words in held_words:
        held.add(words, None)
    found = held.near(asked, None, floor=floor).similarity.tolist()
    assert all(np.float32(floor) <= one <= 1 + 1e-6 for one in found)
    assert found == sorted(found, reverse=True)


@given(st.lists(WORDS, min_size=1, max_size=30))
def test_every_question_finds_itself(held_words: list[frozenset[str]]) -> None:
    held = Wordings(0)
    numbers = [held.add(words, None) for words in held_words]
    for words, number in zip(held_words, numbers, strict=True):
        assert number in held.near(words, None, floor=0.999).wordings.tolist() or not words


def test_beyond_what_is_scanned_a_shortlist_finds_the_same_neighbours() -> None:
    drawn = np.random.default_rng(4)
    topics = _rows(drawn.normal(size=(1_000, DIMENSION)))
    every = [_asked(drawn, n % 1_000, topics) for n in range(SCANNED + 2_000)]
    held, vectors = Wordings(DIMENSION), np.stack([vector for _, vector in every])
    assert [held.add(*one) for one in every] == list(range(len(every)))
    assert DIMENSION > SKETCH
    found = wanted = 0
    for topic in range(0, 1_000, 50):
        words, vector = _asked(drawn, topic, topics)
        said = np.array([len(words & other) / 5 for other, _ in every])  # each has five words
        exact = set(np.flatnonzero((said + np.maximum(vectors @ vector, 0)) / 2 >= 0.5 + 1e-6).tolist())
        near = set(held.near(words, vector, floor=0.5).wordings.tolist())
        found, wanted = found + len(near & exact), wanted + len(exact)
    assert wanted > 300
    assert found >= 0.99 * wanted


def test_beyond_what_is_scanned_questions_without_vectors_find_all_that_are_alike() -> None:
    held = Wordings(0)
    for n in range(SCANNED + 10):
        held.add(frozenset({f"w{n}", f"v{n % 5}"}), None)
    assert len(held.near(frozenset({"v1"}), None, floor=0.5).wordings) == SCANNED // 5 + 2


def _asked(drawn: np.random.Generator, topic: int, topics: Vector) -> tuple[frozenset[str], Vector]:
    """Three of the topic's six words, two of the ten that everybody uses, and a vector near the topic's."""
    own = drawn.permutation(6)[:3].tolist()
    common = drawn.permutation(10)[:2].tolist()
    words = frozenset([*(f"t{topic}-{n}" for n in own), *(f"c{n}" for n in common)])
    return words, _rows(topics[topic] + 0.05 * drawn.normal(size=DIMENSION))


def _rows(given: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Vector:
    made: Vector = (given / np.linalg.norm(given, axis=-1, keepdims=True)).astype(np.float32)
    return made
