"""[acts] Half a million vectors: memory while they are built, and questions afterwards."""

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from lakehouse.assembly import open_lake
from lakehouse.bench.corpora.clusters import recall
from lakehouse.bench.corpora.library import INDEX, Corpus, K, build, corpus
from lakehouse.bench.ground import Ground
from lakehouse.bench.memory import peak_of
from lakehouse.bench.outcome import Outcome
from lakehouse.bench.race import timed
from lakehouse.bench.search.vectors import answers
from lakehouse.bench.targets import BUILD_RECALL, LARGE_MEMORY, LARGE_QUERY

NAME: Final = "large"


def measure(ground: Ground) -> Iterator[Outcome]:
    """Built in a process of its own, so that memory is the lake's alone."""
    folder, sizes = ground.fresh("large"), ground.sizes
    many = corpus(folder / "many.parquet", rows=sizes.many_vectors, dimension=384, asked=sizes.questions)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        pid = pool.submit(os.getpid).result()
        with peak_of(pid) as peak:
            seconds = pool.submit(_built, folder / "lake", many).result()
    what = f"{many.rows:,} x {many.shape.dimension}"
    yield Outcome(
        measure=NAME,
        what=f"peak memory while {what} are taken in and built",
        target=LARGE_MEMORY,
        ours=(float(peak[0]),),
        note=f"resident bytes of the process and its children; it took {seconds:,.0f} s",
    )
    with open_lake(folder / "lake") as lake:
        lake.search(vector=many.questions[0], corpora=(INDEX,), k=K)
        times = tuple(
            timed(lambda q=question: lake.search(vector=q, corpora=(INDEX,), k=K))  # type: ignore[misc]  # a default binds it
            for question in many.questions
        )
        found = recall(answers(lake, many), many.true)
    yield Outcome(measure=NAME, what=f"Python API, a vector, {what}", target=LARGE_QUERY, ours=times)
    yield Outcome(measure=NAME, what=f"recall@{K}, {what}", target=BUILD_RECALL, ours=(found,))


def _built(root: Path, many: Corpus) -> float:
    with open_lake(root) as lake:
        return timed(lambda: build(lake, many))
