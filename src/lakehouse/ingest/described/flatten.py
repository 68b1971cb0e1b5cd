"""[pure] Nested JSON values as flat rows: which columns there are, of which type, and one value for each.

The rule. Objects become columns whose names are their keys joined with `_`; lists stay lists when all their
elements are scalars of one kind, else they are kept as JSON text. Two paths that join to the same name are
two columns, the later one with a suffix. Numbers and texts under one path make text. An empty object is NULL.
Integers beyond 64 bits, and integers beside fractions that a DOUBLE would round, stay text.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

import orjson

from lakehouse.ingest.delimited.dialect import clean_names
from lakehouse.ingest.infer import FITS

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Path = tuple[str, ...]

SEPARATOR: Final = "_"
MAX_DEPTH: Final = 128
MAX_COLUMNS: Final = 4096
EXACT_IN_DOUBLE: Final = 2**53
BEYOND: Final = 2.0**63
TEMPORAL: Final = ("DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE")
SCALAR: Final = {"bool": "BOOLEAN", "int": "BIGINT", "float": "DOUBLE", "text": "VARCHAR"}


class TooDeep(ValueError):
    """Objects and lists are nested deeper than `MAX_DEPTH`."""


class Rounded(ValueError):
    """A number so large that a fast decoder may have made it of an integer, rounding it."""


def leaves(value: Json, *, exact: bool = True) -> dict[Path, Json]:
    """Every scalar and list of one row, by the keys that lead to it; a bare value is called `value`.

    Args:
        value: of one row.
        exact: False when the decoder turns integers beyond 64 bits into fractions.

    Raises:
        TooDeep: beyond 128 levels.
        Rounded: not exact, and there is such a number.
    """
    found: dict[Path, Json] = {}
    if isinstance(value, dict):
        _collect(value, (), found)
    else:
        found["value",] = value
    for inner in found.values():
        if inner.__class__ is list:
            _check(inner, 1, exact=exact)
        elif not exact and inner.__class__ is float and not -BEYOND < inner < BEYOND:
            raise Rounded
    return found


def _collect(value: Mapping[str, Json], path: Path, found: dict[Path, Json]) -> None:
    if len(path) >= MAX_DEPTH:
        raise TooDeep
    for key, inner in value.items():
        below = (*path, key)
        if inner.__class__ is not dict:
            found[below] = inner
        elif inner:
            _collect(inner, below, found)
        else:
            found[below] = None


def _check(value: Json, depth: int, *, exact: bool) -> None:
    if depth > MAX_DEPTH:
        raise TooDeep
    for inner in (
        (value.values() if isinstance(value, dict) else value) if isinstance(value, dict | list) else ()
    ):
        if isinstance(inner, list | dict):
            _check(inner, depth + 1, exact=exact)
        elif not exact and isinstance(inner, float) and not -BEYOND < inner < BEYOND:
            raise Rounded


@dataclass(slots=True)
class Facts:
    """All that was seen under one path."""

    kinds: set[str] = field(default_factory=set)
    """bool, int, float, text, big (an integer beyond 64 bits), list, json."""

    elements: set[str] = field(default_factory=set)
    """The same of the elements of its lists."""

    temporal: tuple[str, ...] = TEMPORAL
    """Types of day and time that every text seen so far fits."""

    rounds: bool = False
    """Was there an integer that a DOUBLE cannot hold?"""

    nulls: int = 0
    values: int = 0

    sample: list[str] = field(default_factory=list)
    """Up to `SAMPLE` of its texts and numbers, for the search for personal data; never stored."""

    def add(self, value: Json) -> None:
        """Take one more value into account."""
        kind = kind_of(value)
        if kind == "null":
            self.nulls += 1
            return
        self.values += 1
        self.kinds.add(kind)
        if kind == "text" or kind == "int":
            if self.values <= SAMPLE:
                self.sample.append(str(value))
            if kind == "text" and self.temporal:
                self.temporal = tuple(t for t in self.temporal if FITS[t](str(value)))
            elif kind == "int" and abs(cast("int", value)) > EXACT_IN_DOUBLE:
                self.rounds = True
        elif isinstance(value, list):
            self.elements.update(map(kind_of, value))
            self.rounds = self.rounds or any(isinstance(v, int) and abs(v) > EXACT_IN_DOUBLE for v in value)

    @property
    def type(self) -> str:
        """The narrowest type that holds every value seen, as DuckDB calls it."""
        if self.kinds == {"list"}:
            inner = _scalar(self.elements - {"null"}, rounds=self.rounds)
            return f"{inner}[]" if inner else "VARCHAR"
        if self.kinds == {"text"} and self.temporal:
            return self.temporal[0]
        return _scalar(self.kinds, rounds=self.rounds) or "VARCHAR"


SAMPLE: Final = 1000


KINDS: Final[dict[type, str]] = {
    type(None): "null", bool: "bool", float: "float", str: "text", list: "list", dict: "json"
}  # fmt: skip


def kind_of(value: Json) -> str:
    """One of null, bool, int, big, float, text, list, json."""
    kind = KINDS.get(value.__class__)
    if kind is None:
        return "int" if -(2**63) <= cast("int", value) < 2**63 else "big"
    return kind


def _scalar(kinds: set[str], *, rounds: bool) -> str:
    """The type for one kind, or for integers beside fractions; empty when there is none."""
    if kinds == {"int", "float"} and not rounds:
        return "DOUBLE"
    return SCALAR.get(next(iter(kinds)), "") if len(kinds) == 1 else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the flat table."""

    path: Path
    name: str
    type: str
    facts: Facts


def columns(seen: Mapping[Path, Facts]) -> tuple[Column, ...]:
    """The columns for all paths, in the order in which they appeared.

    A path under which there was only NULL, and that is an object elsewhere, is no column.
    """
    inner = {path[:n] for path in seen for n in range(1, len(path))}
    paths = [p for p, facts in seen.items() if facts.values or p not in inner]
    names = clean_names([clean_text(SEPARATOR.join(p)) for p in paths])
    return tuple(
        Column(path=p, name=n, type=seen[p].type, facts=seen[p]) for p, n in zip(paths, names, strict=True)
    )


def stored(values: Sequence[Json], kind: str) -> list[Json]:
    """`values` in the form that a column of type `kind` takes: text for mixed kinds and for nested lists."""
    if kind in ("BIGINT", "BOOLEAN"):
        return list(values)
    if kind == "DOUBLE":
        return [float(v) if isinstance(v, int) else v for v in values]
    if kind.endswith("[]"):
        return [stored(v, kind[:-2]) if isinstance(v, list) else v for v in values]
    return [v if v is None else text_of(v) for v in values]


def text_of(value: Json) -> str:
    """A text as it is, anything else as JSON."""
    return clean_text(value) if isinstance(value, str) else json_text(value)


def clean_text(text: str) -> str:
    """`text` as valid Unicode: a surrogate without its partner becomes U+FFFD."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def json_text(value: Json) -> str:
    """Compact JSON of `value`."""
    try:
        return orjson.dumps(value).decode()
    except (TypeError, ValueError):  # integers beyond 64 bits, lone surrogates
        return clean_text(_dumps(value))


def _dumps(value: Json) -> str:
    if isinstance(value, list):
        return "[" + ",".join(map(_dumps, value)) + "]"
    if isinstance(value, dict):
        pairs: Iterable[str] = (f"{_dumps(k)}:{_dumps(v)}" for k, v in value.items())
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, str):
        return orjson.dumps(clean_text(value)).decode()
    return (
        str(value) if isinstance(value, int) and not isinstance(value, bool) else orjson.dumps(value).decode()
    )
