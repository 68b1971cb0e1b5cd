"""What the lake says about itself after each thing that is done to it: system.* and information_schema."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from lakehouse.base.errors import LakehouseError, Unavailable
from lakehouse.lake.facade import ColumnCard, Lakehouse
from lakehouse.table.evolve import AddColumn, DropColumn, RenameColumn, WidenColumn
from lakehouse.table.schema import Column

Write = Callable[[str, str | bytes], Path]


def asked(lake: Lakehouse, what: str, table: str, *, order: str = "1") -> list[tuple[object, ...]]:
    view, _, columns = what.partition(":")
    text = f"SELECT {columns} FROM {view} WHERE table_name = ? ORDER BY {order}"
    return lake.sql(text, [table]).rows()


def columns(lake: Lakehouse, table: str) -> list[tuple[object, ...]]:
    return asked(lake, "system.columns:position, column_name, type", table)


def glance(lake: Lakehouse, table: str) -> list[tuple[object, ...]]:
    return asked(lake, "system.tables:rows, files, columns", table)


def steps(lake: Lakehouse, table: str) -> list[tuple[object, ...]]:
    """Operation, rows, added and removed of each version, oldest first."""
    return asked(lake, "system.snapshots:operation, rows, added, removed", table, order='"at", rows')


def test_a_new_table_stands_in_the_views_with_no_rows_and_no_snapshot(lake: Lakehouse, table: str) -> None:
    lake.create(table, [Column(name="Id", type="BIGINT"), Column(name="tags", type="VARCHAR[]")])
    assert glance(lake, table) == [(0, 0, 2)]
    assert steps(lake, table) == []
    assert columns(lake, table) == [(1, "Id", "BIGINT"), (2, "tags", "VARCHAR[]")]
    assert asked(lake, "system.tables:snapshot_id", table) == [(None,)]


def test_every_kind_of_write_tells_its_rows(lake: Lakehouse, table: str) -> None:
    lake.upsert(table, [{"id": n, "v": "a"} for n in range(4)], key="id")
    assert steps(lake, table)[-1][1:] == (4, 4, 0)
    lake.upsert(table, [{"id": 0, "v": "b"}, {"id": 9, "v": "a"}], key="id")
    assert steps(lake, table)[-1][1:] == (5, 2, 1)
    lake.delete(table, keys=[{"id": 1}, {"id": 77}], key="id")
    assert steps(lake, table)[-1][1:] == (4, 0, 1)
    lake.delete(table, where="id > 2")
    assert steps(lake, table)[-1][1:] == (2, 0, 2)
    assert glance(lake, table)[0][0] == lake.sql(f"SELECT count(*) FROM {table}").rows()[0][0] == 2


def test_one_version_is_current_and_it_is_the_newest_even_after_going_back(
    lake: Lakehouse, table: str
) -> None:
    lake.upsert(table, [{"id": 1}], key="id")
    first = lake.history(table)[0].snapshot_id
    lake.upsert(table, [{"id": 2}], key="id")
    lake.rollback(table, to=first)
    told = asked(lake, "system.snapshots:snapshot_id, is_current, note", table)
    current = [row for row in told if row[1]]
    assert [row[0] for row in current] == [lake.history(table)[0].snapshot_id]
    assert current[0][2] == f"back to {first}"
    assert [i for (i,) in asked(lake, "system.tables:snapshot_id", table)] == [current[0][0]]


def test_the_views_follow_columns_as_they_change(lake: Lakehouse, table: str) -> None:
    lake.upsert(table, [{"id": 1, "n": 1, "gone": "x"}], key="id")
    lake.evolve(
        table,
        AddColumn(name="late", type="DATE"),
        RenameColumn(name="n", to="Number"),
        DropColumn(name="gone"),
    )
    assert columns(lake, table) == [(1, "id", "BIGINT"), (2, "Number", "BIGINT"), (3, "late", "DATE")]
    told = asked(
        lake, "information_schema.columns:ordinal_position, column_name, data_type, is_nullable", table
    )
    assert told == [(*row, "YES") for row in columns(lake, table)]
    assert glance(lake, table) == [(1, 1, 3)]


def test_a_renamed_table_stands_once_and_under_its_new_name(lake: Lakehouse, table: str) -> None:
    lake.upsert(table, [{"id": 1}], key="id")
    versions = steps(lake, table)
    lake.rename(table, f"elsewhere.{table}_b")
    for view in ("system.tables", "system.columns", "system.snapshots", "information_schema.tables"):
        assert asked(lake, f"{view}:1", table) == []
    assert steps(lake, f"{table}_b") == versions
    assert asked(lake, "information_schema.tables:table_catalog, table_schema", f"{table}_b") == [
        ("lake", "elsewhere")
    ]


def test_a_dropped_table_leaves_every_view_and_its_successor_starts_anew(lake: Lakehouse, table: str) -> None:
    lake.upsert(table, [{"id": 1, "old": "x"}], key="id")
    lake.drop(table)
    for view in ("system.tables", "system.columns", "system.snapshots", "information_schema.columns"):
        assert asked(lake, f"{view}:1", table) == []
    lake.upsert(table, [{"name": "a"}], key="name")
    assert columns(lake, table) == [(1, "name", "VARCHAR")]
    assert len(lake.history(table)) == 1
    assert lake.show(table).card.key == ("name",)


def test_compacting_changes_files_in_the_views_and_no_rows(lake: Lakehouse, table: str) -> None:
    for n in range(5):
        lake.upsert(table, [{"id": n}], key="id")
    assert glance(lake, table) == [(5, 5, 1)]
    lake.compact(table)
    assert glance(lake, table) == [(5, 1, 1)]
    assert steps(lake, table)[-1] == ("replace", 5, 0, 0)


def test_ingests_are_noted_with_what_they_did(lake: Lakehouse, write: Write, table: str) -> None:
    source = write("people.csv", "id,name\n1,Ann\n2,Bob\n")
    for _ in range(2):
        lake.ingest(source, table=table)
    text = "SELECT status FROM system.ingests WHERE table_name LIKE ? ORDER BY id"
    assert lake.sql(text, [f"%{table}"]).rows() == [("created",), ("skipped",)]


def test_the_systems_views_join_with_tables_of_people(lake: Lakehouse, table: str) -> None:
    lake.upsert(table, [{"name": table}], key="name")
    found = lake.sql(f"SELECT t.rows FROM system.tables t JOIN {table} p ON p.name = t.table_name")
    assert found.rows() == [(1,)]
    assert list(found.snapshots) == [f"lake.{table}"]


def test_a_moment_does_not_age_the_views_in_the_same_question(lake: Lakehouse, table: str) -> None:
    lake.upsert(table, [{"id": 1}], key="id")
    before = lake.history(table)[0].snapshot_id
    lake.upsert(table, [{"id": 2}], key="id")
    text = f"SELECT (SELECT count(*) FROM {table}), (SELECT rows FROM system.tables WHERE table_name = ?)"
    assert lake.sql(text, [table], at=before).rows() == [(1, 2)]


def test_what_people_say_of_columns_stays_with_them_through_every_change(lake: Lakehouse, table: str) -> None:
    lake.upsert(table, [{"id": 1, "mail": "a", "n": 1}], key="id")
    lake.document(table, {"MAIL": ColumnCard(doc="Where to write", pii="email")})
    lake.document(table, {"mail": ColumnCard(evidence="its name")}, key="ID")
    lake.evolve(table, RenameColumn(name="mail", to="address"), DropColumn(name="n"))
    lake.describe(table, {"owner": "Ann"})
    lake.rename(table, f"{table}_b")
    shown = lake.show(f"{table}_b")
    mail = next(c for c in shown.columns if c.name == "address")
    assert shown.card.columns[str(mail.field_id)] == ColumnCard(
        doc="Where to write", pii="email", evidence="its name"
    )
    assert (shown.card.key, shown.card.owner) == (("id",), "Ann")


@pytest.mark.parametrize("said", [{"nope": ColumnCard(doc="x")}, {"": ColumnCard()}])
def test_a_column_that_is_not_there_is_not_documented(
    lake: Lakehouse, table: str, said: dict[str, ColumnCard]
) -> None:
    lake.upsert(table, [{"id": 1}], key="id")
    before = lake.show(table)
    with pytest.raises(LakehouseError, match="no column"):
        lake.document(table, said)
    assert lake.show(table) == before


def test_one_moment_holds_for_both_sides_of_a_join(lake: Lakehouse, table: str) -> None:
    other = f"{table}_o"
    for value in ("old", "new"):
        for name in (table, other):
            lake.upsert(name, [{"id": 1, "v": f"{name} {value}"}], key="id")
        if value == "old":
            for name in (table, other):
                lake.tag(name, "then")
    text = f"SELECT a.v, b.v FROM {table} a JOIN {other} b USING (id)"
    assert lake.sql(text, at="then").rows() == [(f"{table} old", f"{other} old")]
    assert lake.sql(text).rows() == [(f"{table} new", f"{other} new")]
    mixed = f"SELECT a.v, b.v FROM {table} a AT (VERSION => 'then') JOIN {other} b USING (id)"
    assert lake.sql(mixed).rows() == [(f"{table} old", f"{other} new")]


def test_one_table_is_joined_with_its_own_past(lake: Lakehouse, table: str) -> None:
    lake.upsert(table, [{"id": 1, "n": 1}, {"id": 2, "n": 2}], key="id")
    past = lake.history(table)[0].snapshot_id
    lake.upsert(table, [{"id": 2, "n": 20}], key="id")
    lake.evolve(table, WidenColumn(name="n", type="BIGINT"))
    text = (
        f"SELECT now.id, old.n, now.n FROM {table} now "
        f"JOIN {table} old AT (VERSION => {past}) USING (id) WHERE now.n <> old.n"
    )
    assert lake.sql(text).rows() == [(2, 2, 20)]


def test_a_cancelled_query_is_unavailable_and_noted_as_failed(lake: Lakehouse, table: str) -> None:
    failures: list[LakehouseError] = []

    def ask() -> None:
        try:
            lake.sql("SELECT count(*) FROM range(100000000000) a(i) WHERE i % 7 = 3", query_id=table)
        except LakehouseError as error:
            failures.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    while asking.is_alive() and not lake.cancel(table):
        asking.join(0.02)
    asking.join(20)
    assert [type(error) for error in failures] == [Unavailable]
    assert not lake.cancel(table)
    noted = lake.sql("SELECT status, error_kind FROM system.queries WHERE query_id = ?", [table])
    assert noted.rows() == [("failed", "Unavailable")]


def test_the_cache_counts_hits_misses_and_what_it_holds(lake: Lakehouse, table: str) -> None:
    lake.upsert(table, [{"id": 1}], key="id")
    before = lake.cache_stats()
    copy = lake.pin(table)
    for _ in range(3):
        lake.sql(f"SELECT * FROM {table}")
    after = lake.cache_stats()
    assert (after.hits - before.hits, after.misses - before.misses) == (3, 0)
    assert copy.snapshot_id == lake.history(table)[0].snapshot_id
    assert f"lake.{table}" in after.pinned
    assert after.bytes == sum(c.bytes for c in after.copies)
    assert lake.evict(table.upper())
    assert f"lake.{table}" not in lake.cache_stats().pinned
    assert f"lake.{table}" not in {c.table for c in lake.cache_stats().copies}
