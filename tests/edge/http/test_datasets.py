"""Tables over HTTP: every route's happy path, its answer held against the document, and foolish inputs."""

import zlib
from collections.abc import Callable

import httpx
import pytest
from pydantic import BaseModel

from lakehouse.edge.http import answers
from tests.edge.http.serving import Served, problem

ROOT = "/v1/catalog/datasets"
BAD = ["nope", "lake.nope", "a.b.c", "x" * 700, "%00", "DROP TABLE people", "system.errors", "'"]


@pytest.fixture
def table(served: Served, request: pytest.FixtureRequest) -> str:
    """A table of the test's own."""
    return three(served, f"t{zlib.crc32(request.node.name.encode())}")


@pytest.fixture(scope="module")
def calm(served: Served) -> str:
    """One for all tests that must not change it."""
    return three(served, "calm")


def three(served: Served, name: str) -> str:
    rows = [{"id": 1, "name": "Ann"}, {"id": 2, "name": "Bob"}, {"id": 3, "name": "Cy"}]
    served.lake.upsert(name, rows, key="id")
    return name


def rows(served: Served, table: str) -> object:
    return served.sql(f"SELECT * FROM {table} ORDER BY id").json()["rows"]


def test_every_table_is_listed(served: Served) -> None:
    body = served.client.get(ROOT).json()
    answers.Datasets.model_validate(body)
    assert "people" in [t["table"] for t in body["datasets"]]


def test_one_table_is_shown_in_full(served: Served, calm: str) -> None:
    body = served.client.get(f"{ROOT}/{calm}").json()
    answers.Dataset.model_validate(body)
    assert (body["rows"], body["column_count"]) == (3, 2)
    assert [c["name"] for c in body["columns"]] == ["id", "name"]
    assert body["history"][0]["is_current"]


def test_a_name_may_be_written_in_full_and_in_any_case(served: Served) -> None:
    assert served.client.get(f"{ROOT}/LAKE.People").json()["rows"] == 300


def test_a_table_is_shown_as_it_was(served: Served, table: str) -> None:
    before = served.lake.history(table)[0].snapshot_id
    served.client.post(f"{ROOT}/{table}/rows", json={"delete": [{"id": 1}], "key": "id"})
    assert served.client.get(f"{ROOT}/{table}", params={"at": before}).json()["rows"] == 3
    assert served.client.get(f"{ROOT}/{table}").json()["rows"] == 2
    problem(served.client.get(f"{ROOT}/{table}", params={"at": "x y"}), status=400, kind="Invalid")


def test_a_card_is_changed_member_by_member(served: Served, table: str) -> None:
    first = served.client.patch(f"{ROOT}/{table}/metadata", json={"description": "Who", "tags": ["b", "a"]})
    answers.Dataset.model_validate(first.json())
    second = served.client.patch(f"{ROOT}/{table}/metadata", json={"owner": "me"})
    card = second.json()["card"]
    assert (card["description"], card["owner"], card["tags"]) == ("Who", "me", ["a", "b"])


@pytest.mark.parametrize(
    "body", [{"colour": "blue"}, {"sensitivity": "huge"}, {"tags": "a"}, {"owner": 7}, []]
)
def test_a_foolish_card_is_refused(served: Served, calm: str, body: object) -> None:
    answer = served.client.patch(f"{ROOT}/{calm}/metadata", json=body)
    problem(answer, status=answer.status_code, kind="Invalid")
    assert answer.status_code in {400, 422}


def test_rows_are_deleted_then_upserted(served: Served, table: str) -> None:
    change = {
        "upsert": [{"id": 2, "name": "Bo"}, {"id": 4, "name": "Di"}],
        "delete": [{"id": 1}],
        "key": "id",
    }
    body = served.client.post(f"{ROOT}/{table}/rows", json=change).json()
    answers.RowsChanged.model_validate(body)
    assert (body["upserted"], body["deleted"]) == (2, 1)
    assert rows(served, table) == [[2, "Bo"], [3, "Cy"], [4, "Di"]]


def test_rows_are_deleted_by_a_condition(served: Served, table: str) -> None:
    answer = served.client.post(f"{ROOT}/{table}/rows", json={"delete": {"where": "id > 1"}})
    assert answer.json()["deleted"] == 2
    assert rows(served, table) == [[1, "Ann"]]


def test_upserting_into_nowhere_makes_a_table(served: Served) -> None:
    body = {"upsert": [{"id": 1, "at": "2026-01-01"}], "key": ["id"]}
    assert served.client.post(f"{ROOT}/fresh_rows/rows", json=body).json()["upserted"] == 1
    assert rows(served, "fresh_rows") == [[1, "2026-01-01"]]


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({}, 400, "Invalid"),
        ({"upsert": []}, 400, "Invalid"),
        ({"upsert": [{"id": 1}]}, 400, "Invalid"),
        ({"upsert": [{"id": 1}], "key": "nope"}, 400, "Invalid"),
        ({"upsert": [{"other": 1}], "key": "id"}, 400, "Invalid"),
        ({"upsert": [{"id": "one"}], "key": "id"}, 400, "Invalid"),
        ({"upsert": [7], "key": "id"}, 422, "Invalid"),
        ({"upsert": "all", "key": "id"}, 422, "Invalid"),
        ({"delete": {"where": "1 = 1 OR id IN (SELECT 1)"}}, 403, "Refused"),
        ({"delete": {"where": "1=1; DROP TABLE people"}}, 403, "Refused"),
        ({"delete": {"where": "nope = 1"}}, 400, "Invalid"),
        ({"delete": {"where": ""}}, 400, "Invalid"),
        ({"delete": {"where": 7}}, 422, "Invalid"),
        ({"delete": [{"nope": 1}], "key": "nope"}, 400, "Invalid"),
        ({"delete": [{"id": 1}]}, 400, "Invalid"),
    ],
    ids=str,
)
def test_a_foolish_change_of_rows_changes_nothing(
    served: Served, calm: str, body: object, status: int, kind: str
) -> None:
    problem(served.client.post(f"{ROOT}/{calm}/rows", json=body), status=status, kind=kind)
    assert rows(served, calm) == [[1, "Ann"], [2, "Bob"], [3, "Cy"]]


def test_a_rollback_goes_forward_to_what_was(served: Served, table: str) -> None:
    first = served.lake.history(table)[0].snapshot_id
    served.client.post(f"{ROOT}/{table}/rows", json={"delete": {"where": "true"}})
    body = served.client.post(f"{ROOT}/{table}/rollback", json={"to": first}).json()
    answers.Changed.model_validate(body)
    assert body["rows"] == 3
    history = served.client.get(f"{ROOT}/{table}/history").json()
    answers.History.model_validate(history)
    assert history["history"][0]["operation"] == "rollback"
    assert len(history["history"]) == 3


@pytest.mark.parametrize(
    ("to", "status"), [(1, 404), ("soon", 400), ("2001-01-01", 404), (None, 422), ([], 422), (2**70, 422)]
)
def test_a_foolish_rollback_changes_nothing(served: Served, calm: str, to: object, status: int) -> None:
    answer = served.client.post(f"{ROOT}/{calm}/rollback", json={"to": to})
    assert answer.status_code == status
    assert len(served.lake.history(calm)) == 1


def test_columns_are_added_renamed_widened_and_dropped(served: Served, table: str) -> None:
    change = {"add": {"pay": "INTEGER"}, "rename": {"name": "who"}}
    body = served.client.post(f"{ROOT}/{table}/schema", json=change).json()
    answers.Dataset.model_validate(body)
    assert [c["name"] for c in body["columns"]] == ["id", "who", "pay"]
    change = {"widen": {"pay": "BIGINT"}, "drop": ["who"]}
    body = served.client.post(f"{ROOT}/{table}/schema", json=change).json()
    assert [(c["name"], c["type"]) for c in body["columns"]] == [("id", "BIGINT"), ("pay", "BIGINT")]
    assert rows(served, table) == [[1, None], [2, None], [3, None]]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"add": {"name": "VARCHAR"}},
        {"add": {"x": "NOTATYPE"}},
        {"rename": {"nope": "x"}},
        {"rename": {"name": "id"}},
        {"widen": {"id": "SMALLINT"}},
        {"widen": {"name": "BIGINT"}},
        {"drop": ["nope"]},
        {"drop": ["id", "name"]},
    ],
    ids=str,
)
def test_a_foolish_change_of_columns_changes_nothing(served: Served, calm: str, body: object) -> None:
    problem(served.client.post(f"{ROOT}/{calm}/schema", json=body), status=400, kind="Invalid")
    assert [c.name for c in served.lake.show(calm).columns] == ["id", "name"]


def test_a_table_takes_its_history_to_its_new_name(served: Served, table: str) -> None:
    before = served.lake.history(table)
    body = served.client.post(f"{ROOT}/{table}/rename", json={"to": f"other.{table}"}).json()
    answers.Dataset.model_validate(body)
    assert (body["namespace"], body["table"]) == ("other", table)
    assert served.lake.history(f"other.{table}") == before
    problem(served.client.get(f"{ROOT}/{table}"), status=404, kind="NotFound")


def test_a_name_that_is_taken_is_a_conflict(served: Served, calm: str) -> None:
    answer = served.client.post(f"{ROOT}/{calm}/rename", json={"to": "people"})
    problem(answer, status=409, kind="Conflict")


def test_upkeep_resync_and_rebuild_report_what_they_found(served: Served, table: str) -> None:
    served.lake.upsert(table, [{"id": 9, "name": "Zoe"}], key="id")
    folded = served.client.post(f"{ROOT}/{table}/compact").json()
    answers.Upkeep.model_validate(folded)
    assert (folded["files_after"], folded["rows"]) == (1, 4)
    found = served.client.post(f"{ROOT}/{table}/resync").json()
    answers.Resync.model_validate(found)
    assert (found["rows"], found["missing"], found["changed"]) == (4, [], [])
    rebuilt = served.client.post("/v1/catalog/rebuild").json()
    answers.Rebuilt.model_validate(rebuilt)
    assert table in rebuilt["kept"]


def test_a_dropped_table_is_gone(served: Served, table: str) -> None:
    body = served.client.delete(f"{ROOT}/{table}").json()
    answers.Dropped.model_validate(body)
    problem(served.client.get(f"{ROOT}/{table}"), status=404, kind="NotFound")
    problem(served.client.delete(f"{ROOT}/{table}"), status=404, kind="NotFound")


CALLS: dict[str, Callable[[Served, str], httpx.Response]] = {
    "show": lambda s, n: s.client.get(f"{ROOT}/{n}"),
    "history": lambda s, n: s.client.get(f"{ROOT}/{n}/history"),
    "metadata": lambda s, n: s.client.patch(f"{ROOT}/{n}/metadata", json={"owner": "me"}),
    "rollback": lambda s, n: s.client.post(f"{ROOT}/{n}/rollback", json={"to": 1}),
    "delete": lambda s, n: s.client.post(f"{ROOT}/{n}/rows", json={"delete": {"where": "true"}}),
    "schema": lambda s, n: s.client.post(f"{ROOT}/{n}/schema", json={"drop": ["a"]}),
    "rename": lambda s, n: s.client.post(f"{ROOT}/{n}/rename", json={"to": "fine"}),
    "compact": lambda s, n: s.client.post(f"{ROOT}/{n}/compact"),
    "resync": lambda s, n: s.client.post(f"{ROOT}/{n}/resync"),
    "drop": lambda s, n: s.client.delete(f"{ROOT}/{n}"),
    "pin": lambda s, n: s.client.post("/v1/query/cache/pin", json={"table": n}),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("name", BAD)
def test_a_name_of_no_table_is_a_clients_mistake(served: Served, call: str, name: str) -> None:
    answer = CALLS[call](served, name)
    assert answer.status_code in {400, 403, 404, 422}, answer.text
    assert answer.json()["hint"]


def test_models_have_no_members_of_any_type() -> None:
    models = [m for m in vars(answers).values() if isinstance(m, type) and issubclass(m, BaseModel)]
    assert len(models) > 20
