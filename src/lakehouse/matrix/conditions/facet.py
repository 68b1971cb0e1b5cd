"""[pure] What the columns of a table can be asked for: their values, their names, how rows hold them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from lakehouse.base.errors import Invalid

Kind = Literal["text", "entries", "list", "flag", "number", "date"]
"""text: one value. entries: several in one text, between separators. list: a LIST. flag: yes or no."""

Bound = Literal["=", ">=", "<="]

SEVERAL: Final[frozenset[Kind]] = frozenset({"entries", "list"})
MEASURED: Final[frozenset[Kind]] = frozenset({"number", "date"})

PARTS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
EMPTY_PARTS: Final = frozenset(
    (
        "id",
        "of",
        "on",
        "at",
        "in",
        "is",
        "has",
        "the",
        "a",
        "no",
        "to",
        "for",
        "by",
        "from",
        "and",
        "or",
        "name",
        "date",
    )
)
"""Parts of a column's name that name nothing by themselves."""

NUMBERS: Final = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """One column that questions may put conditions on."""

    column: str
    kind: Kind
    values: tuple[str, ...] = ()
    """As rows spell them; of `entries` and `list`, the single ones. Flags, numbers and dates have none."""

    separator: str = ""
    """Between the entries of one text, without blanks."""

    aliases: tuple[str, ...] = ()
    """Other words for the column: trade, occupation."""

    synonyms: tuple[tuple[str, str], ...] = ()
    """(What people say, the value they mean), as the table itself or its card tells."""

    named_by: str = ""
    """A column that holds other words for this one's values, such as names beside codes; read as synonyms."""

    units: tuple[str, ...] = ()
    """Of a number: $, years."""

    bare: Bound = "="
    """What a number means without a comparison: "5 years of experience" asks for 5 or more."""

    within: str = ""
    """A column of larger places that each value lies in: state for city."""

    parents: tuple[tuple[str, str], ...] = ()
    """(Value, value of `within` in the same row), read from the table: "Gary, in" is then a place."""

    is_place: bool = False
    """Prepositions such as `in` and `near` speak of it."""

    is_key: bool = False
    """A hard key: earlier searches count only where they agree in it; and what questions are about."""

    def __post_init__(self) -> None:
        if (self.kind == "entries") != bool(self.separator.strip()):
            raise Invalid(
                f"a separator belongs to a column of entries: {self.column[:60]!r}",
                hint='kind="entries", separator=";"',
            )

    @property
    def spelled(self) -> str:
        """The column's name in words, without what makes it a question: is_black_and_white."""
        parts = [part.lower() for part in PARTS.findall(self.column)]
        return " ".join(parts[1:] if parts[:1] in (["is"], ["has"]) else parts)

    @property
    def names(self) -> tuple[tuple[str, ...], ...]:
        """Words, in lower case, that name the column: its own, then each alias."""
        own = tuple(part.lower() for part in PARTS.findall(self.column))
        own = tuple(part for part in own if part not in EMPTY_PARTS) or own
        return (own, *(tuple(alias.lower().split()) for alias in self.aliases))


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """All that one table can be asked for."""

    facets: tuple[Facet, ...]
    rows: tuple[str, ...] = ()
    """What a row is called, in the singular: candidate, worker."""

    key: str = ""
    """The column that tells rows apart; for rows that are left out by their ids."""

    def facet(self, column: str) -> Facet | None:
        """The facet of a column, whatever the case of its name."""
        return next((f for f in self.facets if f.column.casefold() == column.casefold()), None)


def vocabulary(facets: Iterable[Facet], *, rows: Iterable[str] = (), key: str = "") -> Vocabulary:
    """The facets as one vocabulary.

    Raises:
        Invalid: a column stands there twice.
    """
    every = tuple(facets)
    if len({facet.column.casefold() for facet in every}) < len(every):
        raise Invalid("a column is declared twice", hint="declare each column once, with all its aliases")
    return Vocabulary(facets=every, rows=tuple(row.lower() for row in rows), key=key)


def kind_of(type_: str) -> Kind | None:
    """How a column of a type in DuckDB's words is asked for; None: not by its value."""
    if type_ == "VARCHAR":
        return "text"
    if type_ == "VARCHAR[]":
        return "list"
    if type_ == "BOOLEAN":
        return "flag"
    if type_ == "DATE" or type_.startswith("TIMESTAMP"):
        return "date"
    return "number" if type_.startswith(NUMBERS) and "[" not in type_ else None
