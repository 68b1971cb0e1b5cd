"""[pure] Where the sentences of a passage begin and end, by plain rules.

A candidate is a mark that may end a sentence, or a line break; rules then say which candidates do not: an
abbreviation, an initial, a number, a lower-case word that goes on, a line that was only wrapped. When in
doubt the text stays whole: a citation that shows too much is better than one cut short of its meaning.
"""

import re
from typing import Final, NamedTuple

MARK: Final = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s)|[。！？]+[」』）]*|\n\s*")
"""What may end a sentence. The marks of Chinese and Japanese need no space after them."""

BULLET: Final = re.compile(r"(?:[-*•·–—▪◦]|\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,4})[.)])\s+")
WORD_BEFORE: Final = re.compile(r"[\w.&'’-]+$")
NEXT: Final = re.compile(r"[\"'“‘«(\[]*(\w?)")
INITIALS: Final = re.compile(r"(?:[A-Za-z]\.)*[A-Za-z]")
"""A single letter or letters with dots between: J., U.S., e.g., p.m. (the last dot is the mark)."""

TITLES: Final = re.compile(
    "adm|capt|cf|dr|ft|gen|gov|hon|lt|maj|messrs|mr|mrs|ms|mt|prof|rep|rev|sen|sgt|st|viz|vs", re.IGNORECASE
)
"""Without their dot, as all below: a name or a noun follows, so they end nothing."""

NUMBERED: Final = re.compile(
    "apr|art|aug|ch|col|dec|eqs?|feb|figs?|jan|jul|jun|mar|nos?|nov|oct|op|pl|pp|refs?|sect?|sept?|tab|tel|vols?",
    re.IGNORECASE,
)
"""Before a number they end nothing; else they are words like any other."""

CLOSING: Final = re.compile("al|approx|assn|ave|blvd|bros|co|corp|dept|est|etc|inc|jr|ltd|sr", re.IGNORECASE)
"""They end a sentence only before a capital."""

WRAPPED: Final = 50
"""Characters from which a line is long enough to have been broken by its width and not by its meaning."""


class Span(NamedTuple):
    """A piece of a text."""

    start: int
    end: int
    """Excluded."""


def spans(text: str) -> tuple[Span, ...]:
    """Every sentence in order, without the space around it; together they hold every character but space.

    A heading, a bullet and a line of a list are sentences of their own. A piece without a letter or digit
    belongs to the sentence before it.
    """
    is_lower = text == text.lower()  # such a text shows no sentence by its capital
    found: list[Span] = []
    start = 0
    ends = [
        m.end() for m in MARK.finditer(text) if _ends(text, start=m.start(), end=m.end(), is_lower=is_lower)
    ]
    for end in (*ends, len(text)):
        piece = text[start:end]
        if piece.strip():
            first = start + len(piece) - len(piece.lstrip())
            last = start + len(piece.rstrip())
            if found and not any(map(str.isalnum, piece)):
                found[-1] = Span(found[-1].start, last)
            else:
                found.append(Span(first, last))
        start = end
    return tuple(found)


def _ends(text: str, *, start: int, end: int, is_lower: bool) -> bool:
    if text[start] == "\n":
        return _line_ends(text, start=start, end=end)
    if text[start] != "." or text[start:end].startswith(".."):
        return not _goes_on(text, end, is_lower=is_lower)
    line = text.rfind("\n", 0, start) + 1
    if BULLET.fullmatch(text[line : start + 2].lstrip()):  # the dot of "1." opens a line
        return False
    before = WORD_BEFORE.search(text, max(0, start - 40), start)
    word = before.group() if before else ""
    if _is_short(word, text, end):
        return False
    return not _goes_on(text, end, is_lower=is_lower)


def _is_short(word: str, text: str, end: int) -> bool:
    """The dot belongs to the word before it and does not end a sentence."""
    following = NEXT.match(text, _skip(text, end))
    first = following.group(1) if following else ""
    if INITIALS.fullmatch(word) and word not in ("I", "a"):
        return True  # J. Smith, e.g. this; "in the U.S. They left" may be two, and is kept as one
    return bool(
        TITLES.fullmatch(word)
        or (NUMBERED.fullmatch(word) and first.isdigit())
        or (CLOSING.fullmatch(word) and not first.isupper())
    )


def _goes_on(text: str, end: int, *, is_lower: bool) -> bool:
    following = NEXT.match(text, _skip(text, end))
    return bool(following and following.group(1).islower() and not is_lower)


def _line_ends(text: str, *, start: int, end: int) -> bool:
    """A blank line, a bullet or a short line ends a sentence; a line broken by its width does not."""
    if text.count("\n", start, end) > 1 or BULLET.match(text, end):
        return True
    line = text[text.rfind("\n", 0, start) + 1 : start]
    first = text[end : end + 1]
    return not first.islower() and (len(line) < WRAPPED or line.rstrip().endswith(":"))


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at
