"""Nested values as flat rows, one rule at a time."""

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.ingest.described import flatten
from lakehouse.ingest.described.flatten import Facts, Json, Rounded, TooDeep, leaves


def nested(depth: int, *, lists: bool = False) -> Json:
    value: Json = 1
    for _ in range(depth):
        value = [value] if lists else {"a": value}
    return value


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"a": 1}, {("a",): 1}),
        ({"a": {"b": {"c": None}}}, {("a", "b", "c"): None}),
        ({"a": {}}, {("a",): None}),
        ({}, {}),
        ({"a": [1, {"b": 2}]}, {("a",): [1, {"b": 2}]}),
        ({"": 1}, {("",): 1}),
        (7, {("value",): 7}),
        ([1, 2], {("value",): [1, 2]}),
        (None, {("value",): None}),
    ],
)
def test_every_scalar_and_list_has_the_keys_that_lead_to_it(
    value: Json, found: dict[flatten.Path, Json]
) -> None:
    assert leaves(value) == found


def test_nesting_is_bound_in_objects_and_in_lists() -> None:
    assert len(leaves(nested(128))) == 1
    deep: tuple[Json, ...] = (nested(129), {"a": nested(130, lists=True)}, {"a": [nested(130)]})
    for value in deep:
        with pytest.raises(TooDeep):
            leaves(value)


@pytest.mark.parametrize("value", [2.0**63, -(2.0**63), 1e300])
def test_a_number_that_may_have_been_an_integer_is_doubted_wherever_it_stands(value: float) -> None:
    rows: tuple[Json, ...] = ({"a": value}, {"a": [value]}, {"a": [{"b": [value]}]}, [value])
    for row in rows:
        assert leaves(row)
        with pytest.raises(Rounded):
            leaves(row, exact=False)
    assert leaves({"a": [1.5, True, None, "x"]}, exact=False)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([True, False], "BOOLEAN"),
        ([1, None], "BIGINT"),
        ([1, 2.5], "DOUBLE"),
        ([2**53 + 1, 2.5], "VARCHAR"),
        ([2.5, [2**53 + 1]], "VARCHAR"),
        ([2**63], "VARCHAR"),
        ([1, True], "VARCHAR"),
        ([1, "1"], "VARCHAR"),
        (["2024-01-31", "2024-02-29"], "DATE"),
        (["2024-01-31", "2024-02-30"], "VARCHAR"),
        (["2024-01-31T10:00:00"], "TIMESTAMP"),
        (["2024-01-31T10:00:00Z"], "TIMESTAMP WITH TIME ZONE"),
        (["2024-01-31", 5], "VARCHAR"),
        (["", "2024-01-31"], "VARCHAR"),
        ([[1], [2, None]], "BIGINT[]"),
        ([[1], [2.5]], "DOUBLE[]"),
        ([[2**53 + 1], [2.5]], "VARCHAR"),
        ([["a"], []], "VARCHAR[]"),
        ([["2024-01-31"]], "VARCHAR[]"),
        ([[True]], "BOOLEAN[]"),
        ([[1, "a"]], "VARCHAR"),
        ([[None]], "VARCHAR"),
        ([[]], "VARCHAR"),
        ([[[1]]], "VARCHAR"),
        ([[{"a": 1}]], "VARCHAR"),
        ([[1], 1], "VARCHAR"),
        ([None, None], "VARCHAR"),
        ([], "VARCHAR"),
    ],
)
def test_a_column_takes_the_narrowest_type_that_holds_all(values: list[Json], kind: str) -> None:
    facts = Facts()
    for value in values:
        facts.add(value)
    assert facts.type == kind
    assert (facts.values, facts.nulls) == (len(values) - values.count(None), values.count(None))


def test_the_sample_for_personal_data_is_of_texts_and_integers_and_is_bound() -> None:
    facts = Facts()
    for value in [1.5, True, [1], *range(flatten.SAMPLE * 2)]:
        facts.add(value)
    assert facts.sample[:2] == ["0", "1"]
    assert len(facts.sample) <= flatten.SAMPLE


@pytest.mark.parametrize(
    ("values", "kind", "found"),
    [
        ([1, None], "BIGINT", [1, None]),
        ([1, 2.5, None], "DOUBLE", [1.0, 2.5, None]),
        ([[1, 2.5], None], "DOUBLE[]", [[1.0, 2.5], None]),
        ([1, "a", None, True], "VARCHAR", ["1", "a", None, "true"]),
        ([{"a": [1]}, [None]], "VARCHAR", ['{"a":[1]}', "[null]"]),
        (["2024-01-31"], "DATE", ["2024-01-31"]),
        ([2**70], "VARCHAR", [str(2**70)]),
    ],
)
def test_values_are_handed_over_in_the_form_of_their_type(
    values: list[Json], kind: str, found: list[Json]
) -> None:
    assert flatten.stored(values, kind) == found


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("é", "é"),
        ("a\ud800b", "a\ufffdb"),
        ("\ud83d\ude00", "😀"),
        (
            {"a": 2**64, "b": [True, None, 1.5, "x\ud800"]},
            '{"a":18446744073709551616,"b":[true,null,1.5,"x\ufffd"]}',
        ),
        ({"\ud800": 1}, '{"\ufffd":1}'),
        (False, "false"),
    ],
)
def test_text_is_valid_unicode_and_json_loses_no_digit(value: Json, text: str) -> None:
    assert flatten.text_of(value) == text


def test_columns_appear_in_order_with_names_of_their_own() -> None:
    seen: dict[flatten.Path, Facts] = {}
    rows: tuple[Json, ...] = ({"a": None, "b": {"c": 1}}, {"a": {"x": 1}, "b_c": 2, "B": {"C": 3}})
    for row in rows:
        for path, value in leaves(row).items():
            seen.setdefault(path, Facts()).add(value)
    found = flatten.columns(seen)
    assert [(c.path, c.name) for c in found] == [
        (("b", "c"), "b_c"), (("a", "x"), "a_x"), (("b_c",), "b_c_2"), (("B", "C"), "B_C_3"),
    ]  # fmt: skip


jsons: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


@given(jsons)
def test_json_text_is_json_of_the_same_value(value: Json) -> None:
    assert json.loads(flatten.json_text(value)) == value


def emptied(value: Json) -> Json:
    """`value`, the empty objects outside of its lists as NULL."""
    return (
        {k: None if v == {} else emptied(v) for k, v in value.items()} if isinstance(value, dict) else value
    )


@given(st.dictionaries(st.text(max_size=3), jsons, max_size=4))
def test_no_scalar_is_lost_between_a_row_and_its_leaves(row: dict[str, Json]) -> None:
    rebuilt: dict[str, Json] = {}
    for path, value in leaves(row).items():
        at = rebuilt
        for key in path[:-1]:
            inner = at.setdefault(key, {})
            assert isinstance(inner, dict)
            at = inner
        at[path[-1]] = value
    assert rebuilt == emptied(row)


@given(st.lists(jsons, min_size=1, max_size=6))
def test_every_value_fits_the_type_that_was_found_for_all(values: list[Json]) -> None:
    facts = Facts()
    for value in values:
        facts.add(value)
    for value, kept in zip(values, flatten.stored(values, facts.type), strict=True):
        assert (kept is None) == (value is None)
        if facts.type == "VARCHAR" and isinstance(value, dict | list):
            assert json.loads(str(kept)) == value
        orjson.dumps(kept)
