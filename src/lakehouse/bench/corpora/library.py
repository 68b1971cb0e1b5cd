"""[acts] The lakes that are asked: one over vectors out of a Parquet file, one over texts; each made once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lakehouse.assembly import open_lake
from lakehouse.base.errors import Corrupt
from lakehouse.bench.corpora.clusters import Clusters, Mask, Matrix, Positions, truth
from lakehouse.bench.corpora.sentences import texts
from lakehouse.lake.facade import IndexInfo, Lakehouse
from lakehouse.lake.models import Models
from lakehouse.llm.embedding import Model, Use
from lakehouse.llm.minilm.embedder import MiniLM

K: Final = 10
INDEX: Final = "bench"
TABLE: Final = "bench_rows"
TEXT_WORDS: Final = 30
"""About 90 tokens: one passage, with room for an edit."""


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """Clustered vectors as a Parquet file of `id`, `pick` (0 to 999, at random), `cluster` and `v`."""

    path: Path
    shape: Clusters
    rows: int
    asked: int
    """Questions."""

    @property
    def vectors(self) -> Matrix:
        """All of them, (n, d), read from the file; the id of a vector is its position."""
        return matrix(pq.read_table(self.path, columns=["v"])["v"])

    @cached_property
    def questions(self) -> Matrix:
        """Vectors of the same kind that are not in the file."""
        return self.shape.questions(self.asked)

    @cached_property
    def true(self) -> Positions:
        """The `K` nearest to each question."""
        return truth(self.vectors, self.questions, K)

    def chosen(self, column: str, below: int) -> Mask:
        """Which rows have less than so much in a column."""
        mask: Mask = pq.read_table(self.path, columns=[column])[column].to_numpy() < below
        return mask

    def __str__(self) -> str:
        return f"{self.rows:,} x {self.shape.dimension}: {self.shape}"


def corpus(path: Path, *, rows: int, dimension: int, asked: int) -> Corpus:
    """Write the file, a block of vectors at a time."""
    shape = Clusters(dimension=dimension)
    rng, start = np.random.default_rng(shape.seed), 0
    schema = pa.schema(
        {"id": pa.int64(), "pick": pa.int32(), "cluster": pa.int32(), "v": pa.list_(pa.float32())}
    )
    with pq.ParquetWriter(path, schema, compression="none", use_dictionary=False) as writer:
        for vectors, of in shape.blocks(rows):
            n = len(vectors)
            offsets = pa.array(np.arange(n + 1, dtype=np.int32) * dimension)
            lists = pa.ListArray.from_arrays(offsets, pa.array(vectors.ravel()))
            columns = [
                pa.array(np.arange(start, start + n)),
                pa.array(rng.integers(0, 1000, n, dtype=np.int32)),
                pa.array(of.astype(np.int32)),
                lists,
            ]
            writer.write_table(pa.table(columns, schema=schema))
            start += n
    return Corpus(path=path, shape=shape, rows=rows, asked=asked)


def matrix(lists: pa.ChunkedArray) -> Matrix:
    """(n, d) out of lists of one length."""
    flat = np.concatenate([np.asarray(chunk.flatten()) for chunk in lists.chunks])
    made: Matrix = flat.astype(np.float32, copy=False).reshape(len(lists), -1)
    return made


def build(lake: Lakehouse, corpus: Corpus) -> IndexInfo:
    """From the Parquet file to a promoted generation.

    Raises:
        Corrupt: a row is missing from the table, or no generation serves.
    """
    report = lake.ingest(corpus.path, table=TABLE)
    if report.status != "created" or report.rejected:
        raise Corrupt(f"{report.table} was {report.status}: {report.reason}", hint="report this")
    info = lake.index.build(INDEX, table=TABLE, vector="v", id="id", refresh="manual")
    if info.generation is None or info.vectors != corpus.rows:
        raise Corrupt(f"the index holds {info.vectors:,} of {corpus.rows:,} vectors", hint="report this")
    return info


def vector_lake(root: Path, corpus: Corpus) -> Path:
    """A lake in which the corpus can be asked."""
    with open_lake(root) as lake:
        build(lake, corpus)
    return root


def text_lake(root: Path, *, rows: int) -> Path:
    """A lake with an index over texts whose vectors are drawn instead of embedded, which would take an hour.

    They pass for those of the local model, which is asked for each question and each edit from then on. So
    what is found means nothing, but finding it takes as long as if it did.
    """
    models = Models(embedder=lambda: _Drawn(rows, root / "cache"), chat=lambda: None, entries=0)
    with open_lake(root, models=models) as lake:
        columns = {"id": np.arange(rows), "body": list(texts(rows, words=TEXT_WORDS, seed=1))}
        lake.upsert(TABLE, pa.table(columns), key="id")
        lake.index.build(INDEX, table=TABLE, text="body", id="id", refresh="manual")
    return root


class _Drawn:
    """Clustered vectors in the order in which texts come, under the local model's name."""

    def __init__(self, rows: int, cache: Path) -> None:
        self.model: Model = MiniLM(cache).model
        self._blocks = Clusters(dimension=self.model.dimension).blocks(rows)
        self._left: Matrix = np.zeros((0, self.model.dimension), np.float32)

    def embed(self, given: Sequence[str], *, use: Use = "document") -> Matrix:
        """The next ones."""
        del use
        while len(self._left) < len(given):
            self._left = np.concatenate([self._left, next(self._blocks)[0]])
        made, self._left = self._left[: len(given)], self._left[len(given) :]
        return made

    def count(self, text: str) -> int:
        """About as many as the model would count."""
        return text.count(" ") * 3

    def close(self) -> None:
        """Nothing is held."""
