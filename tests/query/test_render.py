"""Every type that SQL has, in every form that a person or a program gets it in."""

import csv as csvlib
import io
import json
from collections.abc import Callable

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.query import values
from lakehouse.query.result import Result
from lakehouse.query.session import Session

Ask = Callable[[str], Result]

FORMS = {
    "INTERVAL '1 month 2 days'": ("1 month 2 days", "1 month 2 days"),
    "INTERVAL '14 months 3 days 04:05:06.000007'": ("1 year 2 months 3 days 04:05:06.000007",) * 2,
    "INTERVAL '-14 months'": ("-1 year -2 months",) * 2,
    "INTERVAL '-1.5 seconds'": ("-00:00:01.500000", "-00:00:01.500000"),
    "INTERVAL '0 days'": ("00:00:00", "00:00:00"),
    "INTERVAL '100 hours'": ("100:00:00", "100:00:00"),
    "(2::HUGEINT ^ 126)::HUGEINT": ("85070591730234615865843651857942052864",) * 2,
    "-5::HUGEINT": (-5, "-5"),
    "18446744073709551615::UBIGINT": ("18446744073709551615", "18446744073709551615"),
    "9007199254740992::BIGINT": (9007199254740992, "9007199254740992"),
    "9007199254740993::BIGINT": ("9007199254740993", "9007199254740993"),
    "12.50::DECIMAL(9, 2)": (12.5, "12.50"),
    "12345678901234567890.12::DECIMAL(38, 2)": ("12345678901234567890.12",) * 2,
    "'nan'::DOUBLE": (None, "nan"),
    "'-inf'::DOUBLE": (None, "-inf"),
    "1e300::DOUBLE": (1e300, "1e+300"),
    "DATE '1066-10-14'": ("1066-10-14", "1066-10-14"),
    "DATE '9999-12-31'": ("9999-12-31", "9999-12-31"),
    "DATE '10000-01-01'": ("10000-01-01", "10000-01-01"),
    "DATE '0044-03-15 (BC)'": ("-0043-03-15", "-0043-03-15"),
    "DATE 'infinity'": ("infinity", "infinity"),
    "TIMESTAMP '-infinity'": ("-infinity", "-infinity"),
    "TIMESTAMP '1066-10-14 09:00:00'": ("1066-10-14T09:00:00", "1066-10-14 09:00:00.000000"),
    "TIMESTAMP '294000-02-29 09:00:00.5'": ("294000-02-29T09:00:00.500000",) * 2,
    "TIMESTAMP_MS '2026-11-01 10:30:00.123'": ("2026-11-01T10:30:00.123000", "2026-11-01 10:30:00.123"),
    "TIMESTAMP_NS '2026-11-01 10:30:00.123456789'": (
        "2026-11-01T10:30:00.123456789",
        "2026-11-01 10:30:00.123456789",
    ),
    "TIMESTAMPTZ '2026-11-01 10:30:00+02'": ("2026-11-01T08:30:00+00:00", "2026-11-01 08:30:00.000000Z"),
    "TIMESTAMPTZ '12345-11-01 10:30:00+02'": ("12345-11-01T08:30:00+00:00", "12345-11-01 08:30:00.000000Z"),
    "TIME '10:30:00.000001'": ("10:30:00.000001", "10:30:00.000001"),
    "'\\x00\\xFF'::BLOB": ("00ff", "00ff"),
    "''::BLOB": ("", ""),
    "'x'::ENUM ('x', 'y')": ("x", "x"),
    "'018f2b6e-0000-7000-8000-000000000000'::UUID": ("018f2b6e-0000-7000-8000-000000000000",) * 2,
    "'{\"a\": [1]}'::JSON": ('{"a": [1]}', '{"a": [1]}'),
    "[INTERVAL '1 day', NULL]": (["1 day", None], '["1 day", null]'),
    "[1.10::DECIMAL(5, 2)]": ([1.1], "[1.1]"),
    "['\\xAB'::BLOB]": (["ab"], '["ab"]'),
    "[DATE 'infinity', DATE '2026-11-01']": (["infinity", "2026-11-01"], '["infinity", "2026-11-01"]'),
    "array_value(DATE '0001-01-01 (BC)')": (["0000-01-01"], '["0000-01-01"]'),
    "{'day': DATE '1066-10-14', 'no': NULL}": ({"day": "1066-10-14", "no": None},) * 2,
    "{'day': DATE '20000-01-01', 'no': NULL::INT}": ({"day": "20000-01-01", "no": None},) * 2,
    "row(1, 'ü')": ([1, "ü"], '[1, "ü"]'),
    "MAP {'k': 1, 'l': NULL}": ({"k": 1, "l": None}, '{"k": 1, "l": null}'),
    "MAP {DATE '2026-11-01': true}": ({"2026-11-01": True}, '{"2026-11-01": true}'),
    "MAP {[1, 2]: 'x'}": ({"[1, 2]": "x"}, '{"[1, 2]": "x"}'),
    "MAP {{'a': 1}: [row(1, 2)]}": ({'{"a": 1}': [[1, 2]]},) * 2,
    "[[1], [], NULL]": ([[1], [], None], "[[1], [], null]"),
    "union_value(number := 7)": (7, "7"),
    "NULL": (None, ""),
}
"""SQL -> its JSON value, its CSV text; the latter as JSON where it is an object."""


@pytest.fixture
def ask(session: Session) -> Ask:
    return lambda expression: session.sql(f"SELECT {expression} AS v UNION ALL BY NAME SELECT NULL AS v")


@pytest.mark.parametrize(("expression", "json_form", "csv_form"), [(k, *v) for k, v in FORMS.items()])
def test_every_type_has_its_form_in_json_and_csv(
    ask: Ask, expression: str, json_form: object, csv_form: object
) -> None:
    result = ask(expression)
    first, second = result.json_rows()
    assert (first["v"], second["v"]) == (json_form, None)
    assert json.loads(json.dumps(first, allow_nan=False)) == first
    head, row, nothing = csvlib.reader(io.StringIO(b"".join(result.csv()).decode()))
    assert head == ["v"]
    assert "".join(row) == (
        json.dumps(csv_form, ensure_ascii=False) if isinstance(csv_form, dict) else csv_form
    )
    assert nothing in ([], [""])


@pytest.mark.parametrize("expression", FORMS)
def test_every_type_can_be_shown_and_kept_in_a_file(ask: Ask, expression: str) -> None:
    result = ask(expression)
    lines = result.markdown().splitlines()
    assert (len(lines), lines[3]) == (4, "|  |")
    assert result._repr_html_().count("<td>") == 2
    assert pq.read_metadata(io.BytesIO(result.parquet())).num_rows == 2
    assert len(result.rows()) == 2
    for shown in (*lines, result._repr_html_()):
        assert not [word for word in ("datetime", "Decimal", "MonthDayNano", "b'") if word in shown]


@given(st.integers(-240, 240), st.integers(-400, 400), st.integers(-(10**13), 10**13))
def test_an_interval_as_text_means_the_same_interval(months: int, days: int, micros: int) -> None:
    said = values.interval(pa.MonthDayNano([months, days, micros * 1000]))
    with duckdb.connect(config={"threads": 1}) as con:
        con.execute(
            "SELECT ?::INTERVAL, to_months(?) + to_days(?) + to_microseconds(?)", [said, months, days, micros]
        )
        (row,) = con.to_arrow_table().to_pylist()
    read, meant = row.values()
    assert read == meant


@given(st.integers(-(10**7), 10**7), st.integers(0, 86_400_000_000 - 1))
def test_far_moments_are_the_calendar_continued(days: int, micros: int) -> None:
    count = days * 86_400_000_000 + micros
    said = values.text(values.values(pa.array([count], pa.timestamp("us")))[0])
    dates = values.text(values.values(pa.array([days], pa.date32()))[0])
    assert said.split("T")[0] == dates == str(pa.scalar(days, pa.date32()).cast(pa.string()))


def test_one_far_value_changes_nothing_for_its_neighbours(session: Session) -> None:
    found = session.sql("SELECT unnest([DATE '2026-11-01', NULL, DATE '99999-01-01']) AS d").rows()
    assert [str(day) for (day,) in found] == ["2026-11-01", "None", "99999-01-01"]


def test_text_with_quotes_breaks_and_bars_survives_every_form(ask: Ask) -> None:
    result = ask("""'a|b "c", ' || chr(13) || chr(10) || '<i>&amp;</i>' || chr(9)""")
    text = 'a|b "c", \r\n<i>&amp;</i>\t'
    assert next(result.json_rows()) == {"v": text}
    assert next(csvlib.DictReader(io.StringIO(b"".join(result.csv()).decode(), newline="")))["v"] == text
    assert len(result.markdown().splitlines()) == 4
    assert "&lt;i&gt;&amp;amp;&lt;/i&gt;" in result._repr_html_()


def test_names_are_escaped_as_values_are(session: Session) -> None:
    result = session.sql('''SELECT 1 AS "a""b,c", 2 AS "<b>|", 3 AS "line
break"''')
    assert b"".join(result.csv()).decode() == '"a""b,c","<b>|","line\nbreak"\n1,2,3\n'
    assert "<b>" not in result._repr_html_()
    assert [line.count(" | ") for line in result.markdown().splitlines()] == [2, 2, 2]


def test_intervals_and_unions_are_text_in_parquet_and_their_names_stay_apart(session: Session) -> None:
    result = session.sql(
        "SELECT INTERVAL '1 day' AS a, 1 AS a, [INTERVAL '1 hour'] AS b, union_value(n := 7) AS c"
    )
    (row,) = pq.read_table(io.BytesIO(result.parquet())).to_pylist()
    assert row == {"a": "1 day", "a_2": 1, "b": '["01:00:00"]', "c": "7"}
