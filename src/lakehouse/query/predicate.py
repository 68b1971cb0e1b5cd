"""[pure] Predicates: a condition on rows that comes from outside, proved to be nothing more than that."""

from collections.abc import Collection, Mapping

from lakehouse.base.errors import Invalid, Refused
from lakehouse.query.tree import texts, walk

EMPTY_PARTS = ("modifiers", "group_expressions", "having", "sample", "qualify")
"""Parts of a SELECT that a bare condition cannot bring along."""


def probes(table: str, condition: str, *, wanted: str = "1") -> tuple[str, str]:
    """The statements to check for a condition on `table` (quoted SQL): bare, and as it will be used.

    A condition that parses both ways cannot close the bracket it is put in; the line break keeps a comment
    at its end from swallowing that bracket.

    Args:
        wanted: our own SQL, what the probe selects.

    Raises:
        Invalid: there is no condition.
    """
    if not condition.strip():
        raise Invalid(
            "the condition is empty", hint="write it like: city = 'Oslo' AND id > 7; all rows: true"
        )
    bare = f"SELECT {wanted} FROM {table} WHERE "
    return f"{bare}{condition}", f"{bare}({condition}\n)"


def names_of(tree: Mapping[str, object], columns: Collection[str]) -> tuple[str, ...] | None:
    """The columns that a judged probe's condition names, as the table spells them.

    Returns:
        None where it names none, or something that hangs on all columns of the table: a star, a position, or
        the table itself (`t.a`; `t`, a row as a whole).
    """
    known = {column.casefold(): column for column in columns}
    found = dict[str, None]()
    for visit in walk(_node(tree).get("where_clause")):
        kind = visit.node.get("class")
        if kind in {"STAR", "POSITIONAL_REFERENCE"}:
            return None
        if kind == "COLUMN_REF":
            names = texts(visit.node.get("column_names"))
            if len(names) != 1 or names[0].casefold() not in known:
                return None
            found[known[names[0].casefold()]] = None
    return tuple(sorted(found)) or None


def judge(tree: Mapping[str, object], *, references: int, parameters: int) -> None:
    """Nothing, if the checked probe is one SELECT with a condition on one table and nothing else.

    Args:
        tree: the probe, as DuckDB's parser gave it.
        references: how many tables the probe names.
        parameters: how many placeholders it holds; a condition brings its values itself.

    Raises:
        Refused: the condition brings a subquery, another clause, or another statement.
    """
    node = _node(tree)
    clauses = [part for part in EMPTY_PARTS if node.get(part)]
    asks_more = any(visit.node.get("class") == "SUBQUERY" for visit in walk(tree))
    if node.get("type") != "SELECT_NODE" or clauses or asks_more or references != 1 or parameters:
        hint = "write it like: city = 'Oslo' AND id > 7"
        raise Refused("a condition must speak of this table's columns only", hint=hint)


def _node(tree: Mapping[str, object]) -> Mapping[str, object]:
    statements = tree.get("statements")
    first = statements[0] if isinstance(statements, list) and len(statements) == 1 else {}
    node = first.get("node", first) if isinstance(first, Mapping) else {}
    return node if isinstance(node, Mapping) else {}
