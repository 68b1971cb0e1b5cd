"""[pure] Do two texts say the same? Exactly, nearly, one within the other, or in other words.

Likeness alone cannot tell: "ask welders for the card" and "ask electricians for the card" are more alike than
two wordings of one rule. So where two texts are one frame (the same words in the same order) with something
else filled in, what is filled in decides: another number, another name, a denial, an opposite, two words that
changed places make another lesson, and vectors must all but coincide.
"""

from difflib import SequenceMatcher
from typing import Final, Literal

from lakehouse.matrix.bullets.hygiene.wording import Wording
from lakehouse.matrix.bullets.params import BulletParams
from lakehouse.search.terms import OPPOSITES

How = Literal["exact", "near", "contained", "rephrased", "similar"]
"""contained: the new text stands in the old one. similar: perhaps in other words, or with more around it; a
person or a judge must look."""

FRAME: Final = (0.4, 0.7)
"""Share of words in common order from which two texts begin to be one frame, and are one."""

HIGHEST: Final = 0.97
"""The cosine that is asked of texts of one frame."""

SPELLING: Final = 0.72
"""Ratio of letters in common from which two words are one, written differently."""

WHOLE: Final = 40
"""Characters that a text needs to be looked for inside a longer one."""


def same(new: Wording, old: Wording, *, cosine: float | None, params: BulletParams) -> How | None:
    """How two texts say the same; None: they do not.

    Args:
        cosine: of their vectors, where there are any.
    """
    if new.digest == old.digest:
        return "exact"
    order = SequenceMatcher(None, new.words, old.words, autojunk=False)
    frame = min(max((order.ratio() - FRAME[0]) / (FRAME[1] - FRAME[0]), 0.0), 1.0)
    if _names_differ(new, old, is_frame=frame > 0) or _numbers_differ(new, old, is_frame=frame > 0):
        return None
    if frame and (_denies(new, old) or _reverses(new, old) or _swaps(new, old, order)):
        return None
    only_new, only_old = _unmatched(new, old)
    if not (only_new and only_old):
        if max(jaccard(new.shingles, old.shingles), _spelled(new, old)) >= params.shingles:
            return "near"
        if _is_contained(new, old, params):
            # What stands around a known text may be new, and a link would lose it.
            return "contained" if len(new.shingles) <= len(old.shingles) else "similar"
    if cosine is None or cosine < params.cosine + (HIGHEST - params.cosine) * frame:
        return None
    return "rephrased" if cosine >= params.cosine_sure and not frame else "similar"


def jaccard(one: frozenset[str], two: frozenset[str]) -> float:
    """Shared members of all members, 0 to 1."""
    return len(one & two) / max(len(one | two), 1)


def _numbers_differ(new: Wording, old: Wording, *, is_frame: bool) -> bool:
    """Do they count differently? Outside of a frame only figures tell: two may also be both, twice, a
    pair."""
    if is_frame:
        return new.claims.numbers != old.claims.numbers
    written = [{word for word in one.words if word.isdigit()} for one in (new, old)]
    return bool(written[0] - old.claims.numbers or written[1] - new.claims.numbers)


def _names_differ(new: Wording, old: Wording, *, is_frame: bool) -> bool:
    """Do they name different things? Outside of a frame one may name what the other leaves open."""
    missing = [
        any(not _has_spelling(name, other.claims.words) for name in one.claims.names)
        for one, other in ((new, old), (old, new))
    ]
    return any(missing) if is_frame else all(missing)


def _unmatched(new: Wording, old: Wording) -> tuple[set[str], set[str]]:
    """Content words of each that the other has in no spelling."""
    only_new = {word for word in new.content - old.content if not _has_spelling(word, old.content)}
    only_old = {word for word in old.content - new.content if not _has_spelling(word, new.content)}
    return only_new, only_old


def _spelled(new: Wording, old: Wording) -> float:
    """Jaccard index of content words, where words that are one but for their spelling are one."""
    only_new, only_old = _unmatched(new, old)
    shared = max(len(new.content), len(old.content)) - max(len(only_new), len(only_old))
    return shared / max(shared + len(only_new) + len(only_old), 1)


def _has_spelling(word: str, others: frozenset[str]) -> bool:
    return any(_is_spelling(word, other) for other in others)


def _is_spelling(one: str, two: str) -> bool:
    if one == two:
        return True
    if min(len(one), len(two)) < 4 or abs(len(one) - len(two)) > 3 or one.isdigit() or two.isdigit():
        return False
    if one[:1] != two[:1] and one[-2:] != two[-2:]:
        return False
    return SequenceMatcher(None, one, two, autojunk=False).ratio() >= SPELLING


def _denies(new: Wording, old: Wording) -> bool:
    """Does one deny what the other affirms?"""
    a, b = new.claims, old.claims
    if bool(a.denied) != bool(b.denied):
        return True
    return bool((a.denied & b.affirmed) - b.denied or (b.denied & a.affirmed) - a.denied)


def _reverses(new: Wording, old: Wording) -> bool:
    """Does one say high where the other says low?"""
    a, b = new.claims, old.claims
    only_a, only_b = a.words - b.words, b.words - a.words
    return any(
        (_has_start(only_a, one) and _has_start(only_b, two))
        or (_has_start(only_a, two) and _has_start(only_b, one))
        for one, two in OPPOSITES
    )


def _swaps(new: Wording, old: Wording, order: SequenceMatcher[str]) -> bool:
    """Did words change places: small for greetings and large for contracts?"""
    replaced = [
        (set(new.words[a:b]) & new.content, set(old.words[c:d]) & old.content)
        for kind, a, b, c, d in order.get_opcodes()
        if kind == "replace"
    ]
    gone = [one for one, _ in replaced]
    return any(
        came & other and gone[place] & replaced[number][1]
        for place, (_, came) in enumerate(replaced)
        for number, other in enumerate(gone)
        if number != place
    )


def _has_start(words: frozenset[str], start: str) -> bool:
    return any(word == start or (len(start) > 4 and word.startswith(start)) for word in words)


def _is_contained(new: Wording, old: Wording, params: BulletParams) -> bool:
    short, long = sorted((new.shingles, old.shingles), key=len)
    if len(short) < WHOLE:
        return False
    return len(short & long) / len(short) >= params.contained
