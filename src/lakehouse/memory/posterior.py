"""[pure] How sure counts make us of a success rate: the tail of a Beta distribution.

After s successes and f failures the rate is Beta(s + prior, f + prior). With the uniform prior three of three
leave a probability of .59 that the rate is at least .8, and ten of ten .91; "three replays and a rate of .8"
used to be taken for proof.
"""

import math
from typing import Final

PRECISION: Final = 1e-15
STEPS: Final = 100_000
"""Far more than are needed: about the root of the larger count."""

TINY: Final = 1e-300
"""In place of zero, as the algorithm asks."""


def at_least(rate: float, *, successes: float, failures: float, prior: tuple[float, float] = (1, 1)) -> float:
    """P(the true rate is at least `rate`), by the Beta posterior; 0 to 1.

    Args:
        rate: between 0 and 1, both excluded.
        successes: 0 or more; so are failures.
        prior: successes and failures that are taken for seen; both above 0.
    """
    return regularized(1 - rate, failures + prior[1], successes + prior[0])


def regularized(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b) for 0 < x < 1.

    Source: DLMF 8.17.22, its continued fraction; 8.17.4 (symmetry) where it converges slowly.
    """
    if x > (a + 1) / (a + b + 2):
        return 1 - regularized(1 - x, b, a)
    front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return min(1.0, math.exp(front) / (a * _fraction(x, a, b)))


def _fraction(x: float, a: float, b: float) -> float:
    """1 + d1/(1 + d2/(1 + …)) by the modified Lentz method."""
    value, c, d = 1.0, 1.0, 0.0
    change, step = 0.0, 0
    while abs(change - 1) >= PRECISION and step < STEPS:
        step += 1
        m = step // 2
        if step % 2:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / ((1 + term * d) or TINY)
        c = (1 + term / c) or TINY
        change = c * d
        value *= change
    return value
