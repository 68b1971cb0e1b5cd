"""Changes over HTTP: what each leaves behind, the levels it moves, and the problems it can end in."""

import itertools

import pytest
from prometheus_client.parser import text_string_to_metric_families

from lakehouse.base.errors import Conflict, Corrupt, Invalid, NotFound, Refused, Unavailable, problem
from lakehouse.edge.http import answers
from tests.edge.http.serving import Served
from tests.edge.http.serving import problem as told

ROOT = "/v1/catalog/datasets"
NUMBERS = itertools.count(1)


@pytest.fixture
def table(served: Served) -> str:
    """A table of the test's own, of three rows."""
    name = f"change{next(NUMBERS)}"
    served.lake.upsert(name, [{"id": n, "v": "a", "n": 1.5} for n in (1, 2, 3)], key="id")
    return name


@pytest.fixture(scope="module")
def calm(served: Served) -> str:
    """One for all tests that must not change it."""
    served.lake.upsert("calm_change", [{"id": 1, "v": "a"}], key="id")
    served.lake.describe("calm_change", {"owner": "Ann", "tags": ["kept"]})
    return "calm_change"


def count(served: Served, table: str) -> object:
    return served.sql(f"SELECT count(*) FROM {table}").json()["rows"][0][0]


def level(served: Served, name: str, **labels: str) -> float:
    """One sample of /metrics; 0 where there is none yet."""
    families = text_string_to_metric_families(served.client.get("/metrics").text)
    samples = (s for family in families for s in family.samples if s.name == name)
    return sum(s.value for s in samples if labels.items() <= s.labels.items())


def test_a_deletion_and_an_upsert_of_the_same_key_in_one_call_leave_the_upsert(
    served: Served, table: str
) -> None:
    change = {"delete": [{"id": 1}, {"id": 9}], "upsert": [{"id": 1, "v": "new", "n": 2}], "key": ["ID"]}
    body = served.client.post(f"{ROOT}/{table}/rows", json=change).json()
    answers.RowsChanged.model_validate(body)
    assert (body["deleted"], body["upserted"]) == (1, 1)
    assert body["snapshot_id"] == str(served.lake.history(table)[0].snapshot_id)
    assert served.sql(f"SELECT v, n FROM {table} WHERE id = 1").json()["rows"] == [["new", 2.0]]
    assert count(served, table) == 3


def test_an_upsert_of_some_columns_keeps_the_others(served: Served, table: str) -> None:
    change = {"upsert": [{"id": 2, "v": "b"}, {"id": 4, "v": "d"}], "key": "id"}
    assert served.client.post(f"{ROOT}/{table}/rows", json=change).json()["upserted"] == 2
    found = served.sql(f"SELECT * FROM {table} WHERE id IN (2, 4) ORDER BY id").json()["rows"]
    assert found == [[2, "b", 1.5], [4, "d", None]]


def test_a_change_that_changes_nothing_makes_no_version(served: Served, table: str) -> None:
    before = served.lake.history(table)
    same = {"upsert": [{"id": 1, "v": "a", "n": 1.5}], "delete": {"where": "id > 99"}, "key": "id"}
    body = served.client.post(f"{ROOT}/{table}/rows", json=same).json()
    assert (body["deleted"], body["upserted"]) == (0, 0)
    assert body["snapshot_id"] == str(before[0].snapshot_id)
    assert served.lake.history(table) == before


@pytest.mark.parametrize("way", ["id", "text", "time", "tag"])
def test_a_table_goes_back_by_id_time_or_tag(served: Served, table: str, way: str) -> None:
    first = served.lake.history(table)[0]
    served.lake.tag(table, "Before")
    served.lake.delete(table, where="id < 3")
    to = {"id": first.snapshot_id, "text": str(first.snapshot_id), "time": first.at, "tag": "before"}[way]
    body = served.client.post(f"{ROOT}/{table}/rollback", json={"to": to}).json()
    answers.Changed.model_validate(body)
    assert (body["rows"], count(served, table)) == (3, 3)
    history = served.client.get(f"{ROOT}/{table}/history").json()["history"]
    assert history[0]["operation"] == "rollback"
    assert history[0]["note"] == f"back to {first.snapshot_id}"
    assert history[-1]["tags"] == ["before"]


def test_a_rollback_to_where_a_table_is_changes_nothing(served: Served, table: str) -> None:
    here = served.lake.history(table)
    body = served.client.post(f"{ROOT}/{table}/rollback", json={"to": here[0].snapshot_id}).json()
    assert body == {"table": table, "rows": 0, "snapshot_id": str(here[0].snapshot_id)}
    assert served.lake.history(table) == here


@pytest.mark.parametrize(
    ("patch", "card"),
    [
        ({"description": "  spaced  "}, {"description": "spaced"}),
        ({"description": "ß\n→ 語"}, {"description": "ß\n→ 語"}),
        ({"sensitivity": "public"}, {"sensitivity": "public"}),
        ({"tags": []}, {"tags": []}),
        ({"tags": ["b", "a", "b"]}, {"tags": ["a", "b"]}),
        ({"lineage": {"source": "crm", "format": "csv"}}, {"lineage": {"source": "crm", "format": "csv"}}),
        ({"lineage": {}}, {"lineage": {}}),
        ({"owner": ""}, {"owner": ""}),
        ({"freshness": "24h", "owner": "Bob"}, {"freshness": "24h", "owner": "Bob"}),
        ({}, {}),
    ],
    ids=str,
)
def test_a_patch_changes_just_the_members_it_names(
    served: Served, table: str, patch: dict[str, object], card: dict[str, object]
) -> None:
    start = {"owner": "Ann", "tags": ["x"], "lineage": {"k": "v"}, "description": "d"}
    before = served.client.patch(f"{ROOT}/{table}/metadata", json=start).json()["card"]
    after = served.client.patch(f"{ROOT}/{table}/metadata", json=patch)
    answers.Dataset.model_validate(after.json())
    assert after.json()["card"] == before | card
    assert served.client.get(f"{ROOT}/{table}").json()["card"] == before | card


@pytest.mark.parametrize(
    "patch",
    [
        {"sensitivity": "secret"},
        {"sensitivity": ""},
        {"owner": None},
        {"tags": None},
        {"tags": [1]},
        {"tags": {"a": "b"}},
        {"lineage": ["a"]},
        {"lineage": {"a": 1}},
        {"description": ["a"]},
        {"key": ["id"]},
        {"columns": {}},
        {"owner": "Bob", "colour": "red"},
    ],
    ids=str,
)
def test_a_patch_with_one_foolish_member_changes_none(
    served: Served, calm: str, patch: dict[str, object]
) -> None:
    before = served.lake.show(calm)
    answer = served.client.patch(f"{ROOT}/{calm}/metadata", json=patch)
    told(answer, status=answer.status_code, kind="Invalid")
    assert answer.status_code in {400, 422}
    assert served.lake.show(calm) == before


@pytest.mark.parametrize(
    ("change", "columns"),
    [
        ({"add": {"x": "int"}}, [("id", "BIGINT"), ("v", "VARCHAR"), ("n", "DOUBLE"), ("x", "INTEGER")]),
        ({"add": {"x": "STRUCT(a DATE)[]"}}, None),
        ({"rename": {"V": "V"}}, [("id", "BIGINT"), ("V", "VARCHAR"), ("n", "DOUBLE")]),
        ({"drop": ["v", "N"]}, [("id", "BIGINT")]),
        ({"rename": {"v": "w"}, "drop": ["n"]}, [("id", "BIGINT"), ("w", "VARCHAR")]),
        ({"widen": {"id": "bigint"}}, [("id", "BIGINT"), ("v", "VARCHAR"), ("n", "DOUBLE")]),
    ],
    ids=str,
)
def test_columns_are_what_the_change_says_and_rows_stay(
    served: Served, table: str, change: dict[str, object], columns: list[tuple[str, str]] | None
) -> None:
    answer = served.client.post(f"{ROOT}/{table}/schema", json=change)
    assert answer.status_code == 200, answer.text
    told_columns = [(c["name"], c["type"]) for c in answer.json()["columns"]]
    assert columns is None or told_columns == columns
    assert served.lake.sql(f"SELECT * FROM {table} LIMIT 0").to_arrow().column_names == [
        name for name, _ in told_columns
    ]
    assert count(served, table) == 3


def test_a_table_dropped_and_made_again_is_another_one(served: Served, table: str) -> None:
    served.client.patch(f"{ROOT}/{table}/metadata", json={"owner": "Ann"})
    served.client.post("/v1/query/cache/pin", json={"table": table})
    assert served.client.delete(f"{ROOT}/{table}").json() == {"table": table, "dropped": True}
    assert f"lake.{table}" not in served.client.get("/v1/query/cache/stats").json()["pinned"]
    served.client.post(f"{ROOT}/{table}/rows", json={"upsert": [{"k": 1}], "key": "k"})
    body = served.client.get(f"{ROOT}/{table}").json()
    assert (body["rows"], body["card"]["owner"], body["card"]["key"]) == (1, "", ["k"])
    assert len(body["history"]) == 1


def test_counters_move_by_what_happened(served: Served, table: str) -> None:
    route = f"{ROOT}/{{name}}"
    found = {"method": "GET", "route": route, "status": "200"}
    missed = found | {"status": "404"}
    before = [level(served, "lakehouse_http_requests_total", **labels) for labels in (found, missed)]
    asked = level(served, "lakehouse_query_seconds_count")
    for _ in range(3):
        served.client.get(f"{ROOT}/{table}")
    served.client.get(f"{ROOT}/nowhere-{table}")
    served.sql("SELECT 1")
    served.sql("SELECT nope")
    after = [level(served, "lakehouse_http_requests_total", **labels) for labels in (found, missed)]
    assert [b - a for a, b in zip(before, after, strict=True)] == [3, 1]
    assert level(served, "lakehouse_query_seconds_count") == asked + 1
    assert level(served, "lakehouse_http_seconds_count", route=route) >= 4


def test_levels_follow_the_lake(served: Served, table: str) -> None:
    assert level(served, "lakehouse_small_files", table=f"lake.{table}") == 1
    served.lake.upsert(table, [{"id": 7}], key="id")
    assert level(served, "lakehouse_small_files", table=f"lake.{table}") == 2
    served.client.post(f"{ROOT}/{table}/compact")
    assert level(served, "lakehouse_small_files", table=f"lake.{table}") == 1
    hits, cold = level(served, "lakehouse_cache_hits"), level(served, "lakehouse_cache_bytes")
    served.client.post("/v1/query/cache/pin", json={"table": table})
    served.sql(f"SELECT * FROM {table}")
    assert level(served, "lakehouse_cache_hits") == hits + 1
    assert level(served, "lakehouse_cache_bytes") > cold
    served.client.post("/v1/query/cache/evict", json={"table": table})
    assert level(served, "lakehouse_cache_bytes") == cold


@pytest.mark.parametrize(
    ("kind", "status"),
    [(Invalid, 400), (Refused, 403), (NotFound, 404), (Conflict, 409), (Unavailable, 503), (Corrupt, 500)],
)
def test_a_problem_of_each_kind_fits_the_document(kind: type[Invalid], status: int) -> None:
    made = problem(kind("it is so", hint="do this"), error_id="e1")
    found = answers.Problem.model_validate(made)
    assert (found.kind, found.status, found.detail, found.hint) == (
        kind.__name__,
        status,
        "it is so",
        "do this",
    )
    assert found.retry is (kind in {Conflict, Unavailable})
    assert found.type == f"urn:lakehouse:error:{kind.__name__.lower()}"


def test_a_misfit_names_the_member_in_the_callers_words(served: Served, table: str) -> None:
    answer = served.client.post(f"{ROOT}/{table}/rows", json={"delete": [9], "key": "id"})
    detail = str(told(answer, status=422, kind="Invalid")["detail"])
    assert detail.startswith("body.delete")
    assert "[" not in detail
