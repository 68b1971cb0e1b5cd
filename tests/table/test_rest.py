"""The Iceberg REST protocol at the door: other engines' clients, and requests that no client would send."""

import http.client
import json
import socket
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pyarrow as pa
import pytest
from pyiceberg.catalog.rest import RestCatalog
from pyiceberg.exceptions import (
    CommitFailedException,
    NamespaceAlreadyExistsError,
    NamespaceNotEmptyError,
    NoSuchNamespaceError,
    NoSuchTableError,
    TableAlreadyExistsError,
)
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import LongType, NestedField, StringType

from lakehouse.base.duck import connect
from lakehouse.table import names
from tests.table.wiring import Lake

Json = dict[str, object]
SCHEMA = Schema(
    NestedField(field_id=1, name="id", field_type=LongType(), required=False),
    NestedField(field_id=2, name="name", field_type=StringType(), required=False),
)
ROWS = pa.table({"id": [1, 2, 3], "name": ["a", "b", None]})


@pytest.fixture
def client(lake: Lake) -> RestCatalog:
    return RestCatalog("lake", uri=lake.door.url, token=lake.door.token)


@pytest.fixture
def duck(lake: Lake) -> Iterator[duckdb.DuckDBPyConnection]:
    con = connect(
        threads=1, memory_bytes=1 << 30, temp=lake.root / "spill", extensions=("avro", "iceberg", "httpfs")
    )
    con.execute(f"CREATE SECRET door (TYPE iceberg, TOKEN '{lake.door.token}')")
    con.execute(
        f"ATTACH 'lake' AS rest (TYPE iceberg, ENDPOINT '{lake.door.url}', SECRET door, "
        "ACCESS_DELEGATION_MODE 'none')"
    )
    con.execute("USE rest.lake")
    yield con
    con.close()


def fresh() -> str:
    return f"t_{uuid.uuid4().hex[:10]}"


def ask(
    lake: Lake, method: str, path: str, body: object = None, *, token: str | None = None
) -> tuple[int, Json]:
    """One raw request, as no well-behaved client would send it."""
    connection = http.client.HTTPConnection("127.0.0.1", int(lake.door.url.rsplit(":", 1)[1]), timeout=10)
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    bearer = {"Authorization": f"Bearer {lake.door.token if token is None else token}"}
    connection.request(method, path, data, bearer)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, json.loads(text) if text else {}


def test_pyiceberg_creates_writes_reads_and_drops(lake: Lake, client: RestCatalog) -> None:
    name = fresh()
    table = client.create_table(f"lake.{name}", SCHEMA)
    table.append(ROWS)
    table.append(ROWS.slice(0, 1))
    assert client.table_exists(f"lake.{name}")
    assert ("lake", name) in client.list_tables("lake")
    assert lake.rows(names.parse(name)) == [(1, "a"), (1, "a"), (2, "b"), (3, None)]
    table.overwrite(ROWS.slice(1, 1))
    assert client.load_table(f"lake.{name}").scan().to_arrow().num_rows == 1
    table.delete("id = 2")
    assert lake.rows(names.parse(name)) == []
    client.drop_table(f"lake.{name}")
    with pytest.raises(NoSuchTableError):
        client.load_table(f"lake.{name}")


def test_pyiceberg_upserts_and_changes_columns(lake: Lake, client: RestCatalog) -> None:
    name = fresh()
    table = client.create_table(f"lake.{name}", SCHEMA)
    table.append(ROWS)
    table.upsert(pa.table({"id": [2, 9], "name": ["B", "z"]}), join_cols=["id"])
    with table.update_schema() as update:
        update.add_column("extra", LongType())
        update.rename_column("name", "label")
    assert lake.rows(names.parse(name), what="id, label, extra") == [
        (1, "a", None),
        (2, "B", None),
        (3, None, None),
        (9, "z", None),
    ]
    with table.transaction() as change:
        change.set_properties(owner="ann")
    assert lake.catalog.head(names.parse(name)).metadata.properties["owner"] == "ann"


def test_pyiceberg_renames_and_registers(lake: Lake, client: RestCatalog) -> None:
    name, other = fresh(), fresh()
    table = client.create_table(f"lake.{name}", SCHEMA)
    table.append(ROWS)
    client.rename_table(f"lake.{name}", f"lake.{other}")
    assert client.load_table(f"lake.{other}").scan().to_arrow().num_rows == 3
    location = client.load_table(f"lake.{other}").metadata_location
    client.drop_table(f"lake.{other}")
    client.register_table(f"lake.{name}", location)
    assert client.load_table(f"lake.{name}").scan().to_arrow().num_rows == 3
    with pytest.raises(TableAlreadyExistsError):
        client.register_table(f"lake.{name}", location)
    with pytest.raises(TableAlreadyExistsError):
        client.create_table(f"lake.{name}", SCHEMA)
    with pytest.raises(TableAlreadyExistsError):
        client.create_table(f"lake.{name.upper()}", SCHEMA)


def test_pyiceberg_creates_with_rows_in_one_transaction(lake: Lake, client: RestCatalog) -> None:
    name = fresh()
    with client.create_table_transaction(f"lake.{name}", SCHEMA) as creation:
        creation.append(ROWS)
        assert not client.table_exists(f"lake.{name}")
    head = lake.catalog.head(names.parse(name))
    assert lake.rows(head.name) == [(1, "a"), (2, "b"), (3, None)]
    assert head.metadata.properties["lakehouse.name"] == name
    assert "write.metadata.previous-versions-max" in head.metadata.properties


def test_pyiceberg_keeps_namespaces(client: RestCatalog) -> None:
    space = fresh()
    client.create_namespace(space, {"owner": "ann"})
    assert (space,) in client.list_namespaces()
    assert client.namespace_exists(space)
    with pytest.raises(NamespaceAlreadyExistsError):
        client.create_namespace(space)
    client.update_namespace_properties(space, removals={"owner", "none"}, updates={"team": "x"})
    assert client.load_namespace_properties(space)["team"] == "x"
    client.create_table(f"{space}.t", SCHEMA)
    with pytest.raises(NamespaceNotEmptyError):
        client.drop_namespace(space)
    client.drop_table(f"{space}.t")
    client.drop_namespace(space)
    for act in (client.load_namespace_properties, client.drop_namespace, client.list_tables):
        with pytest.raises(NoSuchNamespaceError):
            act(space)
    with pytest.raises(NoSuchNamespaceError):
        client.create_table(f"{space}.t", SCHEMA)


def test_a_stale_commit_is_refused_and_loses_nothing(lake: Lake, client: RestCatalog) -> None:
    name = fresh()
    client.create_table(f"lake.{name}", SCHEMA, properties={"commit.retry.num-retries": "0"})
    first, second = client.load_table(f"lake.{name}"), client.load_table(f"lake.{name}")
    first.append(ROWS)
    with pytest.raises(CommitFailedException):
        second.append(ROWS)
    assert len(lake.rows(names.parse(name))) == 3


def test_a_partitioned_table_of_another_tool_is_read_and_left_as_it_is(
    lake: Lake, client: RestCatalog
) -> None:
    name = fresh()
    spec = PartitionSpec(PartitionField(source_id=2, field_id=1000, transform=IdentityTransform(), name="p"))
    table = client.create_table(f"lake.{name}", SCHEMA, partition_spec=spec)
    for _ in range(3):
        table.append(ROWS)
    parsed = names.parse(name)
    assert len(lake.rows(parsed)) == 9
    assert "partitioned" in lake.upkeep.compact(parsed).reason
    assert len(lake.planned(parsed)) == 9


def test_duckdb_creates_inserts_updates_deletes_and_merges(
    lake: Lake, duck: duckdb.DuckDBPyConnection
) -> None:
    name = fresh()
    duck.execute(f"CREATE TABLE {name} (id BIGINT, name VARCHAR)")
    duck.execute(f"INSERT INTO {name} VALUES (1, 'a'), (2, 'b'), (3, NULL)")
    duck.execute(f"UPDATE {name} SET name = 'B' WHERE id = 2")
    duck.execute(f"DELETE FROM {name} WHERE id = 1")
    duck.execute(
        f"MERGE INTO {name} AS t USING (VALUES (3, 'c'), (4, 'd')) AS s(id, name) ON t.id = s.id "
        "WHEN MATCHED THEN UPDATE SET name = s.name WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.name)"
    )
    expected = [(2, "B"), (3, "c"), (4, "d")]
    assert duck.execute(f"FROM {name} ORDER BY id").fetchall() == expected
    assert lake.rows(names.parse(name)) == expected
    assert lake.arrow(names.parse(name)).num_rows == 3
    duck.execute(f"DROP TABLE {name}")
    assert names.parse(name) not in lake.catalog.names()


def test_duckdb_creates_a_table_from_a_query(lake: Lake, duck: duckdb.DuckDBPyConnection) -> None:
    name = fresh()
    duck.execute(f"CREATE TABLE {name} AS SELECT i AS id, 'n' || i AS name FROM range(100) r(i)")
    assert len(lake.rows(names.parse(name))) == 100
    with pytest.raises(duckdb.Error):
        duck.execute(f"CREATE TABLE {name} AS SELECT 1 AS id")
    assert len(lake.rows(names.parse(name))) == 100


def test_duckdb_changes_columns(lake: Lake, duck: duckdb.DuckDBPyConnection) -> None:
    name = fresh()
    duck.execute(f"CREATE TABLE {name} AS SELECT 1::BIGINT AS id, 'a' AS name")
    duck.execute(f"ALTER TABLE {name} ADD COLUMN extra INTEGER")
    duck.execute(f"ALTER TABLE {name} RENAME COLUMN name TO label")
    duck.execute(f"INSERT INTO {name} VALUES (2, 'b', 7)")
    assert lake.rows(names.parse(name)) == [(1, "a", None), (2, "b", 7)]
    duck.execute(f"ALTER TABLE {name} DROP COLUMN label")
    assert lake.rows(names.parse(name)) == [(1, None), (2, 7)]
    assert lake.arrow(names.parse(name)).column_names == ["id", "extra"]


def test_a_transaction_of_duckdb_over_two_tables_is_all_or_nothing(
    lake: Lake, duck: duckdb.DuckDBPyConnection
) -> None:
    a, b = fresh(), fresh()
    for name in (a, b):
        duck.execute(f"CREATE TABLE {name} (id BIGINT, name VARCHAR)")
    duck.execute(f"BEGIN; INSERT INTO {a} VALUES (1, 'a'); INSERT INTO {b} VALUES (1, 'b'); COMMIT")
    assert (len(lake.rows(names.parse(a))), len(lake.rows(names.parse(b)))) == (1, 1)
    duck.execute(f"BEGIN; DELETE FROM {a}; DELETE FROM {b}")
    lake.append(names.parse(b), "SELECT 2 AS id, 'x' AS name")
    with pytest.raises(duckdb.Error):
        duck.execute("COMMIT")
    assert (len(lake.rows(names.parse(a))), len(lake.rows(names.parse(b)))) == (1, 2)
    duck.execute(f"BEGIN; DELETE FROM {a}; ROLLBACK")
    assert len(lake.rows(names.parse(a))) == 1


def test_a_stranger_is_not_let_in(lake: Lake) -> None:
    for token in ("", "wrong", "é" * 10, lake.door.token[:-1]):
        status, body = ask(lake, "GET", "/v1/config", token=token.encode().decode("latin-1"))
        assert status == 401
        assert "error" in body


def test_the_configuration_lists_the_routes(lake: Lake) -> None:
    status, body = ask(lake, "GET", "/v1/config")
    assert status == 200
    endpoints = body["endpoints"]
    assert isinstance(endpoints, list)
    assert "POST /v1/{prefix}/namespaces/{namespace}/tables/{table}/metrics" in endpoints
    assert "POST /v1/{prefix}/transactions/commit" in endpoints


def test_metrics_are_taken_for_tables_there_are(lake: Lake) -> None:
    name = lake.table().table
    assert ask(lake, "POST", f"/v1/namespaces/lake/tables/{name}/metrics", {"report-type": "x"})[0] == 204
    assert ask(lake, "POST", "/v1/namespaces/lake/tables/nope/metrics", {})[0] == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/nope"),
        ("GET", "/"),
        ("GET", "/v1"),
        ("DELETE", "/v1/namespaces"),
        ("POST", "/v1/config"),
        ("GET", "/v1/namespaces/nope"),
        ("GET", "/v1/namespaces/nope/tables"),
        ("HEAD", "/v1/namespaces/nope"),
        ("GET", "/v1/namespaces/lake/tables/nope"),
        ("HEAD", "/v1/namespaces/lake/tables/nope"),
        ("DELETE", "/v1/namespaces/lake/tables/nope"),
        ("POST", "/v1/namespaces/lake/tables/nope"),
    ],
)
def test_what_is_not_there_is_a_404(lake: Lake, method: str, path: str) -> None:
    status, body = ask(lake, method, path, {} if method == "POST" else None)
    assert status == 404
    assert method == "HEAD" or "error" in body


BAD_BODIES: list[tuple[str, object]] = [
    ("/v1/namespaces", {}),
    ("/v1/namespaces", {"namespace": "text"}),
    ("/v1/namespaces", {"namespace": []}),
    ("/v1/namespaces", {"namespace": ["system"]}),
    ("/v1/namespaces", {"namespace": ["x"], "properties": 7}),
    ("/v1/namespaces", []),
    ("/v1/namespaces", b"{"),
    ("/v1/namespaces", b"\xff\xfe"),
    ("/v1/namespaces", b"[" * 100_000),
    ("/v1/namespaces/lake/tables", {}),
    ("/v1/namespaces/lake/tables", {"name": "x"}),
    ("/v1/namespaces/lake/tables", {"name": "x", "schema": 7}),
    ("/v1/namespaces/lake/tables", {"name": "x", "schema": {"type": "struct", "fields": [{"id": "a"}]}}),
    ("/v1/namespaces/lake/tables", {"name": "", "schema": {"type": "struct", "fields": []}}),
    ("/v1/namespaces/lake/tables", {"name": "x\n", "schema": None}),
    ("/v1/namespaces/lake/register", {"name": "x"}),
    ("/v1/namespaces/lake/register", {"name": "x", "metadata-location": 7}),
    ("/v1/namespaces/lake/register", {"name": "x", "metadata-location": "/etc/passwd"}),
    ("/v1/tables/rename", {}),
    ("/v1/tables/rename", {"source": 1, "destination": 2}),
    ("/v1/transactions/commit", {}),
    ("/v1/transactions/commit", {"table-changes": [7]}),
    ("/v1/transactions/commit", {"table-changes": [{}]}),
    ("/v1/namespaces/lake/properties", {"updates": 7}),
]


@pytest.mark.parametrize(("path", "body"), BAD_BODIES, ids=lambda v: repr(v)[:60])
def test_a_malformed_body_is_a_400(lake: Lake, path: str, body: object) -> None:
    status, answered = ask(lake, "POST", path, body)
    assert (status, "error" in answered) == (400, True), answered


@pytest.mark.parametrize(
    "body",
    [
        {"requirements": [{"type": "nope"}], "updates": []},
        {"requirements": [], "updates": [{"action": "nope"}]},
        {"requirements": 7},
        {"updates": [{"action": "add-schema"}]},
        {"updates": [{"action": "set-current-schema", "schema-id": 99}]},
        {"updates": [{"action": "remove-snapshots", "snapshot-ids": [1]}]},
        {"updates": [{"action": "set-location", "location": "/tmp/elsewhere"}]},
        {"updates": [{"action": "upgrade-format-version", "format-version": 3}]},
        {"updates": [{"action": "set-snapshot-ref", "ref-name": "main", "type": "branch", "snapshot-id": 5}]},
        {
            "updates": [
                {
                    "action": "add-snapshot",
                    "snapshot": {
                        "snapshot-id": 5,
                        "sequence-number": 9,
                        "timestamp-ms": 1,
                        "manifest-list": "/etc/passwd",
                        "summary": {"operation": "append"},
                        "schema-id": 0,
                    },
                }
            ]
        },
        {"updates": [{"action": "assign-uuid", "uuid": "706634d6-5c84-43f7-b98d-e1f0c47e4b11"}]},
    ],
    ids=lambda body: json.dumps(body)[:70],
)
def test_a_commit_that_makes_no_sense_is_a_400_and_changes_nothing(lake: Lake, body: Json) -> None:
    name = lake.table()
    before = lake.catalog.head(name)
    status, answered = ask(lake, "POST", f"/v1/namespaces/lake/tables/{name.table}", body)
    assert (status, "error" in answered) == (400, True), answered
    assert lake.catalog.head(name) == before


def test_a_requirement_that_does_not_hold_is_a_409(lake: Lake) -> None:
    name = lake.table()
    stale = {
        "requirements": [{"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": 5}],
        "updates": [],
    }
    status, body = ask(lake, "POST", f"/v1/namespaces/lake/tables/{name.table}", stale)
    error = body["error"]
    assert status == 409
    assert isinstance(error, dict)
    assert error["type"] == "CommitFailedException"
    several = {"table-changes": [{"identifier": {"namespace": ["lake"], "name": name.table}, **stale}]}
    assert ask(lake, "POST", "/v1/transactions/commit", several)[0] == 409


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"BREW /v1/config HTTP/1.1\r\n\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"POST /v1/namespaces HTTP/1.1\r\nAuthorization: Bearer TOKEN\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/namespaces HTTP/1.1\r\nAuthorization: Bearer TOKEN\r\nContent-Length: x\r\n\r\n",
        b"POST /v1/config HTTP/1.1\r\nAuthorization: Bearer TOKEN\r\nContent-Length: 99999999999\r\n\r\n",
        b"GET http://[::1/v1/config HTTP/1.1\r\nAuthorization: Bearer TOKEN\r\n\r\n",
        b"GET /v1/namespaces/%FF%00 HTTP/1.1\r\nAuthorization: Bearer TOKEN\r\n\r\n",
        b"GET /v1/config HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n",
    ],
    ids=lambda raw: repr(raw[:30]),
)
def test_garbage_does_not_end_the_door(lake: Lake, raw: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_connection(("127.0.0.1", int(lake.door.url.rsplit(":", 1)[1])), timeout=10) as sent:
        sent.sendall(raw.replace(b"TOKEN", lake.door.token.encode()))
        sent.shutdown(socket.SHUT_WR)
        answer = sent.makefile("rb").read()
    assert b" 200 " not in answer.split(b"\r\n")[0]
    assert ask(lake, "GET", "/v1/config")[0] == 200
    assert "Traceback" not in capfd.readouterr().err


def test_many_clients_at_once_are_answered(lake: Lake) -> None:
    name = lake.table().table
    with ThreadPoolExecutor(8) as pool:
        work = [pool.submit(ask, lake, "GET", f"/v1/namespaces/lake/tables/{name}") for _ in range(64)]
        assert {w.result()[0] for w in work} == {200}
