"""Time: what a table was, when, and going back without losing anything."""

import pytest

from lakehouse.base.clock import FixedClock, iso
from lakehouse.base.errors import Invalid, NotFound
from lakehouse.table import timeline
from lakehouse.table.evolve import AddColumn, DropColumn, RenameColumn, evolve
from lakehouse.table.files.sources import SOURCE, source_hash
from lakehouse.table.names import TableName
from lakehouse.table.timeline import at, history
from lakehouse.table.upkeep.sweep import UpkeepParams
from lakehouse.table.writer import Batch
from tests.table.wiring import Lake, Row

HOUR = 3_600_000


def versions(lake: Lake, count: int = 3) -> TableName:
    """A table with `count` snapshots; snapshot n holds ids 1 to n."""
    name = lake.table()
    for n in range(1, count + 1):
        lake.append(name, f"SELECT {n} AS id, 'v{n}' AS name")
    return name


def ids(rows: list[Row]) -> list[object]:
    return [row[0] for row in rows]


def read_at(lake: Lake, name: TableName, moment: timeline.At) -> list[Row]:
    head = lake.catalog.head(name)
    return lake.read(lake.scans.plan(head, at(head, moment)))


def test_history_is_newest_first_with_what_each_write_did(lake: Lake) -> None:
    name = versions(lake, 2)
    staged = lake.stage(name, "SELECT 1 AS id, 'one' AS name UNION ALL SELECT 9, 'nine'")
    lake.writer.upsert(name, Batch(files=(staged,)), given=["id", "name"], key=["id"])
    lake.writer.delete(name, "id = 2")
    listed = history(lake.catalog.head(name))
    assert [(v.operation, v.rows) for v in listed] == [
        ("delete", 2),
        ("overwrite", 3),
        ("append", 2),
        ("append", 1),
    ]
    assert [v.is_current for v in listed] == [True, False, False, False]
    assert (listed[0].removed, listed[1].added, listed[1].removed) == (1, 2, 1)
    assert all(v.at.endswith("Z") for v in listed)
    assert list(listed) == sorted(listed, key=lambda v: v.at, reverse=True)


def test_a_table_that_was_never_written_has_no_history(lake: Lake) -> None:
    head = lake.catalog.head(lake.table())
    assert history(head) == ()
    assert at(head, None) is None


def test_the_added_rows_of_an_append_are_counted(lake: Lake) -> None:
    name = lake.table()
    lake.append(name, "SELECT i AS id, 'x' AS name FROM range(7) r(i)")
    assert [(v.added, v.removed, v.rows) for v in history(lake.catalog.head(name))] == [(7, 0, 7)]


def test_an_earlier_state_is_found_by_id_tag_and_time(own: Lake) -> None:
    clock = FixedClock(4_000_000_000_000)
    own.clock = own.writer._clock = clock
    name = own.table()
    for n in (1, 2, 3):
        clock.advance(HOUR)
        own.append(name, f"SELECT {n} AS id, 'v' AS name")
    first, second, third = reversed(history(own.catalog.head(name)))
    timeline.tag(own.catalog, name, "Before-Import", first.snapshot_id)
    moments = {
        first.snapshot_id: [1],
        str(second.snapshot_id): [1, 2],
        "before-import": [1],
        "BEFORE-import": [1],
        second.at: [1, 2],
        iso(clock.ms - HOUR - 1): [1],
        iso(clock.ms + 99 * HOUR): [1, 2, 3],
        second.at.replace("Z", "+00:00"): [1, 2],
        second.at.removesuffix("Z"): [1, 2],
        "main": [1, 2, 3],
        third.snapshot_id: [1, 2, 3],
    }
    for moment, expected in moments.items():
        assert ids(read_at(own, name, moment)) == expected, moment


@pytest.mark.parametrize("moment", ["yesterday", "", "2026-13-01", "12:00", "v1;--"])
def test_what_is_no_moment_is_invalid(lake: Lake, moment: str) -> None:
    with pytest.raises(Invalid) as caught:
        at(lake.catalog.head(versions(lake, 1)), moment)
    assert caught.value.hint


@pytest.mark.parametrize("moment", [7, "7", "1999-01-01", "-5"])
def test_a_moment_the_table_never_had_is_not_found(lake: Lake, moment: int | str) -> None:
    with pytest.raises(NotFound) as caught:
        at(lake.catalog.head(versions(lake, 1)), moment)
    assert "history" in caught.value.hint


def test_a_time_whose_state_has_expired_is_not_answered_with_another_state(own: Lake) -> None:
    clock = FixedClock(4_000_000_000_000)
    own.clock = own.writer._clock = clock
    own.params = UpkeepParams(keep_newest=1, keep_days=0)
    own.use(own.catalog)
    name = own.table()
    times = []
    for n in (1, 2, 3):
        clock.advance(1000)
        own.append(name, f"SELECT {n} AS id, 'v' AS name")
        times.append(clock.ms)
    timeline.tag(own.catalog, name, "first", history(own.catalog.head(name))[-1].snapshot_id)
    assert own.upkeep.expire(name) == 1
    head = own.catalog.head(name)
    assert ids(read_at(own, name, iso(times[2]))) == [1, 2, 3]
    assert ids(read_at(own, name, "first")) == ids(read_at(own, name, iso(times[0]))) == [1]
    with pytest.raises(NotFound):
        at(head, iso(times[1]))


def test_a_rollback_is_a_new_version_and_can_be_rolled_back(lake: Lake) -> None:
    name = versions(lake)
    third, _, first = history(lake.catalog.head(name))
    timeline.rollback(lake.catalog, name, first.snapshot_id, now_ms=lake.clock.now_ms())
    assert ids(lake.rows(name)) == ids(lake.planned(name)) == lake.arrow(name)["id"].to_pylist() == [1]
    newest = history(lake.catalog.head(name))[0]
    assert (newest.operation, newest.note, newest.rows) == ("rollback", f"back to {first.snapshot_id}", 1)
    assert len(history(lake.catalog.head(name))) == 4
    timeline.rollback(lake.catalog, name, third.snapshot_id, now_ms=lake.clock.now_ms())
    assert ids(lake.rows(name)) == [1, 2, 3]


def test_a_rollback_brings_back_deleted_and_changed_rows(lake: Lake) -> None:
    name = versions(lake)
    before = lake.rows(name)
    state = lake.catalog.head(name).snapshot_id
    lake.upsert(name, "SELECT 1 AS id, 'changed' AS name")
    lake.writer.delete(name, "id >= 2")
    lake.upkeep.compact(name)
    timeline.rollback(lake.catalog, name, state, now_ms=lake.clock.now_ms())
    assert lake.rows(name) == before
    lake.upsert(name, "SELECT 2 AS id, 'after' AS name")
    assert lake.rows(name) == [(1, "v1"), (2, "after"), (3, "v3")]
    assert sorted(lake.arrow(name)["name"].to_pylist()) == ["after", "v1", "v3"]


def test_a_rollback_to_where_the_table_is_changes_nothing(lake: Lake) -> None:
    name = versions(lake)
    head = lake.catalog.head(name)
    assert timeline.rollback(lake.catalog, name, head.snapshot_id, now_ms=1) == head


def test_a_rollback_restores_the_columns_too(lake: Lake) -> None:
    name = versions(lake, 1)
    state = lake.catalog.head(name).snapshot_id
    steps = [AddColumn(name="extra", type="BIGINT"), RenameColumn(name="name", to="label")]
    evolve(lake.catalog, name, steps)
    lake.append(name, "SELECT 2 AS id, 'b' AS label, 5 AS extra")
    timeline.rollback(lake.catalog, name, state, now_ms=lake.clock.now_ms())
    assert lake.arrow(name).to_pylist() == [{"id": 1, "name": "v1"}]
    assert lake.rows(name) == [(1, "v1")]
    lake.upsert(name, "SELECT 1 AS id, 'again' AS name")
    assert lake.rows(name) == [(1, "again")]


def test_a_rollback_undoes_a_change_of_columns_that_no_write_followed(lake: Lake) -> None:
    name = versions(lake, 1)
    evolve(lake.catalog, name, [DropColumn(name="name")])
    assert lake.rows(name) == [(1,)]
    timeline.rollback(lake.catalog, name, lake.catalog.head(name).snapshot_id, now_ms=lake.clock.now_ms())
    assert lake.rows(name) == [(1, "v1")]


def test_an_older_state_is_read_with_the_columns_it_had(lake: Lake) -> None:
    name = versions(lake, 1)
    state = lake.catalog.head(name).snapshot_id
    evolve(lake.catalog, name, [RenameColumn(name="name", to="label"), AddColumn(name="n", type="INTEGER")])
    lake.append(name, "SELECT 2 AS id, 'b' AS label, 5 AS n")
    head = lake.catalog.head(name)
    old = lake.scans.plan(head, at(head, state))
    assert [c.name for c in old.columns] == ["id", "name"]
    assert lake.read(old) == [(1, "v1")]
    assert lake.arrow(name, at=state).column_names == ["id", "name"]
    assert lake.planned(name) == lake.rows(name) == [(1, "v1", None), (2, "b", 5)]


@pytest.mark.parametrize("label", ["", "main", "MAIN", "1.0", "-x", " ", "a\nb"])
def test_a_tag_must_not_look_like_anything_else(lake: Lake, label: str) -> None:
    with pytest.raises(Invalid):
        timeline.tag(lake.catalog, versions(lake, 1), label, None)


def test_a_tag_moves_when_set_again_and_goes_when_told(lake: Lake) -> None:
    name = versions(lake, 2)
    newest, oldest = history(lake.catalog.head(name))
    for version in (oldest, newest):
        timeline.tag(lake.catalog, name, "mark", version.snapshot_id)
    assert [v.tags for v in history(lake.catalog.head(name))] == [("mark",), ()]
    timeline.untag(lake.catalog, name, "Mark")
    assert [v.tags for v in history(lake.catalog.head(name))] == [(), ()]
    for label in ("mark", "main"):
        with pytest.raises(NotFound):
            timeline.untag(lake.catalog, name, label)


def test_expiry_keeps_tags_heads_and_what_they_read(own: Lake) -> None:
    own.params = UpkeepParams(keep_newest=2, keep_days=0, orphan_ms=-1)
    own.use(own.catalog)
    name = versions(own, 6)
    second = history(own.catalog.head(name))[4]
    timeline.tag(own.catalog, name, "keep", second.snapshot_id)
    own.upkeep.compact(name)
    left = history(own.catalog.head(name))
    assert len(left) == 3
    assert left[-1].snapshot_id == second.snapshot_id
    assert ids(read_at(own, name, "keep")) == [1, 2]
    assert ids(own.rows(name)) == [1, 2, 3, 4, 5, 6]


def test_lineage_follows_rollbacks_and_ends_at_a_replacement(lake: Lake) -> None:
    name = lake.table()
    for source in ("a", "b"):
        staged = lake.stage(name, f"SELECT 1 AS id, '{source}' AS name")
        lake.writer.append(name, Batch(files=(staged,), summary={SOURCE: source}))
    first = history(lake.catalog.head(name))[-1].snapshot_id

    def sources() -> list[str]:
        return [source_hash(s) for s in timeline.lineage(lake.catalog.head(name))]

    assert sources() == ["b", "a"]
    timeline.rollback(lake.catalog, name, first, now_ms=lake.clock.now_ms())
    assert sources() == ["", "a"], "what came after the state gone back to is not part of the table"
    staged = lake.stage(name, "SELECT 1 AS id, 'c' AS name")
    lake.writer.replace(name, Batch(files=(staged,), summary={SOURCE: "c", "lakehouse.mode": "replace"}))
    assert sources() == ["c"]


def test_a_clock_that_went_back_does_not_unsort_history(own: Lake) -> None:
    clock = FixedClock(4_000_000_000_000)
    own.clock = own.writer._clock = clock
    name = own.table()
    own.append(name, "SELECT 1 AS id, 'a' AS name")
    clock.advance(-5 * HOUR)
    own.append(name, "SELECT 2 AS id, 'b' AS name")
    newest, oldest = history(own.catalog.head(name))
    assert newest.at >= oldest.at
    assert [len(ids(own.rows(name, at=v.snapshot_id))) for v in (newest, oldest)] == [2, 1]
