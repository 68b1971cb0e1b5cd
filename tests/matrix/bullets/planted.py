"""Planted candidates: copies word for word, near copies, rewordings, clean ones; the same in every run."""

from collections.abc import Callable, Iterator, Sequence

from lakehouse.matrix.bullets.hygiene.wording import read
from tests.matrix.bullets.pairs import PAIRS, clean

Edit = Callable[[str], str]


def _typo(text: str) -> str:
    """Two letters of the longest word change places."""
    word = max(text.split(), key=len)
    at = len(word) // 2
    return text.replace(word, word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :], 1)


def _lost(text: str) -> str:
    """A letter of the longest word is missing."""
    word = max(text.split(), key=len)
    return text.replace(word, word[: len(word) // 2] + word[len(word) // 2 + 1 :], 1)


def _turned(text: str) -> str:
    """The part behind the comma, or the second half, comes first."""
    first, comma, last = text.partition(", ")
    if not comma:
        words = text.split()
        first, last = " ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])
    return f"{last}, {first}"


EDITS: Sequence[Edit] = (
    _typo,
    _lost,
    lambda text: text.upper() + "!",
    lambda text: f"Please note: {text[0].lower()}{text[1:]}.",
    lambda text: text.replace(" the ", " ", 1).replace(" a ", " ", 1) + " ...",
    lambda text: text.replace(", ", " - ") + ", as we saw",
    _turned,
    lambda text: " ".join(f"{word}s" if word.endswith("er") else word for word in text.split()) + " again",
    lambda text: text.replace("workers", "worker").replace(" is ", " was ").replace(" are ", " were ") + ".",
    lambda text: f"* {text}; this is known",
)
"""Ten ways in which a text is copied nearly: spelling, case, marks, order, filler, number and tense."""


def cases() -> Iterator[tuple[str, str]]:
    """Kind and text: verbatim, near, rephrased (100 each), clean (500)."""
    for said, _ in PAIRS:
        yield "verbatim", said
    for place, (said, _) in enumerate(PAIRS):
        changed = EDITS[place % len(EDITS)](said)
        yield "near", changed
    for _, again in PAIRS:
        yield "rephrased", again
    for text in clean():
        yield "clean", text


def differ() -> int:
    """How many near copies are not the same once case and marks are gone."""
    near = [text for kind, text in cases() if kind == "near"]
    return sum(read(text).digest != read(said).digest for text, (said, _) in zip(near, PAIRS, strict=True))
