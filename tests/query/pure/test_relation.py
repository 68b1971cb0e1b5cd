"""What a table name stands for: each form read by a real DuckDB gives the rows that it promises."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.query.relation import (
    PREFIX,
    SLOT,
    Definition,
    FieldRef,
    Held,
    HotCopy,
    IcebergSnapshot,
    JournalFiles,
    ParquetFiles,
    Relation,
    Rows,
    body_of,
    define,
    in_key_order,
    name_of,
    quote,
    text,
)

ID, CITY = FieldRef(1, "id", "BIGINT"), FieldRef(2, "city", "VARCHAR")
names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=20)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as opened:
        yield opened


def parquet(path: Path, ids: dict[str, int], **columns: list[object]) -> str:
    """A file whose columns carry these Iceberg field ids."""
    made = pa.table(columns)
    fields = [
        pa.field(f.name, f.type, metadata={"PARQUET:field_id": str(ids[f.name])})
        if f.name in ids
        else pa.field(f.name, f.type)
        for f in made.schema
    ]
    pq.write_table(made.cast(pa.schema(fields)), path)
    return str(path)


def made(con: duckdb.DuckDBPyConnection, definition: Definition) -> None:
    for statement in definition.setup:
        con.execute(statement)


def views(con: duckdb.DuckDBPyConnection) -> set[str]:
    found = con.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
    return {str(name) for (name,) in found}


def test_a_table_without_files_has_its_columns_and_no_row(con: duckdb.DuckDBPyConnection) -> None:
    found = con.execute(body_of(ParquetFiles((), (ID, CITY))))
    assert [(str(name), str(kind)) for name, kind, *_ in found.description or ()] == [
        ("id", "BIGINT"),
        ("city", "VARCHAR"),
    ]
    assert found.fetchall() == []


def test_a_column_that_was_renamed_is_found_by_its_id(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    old = parquet(tmp_path / "old.parquet", {"id": 1, "town": 2}, id=[1], town=["Oslo"])
    new = parquet(tmp_path / "new.parquet", {"id": 1, "city": 2}, id=[2], city=["Rome"])
    found = con.execute(body_of(ParquetFiles((old, new), (ID, CITY)))).fetchall()
    assert sorted(found) == [(1, "Oslo"), (2, "Rome")]


def test_a_column_that_came_later_is_null_in_older_files(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    old = parquet(tmp_path / "old.parquet", {"id": 1}, id=[1])
    assert con.execute(body_of(ParquetFiles((old,), (ID, CITY)))).fetchall() == [(1, None)]


def test_a_column_that_was_dropped_and_made_again_does_not_show_what_was_dropped(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    old = parquet(tmp_path / "old.parquet", {"id": 1, "city": 2}, id=[1], city=["Oslo"])
    again = FieldRef(3, "city", "VARCHAR")
    assert con.execute(body_of(ParquetFiles((old,), (ID, again)))).fetchall() == [(1, None)]


def test_a_uniform_table_gives_its_columns_in_their_order_and_leaves_out_others(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = parquet(tmp_path / "it's.parquet", {}, id=[7], more=[1], city=["Oslo"])
    assert con.execute(body_of(ParquetFiles((path,), (CITY, ID), True))).fetchall() == [("Oslo", 7)]


def test_a_hot_copy_is_attached_read_only_and_let_go_again(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "co'py.duckdb"
    with duckdb.connect(str(path)) as other:
        other.execute("CREATE TABLE data AS SELECT 7 AS id")
    hot = HotCopy(str(path))
    definition = define(hot, name_of(hot))
    made(con, definition)
    made(con, definition)
    assert con.execute(f"FROM {quote(definition.name)}").fetchall() == [(7,)]
    with pytest.raises(duckdb.Error, match="read-only"):
        con.execute(f"INSERT INTO {quote(definition.name + '_db')}.data VALUES (8)")
    for statement in definition.teardown:
        con.execute(statement)
    assert definition.name not in views(con)
    assert con.execute("SELECT count(*) FROM duckdb_databases() WHERE NOT internal").fetchall() == [(1,)]


def test_rows_that_the_parent_made_are_held_under_the_name_with_rows(con: duckdb.DuckDBPyConnection) -> None:
    sink = io.BytesIO()
    table = pa.table({"a": [1, 2]})
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    rows = Rows(sink.getvalue())
    definition = define(rows, name_of(rows))
    held = pa.ipc.open_stream(definition.rows).read_all()
    con.register("given", held)
    con.execute(f"CREATE TEMP TABLE {quote(definition.name + '_rows')} AS FROM given")
    made(con, definition)
    assert con.execute(f"FROM {quote(definition.name)}").fetchall() == [(1,), (2,)]
    for statement in definition.teardown:
        con.execute(statement)
    assert definition.name not in views(con)


@pytest.mark.parametrize("keys", [[3, 20, 100], ["b", "B", "ä", "a"], ["", "0", "00"]], ids=str)
def test_slots_count_rows_in_the_order_of_the_keys_as_text(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, keys: list[object]
) -> None:
    path = parquet(tmp_path / "t.parquet", {}, id=[*keys, None], city=[*map(str, keys), "nobody"])
    key = FieldRef(1, "id", "BIGINT" if isinstance(keys[0], int) else "VARCHAR")
    held = Held(ParquetFiles((path,), (key, CITY), True), "id", ("city",))
    definition = define(held, "lakehouse_held")
    made(con, definition)
    found = con.execute(f"SELECT {SLOT}, city FROM lakehouse_held ORDER BY 1").fetchall()
    assert found == list(enumerate(sorted(map(str, keys), key=str.encode)))
    for statement in definition.teardown:
        con.execute(statement)
    assert con.execute("SELECT count(*) FROM duckdb_tables()").fetchall() == [(0,)]


def test_the_order_of_slots_is_that_of_any_other_who_asks_for_it(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("""CREATE TABLE t AS SELECT unnest([10, 9, 100, -1]) AS "k""y" """)
    found = con.execute(f"SELECT * FROM t {in_key_order('k' + chr(34) + 'y')}").fetchall()
    assert found == [(-1,), (10,), (100,), (9,)]


def test_what_is_held_of_an_iceberg_snapshot_needs_its_reader() -> None:
    assert define(Held(IcebergSnapshot("/m.json", 7), "id", ()), "v").needs_iceberg
    assert not define(Held(ParquetFiles((), (ID,)), "id", ()), "v").needs_iceberg


def journal(path: Path, *lines: object) -> str:
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
    return str(path)


def test_a_stream_is_its_files_of_both_kinds_one_after_the_other(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    folded = parquet(tmp_path / "a.parquet", {}, at=[1], what=["x"])
    segment = journal(tmp_path / "b.jsonl", {"at": 2, "what": "y"}, {"what": "z", "at": 3})
    files = JournalFiles((folded,), (segment,), (("at", "BIGINT"), ("what", "VARCHAR")))
    assert sorted(con.execute(body_of(files)).fetchall()) == [(1, "x"), (2, "y"), (3, "z")]


def test_a_line_that_is_still_on_its_way_is_no_event(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    segment = journal(tmp_path / "b.jsonl", {"at": 1, "what": "x"}, '{"at": 2, "wh')
    files = JournalFiles((), (segment,), (("at", "BIGINT"), ("what", "VARCHAR")))
    assert con.execute(body_of(files)).fetchall() == [(1, "x")]


def test_an_older_segment_lacks_what_came_later_and_an_empty_stream_has_its_columns(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    columns = (("at", "BIGINT"), ("new", "VARCHAR"))
    older = parquet(tmp_path / "a.parquet", {}, at=[1])
    assert con.execute(body_of(JournalFiles((older,), (), columns))).fetchall() == [(1, None)]
    empty = con.execute(body_of(JournalFiles((), (), columns)))
    assert [name for name, *_ in empty.description or ()] == ["at", "new"]


RELATIONS: tuple[Relation, ...] = (
    ParquetFiles(("/a",), (ID,)),
    ParquetFiles(("/a",), (ID,), True),
    ParquetFiles(("/a", "/b"), (ID,)),
    ParquetFiles(("/a",), (CITY,)),
    *(IcebergSnapshot("/a"), IcebergSnapshot("/a", 1), IcebergSnapshot("/a", 2)),
    *(HotCopy("/a"), HotCopy("/a", "other"), Rows(b"/a"), Rows(b"")),
    *(JournalFiles(("/a",), (), ()), JournalFiles((), ("/a",), ())),
    *(Held(IcebergSnapshot("/a"), "k", ()), Held(IcebergSnapshot("/a"), "j", ())),
)


def test_no_two_relations_share_a_name_and_every_name_is_one_of_ours() -> None:
    found = {name_of(relation) for relation in RELATIONS}
    assert len(found) == len(RELATIONS)
    assert all(name.startswith(PREFIX) and len(name) == len(PREFIX) + 24 for name in found)


@pytest.mark.parametrize("relation", RELATIONS, ids=repr)
def test_a_definition_makes_its_view_last_and_removes_it_first(relation: Relation) -> None:
    found = define(relation, "v")
    assert found.setup[-1].startswith('CREATE OR REPLACE TEMP VIEW "v" AS SELECT')
    assert found.teardown[0] == 'DROP VIEW IF EXISTS temp.main."v"'
    assert (found.rows is None) is not isinstance(relation, Rows)


@settings(max_examples=40, deadline=None)
@given(names)
def test_any_name_and_any_text_come_back_from_sql_as_they_were(name: str) -> None:
    with duckdb.connect(config={"threads": 1}) as opened:
        found = opened.execute(f"SELECT {text(name)} AS {quote(name)}")
        assert [title for title, *_ in found.description or ()] == [name]
        assert found.fetchall() == [(name,)]
