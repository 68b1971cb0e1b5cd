"""[pure] Table names: what people may write, what they mean, and how they become folders.

A name is data, never a path and never code: it is folded to lower case (so `People` and `people` are the
same table), quoted wherever it meets SQL, and only its slug touches the store.
"""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from lakehouse.base.errors import Invalid, NotFound

DEFAULT_NAMESPACE: Final = "lake"
"""Where a name without a namespace lives. DuckDB's Iceberg client cannot create in one called `main`."""

RESERVED: Final = frozenset({"system", "information_schema", "main", "pg_catalog", "temp"})
"""Namespaces that SQL gives another meaning to."""

WORDS: Final = """
all analyse analyze and any array as asc asymmetric both case cast check collate column constraint
create default deferrable desc describe distinct do else end except false fetch for foreign from
group having in initially intersect into lambda lateral leading limit not null offset on only or
order pivot pivot_longer pivot_wider placing primary qualify references returning select show some
summarize symmetric table then to trailing true union unique unpivot using variadic when where
window with
"""
SQL_WORDS: Final = frozenset(WORDS.split())
"""DuckDB's reserved words, which name a table only in quotes."""

MAX_LENGTH: Final = 200
"""Characters; the catalog's columns hold 255 and the longest slug must stay a legal file name."""

PART: Final = re.compile(r'\s*(?:"((?:[^"]|"")+)"|([^."]+?))\s*(\.|$)')


@dataclass(frozen=True, slots=True, order=True)
class TableName:
    """One table's identity, already folded."""

    namespace: str
    table: str

    def __str__(self) -> str:
        """As people write it: the default namespace is left out, odd characters are quoted."""
        parts = (self.table,) if self.namespace == DEFAULT_NAMESPACE else (self.namespace, self.table)
        return ".".join(p if p.isidentifier() and p not in SQL_WORDS else quoted(p) for p in parts)

    def checked(self) -> "TableName":
        """Itself, unless its namespace is reserved.

        Raises:
            Invalid: SQL gives the namespace another meaning.
        """
        if self.namespace in RESERVED:
            raise Invalid(
                f"the namespace {self.namespace!r} is reserved", hint="use another namespace, or none"
            )
        return self

    @property
    def sql(self) -> str:
        """Fully quoted `"namespace"."table"`."""
        return f"{quoted(self.namespace)}.{quoted(self.table)}"

    @property
    def full(self) -> str:
        """`namespace.table`, as answers name the tables whose snapshots they were read from."""
        return f"{self.namespace}.{self.table}"

    @property
    def slug(self) -> str:
        """ASCII letters, digits and underscores only; not unique by itself."""
        return re.sub(r"[^a-z0-9]+", "_", self.table)[:60].strip("_") or "table"


def quoted(name: str) -> str:
    """`name` as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def parse(text: str) -> TableName:
    """The table that `people`, `sales.orders` or `"odd name"."T.1"` means.

    Raises:
        Invalid: empty, too long, three parts, control characters, or a reserved namespace.
    """
    parts: list[str] = []
    position = 0
    while position < len(text) or not parts:
        found = PART.match(text, position)
        if not found or (found[3] == "." and found.end() == len(text)):
            raise Invalid(
                f"{text[:80]!r} is not a table name", hint='write people, sales.people or "odd name"'
            )
        parts.append((found[1] or found[2]).replace('""', '"'))
        position = found.end()
    if len(parts) > 2:
        raise Invalid(
            f"{text[:80]!r} has {len(parts)} parts", hint="write namespace.table, or just the table"
        )
    return TableName(folded(parts[0]) if len(parts) == 2 else DEFAULT_NAMESPACE, folded(parts[-1])).checked()


def folded(part: str) -> str:
    """`part` in the form in which two spellings of one name are equal.

    Raises:
        Invalid: it is empty, longer than `MAX_LENGTH`, or holds control characters.
    """
    name = part.strip().casefold()
    if not name or len(name) > MAX_LENGTH or not name.isprintable():
        raise Invalid(
            "a name must have 1 to 200 printable characters", hint="choose another name with --table"
        )
    return name


def nearest(wanted: str, known: Iterable[str]) -> tuple[str, ...]:
    """Up to three known names that look like `wanted`, best first."""
    return tuple(difflib.get_close_matches(wanted.casefold(), [k.casefold() for k in known], n=3, cutoff=0.5))


def not_found(name: TableName, known: Iterable[TableName]) -> NotFound:
    """The error for a table that is not there, naming those that look like it."""
    close = nearest(str(name), map(str, known))
    hint = f"did you mean {', '.join(close)}?" if close else "lakehouse tables lists what there is"
    return NotFound(f"no table {name}", hint=hint, table=str(name))
