"""[acts] How much of the exact answer an index finds, how sure that is, and what a search costs here.

Questions are drawn from the vectors themselves, moved a little: a vector asked for as it stands is found too
easily. The interval says what the next sample would give (bootstrap); the worst question is shown beside the
mean, since a mean of 0.99 can hide one question in a hundred that found nothing.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lakehouse.index.ann import Found, VectorIndex, Vectors
from lakehouse.index.near import unit
from lakehouse.index.near.route import Costs

TIE: Final = 1e-6
"""Scores that differ by less are equal: either position is right."""

MOVED: Final = 0.3
"""Length of the step by which a question leaves its vector (cosine 0.96): a question worded otherwise."""

RESAMPLES: Final = 1000
BLOCK: Final = 16_384
"""Vectors compared at a time: 64 MB of scores for a thousand questions."""

PROBES: Final = 12
"""Searches that a cost is the median of."""

SOME: Final = 10
"""One vector in so many is allowed when the cost of a scattered one is measured."""

K: Final = 10
EF: Final = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """The share of the true neighbours that was found, over a sample of questions."""

    mean: float
    worst: float
    """Of the question that found least."""

    low: float
    """Of the 95 % interval of the mean."""

    high: float
    k: int
    queries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The exact answer to a sample of questions."""

    nearest: Found
    queries: Vectors
    vectors: Vectors
    allowed: NDArray[np.bool_] | None


def sample(vectors: Vectors, queries: int, *, seed: int) -> Vectors:
    """Questions near the vectors, none equal to one; all vectors' neighbourhoods where there are fewer.

    Args:
        vectors: (n, d), unit length, n at least 1.
        queries: how many are wanted.
        seed: the same one gives the same questions.
    """
    dice = np.random.default_rng(seed)
    chosen = vectors[np.sort(dice.choice(len(vectors), min(queries, len(vectors)), replace=False))]
    step = dice.standard_normal(chosen.shape, dtype=np.float32)
    moved = chosen + MOVED * step / np.linalg.norm(step, axis=1, keepdims=True)
    found: Vectors = moved / np.linalg.norm(moved, axis=1, keepdims=True)
    return found


def truth(queries: Vectors, vectors: Vectors, k: int, *, allowed: NDArray[np.bool_] | None = None) -> Truth:
    """The exact answer in full precision, by looking at every vector.

    Args:
        queries: (q, d), unit length.
        vectors: (n, d), unit length.
        k: how many are wanted.
        allowed: (n,), which may be found; None: all.

    Cost: 1.5 s for 1,000 questions over 100,000 x 768 on two cores.
    """
    best = unit.nothing(len(queries), k)
    for start in range(0, len(vectors), BLOCK):
        scores = queries @ vectors[start : start + BLOCK].T
        if allowed is not None:
            scores[:, ~allowed[start : start + BLOCK]] = -np.inf
        width = min(k, scores.shape[1])
        top = np.argpartition(-scores, width - 1, axis=1)[:, :width]
        both = np.concatenate([best.scores, np.take_along_axis(scores, top, axis=1)], axis=1)
        positions = np.concatenate([best.positions, top + start], axis=1)
        order = np.argsort(-both, axis=1, kind="stable")[:, :k]
        best = Found(np.take_along_axis(positions, order, axis=1), np.take_along_axis(both, order, axis=1))
    best.positions[np.isneginf(best.scores)] = -1
    return Truth(nearest=best, queries=queries, vectors=vectors, allowed=allowed)


def each(found: Found, true: Truth) -> NDArray[np.float64]:
    """(q,), the share of the true neighbours that each question found.

    A position counts when it is as near as the last of the truth: of equal vectors any is right. Scores are
    computed anew in full precision, since an index rounds its own. What the filter forbids never counts, and
    a position that is given twice counts once.
    """
    k = min(found.positions.shape[1], true.nearest.positions.shape[1])
    wanted = np.count_nonzero(true.nearest.positions[:, :k] >= 0, axis=1)
    shares = np.ones(len(wanted))
    for row in np.flatnonzero(wanted):
        given = np.unique(found.positions[row, :k])
        given = given[given >= 0] if true.allowed is None else given[(given >= 0) & true.allowed[given]]
        last = true.nearest.scores[row, wanted[row] - 1]
        near = true.vectors[given] @ true.queries[row] >= last - TIE
        shares[row] = min(np.count_nonzero(near), wanted[row]) / wanted[row]
    return shares


def measure(found: Found, true: Truth, *, seed: int) -> Recall:
    """The recall of a sample of questions: the mean, its interval and the worst.

    Args:
        found: what the index gave for the questions of `true`, at least one.
        true: what looking at every vector gives.
        seed: of the resampling; the same one gives the same interval.
    """
    shares = each(found, true)
    drawn = np.random.default_rng(seed).integers(0, len(shares), (RESAMPLES, len(shares)))
    low, high = np.percentile(shares[drawn].mean(axis=1), [2.5, 97.5])
    return Recall(
        mean=float(shares.mean()), worst=float(shares.min()), low=float(low), high=float(high),
        k=true.nearest.positions.shape[1], queries=len(shares),
    )  # fmt: skip


def costs(index: VectorIndex, vectors: Vectors) -> Costs:
    """What a search of `index` costs on this machine, now: medians of a few questions, one at a time.

    Cost: 0.2 s for 100,000 x 768.
    """
    if not index.size:
        return Costs()
    queries = sample(vectors, PROBES, seed=index.size)
    one, some = np.zeros(index.size, bool), np.zeros(index.size, bool)
    one[0] = True
    some[np.random.default_rng(0).choice(index.size, max(index.size // SOME, 1), replace=False)] = True
    scan_ns = _median_ns(lambda q: index.exact(q, 1, allowed=one), queries)
    some_ns = _median_ns(lambda q: index.exact(q, K, allowed=some), queries)
    whole_ns = _median_ns(lambda q: index.exact(q, K), queries)
    graph_ns = _median_ns(lambda q: index.search(q, K, ef_search=EF), queries)
    return Costs(
        scan_ns=scan_ns / index.size,
        exact_ns=max(some_ns - scan_ns, 0) / int(some.sum()),
        whole_ns=whole_ns / index.size,
        candidate_ns=graph_ns / EF,
    )


def _median_ns(search: Callable[[Vectors], Found], queries: Vectors) -> float:
    """Of time on the wall or of this process on its cores, whichever is less.

    On a busy machine the wall counts the others' turns too: exact searches looked six times as dear as they
    are, and the graph was taken where it should not have been. With several threads the wall is less.
    """
    taken: list[int] = []
    for query in queries:
        wall, cores = time.perf_counter_ns(), time.process_time_ns()
        search(query[None])
        taken.append(min(time.perf_counter_ns() - wall, time.process_time_ns() - cores))
    return float(np.median(taken))
