"""[acts] The ground of a run: a temporary folder, sizes, and the data that several measures share."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lakehouse.base.duck import connect, quote_text
from lakehouse.bench.corpora import library
from lakehouse.bench.corpora.library import Corpus
from lakehouse.staffing import generate

if TYPE_CHECKING:
    import duckdb

THREADS: Final = 2
"""Of the peer and of ours: the figures are about the same number of cores."""

MEMORY_BYTES: Final = 2 << 30
"""Of the peer's buffers."""

ROW_BYTES: Final = 103
"""Of `CSV` below, about."""

CSV: Final = """
    SELECT i AS id,
           'Person ' || hash(i) % 1000000 AS name,
           'City ' || hash(i + 1) % 500 AS city,
           lpad((hash(i + 2) % 100000)::VARCHAR, 5, '0') AS zip,
           (hash(i + 3) % 10000000) / 100.0 AS amount,
           DATE '2020-01-01' + (hash(i + 4) % 2000)::INTEGER AS day,
           TIMESTAMP '2020-01-01' + to_seconds((hash(i + 5) % 100000000)::BIGINT) AS at,
           hash(i + 6) % 3 = 0 AS active,
           hash(i + 7) % 200 AS grade,
           md5(i::VARCHAR)[:24] AS note
    FROM range({rows}) AS r(i)"""
"""Ten columns as business files have them: keys, names, places, codes with leading zeros, money, times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much is measured."""

    samples: int = 5
    csv_bytes: int = 1_000_000_000
    """Of the one large file."""

    rows: int = 2_000_000
    """Of the table that is queried and changed."""

    scale: float = 1.0
    """Of the staffing company; 1 is 286,500 rows."""

    upserts: int = 1000
    requests: int = 3000
    vectors: int = 100_000
    """Of 768 members, and as many texts."""

    many_vectors: int = 500_000
    """Of 384 members."""

    questions: int = 400
    texts: int = 400
    """Embedded in one sample."""

    judged: int = 5
    """Collections of judged questions, the small ones first."""

    events: int = 100_000
    """Outcomes that a playbook remembers."""

    told: int = 800
    """Outcomes told in one sample, by eight clients."""


QUICK: Final = Sizes(
    samples=3,
    csv_bytes=300_000_000,
    rows=200_000,
    scale=0.2,
    upserts=100,
    requests=600,
    vectors=20_000,
    many_vectors=50_000,
    questions=200,
    texts=100,
    judged=2,
    events=20_000,
    told=400,
)
TINY: Final = Sizes(
    samples=1,
    csv_bytes=200_000,
    rows=16_000,
    scale=0.01,
    upserts=14,
    requests=20,
    vectors=1_200,
    many_vectors=1_500,
    questions=20,
    texts=4,
    judged=1,
    events=200,
    told=16,
)
"""For tests of the bench itself; its figures mean nothing."""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Where one run takes place; the data are made when first asked for."""

    folder: Path
    sizes: Sizes

    def fresh(self, name: str) -> Path:
        """A new folder; the name is free because every measure asks for its own."""
        folder = self.folder / name
        folder.mkdir()
        return folder

    def peer(self) -> "duckdb.DuckDBPyConnection":
        """Bare DuckDB, in memory, with as many threads as ours."""
        return connect(threads=THREADS, memory_bytes=MEMORY_BYTES, temp=self.folder / "peer-spill")

    @cached_property
    def staffing(self) -> tuple[Path, ...]:
        """The seven tables as CSV."""
        return generate.write(self.folder / "staffing", scale=self.sizes.scale)

    @cached_property
    def large(self) -> Path:
        """One CSV file of about `csv_bytes`."""
        return self.csv("large.csv", self.sizes.csv_bytes // ROW_BYTES)

    @cached_property
    def wide(self) -> Path:
        """The CSV of the table that is queried and changed."""
        return self.csv("wide.csv", self.sizes.rows)

    @cached_property
    def vectors(self) -> Corpus:
        """Clustered vectors of 768 members as one Parquet file."""
        return library.corpus(
            self.folder / "vectors.parquet",
            rows=self.sizes.vectors,
            dimension=768,
            asked=self.sizes.questions,
        )

    @cached_property
    def vector_lake(self) -> Path:
        """A lake with an index over `vectors`; made once, opened by several measures."""
        return library.vector_lake(self.folder / "vector-lake", self.vectors)

    @cached_property
    def text_lake(self) -> Path:
        """A lake with an index over as many texts, embedded by no model but said to be."""
        return library.text_lake(self.folder / "text-lake", rows=self.sizes.vectors)

    def csv(self, name: str, rows: int) -> Path:
        """A CSV file of ten columns and so many rows."""
        path = self.folder / name
        with self.peer() as con:
            con.execute(f"COPY ({CSV.format(rows=rows)}) TO {quote_text(str(path))} (FORMAT csv)")
        return path
