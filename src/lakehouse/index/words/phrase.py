"""[pure] What a person typed: words, "exact phrases", fuzzy words with a tilde, exclusions with a minus.

    forklift operator "night shift" recruter~ -temporary -"no weekends"

Anything typed means something: a sign in a place where it can have no meaning is read as a space. In a text
as long as prose, signs are those of prose: quotes around a term, dashes before the items of a list.
"""

import re
from dataclasses import dataclass
from typing import Final

from lakehouse.base.errors import Invalid

STRAIGHT: Final = str.maketrans("“”„‟", '""""')

QUOTED: Final = re.compile(r'(?<![^\s(\[,;])(?P<minus>-?)"(?P<phrase>[^"]*)"(?![^\s.,;:!?)\]])')
"""Quotes open after a space and close before one or a stop, so that 6" and 5'10" stay measures."""

FUZZY: Final = re.compile(r"(?P<word>.*\w)~(?P<distance>\d?)\W*")
EXCLUDED: Final = re.compile(r"-(?P<word>\w.*)")
HAS_WORD: Final = re.compile(r"[^\W_]")

FARTHEST: Final = 2
"""Edits that a fuzzy word may be away; more would match half of the dictionary."""

PROSE_WORDS: Final = 50
"""From here on a query is a pasted text, and its signs ask for nothing. CISI, where half of the judged
queries are that long: nDCG@10 .387 with the signs, .417 without; the number was set by looking at CISI."""


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """A word that may be misspelt."""

    word: str
    distance: int
    """Edits (Levenshtein, a swap counts one): 1 or 2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The parts of a query, as typed, in order; words may repeat, which gives them weight."""

    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    """Every one must occur."""

    fuzzy: tuple[Fuzzy, ...] = ()
    excluded: tuple[str, ...] = ()
    """Words and phrases, none of which may occur."""


def parse(text: str) -> Asked:
    """The parts of what a person typed.

    Raises:
        Invalid: there is no letter and no digit in it.
    """
    # Half a surrogate pair is no character; it can come out of JSON, and no index takes it.
    said = text.encode("utf-8", "replace").decode("utf-8").translate(STRAIGHT)
    plain = [word for word in said.replace('"', " ").split() if HAS_WORD.search(word)]
    if len(plain) >= PROSE_WORDS:
        return Asked(words=tuple(plain))
    quoted = [m for m in QUOTED.finditer(said) if HAS_WORD.search(m["phrase"])]
    loose = [word for word in QUOTED.sub(" ", said).replace('"', " ").split() if HAS_WORD.search(word)]
    if not quoted and not loose:
        raise Invalid("the query has no words", hint="ask for at least one word")
    excluded = [m["word"] for word in loose if (m := EXCLUDED.fullmatch(word))]
    wanted = [word for word in loose if not EXCLUDED.fullmatch(word)]
    return Asked(
        words=tuple(word for word in wanted if not FUZZY.fullmatch(word)),
        phrases=tuple(m["phrase"].strip() for m in quoted if not m["minus"]),
        fuzzy=tuple(_fuzzy(m) for word in wanted if (m := FUZZY.fullmatch(word))),
        excluded=(*excluded, *(m["phrase"].strip() for m in quoted if m["minus"])),
    )


def meant(text: str) -> str:
    """What meaning is asked for: the text itself, or where something is excluded, all but that; may be empty.

    Raises:
        Invalid: there is no letter and no digit in it.
    """
    if not parse(text).excluded:
        return text
    kept: list[str] = []
    # Split at what is quoted: a text outside, a minus or none, a phrase, a text outside, …
    for at, part in enumerate(pieces := QUOTED.split(text.translate(STRAIGHT))):
        if at % 3 == 0:
            kept += [word for word in part.split() if not EXCLUDED.fullmatch(word)]
        elif at % 3 == 2 and not pieces[at - 1]:
            kept.append(part.strip())
    return " ".join(kept)


def _fuzzy(found: re.Match[str]) -> Fuzzy:
    return Fuzzy(found["word"], min(max(int(found["distance"] or 1), 1), FARTHEST))
