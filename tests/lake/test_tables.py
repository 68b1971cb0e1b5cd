"""The catalog about itself: system views, information_schema, and names that never collide."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lakehouse.base.errors import Invalid, NotFound, Refused
from lakehouse.lake.facade import Lakehouse
from lakehouse.lake.tables import INFORMATION, SYSTEM
from lakehouse.store.streams import STREAMS
from lakehouse.table.schema import Column
from tests.flows.conftest import open_in

VIEWS = ("tables", "columns", "snapshots")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lakehouse]:
    with open_in(tmp_path_factory.mktemp("tables") / "lake") as lake:
        lake.upsert("people", [{"id": 1, "Name": "a"}, {"id": 2, "Name": "b"}], key="id")
        columns = [Column(name="id", type="BIGINT"), Column(name="at", type="TIMESTAMP")]
        lake.create('"My Shop".orders', columns)
        yield lake


def test_system_tables_shows_every_table_at_a_glance(lake: Lakehouse) -> None:
    found = lake.sql("SELECT namespace, table_name, rows, columns, snapshot_id FROM system.tables").rows()
    shown = [(i.namespace, i.table, i.rows, i.columns, i.snapshot_id) for i in lake.tables()]
    assert found == shown
    assert [row[:4] for row in found] == [("lake", "people", 2, 2), ("my shop", "orders", 0, 2)]


def test_system_columns_and_snapshots_show_what_the_tables_are_made_of(lake: Lakehouse) -> None:
    columns = lake.sql("SELECT table_name, position, column_name, type FROM system.columns").rows()
    assert columns == [
        ("people", 1, "id", "BIGINT"), ("people", 2, "Name", "VARCHAR"),
        ("orders", 1, "id", "BIGINT"), ("orders", 2, "at", "TIMESTAMP"),
    ]  # fmt: skip
    snapshots = lake.sql("SELECT table_name, snapshot_id, rows, is_current FROM system.snapshots").rows()
    assert snapshots == [("people", v.snapshot_id, v.rows, v.is_current) for v in lake.history("people")]


def test_information_schema_lists_tables_views_and_streams(lake: Lakehouse) -> None:
    found = lake.sql("SELECT table_schema, table_name, table_type FROM information_schema.tables").rows()
    assert len(set(found)) == len(found)
    assert {("lake", "people", "BASE TABLE"), ("my shop", "orders", "BASE TABLE")} <= set(found)
    streams = {(SYSTEM, stream, "VIEW") for stream in STREAMS}
    views = {(SYSTEM, view, "VIEW") for view in VIEWS} | {
        (INFORMATION, v, "VIEW") for v in ("tables", "columns")
    }
    assert streams | views <= set(found)


def test_information_schema_knows_the_columns_of_whatever_it_lists(lake: Lakehouse) -> None:
    listed = lake.sql("SELECT table_schema, table_name FROM information_schema.tables").rows()
    asked = "SELECT DISTINCT table_schema, table_name FROM information_schema.columns"
    assert set(lake.sql(asked).rows()) == set(listed)
    for schema, name in listed:
        asked = (
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position"
        )
        told = [column for (column,) in lake.sql(asked, [schema, name]).rows()]
        held = lake.sql(f'SELECT * FROM "{schema}"."{name}" LIMIT 0').to_arrow()
        assert told == held.column_names


@pytest.mark.parametrize("stream", sorted(STREAMS))
def test_every_stream_can_be_asked_even_while_it_is_empty(lake: Lakehouse, stream: str) -> None:
    found = lake.sql(f"SELECT * FROM system.{stream} LIMIT 0").to_arrow()
    assert found.column_names == ["id", "at", *(name for name, _ in STREAMS[stream].columns), "extra"]


def test_views_and_streams_share_no_name() -> None:
    assert not set(VIEWS) & STREAMS.keys()


@pytest.mark.parametrize("name", ["tables", "columns", "system", "information_schema", "ingests", "main"])
def test_a_users_table_may_have_a_views_name_and_both_are_found(lake: Lakehouse, name: str) -> None:
    lake.upsert(name, [{"id": 1, "mine": True}], key="id")
    assert lake.sql(f"SELECT mine FROM {name}").rows() == [(True,)]
    assert "mine" not in lake.sql("SELECT * FROM system.tables LIMIT 0").to_arrow().column_names
    assert lake.sql("SELECT count(*) > 0 FROM information_schema.tables").rows() == [(True,)]
    lake.drop(name)


@pytest.mark.parametrize(
    "name",
    ["system.x", "SYSTEM.x", '"System"."x"', "information_schema.x", '" system ".x', "main.x", "temp.x"],
)
def test_no_table_of_a_user_gets_into_a_namespace_of_ours(lake: Lakehouse, name: str) -> None:
    with pytest.raises(Invalid, match="reserved"):
        lake.upsert(name, [{"id": 1}], key="id")


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("SELECT * FROM peple", "people"),
        ("SELECT * FROM system.ingest", "system.ingests"),
        ("SELECT nam FROM people", "Name"),
        ("SELECT table_nam FROM system.tables", "table_name"),
        ("SELECT reasn FROM system.rejected", "reason"),
    ],
)
def test_a_name_that_is_not_there_is_answered_with_the_nearest(
    lake: Lakehouse, query: str, hint: str
) -> None:
    with pytest.raises((NotFound, Invalid)) as missing:
        lake.sql(query)
    assert hint in missing.value.hint


@pytest.mark.parametrize("statement", ["DELETE FROM system.queries", "DROP TABLE system.tables"])
def test_nothing_of_the_systems_can_be_changed(lake: Lakehouse, statement: str) -> None:
    with pytest.raises(Refused):
        lake.sql(statement)
    for view in ("system.tables", "system.queries", "information_schema.tables"):
        with pytest.raises((NotFound, Invalid)) as refused:
            lake.delete(view, where="true")
        assert refused.value.hint


def test_queries_are_noted_without_their_text(lake: Lakehouse, tmp_path: Path) -> None:
    lake.sql("SELECT 'needle-in-the-text' AS x", query_id="q-needle")
    with pytest.raises(NotFound):
        lake.sql("SELECT 'needle-in-the-text' FROM nowhere", query_id="q-failed")
    asked = (
        "SELECT query_id, status, rows, error_kind FROM system.queries WHERE query_id LIKE 'q-%' ORDER BY id"
    )
    noted = lake.sql(asked)
    assert noted.rows() == [("q-needle", "ok", 1, None), ("q-failed", "failed", None, "NotFound")]
    journal = b"".join(p.read_bytes() for p in (lake.root / "journal").rglob("*") if p.is_file())
    assert b"q-needle" in journal
    assert b"needle-in-the-text" not in journal
