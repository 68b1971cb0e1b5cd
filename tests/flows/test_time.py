"""Tables through time: reading as it was, going back, names for moments, columns that change."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lakehouse.base.errors import Conflict, Invalid, NotFound
from lakehouse.lake.facade import Lakehouse
from lakehouse.table.evolve import AddColumn, DropColumn, RenameColumn, WidenColumn

Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def aged(lake: Lakehouse, table: str) -> str:
    """A table with three versions: rows 1; rows 1 and 2; row 2 changed."""
    for given in ([{"id": 1, "v": "a"}], [{"id": 2, "v": "b"}], [{"id": 2, "v": "B"}]):
        lake.upsert(table, given, key="id")
        time.sleep(0.003)  # versions are told apart by milliseconds
    return table


def values(lake: Lakehouse, table: str, at: int | str | None = None) -> list[object]:
    return [v for (v,) in lake.sql(f"SELECT v FROM {table} ORDER BY id", at=at).rows()]


def test_a_query_reads_a_table_as_it_was(lake: Lakehouse, aged: str) -> None:
    newest, second, first = lake.history(aged)
    lake.tag(aged, "before-change", at=second.snapshot_id)
    expected = [["a"], ["a", "b"], ["a", "B"]]
    assert [values(lake, aged, v.snapshot_id) for v in (first, second, newest)] == expected
    assert [values(lake, aged, v.at) for v in (first, second, newest)] == expected
    assert values(lake, aged, "before-change") == ["a", "b"]
    inline = f"SELECT count(*) FROM {aged} AT (VERSION => {first.snapshot_id})"
    assert lake.sql(inline).rows() == [(1,)]
    result = lake.sql(f"SELECT * FROM {aged}", at=second.snapshot_id)
    assert result.snapshots == {f"lake.{aged}": second.snapshot_id}
    assert lake.show(aged, at=first.snapshot_id).info.rows == 1


@pytest.mark.parametrize(
    ("at", "kind"),
    [(1, NotFound), ("1999-01-01", NotFound), ("nonsense", Invalid), ("", Invalid), ("2026-13-01", Invalid)],
)
def test_a_moment_that_is_none_is_said_so(
    lake: Lakehouse, aged: str, at: int | str, kind: type[Exception]
) -> None:
    for act in (
        lambda: values(lake, aged, at),
        lambda: lake.rollback(aged, to=at),
        lambda: lake.tag(aged, "x", at=at),
        lambda: lake.show(aged, at=at),
    ):
        with pytest.raises(kind) as refused:
            act()
        assert refused.value.hint  # type: ignore[attr-defined]


def test_history_tells_what_each_version_did(lake: Lakehouse, write: Write, table: str) -> None:
    source = write("in.csv", "id,v\n1,a\n2,b\n3,c\n")
    lake.ingest(source, table=table)
    lake.upsert(table, [{"id": 1, "v": "A"}, {"id": 4, "v": "d"}], key="id")
    lake.delete(table, where="id = 2")
    lake.tag(table, "keep", at=None)
    deleted, upserted, ingested = lake.history(table)
    assert [(v.rows, v.added, v.removed) for v in (ingested, upserted, deleted)] == [
        (3, 3, 0), (4, 2, 1), (3, 0, 1),
    ]  # fmt: skip
    assert ingested.note == str(source)[-200:]
    assert [v.is_current for v in (deleted, upserted, ingested)] == [True, False, False]
    assert deleted.tags == ("keep",)
    assert ingested.at < upserted.at < deleted.at


def test_going_back_is_a_new_version_and_can_be_undone(lake: Lakehouse, aged: str) -> None:
    newest, _, first = lake.history(aged)
    back = lake.rollback(aged, to=first.snapshot_id)
    assert (back.rows, values(lake, aged)) == (1, ["a"])
    assert lake.history(aged)[0].operation == "rollback"
    assert str(first.snapshot_id) in lake.history(aged)[0].note
    lake.rollback(aged, to=newest.snapshot_id)
    assert values(lake, aged) == ["a", "B"]
    assert len(lake.history(aged)) == 5
    again = lake.rollback(aged, to=lake.history(aged)[0].snapshot_id)
    assert (again.rows, len(lake.history(aged))) == (0, 5)


def test_after_going_back_a_later_file_can_be_taken_in_again(
    lake: Lakehouse, write: Write, table: str
) -> None:
    first, second = write("1.csv", "id,v\n1,a\n"), write("2.csv", "id,v\n2,b\n")
    start = lake.ingest(first, table=table).snapshot_id
    lake.ingest(second, table=table)
    lake.rollback(table, to=start)
    assert lake.ingest(first, table=table).status == "skipped"
    assert lake.ingest(second, table=table).status == "appended"
    assert values(lake, table) == ["a", "b"]


def test_a_card_is_written_read_and_emptied(lake: Lakehouse, aged: str) -> None:
    given = {
        "description": "People we know", "owner": "Ada", "sensitivity": "restricted", "freshness": "24h",
        "tags": ["b", "a", "a"], "lineage": {"source": "crm"},
    }  # fmt: skip
    card = lake.describe(aged, given).card
    assert (card.description, card.owner, card.sensitivity, card.freshness) == (
        "People we know", "Ada", "restricted", "24h",
    )  # fmt: skip
    assert (card.tags, dict(card.lineage)) == (("a", "b"), {"source": "crm"})
    assert lake.show(aged).card == card
    lake.describe(aged, {"owner": "", "tags": []})
    emptied = lake.show(aged).card
    assert (emptied.owner, emptied.tags, emptied.description) == ("", (), "People we know")
    for bad in ({"nope": 1}, {"tags": "a"}, {"sensitivity": "secret"}, {"owner": 5}):
        with pytest.raises(Invalid) as refused:
            lake.describe(aged, bad)
        assert refused.value.hint
    assert lake.show(aged).card == emptied


def test_columns_change_in_one_commit_and_old_versions_read_as_they_were(lake: Lakehouse, aged: str) -> None:
    before = lake.history(aged)[0].snapshot_id
    shown = lake.evolve(aged, AddColumn(name="n", type="INTEGER"), RenameColumn(name="V", to="value"))
    assert [f"{c.name} {c.type}" for c in shown.columns] == ["id BIGINT", "value VARCHAR", "n INTEGER"]
    lake.evolve(aged, WidenColumn(name="n", type="BIGINT"), DropColumn(name="value"))
    lake.delete(aged, where="id = 7 OR id = 1")
    assert lake.sql(f"SELECT * FROM {aged} ORDER BY id").rows() == [(2, None)]
    assert lake.sql(f"SELECT v FROM {aged} ORDER BY id", at=before).rows() == [("a",), ("B",)]
    columns = lake.show(aged).columns
    for step in (
        WidenColumn(name="id", type="VARCHAR"), AddColumn(name="ID", type="DATE"),
        RenameColumn(name="nope", to="x"), DropColumn(name="nope"), AddColumn(name="x", type="NOTHING"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            lake.evolve(aged, step)
        assert refused.value.hint
    assert lake.show(aged).columns == columns


def test_a_renamed_table_keeps_its_history_and_leaves_its_name_free(lake: Lakehouse, aged: str) -> None:
    versions = lake.history(aged)
    moved = lake.rename(aged, f'"New Place".{aged}')
    assert (moved.info.namespace, moved.info.table) == ("new place", aged)
    assert lake.history(f'"new place".{aged}') == versions
    assert values(lake, f'"new place".{aged}') == ["a", "B"]
    with pytest.raises(NotFound):
        lake.show(aged)
    lake.upsert(aged, [{"id": 9}], key="id")
    with pytest.raises(Conflict):
        lake.rename(aged, f'"New Place".{aged}')


def test_a_dropped_table_is_gone_and_its_name_starts_anew(lake: Lakehouse, aged: str) -> None:
    lake.pin(aged)
    lake.drop(aged)
    with pytest.raises(NotFound):
        lake.sql(f"SELECT * FROM {aged}")
    assert aged not in {info.table for info in lake.tables()}
    assert lake.rebuild().restored == ()
    lake.upsert(aged, [{"id": 5, "w": 1}], key="id")
    assert lake.sql(f"SELECT * FROM {aged}").rows() == [(5, 1)]
    assert len(lake.history(aged)) == 1


def test_compacting_changes_files_but_neither_rows_nor_kept_versions(lake: Lakehouse, aged: str) -> None:
    versions = {v.snapshot_id: values(lake, aged, v.snapshot_id) for v in lake.history(aged)}
    lake.compact(aged)
    assert lake.show(aged).info.files == 1
    assert {at: values(lake, aged, at) for at in versions} == versions
    checked = lake.resync(aged)
    assert (checked.rows, checked.missing, checked.changed) == (2, (), ())


def test_a_pinned_table_follows_its_columns_too(lake: Lakehouse, aged: str) -> None:
    lake.pin(aged)
    lake.evolve(aged, RenameColumn(name="v", to="value"), AddColumn(name="n", type="BIGINT"))
    for _ in range(3):
        shown = lake.sql(f"SELECT * FROM {aged} ORDER BY id").to_arrow()
        assert shown.column_names == ["id", "value", "n"]
        assert lake.pin(aged).table == f"lake.{aged}"


def test_a_long_name_in_any_script_can_be_pinned(lake: Lakehouse) -> None:
    name = '"' + "表" * 150 + '"'
    lake.upsert(name, [{"id": 1}], key="id")
    lake.pin(name)
    assert lake.sql(f"SELECT id FROM {name}").rows() == [(1,)]
    lake.drop(name)
