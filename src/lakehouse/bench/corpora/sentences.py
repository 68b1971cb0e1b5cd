"""[pure] Texts of made-up words, as often as words are in a language: some everywhere, most of them rare."""

from collections.abc import Iterator
from typing import Final

import numpy as np

WORDS: Final = 20_000
EXPONENT: Final = 1.05
"""Of Zipf's law: the n-th word is n ** -EXPONENT as frequent as the first."""

ONSETS: Final = ("b", "br", "c", "d", "f", "g", "gr", "h", "l", "m", "n", "p", "pl", "r", "s", "st", "t", "v")
NUCLEI: Final = ("a", "e", "i", "o", "u", "ea", "ou")
CODAS: Final = ("", "n", "r", "s", "l", "nt", "ck", "m")


def vocabulary() -> tuple[str, ...]:
    """Words of two syllables, each once, in a fixed order."""
    syllables = [o + n + c for o in ONSETS for n in NUCLEI for c in CODAS]
    drawn = np.random.default_rng(7).integers(0, len(syllables), (WORDS * 2, 2)).tolist()
    return tuple(dict.fromkeys(syllables[a] + syllables[b] for a, b in drawn))[:WORDS]


def texts(count: int, *, words: int, seed: int) -> Iterator[str]:
    """Texts of so many words; the same for the same seed."""
    known = np.array(vocabulary(), dtype=object)
    weights = np.arange(1, len(known) + 1, dtype=np.float64) ** -EXPONENT
    edges = np.cumsum(weights / weights.sum())
    rng = np.random.default_rng(seed)
    for start in range(0, count, 1000):
        drawn = np.searchsorted(edges, rng.random((min(1000, count - start), words)))
        for row in known[np.minimum(drawn, len(known) - 1)]:
            yield " ".join(row)
