"""[acts] Vector indexes on disk: Lance, for more vectors than memory holds.

The vectors lie in one Lance table, in full; the index over it (IVF, then a graph in each part, 8 bits a
member) is read in pieces as questions need them. Small tables have none and are looked at whole. What the
index finds is scored again from the table, so scores are true cosines. Its row ids are positions, since the
table is one fragment that is never changed.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from math import ceil
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final

import numpy as np

from lakehouse.base.errors import Corrupt, Unavailable
from lakehouse.index.ann import Config, Vectors
from lakehouse.index.near import unit
from lakehouse.index.near.groups import Mask, Positions, group, regrouped
from lakehouse.index.near.guarded import Guarded
from lakehouse.store.durable import disk_error

if TYPE_CHECKING:
    import lance as lance_types
    import pyarrow as pa_types

TABLE: Final = "vectors.lance"
ABOUT: Final = "about.json"
GROUPS_FILE: Final = "groups.i64"
COLUMN: Final = "vector"

FLAT_BELOW: Final = 5000
"""Looking at so few takes no longer than the index's own start of a search."""

PART: Final = 65_536
"""Vectors in each part of the index; a part is built and read as a whole."""

PROBED: Final = 8
"""Parts that each question looks into, and an eighth of the others."""

REFINED: Final = 3
"""So many times as many candidates as are wanted are scored again: 8 bits alone gave recall 0.986."""

BLOCK: Final = 8192
"""Vectors read at a time."""

SIFTED: Final = 200
SIFTED_FACTOR: Final = 4
"""Candidates under a filter that the graph's head did not answer: at least 200, four times what is wanted."""

TAKEN: Final = 0.05
"""Up to this share of the vectors is fetched row by row; above it all are read in order."""

HINT: Final = "build the index again; its vectors are kept in their table"
INSTALL: Final = "pip install 'lakehouse[lance]'"


@dataclass(frozen=True, slots=True)
class Lance:
    """Builds indexes on disk and opens them. `storage` of a configuration changes nothing here."""

    flat_below: int = FLAT_BELOW
    """Fewer vectors get no index."""

    def build(self, vectors: Vectors, config: Config, folder: Path, *, threads: int) -> None:
        """As the seam says; Lance takes every core, whatever `threads` says."""
        del threads
        unit.check_config(config)
        plain = unit.check_vectors(vectors)
        _lance()
        groups = group(plain, np.float32)
        linked = plain if groups is None else plain[groups.first]
        about = {"rows": len(linked), "dimension": plain.shape[1], "parts": 0}
        try:
            if len(linked):
                about["parts"] = _write(linked, config, folder / TABLE, flat_below=self.flat_below)
            if groups is not None:
                groups.of.tofile(folder / GROUPS_FILE)
            (folder / ABOUT).write_text(json.dumps(about))
        except OSError as error:
            raise disk_error(error, "write a vector index") from error

    def load(self, folder: Path, config: Config) -> Guarded:
        """As the seam says."""
        lance = _lance()
        try:
            about = json.loads((folder / ABOUT).read_bytes())
            rows, dimension, parts = (int(about[name]) for name in ("rows", "dimension", "parts"))
            table = lance.dataset(folder / TABLE) if rows else None
            sound = table is None or table.count_rows() == rows
            groups_file = folder / GROUPS_FILE
            of = np.fromfile(groups_file, np.int64) if groups_file.exists() else None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Corrupt("the vector index cannot be read", hint=HINT, cause=str(error)) from error
        if not sound:
            raise Corrupt("the vector index has lost rows", hint=HINT)
        groups = None if of is None else regrouped(of, linked=rows)
        return Guarded(_Table(table, rows=rows, dimension=dimension, parts=parts), config, groups)


class _Table:
    """The candidates of one table; there is none where there are no rows."""

    full = None
    """Every score is computed from the table already."""

    def __init__(
        self, table: "lance_types.LanceDataset | None", *, rows: int, dimension: int, parts: int
    ) -> None:
        self._table, self._parts = table, parts
        self.size, self.dimension = rows, dimension
        # The index's bytes, which Lance keeps once read; the table itself stays on disk.
        self.bytes = rows * (dimension + 4 * 2 * 16) if parts else BLOCK * dimension * 4

    def walk(self, queries: Vectors, depth: int, ef: int) -> tuple[Positions, Vectors]:
        return self._by_index(queries, depth, ef, None)

    def sift(self, queries: Vectors, depth: int, allowed: Mask) -> tuple[Positions, Vectors]:
        if not self._parts or not depth:
            return self.scan(queries, depth, allowed)
        # Lance goes through the parts' 8-bit vectors where few are allowed, through their graphs where many.
        only = _dataset_module().serialize_row_addrs(np.flatnonzero(allowed).tolist())
        return self._by_index(queries, depth, max(SIFTED, SIFTED_FACTOR * depth), only)

    def scan(self, queries: Vectors, depth: int, allowed: Mask | None) -> tuple[Positions, Vectors]:
        labels, scores = np.full((len(queries), depth), -1, np.int64), np.full((len(queries), depth), -np.inf)
        for positions, vectors in self._read(allowed) if depth else ():
            near = queries @ vectors.T
            top = np.argpartition(-near, depth - 1, axis=1)[:, :depth] if depth < len(positions) else None
            across = np.broadcast_to(positions, near.shape) if top is None else positions[top]
            labels = np.concatenate([labels, across], axis=1)
            near = near if top is None else np.take_along_axis(near, top, axis=1)
            scores = np.concatenate([scores, near], axis=1)
            order = np.argsort(-scores, axis=1, kind="stable")[:, :depth]
            labels = np.take_along_axis(labels, order, axis=1)
            scores = np.take_along_axis(scores, order, axis=1)
        return labels, scores.astype(np.float32)

    def _by_index(
        self, queries: Vectors, depth: int, ef: int, only: bytes | None
    ) -> tuple[Positions, Vectors]:
        table = self._table
        if table is None or not self._parts or not depth:
            return self.scan(queries, depth, None)
        refined = REFINED if depth < SIFTED else 1
        labels, scores = np.full((len(queries), depth), -1, np.int64), np.full((len(queries), depth), -np.inf)
        for row, query in enumerate(queries):
            nearest = {
                "column": COLUMN, "q": query, "k": depth, "ef": max(ef, depth * refined),
                "nprobes": min(self._parts, PROBED + self._parts // 8),
                "refine_factor": refined,
            }  # fmt: skip
            found = _asked(table, nearest, only)
            there = found.num_rows
            labels[row, :there] = found["_rowid"].to_numpy()
            scores[row, :there] = 1 - found["_distance"].to_numpy()
        return labels, scores.astype(np.float32)

    def _read(self, allowed: Mask | None) -> Iterator[tuple[Positions, Vectors]]:
        """The allowed vectors, block by block, with their positions."""
        if self._table is None:
            return
        try:
            if allowed is not None and np.count_nonzero(allowed) <= TAKEN * self.size:
                positions = np.flatnonzero(allowed)
                for start in range(0, len(positions), BLOCK):
                    some = positions[start : start + BLOCK]
                    yield some, self._matrix(self._table.take(some.tolist(), columns=[COLUMN])[COLUMN])
                return
            start = 0
            for batch in self._table.to_batches(columns=[COLUMN], batch_size=BLOCK, scan_in_order=True):
                positions = np.arange(start, start + batch.num_rows)
                start += batch.num_rows
                kept = slice(None) if allowed is None else allowed[positions]
                yield positions[kept], self._matrix(batch[COLUMN])[kept]
        except (OSError, ValueError, RuntimeError) as error:
            raise Corrupt("the vector index cannot be read", hint=HINT, cause=str(error)) from error

    def _matrix(self, column: "pa_types.ChunkedArray | pa_types.Array") -> Vectors:
        whole = column.combine_chunks() if hasattr(column, "combine_chunks") else column
        made: Vectors = whole.flatten().to_numpy(zero_copy_only=False).reshape(-1, self.dimension)
        return made


def _asked(
    table: "lance_types.LanceDataset", nearest: dict[str, object], only: bytes | None
) -> "pa_types.Table":
    try:
        scanner = table.scanner(
            columns=["_distance"], with_row_id=True, nearest=nearest, row_addr_allowlist=only
        )
        found: pa_types.Table = scanner.to_table()
    except (OSError, ValueError, RuntimeError) as error:
        raise Corrupt("the vector index cannot be searched", hint=HINT, cause=str(error)) from error
    return found


def _write(vectors: Vectors, config: Config, path: Path, *, flat_below: int) -> int:
    """Write the table and its index; how many parts the index has, 0 without one."""
    lance, pa = _lance(), import_module("pyarrow")
    column = pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), vectors.shape[1])
    try:
        table = lance.write_dataset(
            pa.table({COLUMN: column}), path, max_rows_per_file=len(vectors), mode="create"
        )
        if len(vectors) < flat_below:
            return 0
        parts = ceil(len(vectors) / PART)
        table.create_index(
            COLUMN, "IVF_HNSW_SQ", metric="cosine", num_partitions=parts,
            m=config.m, ef_construction=config.ef_construction,
        )  # fmt: skip
    except (ValueError, RuntimeError) as error:
        raise Unavailable(
            "Lance could not write the vector index", hint="look at the log", cause=str(error)
        ) from error
    return parts


def _lance() -> ModuleType:
    try:
        return import_module("lance")
    except ImportError as error:
        raise Unavailable("this index needs Lance, which is not installed", hint=INSTALL) from error


def _dataset_module() -> ModuleType:
    return import_module("lance.dataset")
