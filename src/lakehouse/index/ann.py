"""[seam] Vector indexes: what builds them, what a search gives, how they are set."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""(n, d), every row of unit length: the inner product is the cosine."""

Storage = Literal["fp32", "fp16", "int8"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """How an index is built and searched; trials decide."""

    backend: Literal["hnsw", "lance"] = "hnsw"
    m: int = 16
    """Links of a node, 4 to 64. 16: recall@10 of 0.999 at 100,000 x 768 (architecture D10)."""

    ef_construction: int = 80
    """Candidates while linking, 8 to 800."""

    ef_search: int = 64
    """Candidates while searching, 1 to 4,096; more finds more and takes longer."""

    storage: Storage = "fp16"
    """Of the vectors inside the index; fp16 halves the memory and costs no recall that shows."""

    rerank: int = 0
    """Best candidates scored again from full precision; 0: none. Worth it with int8."""


@dataclass(frozen=True, slots=True)
class Found:
    """The nearest vectors to each query, best first."""

    positions: NDArray[np.int64]
    """(q, k), rows of the vectors the index was built from; -1 where there were fewer than k."""

    scores: NDArray[np.float32]
    """(q, k), cosine; -inf beside a position of -1."""


class VectorIndex(Protocol):
    """One loaded index; safe between threads."""

    @property
    def size(self) -> int:
        """How many vectors it holds."""
        ...

    @property
    def dimension(self) -> int:
        """Of its vectors."""
        ...

    @property
    def bytes(self) -> int:
        """Of memory that it needs while loaded."""
        ...

    def search(
        self, queries: Vectors, k: int, *, allowed: NDArray[np.bool_] | None = None, ef_search: int = 0
    ) -> Found:
        """The `k` nearest, by the index.

        Args:
            queries: (q, d), unit length.
            allowed: (size,), which positions may be found; None: all.
            ef_search: instead of the configured one; 0: as configured.

        Raises:
            Invalid: the dimensions differ, or k < 1.
        """
        ...

    def exact(self, queries: Vectors, k: int, *, allowed: NDArray[np.bool_] | None = None) -> Found:
        """The `k` nearest, by looking at every allowed vector. Cost: 6 ms for 100,000 x 768, one core."""
        ...

    def close(self) -> None:
        """Give the memory back."""
        ...


class Backend(Protocol):
    """Builds indexes into a folder and loads them from there."""

    def build(self, vectors: Vectors, config: Config, folder: Path, *, threads: int) -> None:
        """Write an index over `vectors` into `folder`, which is there and empty.

        Raises:
            Invalid: a vector is not finite or has no length, or a setting is out of range.
            Unavailable: the disk refused.
        """
        ...

    def load(self, folder: Path, config: Config) -> VectorIndex:
        """Load what `build` wrote; the caller has checked its checksums.

        Raises:
            Corrupt: it is not what `build` writes.
        """
        ...
