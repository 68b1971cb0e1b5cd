"""[pure] Columns and types: between DuckDB's words and Iceberg's, and what may change into what.

Field ids are the identity of a column; names and order are labels. A change is allowed when every
file written before it still reads correctly: add, rename, widen, drop. Anything else is a break.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pyiceberg.schema import Schema, assign_fresh_schema_ids
from pyiceberg.types import (
    BinaryType,
    BooleanType,
    DateType,
    DecimalType,
    DoubleType,
    FixedType,
    FloatType,
    IcebergType,
    IntegerType,
    ListType,
    LongType,
    MapType,
    NestedField,
    StringType,
    StructType,
    TimestampType,
    TimestamptzType,
    TimeType,
    UUIDType,
)

from lakehouse.base.errors import Invalid
from lakehouse.table.names import quoted

SIMPLE: Final[dict[str, IcebergType]] = {
    "BOOLEAN": BooleanType(),
    "INTEGER": IntegerType(),
    "BIGINT": LongType(),
    "FLOAT": FloatType(),
    "DOUBLE": DoubleType(),
    "DATE": DateType(),
    "TIME": TimeType(),
    "TIMESTAMP": TimestampType(),
    "TIMESTAMP WITH TIME ZONE": TimestamptzType(),
    "VARCHAR": StringType(),
    "BLOB": BinaryType(),
    "UUID": UUIDType(),
}

ALIASES: Final = {
    "STRING": "VARCHAR",
    "TEXT": "VARCHAR",
    "JSON": "VARCHAR",
    "INTERVAL": "VARCHAR",
    "TIME WITH TIME ZONE": "VARCHAR",
    "BOOL": "BOOLEAN",
    "TINYINT": "INTEGER",
    "SMALLINT": "INTEGER",
    "UTINYINT": "INTEGER",
    "USMALLINT": "INTEGER",
    "INT": "INTEGER",
    "LONG": "BIGINT",
    "UINTEGER": "BIGINT",
    "REAL": "FLOAT",
    "TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE",
    "DATETIME": "TIMESTAMP",
    "TIMESTAMP_S": "TIMESTAMP",
    "TIMESTAMP_MS": "TIMESTAMP",
    "TIMESTAMP_NS": "TIMESTAMP",
    "BINARY": "BLOB",
    "UBIGINT": "DECIMAL(38,0)",
    "HUGEINT": "DECIMAL(38,0)",
    "UHUGEINT": "DECIMAL(38,0)",
}
"""Types that Iceberg v2 does not hold, and shorter spellings, with the type they are stored as."""

MAX_DEPTH: Final = 50
"""Brackets that open in one type; deeper ones come from no table, and would exhaust the stack."""

TOKEN: Final = re.compile(r'\s*("(?:[^"]|"")*"|[A-Za-z_][A-Za-z0-9_]*|\d+|\[\]|[(),])')


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column as doors and readers see it."""

    name: str
    type: str
    """In DuckDB's words: BIGINT, VARCHAR, DECIMAL(10,2), VARCHAR[], STRUCT(a BIGINT)."""

    field_id: int = 0
    """Iceberg's identity of the column; 0 until a table gives it one."""

    required: bool = False
    doc: str = ""


def columns_of(schema: Schema) -> tuple[Column, ...]:
    """The columns of an Iceberg schema, in order."""
    return tuple(
        Column(
            name=f.name,
            type=duck_type(f.field_type),
            field_id=f.field_id,
            required=f.required,
            doc=f.doc or "",
        )
        for f in schema.fields
    )


def new_schema(columns: Iterable[Column]) -> Schema:
    """An Iceberg schema with fresh field ids for `columns`.

    Raises:
        Invalid: no columns, a name twice (case-insensitively), no name at all, or an unknown type.
    """
    listed = tuple(columns)
    check_names(c.name for c in listed)
    fields = [
        NestedField(
            field_id=n, name=c.name, field_type=iceberg_type(c.type), required=c.required, doc=c.doc or None
        )
        for n, c in enumerate(listed, 1)
    ]
    return assign_fresh_schema_ids(Schema(*fields))


def check_names(names: Iterable[str]) -> None:
    """Nothing, if one table can have columns with these names.

    Raises:
        Invalid: there is none, one is empty or holds the character that SQL cannot quote, or two are equal.
    """
    listed = [name.casefold() for name in names]
    if not listed:
        raise Invalid("a table needs at least one column", hint="check that the file has a header or data")
    if any(not name or "\0" in name for name in listed):
        raise Invalid("a column's name is empty or holds a NUL character", hint="rename the column")
    if len(set(listed)) != len(listed):
        raise Invalid("two columns have the same name", hint="names are case-insensitive; rename one")


def duck_type(kind: IcebergType) -> str:
    """The DuckDB type that reads an Iceberg type."""
    match kind:
        case DecimalType():
            return f"DECIMAL({kind.precision},{kind.scale})"
        case ListType():
            return duck_type(kind.element_type) + "[]"
        case StructType():
            inner = ", ".join(f"{quoted(f.name)} {duck_type(f.field_type)}" for f in kind.fields)
            return f"STRUCT({inner})"
        case MapType():
            return f"MAP({duck_type(kind.key_type)}, {duck_type(kind.value_type)})"
        case FixedType():
            return "BLOB"
        case _:
            return next((name for name, simple in SIMPLE.items() if simple == kind), "VARCHAR")


def iceberg_type(text: str) -> IcebergType:
    """The Iceberg type that stores what DuckDB calls `text`; field ids inside are placeholders.

    Raises:
        Invalid: not a type we know.
    """
    tokens = list(map(str, TOKEN.findall(text)))
    if text.count("(") > MAX_DEPTH or re.sub(r"\s", "", "".join(tokens)) != re.sub(r"\s", "", text):
        raise _no_type(text)
    kind, rest = _parse(tokens)
    if rest:
        raise _no_type(text)
    return kind


def _no_type(text: str) -> Invalid:
    return Invalid(
        f"{text[:60]!r} is not a type", hint="use BIGINT, DOUBLE, BOOLEAN, DATE, TIMESTAMP or VARCHAR"
    )


def _expect(tokens: list[str], sign: str) -> list[str]:
    """What follows `sign`, which must come next."""
    if tokens[:1] != [sign]:
        raise _no_type("".join(tokens[:3]) or "the end")
    return tokens[1:]


def _parse(tokens: list[str]) -> tuple[IcebergType, list[str]]:
    word, rest = (tokens[0].upper(), tokens[1:]) if tokens else ("", [])
    kind: IcebergType
    if word in {"DECIMAL", "NUMERIC"}:
        kind, rest = _parse_decimal(rest)
    elif word == "STRUCT":
        kind, rest = _parse_struct(_expect(rest, "("))
    elif word == "MAP":
        key, rest = _parse(_expect(rest, "("))
        value, rest = _parse(_expect(rest, ","))
        kind = MapType(key_id=1, key_type=key, value_id=2, value_type=value, value_required=False)
        rest = _expect(rest, ")")
    else:
        kind, rest = _parse_simple(word, rest)
    while rest[:1] == ["[]"]:
        kind, rest = ListType(element_id=1, element_type=kind, element_required=False), rest[1:]
    return kind, rest


def _parse_decimal(rest: list[str]) -> tuple[IcebergType, list[str]]:
    if rest[:1] != ["("]:
        return DecimalType(18, 3), rest
    precision, rest = _number(rest[1:])
    scale, rest = _number(rest[1:]) if rest[:1] == [","] else (0, rest)
    if not (1 <= precision <= 38 and scale <= precision):
        raise _no_type(f"DECIMAL({precision},{scale})")
    return DecimalType(precision, scale), _expect(rest, ")")


def _number(tokens: list[str]) -> tuple[int, list[str]]:
    if not tokens or not tokens[0].isdigit():
        raise _no_type("".join(tokens[:3]) or "the end")
    return int(tokens[0]), tokens[1:]


def _parse_simple(word: str, rest: list[str]) -> tuple[IcebergType, list[str]]:
    if [t.upper() for t in rest[:3]] == ["WITH", "TIME", "ZONE"]:
        word, rest = word + " WITH TIME ZONE", rest[3:]
    if word == "VARCHAR" and rest[:1] == ["("]:
        rest = _expect(_number(rest[1:])[1], ")")
    word = ALIASES.get(word, word)
    if word.startswith("DECIMAL("):
        return DecimalType(38, 0), rest
    if word not in SIMPLE:
        raise _no_type(word)
    return SIMPLE[word], rest


def _parse_struct(tokens: list[str]) -> tuple[IcebergType, list[str]]:
    fields: list[NestedField] = []
    while True:
        name = tokens[0] if tokens else ""
        if not (name[:1] in {'"', "_"} or name[:1].isalpha()) or name == '""':
            raise _no_type("".join(tokens[:3]) or "the end")
        name = name[1:-1].replace('""', '"') if name.startswith('"') else name
        kind, tokens = _parse(tokens[1:])
        fields.append(NestedField(field_id=len(fields) + 1, name=name, field_type=kind, required=False))
        if tokens[:1] != [","]:
            return StructType(*fields), _expect(tokens, ")")
        tokens = tokens[1:]


def field_ids(schema: Schema) -> str:
    """The FIELD_IDS option of DuckDB's `COPY … TO` that stamps Iceberg's ids into Parquet."""
    return "{" + ", ".join(f"{quoted(f.name)}: {_ids(f.field_id, f.field_type)}" for f in schema.fields) + "}"


def _ids(field_id: int, kind: IcebergType) -> str:
    inner = ", ".join(f"{label}: {_ids(child_id, child)}" for label, child_id, child in _children(kind))
    return f"{{__duckdb_field_id: {field_id}, {inner}}}" if inner else str(field_id)


def _children(kind: IcebergType) -> Iterator[tuple[str, int, IcebergType]]:
    match kind:
        case ListType():
            yield "element", kind.element_id, kind.element_type
        case MapType():
            yield "key", kind.key_id, kind.key_type
            yield "value", kind.value_id, kind.value_type
        case StructType():
            for f in kind.fields:
                yield quoted(f.name), f.field_id, f.field_type


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnChange:
    """One difference between a table and what wants to be written to it."""

    kind: Literal["add", "widen", "missing", "break"]
    """`missing`: the table has it and the input does not; it will be NULL. `break`: refused."""

    column: str
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        """As a person reads it in a diff."""
        signs = {"add": f"+ {self.column} {self.after}", "missing": f"  {self.column} will be NULL"}
        return signs.get(
            self.kind, f"{'~' if self.kind == 'widen' else '!'} {self.column} {self.before} -> {self.after}"
        )


DECIMAL: Final = re.compile(r"DECIMAL\((?P<width>\d+),(?P<scale>\d+)\)")

WIDER: Final = {("INTEGER", "BIGINT"), ("FLOAT", "DOUBLE")}
"""Promotions Iceberg allows without rewriting a file (spec: "Schema Evolution")."""


def is_wider(before: str, after: str) -> bool:
    """Does the type `after` hold every value of `before`, so that old files read on as they are?"""
    if (before, after) in WIDER:
        return True
    old, new = DECIMAL.fullmatch(before), DECIMAL.fullmatch(after)
    return bool(old and new and old["scale"] == new["scale"] and int(old["width"]) < int(new["width"]))


def diff(table: Sequence[Column], given: Sequence[Column]) -> tuple[ColumnChange, ...]:
    """What would have to change in `table` so that rows with the columns `given` fit, column by column.

    A narrower input is no difference (INTEGER into BIGINT, anything into VARCHAR).
    """
    known = {c.name.casefold(): c for c in table}
    seen = {c.name.casefold() for c in given}
    changes = [_change(known.get(c.name.casefold()), c) for c in given]
    missing = [ColumnChange(kind="missing", column=c.name) for c in table if c.name.casefold() not in seen]
    return tuple(c for c in changes if c) + tuple(missing)


def _change(before: Column | None, given: Column) -> ColumnChange | None:
    if before is None:
        return ColumnChange(kind="add", column=given.name, after=given.type)
    if before.type in {given.type, "VARCHAR"} or is_wider(given.type, before.type):
        return None
    if given.type in {"INTEGER", "BIGINT"} and before.type == "DOUBLE":
        return None
    kind: Literal["widen", "break"] = "widen" if is_wider(before.type, given.type) else "break"
    return ColumnChange(kind=kind, column=before.name, before=before.type, after=given.type)
