"""Ready vectors come out of a column once, as unit vectors; what is no vector is counted, and left out."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakehouse.base.errors import Invalid
from lakehouse.index.index import EXACT, Index
from lakehouse.index.meaning import Meaning
from lakehouse.index.refresh import Progress, unwatched
from lakehouse.lake.facade import Lakehouse

ROWS = EXACT + 500


def taken_in(lake: Lakehouse, folder: Path, count: int, *, keyless: int = 0) -> np.ndarray:
    """A table `points` of random vectors; the last ones have no id."""
    vectors = np.random.default_rng(7).standard_normal((count, 8), np.float32)
    ids = pa.array([None if n >= count - keyless else n for n in range(count)], pa.int64())
    pq.write_table(pa.table({"id": ids, "v": list(vectors)}), folder / "points.parquet")
    lake.ingest(folder / "points.parquet", table="points")
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def defined(lake: Lakehouse) -> Index:
    lake.index.define("points", table="points", vector="v", id="id")
    return lake.index.get("points")


def test_a_first_generation_holds_what_the_table_of_vectors_holds(lake: Lakehouse, tmp_path: Path) -> None:
    vectors = taken_in(lake, tmp_path, ROWS, keyless=3)
    info = lake.index.build("points", table="points", vector="v", id="id")
    assert (info.generation, info.vectors, info.waiting, info.fresh, info.dead) == (1, ROWS - 3, 0, 0, 0)
    index = lake.index.get("points")
    built, stored = index.generations.load(1), index.table.read(model="column")
    assert (built.facts.snapshot_id, built.facts.table_uuid) == (stored.snapshot_id, stored.table_uuid)
    assert sorted(built.rows.to_pylist(), key=str) == sorted(stored.rows.to_pylist(), key=str)
    order = [int(key) for key in stored.rows["row_key"].to_pylist()]
    assert np.allclose(stored.vectors, vectors[order], atol=1e-6)
    hits = lake.search(vector=vectors[77].tolist(), corpora=["points"], k=1).hits
    assert [hit.id for hit in hits] == ["77"]


def test_vectors_beyond_the_memory_come_in_pieces_and_those_of_a_piece_are_not_all(
    lake: Lakehouse, tmp_path: Path
) -> None:
    vectors, index, seen = taken_in(lake, tmp_path, 50), defined(lake), list[Progress]()
    rows = index.source().rows()
    few = Meaning(index.source(), index.table, None, piece_bytes=20 * 8 * 4)
    done, stored = few.bring(rows, seen.append)
    assert (done.embedded, stored, [p.done for p in seen]) == (50, None, [20, 40, 50])
    held = index.table.read(model="column")
    assert np.allclose(held.vectors, vectors[[int(k) for k in held.rows["row_key"].to_pylist()]], atol=1e-6)
    again, stored = few.bring(rows, unwatched)
    assert (again.embedded, again.removed, stored) == (0, 0, None)


def test_only_rows_with_new_vectors_are_taken_up_again(lake: Lakehouse, tmp_path: Path) -> None:
    taken_in(lake, tmp_path, 50)
    index = defined(lake)
    index.refresh(unwatched)
    lake.upsert("points", [{"id": 7, "v": [1.0] + [0.0] * 7}, {"id": 90, "v": [2.0] * 8}], key="id")
    done = index.refresh(unwatched)
    assert (done.embedded, done.removed, done.refused) == (2, 0, 0)
    held = index.table.read(model="column")
    assert len(held.rows) == 51
    assert held.vectors[held.rows["row_key"].to_pylist().index("7")].tolist() == [1.0] + [0.0] * 7


@pytest.mark.parametrize("size", [3e38, 1e-30, 1e-44])
def test_vectors_whose_squares_no_float_holds_are_brought_to_unit_length(
    lake: Lakehouse, size: float
) -> None:
    lake.upsert("points", [{"id": 1, "v": [size] * 4}, {"id": 2, "v": [3.0, 0.0, 4.0, 0.0]}], key="id")
    index = defined(lake)
    ready = index.source().vectors(None, dimension=4)
    found = dict(zip(ready.keys.to_pylist(), ready.vectors.tolist(), strict=True))
    assert found == {"1": pytest.approx([0.5] * 4), "2": pytest.approx([0.6, 0.0, 0.8, 0.0])}


@pytest.mark.parametrize("wrong", [[], "text"])
def test_a_column_of_no_vectors_is_refused_before_anything_is_made(lake: Lakehouse, wrong: object) -> None:
    lake.upsert(
        "points",
        pa.table({"id": [1], "v": pa.array([wrong], None if wrong else pa.list_(pa.float32()))}),
        key="id",
    )
    with pytest.raises(Invalid):
        lake.index.define("points", table="points", vector="v", id="id")
    assert lake.index.names() == ()


def test_an_index_over_rows_without_a_vector_takes_the_first_one_that_comes(lake: Lakehouse) -> None:
    lake.upsert("points", pa.table({"id": [1], "v": pa.array([None], pa.list_(pa.float32()))}), key="id")
    index = defined(lake)
    assert (index.refresh(unwatched).embedded, index.source().dimension()) == (0, 0)
    lake.upsert("points", [{"id": 2, "v": [1.0, None, 2.0]}, {"id": 3, "v": [0.0, 1.0, 0.0]}], key="id")
    done = index.refresh(unwatched)
    assert (done.embedded, done.refused, index.definition().dimension) == (1, 1, 3)


def test_rows_whose_vector_is_none_do_not_wait_and_are_shown_with_the_reason(lake: Lakehouse) -> None:
    bad = ([1.0], [1.0, 2.0], [0.0] * 3, [1.0, None, 2.0], [float("inf"), 0.0, 1.0])
    rows = [{"id": n, "v": v, "city": f"city{n}"} for n, v in enumerate([[1.0, 0.0, 0.0], *bad])]
    lake.upsert("points", rows, key="id")
    lake.index.define("points", table="points", text="city", vector="v", id="id")
    assert (lake.index.show("points").waiting, lake.index.show("points").unusable) == (6, 0)
    assert lake.index.refresh("points").refused == 5
    info = lake.index.show("points")
    assert (info.rows, info.embedded, info.waiting, info.unusable) == (6, 1, 0, 5)
    assert info.unusable_why == "2 not of 3 dimensions, 2 not all finite, 1 all zeros"
    lake.upsert("points", [{"id": 7, "v": [0.0, 1.0, 0.0], "city": "x"}, {"id": 1, "v": [1.0] * 3}], key="id")
    info = lake.index.show("points")
    assert (info.waiting, info.unusable) == (2, 4)
    assert lake.index.refresh("points").embedded == 2
    info = lake.index.show("points")
    assert (info.embedded, info.waiting, info.unusable) == (3, 0, 4)
