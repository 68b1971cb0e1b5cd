"""[pure] What is embedded of a row: columns, or a template such as `{role}, {certifications}. {resume}`.

It becomes one SQL expression. Names are looked up among the table's columns and quoted, everything else in a
template is a string literal: no template is ever code. Where a value is missing, the marks and labels that
belong to it go too: `Welder, . Ten years` would be found by its own full stop, and reads as nobody writes.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from lakehouse.base.errors import Invalid, NotFound
from lakehouse.table.names import nearest, quoted
from lakehouse.table.schema import Column

TOKEN: Final = re.compile(r"\{\{|\}\}|\{(?P<name>[^{}]*)\}|(?P<stray>[{}])|[^{}]+")
GAP: Final = re.compile(r"""([)\]}>»”’"']*)(.*?)([(\[{<«“‘"']*)\Z""", re.DOTALL)
"""Of the text between two values: what closes the first, what is between them, what opens the second."""

WORDS: Final = re.compile(r"(\W*)((?:\w(?:.*\w)?)?)(\W*)\Z", re.DOTALL)
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
    values: list[list[Column]] = []
    around = [""]
    """The text before, between and after the values; columns side by side are one value."""
    for token in TOKEN.finditer(template):
        if token["stray"]:
            raise Invalid("a brace of the template stands alone", hint=HINT)
        if token["name"] is None:
            around[-1] += token[0].replace("{{", "{").replace("}}", "}")
            continue
        if around[-1] or not values:
            values.append([])
            around.append("")
        values[-1].append(_column(token["name"], known))
    used = tuple(dict.fromkeys(column for value in values for column in value))
    if not used:
        raise Invalid("the template names no column", hint=HINT)
    # Words between values that are all missing would be searched for their own sake.
    is_blank = f"concat({', '.join(map(_value, used))}) = ''"
    parts = ", ".join(_joined([_concat(map(_value, value)) for value in values], around))
    return Template(sql=f"CASE WHEN {is_blank} THEN '' ELSE concat({parts}) END", columns=_names(used))


def _joined(values: Sequence[str], around: Sequence[str]) -> list[str]:
    """The values with the text around them; what stands beside a missing value goes with it."""
    parts = [_opening(around[0], values[0]), values[0]]
    for n, text in enumerate(around[1:-1], 1):
        parts += [*_between(text, values[:n], values[n]), values[n]]
    return [*parts, *_closing(around[-1], values[-1])]


def _opening(text: str, after: str) -> str:
    has_words = re.search(r"\w", text) and not _is_label(text)
    return _literal(text) if has_words else _when(f"{after} <> ''", text)


def _closing(text: str, before: str) -> list[str]:
    closed, middle, opened = _parted(GAP, text)
    rest = middle + opened
    only = f"{before} <> ''"
    return [_when(only, closed), _when(only, rest) if re.search(r"\w", rest) else _literal(rest)]


def _between(text: str, values: Sequence[str], after: str) -> list[str]:
    """Brackets and words go with the value they belong to; a mark needs a value on either side of it."""
    closed, middle, opened = _parted(GAP, text)
    head, words, tail = _parted(WORDS, middle)
    has_before, has_after = f"{values[-1]} <> ''", f"{after} <> ''"
    has_both = f"{_concat(values)} <> '' AND {has_after}"
    if _is_label(middle):
        parts = [_when(has_both, head), _when(has_after, words + tail)]
    elif words:
        parts = [_when(has_before, head + words), _when(has_both, tail)]
    else:
        parts = [_when(has_both, head)]
    return [_when(has_before, closed), *parts, _when(has_after, opened)]


def _parted(pattern: re.Pattern[str], text: str) -> tuple[str, str, str]:
    groups = pattern.findall(text)[0]  # both take any text, whole
    return groups[0], groups[1], groups[2]


def _is_label(text: str) -> bool:
    return bool(re.search(r"\w\W*:\s*$", text))


def _when(condition: str, text: str) -> str:
    return f"CASE WHEN {condition} THEN {_literal(text)} ELSE '' END" if text else "''"


def _concat(values: Iterable[str]) -> str:
    return f"concat({', '.join(values)})"


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
