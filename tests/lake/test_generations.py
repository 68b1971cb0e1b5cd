"""Generations: swapped under readers, damaged, lost; what serves is always whole."""

import random
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from lakehouse.base.errors import Corrupt, LakehouseError, NotFound, Refused
from lakehouse.index.definition import Pointer, configured
from lakehouse.lake.facade import Lakehouse
from tests.lake.conftest import open_with

WEAKEST = configured({"m": 4, "ef_construction": 8, "ef_search": 1, "storage": "int8"})


def built(lake: Lakehouse, generations: int = 1) -> None:
    lake.index.build("resumes", table="people", text="resume", id="id")
    for _ in range(generations - 1):
        lake.index.get("resumes").build(lambda _: None)


def test_readers_never_fail_while_generations_are_swapped_under_them(
    lake: Lakehouse, many: Callable[[int], None]
) -> None:
    many(60)
    built(lake, generations=3)
    failed: list[LakehouseError] = []
    found: list[str] = []
    done, answered = threading.Event(), threading.Semaphore(0)

    def read() -> None:
        while not done.is_set():
            try:
                found.append(lake.search("number7 group0", corpora=["resumes"], k=1).hits[0].id)
            except LakehouseError as error:
                failed.append(error)
            answered.release()

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for n in range(20):
        lake.index.promote("resumes", 1 + n % 3)
        answered.acquire()
    for _ in range(5):
        lake.index.rollback("resumes")
        answered.acquire()
    done.set()
    for reader in readers:
        reader.join()
    assert not failed
    assert set(found) == {"107"}
    assert len(found) >= 25


def test_every_damaged_file_of_a_generation_is_rejected_before_it_is_loaded(lake: Lakehouse) -> None:
    built(lake)
    generations = lake.index.get("resumes").generations
    folder = lake.root / "indexes" / "resumes" / "gen-0001"
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    assert {path.name for path in files} >= {"index.faiss", "rows.arrow", "manifest.json"}
    dice = random.Random(7)
    for attempt in range(180):
        path = files[attempt % len(files)]
        sound = path.read_bytes()
        path.write_bytes(_damaged(sound, attempt // 60, dice))
        with pytest.raises((Corrupt, NotFound)):
            generations.load(1)
        path.write_bytes(sound)
    assert generations.load(1).facts.generation == 1


def _damaged(sound: bytes, kind: int, dice: random.Random) -> bytes:
    if kind == 0:
        return sound[: dice.randrange(len(sound))]
    at = dice.randrange(len(sound)) if kind == 1 else dice.randrange(min(32, len(sound)))
    return sound[:at] + bytes([sound[at] ^ (1 << dice.randrange(8))]) + sound[at + 1 :]


@pytest.mark.parametrize("harm", ["damage", "lose"])
def test_a_damaged_or_lost_generation_is_made_anew_from_the_tables_without_help(
    tmp_path: Path, harm: str
) -> None:
    root = tmp_path / "lake"
    rows = [{"id": n, "resume": f"worker number{n} group{n % 7}"} for n in range(2100)]
    with open_with(root) as lake:
        lake.upsert("people", rows, key="id")
        built(lake)
        assert lake.index.show("resumes").generation == 1
    if harm == "lose":
        shutil.rmtree(root / "indexes")
    else:
        (root / "indexes/resumes/gen-0001/index.faiss").write_bytes(b"no graph")
    with open_with(root) as lake:
        assert lake.search("number7 group0", k=1).hits[0].id == "7"
        shown = lake.index.show("resumes")
        assert shown.generation is not None
        assert shown.vectors == 2100
        assert shown.recall is not None


def test_a_catalog_rebuilt_from_storage_still_knows_its_indexes(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    with open_with(root) as lake:
        lake.upsert("people", [{"id": 1, "resume": "forklift operator"}], key="id")
        built(lake)
    (root / "catalog.sqlite").unlink()
    with open_with(root) as lake:
        lake.rebuild()
        assert lake.index.show("resumes").generation == 1
        assert lake.search("forklift").hits[0].id == "1"


def test_a_generation_below_the_demanded_recall_is_promoted_only_by_a_recorded_override(
    lake: Lakehouse, many: Callable[[int], None]
) -> None:
    many(600)
    lake.index.define("resumes", table="people", text="resume", id="id", min_recall=1.0)
    index = lake.index.get("resumes")
    index.refresh(lambda _: None, graph=False)
    weak = index.build(lambda _: None, config=WEAKEST)
    assert weak.recall.mean < 1.0
    assert lake.index.show("resumes").generation is None
    with pytest.raises(Refused, match="is demanded") as error:
        lake.index.promote("resumes", weak.generation)
    assert "--override" in error.value.hint
    pointer = lake.index.promote("resumes", weak.generation, note="for a test", override=True)
    assert pointer.current is not None
    assert (pointer.current.overridden, pointer.current.note) == (True, "for a test")
    assert lake.index.show("resumes").generation == weak.generation


def test_two_lakes_over_one_folder_see_each_others_generations(tmp_path: Path) -> None:
    with open_with(tmp_path / "lake") as one, open_with(tmp_path / "lake") as other:
        one.upsert("people", [{"id": n, "resume": f"worker number{n}"} for n in range(30)], key="id")
        built(one)
        assert other.search("number7", k=1).hits[0].id == "7"
        other.upsert("people", [{"id": 7, "resume": "baker of bread"}], key="id")
        other.index.refresh("resumes")
        assert one.search("baker", k=1).hits[0].id == "7"
        other.index.get("resumes").build(lambda _: None)
        assert one.index.show("resumes").generation == 2


def test_an_index_made_again_under_its_name_takes_nothing_of_the_one_before(lake: Lakehouse) -> None:
    built(lake)
    kept = lake.root / "indexes" / "resumes"
    shutil.copytree(kept, lake.root / "aside")
    lake.index.drop("resumes")
    shutil.copytree(lake.root / "aside", kept)  # as on another machine, which did not hear of it
    lake.index.define("resumes", table="people", text="{city}", id="id")
    lake.index.get("resumes").refresh(lambda _: None, graph=True)
    assert lake.index.show("resumes").generation == 2
    lake.index.get("resumes").table.repoint(Pointer.rolled_back)
    lake.index.promote("resumes", 2)
    found = lake.search("Bonn", k=1).hits[0]
    assert (found.id, found.text) == ("5", "Bonn")


def test_an_index_may_keep_its_vectors_on_disk_instead(lake: Lakehouse, many: Callable[[int], None]) -> None:
    pytest.importorskip("lance", reason="the extra [lance] is not installed")
    many(40)
    lake.index.build("resumes", table="people", text="resume", id="id", config={"backend": "lance"})
    lake.index.get("resumes").build(lambda _: None)
    shown = lake.index.show("resumes")
    assert (shown.config.backend, shown.generation, shown.vectors) == ("lance", 2, 45)
    assert lake.search("number7 group0", k=1).hits[0].id == "107"
    assert [h.id for h in lake.search("forklift", where="city = 'Rome'", k=1).hits] == ["3"]
    lake.delete("people", where="id = 107")
    assert "107" not in [h.id for h in lake.search("number7 group0", k=5).hits]
