"""The company as files: the same in both formats, in every chunk size and in every process."""

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.staffing import activity, generate, registry
from lakehouse.staffing.columns import arrow_schema
from lakehouse.staffing.dice import Ints
from lakehouse.staffing.schema import BY_NAME, TABLES
from lakehouse.staffing.workforce import draw
from lakehouse.staffing.world import World, build

TINY = 0.01
DIGEST = """
import sys
from hashlib import sha256
from pathlib import Path
from lakehouse.staffing import generate
paths = generate.write(Path(sys.argv[1]), scale=0.01, seed=6)
print(sha256(b"".join(path.read_bytes() for path in paths)).hexdigest())
"""


def digest(folder: Path, *, seed: int) -> str:
    paths = generate.write(folder, scale=TINY, seed=seed)
    return sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def test_another_process_with_other_hashes_and_another_place_on_earth_writes_the_same_bytes(
    tmp_path: Path,
) -> None:
    elsewhere = {**os.environ, "PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    command = [sys.executable, "-c", DIGEST, str(tmp_path / "there")]
    done = subprocess.run(command, env=elsewhere, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == digest(tmp_path / "here", seed=6)


@pytest.mark.parametrize("seed", [1, 8])
def test_both_formats_hold_the_same_rows(tmp_path: Path, seed: int) -> None:
    csvs = generate.write(tmp_path, scale=TINY, seed=seed)
    parquets = generate.write(tmp_path, scale=TINY, seed=seed, format="parquet")
    with duckdb.connect(config={"threads": 1}) as con:
        for text, binary in zip(csvs, parquets, strict=True):
            con.execute(f"CREATE TABLE {text.stem} AS FROM '{binary}' LIMIT 0")
            con.execute(f"COPY {text.stem} FROM '{text}' (HEADER)")
            for one, other in ((text.stem, f"'{binary}'"), (f"'{binary}'", text.stem)):
                assert con.execute(f"FROM {one} EXCEPT ALL FROM {other}").fetchall() == []


def test_files_are_called_as_their_tables_in_the_order_of_the_schema(tmp_path: Path) -> None:
    paths = generate.write(tmp_path / "a" / "b", scale=TINY)
    assert paths == tuple(tmp_path / "a" / "b" / f"{table.name}.csv" for table in TABLES)
    assert sorted(path.name for path in (tmp_path / "a" / "b").iterdir()) == sorted(p.name for p in paths)


def test_a_csv_file_quotes_texts_and_only_texts(tmp_path: Path) -> None:
    [path] = [path for path in generate.write(tmp_path, scale=TINY) if path.stem == "clients"]
    head, first, *_ = path.read_text().splitlines()
    assert head == ",".join(f'"{name}"' for name in BY_NAME["clients"].names)
    quoted = [cell.startswith('"') for cell in first.split(",")]
    assert quoted == [column.type == "string" for column in BY_NAME["clients"].columns]


def test_moments_are_written_to_the_second(tmp_path: Path) -> None:
    paths = {path.stem: path for path in generate.write(tmp_path, scale=TINY)}
    for name, position in (("calls", 3), ("emails", 3)):
        for line in paths[name].read_text().splitlines()[1:50]:
            day, _, clock = line.split(",")[position].partition(" ")
            assert (len(day), len(clock)) == (10, 8)


def test_parquet_says_which_columns_may_be_absent(tmp_path: Path) -> None:
    for path, table in zip(generate.write(tmp_path, scale=TINY, format="parquet"), TABLES, strict=True):
        found = pq.read_schema(path)
        assert {f.name for f in found if f.nullable} == {c.name for c in table.columns if c.nullable}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_scale_too_small_writes_nothing(tmp_path: Path, kind: generate.Format) -> None:
    with pytest.raises(Invalid):
        generate.write(tmp_path, scale=0.001, format=kind)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def world() -> World:
    return build(scale=0.02, seed=3)


@pytest.fixture(scope="module")
def whole() -> dict[str, pa.Table]:
    return {name: reader.read_all() for name, reader in generate.tables(scale=0.02, seed=3)}


def rendered(world: World, name: str, rows: Ints) -> pa.RecordBatch:
    match name:
        case "candidates":
            busy, first = activity.engagements(world)
            return registry.candidates(
                draw(rows, seed=world.seed), busy_until=busy[rows], first_start=first[rows]
            )
        case "timesheets":
            return activity.timesheets(world, rows)
        case "calls":
            times = activity.contact_times(world.dice("call times", np.arange(len(world.calls))))
            return activity.calls(world, rows, times)
        case _:
            times = activity.contact_times(world.dice("mail times", np.arange(world.emails)))
            return activity.emails(world, rows, times)


@settings(deadline=None, max_examples=40)
@given(name=st.sampled_from(["candidates", "timesheets", "calls", "emails"]), data=st.data())
def test_any_cut_of_a_table_is_rendered_as_in_the_whole(
    world: World, whole: dict[str, pa.Table], name: str, data: st.DataObject
) -> None:
    size = whole[name].num_rows
    first = data.draw(st.integers(0, size - 1))
    rows = np.arange(first, data.draw(st.integers(first + 1, size)))
    cut = pa.Table.from_batches([rendered(world, name, rows)])
    assert cut.equals(whole[name].slice(first, len(rows)))


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 2**31), st.floats(0.01, 0.03))
def test_keys_are_unique_and_references_hold_in_every_company(seed: int, scale: float) -> None:
    tables = {name: reader.read_all() for name, reader in generate.tables(scale=scale, seed=seed)}
    for table in TABLES:
        keys = tables[table.name][table.key].to_pylist()
        assert keys == list(range(1, len(keys) + 1))
        for column, target in table.references:
            known = {None, *tables[target][column].to_pylist()}
            assert set(tables[table.name][column].to_pylist()) <= known


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 2**31), st.floats(0.01, 0.03))
def test_the_truth_of_a_company_is_that_of_its_people(seed: int, scale: float) -> None:
    truth, world = generate.hidden(scale=scale, seed=seed), build(scale=scale, seed=seed)
    assert truth["reliability"].to_numpy().tolist() == world.people.reliability.tolist()
    assert truth.num_rows == len(world.people.trade)


@given(st.integers(0, 60))
@settings(deadline=None, max_examples=10)
def test_a_roster_of_any_size_is_a_beginning_of_a_longer_one(size: int) -> None:
    longer = generate.roster(60, seed=9).read_all()
    roster = generate.roster(size, seed=9).read_all()
    assert roster.schema == arrow_schema(BY_NAME["candidates"])
    assert roster.equals(longer.slice(0, size))
