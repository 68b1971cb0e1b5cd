"""Rows changed by a program: upsert, delete, create; errors that leave everything as it was."""

import datetime as dt

import polars as pl
import pyarrow as pa
import pytest

from lakehouse.base.errors import Conflict, Invalid, NotFound, Refused
from lakehouse.lake.facade import Lakehouse
from lakehouse.table.schema import Column

PEOPLE = [{"id": 1, "name": "Ada", "born": dt.date(1815, 12, 10)}, {"id": 2, "name": "Grace", "born": None}]


def rows(lake: Lakehouse, table: str) -> list[tuple[object, ...]]:
    return lake.sql(f"SELECT * FROM {table} ORDER BY ALL").rows()


def test_an_upsert_creates_changes_and_adds(lake: Lakehouse, table: str) -> None:
    made = lake.upsert(table, PEOPLE, key="id")
    assert (made.table, made.rows) == (table, 2)
    assert rows(lake, table) == [(1, "Ada", dt.date(1815, 12, 10)), (2, "Grace", None)]
    changed = lake.upsert(table, [{"ID": 2, "NAME": "Hopper"}, {"ID": 3, "NAME": "Mary"}], key="Id")
    assert changed.rows == 2
    assert rows(lake, table)[1:] == [(2, "Hopper", None), (3, "Mary", None)]
    same = lake.upsert(table, [{"id": 3, "name": "Mary"}], key="id")
    assert (same.rows, same.snapshot_id) == (0, changed.snapshot_id)


def test_anything_that_speaks_arrow_is_rows(lake: Lakehouse, table: str) -> None:
    lake.upsert(table, pa.Table.from_pylist([{"id": 1, "v": 1.5}]), key="id")
    lake.upsert(table, pl.DataFrame({"id": [2], "v": [2.5]}), key="id")
    lake.upsert(table, lake.sql(f"SELECT id + 2 AS id, v FROM {table}"), key="id")
    assert rows(lake, table) == [(1, 1.5), (2, 2.5), (3, 1.5), (4, 2.5)]


def test_of_rows_with_one_key_the_last_wins(lake: Lakehouse, table: str) -> None:
    lake.upsert(table, [{"id": 1, "v": "a"}, {"id": 1, "v": "b"}], key="id")
    assert rows(lake, table) == [(1, "b")]


@pytest.mark.parametrize(
    ("given", "key", "said"),
    [
        ([{"id": None, "v": 1}], "id", "lacks its key"),
        ([{"id": 1}, {"v": 1}], "id", "lacks its key"),
        ([{"v": 1}], "id", "no column 'id'"),
        ([{"id": 1}], "", "identifies a row"),
        ([{"id": 1}], [], "identifies a row"),
        ([], "id", "no rows"),
        ([{}], "id", "no rows"),
        ("text", "id", "not a table"),
        (7, "id", "no rows"),
        ([1, 2], "id", "not a table"),
        ([{"id": 1, "v": "a"}, {"id": 2, "v": 5}], "id", "not a table"),
        ([{"id": 1, "ID": 2}], "id", "same name"),
        ([{"id": object()}], "id", "not a table"),
    ],
)
def test_rows_that_are_none_are_refused_before_a_table_is_made(
    lake: Lakehouse, table: str, given: object, key: str | list[str], said: str
) -> None:
    with pytest.raises(Invalid, match=said) as refused:
        lake.upsert(table, given, key=key)
    assert refused.value.hint
    with pytest.raises(NotFound):
        lake.show(table)


@pytest.mark.parametrize(
    ("given", "said"),
    [([{"id": 1, "nme": "x"}], "no column 'nme'"), ([{"id": "one", "name": "x"}], "does not fit")],
)
def test_rows_that_do_not_fit_a_table_change_nothing(
    lake: Lakehouse, table: str, given: object, said: str
) -> None:
    lake.upsert(table, PEOPLE, key="id")
    before = (rows(lake, table), len(lake.history(table)))
    with pytest.raises(Invalid, match=said) as refused:
        lake.upsert(table, given, key="id")
    assert refused.value.hint
    assert (rows(lake, table), len(lake.history(table))) == before


def test_rows_go_by_condition_or_by_key(lake: Lakehouse, table: str) -> None:
    lake.upsert(table, [{"id": n, "city": "Oslo" if n % 2 else "Rome"} for n in range(8)], key="id")
    assert lake.delete(table, where="city = 'Oslo' AND id > 3 -- the younger").rows == 2
    assert lake.delete(table, keys=[{"id": 0}, {"id": 1}, {"id": 99}], key="id").rows == 2
    assert [row[0] for row in rows(lake, table)] == [2, 3, 4, 6]
    assert lake.delete(table, where="false").rows == 0
    assert lake.history(table)[-1].rows == 8


@pytest.mark.parametrize(
    ("options", "kind", "said"),
    [
        ({}, Invalid, "which rows"),
        ({"where": "id = 1", "keys": [{"id": 1}], "key": "id"}, Invalid, "which rows"),
        ({"keys": [{"id": 1}]}, Invalid, "identifies a row"),
        ({"keys": [{"id": 1}], "key": "nope"}, Invalid, "no column 'nope'"),
        ({"keys": [{"id": None}], "key": "id"}, Invalid, "lacks its key"),
        ({"where": "nope = 1"}, Invalid, "nope"),
        ({"where": "id ="}, Invalid, "syntax"),
        ({"where": "1=1) OR (1=1"}, Invalid, "syntax"),
        ({"where": "id IN (SELECT 1)"}, Refused, "this table's columns only"),
        ({"where": "getenv('HOME') <> ''"}, Refused, "getenv"),
    ],
)
def test_a_deletion_that_is_none_removes_nothing(
    lake: Lakehouse, table: str, options: dict[str, str], kind: type[Exception], said: str
) -> None:
    lake.upsert(table, PEOPLE, key="id")
    with pytest.raises(kind, match=said):
        lake.delete(table, **options)  # type: ignore[arg-type]
    assert len(rows(lake, table)) == 2


def test_a_table_that_is_not_there_is_named_with_the_nearest(lake: Lakehouse) -> None:
    lake.upsert("customers", [{"id": 1}], key="id")
    for act in (
        lambda: lake.delete("custommers", where="true"),
        lambda: lake.show("custommers"),
        lambda: lake.history("custommers"),
        lambda: lake.rollback("custommers", to=1),
        lambda: lake.describe("custommers", {}),
        lambda: lake.evolve("custommers"),
        lambda: lake.rename("custommers", "x"),
        lambda: lake.drop("custommers"),
        lambda: lake.compact("custommers"),
        lambda: lake.resync("custommers"),
        lambda: lake.pin("custommers"),
        lambda: lake.tag("custommers", "x"),
        lambda: lake.sql("SELECT * FROM custommers"),
    ):
        with pytest.raises(NotFound) as missing:
            act()
        assert "customers" in missing.value.hint


@pytest.mark.parametrize(
    "kind",
    [
        *(
            "BOOLEAN",
            "INTEGER",
            "BIGINT",
            "DOUBLE",
            "DECIMAL(9,2)",
            "VARCHAR",
            "BLOB",
            "UUID",
            "DATE",
            "TIME",
        ),
        *("TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "DATE[]", "STRUCT(a BIGINT)", "MAP(VARCHAR, BIGINT)"),
    ],
)
def test_a_column_of_nulls_alone_fits_every_type(lake: Lakehouse, table: str, kind: str) -> None:
    lake.create(table, [Column(name="id", type="BIGINT"), Column(name="v", type=kind)])
    lake.upsert(table, [{"id": 1, "v": None}, {"id": 2, "v": None}], key="id")
    assert rows(lake, table) == [(1, None), (2, None)]
    assert lake.delete(table, keys=[{"id": 2, "v": None}], key="id").rows == 1


def test_a_table_is_created_empty_once_with_its_key(lake: Lakehouse, table: str) -> None:
    columns = [Column(name="Id", type="BIGINT"), Column(name="v", type="DECIMAL(10,2)")]
    made = lake.create(table, columns, key=["id"])
    assert (made.info.rows, made.info.snapshot_id, made.card.key) == (0, None, ("Id",))
    assert rows(lake, table) == []
    assert lake.history(table) == ()
    with pytest.raises(Conflict, match="exists"):
        lake.create(table.upper(), columns)
    lake.upsert(table, [{"id": 1, "v": 2}], key="id")
    assert len(rows(lake, table)) == 1


@pytest.mark.parametrize(
    ("columns", "key", "said"),
    [
        ([], [], "at least one column"),
        ([("a", "BIGINT"), ("A", "DATE")], [], "same name"),
        ([("a", "NOTHING")], [], "not a type"),
        ([("a", "BIGINT")], ["b"], "no column 'b'"),
    ],
)
def test_a_table_that_cannot_be_is_not_created(
    lake: Lakehouse, table: str, columns: list[tuple[str, str]], key: list[str], said: str
) -> None:
    with pytest.raises(Invalid, match=said):
        lake.create(table, [Column(name=n, type=t) for n, t in columns], key=key)
    assert table not in {info.table for info in lake.tables()}


def test_a_pinned_table_is_right_after_every_write_and_rename(lake: Lakehouse, table: str) -> None:
    lake.upsert(table, PEOPLE, key="id")
    assert lake.pin(table).table == f"lake.{table}"
    for n in range(3, 6):
        lake.upsert(table, [{"id": n, "name": "x", "born": None}], key="id")
        assert lake.sql(f"SELECT count(*) FROM {table}").rows() == [(n,)]
    lake.rename(table, f"{table}_renamed")
    assert f"lake.{table}" not in lake.cache_stats().pinned
    lake.upsert(table, [{"id": 9}], key="id")
    assert rows(lake, table) == [(9,)]
    assert not lake.evict(table)


def test_a_negative_limit_is_refused(lake: Lakehouse) -> None:
    with pytest.raises(Invalid, match="-1"):
        lake.sql("SELECT 1", limit=-1)
    assert lake.sql("SELECT 1", limit=0).rows() == []
