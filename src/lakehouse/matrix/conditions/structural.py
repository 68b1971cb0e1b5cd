"""[pure] Conditions given outright beside a question: metadata, a role, rows to leave out."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from lakehouse.base.errors import Invalid
from lakehouse.matrix.conditions.condition import Condition
from lakehouse.matrix.conditions.facet import Facet, Vocabulary, kind_of
from lakehouse.matrix.conditions.lexicon import Lexicon
from lakehouse.matrix.conditions.sql import DATE, NUMBER
from lakehouse.matrix.conditions.words import split

MOST_VALUES: Final = 10_000
"""In one filter."""

HINT: Final = '"metadata_filter": {"city": ["Chicago", "Joliet"], "status": "active"}'


def filters(
    wanted: Mapping[str, object], vocabulary: Vocabulary, *, columns: Mapping[str, str]
) -> tuple[Condition, ...]:
    """Equality with one value, or with any of a list; all filters must hold, and an empty column holds none.

    Args:
        wanted: column -> value or list of values.
        columns: name -> type in DuckDB's words, of the whole table. Under a filter on another column no row
            passes.

    Raises:
        Invalid: a value that the column cannot be compared with.
    """
    known = {name.casefold(): (name, type_) for name, type_ in columns.items()}
    return tuple(_filter(name, value, vocabulary, known) for name, value in wanted.items())


def _filter(
    name: str, value: object, vocabulary: Vocabulary, known: Mapping[str, tuple[str, str]]
) -> Condition:
    values = list(value) if isinstance(value, list | tuple | set | frozenset) else [value]
    if len(values) > MOST_VALUES:
        raise Invalid(f"a filter has at most {MOST_VALUES} values", hint="put them in a table and join it")
    found = known.get(name.casefold())
    if found is None:
        facet = Facet(column=name, kind="text")
        return Condition(facet=facet, op="never", why="the table has no such column")
    kind = kind_of(found[1])
    if kind is None:
        raise Invalid(
            f"{name[:60]!r} is no text, number, flag or date", hint="filter by another column, or use where"
        )
    facet = vocabulary.facet(name) or Facet(column=found[0], kind=kind)
    said = tuple(dict.fromkeys(_text(facet, one) for one in values))
    if facet.kind == "flag" and len(said) == 2:
        return Condition(facet=facet, op="present", why="given: either will do")
    return Condition(facet=facet, values=said, op="is" if said else "never", why="given")


def _text(facet: Facet, value: object) -> str:
    match facet.kind, value:
        case "flag", bool():
            return str(value).lower()
        case "number", int() | float() | Decimal() if not isinstance(value, bool) and NUMBER.fullmatch(
            str(value).lower()
        ):
            return str(value).lower()
        case "date", dt.date():
            return value.isoformat()[:10]
        case "date", str() if DATE.fullmatch(value[:10]):
            return value[:10]
        case (("text" | "entries" | "list"), str() | int() | float()) if not isinstance(value, bool):
            return str(value)
        case _:
            word = {"flag": "true or false", "date": "a date such as 2026-12-01"}.get(
                facet.kind, f"a {facet.kind}"
            )
            raise Invalid(f"{facet.column[:60]!r} is compared with {word}", hint=HINT)


def role(wanted: str, lexicon: Lexicon) -> tuple[Condition, ...]:
    """The gate of one role, whatever its case or number; nothing where the table has no column of roles."""
    names = {
        f.column: {f.column.casefold(), *map(str.casefold, f.aliases)} for f in lexicon.vocabulary.facets
    }
    facet = next((f for f in lexicon.vocabulary.facets if "role" in names[f.column]), None)
    if not wanted.strip() or facet is None:
        return ()
    words = split(wanted)
    for mention in lexicon.find(words):
        if mention.first == 0 and mention.end == len(words) and mention.how != "typo":
            for entry in mention.entries:
                if entry.facet.column == facet.column:
                    return (Condition(facet=facet, values=entry.values, why="the role that was given"),)
    return (Condition(facet=facet, values=(wanted.strip(),), why="the role that was given"),)


def without(ids: Iterable[str], *, key: str, type_: str) -> tuple[Condition, ...]:
    """Rows to leave out, by their ids.

    Args:
        key: the column that tells rows apart.
        type_: its type in DuckDB's words; ids that cannot be of it are of no row, so they are let go.
    """
    kind = kind_of(type_) or "text"
    known = tuple(dict.fromkeys(i for i in map(str, ids) if _can_be(kind, i)))
    if not known:
        return ()
    return (
        Condition(facet=Facet(column=key, kind=kind), values=known, is_negated=True, why="left out by id"),
    )


def _can_be(kind: str, value: str) -> bool:
    if kind == "number":
        return bool(NUMBER.fullmatch(value))
    return bool(DATE.fullmatch(value)) if kind == "date" else True


def keys(conditions: Sequence[Condition]) -> dict[str, str]:
    """Column -> value of the hard keys that are asked for with one single value."""
    return dict(_keys(conditions))


def _keys(conditions: Sequence[Condition]) -> Iterator[tuple[str, str]]:
    found: dict[str, list[Condition]] = {}
    for condition in conditions:
        if condition.facet.is_key and not condition.is_negated:
            found.setdefault(condition.column, []).append(condition)
    for column, same in found.items():
        values = {condition.values for condition in same}
        if len(values) == 1 and len(same[0].values) == 1 and same[0].op == "is" and not same[0].either:
            yield column, same[0].values[0]
