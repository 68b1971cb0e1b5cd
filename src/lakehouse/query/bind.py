"""[pure] Names become relations: every table in the tree is replaced by the view of what it stands for."""

import json
from collections.abc import Mapping

from lakehouse.query.engine import Bound, Name, Version
from lakehouse.query.guard import Checked, reference
from lakehouse.query.relation import Relation, name_of
from lakehouse.query.tree import Node, is_node, is_table, texts, walk

Meaning = Mapping[tuple[Name, Version], Relation]
"""What each reference of the statement stands for; every one of them has an entry."""


def bind(checked: Checked, meaning: Meaning) -> Bound:
    """The statement over views named after their relations; the checked tree stays as it is.

    A table keeps its name as alias, so that `people.city` still means what it said.
    """
    views = {key: name_of(relation) for key, relation in meaning.items()}
    tree = json.loads(json.dumps(checked.tree))
    qualified = {name for name, _ in meaning if name[0]}
    for visit in walk(tree):
        _label(visit.node)
        if is_table(visit):
            found = reference("", visit)
            _rename(visit.node, views[found.name, found.at])
        elif visit.node.get("class") == "COLUMN_REF":
            _shorten(visit.node, qualified)
    return Bound(tree=json.dumps(tree), relations=tuple(dict.fromkeys(meaning.values())))


def _label(node: Node) -> None:
    # DuckDB names a column after its expression, where one with a table inside would show our view's name.
    listed = node.get("select_list")
    for item in listed if isinstance(listed, list) else ():
        if is_node(item) and not item.get("alias") and any(is_table(v) for v in walk(item)):
            item["alias"] = "subquery" if item.get("class") == "SUBQUERY" else "expression"


def _rename(node: Node, view: str) -> None:
    node["alias"] = node.get("alias") or node["table_name"]
    # Fully qualified: no CTE of the text can stand in for it.
    node.update(catalog_name="temp", schema_name="main", table_name=view, at_clause=None)


def _shorten(node: Node, qualified: set[Name]) -> None:
    # namespace.table.column -> table.column: the alias has no namespace.
    names = texts(node.get("column_names"))
    if len(names) > 2 and (names[0].lower(), names[1].lower()) in qualified:
        node["column_names"] = list(names[1:])
