"""[pure] SQL that turns a column of text into its type, and says when a value does not fit.

`fits` is the one rule; the checked cast and the count of doubts are built from it, so what the sample
promised and what the whole file is held to cannot drift apart. The patterns are those of `infer`.
"""

from typing import Final

from lakehouse.ingest.infer import CLOCK, DECIMAL, SIGNIFICANT

DOUBT: Final = "lakehouse: a value does not fit"
"""The message by which a checked cast stops the query; the caller then looks for all doubtful columns."""

_DAY: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DIGITS: Final = r"length(ltrim(regexp_replace(regexp_replace({0}, '[eE].*', ''), '[-.]', '', 'g'), '0'))"


def fits(column: str, kind: str) -> str:
    """A condition that holds when the text in `column`, which is not empty, is a value of `kind`.

    Args:
        column: a quoted identifier.
        kind: a DuckDB type name; one that `infer` does not know is held to TRY_CAST alone.
    """
    cast = f"TRY_CAST({column} AS {kind})"
    if kind in ("BIGINT", "DATE"):
        return f"coalesce(CAST({cast} AS VARCHAR) = {column}, false)"
    if kind == "DOUBLE":
        precise = f"(length({column}) <= {SIGNIFICANT} OR {_DIGITS.format(column)} <= {SIGNIFICANT})"
        return f"({matches(column, DECIMAL.pattern)} AND {precise} AND coalesce(isfinite({cast}), false))"
    if kind == "BOOLEAN":
        return f"lower({column}) IN ('true', 'false')"
    if kind == "TIMESTAMP":
        return f"({matches(column, f'{_DAY}[ T]{CLOCK}')} AND {cast} IS NOT NULL)"
    if kind == "TIMESTAMP WITH TIME ZONE":
        zone = "(?:Z|[+-][0-9]{2}(?::[0-9]{2})?)"
        return f"({matches(column, f'{_DAY}[ T]{CLOCK}{zone}')} AND {cast} IS NOT NULL)"
    return f"{cast} IS NOT NULL"


def checked(column: str, kind: str) -> str:
    """The value of `column` as `kind`; an empty cell is NULL, a value that does not fit stops the query."""
    if kind == "VARCHAR":
        return column
    return (
        f"CASE WHEN {column} IS NULL OR {column} = '' THEN NULL "
        f"WHEN {fits(column, kind)} THEN TRY_CAST({column} AS {kind}) ELSE error('{DOUBT}') END"
    )


def doubtful(column: str, kind: str) -> str:
    """A condition, never NULL, that holds for rows whose `column` is not empty and does not fit `kind`."""
    if kind == "VARCHAR":
        return "false"
    return f"({column} IS NOT NULL AND {column} <> '' AND NOT {fits(column, kind)})"


def wider(kind: str) -> tuple[str, ...]:
    """The types to try, in order, when a column of `kind` holds a value that does not fit."""
    return ("DOUBLE", "VARCHAR") if kind == "BIGINT" else ("VARCHAR",)


def matches(column: str, pattern: str) -> str:
    """A condition that holds when the whole text matches `pattern`."""
    return f"regexp_full_match({column}, '{pattern}')"
