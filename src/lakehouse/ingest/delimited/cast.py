"""[pure] SQL that turns a column of text into its type, and says when a value does not fit.

`fits` is the one rule; the checked cast and the condition of doubt are built from it, so what the sample
promised and what the whole file is held to cannot drift apart. The patterns are those of `infer`.
"""

from typing import Final

from lakehouse.ingest.infer import CLOCK, DECIMAL, SIGNIFICANT, ZONED
from lakehouse.ingest.shape import OnMisfit

DOUBT: Final = "lakehouse: a value does not fit"
"""The message by which a checked cast stops the query; the caller then looks for all doubtful columns."""

ROUND_TRIP: Final = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DATE", "UUID"})
"""Types whose text must come back unchanged: this is what keeps 007, +1 and 1e3 out of BIGINT."""

_DAY: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_SHAPES: Final = {
    "TIMESTAMP": f"{_DAY}[ T]{CLOCK}",
    "TIMESTAMP WITH TIME ZONE": f"{_DAY}[ T]{ZONED}",
}
_PLAIN_NUMBER: Final = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?"
_EXACT: Final = "DECIMAL(38, 12)"
"""Where a cast to a whole number or a decimal may have rounded, this finer one tells."""


def attempt(column: str, kind: str) -> str:
    """The value of `column` as `kind`, NULL where DuckDB cannot cast it."""
    return column if kind == "VARCHAR" else f"TRY_CAST({column} AS {kind})"


def checked(column: str, value: str, kind: str, on_misfit: OnMisfit) -> str:
    """The typed value; an empty cell is NULL, a value that does not fit stops the query.

    Args:
        column: holds the text, a name.
        value: holds `attempt` of it, a name: DuckDB then casts once, however often it is mentioned.
        kind: a DuckDB type.
        on_misfit: "coerce" takes what DuckDB can cast, the others only what `infer` would.
    """
    if kind == "VARCHAR":
        return column
    rule = fits(column, value, kind, on_misfit)
    if kind == "DOUBLE":  # the common case first: a pattern of one line, and no count of digits
        quick = f"length({column}) <= {SIGNIFICANT} AND {matches(column, _PLAIN_NUMBER)}"
        rule = f"{quick} THEN {value} WHEN {rule}"
    return (
        f"CASE WHEN {rule} THEN {value} WHEN {column} IS NULL OR {column} = '' THEN NULL "
        f"ELSE error('{DOUBT}') END"
    )


def fits(column: str, value: str, kind: str, on_misfit: OnMisfit) -> str:
    """A condition, perhaps NULL for false, that holds when the text is a value of `kind`."""
    exact = kind in ROUND_TRIP and kind not in ("DATE", "UUID")
    if kind.startswith("DECIMAL") or (exact and on_misfit == "coerce"):
        return f"{value} = TRY_CAST({column} AS {_EXACT})"
    if kind == "DOUBLE":
        finite = f"isfinite({value})"
        return finite if on_misfit == "coerce" else f"({_is_precise(column)} AND {finite})"
    if on_misfit == "coerce":
        return f"{value} IS NOT NULL"
    if kind in ROUND_TRIP:
        return f"CAST({value} AS VARCHAR) = {column}"
    if kind == "BOOLEAN":
        return f"lower({column}) IN ('true', 'false')"
    shape = _SHAPES.get(kind)
    return f"({matches(column, shape)} AND {value} IS NOT NULL)" if shape else f"{value} IS NOT NULL"


def doubtful(column: str, kind: str, on_misfit: OnMisfit) -> str:
    """A condition, never NULL, that holds for rows whose `column` is not empty and does not fit `kind`."""
    if kind == "VARCHAR":
        return "false"
    rule = fits(column, attempt(column, kind), kind, on_misfit)
    return f"({column} IS NOT NULL AND {column} <> '' AND NOT coalesce({rule}, false))"


def keyless(column: str) -> str:
    """A condition, never NULL, that holds for rows whose `column`, of any type, has no value or no text."""
    return f"coalesce(CAST({column} AS VARCHAR), '') = ''"


def no_key(name: str) -> str:
    """Why a row with an empty key column is rejected."""
    return f"the key column {name} is empty"


def wider(kind: str) -> tuple[str, ...]:
    """The types to try, in order, when a column of `kind` holds a value that does not fit."""
    return ("DOUBLE", "VARCHAR") if kind == "BIGINT" else ("VARCHAR",)


def matches(column: str, pattern: str) -> str:
    """A condition that holds when the whole text matches `pattern`."""
    return f"regexp_full_match({column}, '{pattern}')"


def _is_precise(column: str) -> str:
    mantissa = f"regexp_replace(regexp_replace({column}, '[eE].*', ''), '[-.]', '', 'g')"
    digits = f"length(ltrim({mantissa}, '0'))"
    few = f"(length({column}) <= {SIGNIFICANT} OR {digits} <= {SIGNIFICANT})"
    return f"{matches(column, DECIMAL.pattern)} AND {few}"
