"""[acts] Measures one configuration: built beside the serving one and timed, question by question."""

import time
from pathlib import Path
from typing import Final

import numpy as np

from lakehouse.index.ann import Backend, Config, Found, VectorIndex
from lakehouse.index.near import recall
from lakehouse.index.near.recall import Truth
from lakehouse.index.trials.trial import SEED, Trial

WARM: Final = 3
"""Questions asked before the clock starts: the first ones wait for memory to be mapped."""


def measure(
    backend: Backend, truth: Truth, config: Config, folder: Path, *, name: str, threads: int, seed: int = SEED
) -> Trial:
    """What this configuration costs and finds; the index stays in `folder`, closed.

    Args:
        backend: that builds `config`.
        truth: the vectors, the questions (at least one) and their exact answers.
        config: to be tried.
        folder: empty; the caller removes it.
        name: of the index.
        threads: to build with; questions are asked one at a time.
        seed: of the interval's resampling.

    Raises:
        Invalid: the vectors or the configuration cannot be indexed.
        Unavailable: the disk refused.
    """
    started = time.perf_counter()
    backend.build(truth.vectors, config, folder, threads=threads)
    build_s = time.perf_counter() - started
    index = backend.load(folder, config)
    try:
        found, taken_ms = _asked(index, truth)
        size = index.bytes
    finally:
        index.close()
    measured = recall.measure(found, truth, seed=seed)
    p50, p95, p99 = np.percentile(taken_ms, [50, 95, 99]).tolist()
    return Trial(
        index_name=name, config=config, build_s=build_s, bytes=size, p50_ms=p50, p95_ms=p95, p99_ms=p99,
        recall=measured.mean, recall_worst=measured.worst, recall_low=measured.low,
        recall_high=measured.high, k=measured.k, queries=measured.queries, eval_set="", seed=seed,
    )  # fmt: skip


def _asked(index: VectorIndex, truth: Truth) -> tuple[Found, list[float]]:
    k = truth.nearest.positions.shape[1]
    for query in truth.queries[:WARM]:
        index.search(query[None], k)
    found: list[Found] = []
    taken_ms: list[float] = []
    for query in truth.queries:
        asked = time.perf_counter()
        found.append(index.search(query[None], k))
        taken_ms.append(1000 * (time.perf_counter() - asked))
    positions = np.concatenate([one.positions for one in found])
    return Found(positions, np.concatenate([one.scores for one in found])), taken_ms
