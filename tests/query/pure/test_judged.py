"""Trees of conditions: which columns they name, and every part that a condition must not bring along."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid, Refused
from lakehouse.query.predicate import EMPTY_PARTS, judge, names_of, probes
from lakehouse.query.session import Session
from lakehouse.query.tree import Visit, is_table, texts, walk

COLUMNS = ("id", "name", "city", "salary", "born")
SELECT: dict[str, object] = {"type": "SELECT_NODE", "where_clause": {"class": "CONSTANT"}}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "class", "cte_map", "map", "key", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


def tree_of(node: object) -> dict[str, object]:
    return {"statements": [{"node": node}]}


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("id = 7", ("id",)),
        ("CITY = 'Oslo' AND Id > 7", ("city", "id")),
        ("id = 1 OR id = 2 OR id = 3", ("id",)),
        ('"city" || name = lower(city)', ("city", "name")),
        ("CASE WHEN born IS NULL THEN salary > 1 ELSE id IN (1, 2) END", ("born", "id", "salary")),
        ("list_contains(['Oslo'], city)", ("city",)),
        ("true", None),
        ("1 = 1", None),
        ("people.id = 1", None),
        ("people IS NOT NULL", None),
        ("nobody = 1", None),
        ("COLUMNS(*) IS NOT NULL", None),
        ("id = 1 AND #1 = 1", None),
    ],
)
def test_a_condition_names_columns_as_the_table_spells_them_or_none(
    session: Session, condition: str, found: tuple[str, ...] | None
) -> None:
    bare, used = probes('"lake"."people"', condition)
    assert names_of(session.check(bare).tree, COLUMNS) == found
    assert names_of(session.check(used).tree, COLUMNS) == found


def test_columns_spelled_in_capitals_are_found_by_small_letters(session: Session) -> None:
    bare, _ = probes('"lake"."people"', "city = 'Oslo'")
    assert names_of(session.check(bare).tree, ["CITY", "ID"]) == ("CITY",)


def test_a_probe_is_the_condition_bare_and_in_brackets_that_a_comment_does_not_swallow() -> None:
    bare, used = probes('"t"', "a = 1 -- one", wanted='"id"')
    assert bare == 'SELECT "id" FROM "t" WHERE a = 1 -- one'
    assert used == 'SELECT "id" FROM "t" WHERE (a = 1 -- one\n)'


@pytest.mark.parametrize("condition", ["", " ", "\t\n", "\u3000"])
def test_no_condition_at_all_says_how_to_mean_all_rows(condition: str) -> None:
    with pytest.raises(Invalid, match="empty") as caught:
        probes("t", condition)
    assert "all rows: true" in caught.value.hint


def test_one_select_on_one_table_without_values_is_a_condition() -> None:
    judge(tree_of(SELECT), references=1, parameters=0)


@pytest.mark.parametrize("part", EMPTY_PARTS)
def test_every_other_clause_is_refused(part: str) -> None:
    with pytest.raises(Refused) as caught:
        judge(tree_of({**SELECT, part: [{"type": "x"}]}), references=1, parameters=0)
    assert "city = 'Oslo'" in caught.value.hint


@pytest.mark.parametrize(
    "tree",
    [
        {},
        {"statements": []},
        {"statements": "SELECT"},
        {"statements": [{"node": SELECT}, {"node": SELECT}]},
        {"statements": ["SELECT"]},
        {"statements": [{"node": "SELECT"}]},
        tree_of({"type": "SET_OPERATION_NODE"}),
        tree_of({**SELECT, "where_clause": {"class": "SUBQUERY"}}),
        tree_of({**SELECT, "where_clause": {"class": "A", "children": [{"class": "SUBQUERY"}]}}),
    ],
    ids=json.dumps,
)
def test_what_is_not_one_plain_select_is_refused(tree: dict[str, object]) -> None:
    with pytest.raises(Refused):
        judge(tree, references=1, parameters=0)


@pytest.mark.parametrize(("references", "parameters"), [(0, 0), (2, 0), (1, 1), (1, 3)])
def test_another_table_or_a_value_from_outside_is_refused(references: int, parameters: int) -> None:
    with pytest.raises(Refused):
        judge(tree_of(SELECT), references=references, parameters=parameters)


@settings(max_examples=40, deadline=None)
@given(json_values)
def test_the_walk_visits_each_piece_of_syntax_of_any_document_and_always_in_one_order(value: object) -> None:
    found = list(walk(value))
    assert [v.node for v in found] == [v.node for v in walk(json.loads(json.dumps(value)))]
    assert all("class" in v.node or isinstance(v.node["type"], str) for v in found)


def test_the_walk_is_not_stopped_by_depth() -> None:
    deep: object = {"class": "LEAF"}
    for _ in range(20_000):
        deep = {"class": "AND", "child": deep}
    *_, last = walk(deep)
    assert (last.node["class"], last.depth) == ("LEAF", 20_000)


def test_a_recursive_cte_sees_itself_only_on_its_right_side() -> None:
    node = {
        "type": "RECURSIVE_CTE_NODE",
        "cte_name": "Up",
        "left": {"type": "BASE_TABLE", "table_name": "up"},
        "right": {"type": "BASE_TABLE", "table_name": "UP"},
    }
    _, left, right = walk(node)
    assert (is_table(left), is_table(right)) == (True, False)


@pytest.mark.parametrize("name", ["schema_name", "catalog_name"])
def test_a_qualified_name_is_a_table_even_where_a_cte_has_its_name(name: str) -> None:
    node: dict[str, object] = {"type": "BASE_TABLE", "table_name": "t"}
    assert not is_table(Visit(node, frozenset({"t"}), 0))
    assert is_table(Visit({**node, name: "lake"}, frozenset({"t"}), 0))
    assert not is_table(Visit({**node, name: "lake", "class": "x"}, frozenset(), 0))


def test_texts_are_of_an_array_only() -> None:
    assert texts(["a", 1]) == ("a", "1")
    assert texts({"a": 1}) == texts(None) == texts("ab") == ()
