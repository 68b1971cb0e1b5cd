"""Measures: worked out by hand, bounded, and an interval that says how sure a difference is."""

from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.search.measure import gain, ndcg, recall, reciprocal_rank

GRADES = st.dictionaries(st.sampled_from("abcdef"), st.floats(0, 4), max_size=6)
RANKINGS = st.permutations("abcdefgh")


def test_ndcg_is_the_discounted_gain_as_a_share_of_the_best_possible() -> None:
    found = 1 / log2(2) + 3 / log2(4)
    assert ndcg(["b", "x", "a"], {"a": 3, "b": 1}) == pytest.approx(found / (3 + 1 / log2(3)))


@given(RANKINGS, GRADES)
def test_every_measure_lies_between_0_and_1(ranking: list[str], grades: dict[str, float]) -> None:
    for measure in (ndcg, reciprocal_rank, recall):
        assert 0 <= measure(ranking, grades) <= 1 + 1e-12


@given(GRADES.filter(lambda grades: any(grades.values())))
def test_the_ideal_ranking_has_an_ndcg_of_1(grades: dict[str, float]) -> None:
    assert ndcg(sorted(grades, key=lambda key: -grades[key]), grades) == pytest.approx(1)


def test_what_stands_below_k_does_not_count() -> None:
    assert ndcg(["x", "a"], {"a": 1}, k=1) == 0
    assert reciprocal_rank(["x", "a"], {"a": 1}, k=1) == 0
    assert recall(["x", "a"], {"a": 1}, k=1) == 0


def test_reciprocal_rank_looks_at_the_first_relevant_key() -> None:
    assert reciprocal_rank(["x", "a", "b"], {"a": 1, "b": 9}) == 1 / 2


def test_recall_is_the_share_of_the_relevant_that_was_found() -> None:
    assert recall(["x", "a"], {"a": 1, "b": 2, "x": 0}) == 1 / 2


def test_without_anything_relevant_every_measure_is_0() -> None:
    assert ndcg(["a"], {}) == reciprocal_rank(["a"], {"a": 0}) == recall(["a"], {"a": 0}) == 0


def test_the_interval_of_a_difference_is_paired_by_query() -> None:
    hard_and_easy = [0.1, 0.9] * 50
    better = [value + 0.02 for value in hard_and_easy]
    found = gain(better, hard_and_easy)
    assert found.low == pytest.approx(0.02)
    assert found.high == pytest.approx(0.02)


def test_a_difference_of_chance_has_an_interval_around_0() -> None:
    found = gain([0.1, 0.5, 0.4, 0.2] * 10, [0.4, 0.2, 0.1, 0.5] * 10)
    assert found.low < 0 < found.high
    assert found.mean == pytest.approx(0)


def test_the_same_seed_gives_the_same_interval() -> None:
    values, than = [0.1, 0.7, 0.4, 0.35] * 5, [0.3, 0.2, 0.21, 0.9] * 5
    assert gain(values, than, seed=3) == gain(values, than, seed=3)
    assert gain(values, than, seed=3) != gain(values, than, seed=4)


@pytest.mark.parametrize(("values", "than"), [([], []), ([1.0], [1.0, 0.0])])
def test_rankings_of_other_queries_cannot_be_compared(values: list[float], than: list[float]) -> None:
    with pytest.raises(Invalid, match="nothing to compare"):
        gain(values, than)
