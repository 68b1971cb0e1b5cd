"""What is embedded of a row is one harmless SQL expression."""

import re

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid, NotFound
from lakehouse.index import template
from lakehouse.index.template import Template
from lakehouse.query.functions import SCALARS
from lakehouse.table.schema import Column

COLUMNS = (
    Column(name="role", type="VARCHAR"),
    Column(name="Resume Text", type="VARCHAR"),
    Column(name="skills", type="VARCHAR[]"),
    Column(name="years", type="BIGINT"),
    Column(name='od"d', type="VARCHAR"),
)
ROWS = """(VALUES
  ('Nurse', 'Ten years.', ['ICU', NULL, 'BLS'], 10, 'it''s'),
  (NULL, 'Alone', NULL, NULL, NULL),
  (NULL, NULL, NULL, NULL, NULL)
) t(role, "Resume Text", skills, years, "od""d")"""


def texts(*text: str) -> list[object]:
    """What the compiled expression gives for each row."""
    compiled = template.compile(text, COLUMNS)
    return [row[0] for row in duckdb.sql(f"SELECT {compiled.sql} FROM {ROWS}").fetchall()]


def test_columns_are_joined_by_line_breaks_and_empty_ones_left_out() -> None:
    assert texts("role", "resume text", "skills") == ["Nurse\nTen years.\nICU, BLS", "Alone", ""]


def test_a_template_is_filled_and_a_missing_value_leaves_nothing() -> None:
    assert texts("{role}, {skills}. {resume text}") == ["Nurse, ICU, BLS. Ten years.", "Alone", ""]


GAPS = (
    ("{a}, {b}. {c}", "A, B. C", "B. C", "A. C", "A, B"),
    ("{a} ({b}): {c}.", "A (B): C.", "(B): C.", "A: C.", "A (B)."),
    ("Role: {a}. Skills: {b}. Pay: {c}", "Role: A. Skills: B. Pay: C", "Skills: B. Pay: C",
     "Role: A. Pay: C", "Role: A. Skills: B"),
    ("{a}, {b} years. {c}", "A, B years. C", "B years. C", "A. C", "A, B years"),
    ("A worker. {a}; {b}{c} at work", "A worker. A; BC at work", "A worker. BC at work",
     "A worker. A; C at work", "A worker. A; B at work"),
    ('"{a}" "{b}" [{c}]', '"A" "B" [C]', '"B" [C]', '"A" [C]', '"A" "B"'),
)  # fmt: skip


@pytest.mark.parametrize(("said", "whole", "no_a", "no_b", "no_c"), GAPS)
def test_what_stands_beside_a_missing_value_goes_with_it(
    said: str, whole: str, no_a: str, no_b: str, no_c: str
) -> None:
    compiled = template.compile((said,), [Column(name=name, type="VARCHAR") for name in "abc"])
    rows = "(VALUES ('A','B','C'), (NULL,'B','C'), ('A','','C'), ('A','B',NULL), ('','','')) t(a, b, c)"
    made = [row[0] for row in duckdb.sql(f"SELECT {compiled.sql} FROM {rows}").fetchall()]
    assert made == [whole, no_a, no_b, no_c, ""]


def test_a_value_keeps_its_own_marks() -> None:
    compiled = template.compile(("{a}, {b}. {c}",), [Column(name=name, type="VARCHAR") for name in "abc"])
    rows = "(VALUES ('(A), .', '', '. ,C:')) t(a, b, c)"
    assert duckdb.sql(f"SELECT {compiled.sql} FROM {rows}").fetchone() == ("(A), .. . ,C:",)


def test_numbers_are_written_as_text() -> None:
    assert texts("{years} years") == ["10 years", "", ""]


def test_doubled_braces_are_braces() -> None:
    assert texts("{{{role}}}")[0] == "{Nurse}"


def test_lists_of_anything_are_joined() -> None:
    columns = (Column(name="n", type="BIGINT[]"), Column(name="deep", type="BIGINT[][]"))
    compiled = template.compile(("{n} {deep}",), columns)
    rows = "(SELECT [1, NULL, 2] n, [[1, 2], [3]] deep)"
    assert duckdb.sql(f"SELECT {compiled.sql} FROM {rows}").fetchone() == ("1, 2 [1, 2], [3]",)


def test_the_columns_it_reads_are_named_as_the_table_spells_them() -> None:
    assert template.compile(("{ROLE} {role} {resume text}",), COLUMNS).columns == ("role", "Resume Text")
    assert template.compile(("ROLE", "role"), COLUMNS).columns == ("role",)


def test_a_column_whose_name_has_braces_goes_before_a_template() -> None:
    compiled = template.compile(("{x}",), (Column(name="{x}", type="VARCHAR"),))
    assert compiled == Template(sql="concat_ws('\n', nullif(coalesce(CAST(\"{x}\" AS VARCHAR), ''), ''))",
                                columns=("{x}",))  # fmt: skip


def test_an_unknown_column_is_named_with_the_nearest_one() -> None:
    with pytest.raises(NotFound, match="'roll'") as raised:
        template.compile(("{roll}",), COLUMNS)
    assert raised.value.hint == "did you mean role?"
    with pytest.raises(NotFound) as raised:
        template.compile(("resumetext",), COLUMNS)
    assert raised.value.hint == "did you mean Resume Text?"
    with pytest.raises(NotFound) as raised:
        template.compile(("zzzzzz",), COLUMNS)
    assert "the table has role, Resume Text" in raised.value.hint


@pytest.mark.parametrize(
    "text",
    [(), ("",), (" ",), ("role", ""), ("{role",), ("role}",), ("{}",), ("{ } x",), ("{{role}}",), ("{a{b}",)],
)  # fmt: skip
def test_what_makes_no_text_is_refused(text: tuple[str, ...]) -> None:
    with pytest.raises(Invalid):
        template.compile(text, COLUMNS)


def test_a_nul_is_refused_since_sql_cannot_hold_it() -> None:
    with pytest.raises(Invalid, match="NUL"):
        template.compile(("{role}\0",), COLUMNS)


@pytest.mark.parametrize(
    "around", ["'", "''", "\\'", "'); DROP TABLE x; --", '"', "$$", "E'\\n", "/*", "?", "$1"]
)
def test_nothing_escapes_its_literal(around: str) -> None:
    assert texts(f"{around}{{role}}{around}")[0] == f"{around}Nurse{around}"
    assert texts('{od"d}')[0] == "it's"


@given(st.text(st.characters(exclude_characters="\0{}", exclude_categories=["Cs"])))
def test_any_text_around_a_column_comes_out_as_it_went_in(around: str) -> None:
    assert texts(around + "{role}" + around)[0] == f"{around}Nurse{around}"


def test_it_uses_no_function_that_the_guard_refuses() -> None:
    both = [template.compile(text, COLUMNS).sql for text in (("role", "skills"), ("{role} {skills}",))]
    called = set(re.findall(r"(\w+)\(", " ".join(both))) - {"CAST", "coalesce"}
    assert called == {"concat", "concat_ws", "array_to_string", "nullif"}
    assert called <= SCALARS
