"""[pure] Long texts become passages: each fits the model and, if it can, ends where a sentence ends.

Pieces come from `semchunk` (paragraphs, then sentences, then clauses, then words), small neighbours are put
together again, and each passage but the first then begins a little earlier, at a sentence or else a word. Its
own overlap is left off: it cuts a text into pieces of the overlap's size first, at no sentence's end.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from lakehouse.base.errors import Invalid

SIZE: Final = 200
"""Tokens of a passage. MiniLM sees 256, and its vectors blur beyond a few sentences."""

OVERLAP: Final = 20

WINDOW: Final = 50_000
"""Characters that are cut at a time: `semchunk` calls itself once for every length of a run of spaces."""

WORD_START: Final = re.compile(r"(?<=\s)\S")
SENTENCE_START: Final = re.compile(r"(?<=[.!?…;:]\s)\S|(?<=\n)\S")

TOKEN_CHARS: Final = 12
"""Characters in which a token of overlap is looked for; a word and its space are hardly ever longer."""

Count = Callable[[str], int]
"""Tokens of a text. A longer text has no fewer."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Chunk:
    """One passage: `text[start:end]`, without space around it."""

    number: int
    """From 0, in the order of the text."""

    start: int
    end: int


def split(text: str, *, size: int = SIZE, overlap: int = OVERLAP, count: Count) -> tuple[Chunk, ...]:
    """The passages of a text; together they hold every character of it that is no space.

    Args:
        size: tokens of a passage at most; only a single character can have more.
        overlap: tokens at most by which a passage reaches back into the one before.
        count: the tokens of a text, as the model cuts it.

    Raises:
        Invalid: the size is below 1, or the overlap is not below the size.

    Cost: one count where the text fits, else about ten counts of `size` tokens a passage.
    """
    if size < 1 or not 0 <= overlap < size:
        raise Invalid("the overlap must be below the size", hint="leave them at 200 and 20", size=size)
    whole = _trimmed(text, (0, len(text)))
    if whole[0] == whole[1]:
        return ()
    # Counting a book to learn that it is no single passage would cost more than cutting it.
    if len(text) <= size * TOKEN_CHARS * 2 and count(text[slice(*whole)]) <= size:
        return (Chunk(0, *whole),)
    spans = list(_merged(text, _pieces(text, size - overlap, count), size - overlap, count))
    chunks = [Chunk(0, *spans[0])]
    for number in range(1, len(spans)):
        start = _reached_back(text, chunks[-1], spans[number], (size, overlap), count)
        chunks.append(Chunk(number, start, spans[number][1]))
    return tuple(chunks)


def _pieces(text: str, size: int, count: Count) -> Iterator[Span]:
    from semchunk.semchunk import chunk as cut

    start = 0
    while start < len(text):
        end = _window_end(text, start)
        # Without memoisation, which would keep every text that was ever cut.
        found = cut(text[start:end], size, count, memoize=False, offsets=True)
        spans = found[1] if isinstance(found, tuple) else ()
        yield from (_trimmed(text, (start + first, start + last)) for first, last in spans)
        start = end


def _window_end(text: str, start: int) -> int:
    end = start + WINDOW
    if end >= len(text):
        return len(text)
    last = next((m.start() for m in re.finditer(r"\s", text[end - 1 : start + WINDOW // 2 : -1])), None)
    return end if last is None else end - last


def _merged(text: str, spans: Iterator[Span], size: int, count: Count) -> Iterator[Span]:
    """Neighbours that fit together as one; cutting leaves single brackets and ends of paragraphs."""
    held = next(spans)
    for span in spans:
        if count(text[held[0] : span[1]]) <= size:
            held = (held[0], span[1])
        else:
            yield held
            held = span
    yield held


def _reached_back(text: str, before: Chunk, span: Span, limits: tuple[int, int], count: Count) -> int:
    """Where a passage begins so that it overlaps `before`: at a sentence, else at a word."""
    size, overlap = limits
    start, end = span
    first = max(before.start + 1, start - overlap * TOKEN_CHARS)
    for boundary in (SENTENCE_START, WORD_START):
        starts = [m.start() for m in boundary.finditer(text, first, start)]
        # Fits from some start on, for a shorter text has no more tokens.
        n = bisect_left(
            starts, True, key=lambda at: count(text[at:start]) <= overlap and count(text[at:end]) <= size
        )
        if n < len(starts):
            return starts[n]
    return start


def _trimmed(text: str, span: Span) -> Span:
    inner = text[slice(*span)].rstrip()
    end = span[0] + len(inner)
    return end - len(inner.lstrip()), end
