"""[acts] Fifty texts and the vectors they must get: proof that this machine computes what others do.

A kernel that rounds another way, a library that changed, a bit that flipped in memory: all would fill an
index with vectors that no longer fit those already there, and nothing else would notice.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from lakehouse.base.errors import Corrupt
from lakehouse.llm.embedding import Vectors

FOLDER: Final = Path(__file__).with_name("proof")
MIN_COSINE: Final = 0.9999


def texts() -> tuple[str, ...]:
    """The canaries."""
    return tuple((FOLDER / "canaries.txt").read_text("utf-8").splitlines())


def expected(precision: str) -> Vectors:
    """Their vectors, (50, 384), as made by `scripts/canaries.py`."""
    stored: Vectors = np.load(FOLDER / f"{precision}.npy").astype(np.float32)
    stored /= np.linalg.norm(stored, axis=1, keepdims=True)
    return stored


def check(embed: Callable[[Sequence[str]], Vectors], precision: str) -> None:
    """Return if every canary gets its vector.

    Raises:
        Corrupt: one does not, by a cosine below `MIN_COSINE`.

    Cost: 50 short texts.
    """
    cosines = np.einsum("nd,nd->n", embed(texts()), expected(precision))
    lowest = float(cosines.min())
    if not lowest >= MIN_COSINE:  # so that NaN fails as well
        raise Corrupt(
            f"the embedding model gives other vectors on this machine: cosine {lowest:.5f}, "
            f"not {MIN_COSINE} or more, for canary {int(cosines.argmin())}",
            hint="run: make setup; if that does not help, set embedding.precision to fp32",
            precision=precision,
        )
