"""[acts] JSON to staged Parquet: the whole file is seen once to find its columns, and once to write them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

import duckdb
import pyarrow as pa

from lakehouse.base.errors import Corrupt, Invalid, LakehouseError
from lakehouse.ingest.delimited.split import RAW_BYTES
from lakehouse.ingest.described import flatten, jsontext, restage
from lakehouse.ingest.described.flatten import Column, Facts, Json, Rounded, TooDeep
from lakehouse.ingest.described.jsontext import Value
from lakehouse.ingest.shape import Conversion, Reject, Target
from lakehouse.ingest.write import Order, RejectLog, conversion, open_duck

Layout = Literal["json", "ndjson"]
Row = dict[flatten.Path, Json]

BATCH_VALUES: Final = 1_000_000
"""Values held before they are written; rows of many columns make smaller batches."""

SCALARS: Final = {"BOOLEAN": pa.bool_(), "BIGINT": pa.int64(), "DOUBLE": pa.float64()}
"""Types that Arrow gets as they are; all others reach DuckDB as text, whose casts are the same as for CSV."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one pass over the file tells."""

    columns: tuple[Column, ...]
    rows: int
    rejected: int


def inspect(path: Path, layout: Layout) -> Seen:
    """Every column of the file with the type that holds all its values.

    Raises:
        Invalid: not JSON, no columns, or more than 4,096 of them.

    Cost: 20 to 40 MB/s.
    """
    seen: dict[flatten.Path, Facts] = {}
    rows = rejected = 0
    for row in _rows(path, layout):
        if isinstance(row, Reject):
            rejected += 1
            continue
        rows += 1
        for key_path, value in row.items():
            facts = seen.get(key_path)
            if facts is None:
                facts = seen[key_path] = Facts()
            facts.add(value)
        if len(seen) > 2 * flatten.MAX_COLUMNS:
            break
    found = flatten.columns(seen)
    if len(found) > flatten.MAX_COLUMNS:
        limit = f"{flatten.MAX_COLUMNS:,}"
        raise Invalid(f"the file has more than {limit} columns", hint="turn keys that are data into rows")
    if not found:
        raise Invalid("the file holds no values", hint="check that the export finished, then send it again")
    return Seen(columns=found, rows=rows, rejected=rejected)


def convert(path: Path, layout: Layout, order: Order) -> Conversion:
    """Write the file's rows as Parquet; broken lines, and rows that a type does not fit, are rejects.

    Raises:
        Invalid: not JSON.
        Corrupt: the file is no longer what was inspected.
    """
    rejects = RejectLog(order.out / "rejects.ndjson")
    placed = replace(order, targets=tuple(replace(t, source=n) for n, t in enumerate(order.targets)))
    natural = tuple((f"c{n}", _natural(t)) for n, t in enumerate(order.targets))
    with open_duck(order.out, columns=len(order.targets)) as con:
        table = _Table(path, layout, order.targets)
        with table.registered(con, rejects):
            staged = restage.restage(con, "json_rows", natural=natural, order=placed)
        if staged.rows + rejects.count < table.read:
            again = _Table(path, layout, order.targets)
            with again.registered(con, RejectLog(order.out / "seen.ndjson")):
                found = list(restage.misfits(con, "json_rows", natural=natural, targets=placed.targets))
            rejects.add(_located(path, layout, iter(found)))
            (order.out / "seen.ndjson").unlink(missing_ok=True)
    return conversion(staged, rejects, read=table.read, targets=order.targets, counted_by="JSON reader")


class _Table:
    """The file as an Arrow stream that DuckDB reads once."""

    def __init__(self, path: Path, layout: Layout, targets: Sequence[Target]) -> None:
        self._path, self._layout, self._targets = path, layout, targets
        self._schema = pa.schema([(f"c{n}", _arrow(_natural(t))) for n, t in enumerate(targets)])
        self._failure: LakehouseError | None = None
        self.read = 0
        """Rows seen so far, rejected ones included."""

    @contextmanager
    def registered(self, con: duckdb.DuckDBPyConnection, rejects: RejectLog) -> Iterator[None]:
        """Let `con` read the rows as `json_rows`; what the reader raises is raised here, unchanged."""
        con.register("json_rows", pa.RecordBatchReader.from_batches(self._schema, self._batches(rejects)))
        try:
            yield
        except (LakehouseError, duckdb.Error):
            if self._failure:
                raise self._failure from None
            raise
        finally:
            con.unregister("json_rows")

    def _batches(self, rejects: RejectLog) -> Iterator[pa.RecordBatch]:
        size = max(1, BATCH_VALUES // len(self._targets))
        rows: list[Row] = []
        try:
            for row in _rows(self._path, self._layout):
                self.read += 1
                if isinstance(row, Reject):
                    rejects.add([row])
                else:
                    rows.append(row)
                if len(rows) >= size:
                    yield self._batch(rows)
                    rows = []
            yield self._batch(rows)
        except LakehouseError as error:
            self._failure = error
            raise

    def _batch(self, rows: Sequence[Row]) -> pa.RecordBatch:
        arrays = []
        for target, kind in zip(self._targets, self._schema.types, strict=True):
            path, wanted = target.path, _natural(target)
            values = flatten.stored([row.get(path) for row in rows], wanted)
            try:
                arrays.append(pa.array(values, kind))
            except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
                raise Corrupt("the file changed while it was read", hint="send it again") from error
        return pa.RecordBatch.from_arrays(arrays, schema=self._schema)


def _rows(path: Path, layout: Layout) -> Iterator[Row | Reject]:
    for found in jsontext.read(path, layout):
        yield _row(found) if isinstance(found, Value) else found


def _row(value: Value) -> Row | Reject:
    try:
        try:
            return flatten.leaves(value.json, exact=not value.raw)
        except Rounded:
            return flatten.leaves(jsontext.exactly(value.raw))
    except TooDeep:
        return Reject(line=value.line, reason="it is nested deeper than 128 levels", raw="")


def _located(path: Path, layout: Layout, misfits: Iterator[tuple[int, str]]) -> Iterator[Reject]:
    """The rejects for rows that a type does not fit: number among the good ones, ascending, and reason."""
    wanted = next(misfits, None)
    number = 0
    for value in jsontext.read(path, layout):
        if wanted is None:
            return
        if isinstance(value, Reject) or isinstance(_row(value), Reject):
            continue
        if number == wanted[0]:
            yield Reject(line=value.line, reason=wanted[1], raw=flatten.json_text(value.json)[:RAW_BYTES])
            wanted = next(misfits, None)
        number += 1


def _natural(target: Target) -> str:
    """The type in which Python hands a column over; DuckDB does the rest."""
    if target.on_misfit == "widen" and (target.type in SCALARS or target.type.endswith("[]")):
        return target.type
    return "VARCHAR"


def _arrow(kind: str) -> pa.DataType:
    if kind.endswith("[]"):
        return pa.list_(_arrow(kind[:-2]))
    return SCALARS.get(kind, pa.string())
