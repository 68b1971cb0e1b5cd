"""[pure] Which passage of a text says what was asked: the one with most of the question's words."""

import re
from collections.abc import Sequence
from typing import Final

from lakehouse.index.chunk import Chunk

WORD: Final = re.compile(r"\w+")
STEM: Final = 5
"""Letters by which two words are taken for the same: plurals and endings mostly come later."""


def best_passage(text: str, question: str, pieces: Sequence[Chunk]) -> Chunk:
    """The piece with the most different words of the question, the earlier of two alike.

    Args:
        pieces: at least one, in order.
    """
    wanted = _stems(question)
    return max(pieces, key=lambda piece: (len(wanted & _stems(text[piece.start : piece.end])), -piece.number))


def _stems(text: str) -> set[str]:
    return {word[:STEM] for word in WORD.findall(text.casefold())}
