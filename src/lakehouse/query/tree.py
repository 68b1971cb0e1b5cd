"""[pure] Walking DuckDB's syntax tree with the CTE names that are in scope at each node.

The walk uses its own stack: depth is a matter of limits, not of Python's recursion. The order of visits is
the same for equal trees.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

Node = dict[str, object]
"""A JSON object of the tree; those with `type` or `class` are syntax."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One syntax node on the walk."""

    node: Node
    scope: frozenset[str]
    """Names of CTEs visible here, in lower case."""

    depth: int
    """Number of syntax nodes around it."""


def is_node(value: object) -> TypeGuard[Node]:
    """Is this a JSON object?"""
    return isinstance(value, dict)


def walk(root: object) -> Iterator[Visit]:
    """Every syntax node below `root`, parents first."""
    stack: list[tuple[object, frozenset[str], int]] = [(root, frozenset(), 0)]
    while stack:
        value, scope, depth = stack.pop()
        if isinstance(value, list):
            stack.extend((item, scope, depth) for item in reversed(value))
        elif is_node(value):
            syntax = "class" in value or isinstance(value.get("type"), str)
            if syntax:
                yield Visit(value, scope, depth)
            stack.extend(reversed(list(_children(value, scope, depth + syntax))))


def _children(node: Node, scope: frozenset[str], depth: int) -> Iterator[tuple[object, frozenset[str], int]]:
    for key, definition in _ctes(node):
        # A CTE sees those before it; itself only through RECURSIVE_CTE_NODE below.
        yield definition, scope, depth
        scope |= {key}
    recursive = (
        frozenset({_lower(node.get("cte_name"))}) if node.get("type") == "RECURSIVE_CTE_NODE" else None
    )
    for key, value in node.items():
        if key == "cte_map" or not isinstance(value, dict | list):
            continue
        yield value, scope | recursive if recursive and key == "right" else scope, depth


def _ctes(node: Node) -> Iterator[tuple[str, object]]:
    cte_map = node.get("cte_map")
    entries = cte_map.get("map") if is_node(cte_map) else None
    for entry in entries if isinstance(entries, list) else ():
        if is_node(entry):
            yield _lower(entry.get("key")), entry.get("value")


def _lower(value: object) -> str:
    return str(value).lower()


def is_table(visit: Visit) -> bool:
    """Does this node name a table, and not a CTE in scope?"""
    node = visit.node
    if node.get("type") != "BASE_TABLE" or "class" in node:
        return False
    qualified = node.get("schema_name") or node.get("catalog_name")
    return bool(qualified) or _lower(node.get("table_name")) not in visit.scope


def texts(value: object) -> tuple[str, ...]:
    """A JSON array of strings as a tuple; empty for anything else."""
    return tuple(map(str, value)) if isinstance(value, list) else ()
