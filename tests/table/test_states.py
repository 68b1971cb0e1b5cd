"""What one state of a table says: its totals after every write, how it is read, and how heads are kept."""

from pathlib import Path

import pytest

from lakehouse.base.errors import Corrupt, LakehouseError
from lakehouse.lake.tables import relation_of
from lakehouse.table import heads, scan, timeline
from lakehouse.table.catalog import Change
from lakehouse.table.evolve import AddColumn, ColumnStep, DropColumn, RenameColumn, WidenColumn, evolve
from lakehouse.table.heads import Head, Heads
from lakehouse.table.names import TableName
from lakehouse.table.schema import columns_of
from lakehouse.table.snapshot import NextSnapshot, change
from lakehouse.table.writer import Batch
from tests.table.wiring import Lake

TOTALS = ("total-records", "total-data-files", "total-position-deletes", "total-delete-files")


def totals(lake: Lake, name: TableName) -> tuple[int, ...]:
    """Records, data files, position deletes and delete files, as the newest snapshot counts them."""
    snapshot = lake.catalog.head(name).metadata.current_snapshot()
    assert snapshot is not None
    assert snapshot.summary is not None
    return tuple(int(snapshot.summary.get(key) or 0) for key in TOTALS)


def written(lake: Lake, columns: str = "id BIGINT, name VARCHAR") -> TableName:
    name = lake.table("", columns)
    lake.append(name, "SELECT i AS id, 'n' || i AS name FROM range(4) r(i)")
    return name


def planned(lake: Lake, name: TableName) -> scan.Scan:
    head = lake.catalog.head(name)
    return lake.scans.plan(head, head.metadata.current_snapshot())


def test_every_kind_of_write_leaves_totals_that_can_be_counted(lake: Lake) -> None:
    name = lake.table()
    lake.append(name, "SELECT i AS id, 'x' AS name FROM range(4) r(i)")
    assert totals(lake, name) == (4, 1, 0, 0)
    lake.append(name, "SELECT 9 AS id, 'x' AS name")
    assert totals(lake, name) == (5, 2, 0, 0)
    lake.writer.delete(name, "id = 0")
    assert totals(lake, name)[1:] == (2, 1, 1)
    lake.upsert(name, "SELECT 1 AS id, 'y' AS name UNION ALL SELECT 10, 'new'")
    assert totals(lake, name)[2] == 2
    assert planned(lake, name).rows == len(lake.rows(name)) == 5
    lake.upkeep.compact(name)
    assert totals(lake, name) == (5, 1, 0, 0)
    lake.writer.replace(name, Batch(files=(lake.stage(name, "SELECT 1 AS id, 'z' AS name"),)))
    assert totals(lake, name) == (1, 1, 0, 0)


def test_the_rows_of_a_version_are_those_that_a_reader_counts(lake: Lake) -> None:
    name = written(lake)
    lake.writer.delete(name, "id >= 2")
    lake.upsert(name, "SELECT 0 AS id, 'changed' AS name UNION ALL SELECT 8, 'new'")
    lake.upkeep.compact(name)
    lake.writer.delete(name, "true")
    for version in timeline.history(lake.catalog.head(name)):
        assert version.rows == len(lake.rows(name, at=version.snapshot_id)), version.operation


def test_a_table_is_plain_until_a_row_is_deleted_and_again_once_folded(lake: Lake) -> None:
    name = written(lake)
    assert planned(lake, name).is_plain
    lake.writer.delete(name, "id = 1")
    worn = planned(lake, name)
    assert (worn.is_plain, worn.rows, len(worn.paths)) == (False, 3, 1)
    lake.upkeep.compact(name)
    assert planned(lake, name).is_plain


@pytest.mark.parametrize(
    ("columns", "step", "plain"),
    [
        ("id BIGINT, name VARCHAR", AddColumn(name="x", type="DATE"), True),
        ("id BIGINT, name VARCHAR", DropColumn(name="name"), True),
        ("id BIGINT, name VARCHAR", RenameColumn(name="name", to="x"), True),
        ("id BIGINT, name VARCHAR", AddColumn(name="x", type="BIGINT[]"), False),
        ("id BIGINT, name VARCHAR, deep STRUCT(a BIGINT)", AddColumn(name="x", type="DATE"), False),
        ("id BIGINT, name VARCHAR, deep STRUCT(a BIGINT)", DropColumn(name="deep"), True),
    ],
    ids=str,
)
def test_only_nested_columns_that_may_have_changed_need_icebergs_own_reader(
    lake: Lake, columns: str, step: ColumnStep, plain: bool
) -> None:
    name = written(lake, columns)
    assert planned(lake, name).is_plain
    evolve(lake.catalog, name, [step])
    assert planned(lake, name).is_plain is plain
    assert len(lake.rows(name)) == 4


def test_files_of_one_schema_are_read_as_uniform_and_of_two_are_not(lake: Lake) -> None:
    name = written(lake)
    assert getattr(relation_of(planned(lake, name)), "uniform", None) is True
    evolve(lake.catalog, name, [AddColumn(name="x", type="DATE")])
    assert getattr(relation_of(planned(lake, name)), "uniform", None) is False


def test_a_worn_table_is_read_by_its_head_and_its_past_by_its_snapshot(lake: Lake) -> None:
    name = written(lake)
    lake.writer.delete(name, "id = 1")
    head = lake.catalog.head(name)
    past = head.metadata.current_snapshot()
    lake.writer.delete(name, "id = 2")
    newest = lake.catalog.head(name)
    assert getattr(relation_of(planned(lake, name)), "snapshot_id", 0) is None
    old = relation_of(lake.scans.plan(newest, past))
    assert getattr(old, "snapshot_id", None) == head.snapshot_id


def test_a_plan_is_remembered_for_its_state_only(lake: Lake) -> None:
    name = written(lake)
    first = planned(lake, name)
    assert planned(lake, name) is first
    evolve(lake.catalog, name, [RenameColumn(name="name", to="label")])
    second = planned(lake, name)
    assert [c.name for c in second.columns] == ["id", "label"]
    assert [c.name for c in first.columns] == ["id", "name"]
    assert (second.paths, second.snapshot_id) == (first.paths, first.snapshot_id)


def test_heads_keep_the_states_that_are_used_and_let_the_others_go(lake: Lake) -> None:
    kept, head = Heads(lake.io), lake.catalog.head(lake.table())
    kept.remember(head)
    other = lake.catalog.head(lake.table())
    kept.remember(other)
    for n in range(heads.KEPT - 1):
        assert kept.load(head.name, head.location).metadata is head.metadata
        kept.remember(Head(name=head.name, metadata=head.metadata, location=f"elsewhere-{n}"))
    assert kept.load(head.name, head.location).metadata is head.metadata
    assert kept.load(other.name, other.location).metadata is not other.metadata


def test_a_state_is_the_same_under_another_name(lake: Lake) -> None:
    name = written(lake)
    head = lake.catalog.head(name)
    other = lake.catalog.heads.load(TableName("lake", "other"), head.location)
    assert other.metadata is head.metadata
    assert other.name.table == "other"


@pytest.mark.parametrize(
    ("file", "version"),
    [
        ("00000-11111111-1111-1111-1111-111111111111.metadata.json", 0),
        ("00041-11111111-1111-1111-1111-111111111111.metadata.json", 41),
        ("123456-11111111-1111-1111-1111-111111111111.gz.metadata.json", 123_456),
        ("v3.metadata.json", -1),
        ("41-11111111-1111-1111-1111-111111111111.metadata.json", -1),
        ("00041-x.metadata.json", -1),
    ],
)
def test_a_version_is_read_from_the_files_name_where_we_gave_it(lake: Lake, file: str, version: int) -> None:
    head = lake.catalog.head(lake.table())
    assert Head(name=head.name, metadata=head.metadata, location=f"/a/metadata/{file}").version == version


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'{"format-version": 9}', b"\xff\xfe\x00"])
def test_what_is_no_metadata_is_corrupt_with_the_way_to_mend_it(own: Lake, content: bytes) -> None:
    location = own.catalog.head(own.table("torn")).location
    Path(location.removeprefix("file://")).write_bytes(content)
    with pytest.raises(Corrupt) as damaged:
        Heads(own.io).load(TableName("lake", "torn"), location)
    assert "rebuild" in damaged.value.hint
    assert damaged.value.context == {"location": location}


def test_a_snapshot_says_what_it_was_told_and_never_goes_back_in_time(lake: Lake) -> None:
    name = written(lake)
    head = lake.catalog.head(name)
    wanted = NextSnapshot(operation="append", summary={"lakehouse.source": "by hand"})
    made: Change = change(lake.io, head, wanted, now_ms=1)
    after = lake.catalog.commit((made,))[0]
    newest, *_ = timeline.history(after)
    assert (newest.note, newest.operation, newest.added) == ("by hand", "append", 0)
    assert after.metadata.last_updated_ms >= head.metadata.last_updated_ms
    assert lake.rows(name, what="count(*)") == [(0,)]


def test_a_tag_outlives_what_it_names_being_folded_and_rolled_back(lake: Lake) -> None:
    name = written(lake)
    first = lake.catalog.head(name).snapshot_id
    timeline.tag(lake.catalog, name, "start", None)
    lake.writer.delete(name, "id > 0")
    lake.upkeep.compact(name)
    evolve(lake.catalog, name, [WidenColumn(name="id", type="BIGINT"), RenameColumn(name="name", to="n")])
    timeline.rollback(lake.catalog, name, "start", now_ms=lake.clock.now_ms())
    head = lake.catalog.head(name)
    found = timeline.at(head, "START")
    assert found is not None
    assert found.snapshot_id == first
    assert [c.name for c in columns_of(head.metadata.schema())] == ["id", "name"]
    assert len(lake.rows(name)) == 4


def test_a_rollback_of_a_column_change_can_itself_be_undone(lake: Lake) -> None:
    name = written(lake)
    before = lake.catalog.head(name).snapshot_id
    evolve(lake.catalog, name, [AddColumn(name="x", type="BIGINT"), DropColumn(name="name")])
    lake.upsert(name, "SELECT 0 AS id, 7 AS x")
    changed = lake.catalog.head(name).snapshot_id
    for to, columns in ((before, ["id", "name"]), (changed, ["id", "x"]), (before, ["id", "name"])):
        timeline.rollback(lake.catalog, name, to, now_ms=lake.clock.now_ms())
        head = lake.catalog.head(name)
        assert [c.name for c in columns_of(head.metadata.schema())] == columns
        assert len(lake.rows(name)) == 4


def test_columns_can_change_after_a_rollback_and_old_ids_are_not_taken_again(lake: Lake) -> None:
    name = written(lake)
    before = lake.catalog.head(name).snapshot_id
    evolve(lake.catalog, name, [AddColumn(name="x", type="BIGINT")])
    lake.upsert(name, "SELECT 0 AS id, 7 AS x")
    timeline.rollback(lake.catalog, name, before, now_ms=lake.clock.now_ms())
    evolve(lake.catalog, name, [AddColumn(name="x", type="BIGINT")])
    assert lake.rows(name, what="DISTINCT x") == [(None,)]
    ids = [
        c.field_id for s in lake.catalog.head(name).metadata.schemas for c in columns_of(s) if c.name == "x"
    ]
    assert len(ids) == len(set(ids)) == 2


def test_a_field_inside_a_column_is_no_column_that_can_be_changed(lake: Lake) -> None:
    name = written(lake, "id BIGINT, name VARCHAR, deep STRUCT(a INTEGER)")
    for step in (
        WidenColumn(name="deep.a", type="BIGINT"),
        DropColumn(name="a"),
        RenameColumn(name="deep.a", to="b"),
    ):
        with pytest.raises(LakehouseError, match="no column"):
            evolve(lake.catalog, name, [step])
    evolve(lake.catalog, name, [RenameColumn(name="deep", to="deep.a")])
    assert lake.rows(name, what='DISTINCT "deep.a"') == [(None,)]


@pytest.mark.parametrize("to", ["DECIMAL(11,2)", "DECIMAL(38,2)"])
def test_a_decimal_gets_longer_and_holds_what_it_could_not(lake: Lake, to: str) -> None:
    name = lake.table("", "id BIGINT, money DECIMAL(10,2)")
    lake.append(name, "SELECT 1 AS id, 12345678.90 AS money")
    evolve(lake.catalog, name, [WidenColumn(name="money", type=to)])
    lake.upsert(name, "SELECT 2 AS id, 999999999.01 AS money")
    assert [str(money) for _, money in lake.rows(name)] == ["12345678.90", "999999999.01"]
    assert lake.planned(name) == lake.rows(name)
