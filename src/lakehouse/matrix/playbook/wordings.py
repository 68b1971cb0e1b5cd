"""[acts] Every question that was ever asked, and which of them are like a new one.

    similarity = (cosine of the words + cosine of the vectors, at least 0) / 2        0 to 1

Holds one entry for each different question, however often it was asked. Up to `SCANNED` entries all are
compared; beyond, only the `SHORTLIST` that are most alike by their words and by a sketch of their vectors:
words alone cannot say which of ten thousand questions that share one word mean the same.
Cost: 20,000 entries of 384 members take about 3 ms.
Source of the sketch: random projection (Johnson, Lindenstrauss 1984), brought to unit length.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lakehouse.matrix.playbook.events import Vector

Floats = NDArray[np.float32]
Positions = NDArray[np.int64]

SCANNED: Final = 20_000
SHORTLIST: Final = 2_000
SKETCH: Final = 32
"""Members of a sketch; a vector that is no longer is its own."""

ROUNDING: Final = 1e-5
"""By which a cosine of 32-bit floats may be off."""

GROWN: Final = 256
"""Entries there is room for at first; the room doubles."""


class _Numbers:
    """Numbers that are only ever added, as one array."""

    def __init__(self) -> None:
        self._held = np.zeros(8, np.int64)
        self._size = 0

    def append(self, number: int) -> None:
        if self._size == len(self._held):
            self._held = np.concatenate([self._held, np.zeros_like(self._held)])
        self._held[self._size] = number
        self._size += 1

    def below(self, size: int) -> Positions:
        held = self._held[: self._size]
        return held[: np.searchsorted(held, size)]


@dataclass(frozen=True, slots=True)
class Near:
    """Earlier questions like this one, nearest first."""

    wordings: Positions
    similarity: Floats


class Wordings:
    """The questions asked with one model. One writer; readers see what was there when they began."""

    def __init__(self, dimension: int) -> None:
        """Args: `dimension` of the vectors; 0 where questions have none and words alone are compared."""
        self._dimension = dimension
        self._size = 0
        self._vectors = np.zeros((GROWN, dimension), np.float32)
        self._sketches = np.zeros((GROWN, min(dimension, SKETCH)), np.float32)
        self._turn = _turn(dimension)
        self._lengths = np.zeros(GROWN, np.float32)
        self._postings: dict[str, _Numbers] = {}
        self._known: dict[tuple[frozenset[str], bytes], int] = {}

    def __len__(self) -> int:
        return self._size

    def add(self, words: frozenset[str], vector: Vector | None) -> int:
        """The number of this question; one that is held already keeps its own."""
        row = np.zeros(self._dimension, np.float32) if vector is None else vector
        key = (words, row.tobytes())
        number = self._known.setdefault(key, self._size)
        if number < self._size:
            return number
        self._make_room()
        self._vectors[number], self._lengths[number] = row, sqrt(len(words))
        self._sketches[number] = self._sketched(row)
        for word in words:
            self._postings.setdefault(word, _Numbers()).append(number)
        self._size += 1
        return number

    def near(self, words: frozenset[str], vector: Vector | None, *, floor: float) -> Near:
        """All that are at least `floor` similar, nearest first."""
        shared = self._shared(words)
        rows = None if len(shared) <= SCANNED else self._shortlist(shared, vector, floor=floor)
        said = shared if rows is None else shared[rows]
        alike = said
        if vector is not None and self._dimension:
            alike = (said + self._dense(vector, rows, size=len(shared))) / np.float32(2)
        kept = np.flatnonzero(alike >= floor)
        kept = kept[np.argsort(-alike[kept], kind="stable")]
        return Near(wordings=kept if rows is None else rows[kept], similarity=alike[kept])

    def _shared(self, words: frozenset[str]) -> Floats:
        """Cosine of the sets of words, by wording."""
        size = self._size
        counts = np.zeros(size, np.float32)
        for word in words & self._postings.keys():
            counts[self._postings[word].below(size)] += 1
        lengths = np.maximum(self._lengths[:size], 1)
        return (counts / (lengths * np.float32(sqrt(max(len(words), 1))))).astype(np.float32, copy=False)

    def _dense(self, vector: Vector, rows: Positions | None, *, size: int) -> Floats:
        held = self._vectors[:size] if rows is None else self._vectors[rows]
        cosine: Floats = np.maximum(_products(held, vector), np.float32(0))
        return cosine

    def _shortlist(self, shared: Floats, vector: Vector | None, *, floor: float) -> Positions:
        """Those that can be similar enough by their words, and of too many the most alike."""
        if vector is None or not self._dimension:
            return np.flatnonzero(shared >= floor)
        least = max(2 * floor - 1, 0.0)  # a cosine of vectors is at most 1
        able = np.flatnonzero(shared > least - ROUNDING if least else shared > 0)
        if len(able) <= SHORTLIST:
            return able
        cosine = _products(
            self._sketches[: len(shared)], self._sketched(vector)
        )  # all: faster than to pick first
        rough = shared[able] + np.maximum(cosine[able], np.float32(0))
        kept: Positions = np.sort(able[np.argpartition(-rough, SHORTLIST)[:SHORTLIST]])
        return kept

    def _sketched(self, vector: Vector) -> Floats:
        if self._turn is None:
            return vector
        sketch = vector @ self._turn
        made: Floats = (sketch / max(float(np.linalg.norm(sketch)), 1e-12)).astype(np.float32)
        return made

    def _make_room(self) -> None:
        if self._size < len(self._lengths):
            return
        self._vectors = np.concatenate([self._vectors, np.zeros_like(self._vectors)])
        self._sketches = np.concatenate([self._sketches, np.zeros_like(self._sketches)])
        self._lengths = np.concatenate([self._lengths, np.zeros_like(self._lengths)])


def _products(rows: Floats, vector: Floats) -> Floats:
    """Of each row with the vector, on this thread alone.

    `rows @ vector` asks all cores for what one reads as fast as memory gives it: on two busy cores 20,000
    rows took 16 ms so, and 1 ms here.
    """
    found: Floats = np.vecdot(rows, vector)
    return found


def _turn(dimension: int) -> Floats | None:
    """(d, SKETCH), the same in every process; None: vectors are short enough."""
    if dimension <= SKETCH:
        return None
    return np.random.default_rng(1).standard_normal((dimension, SKETCH)).astype(np.float32)
