"""[pure] People who look for work, as numbers: who can do what, where, for how much, and how dependable.

`reliability` and `archetype` are hidden truths. They are never a column of a table; they only steer what
happens later. The pay formula of the trade (base + 4 x reliability + bonus) would give reliability away, so
pay uses an impression of it that is two fifths truth and three fifths noise: within a trade pay and
reliability correlate at about 0.25.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from lakehouse.staffing.dice import Bools, Dice, Floats, Ints
from lakehouse.staffing.people import CITIES
from lakehouse.staffing.trades import TRADES
from lakehouse.staffing.words import SHIFT_WEIGHTS

ARCHETYPES: Final = ("steady", "specialist", "leader", "reliable")
BONUS_CENTS: Final = np.array([0, 400, 300, 100])
SKILL_MASKS: Final = np.array([mask for mask in range(256) if 3 <= mask.bit_count() <= 5])
BASE_CENTS: Final = np.array([trade.base * 100 for trade in TRADES])
CERTIFICATE_ODDS: Final = np.array([[percent / 100 for _, percent in t.certificates] for t in TRADES])

ACTIVE, INACTIVE, BLOCKED = range(3)


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Some candidates; every array has one entry for each."""

    dice: Dice
    trade: Ints
    """Index into `TRADES`."""
    city: Ints
    """Index into `CITIES`."""
    certificates: Ints
    """Bit j: holds the j-th certificate of the trade."""
    skills: Ints
    """Bit j: has the j-th skill of the trade; three to five are set."""
    years: Ints
    shift: Ints
    status: Ints
    bench: Bools
    """May ever be placed; the others are known to us and no more."""
    pay_cents: Ints
    reliability: Floats
    """Hidden: 0.2 to 1."""
    archetype: Ints
    """Hidden: index into `ARCHETYPES`."""


def draw(rows: Ints, *, seed: int) -> People:
    """The candidates with these row numbers; each depends on `seed` and its own number only."""
    dice = Dice(seed=seed, table="candidates", rows=rows)
    trade = trade_of(dice)
    reliability = _leaning_high(dice, "reliability")
    archetype = _archetype(dice, reliability)
    impression = 0.4 * reliability + 0.6 * _leaning_high(dice, "impression")
    status = dice.weighted("status", (90, 8, 2))
    seniority = dice.unit("years")
    return People(
        dice=dice,
        trade=trade,
        city=dice.weighted("city", [c.weight for c in CITIES]),
        certificates=_certificates(dice, trade),
        skills=SKILL_MASKS[dice.pick("skills", len(SKILL_MASKS))],
        years=1 + (seniority * seniority * 30).astype(np.int64),
        shift=dice.weighted("shift", SHIFT_WEIGHTS),
        status=status,
        bench=(status == ACTIVE) & dice.chance("bench", 0.45),
        pay_cents=BASE_CENTS[trade] + (400 * impression).astype(np.int64) + BONUS_CENTS[archetype],
        reliability=reliability,
        archetype=archetype,
    )


def trade_of(dice: Dice) -> Ints:
    """The trades of the candidates whose dice these are."""
    return dice.weighted("trade", [t.weight for t in TRADES])


def _leaning_high(dice: Dice, stream: str) -> Floats:
    # The larger of two even numbers: most people are dependable, with a tail that is not.
    return 0.2 + 0.8 * np.maximum(dice.unit(stream), dice.unit(stream + " again"))


def _archetype(dice: Dice, reliability: Floats) -> Ints:
    lot = dice.unit("archetype")
    return np.select([lot < 0.12, lot < 0.2, lot < 0.2 + 0.3 * reliability], [1, 2, 3], 0).astype(np.int64)


def _certificates(dice: Dice, trade: Ints) -> Ints:
    odds = CERTIFICATE_ODDS[trade]
    bits = [dice.chance(f"certificate {j}", odds[:, j]).astype(np.int64) << j for j in range(odds.shape[1])]
    mask: Ints = np.sum(bits, axis=0, dtype=np.int64)
    return mask
