"""Bounds of usefulness: few votes prove little, and pairs speak louder than votes."""

import pytest

from lakehouse.matrix.bullets import worth
from lakehouse.matrix.bullets.bullet import Votes
from lakehouse.matrix.bullets.params import BulletParams

PARAMS = BulletParams()


def pairs(*differences: float) -> Votes:
    return Votes(
        pairs=len(differences), total=sum(differences), squares=sum(one * one for one in differences)
    )


@pytest.mark.parametrize(
    ("helpful", "harmful", "low"),
    [(0, 0, 0.1), (1, 0, 0.3162), (3, 0, 0.5623), (10, 0, 0.8111), (0, 1, 0.0513)],
)
def test_the_lower_bound_of_votes_is_the_beta_quantile(helpful: int, harmful: int, low: float) -> None:
    assert worth.lower(Votes(helpful=helpful, harmful=harmful), PARAMS) == pytest.approx(low, abs=1e-4)


def test_more_of_the_same_votes_make_surer_and_bounds_mirror() -> None:
    few, many = Votes(helpful=4, harmful=1), Votes(helpful=40, harmful=10)
    assert worth.lower(few, PARAMS) < worth.lower(many, PARAMS) < 0.8 < worth.upper(many, PARAMS)
    mirrored = Votes(helpful=1, harmful=4)
    assert worth.upper(mirrored, PARAMS) == pytest.approx(1 - worth.lower(few, PARAMS), abs=1e-6)


def test_enough_differences_overrule_any_number_of_votes() -> None:
    praised = Votes(helpful=100, pairs=20, total=-8.0, squares=3.5)
    assert worth.harms(praised, PARAMS)
    assert not worth.harms(Votes(helpful=100, pairs=4, total=-4.0, squares=4.0), PARAMS)


def test_differences_count_by_their_size_and_agreement() -> None:
    assert worth.lower(pairs(*[0.3] * 30), PARAMS) > 0.5
    assert worth.lower(pairs(*[0.3] * 5), PARAMS) < 0.5
    assert worth.lower(pairs(*[1.0, -0.4] * 15), PARAMS) < worth.lower(pairs(*[0.3] * 30), PARAMS)
    assert worth.lower(pairs(*[-1.0] * 50), PARAMS) == pytest.approx(0.01, abs=0.02)


def test_harm_must_be_sure() -> None:
    assert not worth.harms(Votes(), PARAMS)
    assert not worth.harms(Votes(harmful=2, helpful=1), PARAMS)
    assert worth.harms(Votes(harmful=4), PARAMS)
