"""Other engines at the public door: PyIceberg and DuckDB attach to the running server, read and write."""

from pathlib import Path

import pyarrow as pa
import pytest
from pyiceberg.catalog.rest import RestCatalog
from pyiceberg.exceptions import NoSuchTableError, TableAlreadyExistsError

from lakehouse.base.duck import connect
from lakehouse.edge import iceberg
from tests.edge.http.serving import Served

ROOT = "/iceberg/v1"


@pytest.fixture(scope="module")
def catalog(served: Served) -> RestCatalog:
    return RestCatalog("lake", uri=f"{served.url}/iceberg", warehouse="anything")


def test_pyiceberg_reads_a_table_of_ours(served: Served, catalog: RestCatalog) -> None:
    served.table("theirs_to_read", "id,name\n1,Ann\n2,Bob\n")
    served.lake.delete("theirs_to_read", where="id = 1")
    found = catalog.load_table("lake.theirs_to_read").scan().to_arrow()
    assert found.to_pylist() == [{"id": 2, "name": "Bob"}]
    assert ("lake", "theirs_to_read") in catalog.list_tables("lake")


def test_pyiceberg_writes_a_table_that_is_ours_to_query(served: Served, catalog: RestCatalog) -> None:
    rows = pa.table({"id": [1, 2], "name": ["Ann", None]})
    catalog.create_namespace_if_not_exists("made_there")
    table = catalog.create_table("made_there.people", schema=rows.schema)
    table.append(rows)
    table.append(rows.slice(0, 1))
    assert served.sql("SELECT count(*), count(name) FROM made_there.people").json()["rows"] == [[3, 2]]
    assert len(served.lake.history("made_there.people")) == 2
    with pytest.raises(TableAlreadyExistsError):
        catalog.create_table("made_there.people", schema=rows.schema)
    catalog.rename_table("made_there.people", "made_there.folk")
    catalog.drop_table("made_there.folk")
    with pytest.raises(NoSuchTableError):
        catalog.load_table("made_there.folk")


def test_duckdb_attaches_reads_and_writes(served: Served, tmp_path: Path) -> None:
    served.table("shared", "id,name\n1,Ann\n")
    options = f"TYPE iceberg, ENDPOINT '{served.url}/iceberg', AUTHORIZATION_TYPE 'none'"
    extensions = ("avro", "httpfs", "iceberg")
    with connect(threads=1, memory_bytes=256 << 20, temp=tmp_path, extensions=extensions) as con:
        con.execute(f"ATTACH 'anything' AS there ({options})")
        assert con.execute("SELECT * FROM there.lake.shared").fetchall() == [(1, "Ann")]
        con.execute("INSERT INTO there.lake.shared VALUES (2, 'Bob')")
        con.execute("CREATE TABLE there.lake.from_duckdb AS SELECT 7 AS seven")
    assert served.sql("SELECT * FROM shared ORDER BY id").json()["rows"] == [[1, "Ann"], [2, "Bob"]]
    assert served.sql("SELECT seven FROM from_duckdb").json()["rows"] == [[7]]


def test_a_prefix_and_a_warehouse_mean_nothing(served: Served) -> None:
    plain = served.client.get(f"{ROOT}/namespaces/lake/tables/people").json()
    prefixed = served.client.get(f"{ROOT}/main/namespaces/lake/tables/people?warehouse=x").json()
    assert prefixed == plain


@pytest.mark.parametrize(
    ("path", "rest"),
    [
        (["config"], ("config",)),
        (["namespaces", "tables"], ("namespaces", "tables")),
        (["main", "namespaces"], ("namespaces",)),
        (["main", "transactions", "commit"], ("transactions", "commit")),
        (["main"], ("main",)),
        ([], ()),
    ],
)
def test_a_prefix_is_taken_off_and_a_namespace_is_not(path: list[str], rest: tuple[str, ...]) -> None:
    assert iceberg.without_prefix(path) == rest


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/namespaces/nope", 404),
        ("GET", "/namespaces/lake/tables/nope", 404),
        ("HEAD", "/namespaces/lake/tables/nope", 404),
        ("HEAD", "/namespaces/lake/tables/people", 204),
        ("GET", "/nope", 404),
        ("PUT", "/namespaces", 405),
        ("POST", "/namespaces", 400),
        ("POST", "/namespaces/lake/tables", 400),
        ("POST", "/namespaces/lake/tables/people", 200),
        ("POST", "/transactions/commit", 400),
        ("POST", "/tables/rename", 400),
        ("POST", "/namespaces/lake/register", 400),
    ],
)
def test_errors_have_the_protocols_own_body(served: Served, method: str, path: str, status: int) -> None:
    answer = served.client.request(method, ROOT + path, json={} if method == "POST" else None)
    assert answer.status_code == status, answer.text
    if status >= 400 and method != "HEAD":
        error = answer.json()["error"]
        assert error["code"] == status
        assert {"message", "type"} <= set(error)


@pytest.mark.parametrize("body", [b"{", b"[]", b"7", b"\xff\xfe", b'"text"'])
def test_a_body_that_is_no_object_is_400(served: Served, body: bytes) -> None:
    answer = served.client.post(f"{ROOT}/namespaces", content=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 400)


def test_a_metadata_file_outside_the_lake_cannot_be_registered(served: Served) -> None:
    body = {"name": "stolen", "metadata-location": "/etc/passwd"}
    answer = served.client.post(f"{ROOT}/namespaces/lake/register", json=body)
    assert 400 <= answer.status_code < 500
    assert "root:" not in answer.text
