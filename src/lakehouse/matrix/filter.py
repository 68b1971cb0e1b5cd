"""[pure] The relevance filter: what is shown, what is dropped, and when the answer is "not in the data".

One level sets both: a question whose evidence is below it is not answered, and a row is dropped whose
probability is below a tenth of it. A higher level never shows more, so the level can be chosen by conformal
risk control: the highest at which the share of right rows lost stays within what was allowed, whatever the
distribution, as long as later questions are like the judged ones.
Source: the specification of the learning loops, 2.2; Angelopoulos et al., "Conformal Risk Control" (2022),
theorem 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lakehouse.base.errors import Invalid
from lakehouse.matrix.shipped import LEVELS

ALPHA: Final = 0.1
"""Share of right rows that may be lost, by default. Source: the specification, 3.5."""

RATIO: Final = 0.1
"""Of a row's threshold to the level. With .05 or .10 nearly all of what may be lost buys silence where the
data has no answer (88 % of questions); with .40 it buys fewer rows a question, and 79 %."""

GRID: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """How much has to speak for a question and for a row."""

    alpha: float = ALPHA
    level: float
    """0 to 1; 0 drops nothing."""

    source: str

    @property
    def row(self) -> float:
        """Probability below which a row is dropped."""
        return self.level * RATIO


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A judged question: what would have been shown without a filter."""

    evidence: float
    rows: tuple[tuple[float, bool], ...]
    """Probability of each row that would have been shown, and whether it was right."""


def shipped(alpha: float = ALPHA) -> Filter:
    """The filter from public collections: that of the largest measured loss not above `alpha`.

    Raises:
        Invalid: `alpha` is no share.
    """
    _check(alpha)
    known = [one for one in LEVELS if one <= alpha]
    level = LEVELS[max(known)] if known else 0.0
    return Filter(
        alpha=alpha, level=level, source="five public collections" if known else "too strict to filter"
    )


def calibrated(told: Sequence[Told], *, alpha: float = ALPHA) -> Filter:
    """The strictest filter whose expected loss of right rows is at most `alpha`, by these judged questions.

    Where they are too few for the promise, nothing is dropped: `alpha` .1 needs 9, .05 needs 19.

    Raises:
        Invalid: `alpha` is no share.
    """
    _check(alpha)
    n = len(told)
    allowed = (n + 1) * alpha - 1  # the sum of losses that theorem 1 leaves
    level, low, high = 0.0, 0, GRID
    if allowed >= 0:
        while low < high:  # the loss never falls as the level rises
            middle = (low + high + 1) // 2
            if sum(lost(one, middle / GRID) for one in told) <= allowed:
                low = middle
            else:
                high = middle - 1
        level = low / GRID
    return Filter(alpha=alpha, level=level, source=f"{n:,} judged questions")


def lost(told: Told, level: float) -> float:
    """Share of the right rows that a level would not have shown; 0 where there was none."""
    right = [p for p, is_right in told.rows if is_right]
    if not right:
        return 0.0
    if told.evidence < level:
        return 1.0
    return sum(p < level * RATIO for p in right) / len(right)


def _check(alpha: float) -> None:
    if not 0 < alpha < 1:
        raise Invalid("alpha is the share of right rows that may be lost, between 0 and 1", hint="alpha=0.1")
