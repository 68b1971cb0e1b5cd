"""[pure] A passage on a screen: the part that answers, the question's words in it, and no more than fits."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lakehouse.edge.cli import fit

WORD: Final = re.compile(r"\w+")
STEM: Final = 5
"""Letters by which two words are taken for the same: plurals and endings mostly come later."""

FUNCTION_WORDS: Final = """
a an and are as at be but by for from has have he her his how i if in into is it its me my not of on or our
she so than that the their them they this to us was we were what when where which who why will with you your
"""
"""Not worth marking: they stand in every passage."""

ELLIPSIS: Final = "…"
STEP: Final = 8
"""Words between two beginnings that are tried when a passage is cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A text as it is printed."""

    text: str
    marks: tuple[tuple[int, int], ...]
    """Where words of the question stand in it, ends excluded."""


def shown(text: str, question: str, *, room: int) -> Shown:
    """`text` on one line, cut to `room` characters around the words of the question.

    Args:
        room: of the whole, with the signs that say that something was left out.
    """
    plain = fit.clean(" ".join(text.split()))
    wanted = stems(question)
    cut = _cut(plain, wanted, room)
    return Shown(text=cut, marks=tuple(marks(cut, wanted)))


def stems(question: str) -> frozenset[str]:
    """The words of a question that are worth marking, by their first letters."""
    words = (word.casefold() for word in WORD.findall(question))
    return frozenset(word[:STEM] for word in words if word not in FUNCTION_WORDS.split())


def marks(text: str, wanted: frozenset[str]) -> Sequence[tuple[int, int]]:
    """Where words stand that the question has too."""
    return [found.span() for found in WORD.finditer(text) if found[0].casefold()[:STEM] in wanted]


def _cut(text: str, wanted: frozenset[str], room: int) -> str:
    if len(text) <= room:
        return text
    words = list(WORD.finditer(text))
    starts = [0, *(word.start() for word in words[::STEP])]
    space = max(room - 2 * len(ELLIPSIS), 1)
    # The beginning says what a row is about: it gives way to what says more than one word more.
    start = max(starts, key=lambda at: (_worth(text[at : at + space], wanted) + (not at), -at))
    piece = text[start : start + space]
    if start + space < len(text) and " " in piece:
        piece = piece[: piece.rindex(" ")]
    before = ELLIPSIS if start else ""
    after = ELLIPSIS if start + len(piece) < len(text) else ""
    return before + piece.strip() + after


def _worth(text: str, wanted: frozenset[str]) -> int:
    return len({found[0].casefold()[:STEM] for found in WORD.finditer(text)} & wanted)
