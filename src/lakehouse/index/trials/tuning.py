"""[acts] Trials of an index: built beside the serving generation, asked, measured and thrown away."""

import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from lakehouse.base.errors import Invalid
from lakehouse.index.ann import Config, Vectors
from lakehouse.index.index import Index
from lakehouse.index.near import recall
from lakehouse.index.refresh import Progress, Watch
from lakehouse.index.trials.measure import measure
from lakehouse.index.trials.trial import SEED, Trial, from_record, grid, next_config, to_record
from lakehouse.llm.embedding import Embedder
from lakehouse.store.streams import Json

K: Final = 10
MOST: Final = 2000
"""Questions of one trial; the interval of the mean is then narrower than a thousandth."""


def trial(
    index: Index, config: Config, *, questions: Vectors | int, eval_set: str, threads: int, watch: Watch
) -> Trial:
    """Build with `config` in a folder of its own, ask, measure, throw away; the serving generation stays.

    Args:
        questions: (q, d), unit length; or how many to draw from the vectors, always the same ones.
        eval_set: the name of the questions; empty: drawn.

    Raises:
        Invalid: there are no vectors, or the questions do not fit them.
    """
    definition = index.definition()
    stored = index.table.read(model=definition.model)
    count = len(stored.vectors)
    if not count:
        raise Invalid(f"{index.name} has no vectors yet", hint=f"lakehouse index refresh {index.name}")
    asked = recall.sample(stored.vectors, questions, seed=SEED) if isinstance(questions, int) else questions
    if asked.shape[1] != stored.vectors.shape[1]:
        raise Invalid("the questions are of another model than the vectors", hint="lakehouse index show NAME")
    watch(Progress(phase="trial", done=0, total=count, elapsed_s=0.0))
    true = recall.truth(asked, stored.vectors, min(K, count))
    index.folder.mkdir(parents=True, exist_ok=True)
    folder = tempfile.mkdtemp(prefix=".trial-", dir=index.folder)
    try:
        backend = index.generations.backend(config)
        made = measure(backend, true, config, index.folder / folder, name=index.name, threads=threads)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    watch(Progress(phase="trial", done=count, total=count, elapsed_s=made.build_s))
    return replace(made, eval_set=eval_set)


def drawn(queries: int) -> int:
    """A number of questions that can be drawn.

    Raises:
        Invalid: none, or too many.
    """
    if not 1 <= queries <= MOST:
        raise Invalid(f"a trial asks 1 to {MOST} questions", hint="--queries 200")
    return queries


def embedded(texts: Sequence[str], embedder: Embedder) -> Vectors:
    """Questions of people as vectors, for an eval set of texts."""
    drawn(len(texts))
    made: Vectors = np.ascontiguousarray(embedder.embed(list(texts), use="query"))
    return made


def record(made: Trial) -> Mapping[str, Json]:
    """A trial as the stream `trials` keeps it."""
    return to_record(made)  # type: ignore[return-value]  # plain JSON, as its docstring says


def of_index(records: Iterable[Mapping[str, object]], name: str) -> tuple[Trial, ...]:
    """The trials of one index out of the stream, oldest first."""
    return tuple(from_record(dict(r)) for r in records if r.get("index_name") == name)


def untried(trials: Sequence[Trial], base: Config) -> Config | None:
    """What the tuner tries next; None when the grid is spent."""
    return next_config(trials, grid(base))
