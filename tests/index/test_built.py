"""Generations on the disk: numbered when whole, measured, checked before they are loaded, removed."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from lakehouse.base.clock import FixedClock
from lakehouse.base.errors import Corrupt, Invalid, NotFound
from lakehouse.index import seal
from lakehouse.index.ann import Config, Vectors
from lakehouse.index.generation import BUILDING, ENOUGH, MOST, ROWS_FILE, Generations
from lakehouse.index.near.hnsw import Hnsw
from lakehouse.index.vectors import PASSAGES, Stored
from tests.suites.vector_index import clustered, unit

VECTORS = clustered(60, 16)
SMALL = Config(m=8, ef_construction=20)


def stored(vectors: Vectors) -> Stored:
    """Vectors with one passage each, of rows that are numbered."""
    n = len(vectors)
    columns = [[f"row {at}" for at in range(n)], [0] * n, [0] * n, [9] * n, ["digest"] * n]
    arrays = [pa.array(c, f.type) for c, f in zip(columns, PASSAGES, strict=True)]
    rows = pa.table(arrays, schema=PASSAGES)
    return Stored(rows=rows, vectors=vectors, snapshot_id=11, table_uuid="of the table")


def opened(folder: Path, *, clock: FixedClock | None = None) -> Generations:
    return Generations(
        folder, name="resumes", backends={"hnsw": Hnsw()}, clock=clock or FixedClock(), threads=1
    )


def built(generations: Generations, n: int = 60) -> int:
    return generations.build(stored(VECTORS[:n]), model="m@1", config=SMALL).generation


def test_a_folder_that_is_not_there_has_no_generations(tmp_path: Path) -> None:
    assert opened(tmp_path / "none").numbers() == ()
    assert opened(tmp_path / "none").remove(keep=()) == 0


def test_a_generation_says_what_it_was_made_of(tmp_path: Path) -> None:
    facts = opened(tmp_path, clock=FixedClock(ms=0)).build(stored(VECTORS), model="m@1", config=SMALL)
    assert (facts.generation, facts.index, facts.model) == (1, "resumes", "m@1")
    assert (facts.count, facts.dimension, facts.snapshot_id, facts.table_uuid) == (60, 16, 11, "of the table")
    assert (facts.built_at[:19], facts.build_s) == ("1970-01-01T00:00:00", 0.0)
    assert facts.bytes > VECTORS.nbytes / 2
    assert opened(tmp_path).facts(1) == facts


def test_a_generation_is_loaded_with_its_passages_by_position(tmp_path: Path) -> None:
    generations = opened(tmp_path)
    loaded = generations.load(built(generations))
    assert loaded.facts == generations.facts(1)
    assert loaded.rows.schema == PASSAGES
    found = loaded.ann.search(VECTORS[7:8], 1).positions[0, 0]
    assert loaded.rows["row_key"][int(found)].as_py() == "row 7"


def test_numbers_rise_and_are_not_given_again_while_a_later_one_is_here(tmp_path: Path) -> None:
    generations = opened(tmp_path)
    assert [built(generations, 5) for _ in range(3)] == [1, 2, 3]
    assert generations.remove(keep={3}) == 2
    assert generations.numbers() == (3,)
    assert built(opened(tmp_path), 5) == 4


def test_only_folders_that_are_numbered_are_generations(tmp_path: Path) -> None:
    for name in ("gen-", "gen-x", "gen-1x", "gen-00020", "gen-10000", "other", f"{BUILDING}1-abc"):
        (tmp_path / name).mkdir()
    generations = opened(tmp_path)
    assert generations.numbers() == (20, 10000)
    assert built(generations, 5) == 10001
    assert (tmp_path / "other").exists()


def test_builds_side_by_side_get_numbers_of_their_own(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        numbers = sorted(pool.map(lambda _: built(opened(tmp_path), 5), range(8)))
    assert numbers == list(range(1, 9))
    assert [opened(tmp_path).load(n).facts.generation for n in numbers] == numbers


def test_without_vectors_there_is_nothing_to_build_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="resumes has no vectors yet") as refused:
        opened(tmp_path).build(stored(VECTORS[:0]), model="m", config=SMALL)
    assert refused.value.hint == "lakehouse index refresh resumes"
    assert list(tmp_path.iterdir()) == []


def test_a_build_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    for vectors, config in ((2 * VECTORS, SMALL), (VECTORS, replace(SMALL, m=3))):
        with pytest.raises(Invalid):
            opened(tmp_path).build(stored(vectors), model="m", config=config)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("n", [1, 2, 9, 10, 11])
def test_few_vectors_are_a_generation_too(tmp_path: Path, n: int) -> None:
    generations = opened(tmp_path)
    facts = generations.facts(built(generations, n))
    assert (facts.count, facts.recall.k, facts.recall.queries) == (n, min(n, 10), n)
    assert facts.recall.mean == 1


def test_a_search_that_finds_too_little_is_widened_and_the_width_is_kept(tmp_path: Path) -> None:
    generations = opened(tmp_path)
    # Directions without any order make a thin graph miss: every other vector is about as near.
    scattered = unit(np.random.default_rng(3).standard_normal((1500, 48)))
    poor = Config(m=4, ef_construction=8, ef_search=4)
    facts = generations.build(stored(scattered), model="m", config=poor)
    width = facts.config.ef_search
    assert replace(facts.config, ef_search=4) == poor
    assert width in {8, 16, 32, 64, 128, 256, 512}
    assert facts.recall.mean >= ENOUGH or width * 2 > MOST
    assert generations.load(1).facts.config.ef_search == width


@pytest.mark.parametrize("number", [0, 1, 7, 99_999])
def test_a_generation_that_is_not_here_is_not_found(tmp_path: Path, number: int) -> None:
    for ask in (opened(tmp_path).facts, opened(tmp_path).load):
        with pytest.raises(NotFound) as missing:
            ask(number)
        assert missing.value.hint


def test_a_file_that_changed_is_named_and_nothing_is_loaded(tmp_path: Path) -> None:
    generations = opened(tmp_path)
    path = tmp_path / f"gen-{built(generations, 20):04d}" / ROWS_FILE
    kept = path.read_bytes()
    path.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    with pytest.raises(Corrupt, match=ROWS_FILE):
        generations.load(1)
    assert generations.facts(1).count == 20  # the manifest alone is still what was written
    path.write_bytes(kept)
    assert generations.load(1).ann.size == 20


def resealed(folder: Path, **changed: object) -> None:
    """Facts that were changed by somebody who knows how to seal."""
    seal.seal(folder, {**seal.read(folder).facts, **changed})


@pytest.mark.parametrize(
    "changed",
    [
        {"config": {"m": 1}},
        {"config": 3},
        {"config": {"speed": 9}},
        {"recall": {}},
        {"costs": None},
        {"later": 1},
    ],
)
def test_facts_that_are_none_are_corrupt_though_they_are_sealed(
    tmp_path: Path, changed: dict[str, object]
) -> None:
    generations = opened(tmp_path)
    built(generations, 5)
    resealed(tmp_path / "gen-0001", **changed)
    for ask in (generations.facts, generations.load):
        with pytest.raises(Corrupt, match="manifest of a generation") as corrupt:
            ask(1)
        assert corrupt.value.hint == "lakehouse doctor --fix"


def test_a_generation_whose_parts_count_differently_contradicts_itself(tmp_path: Path) -> None:
    generations = opened(tmp_path)
    built(generations, 5)
    resealed(tmp_path / "gen-0001", count=6)
    with pytest.raises(Corrupt, match="generation 1 of resumes contradicts itself") as corrupt:
        generations.load(1)
    assert "lakehouse index refresh resumes" in corrupt.value.hint


def test_passages_that_are_no_arrow_file_are_corrupt_though_they_are_sealed(tmp_path: Path) -> None:
    generations = opened(tmp_path)
    built(generations, 5)
    for content in (b"", b"not arrow", b"ARROW1\0\0" * 4):
        (tmp_path / "gen-0001" / ROWS_FILE).write_bytes(content)
        resealed(tmp_path / "gen-0001")
        with pytest.raises(Corrupt, match="passages of a generation"):
            generations.load(1)


def test_a_manifest_is_plain_json_that_any_tool_can_read(tmp_path: Path) -> None:
    generations = opened(tmp_path)
    built(generations, 5)
    said = json.loads((tmp_path / "gen-0001" / seal.MANIFEST).read_text())
    assert said["facts"]["config"]["m"] == 8
    assert {file["name"] for file in said["files"]} >= {ROWS_FILE}


def test_removing_keeps_what_is_named_and_counts_what_went(tmp_path: Path) -> None:
    generations = opened(tmp_path)
    for _ in range(4):
        built(generations, 3)
    assert generations.remove(keep={2, 4, 9}) == 2
    assert generations.numbers() == (2, 4)
    assert generations.remove(keep={2, 4}) == 0
