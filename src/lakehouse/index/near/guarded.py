"""[pure] A vector index over a library's candidates, with the answers made trustworthy.

- Equal vectors link to nothing but each other and cut a graph into islands. So each is linked once, and a hit
  stands for all positions that share it (`groups`).
- Under a filter a graph's walk may end among forbidden vectors. Its answer is used only when enough allowed
  ones stand among its nearest candidates (`route.trusted`); else the allowed vectors are gone through.
- Candidates that were found by rounded vectors are scored again by full ones, where there are some.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from lakehouse.base.errors import Unavailable
from lakehouse.index.ann import Config, Found, Vectors
from lakehouse.index.near import route, unit
from lakehouse.index.near.groups import Groups, Mask, Positions


class Candidates(Protocol):
    """A library's index over vectors of which no two are equal; safe between threads.

    What it gives is (labels (q, depth), scores (q, depth)), best first, labels of -1 where there were fewer.
    """

    size: int
    dimension: int
    bytes: int

    @property
    def full(self) -> Callable[[Positions], Vectors] | None:
        """Gives the vectors of labels, (c,) to (c, d), in a better precision; None: there is none."""
        ...

    def walk(self, queries: Vectors, depth: int, ef: int) -> tuple[Positions, Vectors]:
        """The nearest, by the graph with `ef` candidates."""
        ...

    def sift(self, queries: Vectors, depth: int, allowed: Mask) -> tuple[Positions, Vectors]:
        """The nearest allowed ones, whatever the filter has to do with the question."""
        ...

    def scan(self, queries: Vectors, depth: int, allowed: Mask | None) -> tuple[Positions, Vectors]:
        """The nearest, by looking at every allowed one."""
        ...


class Guarded:
    """A `VectorIndex`."""

    def __init__(self, candidates: Candidates, config: Config, groups: Groups | None) -> None:
        self._candidates: Candidates | None = candidates
        self._config, self._groups = config, groups
        self._linked, self._dimension = candidates.size, candidates.dimension
        self._size = candidates.size if groups is None else len(groups.of)
        self._bytes = candidates.bytes + (groups.bytes if groups else 0)

    @property
    def size(self) -> int:
        """How many vectors it holds."""
        return self._size

    @property
    def dimension(self) -> int:
        """Of its vectors."""
        return self._dimension

    @property
    def bytes(self) -> int:
        """Of memory while loaded."""
        return self._bytes

    def search(self, queries: Vectors, k: int, *, allowed: Mask | None = None, ef_search: int = 0) -> Found:
        """As the seam says; goes through the allowed vectors where the graph's answer cannot be trusted."""
        candidates = self._open()
        plain, linked = self._checked(queries, k, allowed)
        ef, wanted = ef_search or self._config.ef_search, self._wanted(k)
        if linked is None:
            labels, scores = candidates.walk(plain, min(wanted, self._linked), ef)
            missed = np.flatnonzero((labels < 0).any(axis=1))
            if len(missed):  # parts of a graph cannot be reached from where it is entered
                labels[missed], scores[missed] = candidates.scan(plain[missed], labels.shape[1], None)
            return self._finished(plain, labels, scores, k=k, allowed=None)
        count = int(np.count_nonzero(linked))
        share = max(count, 1) / max(self._linked, 1)
        ef = max(ef, route.widened(k, share), wanted)
        if ef > max(route.MAX_EF, wanted):
            labels, scores = candidates.sift(plain, min(wanted, self._linked), linked)
            return self._finished(plain, labels, scores, k=k, allowed=allowed)
        labels, scores = candidates.walk(plain, min(ef, self._linked), ef)
        labels, scores, sure = _filtered(labels, scores, linked, head=route.trusted(labels.shape[1], share))
        found = self._finished(plain, labels[:, :wanted], scores[:, :wanted], k=k, allowed=allowed)
        short = np.flatnonzero(sure < min(k, count))
        if len(short):
            labels, scores = candidates.sift(plain[short], min(wanted, self._linked), linked)
            better = self._finished(plain[short], labels, scores, k=k, allowed=allowed)
            found.positions[short], found.scores[short] = better.positions, better.scores
        return found

    def exact(self, queries: Vectors, k: int, *, allowed: Mask | None = None) -> Found:
        """As the seam says, over the vectors as stored, scored again where fuller ones are kept."""
        candidates = self._open()
        plain, linked = self._checked(queries, k, allowed)
        labels, scores = candidates.scan(plain, min(self._wanted(k), self._linked), linked)
        return self._finished(plain, labels, scores, k=k, allowed=allowed)

    def close(self) -> None:
        """Give the memory back, once the searches under way are done."""
        self._candidates = None

    def _open(self) -> Candidates:
        candidates = self._candidates
        if candidates is None:
            raise Unavailable("this vector index was closed", hint="open the lake again")
        return candidates

    def _checked(self, queries: Vectors, k: int, allowed: Mask | None) -> tuple[Vectors, Mask | None]:
        """The questions, and the filter as one over the linked vectors."""
        plain = unit.check_question(queries, k, dimension=self._dimension)
        mask = unit.check_allowed(allowed, size=self._size)
        return plain, mask if mask is None or self._groups is None else self._groups.any_of(mask)

    def _wanted(self, k: int) -> int:
        return max(k, self._config.rerank)

    def _finished(
        self, queries: Vectors, labels: Positions, scores: Vectors, *, k: int, allowed: Mask | None
    ) -> Found:
        """Scored again, each hit spread over its positions, cut to `k`."""
        labels, scores = self._again(queries, labels, scores)
        if self._groups is not None:
            return self._groups.spread(labels, scores, k, allowed=allowed)
        found, width = unit.nothing(len(queries), k), min(k, labels.shape[1])
        found.positions[:, :width] = labels[:, :width]
        found.scores[:, :width] = np.where(labels[:, :width] >= 0, scores[:, :width], -np.inf)
        return found

    def _again(self, queries: Vectors, labels: Positions, scores: Vectors) -> tuple[Positions, Vectors]:
        """The candidates scored by the full vectors, best first."""
        full, there = self._open().full, labels >= 0
        if full is None or not there.any():
            return labels, scores
        rows = np.nonzero(there)[0]
        exact = np.full(labels.shape, -np.inf, np.float32)
        exact[there] = np.einsum("ij,ij->i", full(labels[there]), queries[rows])
        order = np.argsort(-exact, axis=1, kind="stable")
        return np.take_along_axis(labels, order, axis=1), np.take_along_axis(exact, order, axis=1)


def _filtered(
    labels: Positions, scores: Vectors, allowed: Mask, *, head: int
) -> tuple[Positions, Vectors, Positions]:
    """The allowed candidates moved to the front, and how many of them each question's head holds."""
    kept = (labels >= 0) & allowed[labels]
    sure = np.count_nonzero(kept[:, :head], axis=1)
    order = np.argsort(~kept, axis=1, kind="stable")
    labels = np.take_along_axis(np.where(kept, labels, -1), order, axis=1)
    return labels, np.take_along_axis(scores, order, axis=1), sure
