"""Sealed folders: whatever is damaged is found before anything loads it."""

import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lakehouse.base.errors import Corrupt, Invalid, NotFound, Unavailable
from lakehouse.index import seal
from lakehouse.index.ann import Config
from lakehouse.index.near.hnsw import Hnsw
from lakehouse.index.seal import MANIFEST
from tests.suites.vector_index import clustered

FACTS = {"generation": 3, "config": {"m": 16}, "model": "minilm"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sealed folder with an index and other files, one of them in a folder below."""
    folder = tmp_path_factory.mktemp("sealed")
    config = Config(storage="int8", rerank=10)
    vectors = clustered(400)
    vectors[300:] = vectors[0]
    Hnsw().build(vectors, config, folder, threads=2)
    (folder / "lexical").mkdir()
    (folder / "lexical" / "words.bin").write_bytes(b"words" * 1000)
    (folder / "rows.arrow").write_bytes(os.urandom(10_000))
    seal.seal(folder, FACTS)
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """A copy, for the test to damage."""
    return Path(shutil.copytree(whole, tmp_path / "gen-0003"))


def test_what_was_sealed_comes_back(folder: Path) -> None:
    manifest = seal.check(folder)
    assert manifest.facts == FACTS
    names = [file.name for file in manifest.files]
    assert names == ["groups.i64", "index.faiss", "lexical/words.bin", "rows.arrow", "vectors.f16"]
    assert manifest.bytes == sum((folder / name).stat().st_size for name in names)
    assert manifest == seal.read(folder)


def truncate(path: Path, dice: random.Random) -> None:
    os.truncate(path, dice.randrange(path.stat().st_size))


def flip_a_bit(path: Path, dice: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    path.write_bytes(content)


def change_the_header(path: Path, dice: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[dice.randrange(16)] ^= dice.randrange(1, 256)
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [truncate, flip_a_bit, change_the_header])
def test_sixty_of_sixty_damaged_files_are_rejected_by_name(
    folder: Path, damage: Callable[[Path, random.Random], None]
) -> None:
    paths = sorted(p for p in folder.rglob("*") if p.is_file())
    assert len(paths) == 6  # the manifest is damaged like the rest
    rejected = 0
    for seed in range(60):
        path = paths[seed % len(paths)]
        kept = path.read_bytes()
        damage(path, random.Random(seed))
        with pytest.raises(Corrupt) as corrupt:
            seal.check(folder)
        rejected += corrupt.value.message.startswith(path.relative_to(folder).as_posix())
        path.write_bytes(kept)
    assert rejected == 60
    assert seal.check(folder).facts == FACTS


def test_a_file_that_grew_or_went_is_rejected(folder: Path) -> None:
    with (folder / "rows.arrow").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(Corrupt, match=r"rows\.arrow"):
        seal.check(folder)
    (folder / "rows.arrow").unlink()
    with pytest.raises(Corrupt, match=r"rows\.arrow"):
        seal.check(folder)


def test_a_folder_that_was_never_finished_is_not_found(tmp_path: Path) -> None:
    (tmp_path / "index.faiss").write_bytes(b"half")
    for missing in (tmp_path, tmp_path / "none", tmp_path / "index.faiss"):
        with pytest.raises(NotFound) as found:
            seal.check(missing)
        assert "build the index again" in found.value.hint


def test_a_manifest_changed_by_hand_is_rejected(folder: Path) -> None:
    path = folder / MANIFEST
    said = json.loads(path.read_bytes())
    said["facts"]["generation"] = 4
    for content in (json.dumps(said, indent=1), "{}", "[]", "[" * 100_000, "3", path.read_text() + "\n"):
        path.write_text(content)
        with pytest.raises(Corrupt, match="manifest"):
            seal.read(folder)


def test_a_folder_is_sealed_anew_with_other_facts(folder: Path) -> None:
    before = seal.check(folder)
    seal.seal(folder, {"generation": 4})
    assert seal.check(folder).facts == {"generation": 4}
    assert seal.check(folder).files == before.files


def test_locks_that_readers_leave_do_no_harm(folder: Path) -> None:
    (folder / "lexical" / ".lock").touch()
    assert seal.check(folder).facts == FACTS


@pytest.mark.parametrize("facts", [{"a": float("nan")}, {"a": Path()}, {"a": {1, 2}}])
def test_facts_that_json_cannot_say_are_refused(folder: Path, facts: dict[str, object]) -> None:
    with pytest.raises(Invalid, match="JSON"):
        seal.seal(folder, facts)
    assert seal.check(folder).facts == FACTS  # the seal before it still holds


def test_a_seal_that_was_cut_short_is_done_again(folder: Path) -> None:
    (folder / "manifest.json.partial").write_bytes(b"half of it")
    seal.seal(folder, FACTS)
    assert not (folder / "manifest.json.partial").exists()
    assert len(seal.check(folder).files) == 5


def test_a_disk_that_refuses_is_said(tmp_path: Path) -> None:
    (tmp_path / "i" / MANIFEST).mkdir(parents=True)
    with pytest.raises((Unavailable, Invalid), match="manifest"):
        seal.read(tmp_path / "i")
