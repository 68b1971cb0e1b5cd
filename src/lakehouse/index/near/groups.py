"""[pure] Equal vectors: which positions share one, so that each is linked once and found for all.

The same sentence in a thousand rows gives a thousand equal vectors. In a graph they fill each other's links,
and nothing leads in or out.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lakehouse.base.errors import Corrupt
from lakehouse.index.ann import Found, Vectors

BLOCK: Final = 8192
"""Vectors that are converted at a time, so that grouping takes little memory."""

Positions = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Groups:
    """Positions by the vector that they share."""

    of: Positions
    """(n,), the group of each position, 0 to g - 1, in the order of their first positions."""

    first: Positions = field(init=False, repr=False)
    """(g,), the lowest position of each group."""

    members: Positions = field(init=False, repr=False)
    """(n,), the positions group by group, rising within each."""

    starts: Positions = field(init=False, repr=False)
    """(g + 1,), where each group begins in `members`."""

    def __post_init__(self) -> None:
        members = np.argsort(self.of, kind="stable")
        counts = np.bincount(self.of)
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        object.__setattr__(self, "members", members)
        object.__setattr__(self, "starts", starts)
        object.__setattr__(self, "first", members[starts[:-1]])

    @property
    def bytes(self) -> int:
        """Of memory."""
        return self.of.nbytes + self.members.nbytes + self.starts.nbytes + self.first.nbytes

    def any_of(self, allowed: Mask) -> Mask:
        """(g,), the groups that have an allowed position."""
        found: Mask = np.logical_or.reduceat(allowed[self.members], self.starts[:-1])
        return found

    def spread(self, labels: Positions, scores: Vectors, k: int, *, allowed: Mask | None) -> Found:
        """The `k` best positions of the groups that were found, best group first, -1 for none.

        Args:
            labels: (q, c), groups; -1 where there were fewer.
            scores: (q, c).
            k: how many positions each question gets.
            allowed: (n,), positions that may be found; None: all.
        """
        found = Found(np.full((len(labels), k), -1, np.int64), np.full((len(labels), k), -np.inf, np.float32))
        for row, (groups, marks) in enumerate(zip(labels.tolist(), scores, strict=True)):
            filled = 0
            for group, score in zip(groups, marks, strict=True):
                if filled == k or group < 0:
                    break
                members = self.members[self.starts[group] : self.starts[group + 1]]
                members = (members if allowed is None else members[allowed[members]])[: k - filled]
                found.positions[row, filled : filled + len(members)] = members
                found.scores[row, filled : filled + len(members)] = score
                filled += len(members)
        return found


def regrouped(of: Positions, *, linked: int) -> Groups:
    """The groups as they were written beside an index over `linked` vectors.

    Raises:
        Corrupt: they do not fit it.
    """
    if len(np.unique(of)) != linked or (linked and (of.min(), of.max()) != (0, linked - 1)):
        raise Corrupt(
            "the groups of equal vectors do not fit the vector index",
            hint="build the index again; its vectors are kept in their table",
        )
    return Groups(of)


def group(vectors: Vectors, kind: type[np.float32] | type[np.float16]) -> Groups | None:
    """Which vectors are equal once rounded to `kind`; None: all differ.

    Cost: 0.2 s for 100,000 x 768 where all differ; where many are equal, those are sorted.
    """
    if len(vectors) < 2:
        return None
    digests = np.concatenate(
        [_digests(vectors[at : at + BLOCK].astype(kind, copy=False)) for at in range(0, len(vectors), BLOCK)]
    )
    _, inverse, counts = np.unique(digests, return_inverse=True, return_counts=True)
    alike = np.flatnonzero(counts[inverse] > 1)
    if not len(alike):
        return None
    # Digests may agree by chance or by malice, so those that do are compared whole.
    rows = np.ascontiguousarray(vectors[alike].astype(kind, copy=False))
    whole = rows.view(np.dtype((np.void, rows.itemsize * rows.shape[1])))[:, 0]
    _, first, which = np.unique(whole, return_index=True, return_inverse=True)
    leader = np.arange(len(vectors))
    leader[alike] = alike[first][which]
    leaders, of = np.unique(leader, return_inverse=True)
    return Groups(of.astype(np.int64)) if len(leaders) < len(vectors) else None


def _digests(rows: NDArray[np.floating]) -> NDArray[np.uint64]:
    # Eight bytes at a time where they divide the row: four times as fast.
    width = rows.itemsize * rows.shape[1]
    words = rows.view(np.uint64) if width % 8 == 0 else rows.view(f"u{rows.itemsize}").astype(np.uint64)
    # An odd factor for each word; the sums wrap, which numpy does without a warning.
    factors = (np.arange(1, words.shape[1] + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)) | np.uint64(
        1
    )
    digests: NDArray[np.uint64] = words @ factors
    return digests
