"""[pure] Resumes of 60 to 120 words that agree with the columns and say them in other words.

Every sentence is looked up in a list written out in advance, so a million resumes cost a few lookups each.
A resume has five parts that are always there (opener, duty, skills, certificates, home and shift) and four
that are added while there is room: what the person lacks, a second duty, a closing, and a filler.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lakehouse.staffing.dice import Bools, Ints
from lakehouse.staffing.people import CITIES
from lakehouse.staffing.trades import TRADES, Trade
from lakehouse.staffing.words import (
    CERTIFICATES,
    CLOSINGS,
    FILLERS,
    HOME_SENTENCES,
    NUMBER_WORDS,
    SHIFT_SENTENCES,
)
from lakehouse.staffing.workforce import People

MIN_WORDS: Final = 60
MAX_WORDS: Final = 120
YEARS: Final = 31
"""Years of experience stay below this."""
SKILL_SETS: Final = 256
CERTIFICATE_SETS: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """A list of sentences and the number of words in each."""

    texts: pa.Array
    words: Ints


def phrases(texts: Iterable[str | None]) -> Phrases:
    """`texts` as a list to look sentences up in; None is a sentence of no words."""
    listed = list(texts)
    return Phrases(
        texts=pa.array(listed, pa.string()), words=np.array([len((text or "").split()) for text in listed])
    )


def enumerate_words(items: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def chosen(items: Sequence[str], mask: int) -> list[str]:
    """The items whose bit is set in `mask`."""
    return [item for j, item in enumerate(items) if mask >> j & 1]


@cache
def openers() -> Phrases:
    """At (trade * 6 + variant) * YEARS + years."""
    return phrases(
        _opened(opener, variant, years)
        for trade in TRADES
        for variant, opener in enumerate(trade.openers)
        for years in range(YEARS)
    )


def _opened(opener: str, variant: int, years: int) -> str:
    number = NUMBER_WORDS[years] if variant % 2 and years < len(NUMBER_WORDS) else str(years)
    text = opener.format(years=f"{number} {'year' if years == 1 else 'years'}")
    return text[0].upper() + text[1:]


@cache
def duties() -> Phrases:
    """At trade * 6 + variant."""
    return phrases(duty for trade in TRADES for duty in trade.duties)


@cache
def skill_sentences() -> Phrases:
    """At (trade * SKILL_SETS + mask) * 3 + variant: by keyword, in other words, half and half."""
    return phrases(
        text for trade in TRADES for mask in range(SKILL_SETS) for text in _skill_sentences(trade, mask)
    )


def _skill_sentences(trade: Trade, mask: int) -> tuple[str | None, ...]:
    pairs = [trade.skills[j] for j in range(len(trade.skills)) if mask >> j & 1]
    if not pairs:
        return (None,) * 3
    mixed = [pair[i % 2] for i, pair in enumerate(pairs)]
    return (
        f"Skills: {enumerate_words([word for word, _ in pairs])}.",
        f"I am good at {enumerate_words([said for _, said in pairs])}.",
        f"Comfortable with {enumerate_words(mixed)}.",
    )


@cache
def certificate_sentences() -> Phrases:
    """At (trade * CERTIFICATE_SETS + mask) * 2 + variant."""
    return phrases(
        text
        for trade in TRADES
        for mask in range(CERTIFICATE_SETS)
        for text in _certificate_sentences(trade, mask)
    )


def _certificate_sentences(trade: Trade, mask: int) -> tuple[str, str]:
    names = chosen([name for name, _ in trade.certificates], mask)
    if not names:
        return "No certificates so far, only practice.", "I hold no papers yet and would like to earn some."
    return (
        f"I have {enumerate_words([CERTIFICATES[name].have for name in names])}.",
        f"Papers: {enumerate_words(names)}.",
    )


@cache
def lacks() -> Phrases:
    """At (trade * CERTIFICATE_SETS + mask) * 6 + wish: a certificate that is not in the mask, if any."""
    return phrases(
        _lack(trade, mask, wish)
        for trade in TRADES
        for mask in range(CERTIFICATE_SETS)
        for wish in range(len(trade.certificates))
    )


def _lack(trade: Trade, mask: int, wish: int) -> str | None:
    size = len(trade.certificates)
    missing = [j % size for j in range(wish, wish + size) if not mask >> (j % size) & 1]
    return CERTIFICATES[trade.certificates[missing[0]][0]].lack if missing else None


@cache
def homes() -> Phrases:
    """At city * 4 + variant."""
    return phrases(
        text.format(city=city.name, state=city.state) for city in CITIES for text in HOME_SENTENCES
    )


@cache
def shifts() -> Phrases:
    """At shift * 3 + variant."""
    return phrases(text for variants in SHIFT_SENTENCES for text in variants)


@cache
def closings() -> Phrases:
    """Last sentences."""
    return phrases(CLOSINGS)


@cache
def fillers() -> Phrases:
    """Long sentences for resumes that are too short otherwise."""
    return phrases(FILLERS)


class _Page:
    """Resumes while they are being written: parts side by side, and the words so far."""

    def __init__(self, size: int) -> None:
        self.parts: list[pa.Array] = []
        self.words: Ints = np.zeros(size, dtype=np.int64)

    def add(self, phrases: Phrases, codes: Ints) -> None:
        self.add_if(phrases, codes, np.ones(len(codes), dtype=np.bool_))

    def add_if(self, phrases: Phrases, codes: Ints, wanted: Bools) -> None:
        # A part that would not fit is left out, so no resume ever passes the limit.
        added = phrases.words[codes]
        fits = wanted & (self.words + added <= MAX_WORDS)
        self.parts.append(phrases.texts.take(pa.array(codes, mask=~fits)))
        self.words = self.words + np.where(fits, added, 0)


def write(people: People) -> pa.Array:
    """One resume for each of `people`. Nothing in it depends on a hidden truth."""
    dice, trade = people.dice, people.trade
    page = _Page(len(trade))
    duty = dice.pick("duty", 6)
    sets = trade * CERTIFICATE_SETS + people.certificates
    page.add(openers(), (trade * 6 + dice.pick("opener", 6)) * YEARS + people.years)
    page.add(duties(), trade * 6 + duty)
    page.add(skill_sentences(), (trade * SKILL_SETS + people.skills) * 3 + dice.pick("skill sentence", 3))
    page.add(certificate_sentences(), sets * 2 + dice.pick("certificate sentence", 2))
    page.add(homes(), people.city * 4 + dice.pick("home", 4))
    page.add(shifts(), people.shift * 3 + dice.pick("shift sentence", 3))
    page.add_if(lacks(), sets * 6 + dice.pick("lack", 6), dice.chance("says lack", 0.4))
    page.add_if(
        duties(),
        trade * 6 + (duty + 1 + dice.pick("second duty", 5)) % 6,
        (page.words < MIN_WORDS) | dice.chance("says second duty", 0.8),
    )
    page.add_if(
        closings(),
        dice.pick("closing", len(CLOSINGS)),
        (page.words < MIN_WORDS) | dice.chance("says closing", 0.8),
    )
    for round_ in (0, 1):
        code = (dice.pick("filler", len(FILLERS)) + round_) % len(FILLERS)
        page.add_if(fillers(), code, page.words < MIN_WORDS)
    return pc.binary_join_element_wise(*page.parts, " ", null_handling="skip")
