"""[pure] Words that turn a statement round, weaken it, or take the turning back."""

from collections.abc import Sequence
from typing import Final, Literal

from lakehouse.matrix.conditions import speech
from lakehouse.matrix.conditions.pieces import Piece

Cue = Literal["phrase", "prefix", "clause", "neutral", "soft"]
"""phrase: negates the noun phrase after it. prefix: negates the next value. clause: negates what follows,
also past a preposition. neutral: looks like a negation and is none. soft: a wish follows, no condition."""

Phrases = dict[tuple[str, ...], Cue]


def _phrases(cue: Cue, text: str) -> Phrases:
    return {tuple(phrase.split()): cue for phrase in text.replace("\n", " ").split(", ")}


def _listed(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(phrase.split()) for phrase in text.split(", "))


PHRASES: Final[Phrases] = {
    **_phrases(
        "phrase",
        "no, without, w / o, w/o, sans, lacking, lacks, lack, lacked, minus, excluding, exclude, "
        "excludes, excluded, "
        "except, except for, excepting, other than, apart from, aside from, anywhere but, anyone "
        "but, anybody but, "
        "anything but, everyone but, everybody but, everything but, everywhere but, all but, any "
        "but, instead of, "
        "rather than, outside, outside of, away from, avoid, avoiding, omit, omitting, skip, "
        "skipping, ignore, "
        "ignoring, free of, rid of, get rid of, neither, nor, non, none of, not including, leave "
        "out, leaving out, rule "
        "out, drop, "
        "missing, with the exception of, far from, save for, barring, but no, but never, remove, "
        "hide, filter out",
    ),
    **_phrases(
        "clause",
        "not, never, nobody, nothing, nowhere, none, cannot, cant, dont, doesnt, didnt, isnt, arent, wasnt, "
        "wont, hasnt, "
        "havent, no one, no longer, no body, rather not, but not",
    ),
    **_phrases(
        "neutral",
        "not only, not just, not merely, not simply, no matter, no problem, not sure, why not, or not, "
        "whether or not, not far from, no later, nobody but, no one but, none but, nothing but, not "
        "least, no doubt, not to mention, "
        "last but not least, if not, not a problem",
    ),
    **_phrases(
        "soft",
        "preferably, ideally, optionally, maybe, perhaps, possibly, bonus if, bonus for, nice to "
        "have, no need for, no need of, "
        "not necessarily, not limited to, not strictly, regardless of, whether, irrespective of, "
        "would be nice, "
        "don't mind, do not mind, don't care about, do not care about, happy with or without, with "
        "or without, "
        "in or out of, in or outside, in or near, prefer, preferring, preference for, doesn't matter "
        "if, does not matter if, "
        "don't have to be, do not have to be, doesn't have to be, does not have to be, need not be, "
        "don't have to have, doesn't have to have, does not have to have, need not have, needn't "
        "have, needn't be, "
        "no requirement for, even",
    ),
}
LONGEST: Final = max(map(len, PHRASES))
WEAKENED: Final = speech.bag(
    "need require needed requires exclude excluding excluded avoid skip ignore mind care insist "
    "limit restrict rule "
    "necessarily limited"
)
"""After "not": what follows is neither asked for nor ruled out."""

AFTER_SOFT: Final = _listed(
    "not required, not needed, not necessary, not mandatory, not a must, not essential, not "
    "important, optional, "
    "a plus, a bonus, an advantage, nice to have, preferred, would be nice, would be a plus, if "
    "possible, "
    "doesn't matter, does not matter, isn't required, isn't needed, isn't necessary, aren't required, "
    "aren't needed, is a plus, are a plus, not relevant, irrelevant, desirable, isn't a must, "
    "not compulsory, not obligatory"
)
AFTER_NO: Final = speech.bag("required needed necessary mandatory requirement")
AFTER_NEGATIVE: Final = _listed(
    "excluded, not allowed, not acceptable, not ok, not okay, not wanted, not welcome, not an "
    "option, unacceptable, "
    "need not apply, not suitable, won't do, will not do, prohibited, off limits, off the table, "
    "ruled out, banned, "
    "isn't an option, aren't an option, isn't acceptable, aren't acceptable, aren't wanted, "
    "aside, forbidden, free, missing, both missing, all missing, lacking, absent"
)
ELLIPTIC: Final = speech.bag("isn't aren't not doesn't don't")
"""At the end of a clause: what was said of another value does not hold of this one."""

MUST: Final = speech.bag("must required needed necessary mandatory essential")
LINKS: Final = speech.bag("is are was were be would will should must they that's it's it")
"""Between a value and what is said of it."""


def keys(pieces: Sequence[Piece], start: int, length: int) -> tuple[str, ...] | None:
    """The words of these pieces, if all are words."""
    found = tuple(p.key for p in pieces[start : start + length])
    return found if len(found) == length and all(found) else None


def at(pieces: Sequence[Piece], start: int) -> tuple[Cue, int] | None:
    """The longest cue that begins with this piece, and how many pieces it takes."""
    for length in range(LONGEST, 0, -1):
        phrase = keys(pieces, start, length)
        if phrase and phrase in PHRASES:
            return _weakened(pieces, start, length, PHRASES[phrase])
    key = pieces[start].key
    if key.endswith("n't"):
        return _weakened(pieces, start, 1, "clause")
    if key == "-" and not pieces[start].is_glued and _next_is_value(pieces, start):
        return "prefix", 1
    return _all_but(pieces, start)


def _all_but(pieces: Sequence[Piece], start: int) -> tuple[Cue, int] | None:
    """ "Any colour but" and the like."""
    following = pieces[start : start + 3]
    is_found = (
        len(following) == 3
        and following[0].key in {"any", "all", "every"}
        and not following[1].value
        and following[2].key in {"but", "except"}
    )
    return ("phrase", 3) if is_found else None


def _weakened(pieces: Sequence[Piece], start: int, length: int, cue: Cue) -> tuple[Cue, int]:
    after = start + length
    while (
        cue == "clause"
        and after < len(pieces)
        and pieces[after].key in {"to", "be", "strictly", "really", "have"}
    ):
        after += 1
    if cue == "clause" and after < len(pieces) and pieces[after].key in WEAKENED:
        return "soft", after + 1 - start
    if (
        cue == "phrase"
        and pieces[start].key == "non"
        and start + 1 < len(pieces)
        and pieces[start + 1].key == "-"
    ):
        length += 1
    return ("prefix" if pieces[start].key == "non" else cue), length


def _next_is_value(pieces: Sequence[Piece], start: int) -> bool:
    return start + 1 < len(pieces) and pieces[start + 1].value is not None and pieces[start + 1].is_glued


def after(pieces: Sequence[Piece], start: int) -> tuple[Literal["soft", "negative"], int] | None:
    """What is said of a value right behind it, and how many pieces that takes."""
    i = start
    while i < len(pieces) and (
        pieces[i].key in LINKS or pieces[i].noun or pieces[i].key in {"card", "-", "training"}
    ):
        i += 1
    if (
        i < len(pieces)
        and pieces[i].key in ELLIPTIC
        and (i + 1 == len(pieces) or pieces[i + 1].key in speech.ENDS)
    ):
        is_must = any(piece.key in MUST for piece in pieces[:start])
        return ("soft" if is_must else "negative"), i + 1 - start
    kinds: tuple[tuple[Literal["soft", "negative"], tuple[tuple[str, ...], ...]], ...] = (
        ("soft", AFTER_SOFT),
        ("negative", AFTER_NEGATIVE),
    )
    for kind, phrases in kinds:
        for phrase in phrases:
            for place in range(start, i + 1):  # a phrase may begin with a link: "would be nice"
                if keys(pieces, place, len(phrase)) == phrase and _is_said(pieces, place, phrase):
                    return kind, place + len(phrase) - start
    return None


def _is_said(pieces: Sequence[Piece], i: int, phrase: tuple[str, ...]) -> bool:
    """ "Rubber-free" but not "free now", "OSHA-10 missing" but not "OSHA-10, missing CPR".

    "Gary will not do" but not "will not do nights".
    """
    if phrase == ("free",):
        return pieces[i].is_glued
    end = i + len(phrase)
    is_open = phrase[-1] in {"missing", "lacking", "absent", "do"}
    return not is_open or end >= len(pieces) or pieces[end].key in {",", *speech.ENDS}
