"""[acts] Writes the vectors that the embedder must give its canaries; run it after a change of the graph.

python scripts/canaries.py
"""

import tempfile
from pathlib import Path

import numpy as np

from lakehouse.llm.embedding import Vectors
from lakehouse.llm.minilm import canaries, convert
from lakehouse.llm.minilm.session import Session
from lakehouse.llm.minilm.tokens import Tokens


def embed(precision: str) -> Vectors:
    """The vectors of the canaries, each text alone and on one thread."""
    with tempfile.TemporaryDirectory() as cache:
        session = Session(convert.network(Path(cache), precision), threads=1)
    ids = Tokens().ids(canaries.texts())
    means = np.concatenate([session.means([ids[at]]) for at in range(len(ids))])
    vectors: Vectors = means / np.linalg.norm(means, axis=1, keepdims=True)
    return vectors


def main() -> None:
    """One file for each precision; half floats, whose rounding costs a cosine of 1e-7."""
    made = {precision: embed(precision) for precision in ("fp32", "int8")}
    for precision, vectors in made.items():
        np.save(canaries.FOLDER / f"{precision}.npy", vectors.astype(np.float16))
    cosines = np.einsum("nd,nd->n", made["fp32"], made["int8"])
    print(f"int8 to fp32: cosine {cosines.mean():.5f} on average, {cosines.min():.5f} at least")


if __name__ == "__main__":
    main()
