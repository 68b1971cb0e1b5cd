"""The catalog protocol as a function: every route, asked rightly and wrongly, without a wire between."""

from collections.abc import Mapping

import pytest

from lakehouse.table.rest.protocol import ROUTES, Answer, Request, answer
from tests.table.wiring import Lake

Json = dict[str, object]

FIELDS: list[Json] = [{"id": 1, "name": "id", "type": "long", "required": False}]
SCHEMA: Json = {"type": "struct", "schema-id": 0, "fields": FIELDS}


def ask(lake: Lake, call: str, body: Mapping[str, object] | None = None) -> Answer:
    """One request, as `POST namespaces/lake/tables`; `+` in a level stands for the protocol's separator."""
    method, _, path = call.partition(" ")
    parts = tuple(part.replace("+", "\x1f") for part in path.split("/"))
    return answer(lake.catalog, Request(method=method, path=parts, body=body or {}))


def error(found: Answer) -> tuple[int, str]:
    """Status and type of an error, whose body repeats the status and says something."""
    told = (found.body or {})["error"]
    assert isinstance(told, dict)
    assert set(told) == {"message", "type", "code"}
    assert told["code"] == found.status
    assert told["message"]
    return found.status, str(told["type"])


def calls(*names: str) -> list[str]:
    """Every route with as many places for names as are given here."""
    found = []
    for method, *path in ROUTES:
        if path.count("*") == len(names):
            given = iter(names)
            found.append(f"{method} {'/'.join(next(given) if part == '*' else part for part in path)}")
    return found


@pytest.mark.parametrize("call", calls("lake", "nowhere"))
def test_every_route_of_a_table_knows_when_there_is_none(lake: Lake, call: str) -> None:
    assert error(ask(lake, call, {})) == (404, "NoSuchTableException")


@pytest.mark.parametrize("call", calls("nowhere"))
def test_every_route_of_a_namespace_knows_when_there_is_none(lake: Lake, call: str) -> None:
    metadata = lake.catalog.head(lake.table()).location
    body = {"name": "x", "schema": SCHEMA, "metadata-location": metadata}
    status, kind = error(ask(lake, call, body))
    assert status == 404
    assert kind.startswith("NoSuch")


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "BREW", ""])
@pytest.mark.parametrize(
    "path", ["", "tables", "namespaces/lake/nope", "namespaces/lake/tables/t/x/y", "config/x"]
)
def test_what_is_no_route_is_a_404(lake: Lake, method: str, path: str) -> None:
    assert error(ask(lake, f"{method} {path}"))[0] == 404


@pytest.mark.parametrize(
    ("call", "body"),
    [
        ("POST namespaces", {"namespace": None}),
        ("POST namespaces", {"namespace": {"a": 1}}),
        ("POST namespaces", {"namespace": [""]}),
        ("POST namespaces", {"namespace": ["information_schema"]}),
        ("POST namespaces", {"namespace": ["x" * 300]}),
        ("POST namespaces", {"namespace": ["fine"], "properties": ["a"]}),
        ("POST namespaces/lake/properties", {"updates": "owner"}),
        ("POST namespaces/lake/tables", {"name": "", "schema": SCHEMA}),
        ("POST namespaces/lake/tables", {"name": "x" * 600, "schema": SCHEMA}),
        ("POST namespaces/lake/tables", {"name": "x", "schema": []}),
        ("POST namespaces/lake/tables", {"name": "x", "schema": SCHEMA, "properties": [1]}),
        ("POST namespaces/lake/tables", {"name": "x", "schema": SCHEMA, "partition-spec": {"fields": 7}}),
        ("POST namespaces/lake/tables", {"name": "x", "schema": SCHEMA, "location": "/etc"}),
        ("POST namespaces/lake/register", {"metadata-location": "a"}),
        ("POST namespaces/lake/register", {"name": "x", "metadata-location": None}),
        ("POST tables/rename", {"source": {"namespace": ["lake"]}, "destination": {}}),
        ("POST tables/rename", {"source": [], "destination": []}),
        ("POST transactions/commit", {"table-changes": [{"identifier": []}]}),
        ("POST transactions/commit", {"table-changes": [{"identifier": {"namespace": "lake", "name": "x"}}]}),
    ],
    ids=lambda value: repr(value)[:70],
)
def test_a_body_of_another_shape_is_a_400_and_makes_nothing(lake: Lake, call: str, body: Json) -> None:
    before = lake.catalog.names(), lake.pointers.namespaces(), lake.pointers.namespace_properties("lake")
    assert error(ask(lake, call, body))[0] == 400
    after = lake.catalog.names(), lake.pointers.namespaces(), lake.pointers.namespace_properties("lake")
    assert after == before


def test_a_name_in_use_is_told_apart_from_a_lost_race(lake: Lake) -> None:
    name, other = lake.table(), lake.table()
    taken = 409, "AlreadyExistsException"
    assert error(ask(lake, "POST namespaces", {"namespace": ["lake"]})) == taken
    made = {"name": name.table.upper(), "schema": SCHEMA}
    assert error(ask(lake, "POST namespaces/lake/tables", made)) == taken
    moved = {
        "source": {"namespace": ["lake"], "name": name.table},
        "destination": {"namespace": ["lake"], "name": other.table},
    }
    assert error(ask(lake, "POST tables/rename", moved)) == taken
    stale = {"requirements": [{"type": "assert-current-schema-id", "current-schema-id": 9}]}
    lost = error(ask(lake, f"POST namespaces/lake/tables/{name.table}", stale))
    assert lost == (409, "CommitFailedException")


def test_a_table_lives_through_all_its_routes(lake: Lake) -> None:
    ask(lake, "POST namespaces", {"namespace": ["life"]})
    made = ask(lake, "POST namespaces/life/tables", {"name": "First", "schema": SCHEMA})
    assert made.status == 200
    assert ask(lake, "HEAD namespaces/life/tables/first") == Answer(status=204)
    listed = ask(lake, "GET namespaces/life/tables").body
    assert listed == {"identifiers": [{"namespace": ["life"], "name": "first"}]}
    moved = {
        "source": {"namespace": ["life"], "name": "first"},
        "destination": {"namespace": ["life"], "name": "second"},
    }
    assert ask(lake, "POST tables/rename", moved) == Answer(status=204)
    assert error(ask(lake, "DELETE namespaces/life/tables/first")) == (404, "NoSuchTableException")
    assert error(ask(lake, "DELETE namespaces/life"))[0] == 409
    assert ask(lake, "POST namespaces/life/tables/second/metrics") == Answer(status=204)
    assert ask(lake, "DELETE namespaces/life/tables/second") == Answer(status=204)
    assert ask(lake, "DELETE namespaces/life") == Answer(status=204)
    assert error(ask(lake, "HEAD namespaces/life"))[0] == 404


def test_a_staged_table_is_seen_by_nobody_until_it_is_committed(lake: Lake) -> None:
    made = ask(
        lake, "POST namespaces/lake/tables", {"name": "staged", "schema": SCHEMA, "stage-create": True}
    )
    assert "metadata-location" not in (made.body or {})
    assert error(ask(lake, "HEAD namespaces/lake/tables/staged"))[0] == 404
    created = ask(lake, "POST namespaces/lake/tables", {"name": "staged", "schema": SCHEMA})
    assert created.status == 200
    ask(lake, "DELETE namespaces/lake/tables/staged")


def test_a_namespaces_properties_are_set_removed_and_missed(lake: Lake) -> None:
    ask(lake, "POST namespaces", {"namespace": ["told"], "properties": {"owner": "Ann"}})
    changed = ask(
        lake,
        "POST namespaces/told/properties",
        {"updates": {"region": "eu"}, "removals": ["owner", "colour"]},
    )
    assert changed.body == {"removed": ["owner"], "updated": ["region"], "missing": ["colour"]}
    found = ask(lake, "GET namespaces/told").body or {}
    assert found["properties"] == {"region": "eu", "exists": "true"}


def test_a_dotted_namespace_is_one_name_however_it_is_split(lake: Lake) -> None:
    assert ask(lake, "POST namespaces", {"namespace": ["Team", "Blue"]}).status == 200
    assert (
        ask(lake, "HEAD namespaces/team+blue") == ask(lake, "HEAD namespaces/team.blue") == Answer(status=204)
    )
    assert error(ask(lake, "POST namespaces", {"namespace": ["team.blue"]}))[0] == 409
    assert ["team", "blue"] in (ask(lake, "GET namespaces").body or {})["namespaces"]  # type: ignore[operator]


def test_a_commit_may_tag_and_members_that_the_protocol_lacks_mean_nothing(lake: Lake) -> None:
    name = lake.table()
    lake.append(name, "SELECT 1 AS id, 'a' AS name")
    head = lake.catalog.head(name)
    tag = {"action": "set-snapshot-ref", "ref-name": "kept", "type": "tag", "snapshot-id": head.snapshot_id}
    said = ask(lake, f"POST namespaces/lake/tables/{name.table}", {"updates": [tag], "summary": {"x": "y"}})
    assert said.status == 200
    assert "kept" in lake.catalog.head(name).metadata.refs


def test_the_configuration_tells_every_route_but_itself(lake: Lake) -> None:
    told = (ask(lake, "GET config").body or {})["endpoints"]
    assert isinstance(told, list)
    assert len(told) == len(set(told)) == len(ROUTES) - 1
    assert "POST /v1/{prefix}/namespaces/{namespace}/tables/{table}" in told
