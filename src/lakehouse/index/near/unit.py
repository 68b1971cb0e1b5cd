"""[pure] What may enter an index: vectors of unit length, questions that fit, settings in their range."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from lakehouse.base.errors import Invalid
from lakehouse.index.ann import Config, Found, Vectors

LENGTH_TOLERANCE: Final = 1e-3
"""Of a unit vector's length; rounding to fp16 moves it by less."""

RANGES: Final = {"m": (4, 64), "ef_construction": (8, 800), "ef_search": (1, 4096), "rerank": (0, 4096)}
STORAGES: Final = ("fp32", "fp16", "int8")


def check_vectors(vectors: NDArray[np.floating]) -> Vectors:
    """The vectors as an index takes them: float32, row after row.

    Args:
        vectors: (n, d), d at least 1.

    Raises:
        Invalid: they are no matrix, or one is not finite or not of unit length; `position` names the first.
    """
    if vectors.ndim != 2 or not vectors.shape[1]:
        raise Invalid("vectors are a matrix, one in each row", hint="pass an array of shape (n, dimension)")
    plain: Vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    squared = np.einsum("ij,ij->i", plain, plain)
    # Written so that NaN, which no comparison is true of, counts as wrong.
    right = np.abs(squared - 1) <= 2 * LENGTH_TOLERANCE
    if not right.all():
        position = int(np.argmin(right))
        raise Invalid(
            f"vector {position} {_fault(float(squared[position]))}",
            hint="divide each vector by its length; leave out what has none",
            position=position,
        )
    return plain


def check_question(queries: NDArray[np.floating], k: int, *, dimension: int) -> Vectors:
    """The questions as a search takes them.

    Raises:
        Invalid: the dimensions differ, a query is no unit vector, or k < 1.
    """
    if k < 1:
        raise Invalid(f"k is at least 1, not {k}", hint="ask for one or more")
    if queries.ndim != 2 or queries.shape[1] != dimension:
        raise Invalid(
            f"a query has {queries.shape[-1] if queries.ndim else 0} members, the index {dimension}",
            hint="ask with the model that the index was built with",
        )
    return check_vectors(queries)


def check_allowed(allowed: NDArray[np.bool_] | None, *, size: int) -> NDArray[np.bool_] | None:
    """The filter as given, when it has one member for each position.

    Raises:
        Invalid: it has not, or its members are not booleans.
    """
    if allowed is not None and (allowed.shape != (size,) or allowed.dtype != np.bool_):
        raise Invalid(
            f"the filter is an array of shape {allowed.shape} and type {allowed.dtype}",
            hint=f"pass {size} booleans, one for each position",
        )
    return allowed


def check_config(config: Config) -> None:
    """Nothing, when every setting is in its range.

    Raises:
        Invalid: one is not.
    """
    for name, (low, high) in RANGES.items():
        value = getattr(config, name)
        if not low <= value <= high:
            raise Invalid(f"{name} is {value}", hint=f"set {name} from {low} to {high}")
    if config.storage not in STORAGES:
        raise Invalid(f"storage is {config.storage!r}", hint=f"set storage to one of {', '.join(STORAGES)}")


def nothing(queries: int, k: int) -> Found:
    """The answer to `queries` questions where nothing was found yet."""
    return Found(np.full((queries, k), -1, np.int64), np.full((queries, k), -np.inf, np.float32))


def _fault(squared: float) -> str:
    if not np.isfinite(squared):
        return "is not finite"
    return "has no length" if squared == 0 else f"has a length of {squared**0.5:.3g}, not 1"
