"""Changes to rows: each one statement and one commit, on real files through a real child."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lakehouse.base.errors import Conflict, Invalid, Unavailable
from lakehouse.table.evolve import AddColumn, evolve
from lakehouse.table.files.sources import SOURCE
from lakehouse.table.names import TableName
from lakehouse.table.rows import NO_KEY
from lakehouse.table.snapshot import NextSnapshot, change
from lakehouse.table.writer import Batch, Writer
from tests.table.wiring import Lake

WIDE = """id BIGINT, flag BOOLEAN, small INTEGER, f FLOAT, d DOUBLE, money DECIMAL(18,4), day DATE, tm TIME,
    ts TIMESTAMP, tz TIMESTAMP WITH TIME ZONE, u UUID, b BLOB, tags VARCHAR[], deep BIGINT[][],
    s STRUCT(a BIGINT, b VARCHAR[]), m MAP(VARCHAR, DOUBLE), name VARCHAR"""
WIDE_ROW = """SELECT {id}::BIGINT AS id, true AS flag, {id}::INTEGER AS small, 1.5::FLOAT AS f,
    2.25::DOUBLE AS d, 12345.6789::DECIMAL(18,4) AS money, DATE '1999-12-31' AS day, TIME '23:59:59.5' AS tm,
    TIMESTAMP '2024-02-29 12:00:00.123456' AS ts, TIMESTAMPTZ '2024-02-29 12:00:00+02' AS tz,
    '00000000-0000-0000-0000-00000000000{id}'::UUID AS u, '\\x00\\xFF'::BLOB AS b,
    ['x', NULL, 'it''s'] AS tags, [[1, 2], [], NULL]::BIGINT[][] AS deep,
    {{'a': 7, 'b': ['y']}}::STRUCT(a BIGINT, b VARCHAR[]) AS s,
    MAP {{'k': 0.5, 'n': NULL}}::MAP(VARCHAR, DOUBLE) AS m, {name} AS name"""


def three(lake: Lake) -> TableName:
    name = lake.table()
    lake.append(name, "SELECT unnest([1, 2, 3]) AS id, unnest(['a', 'b', NULL]) AS name")
    return name


def data_files(lake: Lake, name: TableName) -> dict[str, int]:
    folder = Path(lake.catalog.head(name).metadata.location, "data")
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


def test_appended_rows_are_there_for_every_reader(lake: Lake) -> None:
    name = three(lake)
    assert lake.rows(name) == lake.planned(name) == [(1, "a"), (2, "b"), (3, None)]
    assert sorted(lake.arrow(name)["id"].to_pylist()) == [1, 2, 3]


def test_a_staged_file_is_moved_not_copied(lake: Lake) -> None:
    name = lake.table()
    staged = lake.stage(name, "SELECT 1::BIGINT AS id, 'a' AS name")
    lake.writer.append(name, Batch(files=(staged,), summary={"lakehouse.source": "a.csv"}))
    assert not staged.exists()
    snapshot = lake.catalog.head(name).metadata.current_snapshot()
    assert snapshot
    assert snapshot.summary
    assert snapshot.summary["lakehouse.source"] == "a.csv"
    assert snapshot.summary["total-records"] == "1"


def test_a_table_may_start_with_its_rows_in_one_commit(lake: Lake) -> None:
    blank = lake.catalog.head(lake.table()).metadata
    name = TableName("lake", f"{lake.table().table}_with_rows")
    first = lake.table()
    staged = lake.stage(first, "SELECT 1::BIGINT AS id, 'a' AS name")
    head = lake.writer.create(name, lake.catalog.stage_create(name, blank.schema()), Batch(files=(staged,)))
    assert head.version == 0
    assert lake.rows(name) == [(1, "a")]
    with pytest.raises(Conflict):
        lake.writer.create(name, lake.catalog.stage_create(name, blank.schema()), Batch(files=()))


def test_a_replacement_leaves_only_its_rows_and_the_history(lake: Lake) -> None:
    name = three(lake)
    lake.upsert(name, "SELECT 2::BIGINT AS id, 'B' AS name")
    before = lake.catalog.head(name).snapshot_id
    staged = lake.stage(name, "SELECT 9::BIGINT AS id, 'z' AS name")
    lake.writer.replace(name, Batch(files=(staged,)))
    assert lake.rows(name) == lake.planned(name) == [(9, "z")]
    assert lake.rows(name, at=before) == [(1, "a"), (2, "B"), (3, None)]


def test_a_replacement_by_nothing_empties_the_table(lake: Lake) -> None:
    name = three(lake)
    lake.writer.replace(name, Batch(files=()))
    assert lake.rows(name) == []
    assert lake.arrow(name).num_rows == 0


def test_an_upsert_changes_known_rows_and_adds_new_ones(lake: Lake) -> None:
    name = three(lake)
    did = lake.upsert(name, "SELECT unnest([2, 4]) AS id, unnest(['B', 'd']) AS name")
    assert did.rows == 2
    assert lake.rows(name) == [(1, "a"), (2, "B"), (3, None), (4, "d")]
    assert sorted(lake.arrow(name)["id"].to_pylist()) == [1, 2, 3, 4]


def test_an_upsert_of_one_row_rewrites_no_data_file(lake: Lake) -> None:
    name = lake.table()
    lake.append(name, "SELECT i AS id, 'n' || i AS name FROM range(50000) r(i)")
    before = data_files(lake, name)
    lake.upsert(name, "SELECT 77::BIGINT AS id, 'new' AS name")
    after = data_files(lake, name)
    assert before.items() <= after.items()
    assert len(after) - len(before) == 2, "the new row, and the delete of the old one"


def test_equal_rows_write_nothing(lake: Lake) -> None:
    name = three(lake)
    before, files = lake.catalog.head(name), data_files(lake, name)
    assert lake.upsert(name, "SELECT unnest([1, 3]) AS id, unnest(['a', NULL]) AS name").rows == 0
    assert lake.catalog.head(name) == before
    assert data_files(lake, name) == files


def test_null_becomes_a_value_and_a_value_becomes_null(lake: Lake) -> None:
    name = three(lake)
    assert lake.upsert(name, "SELECT unnest([1, 3]) AS id, unnest([NULL, 'c']) AS name").rows == 2
    assert lake.rows(name) == [(1, None), (2, "b"), (3, "c")]


def test_a_row_without_its_key_is_refused_and_nothing_is_written(lake: Lake) -> None:
    name = three(lake)
    before = lake.catalog.head(name)
    with pytest.raises(Invalid, match=NO_KEY):
        lake.upsert(name, "SELECT unnest([1, NULL]) AS id, 'x' AS name")
    assert lake.catalog.head(name) == before


def test_columns_that_an_upsert_lacks_keep_their_values(lake: Lake) -> None:
    name = lake.table("", "id BIGINT, a VARCHAR, b VARCHAR")
    lake.append(name, "SELECT 1::BIGINT AS id, 'a' AS a, 'b' AS b")
    lake.upsert(name, "SELECT unnest([1, 2])::BIGINT AS id, 'B' AS b")
    assert lake.rows(name) == [(1, "a", "B"), (2, None, "B")]


def test_a_key_may_have_several_columns(lake: Lake) -> None:
    name = lake.table("", "a BIGINT, b VARCHAR, v BIGINT")
    lake.append(name, "SELECT 1::BIGINT AS a, unnest(['x', 'y']) AS b, 0::BIGINT AS v")
    lake.upsert(name, "SELECT 1::BIGINT AS a, 'y' AS b, 5::BIGINT AS v", key=["a", "b"])
    assert lake.rows(name) == [(1, "x", 0), (1, "y", 5)]


def test_wide_types_survive_append_and_upsert(lake: Lake) -> None:
    name = lake.table("", WIDE)
    lake.append(name, WIDE_ROW.format(id=1, name="'a'"))
    lake.upsert(name, WIDE_ROW.format(id=1, name="'b'") + " UNION ALL " + WIDE_ROW.format(id=2, name="'b'"))
    expected = [lake.duck.execute(WIDE_ROW.format(id=n, name="'b'")).fetchone() for n in (1, 2)]
    assert lake.rows(name) == expected
    assert lake.arrow(name).num_rows == 2
    assert lake.upsert(name, WIDE_ROW.format(id=1, name="'b'")).rows == 0, "equal in every type"


def test_rows_go_by_predicate_and_by_key(lake: Lake) -> None:
    name = three(lake)
    assert lake.writer.delete(name, "name IS NULL OR id = 1").rows == 2
    assert lake.rows(name) == [(2, "b")]
    staged = lake.stage(name, "SELECT unnest([2, 5, NULL])::BIGINT AS id")
    assert lake.writer.delete_keys(name, [staged], key=["ID"]).rows == 1
    assert lake.rows(name) == []
    assert lake.arrow(name).num_rows == 0


def test_a_delete_that_matches_nothing_writes_nothing(lake: Lake) -> None:
    name = three(lake)
    before = lake.catalog.head(name)
    assert lake.writer.delete(name, "id > 100").rows == 0
    assert lake.catalog.head(name).snapshot_id == before.snapshot_id


def test_a_deleted_row_can_come_back(lake: Lake) -> None:
    name = three(lake)
    lake.writer.delete(name, "id = 1")
    lake.upsert(name, "SELECT 1::BIGINT AS id, 'again' AS name")
    assert lake.rows(name) == [(1, "again"), (2, "b"), (3, None)]


def test_a_predicate_on_no_column_is_invalid_and_names_it(lake: Lake) -> None:
    with pytest.raises(Invalid, match="salary"):
        lake.writer.delete(three(lake), "salary > 3")


def test_a_value_that_does_not_fit_is_invalid_and_is_not_quoted(lake: Lake) -> None:
    name = lake.table("", "id BIGINT, n INTEGER")
    staged = lake.staging / "text.parquet"
    lake.duck.execute(f"COPY (SELECT 1 AS id, 'secret' AS n) TO '{staged}' (FORMAT parquet)")
    with pytest.raises(Invalid) as caught:
        lake.writer.upsert(name, Batch(files=(staged,)), given=["id", "n"], key=["id"])
    assert "secret" not in f"{caught.value} {caught.value.hint} {caught.value.context}"


@pytest.mark.parametrize(
    "column",
    ['say "hi"', "a.b", "filename", "file_row_number", "select", "日本", "two\nlines", "pos", "file_path"],
)
def test_a_hostile_column_name_survives_upsert_delete_and_folding(lake: Lake, column: str) -> None:
    quoted = '"' + column.replace('"', '""') + '"'
    name = lake.table("", f"id BIGINT, {quoted} VARCHAR")
    lake.append(name, f"SELECT unnest([1, 2])::BIGINT AS id, 'x' AS {quoted}")
    lake.upsert(name, f"SELECT 2::BIGINT AS id, 'y' AS {quoted}")
    lake.writer.delete(name, f"{quoted} = 'x'")
    assert lake.rows(name) == [(2, "y")]
    lake.upkeep.compact(name)
    assert lake.rows(name) == [(2, "y")]
    assert lake.arrow(name)[column].to_pylist() == ["y"]


@pytest.mark.parametrize(
    "text",
    ['"odd name"', '"it\'s"', '"a.b"', '"Ünïcode ♥"', '"semi;colon"', '"say ""hi"""', '"100%"', '"a/b?c#d"'],
)
def test_a_hostile_table_name_survives_upsert_and_delete(lake: Lake, text: str) -> None:
    name = lake.table(text)
    lake.append(name, "SELECT unnest([1, 2])::BIGINT AS id, 'x' AS name")
    lake.upsert(name, "SELECT 2::BIGINT AS id, 'y' AS name")
    lake.writer.delete(name, "id = 1")
    assert lake.rows(name) == [(2, "y")]


@pytest.mark.crash
def test_a_killed_child_is_unavailable_and_the_next_statement_works(own: Lake) -> None:
    name = three(own)
    own.upsert(name, "SELECT 1::BIGINT AS id, 'A' AS name")
    own.started[-1].kill()
    own.started[-1]._process.wait()
    assert own.upsert(name, "SELECT 2::BIGINT AS id, 'B' AS name").rows == 1
    assert own.rows(name) == [(1, "A"), (2, "B"), (3, None)]


@pytest.mark.crash
def test_a_child_killed_in_the_middle_loses_nothing(own: Lake) -> None:
    name = three(own)
    own.writer.run(["SELECT 1"])
    staged = own.stage(name, "SELECT i AS id, repeat('x', 100) || i AS name FROM range(300000) r(i)")

    def kill(_head: object) -> None:
        own.started[-1].kill()

    own.catalog.subscribe(kill)
    with pytest.raises(Unavailable):
        own.writer.upsert(name, Batch(files=(staged,)), given=["id", "name"], key=["id"])
    assert len(own.rows(name)) == 300_000, "the commit landed, its answer did not"
    own.catalog._listeners.clear()
    assert own.writer.delete(name, "id > 2").rows == 300_000 - 3


def test_statements_from_many_threads_take_turns(lake: Lake) -> None:
    name = three(lake)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: lake.writer.delete(name, f"id = {n}"), range(1, 4)))
    assert lake.rows(name) == []


def test_two_writers_in_one_lake_lose_no_row(own: Lake) -> None:
    name = three(own)
    other = Writer(own.catalog, clock=own.clock, door=own.door, start=own.start_child)
    staged = [own.stage(name, f"SELECT {100 + n}::BIGINT AS id, 'n{n}' AS name") for n in range(10)]

    def upsert(n: int) -> None:
        writer = other if n % 2 else own.writer
        writer.upsert(name, Batch(files=(staged[n],)), given=["id", "name"], key=["id"])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(upsert, range(10)))
    other.close()
    assert [row[0] for row in own.rows(name)] == [1, 2, 3, *range(100, 110)]


def test_rows_made_for_other_columns_than_the_table_has_by_now_are_turned_away(lake: Lake) -> None:
    name = three(lake)
    base = lake.catalog.head(name)
    late = Batch(files=(lake.stage(name, "SELECT 4 AS id, 'd' AS name"),), base=base)
    evolve(lake.catalog, name, (AddColumn(name="extra", type="VARCHAR"),))
    for write in (lake.writer.append, lake.writer.replace):
        with pytest.raises(Conflict, match="changed meanwhile"):
            write(name, late)
    assert [row[0] for row in lake.rows(name)] == [1, 2, 3]
    assert late.files[0].exists()  # nothing was moved into the table's folder


def test_rows_made_for_a_table_that_another_one_followed_are_turned_away(lake: Lake) -> None:
    name = three(lake)
    late = Batch(files=(lake.stage(name, "SELECT 4 AS id"),), base=lake.catalog.head(name))
    lake.catalog.drop(name)
    lake.table(name.table, "name VARCHAR, id BIGINT")
    with pytest.raises(Conflict, match="changed meanwhile"):
        lake.writer.append(name, late)


def test_columns_that_change_between_a_plan_and_its_commit_make_it_a_conflict(lake: Lake) -> None:
    name = three(lake)
    head = lake.catalog.head(name)
    planned = change(lake.io, head, NextSnapshot(operation="append"), now_ms=lake.clock.now_ms())
    evolve(lake.catalog, name, (AddColumn(name="extra", type="VARCHAR"),))
    with pytest.raises(Conflict):
        lake.catalog.commit((planned,))


def test_content_that_the_table_holds_by_now_is_not_added_again(lake: Lake) -> None:
    name = three(lake)
    for _ in range(2):
        staged = lake.stage(name, "SELECT 4 AS id, 'd' AS name")
        lake.writer.append(name, Batch(files=(staged,), summary={SOURCE: "the same bytes"}))
    assert [row[0] for row in lake.rows(name)] == [1, 2, 3, 4]


def test_a_value_that_its_column_would_round_is_refused_and_nothing_is_written(lake: Lake) -> None:
    name = three(lake)
    path = lake.staging / "rounded.parquet"
    lake.duck.execute(f"COPY (SELECT 1.7::DOUBLE AS id, 'x' AS name) TO '{path}' (FORMAT parquet)")
    with pytest.raises(Invalid, match="does not fit"):
        lake.writer.upsert(name, Batch(files=(path,)), given=["id", "name"], key=["id"])
    assert [row[0] for row in lake.rows(name)] == [1, 2, 3]


def test_a_condition_that_computes_for_ever_is_ended_and_the_next_write_goes_on(lake: Lake) -> None:
    name = three(lake)
    hasty = Writer(lake.catalog, clock=lake.clock, door=lake.door, start=lake.start_child, condition_s=1.0)
    for_ever = "len(list_transform(range(100000000), x -> repeat('y', 1000 + id))) < 0"
    with pytest.raises(Unavailable, match="time limit"):
        hasty.delete(name, for_ever)
    assert hasty.delete(name, "id = 1").rows == 1
    hasty.close()
    assert [row[0] for row in lake.rows(name)] == [2, 3]
