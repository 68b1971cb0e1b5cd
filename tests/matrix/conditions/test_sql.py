"""The predicate of conditions: every kind of column, empty ones, and texts that would be code."""

from collections.abc import Iterator

import pytest

from lakehouse.base.errors import Invalid
from lakehouse.matrix.conditions.condition import Condition, Op
from lakehouse.matrix.conditions.facet import Facet, Kind
from lakehouse.matrix.conditions.sql import explain, predicate
from lakehouse.query import predicate as probing
from tests.lake.conftest import open_with
from tests.matrix.conditions.conftest import Asked

ROWS = """
SELECT id, town, papers, tags, is_union, pay, CAST(said AS DATE) AS day, CAST(said AS TIMESTAMP) AS moment
FROM (VALUES
  (1, 'Oslo', 'OSHA-10; CPR', ['a', 'b'], true, 5.0, '2026-01-01 08:00:00'),
  (2, 'Rome', 'OSHA-10 ;TWIC ', ['b'], false, 7.5, '2026-06-01 23:59:00'),
  (3, 'O''Hara; DROP', 'CPR', [], true, -1.0, '2025-01-01 00:00:00'),
  (4, NULL, NULL, NULL, NULL, NULL, NULL),
  (5, '', ' ', ['c'], false, 0.0, '2026-12-31 00:00:00')
) t(id, town, papers, tags, is_union, pay, said)
"""
COLUMNS: dict[str, Kind] = {
    "town": "text",
    "papers": "entries",
    "tags": "list",
    "is_union": "flag",
    "pay": "number",
    "day": "date",
    "moment": "date",
}


def facet(column: str) -> Facet:
    return Facet(column=column, kind=COLUMNS[column], separator=";" if column == "papers" else "")


def asks(column: str, *values: str, op: Op = "is", no: bool = False, either: int = 0) -> Condition:
    return Condition(facet=facet(column), op=op, values=values, is_negated=no, either=either)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    with open_with(tmp_path_factory.mktemp("sql") / "lake") as lake:
        yield Asked(lake)


def found(lake: Asked, *conditions: Condition) -> list[object]:
    where = predicate(conditions)
    rows = lake.sql(f"SELECT id FROM ({ROWS}) r WHERE {where} ORDER BY id").to_arrow()
    return list(rows["id"].to_pylist())


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (asks("town", "Oslo", "Rome"), [1, 2]),
        (asks("town", "O'Hara; DROP"), [3]),
        (asks("papers", "OSHA-10"), [1, 2]),
        (asks("papers", "TWIC", "CPR"), [1, 2, 3]),
        (asks("tags", "a", "c"), [1, 5]),
        (asks("is_union", "true"), [1, 3]),
        (asks("is_union", "false"), [2, 5]),
        (asks("pay", "5", op=">="), [1, 2]),
        (asks("pay", "0", op="<"), [3]),
        (asks("pay", "7.5", "0"), [2, 5]),
        (asks("day", "2026-01-01", op=">"), [2, 5]),
        (asks("moment", "2026-06-01", op="<="), [1, 2, 3]),
        (asks("town", op="present"), [1, 2, 3]),
        (asks("papers", op="present"), [1, 2, 3]),
        (asks("tags", op="present"), [1, 2, 5]),
        (asks("is_union", op="present"), [1, 2, 3, 5]),
    ],
    ids=str,
)
def test_an_empty_column_fails_what_is_asked_for_and_passes_what_is_ruled_out(
    lake: Asked, condition: Condition, holds: list[int]
) -> None:
    no = Condition(facet=condition.facet, op=condition.op, values=condition.values, is_negated=True)
    assert found(lake, condition) == holds
    assert found(lake, no) == [n for n in range(1, 6) if n not in holds]


def test_conditions_hold_together_and_those_of_one_number_hold_by_one_of_them(lake: Asked) -> None:
    tied = (asks("town", "Oslo", either=1), asks("papers", "CPR", either=1))
    assert found(lake, *tied) == [1, 3]
    assert found(lake, *tied, asks("pay", "0", op=">")) == [1]


def test_no_conditions_leave_every_row_and_a_column_that_is_not_there_leaves_none(lake: Asked) -> None:
    assert found(lake) == [1, 2, 3, 4, 5]
    assert found(lake, asks("town", op="never")) == []
    assert found(lake, asks("town")) == []
    assert found(lake, asks("pay")) == []


def test_a_column_may_have_any_name_and_the_predicate_is_one_condition(lake: Asked) -> None:
    odd = Facet(column='a" OR 1=1 --', kind="text")
    where = predicate([Condition(facet=odd, values=("x' OR 'a'='a",))])
    rows = lake.sql(f'SELECT count(*) AS n FROM (SELECT \'y\' AS "a"" OR 1=1 --") WHERE {where}').to_arrow()
    assert rows["n"].to_pylist() == [0]


def test_no_predicate_holds_a_semicolon_so_that_quick_ways_may_take_it() -> None:
    where = predicate([asks("papers", "a;b"), asks("town", "x;y")])
    assert ";" not in where
    assert all(";" not in probe for probe in probing.probes('"t"', where))


@pytest.mark.parametrize(("column", "value"), [("pay", "1 OR true"), ("pay", "nan"), ("day", "tomorrow")])
def test_a_bound_that_is_no_number_or_date_is_refused(column: str, value: str) -> None:
    with pytest.raises(Invalid, match="compared with"):
        predicate([asks(column, value, op="<")])


def test_conditions_explain_themselves() -> None:
    said = explain([asks("town", "Oslo", no=True), asks("pay", "5", op=">=", either=2)])
    assert said == ("town not is Oslo: ", "pay >= 5 (one of group 2): ")


def test_a_separator_belongs_to_entries_and_to_nothing_else() -> None:
    with pytest.raises(Invalid, match="separator"):
        Facet(column="c", kind="entries")
    with pytest.raises(Invalid, match="separator"):
        Facet(column="c", kind="text", separator=";")
