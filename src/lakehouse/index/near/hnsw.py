"""[acts] Vector indexes in memory: FAISS graphs (HNSW) over vectors of half, full or eighth precision.

Its own writer overlooks an error of the last block, so the bytes go through a file of ours. OpenMP would
start threads for a single question, so each search says how many it wants; it keeps that number for each
calling thread, so no search hinders one beside it.
Source: Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search using Hierarchical
Navigable Small World graphs", arxiv.org/abs/1603.09320.
"""

import os
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from lakehouse.base.errors import Corrupt
from lakehouse.index.ann import Config, Vectors
from lakehouse.index.near import unit
from lakehouse.index.near.groups import Groups, Mask, Positions, group, regrouped
from lakehouse.index.near.guarded import Guarded
from lakehouse.store.durable import disk_error

if TYPE_CHECKING:
    import faiss as faiss_types

GRAPH_FILE: Final = "index.faiss"
GROUPS_FILE: Final = "groups.i64"
"""The group of each position; only there when some vectors are equal."""

FULL_FILES: Final = {"fp16": ("vectors.f32", np.float32), "int8": ("vectors.f16", np.float16)}
"""What is scored again, by storage: the next better precision. fp32 has none to gain."""

MANY: Final = 16
"""Questions at once from which several threads pay off."""

HINT: Final = "build the index again; its vectors are kept in their table"


@dataclass(frozen=True, slots=True)
class Hnsw:
    """Builds graphs in memory, writes and loads them."""

    threads: int = 0
    """For many questions at once; 0: every core. A single one always takes one."""

    def build(self, vectors: Vectors, config: Config, folder: Path, *, threads: int) -> None:
        """As the seam says. Cost: 10 s for 100,000 x 768 on two cores, one copy of the vectors in memory."""
        unit.check_config(config)
        plain = unit.check_vectors(vectors)
        groups = group(plain, np.float32 if config.storage == "fp32" else np.float16)
        linked = plain if groups is None else plain[groups.first]
        graph = _linked(linked, config, threads)
        try:
            with (folder / GRAPH_FILE).open("xb") as file:
                _faiss().write_index(graph, _faiss().PyCallbackIOWriter(file.write, 1 << 20))
            if groups is not None:
                groups.of.tofile(folder / GROUPS_FILE)
            if config.rerank and config.storage in FULL_FILES:
                name, kind = FULL_FILES[config.storage]
                linked.astype(kind, copy=False).tofile(folder / name)
        except OSError as error:
            raise disk_error(error, "write a vector index") from error

    def load(self, folder: Path, config: Config) -> Guarded:
        """As the seam says."""
        try:
            graph = _read(folder / GRAPH_FILE, config)
            groups = _groups(folder / GROUPS_FILE, graph.ntotal)
            full = _full(folder, config, (graph.ntotal, graph.d)) if config.rerank else None
            size = (folder / GRAPH_FILE).stat().st_size  # the file is the memory but for a header
        except OSError as error:
            raise Corrupt(
                f"a file of the vector index cannot be read: {error.strerror}", hint=HINT
            ) from error
        threads = self.threads or os.cpu_count() or 1
        return Guarded(_Graph(graph, full, size_bytes=size, threads=threads), config, groups)


class _Graph:
    """The candidates of one graph."""

    def __init__(
        self,
        graph: "faiss_types.IndexHNSW",
        full: NDArray[np.floating] | None,
        *,
        size_bytes: int,
        threads: int,
    ) -> None:
        self._graph, self._threads = graph, threads
        self.full = None if full is None else lambda labels: full[labels].astype(np.float32)
        self.size, self.dimension = int(graph.ntotal), int(graph.d)
        self.bytes = size_bytes + (0 if full is None else full.nbytes)

    def walk(self, queries: Vectors, depth: int, ef: int) -> tuple[Positions, Vectors]:
        if not depth:
            return _none(len(queries))
        self._claim_threads(len(queries))
        parameters = _faiss().SearchParametersHNSW(efSearch=max(ef, depth))
        scores, labels = self._graph.search(queries, depth, params=parameters)
        return labels, scores

    def sift(self, queries: Vectors, depth: int, allowed: Mask) -> tuple[Positions, Vectors]:
        return self.scan(queries, depth, allowed)

    def scan(self, queries: Vectors, depth: int, allowed: Mask | None) -> tuple[Positions, Vectors]:
        if not depth:
            return _none(len(queries))
        self._claim_threads(len(queries))
        if allowed is None:
            scores, labels = self._graph.storage.search(queries, depth)
        else:
            bits = np.packbits(allowed, bitorder="little")  # lives as long as the call that reads it
            chosen = _faiss().SearchParameters(sel=_faiss().IDSelectorBitmap(bits))
            scores, labels = self._graph.storage.search(queries, depth, params=chosen)
        return labels, scores

    def _claim_threads(self, questions: int) -> None:
        _faiss().omp_set_num_threads(self._threads if questions >= MANY else 1)


def _faiss() -> ModuleType:
    return import_module("faiss")  # 0.1 s the first time, so not while this module is imported


def _linked(vectors: Vectors, config: Config, threads: int) -> "faiss_types.IndexHNSW":
    faiss = _faiss()
    d, m, metric = vectors.shape[1], config.m, faiss.METRIC_INNER_PRODUCT
    graph: faiss_types.IndexHNSW
    if config.storage == "fp32":
        graph = faiss.IndexHNSWFlat(d, m, metric)
    else:
        kind = faiss.ScalarQuantizer.QT_fp16 if config.storage == "fp16" else faiss.ScalarQuantizer.QT_8bit
        graph = faiss.IndexHNSWSQ(d, kind, m, metric)
    graph.hnsw.efConstruction = config.ef_construction
    if len(vectors):
        before = faiss.omp_get_max_threads()
        faiss.omp_set_num_threads(max(threads, 1))
        try:
            graph.train(vectors)
            graph.add(vectors)
        finally:
            faiss.omp_set_num_threads(before)
    return graph


def _read(path: Path, config: Config) -> "faiss_types.IndexHNSW":
    faiss = _faiss()
    kind = faiss.IndexHNSWFlat if config.storage == "fp32" else faiss.IndexHNSWSQ
    try:
        graph: faiss_types.IndexHNSW = faiss.read_index(str(path))
    except (RuntimeError, MemoryError) as error:  # the message may hold a path and C++ source: for the log
        raise Corrupt("the vector index cannot be read", hint=HINT, cause=str(error)) from error
    sound = isinstance(graph, kind) and graph.storage.ntotal == graph.ntotal
    if not sound or graph.metric_type != faiss.METRIC_INNER_PRODUCT:
        raise Corrupt("the vector index is not of the kind that was configured", hint=HINT)
    return graph


def _groups(path: Path, linked: int) -> Groups | None:
    return regrouped(np.fromfile(path, np.int64), linked=linked) if path.exists() else None


def _full(folder: Path, config: Config, shape: tuple[int, int]) -> NDArray[np.floating] | None:
    if config.storage not in FULL_FILES or not shape[0]:
        return None
    name, kind = FULL_FILES[config.storage]
    if (folder / name).stat().st_size != shape[0] * shape[1] * np.dtype(kind).itemsize:
        raise Corrupt("the full vectors do not fit the vector index", hint=HINT)
    return np.memmap(folder / name, dtype=kind, mode="r", shape=shape)


def _none(queries: int) -> tuple[Positions, Vectors]:
    return np.empty((queries, 0), np.int64), np.empty((queries, 0), np.float32)
