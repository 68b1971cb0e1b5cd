"""[pure] What may run: exactly one SELECT, made of allowed nodes and functions, of bounded size.

The judge is DuckDB's own syntax tree, never a second parser that might read the text differently. Every
list here says what is allowed; what a later DuckDB adds is refused until someone adds it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from lakehouse.base.errors import Invalid, LakehouseError, Refused
from lakehouse.query import faults, functions
from lakehouse.query.engine import Name, Parsed, Version
from lakehouse.query.relation import PREFIX
from lakehouse.query.tree import Node, Visit, is_node, is_table, walk

MAX_TEXT_BYTES: Final = 256 << 10
MAX_NODES: Final = 5_000
MAX_DEPTH: Final = 200
"""Below DuckDB's own 1,000, and so low that JSON readers need no deep recursion either."""

CLASSES: Final = frozenset(
    [
        *("BETWEEN", "CASE", "CAST", "COLLATE", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT"),
        *(
            "FUNCTION",
            "LAMBDA",
            "OPERATOR",
            "PARAMETER",
            "POSITIONAL_REFERENCE",
            "STAR",
            "SUBQUERY",
            "WINDOW",
        ),
    ]
)
NODES: Final = frozenset(
    [
        *("SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE"),
        *(
            "BASE_TABLE",
            "EMPTY",
            "EXPRESSION_LIST",
            "JOIN",
            "PIVOT",
            "SHOW_REF",
            "SUBQUERY",
            "TABLE_FUNCTION",
        ),
        *("DISTINCT_MODIFIER", "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "ORDER_MODIFIER"),
        *("ORDER_DEFAULT", "ASCENDING", "DESCENDING"),
        *("ARRAY_TYPE_INFO", "DECIMAL_TYPE_INFO", "LIST_TYPE_INFO", "STRUCT_TYPE_INFO", "UNBOUND_TYPE_INFO"),
    ]
)
SCHEMAS: Final = frozenset(["", "main", "pg_catalog"])
"""Where a function may be said to live: the built-in ones are in `main`."""

INSTEAD: Final[Mapping[str, str]] = {
    "INSERT": "lakehouse ingest FILE --table T --mode append",
    "UPDATE": "lakehouse ingest FILE --table T --mode upsert --key C",
    "MERGE_INTO": "lakehouse ingest FILE --table T --mode upsert --key C",
    "DELETE": "lakehouse delete TABLE --where CONDITION",
    "CREATE": "lakehouse ingest FILE --table T makes a table",
    "DROP": "lakehouse drop TABLE",
    "ALTER": "lakehouse ingest FILE --table T evolves the columns with the data",
    "COPY": "lakehouse sql QUERY --format parquet -o FILE",
    "EXPORT": "lakehouse sql QUERY --format parquet -o FILE",
    "ATTACH": "lakehouse ingest SOURCE makes its data a table",
    "LOAD": "extensions are installed packages; lakehouse doctor lists them",
    "SET": "settings live in lakehouse.toml",
    "PRAGMA": "SELECT * FROM information_schema.tables",
    "CALL": "SELECT * FROM information_schema.tables",
    "VACUUM": "lakehouse compact TABLE",
    "TRANSACTION": "every query already reads one snapshot; lakehouse sql --at chooses it",
    "PREPARE": "pass params beside the statement",
    "EXECUTE": "pass params beside the statement",
    "EXPLAIN": "lakehouse sql runs the SELECT itself and says how long it took",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A table as the text names it."""

    name: Name
    at: Version
    """Of its own AT clause; None when it has none."""

    offset: object
    """Byte offset in the text, as DuckDB gives it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A statement that may run once its tables are bound."""

    tree: Node
    references: tuple[Reference, ...]
    """In order of the walk, each distinct pair of name and version once."""

    parameters: tuple[str, ...]
    """Names, or numbers from 1, sorted."""


def admit(sql: str) -> None:
    """Turn away a text that cannot or should not be parsed.

    Raises:
        Invalid: it holds NUL characters or broken Unicode.
        Refused: it is longer than 256 KiB.
    """
    try:
        size = len(sql.encode())
    except UnicodeEncodeError:
        raise Invalid("the statement is not Unicode text", hint="send UTF-8") from None
    if "\0" in sql:
        raise Invalid("the statement holds a NUL character", hint="remove it")
    if size > MAX_TEXT_BYTES:
        raise Refused("the statement is longer than 256 KiB", hint="ingest long lists as a table and join it")


def check(sql: str, parsed: Parsed) -> Checked:
    """Judge a parsed text.

    Raises:
        Invalid: it is no SQL, or no statement.
        Refused: it is more, or other, than one SELECT of allowed parts.
    """
    tree = _one_select(sql, parsed)
    references: dict[tuple[Name, Version], Reference] = {}
    parameters, table_functions = set[str](), set[int]()
    for count, visit in enumerate(walk(tree), 1):
        node = visit.node
        _judge_size(count, visit.depth)
        _judge_kind(sql, node)
        if node.get("type") == "TABLE_FUNCTION":
            table_functions.add(id(node.get("function")))
        if node.get("class") in ("FUNCTION", "WINDOW"):
            _judge_function(sql, node, functions.TABLES if id(node) in table_functions else functions.SCALARS)
        if node.get("class") == "PARAMETER":
            parameters.add(str(node.get("identifier")))
        if is_table(visit):
            found = reference(sql, visit)
            references.setdefault((found.name, found.at), found)
    return Checked(tree=tree, references=tuple(references.values()), parameters=tuple(sorted(parameters)))


def reference(sql: str, visit: Visit) -> Reference:
    """The table that this node names.

    Raises:
        Refused: it names a catalog, or one of our own views.
        Invalid: its AT clause is no constant.
    """
    node = visit.node
    schema, table = str(node.get("schema_name", "")).lower(), str(node.get("table_name", "")).lower()
    offset = node.get("query_location")
    if node.get("catalog_name") or table.startswith(PREFIX):
        where = faults.at(sql, offset)
        raise Refused(f"{table!r} is not a table of the lake{where}", hint="write TABLE or NAMESPACE.TABLE")
    return Reference(name=(schema or None, table), at=_version(sql, node), offset=offset)


def _version(sql: str, node: Node) -> Version:
    clause = node.get("at_clause")
    if not is_node(clause):
        return None
    value: object = clause.get("expr")
    while is_node(value) and value.get("class") == "CAST":
        value = value.get("child")
    constant = value.get("value") if is_node(value) and value.get("class") == "CONSTANT" else None
    version = constant.get("value") if is_node(constant) else None
    if isinstance(version, bool) or not isinstance(version, int | str):
        place = faults.at(sql, node.get("query_location"))
        raise Invalid(
            f"AT takes a constant{place}", hint="AT (VERSION => 123) or AT (TIMESTAMP => '2026-11-01')"
        )
    return version


def _one_select(sql: str, parsed: Parsed) -> Node:
    try:
        tree = json.loads(parsed.tree)
    except RecursionError:
        raise _too_deep() from None
    if tree.get("error"):
        raise _not_a_select(sql, tree, parsed.kinds)
    statements = tree.get("statements") or ()
    if not statements:
        raise Invalid("there is no statement", hint="write one SELECT")
    if len(statements) > 1:
        raise Refused(f"{len(statements)} statements at once", hint="send one SELECT at a time")
    return dict(tree)


def _not_a_select(sql: str, tree: Node, kinds: tuple[str, ...]) -> LakehouseError:
    message = str(tree.get("error_message", ""))
    if not kinds:
        return faults.syntax(sql, message, tree.get("position"))
    if kinds == ("CREATE", "SELECT"):
        # DuckDB rewrites a bare PIVOT into a type made from the data, and a query that uses it.
        return Refused("PIVOT without a list of values", hint="PIVOT t ON c IN (v1, v2) USING sum(x)")
    if len(kinds) > 1:
        return Refused(f"{len(kinds)} statements at once", hint="send one SELECT at a time")
    if kinds == ("SELECT",) and sql.lstrip().upper().startswith("PRAGMA"):
        # DuckDB calls a PRAGMA that answers with rows a SELECT, and then does not write it down as one.
        return Refused("PRAGMA is not a query; only SELECT is run here", hint=INSTEAD["PRAGMA"])
    hint = INSTEAD.get(kinds[0], "write one SELECT")
    return Refused(f"{kinds[0].replace('_', ' ')} is not a query; only SELECT is run here", hint=hint)


def _judge_size(count: int, depth: int) -> None:
    if count > MAX_NODES:
        raise Refused(
            f"the statement has more than {MAX_NODES} parts", hint="ingest long lists as a table and join it"
        )
    if depth > MAX_DEPTH:
        raise _too_deep()


def _too_deep() -> Refused:
    return Refused("the statement is nested too deeply", hint="split it with WITH")


def _judge_kind(sql: str, node: Node) -> None:
    kind = node.get("class", node.get("type"))
    if kind not in (CLASSES if "class" in node else NODES):
        where = faults.at(sql, node.get("query_location"))
        raise Refused(f"{str(kind).lower().replace('_', ' ')} is not allowed{where}", hint="use plain SELECT")
    judge = JUDGES.get(str(kind))
    if judge:
        judge(node)


def _judge_show(node: Node) -> None:
    if node.get("show_type") not in ("DESCRIBE", "SUMMARY") or not node.get("query"):
        raise Refused("SHOW is not a query", hint="SELECT * FROM information_schema.tables")


def _judge_pivot(node: Node) -> None:
    pivots = node.get("pivots")
    if any(is_node(p) and p.get("pivot_enum") for p in (pivots if isinstance(pivots, list) else ())):
        raise Refused("PIVOT over a type is not allowed", hint="PIVOT t ON c IN (v1, v2) USING sum(x)")


def _judge_ctes(node: Node) -> None:
    cte_map = node.get("cte_map")
    entries = cte_map.get("map") if is_node(cte_map) else None
    for entry in entries if isinstance(entries, list) else ():
        if is_node(entry) and str(entry.get("key")).lower().startswith(PREFIX):
            raise Refused(f"names that start with {PREFIX} are ours", hint="rename the CTE")


JUDGES: Final[Mapping[str, Callable[[Node], None]]] = {
    "SHOW_REF": _judge_show,
    "PIVOT": _judge_pivot,
    "SELECT_NODE": _judge_ctes,
    "SET_OPERATION_NODE": _judge_ctes,
    "RECURSIVE_CTE_NODE": _judge_ctes,
}


def _judge_function(sql: str, node: Node, allowed: frozenset[str]) -> None:
    name = str(node.get("function_name"))
    home = (str(node.get("catalog", "")).lower(), str(node.get("schema", "")).lower())
    if name.lower() in allowed and home[0] in ("", "system") and home[1] in SCHEMAS:
        return
    where = faults.at(sql, node.get("query_location"))
    near = faults.nearest(name, allowed)
    what = "table function" if allowed is functions.TABLES else "function"
    raise Refused(f"the {what} {name!r} is not allowed{where}", hint=_hint(name.lower(), near), function=name)


def _hint(name: str, near: tuple[str, ...]) -> str:
    if name.startswith(("read_", "parquet_", "glob", "sniff_", "arrow_", "pandas_")) or name.endswith(
        "_scan"
    ):
        return "lakehouse ingest FILE makes a file a table"
    if name.startswith(("duckdb_", "pragma_", "pg_", "show_")):
        return "SELECT * FROM information_schema.tables, or FROM system.tables"
    return faults.did_you_mean(near, "only functions that compute from their arguments may be called")
