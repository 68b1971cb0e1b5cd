import numpy as np
import pytest

from lakehouse.base.errors import Invalid
from lakehouse.matrix.lift.proof.stats import (
    by_arrival,
    by_need,
    compared,
    gini,
    helped,
    holm,
    hurt,
    is_rising,
)

NEEDS = [f"n{n}" for n in range(40)]


def side(values: list[float]) -> dict[str, float]:
    return dict(zip(NEEDS, values, strict=False))


def test_wordings_and_seeds_of_a_need_are_one_sample() -> None:
    assert by_need([("a", 1.0), ("b", 0.0), ("a", 0.0)]) == {"a": 0.5, "b": 0.0}


def test_more_seeds_make_nothing_more_certain() -> None:
    # The trap: seeds treated as samples shrink p without a single further need.
    drawn = np.random.default_rng(1).normal(0.02, 0.1, 12).tolist()
    once = [(need, value) for need, value in zip(NEEDS, drawn, strict=False)]
    zero = dict.fromkeys(NEEDS[:12], 0.0)
    assert compared(by_need(once * 20), zero) == compared(by_need(once), zero)


def test_what_is_asked_often_counts_often_and_is_still_one_need() -> None:
    found = by_arrival([("a", 1.0), ("a", 1.0), ("a", 1.0), ("b", 0.0)])
    assert np.mean(list(found.values())) == 0.75
    assert len(found) == 2


def test_a_difference_that_is_there_is_found_with_its_interval() -> None:
    drawn = np.random.default_rng(1).normal(0.1, 0.05, 40).tolist()
    found = compared(side(drawn), side([0.0] * 40))
    assert found.low < 0.1 < found.high
    assert found.low > 0.05
    assert found.p < 0.001
    assert found.needs == 40


def test_noise_is_not_taken_for_a_difference() -> None:
    found = [
        compared(side(np.random.default_rng(n).normal(0, 0.1, 40).tolist()), side([0.0] * 40)).p
        for n in range(60)
    ]
    assert sum(p < 0.05 for p in found) <= 8
    assert sum(p < 0.5 for p in found) > 15


def test_no_difference_at_all_has_a_p_of_one() -> None:
    assert compared(side([0.5] * 5), side([0.5] * 5)).p == 1.0


def test_only_common_needs_are_compared() -> None:
    assert compared({"a": 1.0, "b": 1.0}, {"b": 0.5, "c": 0.0}).mean == 0.5
    with pytest.raises(Invalid):
        compared({"a": 1.0}, {"b": 1.0})


def test_holm_multiplies_the_smallest_by_all_and_never_falls() -> None:
    assert holm({"x": 0.04, "y": 0.01, "z": 0.03}) == {"x": 0.06, "y": 0.03, "z": 0.06}
    assert holm({"x": 0.9, "y": 0.8}) == {"x": 1.0, "y": 1.0}
    assert holm({}) == {}


def test_small_changes_neither_hurt_nor_help() -> None:
    changes = np.array([-0.2, -0.05, 0.0, 0.05, 0.06])
    assert (hurt(changes), helped(changes)) == (0.2, 0.2)
    assert hurt(np.array([])) == helped(np.array([])) == 0.0


def test_gini_is_zero_where_all_are_shown_alike_and_near_one_where_one_takes_all() -> None:
    assert gini([3, 3, 3]) == 0
    assert gini([0] * 99 + [7]) == 0.99
    assert gini([0, 0]) == 0


def test_a_curve_may_stand_still_within_the_tolerance_and_may_not_fall() -> None:
    assert is_rising([0.0, 0.2, 0.1, 0.095, 0.12])
    assert not is_rising([0.0, 0.1, 0.2, 0.15])
    assert is_rising([])
