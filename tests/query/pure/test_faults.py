"""Errors in the user's words: lines, columns and nearest names, as counted by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Corrupt, Invalid, LakehouseError, NotFound, Refused, Unavailable
from lakehouse.query.faults import NOWHERE, at, did_you_mean, explain, nearest, no_table, place, syntax

SQL = "SELECT nmae,\n  lower(zip)\nFROM people"
TREE = {
    "type": "SELECT_NODE",
    "select_list": [
        {"class": "COLUMN_REF", "column_names": ["nmae"], "query_location": 7},
        {
            "class": "FUNCTION",
            "function_name": "lower",
            "query_location": 15,
            "children": [{"class": "COLUMN_REF", "column_names": ["people", "zip"], "query_location": 21}],
        },
    ],
}
COLUMNS = ("name", "zip", "city")
lines = st.text(st.sampled_from("ab ü語\U0001f600"), max_size=8)


def raised(message: str, engine: str = "BinderException") -> LakehouseError:
    return explain(Invalid(message, engine=engine), SQL, TREE, COLUMNS)


def test_a_column_that_is_not_there_is_placed_and_the_nearest_one_is_offered() -> None:
    found = raised('Binder Error: Referenced column "nmae" not found in FROM clause!')
    assert found.message.endswith("at line 1, column 8")
    assert found.hint == "did you mean name?"
    assert (found.context["line"], found.context["column"]) == (1, 8)


def test_a_column_like_no_other_names_the_command_that_lists_columns() -> None:
    found = raised('Binder Error: Referenced column "qqqqqqq" not found in FROM clause!')
    assert found.hint == "lakehouse show TABLE lists its columns"
    assert "at line" not in found.message
    assert (found.context["line"], found.context["column"]) == (0, 0)


def test_the_engines_own_candidates_are_offered_where_they_are_alike() -> None:
    said = 'Binder Error: Referenced column "nmae" not found\nCandidate bindings: "nmaes", "zip"\n\nLINE 1: x'
    found = raised(said)
    assert "nmaes" in found.hint
    assert "zip" not in found.hint
    assert "Candidate" not in found.message


def test_a_name_with_quotes_in_it_is_unquoted_before_it_is_compared() -> None:
    error = Invalid('Binder Error: Referenced column "my ""nmae""" not found', engine="BinderException")
    assert explain(error, SQL, {}, ['my "name"']).hint == 'did you mean my "name"?'


def test_a_table_that_is_not_in_from_offers_those_that_are() -> None:
    said = 'Binder Error: Referenced table "people" not found!\nCandidate tables: "poeple", "visits"'
    found = raised(said)
    assert found.hint == "did you mean poeple or visits?"
    assert found.message.endswith("at line 2, column 9")
    assert raised('Binder Error: Referenced table "t" not found!').hint == "name it in FROM"


def test_a_function_that_takes_other_types_is_placed_where_it_stands() -> None:
    said = "Binder Error: No function matches the given name and argument types 'lower(INTEGER)'."
    found = raised(said + "\n\tCandidate functions:\n\tlower(VARCHAR)")
    assert "at line 2, column 3" in found.message
    assert found.hint == "cast the arguments to the types the function takes"
    assert "Candidate" not in found.message


@pytest.mark.parametrize(
    "inner",
    [
        "lakehouse_0123456789abcdef01234567",
        '"lakehouse_0123456789abcdef01234567"',
        '"temp"."main"."lakehouse_0123456789abcdef01234567"',
        "temp.main.lakehouse_0123456789abcdef01234567",
        "lakehouse_0123456789abcdef01234567_db",
        "lakehouse_0123456789abcdef01234567_rows",
    ],
)
def test_names_of_ours_are_never_shown(inner: str) -> None:
    assert raised(f"Catalog Error: {inner} does not fit").message == "the table does not fit"


def test_a_name_of_the_users_that_only_begins_like_ours_is_shown() -> None:
    assert "lakehouse_people" in raised("Catalog Error: lakehouse_people does not fit").message


@pytest.mark.parametrize(
    ("engine", "kind", "retry"),
    [
        ("IOException", Unavailable, True),
        ("HTTPException", Unavailable, True),
        ("SerializationException", Corrupt, False),
        ("PermissionException", Refused, False),
        ("ConversionException", Invalid, False),
        ("SomethingNewException", Invalid, False),
    ],
)
def test_a_kind_says_whether_a_retry_may_help(engine: str, kind: type[LakehouseError], retry: bool) -> None:
    found = raised("what", engine)
    assert (type(found), found.retry) == (kind, retry)
    assert found.hint


@pytest.mark.parametrize(
    ("offset", "expected"),
    [(0, (1, 1)), (7, (1, 8)), (12, (1, 13)), (13, (2, 1)), (15, (2, 3)), (99, (3, 12))],
)
def test_places_count_from_one_and_end_with_the_text(offset: int, expected: tuple[int, int]) -> None:
    assert place(SQL, offset) == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(lines, min_size=1, max_size=4), st.data())
def test_a_place_is_where_the_letter_stands_whatever_its_bytes(parts: list[str], data: st.DataObject) -> None:
    row = data.draw(st.integers(0, len(parts) - 1))
    column = data.draw(st.integers(0, len(parts[row])))
    before = "\n".join([*parts[:row], parts[row][:column]])
    assert place("\n".join(parts), len(before.encode())) == (row + 1, column + 1)


@pytest.mark.parametrize("nothing", [NOWHERE, NOWHERE + 1, -1, None, "7", 7.0])
def test_what_is_no_offset_says_no_place(nothing: object) -> None:
    assert at(SQL, nothing) == ""


def test_the_parsers_position_counts_letters_although_the_trees_count_bytes() -> None:
    found = syntax("SELECT 'üü' FORM x", "syntax error", "12")
    assert found.message == "syntax error at line 1, column 13"
    assert (found.context["line"], found.hint) == (1, "correct the statement there")


@pytest.mark.parametrize("position", [None, "", "-1", "nowhere", "1.5"])
def test_a_complaint_without_a_position_stands_alone(position: object) -> None:
    found = syntax(SQL, "syntax error", position)
    assert (found.message, found.hint) == ("syntax error", "correct the statement")


@pytest.mark.parametrize(
    ("name", "known", "found"),
    [
        ("nmae", ["name", "zip"], ("name",)),
        ("NAME", ["name"], ("name",)),
        ("citty", ["City", "CITTIES"], ("City", "CITTIES")),
        ("x", [], ()),
        ("", ["name"], ()),
        ("zzz", ["name"], ()),
        ("größe", ["grösse", "GRÖSSE_2"], ("grösse", "GRÖSSE_2")),
    ],
)
def test_the_nearest_names_come_as_they_are_spelled(
    name: str, known: list[str], found: tuple[str, ...]
) -> None:
    assert nearest(name, known) == found


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=10), st.lists(st.text(max_size=10), max_size=8), st.integers(1, 4))
def test_no_more_names_than_asked_and_none_that_is_not_known(name: str, known: list[str], count: int) -> None:
    found = nearest(name, known, count=count)
    assert len(found) <= count
    assert set(found) <= set(known)


def test_a_hint_joins_names_and_else_says_the_other_thing() -> None:
    assert did_you_mean((), "look again") == "look again"
    assert did_you_mean(("a",), "look again") == "did you mean a?"
    assert did_you_mean(("a", "b"), "look again") == "did you mean a or b?"


def test_a_table_that_is_not_there_is_named_in_full_with_its_place() -> None:
    found = no_table("FROM lake.poeple", ("lake", "poeple"), 5, ["lake.people"])
    assert isinstance(found, NotFound)
    assert found.message == "no table 'lake.poeple' at line 1, column 6"
    assert found.hint == "did you mean lake.people?"
    assert found.context == {"table": "lake.poeple"}


def test_in_a_lake_without_tables_the_hint_says_how_to_make_one() -> None:
    assert "lakehouse ingest" in no_table("FROM x", (None, "x"), 5, []).hint
