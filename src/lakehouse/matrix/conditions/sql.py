"""[pure] Conditions as one predicate: quoted names, quoted values, and nothing left to NULL.

In SQL a comparison with NULL is neither true nor false. Here every condition is one or the other: a row whose
column is empty fails what is asked for, and passes what is ruled out.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from lakehouse.base.errors import Invalid
from lakehouse.matrix.conditions.condition import Condition
from lakehouse.matrix.conditions.facet import Facet
from lakehouse.query.relation import quote, text

NUMBER: Final = re.compile(r"-?\d{1,30}(\.\d{1,30})?(e[+-]?\d{1,3})?")
DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
ALL: Final = "true"


def predicate(conditions: Sequence[Condition]) -> str:
    """What must hold of a row, as one condition in SQL; `true` if there are none.

    Raises:
        Invalid: a bound is no number, or no date.
    """
    alone = [_one(c) for c in conditions if not c.either]
    tied = sorted((c for c in conditions if c.either), key=lambda c: c.either)
    parts = [" OR ".join(_one(c) for c in group) for _, group in groupby(tied, key=lambda c: c.either)]
    return " AND ".join([*alone, *(f"({part})" for part in parts)]) or ALL


def _one(condition: Condition) -> str:
    if condition.op == "never":
        return "false"
    column = quote(condition.facet.column)
    holds = _holds(condition, column)
    if condition.op == "present":
        return f"(NOT {holds})" if condition.is_negated else holds
    if condition.is_negated:
        return f"({column} IS NULL OR NOT {holds})"
    return f"({column} IS NOT NULL AND {holds})"


def _holds(condition: Condition, column: str) -> str:
    """Of a row where the column is not NULL."""
    facet = condition.facet
    if condition.op == "present":
        return _present(facet, column)
    if condition.op != "is":
        return f"({_measure(facet, column)} {condition.op} {_bound(facet, condition.values[0])})"
    if facet.kind == "flag":
        return f"({column} = {'false' if condition.values == ('false',) else 'true'})"
    if facet.kind in {"number", "date"}:
        listed = ", ".join(_bound(facet, value) for value in condition.values)
        return f"({_measure(facet, column)} IN ({listed}))" if listed else "(false)"
    listed = ", ".join(map(_literal, condition.values))
    if not listed:
        return "(false)"
    if facet.kind == "entries":
        return f"list_has_any({_entries(facet, column)}, [{listed}])"
    if facet.kind == "list":
        return f"list_has_any(CAST({column} AS VARCHAR[]), [{listed}])"
    return f"({column} IN ({listed}))"


def _present(facet: Facet, column: str) -> str:
    if facet.kind == "list":
        return f"({column} IS NOT NULL AND len({column}) > 0)"
    if facet.kind in {"text", "entries"}:
        return f"({column} IS NOT NULL AND trim({column}) <> '')"
    return f"({column} IS NOT NULL)"


def _entries(facet: Facet, column: str) -> str:
    """The entries of a text, however blanks stand around the separators."""
    mark = _literal(facet.separator.strip())
    pattern = _literal(f"\\s*{re.escape(facet.separator.strip())}\\s*")
    return f"string_split(regexp_replace(trim({column}), {pattern}, {mark}, 'g'), {mark})"


def _measure(facet: Facet, column: str) -> str:
    return f"CAST({column} AS DATE)" if facet.kind == "date" else column


def _bound(facet: Facet, value: str) -> str:
    pattern = DATE if facet.kind == "date" else NUMBER
    if not pattern.fullmatch(value):
        kind = "date such as 2026-12-01" if facet.kind == "date" else "number"
        raise Invalid(f"{facet.column[:60]} is compared with a {kind}", hint=f"write it as a {kind}")
    return f"DATE {text(value)}" if facet.kind == "date" else value


def _literal(value: str) -> str:
    """A text; semicolons as a call, because a statement's end must not stand in a condition, even quoted."""
    return "(" + " || chr(59) || ".join(map(text, value.split(";"))) + ")" if ";" in value else text(value)


def explain(conditions: Iterable[Condition]) -> tuple[str, ...]:
    """The conditions in words, one each."""
    return tuple(f"{c}{f' (one of group {c.either})' if c.either else ''}: {c.why}" for c in conditions)
