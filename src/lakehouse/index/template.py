"""[pure] What is embedded of a row: columns, or a template such as `{role}, {certifications}. {resume}`.

It becomes one SQL expression. Names are looked up among the table's columns and quoted, everything else in a
template is a string literal: no template is ever code.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lakehouse.base.errors import Invalid, NotFound
from lakehouse.table.names import nearest, quoted
from lakehouse.table.schema import Column

TOKEN: Final = re.compile(r"\{\{|\}\}|\{(?P<name>[^{}]*)\}|(?P<stray>[{}])|[^{}]+")
HINT: Final = "write {column} for a column, {{ and }} for a brace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One text made of a row."""

    sql: str
    """VARCHAR, never NULL: a value that is missing leaves nothing, and so does a row that has none."""

    columns: tuple[str, ...]
    """Those it reads, as the table spells them, each once."""


def compile(text: Sequence[str], columns: Sequence[Column]) -> Template:  # noqa: A001
    """The SQL that makes the text of a row.

    Args:
        text: names of columns, or one template. A column of that very name goes before a template.
        columns: of the table.

    Raises:
        Invalid: there is nothing, a brace stands alone, or a template names no column.
        NotFound: a column that the table does not have.
    """
    known = {column.name.casefold(): column for column in columns}
    if not text or not all(item.strip() for item in text):
        raise Invalid("there is no text to index", hint="name a column, or write a template with {column}")
    if len(text) == 1 and text[0].casefold() not in known and re.search(r"[{}]", text[0]):
        return _of_template(text[0], known)
    used = tuple(dict.fromkeys(_column(name, known) for name in text))
    values = [f"nullif({_value(column)}, '')" for column in used]
    return Template(sql=f"concat_ws({_literal(chr(10))}, {', '.join(values)})", columns=_names(used))


def _of_template(template: str, known: dict[str, Column]) -> Template:
    parts: list[str] = []
    used: dict[Column, None] = {}
    for token in TOKEN.finditer(template):
        if token["stray"]:
            raise Invalid("a brace of the template stands alone", hint=HINT)
        if token["name"] is None:
            parts.append(_literal(token[0].replace("{{", "{").replace("}}", "}")))
            continue
        column = _column(token["name"], known)
        used[column] = None
        parts.append(_value(column))
    if not used:
        raise Invalid("the template names no column", hint=HINT)
    # Punctuation between values that are all missing would be searched for its own sake.
    is_blank = f"concat({', '.join(map(_value, used))}) = ''"
    sql = f"CASE WHEN {is_blank} THEN '' ELSE concat({', '.join(parts)}) END"
    return Template(sql=sql, columns=_names(tuple(used)))


def _column(name: str, known: dict[str, Column]) -> Column:
    found = known.get(name.casefold()) or known.get(name.strip().casefold())
    if found:
        return found
    if not name.strip():
        raise Invalid("a pair of braces names no column", hint=HINT)
    close = nearest(name.strip(), known)
    spelt = ", ".join(known[n].name for n in close)
    hint = f"did you mean {spelt}?" if close else f"the table has {', '.join(c.name for c in known.values())}"
    raise NotFound(f"no column {name.strip()!r}", hint=hint, column=name.strip())


def _names(columns: Sequence[Column]) -> tuple[str, ...]:
    return tuple(column.name for column in columns)


def _value(column: Column) -> str:
    name = quoted(column.name)
    if column.type.endswith("[]"):
        return f"coalesce(array_to_string(CAST({name} AS VARCHAR[]), ', '), '')"
    return f"coalesce(CAST({name} AS VARCHAR), '')"


def _literal(text: str) -> str:
    if "\0" in text:
        raise Invalid("a template cannot hold a NUL character", hint="take it out")
    return "'" + text.replace("'", "''") + "'"
