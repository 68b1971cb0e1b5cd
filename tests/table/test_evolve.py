"""Columns change without a file being rewritten, and what would break old files is refused."""

import pytest

from lakehouse.base.errors import Invalid
from lakehouse.table.evolve import AddColumn, ColumnStep, DropColumn, RenameColumn, WidenColumn, evolve
from lakehouse.table.names import TableName
from lakehouse.table.schema import columns_of
from tests.table.wiring import Lake

COLUMNS = "id BIGINT, n INTEGER, f FLOAT, money DECIMAL(10,2), name VARCHAR"
ROW = "SELECT {0} AS id, {0} AS n, 1.5 AS f, 2.25 AS money, 'x' AS name"


def written(lake: Lake) -> TableName:
    name = lake.table("", COLUMNS)
    lake.append(name, ROW.format(1))
    return name


def described(lake: Lake, name: TableName) -> dict[str, str]:
    return {c.name: c.type for c in columns_of(lake.catalog.head(name).metadata.schema())}


def test_a_new_column_is_null_in_older_rows(lake: Lake) -> None:
    name = written(lake)
    evolve(lake.catalog, name, [AddColumn(name="Extra", type="DATE", doc="why")])
    assert lake.rows(name, what='id, "Extra"') == [(1, None)]
    assert columns_of(lake.catalog.head(name).metadata.schema())[-1].doc == "why"
    assert lake.planned(name)[0][-1] is None


def test_a_renamed_column_keeps_its_values(lake: Lake) -> None:
    name = written(lake)
    evolve(lake.catalog, name, [RenameColumn(name="NAME", to="a.b")])
    assert lake.rows(name, what='"a.b"') == [("x",)]
    assert lake.arrow(name)["a.b"].to_pylist() == ["x"]


def test_a_dropped_column_does_not_come_back_under_its_name(lake: Lake) -> None:
    name = written(lake)
    evolve(lake.catalog, name, [DropColumn(name="name")])
    evolve(lake.catalog, name, [AddColumn(name="name", type="VARCHAR")])
    assert lake.rows(name, what="name") == [(None,)]
    assert lake.planned(name)[0][-1] is None


def test_types_widen_and_old_files_read_on(lake: Lake) -> None:
    name = written(lake)
    steps = [
        WidenColumn(name="n", type="BIGINT"),
        WidenColumn(name="f", type="DOUBLE"),
        WidenColumn(name="money", type="DECIMAL(20,2)"),
    ]
    evolve(lake.catalog, name, steps)
    assert [described(lake, name)[c] for c in ("n", "f", "money")] == ["BIGINT", "DOUBLE", "DECIMAL(20,2)"]
    lake.upsert(name, ROW.format(2).replace("2 AS n", "5000000000 AS n"))
    assert lake.rows(name, what="id, n") == [(1, 1), (2, 5_000_000_000)]
    assert lake.planned(name)[1][1] == 5_000_000_000
    assert sorted(lake.arrow(name)["n"].to_pylist()) == [1, 5_000_000_000]


def test_several_steps_are_one_commit(lake: Lake) -> None:
    name = written(lake)
    before = lake.catalog.head(name)
    steps = [AddColumn(name="a", type="BIGINT"), RenameColumn(name="n", to="m"), DropColumn(name="f")]
    after = evolve(lake.catalog, name, steps)
    assert after.version == before.version + 1
    assert after.snapshot_id == before.snapshot_id
    assert list(described(lake, name)) == ["id", "m", "money", "name", "a"]


def test_no_change_is_no_commit(lake: Lake) -> None:
    name = written(lake)
    assert evolve(lake.catalog, name, []) == lake.catalog.head(name)


@pytest.mark.parametrize(
    "step",
    [
        WidenColumn(name="n", type="VARCHAR"),
        WidenColumn(name="id", type="INTEGER"),
        WidenColumn(name="money", type="DECIMAL(20,4)"),
        WidenColumn(name="money", type="DECIMAL(5,2)"),
        WidenColumn(name="name", type="BIGINT"),
        WidenColumn(name="n", type="GEOMETRY"),
        AddColumn(name="id", type="BIGINT"),
        AddColumn(name="ID", type="BIGINT"),
        AddColumn(name="", type="BIGINT"),
        AddColumn(name="a\0b", type="BIGINT"),
        AddColumn(name="x", type="NOPE"),
        RenameColumn(name="n", to="Name"),
        RenameColumn(name="n", to=""),
        RenameColumn(name="nope", to="x"),
        DropColumn(name="nope"),
    ],
    ids=str,
)
def test_a_break_is_refused_and_changes_nothing(lake: Lake, step: ColumnStep) -> None:
    name = written(lake)
    before = lake.catalog.head(name)
    with pytest.raises(Invalid) as caught:
        evolve(lake.catalog, name, [AddColumn(name="fine", type="BIGINT"), step])
    assert caught.value.hint
    assert lake.catalog.head(name) == before


def test_the_last_column_stays(lake: Lake) -> None:
    name = lake.table("", "id BIGINT")
    with pytest.raises(Invalid):
        evolve(lake.catalog, name, [DropColumn(name="id")])


def test_a_nested_column_can_be_added_and_written(lake: Lake) -> None:
    name = written(lake)
    evolve(lake.catalog, name, [AddColumn(name="deep", type="STRUCT(a BIGINT[], m MAP(VARCHAR, DATE))")])
    lake.upsert(name, "SELECT 1 AS id, {'a': [1], 'm': MAP {'k': DATE '2024-01-01'}} AS deep")
    assert lake.rows(name, what="deep.a, name") == [([1], "x")]
    assert lake.arrow(name).num_rows == 1
