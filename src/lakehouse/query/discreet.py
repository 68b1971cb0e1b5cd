"""[pure] What an engine's complaint may tell: what is wrong and in which column, never with which value.

DuckDB quotes values of rows where they cannot be converted, overflow, or are no JSON. Errors reach logs, and
people who may not see the rows. So of such a message only what is known to be harmless is told: its kind,
types, columns and literals that the statement itself names. Whatever else it says is left out.
"""

import re
from typing import Final

PLAIN: Final = frozenset(
    f"{kind}Exception"
    for kind in (
        "Binder", "Catalog", "Parser", "Syntax", "NotImplemented", "Permission", "IO", "HTTP",
        "Serialization", "InvalidType", "InvalidConfiguration", "Transaction", "Dependency",
    )
)  # fmt: skip
"""Kinds that are about the statement and files; at that stage there is no row yet."""

MANY: Final = (
    "More than one row returned by a subquery used as an expression - "
    "scalar subqueries can only return a single row."
)
FIXED: Final = frozenset(
    (
        MANY,
        "cannot take square root of a negative number",
        "cannot take logarithm of a negative number",
        "cannot take logarithm of zero",
        "Value out of range",
    )
)
"""Messages that hold no value."""

STOPPED: Final = "A function cannot take a value that it is given"
DAMAGED: Final = "No magic bytes found"
MALFORMED: Final = "Malformed JSON "
SOURCE: Final = " when casting from source column "
TYPE: Final = re.compile(
    r" to (?:the destination type |type )?"
    r"(?P<type>(?:BOOL(?:EAN)?|U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|U?INT\d+|FLOAT"
    r"|DOUBLE|DECIMAL\(\d+,\d+\)|INTERVAL|UUID|VARCHAR|BLOB|BIT|JSON)(?:\[\d*\])*)"
    r"(?: failed: value is out of range!)?$"
)
RANGE: Final = re.compile(r" the value is out of range for the destination type (?P<type>U?INT\d+)$")
TIME: Final = re.compile(r"(?:invalid )?(?P<type>date|timestamp|time|interval) field ")
OVERFLOW: Final = re.compile(r"Overflow in (?P<what>[a-z ]+ of [A-Z0-9]+) \(")
SAID: Final = re.compile(r"(?:Could not convert string|Type VARCHAR with value) '(?P<value>.*)' ", re.DOTALL)


def told(engine: str, message: str, statement: str) -> str:
    """The message without values of rows.

    Args:
        engine: DuckDB's name of the exception.
        message: as DuckDB says it.
        statement: that failed; what it says itself may be said again.
    """
    if engine in PLAIN:
        return message
    text = re.sub(r"^[A-Z][\w ]* Error: ", "", message.rpartition("\n\nLINE ")[0] or message)
    first = text.partition("\n")[0]
    if first in FIXED or _literal(text) in statement:
        return first
    if engine == "InvalidInputException" and text.startswith(DAMAGED):
        return text
    if engine == "ConversionException":
        return _converted(text, _column(text, statement), statement)
    overflow = OVERFLOW.match(text) if engine == "OutOfRangeException" else None
    return f"Overflow in {overflow['what']}" if overflow else STOPPED


def _converted(text: str, column: str, statement: str) -> str:
    said, text = SAID.match(text), text.removesuffix(f"{SOURCE}{column}") if column else text
    what = f"a value of column {column}" if column else "a value"
    if said and (literal := _literal(said["value"])) in statement:
        what = literal
    if found := TYPE.search(text) or RANGE.search(text):
        return f"Could not convert {what} to {found['type']}"
    if found := TIME.match(text):
        return f"Could not convert {what} to {found['type'].upper()}"
    wanted = "JSON" if text.startswith(MALFORMED) else "what the statement wants"
    return f"Could not convert {what} to {wanted}"


def _column(text: str, statement: str) -> str:
    column = text.rpartition(SOURCE)[2] if SOURCE in text else ""
    return column if column and column.isidentifier() and column in statement else ""


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
