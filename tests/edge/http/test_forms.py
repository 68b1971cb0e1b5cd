"""One value of each type in every form of answer: four media types agree, and with what Python gets."""

import csv
import io
import json

import httpx
import pyarrow as pa
import pyarrow.parquet
import pytest

from lakehouse.edge.http import answers
from tests.edge.http.serving import Served, problem

ARROW, PARQUET = "application/vnd.apache.arrow.stream", "application/vnd.apache.parquet"
FORMS = ("application/json", ARROW, "text/csv", PARQUET)

TYPES: list[tuple[str, str, object, str]] = [
    ("true", "BOOLEAN", True, "true"),
    ("(-128)::TINYINT", "TINYINT", -128, "-128"),
    ("255::UTINYINT", "UTINYINT", 255, "255"),
    ("32767::SMALLINT", "SMALLINT", 32767, "32767"),
    ("65535::USMALLINT", "USMALLINT", 65535, "65535"),
    ("7::INTEGER", "INTEGER", 7, "7"),
    ("4294967295::UINTEGER", "UINTEGER", 4294967295, "4294967295"),
    ("(9007199254740992)::BIGINT", "BIGINT", 9007199254740992, "9007199254740992"),
    ("(-9007199254740993)::BIGINT", "BIGINT", "-9007199254740993", "-9007199254740993"),
    ("18446744073709551615::UBIGINT", "UBIGINT", "18446744073709551615", "18446744073709551615"),
    ("0.5::FLOAT", "FLOAT", 0.5, "0.5"),
    ("1e300::DOUBLE", "DOUBLE", 1e300, "1e+300"),
    ("12.50::DECIMAL(9,2)", "DECIMAL(9,2)", 12.5, "12.50"),
    ("'a \"b\", c'", "VARCHAR", 'a "b", c', 'a "b", c'),
    ("''", "VARCHAR", "", ""),
    ("'ß → 語'", "VARCHAR", "ß → 語", "ß → 語"),
    ("'\\xFF\\x00'::BLOB", "BLOB", "ff00", "ff00"),
    ("DATE '2024-02-29'", "DATE", "2024-02-29", "2024-02-29"),
    ("TIME '23:59:59'", "TIME", "23:59:59", "23:59:59.000000"),
    ("TIMESTAMP '2024-02-29 01:02:03'", "TIMESTAMP", "2024-02-29T01:02:03", "2024-02-29 01:02:03.000000"),
    ("INTERVAL '1 month 2 days'", "INTERVAL", "1 month 2 days", "1 month 2 days"),
    ("'018f2b6e-0000-7000-8000-000000000000'::UUID", "UUID",) + ("018f2b6e-0000-7000-8000-000000000000",) * 2,
    ("[1, NULL, 3]", "INTEGER[]", [1, None, 3], "[1, null, 3]"),
    ("{'a': 1, 'b': ['x']}", "STRUCT(a INTEGER, b VARCHAR[])", {"a": 1, "b": ["x"]}, '{"a": 1, "b": ["x"]}'),
    ("MAP {'k': 1}", "MAP(VARCHAR, INTEGER)", {"k": 1}, '{"k": 1}'),
    ("'x'::ENUM ('x', 'y')", "ENUM('x', 'y')", "x", "x"),
]  # fmt: skip


def ask(served: Served, text: str, accept: str) -> httpx.Response:
    found = served.client.post("/v1/sql", json={"sql": text}, headers={"Accept": accept})
    assert found.status_code == 200, found.text
    assert found.headers["content-type"].startswith(accept)
    return found


def names_in(found: httpx.Response) -> list[str]:
    """The columns of an answer, whatever its form."""
    kind = found.headers["content-type"].partition(";")[0]
    if kind == ARROW:
        return list(pa.ipc.open_stream(found.content).schema.names)
    if kind == PARQUET:
        return list(pyarrow.parquet.read_table(io.BytesIO(found.content)).column_names)
    return cells(found)[0] if kind == "text/csv" else [c["name"] for c in found.json()["columns"]]


def cells(found: httpx.Response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(found.content.decode(), newline="")))


@pytest.mark.parametrize(("sql", "kind", "value", "text"), TYPES, ids=[t[0][:30] for t in TYPES])
def test_a_value_is_the_same_in_every_form(
    served: Served, sql: str, kind: str, value: object, text: str
) -> None:
    question = f"SELECT {sql} AS v UNION ALL SELECT NULL"
    body, arrow, comma, parquet = (ask(served, question, accept) for accept in FORMS)
    answers.Result.model_validate(body.json())
    assert body.json()["columns"] == [{"name": "v", "type": kind}]
    assert body.json()["rows"] == [[value], [None]]
    stream = pa.ipc.open_stream(arrow.content).read_all()
    assert (
        stream.column_names == pyarrow.parquet.read_table(io.BytesIO(parquet.content)).column_names == ["v"]
    )
    assert stream["v"].null_count == 1
    header, first, *_ = cells(comma)
    assert header == ["v"]
    same = json.loads(first[0]) == json.loads(text) if text[:1] in {"[", "{"} else first[0] == text
    assert same, first


def test_all_types_in_one_row_keep_their_places_in_every_form(served: Served) -> None:
    columns = ", ".join(f"{sql} AS c{n}" for n, (sql, *_) in enumerate(TYPES))
    body, arrow, comma, parquet = (ask(served, f"SELECT {columns}", accept) for accept in FORMS)
    names = [f"c{n}" for n in range(len(TYPES))]
    assert body.json()["rows"] == [[value for _, _, value, _ in TYPES]]
    assert names_in(arrow) == names_in(parquet) == names_in(comma) == names
    assert [len(line) for line in cells(comma)] == [len(names)] * 2


@pytest.mark.parametrize("accept", FORMS)
def test_no_rows_still_have_their_columns(served: Served, accept: str) -> None:
    found = ask(served, "SELECT id, name FROM people WHERE false", accept)
    assert names_in(found) == ["id", "name"]
    assert found.headers["x-lakehouse-truncated"] == "false"


@pytest.mark.parametrize("accept", FORMS)
def test_a_limit_that_is_reached_exactly_cuts_nothing(served: Served, accept: str) -> None:
    for limit, cut in ((2, "true"), (3, "false"), (4, "false")):
        body = {"sql": "SELECT * FROM range(3)", "limit": limit}
        found = served.client.post("/v1/sql", json=body, headers={"Accept": accept})
        assert found.headers["x-lakehouse-truncated"] == cut, limit


@pytest.mark.parametrize("accept", FORMS)
def test_an_error_is_a_problem_whatever_was_to_be_sent(served: Served, accept: str) -> None:
    found = served.client.post("/v1/sql", json={"sql": "SELECT nope"}, headers={"Accept": accept})
    problem(found, status=400, kind="Invalid")


@pytest.mark.parametrize("accept", FORMS)
def test_a_client_finds_its_own_id_on_the_answer(served: Served, accept: str) -> None:
    headers = {"Accept": accept, "X-Lakehouse-Query-Id": "mine.1"}
    found = served.client.post("/v1/sql", json={"sql": "SELECT 1"}, headers=headers)
    assert found.headers["x-lakehouse-query-id"] == "mine.1"
    assert "Accept" in found.headers["vary"]


@pytest.mark.parametrize(
    ("sql", "params", "rows"),
    [
        ("SELECT ?, ?", [1, "a"], [[1, "a"]]),
        ("SELECT $2, $1, $2", [1, 2], [[2, 1, 2]]),
        ("SELECT $a || $b", {"a": "x", "b": "'; --"}, [["x'; --"]]),
        ("SELECT ?::VARCHAR IS NULL", [None], [[True]]),
        ("SELECT ?", [True], [[True]]),
        ("SELECT ? + 0.5", [1.5], [[2.0]]),
        ("SELECT ?", [2**53 + 1], [[str(2**53 + 1)]]),
        ("SELECT ?::DATE", ["2024-02-29"], [["2024-02-29"]]),
        ("SELECT len(?)", [[1, 2, 3]], [[3]]),
        ("SELECT list_contains(?, 2)", [[1, 2]], [[True]]),
        ("SELECT ?.a", [{"a": 7}], [[7]]),
        ("SELECT count(*) FROM people WHERE id IN (?, ?)", [1, 2], [[2]]),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_parameter_may_be_any_json_value(
    served: Served, sql: str, params: object, rows: list[object]
) -> None:
    found = served.sql(sql, params=params)
    assert found.status_code == 200, found.text
    assert found.json()["rows"] == rows


@pytest.mark.parametrize(
    ("sql", "params"),
    [
        ("SELECT ?", []),
        ("SELECT ?", [1, 2]),
        ("SELECT ?, ?", [1]),
        ("SELECT $a", {"b": 1}),
        ("SELECT $a", {"a": 1, "b": 2}),
        ("SELECT $a", [1, 2]),
        ("SELECT ?", {"a": 1}),
        ("SELECT ?::INTEGER", ["many"]),
        ("SELECT * FROM ?", ["people"]),
    ],
    ids=lambda value: str(value)[:40],
)
def test_parameters_that_do_not_fit_the_statement_are_a_clients_mistake(
    served: Served, sql: str, params: object
) -> None:
    problem(served.sql(sql, params=params), status=400, kind="Invalid")
