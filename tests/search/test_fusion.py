"""Fusion: both legs count as much as they should, order is total, and every hit keeps its raw parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.search.fusion import Weights, fuse

KEYS = st.text("abcdefghij", min_size=1, max_size=2)
LEGS = st.dictionaries(KEYS, st.floats(-1, 50, allow_nan=False), max_size=20)
WEIGHTS = st.none() | st.floats(0, 1).map(lambda dense: Weights(dense=dense))


@given(LEGS, LEGS, WEIGHTS)
def test_every_key_of_either_leg_comes_once_with_its_raw_scores(
    dense: dict[str, float], lexical: dict[str, float], weights: Weights | None
) -> None:
    hits = fuse(dense, lexical, weights=weights)
    assert sorted(hit.key for hit in hits) == sorted(dense.keys() | lexical.keys())
    assert all(hit.dense == dense.get(hit.key) and hit.lexical == lexical.get(hit.key) for hit in hits)


@given(LEGS, LEGS, WEIGHTS)
def test_scores_lie_between_0_and_1_best_first_and_equal_ones_by_key(
    dense: dict[str, float], lexical: dict[str, float], weights: Weights | None
) -> None:
    hits = fuse(dense, lexical, weights=weights)
    assert all(0 <= hit.score <= 1 + 1e-12 for hit in hits)
    assert list(hits) == sorted(hits, key=lambda hit: (-hit.score, hit.key))


@given(LEGS, LEGS, WEIGHTS)
def test_the_order_in_which_a_leg_is_handed_over_changes_nothing(
    dense: dict[str, float], lexical: dict[str, float], weights: Weights | None
) -> None:
    turned = fuse(dict(reversed(dense.items())), dict(reversed(lexical.items())), weights=weights)
    assert turned == fuse(dense, lexical, weights=weights)


def test_a_key_that_both_legs_put_first_scores_1() -> None:
    assert fuse({"a": 0.9, "b": 0.2}, {"a": 12.0, "c": 3.0})[0].score == pytest.approx(1)
    assert fuse({"a": 0.9, "b": 0.2}, {"a": 12.0, "c": 3.0}, weights=Weights(dense=0.3))[0].score == 1


def test_a_weighted_score_mixes_the_two_legs_after_each_is_put_on_0_to_1() -> None:
    hits = fuse({"a": 0.8, "b": 0.5, "c": 0.4}, {"b": 9.0, "d": 1.0}, weights=Weights(dense=0.6))
    assert {hit.key: pytest.approx(hit.score) for hit in hits} == {"a": 0.6, "b": 0.55, "c": 0.0, "d": 0.0}


@pytest.mark.parametrize(("dense", "first"), [(1.0, "a"), (0.0, "b")])
def test_a_weight_at_its_end_follows_one_leg_alone(dense: float, first: str) -> None:
    hits = fuse({"a": 0.8, "b": 0.1}, {"b": 9.0, "a": 1.0}, weights=Weights(dense=dense))
    assert hits[0].key == first


def test_a_leg_whose_scores_are_all_equal_still_counts() -> None:
    hits = fuse({"a": 0.8, "b": 0.1}, {"b": 4.0}, weights=Weights(dense=0.4))
    assert [hit.key for hit in hits] == ["b", "a"]


def test_without_weights_only_ranks_count() -> None:
    near, far = fuse({"a": 0.9, "b": 0.89}, {"b": 7.0, "a": 6.9}), fuse({"a": 9, "b": 1}, {"b": 7, "a": 1})
    assert [hit.score for hit in near] == [hit.score for hit in far]


def test_an_empty_leg_leaves_the_other_in_its_order() -> None:
    assert [hit.key for hit in fuse({}, {"a": 1.0, "b": 2.0, "c": 3.0})] == ["c", "b", "a"]
    assert fuse({}, {}) == ()


@pytest.mark.parametrize("score", [float("nan"), float("inf"), float("-inf")])
def test_a_score_that_is_no_number_is_refused(score: float) -> None:
    with pytest.raises(Invalid, match="finite"):
        fuse({"a": score}, {})
    with pytest.raises(Invalid, match="finite"):
        fuse({}, {"a": score})


@pytest.mark.parametrize("dense", [-0.1, 1.1, float("nan")])
def test_a_weight_outside_0_to_1_is_refused(dense: float) -> None:
    with pytest.raises(Invalid, match="between 0 and 1"):
        Weights(dense=dense)
