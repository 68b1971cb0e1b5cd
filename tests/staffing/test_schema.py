"""The seven tables as values: what every reader of the data may count on."""

import re
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.staffing import schema
from lakehouse.staffing.schema import BY_NAME, TABLES, Table


def test_scale_1_has_the_rows_of_the_reference() -> None:
    assert dict(schema.counts(1)) == {
        "candidates": 15_000,
        "clients": 500,
        "job_orders": 3_000,
        "placements": 8_000,
        "timesheets": 120_000,
        "calls": 80_000,
        "emails": 60_000,
    }


def test_the_inflated_scale_has_exactly_the_rows_of_the_inflated_reference() -> None:
    assert sum(schema.counts(schema.INFLATED_SCALE).values()) == 2_469_278


@given(st.floats(0.01, 100))
def test_rows_add_up_at_every_scale_and_no_table_is_empty(scale: float) -> None:
    counts = schema.counts(scale)
    assert sum(counts.values()) == round(schema.ROWS * scale)
    assert min(counts.values()) >= 4


@pytest.mark.parametrize("scale", [0, -1, 0.009, float("nan")])
def test_a_scale_too_small_for_references_is_invalid(scale: float) -> None:
    with pytest.raises(Invalid) as caught:
        schema.counts(scale)
    assert "0.01" in caught.value.hint


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_every_column_is_explained_in_one_sentence(table: Table) -> None:
    for column in table.columns:
        assert re.fullmatch(r".+\.", column.doc), column.name
    assert table.doc.endswith(".")


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_names_are_unique_and_plain(table: Table) -> None:
    assert len(set(table.names)) == len(table.names)
    assert all(re.fullmatch(r"[a-z][a-z_]*", name) for name in table.names)


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_the_key_comes_first_and_is_never_absent(table: Table) -> None:
    assert table.names[0] == table.key
    assert not table.column(table.key).nullable


def test_references_point_backward_to_a_key_of_the_same_type() -> None:
    for position, table in enumerate(TABLES):
        for column, target in table.references:
            other = BY_NAME[target]
            assert TABLES.index(other) < position
            assert column == other.key
            assert table.column(column).type == other.column(other.key).type


def test_zip_codes_and_phones_are_text() -> None:
    texts = [c for t in TABLES for c in t.columns if c.name == "zip" or "phone" in c.name]
    assert len(texts) == 5
    assert {c.type for c in texts} == {"string"}


def test_personal_data_is_marked() -> None:
    marks = {(t.name, c.name): c.pii for t in TABLES for c in t.columns if c.pii}
    assert marks["candidates", "email"] == "email"
    assert marks["candidates", "phone"] == "phone"
    assert marks["candidates", "address"] == "address"
    assert marks["candidates", "pay_rate"] == "salary"
    assert set(marks.values()) == {"name", "email", "phone", "address", "salary"}


def test_nothing_hidden_is_a_column() -> None:
    names = {c.name for t in TABLES for c in t.columns}
    assert not names & {"reliability", "archetype", "impression", "bench", "cold"}


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_every_word_of_the_text_is_one_that_its_type_knows(table: Table) -> None:
    assert table.name in get_args(schema.TableName)
    assert {c.type for c in table.columns} <= set(get_args(schema.Type))
    assert {c.pii for c in table.columns} <= set(get_args(schema.Pii))


def test_the_tables_have_their_names_in_python_too() -> None:
    for table in TABLES:
        assert getattr(schema, table.name.upper()) is table
    assert tuple(t.name for t in TABLES) == get_args(schema.TableName)


@pytest.mark.parametrize(
    ("table", "references"),
    [
        ("candidates", {}),
        ("job_orders", {"client_id": "clients"}),
        (
            "placements",
            {"candidate_id": "candidates", "client_id": "clients", "order_id": "job_orders"},
        ),
        ("timesheets", {"placement_id": "placements"}),
        ("calls", {"candidate_id": "candidates"}),
        ("emails", {"candidate_id": "candidates", "client_id": "clients"}),
    ],
)
def test_a_column_called_as_the_key_of_another_table_refers_to_it(
    table: schema.TableName, references: dict[str, str]
) -> None:
    assert dict(BY_NAME[table].references) == references


def test_what_may_be_absent_is_marked_in_the_text_and_nothing_else_is() -> None:
    absent = {(t.name, c.name) for t in TABLES for c in t.columns if c.nullable}
    assert absent == {
        ("candidates", "certificates"),
        ("candidates", "available_from"),
        ("job_orders", "required_certificates"),
        ("placements", "ended_on"),
        ("placements", "end_reason"),
        ("placements", "rating"),
        ("calls", "note"),
        ("emails", "candidate_id"),
        ("emails", "client_id"),
    }


def test_an_explanation_may_itself_hold_a_colon() -> None:
    assert BY_NAME["candidates"].column("shift").doc == "Preferred shift: day, evening, night or any."
    assert BY_NAME["job_orders"].doc.startswith("What clients ordered: so many")


def test_a_place_is_the_same_three_columns_everywhere() -> None:
    with_place = [table for table in TABLES if "city" in table.names]
    assert [table.name for table in with_place] == ["candidates", "clients", "job_orders"]
    for table in with_place:
        first = table.names.index("city")
        assert table.columns[first : first + 3] == TABLES[0].columns[6:9]
