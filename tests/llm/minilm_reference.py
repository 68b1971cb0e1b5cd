"""The network again, in plain numpy and 64 bits, from the paper and the released weights alone."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lakehouse.llm.minilm.weights import Tensors

Array = NDArray[np.float64]
ERF = np.vectorize(math.erf)


def vector(tensors: Tensors, ids: Sequence[int]) -> Array:
    """The unit vector of one text."""
    w = {name: tensor.astype(np.float64) for name, tensor in tensors.items() if "word" not in name}
    words = tensors["embeddings.word_embeddings.weight"][list(ids)].astype(np.float64)
    x = words + w["embeddings.position_embeddings.weight"][: len(ids)]
    x = normed(w, "embeddings.LayerNorm", x + w["embeddings.token_type_embeddings.weight"][0])
    for layer in range(6):
        at = f"encoder.layer.{layer}."
        looked = attended(w, f"{at}attention.self.", x)
        x = normed(w, f"{at}attention.output.LayerNorm", x + dense(w, f"{at}attention.output.dense", looked))
        wide = dense(w, f"{at}intermediate.dense", x)
        bent = wide * 0.5 * (1 + ERF(wide / math.sqrt(2)))
        x = normed(w, f"{at}output.LayerNorm", x + dense(w, f"{at}output.dense", bent))
    mean: Array = x.mean(axis=0)
    return mean / np.linalg.norm(mean)


def dense(w: dict[str, Array], name: str, x: Array) -> Array:
    return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]


def normed(w: dict[str, Array], name: str, x: Array) -> Array:
    centred = x - x.mean(axis=1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-12)
    return scaled * w[f"{name}.weight"] + w[f"{name}.bias"]


def attended(w: dict[str, Array], at: str, x: Array) -> Array:
    q, k, v = (dense(w, at + part, x).reshape(len(x), 12, 32) for part in ("query", "key", "value"))
    scores = np.einsum("qhd,khd->hqk", q, k) / math.sqrt(32)
    shares = np.exp(scores - scores.max(axis=2, keepdims=True))
    shares /= shares.sum(axis=2, keepdims=True)
    return np.einsum("hqk,khd->qhd", shares, v).reshape(len(x), 384)
