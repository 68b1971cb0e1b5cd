"""Conditions that are given outright: typed, exact, and as safe as those that are read."""

import datetime as dt
from decimal import Decimal

import pytest

from lakehouse.base.errors import Invalid
from lakehouse.matrix.conditions import structural
from lakehouse.matrix.conditions.condition import Condition
from lakehouse.matrix.conditions.facet import Facet, kind_of, vocabulary
from lakehouse.matrix.conditions.lexicon import Lexicon
from lakehouse.matrix.conditions.sql import predicate
from tests.matrix.conditions.people import LEXICON

COLUMNS = {
    "city": "VARCHAR", "skills": "VARCHAR", "tags": "VARCHAR[]", "pay": "DECIMAL(9,2)", "is_union": "BOOLEAN",
    "since": "TIMESTAMP", "place": "STRUCT(x INTEGER)",
}  # fmt: skip


def given(**wanted: object) -> list[tuple[str, str, tuple[str, ...]]]:
    found = structural.filters(wanted, LEXICON.vocabulary, columns=COLUMNS)
    return [(c.column, c.op, c.values) for c in found]


def test_one_value_or_any_of_a_list_and_all_filters_together() -> None:
    assert given(city="Chicago", skills=["packing", "packing", "sorting"]) == [
        ("city", "is", ("Chicago",)),
        ("skills", "is", ("packing", "sorting")),
    ]
    found = structural.filters({"skills": "packing"}, LEXICON.vocabulary, columns=COLUMNS)
    assert found[0].facet.kind == "entries"


def test_values_are_taken_by_the_type_of_the_column() -> None:
    assert given(pay=[5, Decimal("7.50")]) == [("pay", "is", ("5", "7.50"))]
    assert given(is_union=True) == [("is_union", "is", ("true",))]
    assert given(is_union=[True, False]) == [("is_union", "present", ())]
    assert given(since=dt.datetime(2026, 1, 2, 3, tzinfo=dt.UTC)) == [("since", "is", ("2026-01-02",))]
    assert given(since="2026-01-02T03:00:00Z") == [("since", "is", ("2026-01-02",))]
    assert given(tags="a", CITY=7) == [("tags", "is", ("a",)), ("city", "is", ("7",))]


def test_a_column_that_is_not_there_and_an_empty_list_leave_no_row() -> None:
    assert given(nowhere="x") == [("nowhere", "never", ())]
    assert given(city=[]) == [("city", "never", ())]
    assert predicate(structural.filters({"nowhere": 1}, LEXICON.vocabulary, columns=COLUMNS)) == "false"


@pytest.mark.parametrize(
    "wanted",
    [
        {"pay": "5"}, {"pay": True}, {"pay": float("nan")}, {"is_union": "yes"}, {"since": "soon"},
        {"city": None},
        {"city": True}, {"place": "x"}, {"city": {"a": 1}}, {"city": list(range(10_001))},
    ],
)  # fmt: skip
def test_a_value_that_the_column_cannot_be_compared_with_is_refused(wanted: dict[str, object]) -> None:
    with pytest.raises(Invalid) as caught:
        structural.filters(wanted, LEXICON.vocabulary, columns=COLUMNS)
    assert caught.value.hint


def test_a_role_is_known_in_any_case_and_number() -> None:
    for said in ("Welder", "welders", "WELDER"):
        assert [c.values for c in structural.role(said, LEXICON)] == [("Welder",)]
    assert [c.values for c in structural.role("astronaut", LEXICON)] == [("astronaut",)]
    assert structural.role("  ", LEXICON) == ()
    assert structural.role("welder", Lexicon(vocabulary([Facet(column="city", kind="text")]))) == ()


def test_rows_are_left_out_by_id_and_ids_of_another_type_are_let_go() -> None:
    (numbers,) = structural.without(["7", "7", "x", "9"], key="id", type_="BIGINT")
    assert predicate([numbers]) == '("id" IS NULL OR NOT ("id" IN (7, 9)))'
    (texts,) = structural.without(["a'b"], key="id", type_="VARCHAR")
    assert predicate([texts]) == "(\"id\" IS NULL OR NOT (\"id\" IN ('a''b')))"
    (days,) = structural.without(["2026-01-01", "x"], key="day", type_="DATE")
    assert days.values == ("2026-01-01",)
    assert structural.without(["x"], key="id", type_="INTEGER") == ()


def test_keys_of_given_and_read_conditions_are_keys_where_they_agree() -> None:
    role = Facet(column="role", kind="text", is_key=True)
    one, same = Condition(facet=role, values=("Welder",)), Condition(facet=role, values=("Welder",))
    other = Condition(facet=role, values=("Loader",))
    assert structural.keys([one, same]) == {"role": "Welder"}
    assert structural.keys([one, other]) == {}
    assert structural.keys([Condition(facet=role, op="never")]) == {}


def test_types_of_columns_say_how_they_are_asked_for() -> None:
    kinds = {t: kind_of(t) for t in ("VARCHAR", "VARCHAR[]", "BOOLEAN", "DATE", "TIMESTAMP WITH TIME ZONE")}
    assert list(kinds.values()) == ["text", "list", "flag", "date", "date"]
    assert [kind_of(t) for t in ("DECIMAL(9,2)", "BIGINT", "INTEGER[]", "BLOB")] == [
        *("number", "number", None, None)
    ]
