"""[acts] The vocabulary of a table, read by SQL once for each snapshot; and what one might declare."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from threading import Lock
from typing import Final, Protocol

from lakehouse.matrix.conditions.facet import Facet, Vocabulary, kind_of
from lakehouse.matrix.conditions.lexicon import Lexicon
from lakehouse.query.engine import Limits, Params, Version
from lakehouse.query.relation import quote, text
from lakehouse.query.result import Result
from lakehouse.table.names import parse
from lakehouse.table.schema import Column

MOST_VALUES: Final = 5_000
"""Of one column; a column with more is cut to the most frequent."""

MOST_LETTERS: Final = 60
"""Longer values are prose; nobody names them."""

HELD: Final = 32
"""Vocabularies that are kept: 5,000 values take 3 MB."""

LISTED: Final = 0.1
"""Share of rows with a separator from which a column seems to hold several values in one text."""

SEPARATORS: Final = (";", "|", ",")
LIMITS: Final = Limits(rows=MOST_VALUES * 2, timeout_s=120.0)

PLACES: Final = frozenset(
    ("city", "town", "state", "country", "county", "region", "province", "location", "district", "zip")
)
IDENTITIES: Final = ("id", "key", "uuid", "guid", "number", "no", "phone", "email")


class Sql(Protocol):
    """What a vocabulary asks of a query session."""

    def sql(
        self, text: str, params: Params = None, *, at: Version = None, limits: Limits | None = None
    ) -> Result:
        """The rows of one SELECT."""
        ...


class Lexicons:
    """Vocabularies ready for questions, one for each table, snapshot and declaration. Safe between threads.

    Args:
        most: that are kept; the one used longest ago goes first.
    """

    def __init__(self, sql: Sql, *, most: int = HELD) -> None:
        self._sql, self._most = sql, most
        self._held: OrderedDict[object, Lexicon] = OrderedDict()
        self._turn = Lock()

    def get(self, table: str, declared: Vocabulary, *, at: Version = None) -> Lexicon:
        """The lexicon of a table at a version; read on the first call for a snapshot.

        Args:
            at: an id of a snapshot is taken as it is; for anything else SQL is asked which one it means.

        Raises:
            NotFound: there is no such table, or column.
        """
        snapshot = self._snapshot(table, at)
        key = (table.casefold(), snapshot, declared)
        with self._turn:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
        facets = fill(self._sql, table, declared.facets, at=at)
        made = Lexicon(replace(declared, facets=facets))
        with self._turn:
            self._held[key] = made
            while len(self._held) > self._most:
                self._held.popitem(last=False)
        return made

    def _snapshot(self, table: str, at: Version) -> int | None:
        if type(at) is int:
            return at
        found = self._sql.sql(f"SELECT 1 FROM {parse(table).sql} LIMIT 0", at=at, limits=LIMITS).snapshots
        return next(iter(found.values()), None)


def fill(sql: Sql, table: str, facets: Iterable[Facet], *, at: Version = None) -> tuple[Facet, ...]:
    """The facets with the values that the table has; declared values stay, measured columns have none."""
    return tuple(_filled(sql, parse(table).sql, facet, at) for facet in facets)


def _filled(sql: Sql, table: str, facet: Facet, at: Version) -> Facet:
    if facet.kind in {"flag", "number", "date"}:
        return facet
    values = facet.values or _column(sql, _values(table, facet), at)
    names = _pairs(sql, table, (facet.named_by, facet.column), at) if facet.named_by else ()
    parents = _pairs(sql, table, (facet.column, facet.within), at) if facet.within else facet.parents
    return replace(facet, values=values, synonyms=facet.synonyms + names, parents=parents)


def _pairs(sql: Sql, table: str, columns: tuple[str, str], at: Version) -> tuple[tuple[str, str], ...]:
    """Values that stand side by side in the table."""
    one, other = map(quote, columns)
    statement = (
        f"SELECT DISTINCT CAST({one} AS VARCHAR) AS one, CAST({other} AS VARCHAR) AS other FROM {table}"
        f" WHERE {one} IS NOT NULL AND {other} IS NOT NULL ORDER BY ALL LIMIT {MOST_VALUES}"
    )
    rows = sql.sql(statement, at=at, limits=LIMITS).to_arrow().to_pylist()
    return tuple((str(row["one"]), str(row["other"])) for row in rows)


def _values(table: str, facet: Facet) -> str:
    column = quote(facet.column)
    if facet.kind == "entries":
        one = f"unnest(string_split({column}, {text(facet.separator.strip())}))"
    elif facet.kind == "list":
        one = f"unnest(CAST({column} AS VARCHAR[]))"
    else:
        one = column
    single = f"(SELECT {one} AS one FROM {table} WHERE {column} IS NOT NULL)"
    whole = "trim(one)" if facet.kind == "entries" else "one"
    return (
        f"SELECT {whole} AS value FROM {single} WHERE one IS NOT NULL AND trim(one) <> ''"
        f" AND length(one) <= {MOST_LETTERS} GROUP BY ALL ORDER BY count(*) DESC, value LIMIT {MOST_VALUES}"
    )


def _column(sql: Sql, statement: str, at: Version) -> tuple[str, ...]:
    found = sql.sql(statement, at=at, limits=LIMITS).to_arrow()["value"].to_pylist()
    return tuple(sorted(str(value) for value in found))


def suggest(
    sql: Sql, table: str, columns: Sequence[Column], *, without: Iterable[str] = (), at: Version = None
) -> tuple[Facet, ...]:
    """Facets that a table seems made for: few values, several in one text, yes or no, numbers and dates.

    Args:
        without: columns that no question may name, such as personal data.

    Cost: one pass over each column of text.
    """
    hidden = {name.casefold() for name in without}
    found = []
    for column in columns:
        if column.name.casefold() in hidden or _is_identity(column.name):
            continue
        facet = _text(sql, table, column.name, at) if column.type == "VARCHAR" else _typed(column)
        if facet:
            parts = {part for name in facet.names for part in name}
            found.append(replace(facet, is_place=facet.kind == "text" and bool(parts & PLACES)))
    return tuple(found)


def _is_identity(name: str) -> bool:
    return name.lower().split("_")[-1] in IDENTITIES or name.endswith("Id")


def _typed(column: Column) -> Facet | None:
    kind = kind_of(column.type)
    return Facet(column=column.name, kind=kind) if kind and kind != "text" else None


def _text(sql: Sql, table: str, name: str, at: Version) -> Facet | None:
    column, source = quote(name), parse(table).sql
    shares = ", ".join(f"avg(CAST(contains({column}, {text(mark)}) AS INTEGER))" for mark in SEPARATORS)
    statement = (
        f"SELECT count({column}), count(DISTINCT {column}), max(length({column})), {shares} FROM {source}"
    )
    found = sql.sql(statement, at=at, limits=LIMITS).to_arrow().to_pylist()[0]
    count, distinct, longest, *marks = (float(v or 0) for v in found.values())
    if not count:
        return None
    for mark, share in zip(SEPARATORS, marks, strict=True):
        if share >= LISTED:
            facet = Facet(column=name, kind="entries", separator=mark)
            one = f"unnest(string_split({column}, {text(mark)}))"
            statement = (
                "SELECT max(length(one)) AS longest, count(DISTINCT trim(one)) AS entries"
                f" FROM (SELECT {one} AS one FROM {source})"
            )
            found = sql.sql(statement, at=at, limits=LIMITS).to_arrow().to_pylist()[0]
            if found["longest"] <= MOST_LETTERS and 1 < found["entries"] <= min(MOST_VALUES, distinct // 2):
                return facet
    is_few = distinct <= MOST_VALUES and distinct <= max(20, count // 5)
    return Facet(column=name, kind="text") if is_few and longest <= MOST_LETTERS else None
