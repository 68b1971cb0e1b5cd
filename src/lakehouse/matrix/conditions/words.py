"""[pure] A text as words with their places; when two words are the same word, or nearly."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

WORD: Final = re.compile(
    r"(?<![^\W_])[wW]/(?:[oO](?![^\W_]))?|\d{4}-\d{2}-\d{2}(?!\d)"
    r"|(?:\d+(?:,\d{3})+(?:\.\d+)?|\d+\.\d+)(?:[kK](?![^\W_]))?|[^\W_]+(?:['’][^\W\d_]+)?|\S"
)
NO_LETTER: Final = re.compile(r"[\W_]+")
SHORT: Final = {"w/": "with", "w/o": "without"}
TYPO_LETTERS: Final = 6
"""Shorter words are too near to others to be mended."""

ENDINGS: Final = ("ed", "er", "ers", "ing", "ly", "or", "al", "es")


@dataclass(frozen=True, slots=True)
class Word:
    """A word, a number, or one mark between them."""

    text: str
    start: int
    end: int
    key: str
    """In lower case, without accents, without 's; a mark is its own key."""

    is_word: bool


def fold(text: str) -> str:
    """`text` in lower case, without accents."""
    plain = text.casefold()
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return plain.replace("’", "'")


def split(text: str) -> tuple[Word, ...]:
    """The words and marks of a text, in order."""
    found = []
    for match in WORD.finditer(text):
        key = fold(match[0])
        key = SHORT.get(key, key)
        is_word = any(c.isalnum() for c in key)
        key = key.removesuffix("'s") if is_word else key
        found.append(Word(match[0], match.start(), match.end(), key, is_word))
    return tuple(found)


def squeeze(key: str) -> str:
    """Letters and digits only: OSHA-30, "OSHA 30" and osha30 are one."""
    return NO_LETTER.sub("", key)


@lru_cache(maxsize=16_384)
def singular(word: str) -> str:
    """A word without the ending of an English plural; the same for both numbers, not always a word."""
    if word[-1:] == "s" and word[-2:-1].isdigit():
        return word[:-1]
    if len(word) <= 3 or not word.isalpha():
        return word
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


@lru_cache(maxsize=65_536)
def akin(one: str, other: str) -> bool:
    """Are they forms of one word: available and availability, certified and certificates?"""
    if singular(one) == singular(other):
        return True
    shared = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    return (min(len(one), len(other)) if shared is None else shared) >= 7


def is_typo(said: str, meant: str) -> bool:
    """Is `said` one slip of the finger away: a letter too many, too few, wrong, or two swapped?

    Other forms of the word (welded, welder) are no slips.
    """
    if min(len(said), len(meant)) < TYPO_LETTERS or said == meant or said[0] != meant[0]:
        return False
    low = next((i for i, (a, b) in enumerate(zip(said, meant, strict=False)) if a != b), None)
    low = min(len(said), len(meant)) if low is None else low
    rest_said, rest_meant = said[low:], meant[low:]
    is_near = (
        rest_said[1:] == rest_meant[1:]
        or rest_said[1:] == rest_meant
        or rest_said == rest_meant[1:]
        or (rest_said[:2] == rest_meant[1::-1] and rest_said[2:] == rest_meant[2:])
    )
    is_form = low >= len(meant) - 2 and said.endswith(ENDINGS)
    return is_near and not is_form
