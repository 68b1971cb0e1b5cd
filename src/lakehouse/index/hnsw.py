"""[acts] Vector indexes in memory: FAISS graphs (HNSW) over vectors of half, full or eighth precision.

What the library leaves to its caller is kept here:
- Equal vectors link to nothing but each other and cut the graph into islands. So each is linked once, and a
  hit stands for all positions that share it (`groups`).
- Under a filter a graph's walk may end among forbidden vectors. Its answer is used only when enough allowed
  ones stand among its nearest candidates (`route.trusted`); else every allowed vector is looked at.
- Its writer overlooks an error of the last block, so the bytes go through a file of ours.
- OpenMP would start threads for a single question; each search says how many it wants, thread by thread.

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

from lakehouse.base.errors import Corrupt, Unavailable
from lakehouse.index import route, unit
from lakehouse.index.ann import Config, Found, Vectors
from lakehouse.index.groups import Groups, group
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

Positions = NDArray[np.int64]
Mask = NDArray[np.bool_]


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
            _write(graph, folder / GRAPH_FILE)
            if groups is not None:
                groups.of.tofile(folder / GROUPS_FILE)
            if config.rerank and config.storage in FULL_FILES:
                name, kind = FULL_FILES[config.storage]
                linked.astype(kind, copy=False).tofile(folder / name)
        except OSError as error:
            raise disk_error(error, "write a vector index") from error

    def load(self, folder: Path, config: Config) -> "HnswIndex":
        """As the seam says."""
        try:
            graph = _read(folder / GRAPH_FILE, config)
            groups = _groups(folder / GROUPS_FILE, graph.ntotal)
            full = _full(folder, config, (graph.ntotal, graph.d)) if config.rerank else None
        except OSError as error:
            raise Corrupt(
                f"a file of the vector index cannot be read: {error.strerror}", hint=HINT
            ) from error
        size = (folder / GRAPH_FILE).stat().st_size  # the file is the memory, byte for byte but for a header
        size += (groups.bytes if groups else 0) + (0 if full is None else full.nbytes)
        return HnswIndex(graph, config, groups=groups, full=full, size_bytes=size, threads=self._many())

    def _many(self) -> int:
        return self.threads or os.cpu_count() or 1


class HnswIndex:
    """One loaded graph."""

    def __init__(
        self,
        graph: "faiss_types.IndexHNSW",
        config: Config,
        *,
        groups: Groups | None,
        full: NDArray[np.floating] | None,
        size_bytes: int,
        threads: int,
    ) -> None:
        self._graph: faiss_types.IndexHNSW | None = graph
        self._config, self._threads = config, threads
        self._groups, self._full = groups, full
        self._linked, self._dimension = int(graph.ntotal), int(graph.d)
        self._bytes = size_bytes

    @property
    def size(self) -> int:
        """How many vectors it holds."""
        return self._linked if self._groups is None else len(self._groups.of)

    @property
    def dimension(self) -> int:
        """Of its vectors."""
        return self._dimension

    @property
    def bytes(self) -> int:
        """Of memory while loaded."""
        return self._bytes

    def search(self, queries: Vectors, k: int, *, allowed: Mask | None = None, ef_search: int = 0) -> Found:
        """As the seam says; looks at every allowed vector where the graph's answer cannot be trusted."""
        plain, linked = self._checked(queries, k, allowed)
        ef, wanted = max(ef_search or self._config.ef_search, 1), max(k, self._config.rerank)
        if linked is None:
            share, head, depth = 1.0, wanted, min(wanted, self._linked)
        else:
            share = max(int(np.count_nonzero(linked)), 1) / max(self._linked, 1)
            ef = max(ef, route.widened(k, share))
            if ef > route.MAX_EF:
                return self.exact(plain, k, allowed=allowed)
            depth = min(max(ef, wanted), self._linked)
            head = route.trusted(depth, share)
        labels, scores = self._walk(plain, depth, ef)
        if linked is not None:
            labels, scores, sure = _filtered(labels, scores, linked, head=head)
        else:
            sure = np.count_nonzero(labels >= 0, axis=1)
        enough = min(k, self._linked if linked is None else int(np.count_nonzero(linked)))
        found = self._finished(plain, labels, scores, k=k, allowed=allowed)
        short = np.flatnonzero(sure < enough)
        if len(short):
            better = self.exact(plain[short], k, allowed=allowed)
            found.positions[short], found.scores[short] = better.positions, better.scores
        return found

    def exact(self, queries: Vectors, k: int, *, allowed: Mask | None = None) -> Found:
        """As the seam says, over the vectors as stored, scored again where `rerank` keeps better ones."""
        plain, linked = self._checked(queries, k, allowed)
        depth = min(max(k, self._config.rerank), self._linked)
        labels, scores = self._scan(plain, depth, linked)
        return self._finished(plain, labels, scores, k=k, allowed=allowed)

    def close(self) -> None:
        """Give the memory back, once the searches under way are done."""
        self._graph, self._full, self._groups = None, None, None

    def _checked(self, queries: Vectors, k: int, allowed: Mask | None) -> tuple[Vectors, Mask | None]:
        """The questions, and the filter as one over the linked vectors."""
        plain = unit.check_question(queries, k, dimension=self._dimension)
        mask = unit.check_allowed(allowed, size=self.size)
        return plain, mask if mask is None or self._groups is None else self._groups.any_of(mask)

    def _open(self, questions: int) -> "faiss_types.IndexHNSW":
        graph = self._graph
        if graph is None:
            raise Unavailable("this vector index was closed", hint="open the lake again")
        # OpenMP keeps the number for each calling thread, so this hinders no search beside this one.
        _faiss().omp_set_num_threads(self._threads if questions >= MANY else 1)
        return graph

    def _walk(self, queries: Vectors, depth: int, ef: int) -> tuple[Positions, Vectors]:
        graph = self._open(len(queries))
        if not depth:
            return np.empty((len(queries), 0), np.int64), np.empty((len(queries), 0), np.float32)
        parameters = _faiss().SearchParametersHNSW(efSearch=max(ef, depth))
        scores, labels = graph.search(queries, depth, params=parameters)
        return labels, scores

    def _scan(self, queries: Vectors, depth: int, linked: Mask | None) -> tuple[Positions, Vectors]:
        graph = self._open(len(queries))
        if not depth:
            return np.empty((len(queries), 0), np.int64), np.empty((len(queries), 0), np.float32)
        if linked is None:
            scores, labels = graph.storage.search(queries, depth)
        else:
            bits = np.packbits(linked, bitorder="little")  # lives as long as the call that reads it
            chosen = _faiss().SearchParameters(sel=_faiss().IDSelectorBitmap(bits))
            scores, labels = graph.storage.search(queries, depth, params=chosen)
        return labels, scores

    def _finished(
        self, queries: Vectors, labels: Positions, scores: Vectors, *, k: int, allowed: Mask | None
    ) -> Found:
        """Scored again, each hit spread over its positions, cut to `k`."""
        if self._full is not None:
            labels, scores = _again(queries, labels, self._full)
        if self._groups is not None:
            return self._groups.spread(labels, scores, k, allowed=allowed)
        found, width = unit.nothing(len(queries), k), min(k, labels.shape[1])
        found.positions[:, :width] = labels[:, :width]
        found.scores[:, :width] = np.where(labels[:, :width] >= 0, scores[:, :width], -np.inf)
        return found


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


def _write(graph: "faiss_types.IndexHNSW", path: Path) -> None:
    with path.open("xb") as file:
        _faiss().write_index(graph, _faiss().PyCallbackIOWriter(file.write, 1 << 20))


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
    if not path.exists():
        return None
    of = np.fromfile(path, np.int64)
    if len(np.unique(of)) != linked or (linked and (of.min(), of.max()) != (0, linked - 1)):
        raise Corrupt("the groups of equal vectors do not fit the vector index", hint=HINT)
    return Groups(of)


def _full(folder: Path, config: Config, shape: tuple[int, int]) -> NDArray[np.floating] | None:
    if config.storage not in FULL_FILES or not shape[0]:
        return None
    name, kind = FULL_FILES[config.storage]
    if (folder / name).stat().st_size != shape[0] * shape[1] * np.dtype(kind).itemsize:
        raise Corrupt("the full vectors do not fit the vector index", hint=HINT)
    return np.memmap(folder / name, dtype=kind, mode="r", shape=shape)


def _filtered(
    labels: Positions, scores: Vectors, allowed: Mask, *, head: int
) -> tuple[Positions, Vectors, Positions]:
    """The allowed candidates moved to the front, and how many of them each question's head holds."""
    kept = (labels >= 0) & allowed[labels]
    sure = np.count_nonzero(kept[:, :head], axis=1)
    order = np.argsort(~kept, axis=1, kind="stable")
    labels = np.take_along_axis(np.where(kept, labels, -1), order, axis=1)
    return labels, np.take_along_axis(scores, order, axis=1), sure


def _again(queries: Vectors, labels: Positions, full: NDArray[np.floating]) -> tuple[Positions, Vectors]:
    """The candidates scored by the full vectors, best first."""
    exact = np.full(labels.shape, -np.inf, np.float32)
    for row, (query, candidates) in enumerate(zip(queries, labels, strict=True)):
        there = candidates >= 0
        exact[row, there] = full[candidates[there]].astype(np.float32) @ query
    order = np.argsort(-exact, axis=1, kind="stable")
    return np.take_along_axis(labels, order, axis=1), np.take_along_axis(exact, order, axis=1)
