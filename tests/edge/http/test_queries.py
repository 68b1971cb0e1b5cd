"""SQL over HTTP: rows in every shape, limits, moments, cancelling, and what goes wrong."""

import io
import threading
import time
from collections.abc import Callable

import duckdb
import httpx
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from lakehouse.edge.http import answers, queries
from tests.edge.http.serving import Served, problem

ARROW, PARQUET = "application/vnd.apache.arrow.stream", "application/vnd.apache.parquet"
ENDLESS = "SELECT count(*) FROM range(100000000000) a(i) WHERE i % 7 = 3"


def test_rows_come_as_arrays_in_the_order_of_the_columns(served: Served) -> None:
    body = served.sql("SELECT id, name FROM people WHERE id < 2 ORDER BY id").json()
    answers.Result.model_validate(body)
    assert body["columns"] == [{"name": "id", "type": "BIGINT"}, {"name": "name", "type": "VARCHAR"}]
    assert body["rows"] == [[0, "Person 0"], [1, "Person 1"]]
    assert (body["row_count"], body["truncated"]) == (2, False)
    assert body["snapshots"] == {"lake.people": str(served.lake.history("people")[0].snapshot_id)}


def test_numbers_that_json_cannot_hold_are_text_or_null(served: Served) -> None:
    body = served.sql(
        "SELECT 9007199254740993::BIGINT, 1.10::DECIMAL(9,2), 'NaN'::DOUBLE, 'inf'::DOUBLE, "
        "0.1234567890123456789::DECIMAL(38,19), 'ab'::BLOB, DATE '2026-01-02', [1, 2], {'a': NULL}"
    ).json()
    assert body["rows"] == [
        [
            *("9007199254740993", 1.1, None, None, "0.1234567890123456789"),
            *("6162", "2026-01-02", [1, 2], {"a": None}),
        ]
    ]


def test_columns_of_one_name_are_all_there(served: Served) -> None:
    assert served.sql("SELECT 1 AS x, 2 AS x").json()["rows"] == [[1, 2]]


@pytest.mark.parametrize("params", [[7], {"id": 7}, {"$id": 7}], ids=["list", "named", "dollar"])
def test_parameters_are_values_never_text_of_the_statement(served: Served, params: object) -> None:
    place = "?" if isinstance(params, list) else "$id"
    found = served.sql(f"SELECT name FROM people WHERE id = {place}", params=params)
    assert found.json()["rows"] == [["Person 7"]]


def test_an_earlier_moment_can_be_asked_for(served: Served) -> None:
    served.table("moments", "id\n1\n")
    before = served.lake.history("moments")[0].snapshot_id
    served.lake.upsert("moments", [{"id": 2}], key="id")
    assert served.sql("SELECT count(*) FROM moments", at=before).json()["rows"] == [[1]]
    assert served.sql("SELECT count(*) FROM moments", at=str(before)).json()["rows"] == [[1]]
    assert served.sql("SELECT count(*) FROM moments").json()["rows"] == [[2]]


def test_a_limit_cuts_and_says_so(served: Served) -> None:
    body = served.sql("SELECT id FROM people", limit=3).json()
    assert (body["row_count"], body["truncated"]) == (3, True)
    assert served.sql("SELECT id FROM people", limit=0).json()["rows"] == []


def test_json_without_a_limit_stops_at_the_setting_and_arrow_does_not(served: Served) -> None:
    text = "SELECT i FROM range(10001) r(i)"
    assert served.sql(text).json()["truncated"]
    answer = served.client.post("/v1/sql", json={"sql": text}, headers={"Accept": ARROW})
    assert pa.ipc.open_stream(answer.content).read_all().num_rows == 10_001
    assert answer.headers["x-lakehouse-truncated"] == "false"


def test_an_arrow_stream_is_read_back_by_duckdb(served: Served) -> None:
    answer = served.client.post("/v1/sql", json={"sql": "SELECT * FROM people"}, headers={"Accept": ARROW})
    assert answer.headers["content-type"] == ARROW
    found = duckdb.from_arrow(pa.ipc.open_stream(answer.content).read_all())
    assert found.aggregate("count(*), max(id)").fetchall() == [(300, 299)]


def test_parquet_and_csv_are_read_back_by_pyarrow(served: Served) -> None:
    text = {"sql": "SELECT id, name FROM people ORDER BY id"}
    parquet = served.client.post("/v1/sql", json=text, headers={"Accept": PARQUET})
    csv = served.client.post("/v1/sql", json=text, headers={"Accept": "text/csv"})
    assert parquet.headers["x-lakehouse-query-id"]
    table = pyarrow.parquet.read_table(io.BytesIO(parquet.content))
    assert table.equals(pyarrow.csv.read_csv(io.BytesIO(csv.content)))


@pytest.mark.parametrize(
    ("accept", "shape"),
    [
        ("*/*", "json"),
        ("application/json", "json"),
        ("application/*", "json"),
        ("text/csv;q=0.5, application/vnd.apache.parquet", "parquet"),
        ("image/png, text/csv", "csv"),
        ("text/csv;q=0, */*;q=0.1", "json"),
        ("text/csv;q=high, application/json", "json"),
        ("APPLICATION/VND.APACHE.ARROW.STREAM", "arrow"),
    ],
)
def test_the_preferred_type_that_can_be_made_is_made(accept: str, shape: str) -> None:
    assert queries.accepted(accept) == shape


def test_a_type_that_cannot_be_made_is_406(served: Served) -> None:
    answer = served.client.post("/v1/sql", json={"sql": "SELECT 1"}, headers={"Accept": "image/png"})
    assert "text/csv" in str(problem(answer, status=406, kind="Invalid")["hint"])


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({"sql": "SELECT naem FROM people"}, 400, "Invalid"),
        ({"sql": "SELECT * FROM poeple"}, 404, "NotFound"),
        ({"sql": "SELEC 1"}, 400, "Invalid"),
        ({"sql": ""}, 400, "Invalid"),
        ({"sql": "DROP TABLE people"}, 403, "Refused"),
        ({"sql": "SELECT * FROM read_text('/etc/passwd')"}, 403, "Refused"),
        ({"sql": "SELECT 1; SELECT 2"}, 403, "Refused"),
        ({"sql": "SELECT $1"}, 400, "Invalid"),
        ({"sql": "SELECT 1", "params": [1]}, 400, "Invalid"),
        ({"sql": "SELECT * FROM people", "at": 1}, 404, "NotFound"),
        ({"sql": "SELECT * FROM people", "at": "yesterday-ish"}, 400, "Invalid"),
        ({"sql": "SELECT 1", "limit": -1}, 422, "Invalid"),
        ({"sql": "SELECT 1", "limit": "many"}, 422, "Invalid"),
        ({"sql": 7}, 422, "Invalid"),
        ({"sql": "SELECT 1", "params": "7"}, 422, "Invalid"),
        ({"sql": "SELECT 1", "at": [1]}, 422, "Invalid"),
        ({"sql": "SELECT 1", "explain": True}, 422, "Invalid"),
        ({}, 422, "Invalid"),
        ([], 422, "Invalid"),
        ({"sql": "SELECT " + "1," * 200_000 + "1"}, 422, "Invalid"),
    ],
)
def test_a_foolish_question_gets_a_problem_with_a_hint(
    served: Served, body: object, status: int, kind: str
) -> None:
    problem(served.client.post("/v1/sql", json=body), status=status, kind=kind)


def test_an_unknown_table_is_answered_with_the_nearest(served: Served) -> None:
    assert "people" in str(problem(served.sql("SELECT * FROM peple"), status=404, kind="NotFound")["hint"])


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xff\xfe\x00binary", "application/json"),
        (b'{"sql": "SELECT 1"', "application/json"),
        (b'{"sql": "\\ud800"}', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"sql": NaN}', "application/json"),
    ],
)
def test_a_body_that_is_not_json_is_400(served: Served, content: bytes, kind: str) -> None:
    answer = served.client.post("/v1/sql", content=content, headers={"Content-Type": kind})
    problem(answer, status=400, kind="Invalid")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_of_another_type_is_refused(served: Served, kind: str) -> None:
    headers = {"Content-Type": kind} if kind else {}
    answer = served.client.post("/v1/sql", content=b'{"sql": "SELECT 1"}', headers=headers)
    assert "application/json" in str(problem(answer, status=422, kind="Invalid")["hint"])


def test_a_huge_body_is_413_before_it_is_read(served: Served) -> None:
    answer = served.client.post("/v1/sql", json={"sql": "x" * (9 << 20)})
    problem(answer, status=413, kind="Invalid")


def test_a_huge_body_without_a_length_is_413(served: Served) -> None:
    chunks = (b" " * (1 << 20) for _ in range(9))
    answer = served.client.post("/v1/sql", content=chunks, headers={"Content-Type": "application/json"})
    problem(answer, status=413, kind="Invalid")


def test_a_query_is_cancelled_by_the_id_its_client_chose(served: Served) -> None:
    answered: list[httpx.Response] = []

    def ask() -> None:
        headers = {"X-Lakehouse-Query-Id": "slow-1"}
        answered.append(
            httpx.post(f"{served.url}/v1/sql", json={"sql": ENDLESS}, headers=headers, timeout=60)
        )

    asking = threading.Thread(target=ask)
    asking.start()
    assert until(lambda: served.client.delete("/v1/sql/slow-1").status_code == 200)
    asking.join(20)
    assert "cancelled" in str(problem(answered[0], status=503, kind="Unavailable")["detail"])
    assert answered[0].headers["retry-after"] == "1"


def test_a_query_whose_client_hangs_up_is_ended(served: Served) -> None:
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{served.url}/v1/sql", json={"sql": ENDLESS + " AND 1 = 1"}, timeout=0.7)
    assert until(lambda: any(entry.get("kind") == "Unavailable" for entry in served.logged()))


def test_a_query_that_does_not_run_cannot_be_cancelled(served: Served) -> None:
    problem(served.client.delete("/v1/sql/unknown"), status=404, kind="NotFound")


@pytest.mark.parametrize("given", ["a b", "x" * 65, "ä", "a/../b"])
def test_an_id_of_other_characters_is_refused(served: Served, given: str) -> None:
    headers = {b"X-Lakehouse-Query-Id": given.encode()}
    answer = served.client.post("/v1/sql", json={"sql": "SELECT 1"}, headers=headers)
    problem(answer, status=422, kind="Invalid")


def until(holds: Callable[[], bool]) -> bool:
    """True once `holds()` does; False after 20 s."""
    deadline = time.monotonic() + 20
    waiting = threading.Event()
    while time.monotonic() < deadline:
        if holds():
            return True
        waiting.wait(0.05)
    return False
