"""[acts] The rows of a query, in whatever shape the caller likes; held once, as an Arrow IPC stream."""

import importlib
import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from lakehouse.base.errors import Unavailable
from lakehouse.query import render
from lakehouse.query.engine import Answer

if TYPE_CHECKING:
    from types import ModuleType

    import pandas as pd
    import polars as pl


LARGE_BYTES: Final = 16 << 20
"""From here on an answer is read piece by piece; joining a smaller one is faster."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a result."""

    name: str
    type: str
    """As DuckDB writes it: BIGINT, DECIMAL(9,2), STRUCT(a INTEGER)."""


class Result:
    """What a query answered, and on which snapshots."""

    def __init__(
        self, answer: Answer, *, query_id: str, snapshots: Mapping[str, int], elapsed_ms: float
    ) -> None:
        self._answer = answer
        self.query_id = query_id
        self.snapshots = dict(snapshots)
        """Full table name -> the snapshot that was read; tables without snapshots are left out."""
        self.elapsed_ms = elapsed_ms
        """From the call to the last row, in this process."""
        self.columns = tuple(Column(name, kind) for name, kind in answer.columns)
        self.row_count = answer.row_count
        self.truncated = answer.truncated
        """More rows were there than the limits let through."""

    def ipc(self) -> Iterator[bytes]:
        """The Arrow IPC stream in pieces, as it came; no copy."""
        yield from self._answer.chunks

    def to_reader(self) -> pa.RecordBatchReader:
        """A reader over the batches."""
        chunks = self._answer.chunks
        if sum(map(len, chunks)) < LARGE_BYTES:
            return pa.ipc.open_stream(b"".join(chunks))
        return pa.ipc.open_stream(pa.PythonFile(_Pieces(chunks), mode="r"))

    def to_arrow(self) -> pa.Table:
        """All rows as a PyArrow table."""
        with self.to_reader() as reader:
            return reader.read_all()

    def to_pandas(self) -> "pd.DataFrame":
        """All rows as a pandas data frame.

        Raises:
            Unavailable: pandas is not installed.
        """
        _need("pandas")
        return self.to_arrow().to_pandas()

    def to_polars(self) -> "pl.DataFrame":
        """All rows as a polars data frame.

        Raises:
            Unavailable: polars is not installed.
        """
        frame: pl.DataFrame = _need("polars").from_arrow(self.to_arrow())
        return frame

    def rows(self) -> list[tuple[object, ...]]:
        """All rows as tuples of Python values."""
        return list(render.tuples(self))

    def json_rows(self) -> Iterator[dict[str, object]]:
        """Rows as plain JSON values: ISO dates, exact numbers, null where JSON has no number."""
        return render.json_rows(self)

    def csv(self) -> Iterator[bytes]:
        """UTF-8 CSV with a header, in pieces."""
        return render.csv(self)

    def markdown(self, *, most: int = 50) -> str:
        """A Markdown table of the first rows."""
        return render.markdown(self, most=most)

    def parquet(self) -> bytes:
        """The rows as one Parquet file, zstd."""
        sink = io.BytesIO()
        render.parquet(self, sink)
        return sink.getvalue()

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """The batches, in order."""
        with self.to_reader() as reader:
            yield from reader

    def __len__(self) -> int:
        return self.row_count

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The Arrow PyCapsule stream: DuckDB, polars, pandas and others read a result directly."""
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        more = "+" if self.truncated else ""
        return f"<Result {self.row_count}{more} rows, {len(self.columns)} columns, {self.elapsed_ms:.1f} ms>"

    def _repr_html_(self) -> str:
        """The first rows as an HTML table, for notebooks."""
        return render.html(self, most=20)


class _Pieces(io.RawIOBase):
    """Pieces of a stream as one file: joined, a large answer would be in memory twice."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._rest = iter(pieces)
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        wanted, taken = size if size >= 0 else sys.maxsize, list[memoryview]()
        while wanted:
            if not self._left:
                self._left = memoryview(next(self._rest, b""))
                if not self._left:
                    break
            taken.append(self._left[:wanted])
            self._left = self._left[wanted:]
            wanted -= len(taken[-1])
        return bytes(taken[0]) if len(taken) == 1 else b"".join(taken)


def _need(name: str) -> "ModuleType":
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise Unavailable(f"{name} is not installed", hint="pip install 'lakehouse[frames]'") from error
