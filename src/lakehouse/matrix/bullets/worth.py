"""[pure] How useful an entry surely is: a bound of what votes, or runs with and without it, say.

On one scale, 0 to 1, where 0.5 is neither help nor harm. Differences of the same calls with and without the
entry say more than votes, which also praise what would have gone well anyway; so once there are enough of
them, only they count.
"""

from functools import lru_cache
from math import sqrt
from statistics import NormalDist
from typing import Final

from lakehouse.matrix.bullets.bullet import Votes
from lakehouse.matrix.bullets.params import BulletParams
from lakehouse.memory.posterior import at_least

STEPS: Final = 24
"""Halvings: the bound is exact to 1e-7."""

DOUBT: Final = 2
"""Differences taken for seen, one of +1 and one of -1: a few alike prove little."""


def lower(votes: Votes, params: BulletParams) -> float:
    """What its usefulness is at least, with the confidence that is set; 0.1 where nothing is known."""
    if votes.pairs >= params.pairs:
        return _by_pairs(votes, -NormalDist().inv_cdf(params.sure))
    return _quantile(votes.helpful, votes.harmful, params.sure)


def upper(votes: Votes, params: BulletParams) -> float:
    """What its usefulness is at most."""
    if votes.pairs >= params.pairs:
        return _by_pairs(votes, NormalDist().inv_cdf(params.sure))
    return _quantile(votes.helpful, votes.harmful, 1 - params.sure)


def harms(votes: Votes, params: BulletParams) -> bool:
    """Does it surely do more harm than good?"""
    return upper(votes, params) < 0.5


def _by_pairs(votes: Votes, z: float) -> float:
    seen = votes.pairs + DOUBT
    mean = votes.total / seen
    spread = max((votes.squares + DOUBT) / seen - mean * mean, 0.0)
    return min(max((1 + mean + z * sqrt(spread / seen)) / 2, 0.0), 1.0)


@lru_cache(maxsize=4096)
def _quantile(helpful: int, harmful: int, sure: float) -> float:
    """The rate that is reached with this probability, from a uniform prior. Cost: 0.2 ms once, then none."""
    low, high = 0.0, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        if at_least(middle, successes=helpful, failures=harmful) >= sure:
            low = middle
        else:
            high = middle
    return (low + high) / 2
