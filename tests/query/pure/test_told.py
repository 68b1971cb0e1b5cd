"""Complaints of the engine as text: what each known form tells, and that nothing else gets through."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.query.discreet import FIXED, MANY, PLAIN, STOPPED, told

SECRET = "4711"
STATEMENT = "SELECT CAST(s AS INT), 'it''s' FROM t"
CONVERSION = "ConversionException"


def converted(message: str, statement: str = STATEMENT) -> str:
    return told(CONVERSION, message, statement)


@pytest.mark.parametrize("engine", sorted(PLAIN))
def test_a_complaint_about_the_statement_or_a_file_is_told_whole(engine: str) -> None:
    message = "Binder Error: nmae?\n\nLINE 1: SELECT nmae"
    assert told(engine, message, STATEMENT) == message


@pytest.mark.parametrize("message", sorted(FIXED))
def test_a_message_that_holds_no_value_is_told_without_its_kind(message: str) -> None:
    assert told("InvalidInputException", f"Invalid Input Error: {message}", STATEMENT) == message
    assert told("OutOfRangeException", f"Out of Range Error: {message}\n\nLINE 1: x", STATEMENT) == message


def test_what_follows_a_known_first_line_is_left_out() -> None:
    assert told("InvalidInputException", f"Invalid Input Error: {MANY}\n{SECRET}", STATEMENT) == MANY


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("to INT32", "INT32"),
        ("to BOOL", "BOOL"),
        ("to UINT64", "UINT64"),
        ("to the destination type DECIMAL(9,2)", "DECIMAL(9,2)"),
        ("to type INT32[]", "INT32[]"),
        ("to type DOUBLE[3][]", "DOUBLE[3][]"),
        ("to UUID", "UUID"),
        ("to type INTEGER failed: value is out of range!", "INTEGER"),
    ],
)
def test_the_type_that_was_wanted_is_told(said: str, kind: str) -> None:
    assert converted(f"Conversion Error: {SECRET} {said}") == f"Could not convert a value to {kind}"


@pytest.mark.parametrize(
    "said", ["to HIDDEN", "to INT32 4711", "to int32", "to DECIMAL(9)", "into INT32", ""]
)
def test_what_only_looks_like_a_type_is_not_told(said: str) -> None:
    expected = "Could not convert a value to what the statement wants"
    assert converted(f"Conversion Error: {SECRET} {said}") == expected


def test_a_column_is_told_only_where_the_statement_names_it() -> None:
    message = f"Conversion Error: {SECRET} to INT32 when casting from source column "
    assert converted(message + "s") == "Could not convert a value of column s to INT32"
    assert "hidden" not in converted(message + "hidden")
    assert "s; DROP" not in converted(message + "s; DROP", "SELECT s; DROP")


def test_a_literal_of_the_statement_is_told_and_any_other_is_not() -> None:
    assert converted("Could not convert string 'it's' to INT32") == "Could not convert 'it''s' to INT32"
    assert converted("Could not convert string 'its' to INT32") == "Could not convert a value to INT32"


@pytest.mark.parametrize("kind", ["date", "timestamp", "time", "interval"])
@pytest.mark.parametrize("before", ["", "invalid "])
def test_a_moment_that_cannot_be_read_tells_which_kind_was_wanted(kind: str, before: str) -> None:
    said = converted(f'Conversion Error: {before}{kind} field value out of range: "{SECRET}"')
    assert said == f"Could not convert a value to {kind.upper()}"


def test_broken_json_is_called_so_without_a_letter_of_it() -> None:
    assert converted(f"Malformed JSON at byte 3: {SECRET}") == "Could not convert a value to JSON"


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (
            "Out of Range Error: Overflow in addition of INT32 (4711 + 1)!",
            "Overflow in addition of INT32",
        ),
        ("Overflow in multiplication of DECIMAL(18) (1 * 2)", STOPPED),
        ("Overflow in 4711 of INT32 (x)", STOPPED),
        ("Overflow on abs(4711)", STOPPED),
    ],
)
def test_an_overflow_tells_what_was_computed_but_not_of_what(message: str, said: str) -> None:
    assert told("OutOfRangeException", message, STATEMENT) == said


def test_a_damaged_file_is_told_but_not_by_a_kind_that_does_not_read_files() -> None:
    message = "No magic bytes found at end of file '/lake/x.parquet'"
    assert told("InvalidInputException", f"Invalid Input Error: {message}", STATEMENT) == message
    assert told("OutOfRangeException", message, STATEMENT) == STOPPED


def test_an_error_that_the_statement_raises_itself_says_its_words() -> None:
    assert told("InvalidInputException", "Invalid Input Error: it's", STATEMENT) == "it's"


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from([CONVERSION, "OutOfRangeException", "InvalidInputException", "InternalException", ""]),
    st.sampled_from(["", "Conversion Error: ", "Malformed JSON ", "date field ", "No luck: "]),
    st.sampled_from(["", " to INT32", " when casting from source column s", "\n\nLINE 1: ", "\n"]),
    st.text(max_size=12),
)
def test_whatever_a_message_is_made_of_a_value_in_it_is_never_told(
    engine: str, before: str, after: str, noise: str
) -> None:
    assert SECRET not in told(engine, f"{before}{noise}{SECRET}{noise}{after}", "SELECT s FROM t")
