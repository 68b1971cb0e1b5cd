"""What DuckDB complains of is told without the values of rows, whatever they look like."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.query.discreet import told

SECRETS = (
    "hidden",
    'it\'s "hidden" to INT32',
    "hidden\n\nLINE 1: hidden",
    "x' to INT32 when casting from source column hidden",
    "hidden Error: hidden",
)
STATEMENTS = {
    "CAST(s AS FLOAT[])": "Could not convert a value of column s to FLOAT[]",
    "CAST(s AS BOOL)": "Could not convert a value of column s to BOOL",
    "CAST(s || '' AS INT)": "Could not convert a value to INT32",
    "CAST(s AS DATE)": "Could not convert a value of column s to DATE",
    "CAST(s AS TIMESTAMP)": "Could not convert a value of column s to TIMESTAMP",
    "CAST(s AS TIME)": "Could not convert a value of column s to TIME",
    "CAST(s AS STRUCT(a INT))": "Could not convert a value of column s to what the statement wants",
    "CAST(s AS JSON)": "Could not convert a value of column s to JSON",
    "strptime(s, '%Y')": "A function cannot take a value that it is given",
    "regexp_matches('a', s || '(')": "A function cannot take a value that it is given",
    "error(s)": "A function cannot take a value that it is given",
    "from_base64(s || '=')": "Could not convert a value to what the statement wants",
    "json_extract(s || '{', '$.a')": "A function cannot take a value that it is given",
}


def complaint(select: str, value: object) -> str:
    """What is told when this is selected from one row with this value."""
    with duckdb.connect() as connection:
        connection.execute("LOAD json")
        connection.execute("CREATE TABLE t AS SELECT ? AS s", [value])
        statement = f"SELECT {select} FROM t"
        with pytest.raises(duckdb.Error) as caught:
            connection.execute(statement).fetchall()
        return told(type(caught.value).__name__, str(caught.value), statement)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("select", STATEMENTS)
def test_a_value_of_a_row_is_never_told(select: str, secret: str) -> None:
    assert complaint(select, secret) == STATEMENTS[select]


@pytest.mark.parametrize(
    ("select", "value", "said"),
    [
        ("s::TINYINT", 300, "Could not convert a value of column s to INT8"),
        ("s * 2", 2**62, "Overflow in multiplication of INT64"),
        ("s::DECIMAL(3,2)", 12345.67, "Could not convert a value of column s to DECIMAL(3,2)"),
        ("sqrt(s)", -4711, "cannot take square root of a negative number"),
        ("chr(s)", -4711, "A function cannot take a value that it is given"),
        ("make_date(s, s, s)", 4711, "Could not convert a value to what the statement wants"),
    ],
)
def test_numbers_are_not_told_either(select: str, value: float, said: str) -> None:
    assert complaint(select, value) == said


def test_what_the_statement_says_itself_may_be_said_again() -> None:
    assert complaint("'it''s' = 1", "") == "Could not convert 'it''s' to INT32"
    assert complaint("error('row 4711')", "") == "row 4711"
    assert "nmae" in complaint("nmae", "")
    assert "More than one row" in complaint("(SELECT unnest([1, 2]))", "")


@given(engine=st.sampled_from(["ConversionException", "OutOfRangeException", "ArrowInvalid"]), said=st.text())
def test_of_a_message_that_is_not_known_nothing_is_told(engine: str, said: str) -> None:
    message = f"something 4711 {said}"
    assert "4711" not in told(engine, message, "SELECT 1")
