"""Results as text: names told apart, cells that stay in their cell, and how much more there is."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.query.engine import Limits
from lakehouse.query.render import is_number, unique
from lakehouse.query.result import Column
from lakehouse.query.session import Session


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ([], []),
        (["a", "b"], ["a", "b"]),
        (["a", "a", "a"], ["a", "a_2", "a_3"]),
        (["a", "a_2", "a"], ["a", "a_2", "a_3"]),
        (["a", "a", "a_2"], ["a", "a_2", "a_2_2"]),
        (["a", "A"], ["a", "A"]),
        (["", ""], ["", "_2"]),
    ],
)
def test_a_name_that_comes_again_is_numbered_from_two(names: list[str], found: list[str]) -> None:
    assert unique(names) == found


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["a", "a_2", "a_3", "b", ""]), max_size=12))
def test_names_come_out_as_many_as_went_in_all_different_and_the_first_unchanged(names: list[str]) -> None:
    found = unique(names)
    assert len(found) == len(set(found)) == len(names)
    assert all(new.startswith(old) for new, old in zip(found, names, strict=True))
    assert found[:1] == names[:1]


@pytest.mark.parametrize(
    ("kind", "is_right"),
    [
        *((kind, True) for kind in ("TINYINT", "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL(9,2)")),
        *((kind, False) for kind in ("INTEGER[]", "VARCHAR", "DATE", "BOOLEAN", "INTERVAL", "decimal", "")),
    ],
)
def test_numbers_alone_are_set_flush_right(kind: str, is_right: bool) -> None:
    assert is_number(Column("a", kind)) is is_right


@pytest.mark.parametrize(
    ("most", "last"), [(0, "… 3 more rows"), (2, "… 1 more rows"), (3, "| 3 |"), (9, "| 3 |")]
)
def test_a_table_ends_with_how_many_rows_are_not_shown(session: Session, most: int, last: str) -> None:
    lines = session.sql("SELECT unnest([1, 2, 3]) AS n").markdown(most=most).splitlines()
    assert lines[:2] == ["| n |", "| ---: |"]
    assert lines[-1] == last
    assert len(lines) == 2 + min(most, 3) + (most < 3)


def test_an_answer_that_was_cut_off_says_so_in_every_text(session: Session) -> None:
    cut = session.sql("SELECT unnest([1, 2, 3]) AS n", limits=Limits(rows=2))
    assert cut.markdown().endswith("… cut off by the limits\n")
    assert "cut off by the limits" in cut._repr_html_()


def test_an_answer_without_rows_has_its_head_in_every_form(session: Session) -> None:
    empty = session.sql("SELECT 1 AS n, 'x' AS \"a|b\" WHERE false")
    assert empty.rows() == []
    assert list(empty.json_rows()) == []
    assert b"".join(empty.csv()) == b'"n","a|b"\n'
    assert empty.markdown() == "| n | a\\|b |\n| ---: | --- |\n"
    assert empty._repr_html_().count("<td>") == 0


def test_csv_tells_an_empty_text_from_null(session: Session) -> None:
    head, first, second = b"".join(session.sql("SELECT '' AS a, NULL AS b, 1 AS c UNION ALL "
        "SELECT NULL, '', 2").csv()).splitlines()  # fmt: skip
    assert (head, first, second) == (b'"a","b","c"', b'"",,1', b',"",2')


def test_columns_of_one_name_are_all_there_in_json_and_csv(session: Session) -> None:
    found = session.sql("SELECT 1 AS a, 2 AS a, 3 AS A")
    assert list(found.json_rows()) == [{"a": 1, "a_2": 2, "A": 3}]
    assert next(csv.reader(io.StringIO(b"".join(found.csv()).decode()))) == ["a", "a_2", "A"]
