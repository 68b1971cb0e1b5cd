"""Results in every shape, with values of every type."""

import csv as csvlib
import io
import json
import math
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.errors import Unavailable
from lakehouse.query import render, result, values
from lakehouse.query.engine import Limits
from lakehouse.query.result import Result
from lakehouse.query.session import Session

ALL_TYPES = """
    SELECT true AS boolean, 42::TINYINT AS tiny, 9007199254740993::BIGINT AS big, 12::HUGEINT AS huge,
           1.5::FLOAT AS float, 'nan'::DOUBLE AS nan, 12.50::DECIMAL(9, 2) AS money,
           'a|b,"c"' || chr(10) AS text,
           '\\xFF'::BLOB AS bytes, DATE '2026-11-01' AS day, TIME '10:30:00' AS time,
           TIMESTAMP '2026-11-01 10:30:00.000005' AS moment, TIMESTAMPTZ '2026-11-01 10:30:00+02' AS instant,
           INTERVAL '1 month 2 days' AS span, [1, NULL] AS list, {'a': 1, 'b': [DATE '2026-11-01']} AS struct,
           MAP {'k': 1.5::DOUBLE} AS map, '018f2b6e-0000-7000-8000-000000000000'::UUID AS uuid,
           'x'::ENUM ('x', 'y') AS enum, NULL AS nothing
    UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
           NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
"""


@pytest.fixture(scope="module")
def all_types(engine: object, shelf: object) -> Result:
    return Session(engine, shelf).sql(ALL_TYPES)  # type: ignore[arg-type]


@pytest.fixture
def people(session: Session) -> Result:
    return session.sql("SELECT * FROM people ORDER BY id")


def test_arrow_pandas_and_polars_hold_the_same_rows(people: Result) -> None:
    table, frame, polars = people.to_arrow(), people.to_pandas(), people.to_polars()
    assert table.num_rows == len(frame) == len(polars) == len(people) == 100
    assert table["id"].to_pylist() == frame["id"].tolist() == polars["id"].to_list()
    assert [b.num_rows for b in people] == [100]


def test_others_read_a_result_by_the_arrow_stream_protocol(people: Result) -> None:
    assert pl.DataFrame(people).shape == (100, 5)
    assert pa.table(people).num_rows == 100
    with duckdb.connect() as con:
        con.register("people", people)
        assert con.execute("SELECT sum(id) FROM people").fetchall() == [(5050,)]


def test_the_ipc_stream_is_one_arrow_stream(people: Result) -> None:
    with pa.ipc.open_stream(b"".join(people.ipc())) as reader:
        assert reader.read_all().equals(people.to_arrow())


def test_json_rows_are_plain_json_with_exact_numbers(all_types: Result) -> None:
    first, second = all_types.json_rows()
    assert first == {
        "boolean": True,
        "tiny": 42,
        "big": "9007199254740993",
        "huge": 12,
        "float": 1.5,
        "nan": None,
        "money": 12.5,
        "text": 'a|b,"c"\n',
        "bytes": "ff",
        "day": "2026-11-01",
        "time": "10:30:00",
        "moment": "2026-11-01T10:30:00.000005",
        "instant": "2026-11-01T08:30:00+00:00",
        "span": "1 month 2 days",
        "list": [1, None],
        "struct": {"a": 1, "b": ["2026-11-01"]},
        "map": {"k": 1.5},
        "uuid": "018f2b6e-0000-7000-8000-000000000000",
        "enum": "x",
        "nothing": None,
    }
    assert set(second.values()) == {None}
    assert json.loads(json.dumps(first, allow_nan=False)) == first


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2**53, 2**53),
        (2**53 + 1, str(2**53 + 1)),
        (-(2**60), str(-(2**60))),
        (math.inf, None),
        (Decimal(7), 7),
        (Decimal("0.1"), 0.1),
        (Decimal("12.50"), 12.5),
        (Decimal("7.00"), 7.0),
        (Decimal("12345678901234567890.12"), "12345678901234567890.12"),
        (Decimal(2**60), str(2**60)),
    ],
)
def test_numbers_stay_exact_in_json(value: object, expected: object) -> None:
    assert values.json_value(value) == expected


def test_columns_of_the_same_name_are_all_kept(session: Session) -> None:
    twins = session.sql("SELECT 1 AS a, 2 AS a, 3 AS a_2, 4 AS a")
    assert list(twins.json_rows()) == [{"a": 1, "a_2": 2, "a_2_2": 3, "a_3": 4}]
    assert pq.read_table(io.BytesIO(twins.parquet())).num_columns == 4
    assert b"".join(twins.csv()).decode() == '"a","a_2","a_2_2","a_3"\n1,2,3,4\n'


@given(st.lists(st.sampled_from(["a", "b", "a_2", "a_2_2"]), max_size=8))
def test_made_up_names_are_unique_and_keep_their_order(names: list[str]) -> None:
    made = render.unique(names)
    assert len(set(made)) == len(made) == len(names)
    assert all(new.startswith(old) for new, old in zip(made, names, strict=True))


def test_csv_reads_back_as_it_was(all_types: Result, people: Result) -> None:
    text = b"".join(all_types.csv()).decode()
    head, first, second = csvlib.reader(io.StringIO(text))
    assert head[0] == "boolean"
    row = dict(zip(head, first, strict=True))
    assert (row["text"], row["bytes"], row["money"]) == ('a|b,"c"\n', "ff", "12.50")
    assert row["day"] == "2026-11-01"
    assert set(second) == {""}
    assert pl.read_csv(io.BytesIO(b"".join(people.csv()))).shape == (100, 5)


def test_a_parquet_file_holds_the_rows(people: Result, tmp_path: Path) -> None:
    assert pq.read_table(io.BytesIO(people.parquet())).equals(people.to_arrow())
    with (tmp_path / "x.parquet").open("wb") as file:
        render.parquet(people, file)
    assert pq.read_metadata(tmp_path / "x.parquet").num_rows == 100


def test_markdown_shows_the_first_rows_and_says_how_many_more(people: Result, session: Session) -> None:
    lines = people.markdown(most=2).splitlines()
    assert lines[0] == "| id | name | city | salary | born |"
    assert lines[1] == "| ---: | --- | --- | ---: | --- |"
    assert lines[2].startswith("| 1 | Person 1 | Rome | 10.50 | 2020-01-02 |")
    assert lines[-1] == "… 98 more rows"
    cut = session.sql("SELECT 'a|b' AS x FROM range(10)", limits=Limits(rows=1))
    assert cut.markdown().splitlines()[2:] == ["| a\\|b |", "… cut off by the limits"]


def test_html_escapes_every_value(session: Session) -> None:
    nasty = session.sql(
        """SELECT '<script>alert(1)</script>' AS "<b>", true AS t, NULL AS n, '\\xAB'::BLOB AS b"""
    )
    html = nasty._repr_html_()
    assert "<script>" not in html
    assert "<b>" not in html
    assert "&lt;script&gt;" in html
    assert "<td>true</td><td></td><td>ab</td>" in html


def test_a_result_says_what_it_is(people: Result, session: Session) -> None:
    assert "100 rows, 5 columns" in repr(people)
    assert "5+ rows" in repr(session.sql("FROM range(10)", limits=Limits(rows=5)))


def test_a_result_without_rows_goes_through_every_shape(session: Session) -> None:
    empty = session.sql("SELECT * FROM people WHERE id < 0")
    assert empty.to_polars().shape == (0, 5)
    assert empty.to_pandas().shape == (0, 5)
    assert list(empty.json_rows()) == []
    assert b"".join(empty.csv()).decode().count("\n") == 1
    assert pq.read_table(io.BytesIO(empty.parquet())).num_rows == 0
    assert empty.markdown().count("\n") == 2


def test_a_frame_library_that_is_not_there_is_named_with_its_remedy() -> None:
    with pytest.raises(Unavailable, match="not_there is not installed") as caught:
        result._need("not_there")
    assert "lakehouse[frames]" in caught.value.hint
