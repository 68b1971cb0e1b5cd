"""[acts] Columns that already have types, as staged Parquet: cast where another type is wanted."""

from collections.abc import Iterator, Sequence

import duckdb

from lakehouse.base.duck import quote_name, quote_text
from lakehouse.base.errors import Corrupt, Invalid, Unavailable
from lakehouse.ingest.delimited import cast
from lakehouse.ingest.described.stored import stored_type
from lakehouse.ingest.shape import StagedFile, Target
from lakehouse.ingest.write import Order, write_parquet

FETCH_ROWS = 10_000


def describe(con: duckdb.DuckDBPyConnection, relation: str) -> tuple[tuple[str, str], ...]:
    """Names and types of the columns that `relation` yields."""
    rows = con.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    return tuple((str(row[0]), str(row[1])) for row in rows)


def restage(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    *,
    natural: Sequence[tuple[str, str]],
    order: Order,
) -> StagedFile:
    """Write the rows of `relation` that fit every target; `misfits` names the others.

    Args:
        con: sees the relation.
        relation: what stands after FROM.
        natural: its columns as `describe` gives them.
        order: the columns wanted, whose `source` counts in `natural`, and where to.

    Raises:
        Invalid: the source's own bytes are damaged.
        Unavailable: out of memory or disk.
    """
    values = ", ".join(f"{_value(natural, t)} AS {quote_name(t.name)}" for t in order.targets)
    kept = f" WHERE NOT ({_doubts(natural, order.targets)})"
    try:
        return write_parquet(con, f"SELECT {values} FROM {relation}{kept}", order)
    except duckdb.Error as error:
        raise mapped(error) from error


def misfits(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    *,
    natural: Sequence[tuple[str, str]],
    targets: Sequence[Target],
) -> Iterator[tuple[int, str]]:
    """The rows left out: number in the relation, from 0, ascending, and the reason."""
    reasons = " ".join(
        f"WHEN {condition} THEN {quote_text(reason)}"
        for t in targets
        for condition, reason in _refusals(natural, t)
    )
    if not reasons:
        return
    found = con.execute(
        f"SELECT n, why FROM (SELECT row_number() OVER () - 1 AS n, CASE {reasons} END AS why "
        f"FROM {relation}) WHERE why IS NOT NULL ORDER BY n"
    )
    while rows := found.fetchmany(FETCH_ROWS):
        yield from rows


def mapped(error: duckdb.Error) -> Exception:
    """What a failure of DuckDB on a typed source means."""
    if isinstance(error, duckdb.OutOfMemoryException):
        return Unavailable("not enough memory to convert the file", hint="raise ingest.memory_bytes")
    if isinstance(error, duckdb.IOException) and "No space" in str(error):
        return Unavailable("the disk is full", hint="free some disk space")
    if isinstance(error, duckdb.InternalException):
        return Corrupt("the file could not be converted", hint="report the file's format and writer")
    return Invalid("the file is damaged", hint="write it again with the program that made it")


def _differs(natural: Sequence[tuple[str, str]], target: Target) -> bool:
    return natural[target.source][1] != target.type


def _value(natural: Sequence[tuple[str, str]], target: Target) -> str:
    name, kind = natural[target.source]
    column = quote_name(name)
    if kind == target.type:
        return column
    if target.type in ("VARCHAR", stored_type(kind)):
        return f"CAST({column} AS {target.type})"
    return cast.attempt(f"nullif(CAST({column} AS VARCHAR), '')", target.type)


def _doubts(natural: Sequence[tuple[str, str]], targets: Sequence[Target]) -> str:
    return " OR ".join(condition for t in targets for condition, _ in _refusals(natural, t)) or "false"


def _refusals(natural: Sequence[tuple[str, str]], target: Target) -> Iterator[tuple[str, str]]:
    """The conditions under which a row is left out for this column, and what is said of it then."""
    if target.required:
        yield cast.keyless(quote_name(natural[target.source][0])), cast.no_key(target.name)
    if _differs(natural, target):
        yield _doubt(natural, target), f"{target.name} is not a {target.type}"


def _doubt(natural: Sequence[tuple[str, str]], target: Target) -> str:
    name, kind = natural[target.source]
    if target.type in ("VARCHAR", stored_type(kind)):
        return "false"
    return cast.doubtful(f"CAST({quote_name(name)} AS VARCHAR)", target.type, target.on_misfit)
