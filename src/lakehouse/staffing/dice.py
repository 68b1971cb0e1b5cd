"""[pure] Dice that any row can throw by itself: the same seed, name and row give the same number anywhere.

Each number is a hash of (seed, stream name, row), so a chunk in the middle of a table needs nothing that
came before it, and the result depends neither on numpy's generators nor on the size of the chunks. Only
integers, comparisons, additions and multiplications are used: they are exact on every machine.
Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014), the mix of SplitMix64.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
MIX_A: Final = np.uint64(0xBF58476D1CE4E5B9)
MIX_B: Final = np.uint64(0x94D049BB133111EB)
BELL_MEAN: Final = 131_070
BELL_DEVIATION: Final = 37_837.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Dice:
    """The throws of some rows of one table."""

    seed: int
    table: str
    rows: Ints
    """Row numbers from 0; every throw has one result for each."""

    def bits(self, stream: str) -> NDArray[np.uint64]:
        """64 even bits for each row."""
        name = f"{self.seed}/{self.table}/{stream}".encode()
        key = np.uint64(int.from_bytes(blake2b(name, digest_size=8).digest(), "little"))
        mixed = (self.rows.astype(np.uint64) + np.uint64(1)) * GOLDEN + key
        mixed = (mixed ^ (mixed >> np.uint64(30))) * MIX_A
        mixed = (mixed ^ (mixed >> np.uint64(27))) * MIX_B
        return mixed ^ (mixed >> np.uint64(31))

    def pick(self, stream: str, sides: int | Ints) -> Ints:
        """A whole number from 0 to `sides` - 1; `sides` may differ by row and stays below 2**31."""
        return ((self.bits(stream) >> np.uint64(32)).astype(np.int64) * sides) >> 32

    def unit(self, stream: str) -> Floats:
        """A number in [0, 1), a multiple of 2**-53."""
        return (self.bits(stream) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def chance(self, stream: str, odds: float | Floats) -> Bools:
        """True with probability `odds`, which may differ by row."""
        return self.unit(stream) < odds

    def weighted(self, stream: str, weights: Sequence[int]) -> Ints:
        """An index into `weights`, drawn in proportion to them."""
        edges = np.cumsum(np.asarray(weights, dtype=np.int64))
        return np.searchsorted(edges, self.pick(stream, int(edges[-1])), side="right").astype(np.int64)

    def bell(self, stream: str) -> Floats:
        """Mean 0, deviation 1, never beyond 3.5: the sum of four 16-bit numbers."""
        bits = self.bits(stream)
        low = np.uint64(0xFFFF)
        parts = [((bits >> np.uint64(shift)) & low).astype(np.int64) for shift in (0, 16, 32, 48)]
        return (parts[0] + parts[1] + parts[2] + parts[3] - BELL_MEAN) / BELL_DEVIATION


def spread(total: int, weights: Ints) -> Ints:
    """`total` shared out in proportion to `weights`, in whole numbers that add up to it exactly.

    Args:
        weights: not negative, at least one above 0; their sum times `total` stays below 2**63.
    """
    edges = np.cumsum(weights)
    shares = (edges * total) // edges[-1]
    shared: Ints = np.diff(shares, prepend=np.int64(0))
    return shared
