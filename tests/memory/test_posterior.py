"""How sure counts make us: held to exact arithmetic, and to the figures of the specification."""

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.memory.posterior import at_least, regularized

COUNTS = st.integers(0, 60)
RATES = st.integers(1, 99).map(lambda n: Fraction(n, 100))


def exactly(rate: Fraction, successes: int, failures: int) -> Fraction:
    """The same with the uniform prior, by the binomial sum: P(Beta(s+1, f+1) >= x) = P(Bin(n+1, x) <= s)."""
    n = successes + failures + 1
    return sum((comb(n, k) * rate**k * (1 - rate) ** (n - k) for k in range(successes + 1)), Fraction(0))


@pytest.mark.parametrize(
    ("successes", "failures", "expected"),
    [(3, 0, 0.5904), (10, 0, 0.9141), (11, 0, 0.9313), (0, 0, 0.2), (0, 1, 0.04), (1, 1, 0.104)],
)
def test_three_of_three_prove_little_and_ten_of_ten_enough(
    successes: int, failures: int, expected: float
) -> None:
    assert at_least(0.8, successes=successes, failures=failures) == pytest.approx(expected, abs=5e-5)


@given(RATES, COUNTS, COUNTS)
def test_it_agrees_with_exact_fractions(rate: Fraction, successes: int, failures: int) -> None:
    found = at_least(float(rate), successes=successes, failures=failures)
    assert found == pytest.approx(float(exactly(rate, successes, failures)), abs=1e-12)


@given(RATES, COUNTS, COUNTS)
def test_one_success_more_never_makes_less_sure_nor_one_failure_more(
    rate: Fraction, successes: int, failures: int
) -> None:
    now = at_least(float(rate), successes=successes, failures=failures)
    assert at_least(float(rate), successes=successes + 1, failures=failures) >= now - 1e-12
    assert at_least(float(rate), successes=successes, failures=failures + 1) <= now + 1e-12


@given(st.floats(0.01, 0.99), st.floats(0.1, 5000), st.floats(0.1, 5000))
def test_the_two_tails_make_one_and_stay_probabilities(x: float, a: float, b: float) -> None:
    low, high = regularized(x, a, b), regularized(1 - x, b, a)
    assert 0 <= low <= 1
    assert low + high == pytest.approx(1, abs=1e-9)


def test_a_million_replays_are_weighed_at_once() -> None:
    assert at_least(0.8, successes=801_000, failures=199_000) == pytest.approx(0.9938, abs=1e-3)
    assert at_least(0.8, successes=790_000, failures=210_000) < 1e-9


def test_counts_beyond_all_measure_still_end() -> None:
    assert regularized(0.5, 1e12, 1e12) == pytest.approx(0.5, abs=0.02)


def test_a_doubting_prior_asks_for_more() -> None:
    assert at_least(0.8, successes=10, failures=0, prior=(1, 3)) < at_least(0.8, successes=10, failures=0)
