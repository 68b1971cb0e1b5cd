"""[pure] How far a source can be believed, by what auditors who were asked at random found.

    J = P(says right | is right) - P(says right | is not), at least 0             Youden's J
    weight = J * min(1, J / two standard errors of J)

A J that chance could have made counts little: among sources that click at random, some always look a bit
better than the others. (Counted in full, random clicks "lifted" paraphrases by .018; so, by .007.)
An unaudited source is believed like the pool of all; a source that says the contrary of the truth gets 0,
never less. What was looked at is weighed by the chance that it was seen, or low ranks would look unliked.
Only audited searches are counted: sources that praise each other learn nothing from it.
Source: Youden, "Index for rating diagnostic tests" (1950); Dawid, Skene (1979) for the idea of a source's own
rates; pseudo-counts of the specification of the learning loops, 2.1.
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from math import sqrt
from typing import Final

POOL_PRIOR: Final = (0.8, 0.2)
"""Rates on right and on wrong rows that a lake without audits assumes."""

POOL_WEIGHT: Final = 2.0
SOURCE_WEIGHTS: Final = (4.0, 6.0)
"""Pseudo-observations of the pool in a source's rate on right and on wrong rows, which are more common."""


SURE: Final = 2.0
"""Standard errors that J must lie above 0 to count in full."""


@dataclass(slots=True)
class Counts:
    """What one source, or all, said about audited rows."""

    said_right: float = 0.0
    """Of the rows that are right, the sum of what was said, 0 to 1 each."""

    seen_right: float = 0.0
    """Of the rows that are right, how many were seen: the sum of the chances."""

    said_wrong: float = 0.0
    seen_wrong: float = 0.0

    def add(self, said: float, seen: float, *, is_right: bool) -> None:
        """Count one audited row."""
        if is_right:
            self.said_right += said
            self.seen_right += seen
        else:
            self.said_wrong += said
            self.seen_wrong += seen


@dataclass(slots=True)
class Trust:
    """Rates of every source. Grows by audited rows only."""

    pool: Counts = field(default_factory=Counts)
    sources: dict[str, Counts] = field(default_factory=dict)
    distrusted: set[str] = field(default_factory=set)
    """Sources that a person declared bad; they count for nothing, in hindsight too."""

    def learn(self, source: str, rows: Iterable[tuple[float, float, bool]]) -> None:
        """Count audited rows of one search.

        Args:
            rows: what the source said (0 to 1), the chance that it saw the row, whether the row is right.
        """
        own = self.sources.setdefault(source, Counts())
        for said, seen, is_right in rows:
            own.add(said, seen, is_right=is_right)
            self.pool.add(said, seen, is_right=is_right)

    def weight(self, source: str) -> float:
        """What the word of a source counts, 0 to 1."""
        if source in self.distrusted:
            return 0.0
        pool_right = _rate(self.pool.said_right, self.pool.seen_right, POOL_PRIOR[0], POOL_WEIGHT)
        pool_wrong = _rate(self.pool.said_wrong, self.pool.seen_wrong, POOL_PRIOR[1], POOL_WEIGHT)
        own = self.sources.get(source, NOBODY)
        right = _rate(own.said_right, own.seen_right, pool_right, SOURCE_WEIGHTS[0])
        wrong = _rate(own.said_wrong, own.seen_wrong, pool_wrong, SOURCE_WEIGHTS[1])
        gap = right - wrong
        if gap <= 0:
            return 0.0
        doubt = _variance(right, own.seen_right + SOURCE_WEIGHTS[0])
        doubt += _variance(wrong, own.seen_wrong + SOURCE_WEIGHTS[1])
        return gap * min(1.0, gap / (SURE * sqrt(doubt))) if doubt else gap

    def distrust(self, sources: Set[str]) -> None:
        """Give these sources no weight, whatever audits say."""
        self.distrusted |= sources


NOBODY: Final = Counts()
"""A source that no audit has met."""


def _variance(rate: float, seen: float) -> float:
    return rate * (1 - rate) / seen


def _rate(said: float, seen: float, prior: float, weight: float) -> float:
    return min((said + weight * prior) / (seen + weight), 1.0)
