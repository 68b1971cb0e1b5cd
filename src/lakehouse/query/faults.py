"""[pure] Errors in the user's own words: positions in the original text, nearest names, no inner names."""

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Final

from lakehouse.base.errors import Corrupt, Invalid, LakehouseError, NotFound, Refused, Unavailable
from lakehouse.query.engine import Name
from lakehouse.query.relation import PREFIX
from lakehouse.query.tree import texts, walk

NOWHERE: Final = 1 << 63
"""DuckDB writes the largest 64-bit number where a node has no position."""

COLUMN: Final = re.compile(
    r'(?:Referenced column|does not have a column named|column(?: name)?) "((?:[^"]|"")+)"'
)
TABLE: Final = re.compile(r'Referenced table "((?:[^"]|"")+)" not found')
FUNCTION: Final = re.compile(r"argument types '([^(']+)\(")
CANDIDATES: Final = re.compile(r"Candidate (?:bindings|tables): (.*)")
INNER: Final = re.compile(rf'(?:"?temp"?\."?main"?\.)?"?{PREFIX}[0-9a-f]{{24}}(?:_db|_rows)?"?')


def place(sql: str, offset: int) -> tuple[int, int]:
    """Line and column, both from 1, of a byte offset in the UTF-8 text."""
    before = sql.encode()[:offset].decode(errors="ignore")
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def at(sql: str, offset: object) -> str:
    """` at line 1, column 8`, or nothing when the offset says nothing."""
    if not isinstance(offset, int) or not 0 <= offset < NOWHERE:
        return ""
    line, column = place(sql, offset)
    return f" at line {line}, column {column}"


def nearest(name: str, known: Iterable[str], *, count: int = 3) -> tuple[str, ...]:
    """The known names most like `name`, best first; compared without case."""
    folded = {k.lower(): k for k in known}
    return tuple(folded[m] for m in difflib.get_close_matches(name.lower(), folded, n=count, cutoff=0.55))


def did_you_mean(names: Sequence[str], otherwise: str) -> str:
    """A hint out of the nearest names, or the other one when there are none."""
    return f"did you mean {' or '.join(names)}?" if names else otherwise


def syntax(sql: str, message: str, position: object) -> Invalid:
    """The parser's complaint, with line and column."""
    # The parser counts characters, the tree counts bytes.
    offset = len(sql[: int(str(position))].encode()) if str(position).isdigit() else NOWHERE
    line, column = place(sql, offset) if offset < NOWHERE else (0, 0)
    hint = "correct the statement there" if line else "correct the statement"
    return Invalid(message + at(sql, offset), hint=hint, line=line, column=column)


def no_table(sql: str, name: Name, offset: object, known: Iterable[str]) -> NotFound:
    """No such table, and what it may have been meant to be."""
    full = f"{name[0]}.{name[1]}" if name[0] else name[1]
    short = {k.rsplit(".", 1)[-1]: k for k in known}
    found = nearest(full, short.values()) or tuple(short[n] for n in nearest(name[1], short))
    hint = did_you_mean(found, "lakehouse tables lists them; lakehouse ingest FILE makes one")
    return NotFound(f"no table {full!r}{at(sql, offset)}", hint=hint, table=full)


def explain(error: LakehouseError, sql: str, tree: object, columns: Iterable[str]) -> LakehouseError:
    """What the engine's error means for this text.

    Args:
        error: as the worker raised it; `context["engine"]` names DuckDB's exception.
        sql: the user's own text.
        tree: its syntax tree, before binding.
        columns: of all tables it names, for suggestions.
    """
    engine = error.context.get("engine")
    if engine is None:
        return error
    message = _clean(error.message)
    if engine in ("IOException", "HTTPException"):
        return Unavailable(f"cannot read the table's files: {message}", hint="lakehouse doctor")
    if engine == "SerializationException" or "magic bytes" in message:
        return Corrupt(f"a file of the table is damaged: {message}", hint="lakehouse doctor")
    if engine == "PermissionException":
        return Refused(message, hint="queries read tables only; lakehouse ingest makes a file a table")
    return _invalid(error.message, message, sql, tree, columns)


def _invalid(raw: str, message: str, sql: str, tree: object, columns: Iterable[str]) -> Invalid:
    hint, offset = "correct the statement", NOWHERE
    if found := TABLE.search(raw):
        offset = _offset_of(tree, found[1])
        hint = did_you_mean(_candidates(raw), "name it in FROM")
    elif found := COLUMN.search(raw):
        name = found[1].replace('""', '"')
        offset = _offset_of(tree, name)
        # DuckDB's own candidates include columns of subqueries, but also ones that are not alike at all.
        near = nearest(name, (*columns, *_candidates(raw)))
        hint = did_you_mean(near, "lakehouse show TABLE lists its columns")
    elif found := FUNCTION.search(raw):
        offset = _offset_of(tree, found[1])
        hint = "cast the arguments to the types the function takes"
    line, column = place(sql, offset) if offset < NOWHERE else (0, 0)
    return Invalid(message + at(sql, offset), hint=hint, line=line, column=column)


def _offset_of(tree: object, name: str) -> int:
    """Where the tree first says `name`: as a column, a part of one, or a function."""
    wanted = name.lower()
    for visit in walk(tree):
        node = visit.node
        said = (*texts(node.get("column_names")), str(node.get("function_name", "")))
        offset = node.get("query_location")
        if wanted in map(str.lower, said) and isinstance(offset, int):
            return offset
    return NOWHERE


def _candidates(raw: str) -> tuple[str, ...]:
    found = CANDIDATES.search(raw)
    return tuple(re.findall(r'"((?:[^"]|"")+)"', found[1])[:3]) if found else ()


def _clean(message: str) -> str:
    # "Binder Error: what\nCandidate bindings: …\n\nLINE 1: our rewritten text" -> "what"
    text = message.split("\n\nLINE ")[0].split("\nLINE ")[0].split("\nCandidate ")[0]
    head = re.sub(r"^[A-Z][\w ]* Error: ", "", text.split("\n\tCandidate functions")[0].strip())
    return INNER.sub("the table", head).replace("Values list ", "Table ")
