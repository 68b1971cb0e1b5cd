"""Which values must hold together and of which one is enough; and the rows that this leaves."""

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.matrix.conditions import joined, polarity, structural
from lakehouse.matrix.conditions.condition import NOWHERE, Condition, Op
from lakehouse.matrix.conditions.facet import Facet, Kind
from lakehouse.matrix.conditions.joined import Made, glue
from lakehouse.matrix.conditions.lexicon import Lexicon
from lakehouse.matrix.conditions.sql import explain, predicate
from tests.matrix.conditions.golden import told
from tests.matrix.conditions.laid import laid
from tests.matrix.conditions.people import FILMS, LEXICON, PRODUCTS


def made(question: str, lexicon: Lexicon = LEXICON) -> Made:
    pieces, rows = laid(question, lexicon)
    return joined.conditions(question, pieces, polarity.read(pieces, rows), rows)


def says(question: str, lexicon: Lexicon = LEXICON) -> set[str]:
    return set(told(made(question, lexicon).conditions))


@pytest.mark.parametrize("link", [" and ", " or ", ", ", " / ", " and in ", ", or in "])
def test_several_values_of_a_column_that_holds_one_are_alternatives(link: str) -> None:
    assert says(f"people in Gary{link}Joliet") == {"city: Gary | Joliet"}


@pytest.mark.parametrize("link", [" and ", ", ", " plus ", " & ", " and with ", " as well as "])
def test_several_values_of_a_column_that_holds_several_are_all_asked_for(link: str) -> None:
    assert says(f"people with OSHA-10{link}TWIC") == {"certificates: OSHA-10", "certificates: TWIC"}


@pytest.mark.parametrize("link", [" or ", " / ", " or a ", ", or ", " or with "])
def test_an_or_makes_alternatives_of_them(link: str) -> None:
    assert says(f"people with OSHA-10{link}TWIC") == {"certificates: OSHA-10 | TWIC"}


def test_a_comma_means_what_the_end_of_its_list_says() -> None:
    assert says("people with OSHA-10, CPR or TWIC") == {"certificates: CPR | OSHA-10 | TWIC"}
    assert says("people with OSHA-10, CPR and TWIC") == {
        *("certificates: OSHA-10", "certificates: CPR", "certificates: TWIC")
    }


def test_values_that_are_ruled_out_are_ruled_out_one_and_all() -> None:
    both = {"not certificates: OSHA-10", "not certificates: TWIC"}
    assert says("people without OSHA-10 or TWIC") == both
    assert says("people without OSHA-10 and TWIC") == both


def test_a_list_column_is_joined_like_one_of_entries() -> None:
    assert says("movies starring Bill Murray and Dan Aykroyd", FILMS) == {
        *("cast: Bill Murray", "cast: Dan Aykroyd")
    }
    assert says("movies starring Bill Murray or Dan Aykroyd", FILMS) == {"cast: Bill Murray | Dan Aykroyd"}


def test_a_range_is_two_conditions_and_both_are_turned_round_together() -> None:
    asked = made("people with 3 to 5 years of experience").conditions
    assert [(c.op, c.values, c.is_negated) for c in asked] == [(">=", ("3",), False), ("<=", ("5",), False)]
    assert all(c.why == "compared by name" for c in asked)
    (unit,) = made("people with over 5 years").conditions
    assert unit.why == "compared by unit"


def test_a_column_that_is_ruled_out_leaves_rows_without_any() -> None:
    (condition,) = made("people without certificates").conditions
    assert (condition.op, condition.is_negated, condition.column) == ("present", True, "certificates")
    assert str(condition) == "certificates not is present"


def test_a_wish_is_noted_where_it_stands() -> None:
    question = "people in Gary, TWIC preferred"
    (note,) = made(question).notes
    assert question[slice(*note.span)] == note.said == "TWIC"


def test_a_value_of_two_columns_is_asked_of_either_and_the_note_names_both() -> None:
    found = made("people with OSHA-10 and Reach Truck or welders without reach truck")
    ruled_out = {c.column for c in found.conditions if c.is_negated}
    assert ruled_out == {"skills", "certificates"}
    orange = made("orange items", PRODUCTS)
    assert {(c.column, c.either) for c in orange.conditions} == {("brand", 1), ("colour", 1)}
    assert [n.reason for n in orange.notes] == ["a value of brand and colour: either will do"]


def test_values_of_one_negated_phrase_are_tied_by_one_number() -> None:
    first, second = made("no OSHA-30 welders").conditions
    assert first.either == second.either > 0
    assert first.is_negated
    assert second.is_negated


def test_conditions_come_in_the_order_of_the_question() -> None:
    spans = [c.span for c in made("welders in Gary without OSHA-10, over 5 years experience").conditions]
    assert spans == sorted(spans)
    assert len(spans) == 4


def test_numbers_of_alternatives_are_never_used_twice() -> None:
    one = Made("")
    assert [one.new() for _ in range(3)] == [1, 2, 3]


def test_a_note_says_the_words_of_its_place() -> None:
    one = Made("abc def")
    one.note((4, 7), "why")
    one.note(NOWHERE, "nowhere")
    assert [(n.said, n.reason) for n in one.notes] == [("def", "why"), ("", "nowhere")]


@pytest.mark.parametrize(
    ("text", "tidy"),
    [
        ("  a   b ", "a b"), ("a , b", "a, b"), ("a ( b )", "a ( b)"), (", a ,", "a"), ("& a /", "a"),
        ("", ""), (" , ; ", ""), ("a\n\tb ?", "a b?"), ("who ?", "who?"),
    ],
)  # fmt: skip
def test_what_is_left_is_tidied(text: str, tidy: str) -> None:
    assert glue(text) == tidy


@given(text=st.text(alphabet="ab ,;.?!)(-&/:\n", max_size=30))
@settings(max_examples=100, deadline=None)
def test_tidying_twice_is_tidying_once_and_no_letter_is_lost(text: str) -> None:
    once = glue(text)
    assert glue(once) == once
    assert [c for c in once if c in "ab"] == [c for c in text if c in "ab"]


POOL = "Gary Joliet OSHA-10 TWIC welders or and , not without in with people no 5 years experience preferred"


@given(question=st.lists(st.sampled_from(POOL.split()), max_size=14).map(" ".join))
@settings(max_examples=80, deadline=None)
def test_every_condition_stands_in_the_question_and_says_why(question: str) -> None:
    found = made(question)
    for c in found.conditions:
        assert 0 <= c.span[0] < c.span[1] <= len(question)
        assert c.why
        assert c.values or c.op == "present"
    assert all(question[slice(*n.span)] == n.said for n in found.notes)


KINDS: dict[str, Kind] = {
    "town": "text",
    "papers": "entries",
    "tags": "list",
    "is_union": "flag",
    "pay": "number",
}
FACETS = {c: Facet(column=c, kind=k, separator=";" if k == "entries" else "") for c, k in KINDS.items()}
VALUES = {
    "town": ("a", "b'c", "é;"),
    "papers": ("x", "y z"),
    "tags": ("x", ""),
    "is_union": ("true", "false"),
    "pay": ("1", "-2.5"),
}
ROWS = """
SELECT * FROM (VALUES (NULL), (''), ('a'), ('b''c'), ('é;')) a(town)
CROSS JOIN (VALUES (NULL), (' '), ('x ; y z'), ('y z')) b(papers)
CROSS JOIN (VALUES (CAST(NULL AS VARCHAR[])), ([]), (['x']), (['', 'y'])) c(tags)
CROSS JOIN (VALUES (CAST(NULL AS BOOLEAN)), (true), (false)) d(is_union)
CROSS JOIN (VALUES (CAST(NULL AS DOUBLE)), (1.0), (-2.5)) e(pay)
"""


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    column = draw(st.sampled_from(sorted(KINDS)))
    ops: tuple[Op, ...] = ("is", "present", "never") if column != "pay" else ("is", "present", "<", ">=", "=")
    op = draw(st.sampled_from(ops))
    most = 1 if op in {"<", ">=", "="} else 3
    values = draw(st.lists(st.sampled_from(VALUES[column]), min_size=1, max_size=most))
    negated = op != "never" and draw(st.booleans())
    either = draw(st.sampled_from([0, 0, 1, 2]))
    return Condition(facet=FACETS[column], op=op, values=tuple(values), is_negated=negated, either=either)


@pytest.fixture(scope="module")
def rows() -> duckdb.DuckDBPyConnection:
    """Every mixture of full and empty columns."""
    database = duckdb.connect()
    database.execute(f"CREATE TABLE t AS {ROWS}")
    return database


def count(database: duckdb.DuckDBPyConnection, where: str) -> int:
    (found,) = database.execute(f"SELECT count(*) FROM t WHERE {where}").fetchall()
    return int(found[0])


@given(wanted=st.lists(conditions(), max_size=4))
@settings(max_examples=40, deadline=None)
def test_every_row_either_meets_the_conditions_or_does_not(
    rows: duckdb.DuckDBPyConnection, wanted: list[Condition]
) -> None:
    where = predicate(wanted)
    assert count(rows, where) + count(rows, f"NOT ({where})") == count(rows, "true")
    assert count(rows, f"({where}) IS NULL") == 0


@given(one=conditions(), other=conditions())
@settings(max_examples=40, deadline=None)
def test_alternatives_let_through_what_either_does_and_all_of_it(
    rows: duckdb.DuckDBPyConnection, one: Condition, other: Condition
) -> None:
    alone = [
        predicate([Condition(facet=c.facet, op=c.op, values=c.values, is_negated=c.is_negated)])
        for c in (one, other)
    ]
    tied = [
        Condition(facet=c.facet, op=c.op, values=c.values, is_negated=c.is_negated, either=7)
        for c in (one, other)
    ]
    assert count(rows, f"({predicate(tied)}) <> (({alone[0]}) OR ({alone[1]}))") == 0
    assert len(explain(tied)) == 2


def test_a_filter_takes_as_many_values_as_it_says_and_not_one_more() -> None:
    columns = {"city": "VARCHAR"}
    most = [str(n) for n in range(structural.MOST_VALUES)]
    (full,) = structural.filters({"City": most}, LEXICON.vocabulary, columns=columns)
    assert len(full.values) == structural.MOST_VALUES
    with pytest.raises(Invalid) as caught:
        structural.filters({"city": [*most, "x"]}, LEXICON.vocabulary, columns=columns)
    assert "join" in caught.value.hint
