"""[acts] Vectors from Parquet to a promoted generation, beside bare FAISS with the same graph settings."""

import shutil
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any, Final

from lakehouse.assembly import open_lake
from lakehouse.bench.corpora.clusters import recall
from lakehouse.bench.corpora.library import INDEX, Corpus, K, build
from lakehouse.bench.ground import THREADS, Ground
from lakehouse.bench.outcome import Outcome
from lakehouse.bench.race import race, timed
from lakehouse.bench.targets import BUILD_RATIO, BUILD_RECALL, BUILD_TIME
from lakehouse.index.ann import Config
from lakehouse.lake.facade import Lakehouse

NAME: Final = "vectors"
PEER: Final = "bare FAISS IndexHNSWSQ"


def measure(ground: Ground) -> Iterator[Outcome]:
    """The whole way, the graph alone, and how much of the exact answer is found."""
    corpus, folder = ground.vectors, ground.fresh("vectors")
    mine: list[tuple[float, float]] = []
    theirs: list[float] = []
    ours, peer = race(
        partial(_ours, folder, corpus, mine, count()),
        partial(_peer, folder, corpus, theirs),
        samples=max(1, ground.sizes.samples // 2),
    )
    shape = f"{corpus.rows:,} x {corpus.shape.dimension}"
    settings = Config()
    note = (
        f"{corpus.shape}; M {settings.m}, efConstruction {settings.ef_construction}, fp16, {THREADS} threads;"
        " the peer reads the same Parquet file, builds the graph, writes it"
    )
    whole = f"{shape}, Parquet to promoted generation"
    yield Outcome(measure=NAME, what=whole, target=BUILD_TIME, ours=ours, note=note)
    yield Outcome(
        measure=NAME, what=f"{whole}, beside FAISS", target=BUILD_RATIO, ours=ours, peer_name=PEER, peer=peer
    )
    yield Outcome(
        measure=NAME,
        what=f"{shape}, the generation alone: graph, seal, measuring",
        target=BUILD_RATIO,
        ours=tuple(seconds for seconds, _ in mine),
        peer_name=PEER,
        peer=peer,
    )
    yield Outcome(
        measure=NAME,
        what=f"recall@{K}, {corpus.asked} questions, efSearch {settings.ef_search}",
        target=BUILD_RECALL,
        ours=tuple(found for _, found in mine),
        peer_name=PEER,
        peer=tuple(theirs),
        note="against the exact answer, over questions that are not in the data",
    )


def _ours(folder: Path, corpus: Corpus, said: list[tuple[float, float]], numbers: Iterator[int]) -> float:
    root = folder / f"lake-{next(numbers)}"
    with open_lake(root) as lake:
        seconds = timed(lambda: build(lake, corpus))
        index = lake.index.get(INDEX)
        serving = index.table.pointer().current
        built_s = index.generations.facts(serving.generation).build_s if serving else 0.0
        said.append((built_s, recall(answers(lake, corpus), corpus.true)))
    shutil.rmtree(root)
    return seconds


def answers(lake: Lakehouse, corpus: Corpus, *, where: str = "") -> list[list[int]]:
    """What the lake finds for each question."""
    found = []
    for question in corpus.questions:
        hits = lake.search(vector=question.tolist(), corpora=(INDEX,), k=K, where=where).hits
        found.append([int(hit.id) for hit in hits])
    return found


def _peer(folder: Path, corpus: Corpus, said: list[float]) -> float:
    graphs: list[Any] = []
    seconds = timed(lambda: graphs.append(graph(corpus, folder / "peer.faiss")))
    parameters = import_module("faiss").SearchParametersHNSW(efSearch=Config().ef_search)
    _, found = graphs[0].search(corpus.questions, K, params=parameters)
    said.append(recall(found.tolist(), corpus.true))
    return seconds


def graph(corpus: Corpus, path: Path) -> Any:
    """Bare FAISS over the vectors of the Parquet file, written to `path`."""
    faiss, settings = import_module("faiss"), Config()
    faiss.omp_set_num_threads(THREADS)
    vectors = corpus.vectors
    made = faiss.IndexHNSWSQ(
        vectors.shape[1], faiss.ScalarQuantizer.QT_fp16, settings.m, faiss.METRIC_INNER_PRODUCT
    )
    made.hnsw.efConstruction = settings.ef_construction
    made.train(vectors)
    made.add(vectors)
    faiss.write_index(made, str(path))
    return made
