"""A search under a condition finds exactly the rows that SQL leaves, however it comes to know them."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakehouse.base.errors import Invalid, LakehouseError, Refused
from lakehouse.index.allowed import Slots
from lakehouse.index.source import Source
from lakehouse.lake.facade import Lakehouse
from lakehouse.query.engine import Version
from lakehouse.table.evolve import RenameColumn

ANY = [1.0] * 64
CONDITIONS = (
    "grade < 3",
    "grade >= 3 AND city = 'Oslo'",
    "city IN ('Rome', 'Bonn') OR grade = 0",
    "grade IS NULL",
    "city = 'nowhere'",
    "t.grade = 4",
    "body LIKE '%number 1%'",
    "true",
)
KEYS: dict[str, pa.Array] = {
    "integers": pa.array([n * 7 - 50 for n in range(40)]),
    "texts": pa.array([f"Ünder {chr(0x41 + n % 26)}{n}\U0001f600" for n in range(40)]),
    "uuids": pa.array([UUID(int=n * 2**96 + 5).bytes for n in range(40)], pa.uuid()),
    "dates": pa.array([dt.date(2024, 1, 1) + dt.timedelta(days=n * 11) for n in range(40)]),
    "moments": pa.array([n * 10**9 - 10**10 for n in range(40)], pa.timestamp("us")),
    "decimals": pa.array([Decimal(n - 20) / 4 for n in range(40)], pa.decimal128(9, 2)),
    "floats": pa.array([n / 3 - 5 for n in range(40)]),
}


def table(keys: pa.Array, numbers: Sequence[int]) -> pa.Table:
    return pa.table(
        {
            "id": keys.take(pa.array(numbers)),
            "grade": pa.array([None if n % 11 == 5 else n % 7 for n in numbers], pa.int64()),
            "city": pa.array([("Oslo", "Rome", "Bonn")[n % 3] for n in numbers]),
            "body": pa.array(["" if n == 13 else f"row number {n} word{n % 5}" for n in numbers]),
        }
    )


def is_right(lake: Lakehouse, *more: str) -> None:
    """Each condition, asked twice: as vectors find the rows, and as words do."""
    for where in (*CONDITIONS, *CONDITIONS, *more):
        said = lake.sql(
            f"SELECT CAST(id AS VARCHAR) FROM t WHERE ({where}) AND id IS NOT NULL AND body <> ''"
        ).rows()
        wanted = {str(row[0]) for row in said}
        near = lake.search(vector=ANY, corpora=["i"], k=100, where=where)
        assert {hit.id for hit in near.hits} == wanted
        assert all(hit.sql_verified for hit in near.hits)
        assert {hit.id for hit in lake.search("number", corpora=["i"], k=100, where=where).hits} == wanted


@pytest.mark.parametrize("kind", KEYS)
def test_every_kind_of_key_is_found_by_its_condition_after_every_write(lake: Lakehouse, kind: str) -> None:
    keys = KEYS[kind]
    lake.upsert("t", table(keys, range(30)), key="id")
    lake.index.build("i", table="t", text="body", id="id")
    is_right(lake)
    changed = table(keys, range(20, 36)).set_column(1, "grade", pa.array([2] * 16))
    lake.upsert("t", changed, key="id")
    lake.index.refresh("i")
    is_right(lake)
    lake.delete("t", where="grade = 2 AND city <> 'Rome'")
    is_right(lake)
    lake.compact("t")
    is_right(lake)


def test_rows_without_a_key_have_no_place_among_the_others(lake: Lakehouse, tmp_path: Path) -> None:
    holes = pa.array([None if n % 4 == 0 else n for n in range(12)], pa.int64())
    pq.write_table(table(KEYS["integers"], range(12)).set_column(0, "id", holes), tmp_path / "t.parquet")
    lake.ingest(tmp_path / "t.parquet", table="t")
    lake.index.build("i", table="t", text="body", id="id")
    is_right(lake)


def test_a_condition_that_only_a_filter_can_answer_is_answered_by_one(lake: Lakehouse) -> None:
    lake.upsert("t", table(KEYS["integers"], range(30)), key="id")
    lake.index.build("i", table="t", text="body", id="id")
    is_right(lake, "grade IN (1, 2) AND city = 'Oslo'", "TRY_CAST(city AS INT) IS NULL", "t IS NOT NULL")


@pytest.mark.parametrize(
    "where", ["grade = 1;", "grade = 1 WINDOW w AS (ORDER BY id)", "CAST(city AS INT) = 1", "grades = 1"]
)
def test_what_is_wrong_is_wrong_the_first_time_and_later(lake: Lakehouse, where: str) -> None:
    lake.upsert("t", table(KEYS["integers"], range(30)), key="id")
    lake.index.build("i", table="t", text="body", id="id")
    said = []
    for _ in range(3):
        with pytest.raises((Invalid, Refused)) as error:
            lake.search("number", corpora=["i"], where=where)
        said.append(str(error.value))
        lake.search("number", corpora=["i"], where="grade = 1")
    assert len(set(said)) == 1


def test_a_column_renamed_under_a_condition_is_known_by_its_new_name_alone(lake: Lakehouse) -> None:
    lake.upsert("t", table(KEYS["integers"], range(30)), key="id")
    lake.index.build("i", table="t", text="body", id="id")
    before = [lake.search("number", k=100, where=f"grade = {grade}").hits for grade in range(3)]
    lake.evolve("t", RenameColumn(name="grade", to="mark"))
    after = [lake.search("number", k=100, where=f"mark = {grade}").hits for grade in range(3)]
    assert [[hit.id for hit in hits] for hits in after] == [[hit.id for hit in hits] for hits in before]
    with pytest.raises(LakehouseError, match="grade"):
        lake.search("number", where="grade = 1")


class Watched:
    """The rows of an index, and which way they were asked."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.asked: list[str] = []

    def allowed(self, where: str, *, at: Version = None) -> pa.Array:
        self.asked.append("filter")
        return self._source.allowed(where, at=at)

    def slots(self, where: str, *, at: Version = None) -> Slots | None:
        self.asked.append("slots")
        return self._source.slots(where, at=at)

    def keys(self, *, at: Version = None) -> pa.Array:
        self.asked.append("keys")
        return self._source.keys(at=at)


def ways(lake: Lakehouse) -> list[str]:
    index = lake.index.get("i")
    watched = Watched(index.source())
    for where in ("grade < 1", "grade < 2", "grade < 2", "grade < 3", "true"):
        index.view().allowed(where, lambda: watched)
    return watched.asked


def test_columns_are_held_from_the_second_condition_on_one_state_of_a_table(lake: Lakehouse) -> None:
    lake.upsert("t", table(KEYS["integers"], range(30)), key="id")
    lake.index.build("i", table="t", text="body", id="id")
    assert ways(lake) == ["filter", "slots", "keys", "slots", "slots", "filter"]
    assert ways(lake) == [], "nothing was written since"
    lake.delete("t", where="grade = 6")
    assert ways(lake) == ["filter", "slots", "keys", "slots", "slots", "filter"]
