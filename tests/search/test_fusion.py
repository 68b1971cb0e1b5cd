"""Fusion: both legs count as much as they should, order is total, and every hit keeps its raw parts."""

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.search.fusion import DEFAULT, Fused, Scores, Weights, fuse, fuse_ranks

Fuse = Callable[[Scores, Scores], tuple[Fused, ...]]

KEYS = st.text("abcdefghij", min_size=1, max_size=2)
LEGS = st.dictionaries(KEYS, st.floats(-1, 50, allow_nan=False), max_size=20)
FUSES = st.just(fuse_ranks) | st.floats(0, 1).map(lambda dense: partial(fuse, weights=Weights(dense=dense)))


@given(LEGS, LEGS, FUSES)
def test_every_key_of_either_leg_comes_once_with_its_raw_scores(
    dense: dict[str, float], lexical: dict[str, float], fused: Fuse
) -> None:
    hits = fused(dense, lexical)
    assert sorted(hit.key for hit in hits) == sorted(dense.keys() | lexical.keys())
    assert all(hit.dense == dense.get(hit.key) and hit.lexical == lexical.get(hit.key) for hit in hits)


@given(LEGS, LEGS, FUSES)
def test_scores_lie_between_0_and_1_best_first_and_equal_ones_by_key(
    dense: dict[str, float], lexical: dict[str, float], fused: Fuse
) -> None:
    hits = fused(dense, lexical)
    assert all(0 <= hit.score <= 1 for hit in hits)
    assert list(hits) == sorted(hits, key=lambda hit: (-hit.score, hit.key))


@given(LEGS, LEGS, FUSES)
def test_the_order_in_which_a_leg_is_handed_over_changes_no_place(
    dense: dict[str, float], lexical: dict[str, float], fused: Fuse
) -> None:
    turned = fused(dict(reversed(dense.items())), dict(reversed(lexical.items())))
    assert turned == fused(dense, lexical)


@given(LEGS, LEGS, st.integers(-3, 3), st.sampled_from([0.25, 1, 8]))
def test_the_unit_and_the_zero_of_a_leg_do_not_matter(
    dense: dict[str, float], lexical: dict[str, float], shift: int, stretch: float
) -> None:
    whole = {key: float(round(score)) for key, score in dense.items()}
    moved = {key: score * stretch + shift for key, score in whole.items()}
    before, after = fuse(whole, lexical), fuse(moved, lexical)
    assert {h.key: pytest.approx(h.score, abs=1e-9) for h in before} == {h.key: h.score for h in after}


@pytest.mark.parametrize("fused", [fuse, fuse_ranks])
def test_a_key_that_both_legs_put_first_scores_1(fused: Fuse) -> None:
    first = fused({"a": 0.9, "b": 0.2}, {"a": 12.0, "c": 3.0})[0]
    assert (first.key, first.score) == ("a", pytest.approx(1))


def test_a_score_mixes_the_two_legs_in_units_of_their_means() -> None:
    hits = fuse({"a": 0.8, "b": 0.5, "c": 0.2}, {"b": 9.0, "d": 3.0, "e": 3.0}, weights=Weights(dense=0.6))
    # dense above 0.2: 0.6, 0.3, 0, mean 0.3; lexical above 3: 6, 0, 0, mean 2; so a 0.6 x 2, b 0.6 + 0.4 x 3
    best = 0.6 * 2 + 0.4 * 3
    assert {hit.key: pytest.approx(hit.score) for hit in hits} == {
        "b": 1.8 / best,
        "a": 1.2 / best,
        "c": 0,
        "d": 0,
        "e": 0,
    }


def test_the_lowest_match_still_counts_where_words_matched_fewer_rows_than_were_asked_for() -> None:
    hits = fuse({"a": 0.9, "b": 0.5, "c": 0.5, "d": 0.1}, {"b": 6.0, "c": 3.0}, weights=Weights(dense=0.1))
    assert [hit.key for hit in hits] == ["b", "c", "a", "d"]
    assert hits[1].score > 0.4


def test_a_leg_that_is_sure_outweighs_one_that_is_flat() -> None:
    flat = {"a": 0.52, "b": 0.51, "c": 0.51, "d": 0.50, "e": 0.50, "f": 0.5}
    sure = {"b": 20.0, "a": 3.0, "c": 2.9, "d": 2.9, "e": 2.8, "g": 2.8}
    assert fuse(flat, sure, weights=Weights(dense=0.5))[0].key == "b"


@pytest.mark.parametrize(("dense", "first"), [(1.0, "a"), (0.0, "b")])
def test_a_weight_at_its_end_follows_one_leg_alone(dense: float, first: str) -> None:
    hits = fuse({"a": 0.8, "b": 0.1}, {"b": 9.0, "a": 1.0}, weights=Weights(dense=dense))
    assert hits[0].key == first


@pytest.mark.parametrize("weight", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("fused", [fuse, lambda dense, lexical, weights: fuse_ranks(dense, lexical)])
def test_where_one_leg_is_silent_the_order_of_the_other_stands(
    fused: Callable[..., tuple[Fused, ...]], weight: float
) -> None:
    leg = {"a": 1.0, "b": 2.0, "c": 3.0}
    for hits in (
        fused({}, leg, weights=Weights(dense=weight)),
        fused(leg, {}, weights=Weights(dense=weight)),
    ):
        assert [hit.key for hit in hits] == ["c", "b", "a"]
    assert fused({}, {}, weights=Weights(dense=weight)) == ()


def test_a_leg_whose_scores_are_all_equal_still_counts() -> None:
    hits = fuse({"a": 0.8, "b": 0.7, "c": 0.7}, {"b": 4.0, "c": 4.0, "d": 4.0}, weights=Weights(dense=0.1))
    assert [hit.key for hit in hits][:2] == ["b", "c"]


def test_without_weights_the_default_is_used() -> None:
    dense, lexical = {"a": 0.9, "b": 0.3, "c": 0.1}, {"b": 7.0, "c": 4.0, "d": 1.0}
    assert fuse(dense, lexical) == fuse(dense, lexical, weights=DEFAULT)
    assert fuse(dense, lexical) != fuse(dense, lexical, weights=Weights(dense=0.2))


def test_only_ranks_count_in_a_fusion_of_ranks() -> None:
    near = fuse_ranks({"a": 0.9, "b": 0.89}, {"b": 7.0, "c": 6.9})
    far = fuse_ranks({"a": 9.0, "b": -1.0}, {"b": 7.0, "c": 0.0})
    assert [hit.score for hit in near] == [hit.score for hit in far]
    assert [hit.score for hit in near] == pytest.approx([(1 / 61 + 1 / 62) / (2 / 61), 0.5, 61 / 124])


@pytest.mark.parametrize("score", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("fused", [fuse, fuse_ranks])
def test_a_score_that_is_no_number_is_refused(fused: Fuse, score: float) -> None:
    with pytest.raises(Invalid, match="finite"):
        fused({"a": score}, {})
    with pytest.raises(Invalid, match="finite"):
        fused({}, {"a": score})


@pytest.mark.parametrize("dense", [-0.1, 1.1, float("nan")])
def test_a_weight_outside_0_to_1_is_refused(dense: float) -> None:
    with pytest.raises(Invalid, match="between 0 and 1"):
        Weights(dense=dense)


def test_the_first_few_are_those_that_stand_first_among_all() -> None:
    dense = {f"k{n}": 1.0 - n / 50 for n in range(40)}
    lexical = {f"k{n}": float(n) for n in range(20, 60)}
    assert fuse(dense, lexical, most=7) == fuse(dense, lexical)[:7]
    assert fuse(dense, {}, most=3) == fuse(dense, {})[:3]
