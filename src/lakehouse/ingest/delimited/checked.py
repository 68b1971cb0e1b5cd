"""[acts] DuckDB's attempt at one delimited text: every value held to its type while Parquet is written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import duckdb

from lakehouse.base.duck import quote_name, quote_text
from lakehouse.base.errors import Corrupt, Unavailable
from lakehouse.ingest.delimited import cast
from lakehouse.ingest.shape import Dialect, StagedFile, Target
from lakehouse.ingest.write import Order, group_rows, write_parquet

HEAD_BYTES: Final = 256 << 10
FETCH_ROWS: Final = 10_000


class Malformed(Exception):
    """DuckDB refused the text; the exact splitter will say which rows and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A delimited text that DuckDB may read."""

    path: Path
    dialect: Dialect
    width: int
    """Number of columns."""

    max_line_bytes: int = 2 << 20
    """A larger one makes DuckDB's reader buffers larger and its threads fewer: 2.5 times slower at 16 MiB."""

    @property
    def sql(self) -> str:
        """The `read_csv` that yields columns c0, c1, … of text; unquoted empty is NULL, quoted is not."""
        columns = ", ".join(f"'c{n}': 'VARCHAR'" for n in range(self.width))
        return (
            f"read_csv({quote_text(str(self.path))}, auto_detect=false, columns={{{columns}}}, "
            f"delim={quote_text(self.dialect.delimiter)}, quote={quote_text(self.dialect.quote)}, "
            f"escape={quote_text(self.dialect.quote)}, header={str(self.dialect.header).lower()}, "
            f"nullstr='', allow_quoted_nulls=false, max_line_size={self.max_line_bytes})"
        )

    @property
    def is_plain(self) -> bool:
        """May DuckDB read it as it stands? Not with lines before the header, or lines that end in CR."""
        return self.dialect.newline == "\n" and not self.dialect.preamble


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What an attempt came to."""

    text: Text
    staged: StagedFile
    targets: tuple[Target, ...]
    """With the types as written."""

    misfits: int
    """Rows left out because a column that may not widen does not fit them."""


def write(con: duckdb.DuckDBPyConnection, text: Text, order: Order) -> Typed | None:
    """The text as Parquet, columns in doubt made wider; None when DuckDB finds it malformed.

    Raises:
        Unavailable: out of memory or disk.
    """
    misfits = 0
    try:
        staged = _copy(con, text, order)
        if staged is None:
            wider, misfits = _widened(con, text, order.targets)
            order = replace(order, targets=wider)
            staged = _copy(con, text, order, leave_out_misfits=misfits > 0)
    except Malformed:
        return None
    if staged is None:
        raise Corrupt("a type was doubted twice", hint="send the file again, and report it if this repeats")
    return Typed(text=text, staged=staged, targets=order.targets, misfits=misfits)


def misfits(con: duckdb.DuckDBPyConnection, done: Typed) -> Iterator[tuple[int, str]]:
    """The rows that were left out: number among the text's records, from 0, ascending, and the reason."""
    reasons = " ".join(
        f"WHEN {condition} THEN {quote_text(reason)}"
        for t in done.targets
        for condition, reason in _refusals(t)
    )
    found = con.execute(
        f"SELECT n, why FROM (SELECT row_number() OVER () - 1 AS n, CASE {reasons} END AS why "
        f"FROM {done.text.sql}) WHERE why IS NOT NULL ORDER BY n"
    )
    while rows := found.fetchmany(FETCH_ROWS):
        yield from rows


def _copy(
    con: duckdb.DuckDBPyConnection, text: Text, order: Order, *, leave_out_misfits: bool = False
) -> StagedFile | None:
    """The Parquet of the whole text; None when a value does not fit its type."""
    values = [f"{_checked(t, f't{n}')} AS {quote_name(t.name)}" for n, t in enumerate(order.targets)]
    tries = [f"{cast.attempt(f'c{t.source}', t.type)} AS t{n}" for n, t in enumerate(order.targets)]
    kept = f" WHERE NOT ({_misfit(order.targets)})" if leave_out_misfits else ""
    select = f"SELECT {', '.join(values)} FROM (SELECT *, {', '.join(tries)} FROM {text.sql}{kept})"
    group = group_rows(len(order.targets), _row_bytes(text.path))
    try:
        return write_parquet(con, select, order, group=group)
    except duckdb.Error as error:
        if cast.DOUBT in str(error):
            return None
        raise _mapped(error) from error


def _widened(
    con: duckdb.DuckDBPyConnection, text: Text, targets: Sequence[Target]
) -> tuple[tuple[Target, ...], int]:
    """The targets, those in doubt at the next type that fits, and how many rows do not fit another."""
    tries = [
        (n, kind)
        for n, t in enumerate(targets)
        if t.on_misfit == "widen" and t.type != "VARCHAR"
        for kind in (t.type, *cast.wider(t.type))
    ]
    doubts = [f"bool_or({_doubt(replace(targets[n], type=kind))})" for n, kind in tries]
    select = ", ".join([*doubts, f"count(*) FILTER ({_misfit(targets)})"])
    try:
        *bad, misfits = con.execute(f"SELECT {select} FROM {text.sql}").fetchall()[0]
    except duckdb.Error as error:
        raise _mapped(error) from error
    first_fit: dict[int, str] = {}
    for (n, kind), doubt in zip(tries, bad, strict=True):
        if not doubt:
            first_fit.setdefault(n, kind)
    wider = tuple(replace(t, type=first_fit.get(n, t.type)) for n, t in enumerate(targets))
    return wider, int(misfits)


def _checked(target: Target, value: str) -> str:
    column = f"c{target.source}"
    typed = cast.checked(column, value, target.type, target.on_misfit)
    if not target.required:
        return typed
    return f"CASE WHEN {cast.keyless(column)} THEN error('{cast.DOUBT}') ELSE {typed} END"


def _misfit(targets: Sequence[Target]) -> str:
    return " OR ".join(condition for t in targets for condition, _ in _refusals(t)) or "false"


def _refusals(target: Target) -> Iterator[tuple[str, str]]:
    """The conditions under which a row is left out for this column, and what is said of it then."""
    if target.required:
        yield cast.keyless(f"c{target.source}"), cast.no_key(target.name)
    if target.on_misfit != "widen":
        yield _doubt(target), f"{target.name} is not a {target.type}"


def _doubt(target: Target) -> str:
    return cast.doubtful(f"c{target.source}", target.type, target.on_misfit)


def _row_bytes(path: Path) -> float:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    return len(head) / max(head.count(b"\n"), 1)


def _mapped(error: duckdb.Error) -> Exception:
    """What a failure of DuckDB means here: a malformed text, or a machine that is short of something."""
    if isinstance(error, duckdb.OutOfMemoryException):
        return Unavailable("not enough memory to convert the file", hint="raise ingest.memory_bytes")
    if isinstance(error, duckdb.IOException):
        return Unavailable("the disk refused while the file was converted", hint="free some disk space")
    return Malformed()
