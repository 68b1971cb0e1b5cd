"""[pure] How like a question must be before its past counts: learned from audits, not set once for all.

Of pairs of an audited search and a search like it, the share in which what was right in one was right in the
other, by similarity, made monotone. The floor is the lowest similarity from which on that share is, with
confidence, above that of any shown row. Too few pairs: the floor that is set stays.
Source: isotonic regression by pooling neighbours (Ayer et al. 1955); Wilson's interval (1927); vCache (2025)
for why one threshold for all is wrong; the specification of the learning loops, 2.1.
"""

from collections.abc import Sequence
from math import sqrt
from typing import Final

WIDTH: Final = 0.05
LOWEST: Final = 0.5
HIGHEST: Final = 0.8
ENOUGH: Final = 30
"""Pairs in a band of similarity before it is judged."""

CROWDED: Final = 0.9
"""Share of right rows above which no pair can tell anything: nearly everything is right anyhow."""

SURE: Final = 1.64
"""95 %, one-sided."""


def learn(pairs: Sequence[tuple[float, bool]], *, base_rate: float, default: float) -> float:
    """The floor of similarity, 0.5 to 0.8; `default` as it is where nothing was learned.

    Args:
        pairs: similarity, and whether what was right in the earlier search was right in the audited one.
        base_rate: share of right rows among all that were shown to audited questions.
        default: where the pairs do not say.
    """
    bands = _bands(pairs)
    judged = [(low, won, seen) for low, won, seen in bands if seen >= ENOUGH]
    if len(judged) < 2 or judged[0][0] > max(default, LOWEST) or base_rate > CROWDED:
        return default
    floor = judged[-1][0] + WIDTH  # of what lies above nothing was said
    for low, won, seen in reversed(_monotone(judged)):
        if _surely(won, seen) <= base_rate:
            break
        floor = low
    return min(max(floor, LOWEST), HIGHEST)


def _bands(pairs: Sequence[tuple[float, bool]]) -> list[tuple[float, int, int]]:
    """Lower edge, successes and pairs of each band of similarity, rising."""
    sums: dict[int, list[int]] = {}
    for similarity, is_right in pairs:
        band = sums.setdefault(int(similarity / WIDTH + 1e-9), [0, 0])
        band[0] += is_right
        band[1] += 1
    return [(round(band * WIDTH, 2), won, seen) for band, (won, seen) in sorted(sums.items())]


def _monotone(bands: Sequence[tuple[float, int, int]]) -> list[tuple[float, float, int]]:
    """The same with shares that never fall as similarity rises: neighbours that do are pooled."""
    pooled: list[tuple[list[float], float, int]] = []
    for low, won, seen in bands:
        group, right, total = [low], float(won), seen
        while pooled and pooled[-1][1] * total > right * pooled[-1][2]:
            lows, before, count = pooled.pop()
            group, right, total = [*lows, *group], right + before, total + count
        pooled.append((group, right, total))
    return [(low, right, total) for group, right, total in pooled for low in group]


def _surely(won: float, seen: int) -> float:
    """Lower end of Wilson's interval of a share."""
    share, z = won / seen, SURE**2 / seen
    return (share + z / 2 - SURE * sqrt(share * (1 - share) / seen + z / (4 * seen))) / (1 + z)
