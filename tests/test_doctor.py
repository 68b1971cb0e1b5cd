"""The doctor, shown real lakes with real damage: what it finds, what it advises, what it mends."""

import dataclasses
import math
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lakehouse.assembly import open_lake
from lakehouse.base.clock import FixedClock, SystemClock
from lakehouse.doctor import SEGMENTS, Finding, examine
from lakehouse.index.seal import seal
from lakehouse.llm.minilm import weights
from lakehouse.store.journal import Journal
from lakehouse.store.local import LocalStore
from tests.flows.conftest import QUICK, open_in

Named = dict[str, Finding]

NO_MODEL = QUICK + '[embedding]\nprovider = "none"\n'
"""Loading a model takes a second, which one test of this file pays for all."""


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with one table of two files, and a copy of it beside."""
    folder = tmp_path_factory.mktemp("doctor")
    with open_in(folder / "lake", NO_MODEL) as lake:
        for part in ("id,name\n1,Ann\n2,Bob\n", "id,name\n3,Cid\n"):
            (folder / "people.csv").write_text(part)
            lake.ingest(folder / "people.csv")
    shutil.copytree(folder / "lake", folder / "copy")
    return folder


@pytest.fixture
def root(sound: Path) -> Path:
    """That lake as it was before the test before; in its place, since its metadata names it."""
    shutil.rmtree(sound / "lake")
    shutil.copytree(sound / "copy", sound / "lake")
    return sound / "lake"


def look(root: Path, *, fix: bool = False) -> Named:
    """What the doctor says, by name; of equals the worst."""
    order = ("ok", "warn", "bad")
    found: Named = {}
    for finding in examine(root, fix=fix):
        known = found.get(finding.name)
        if known is None or order.index(finding.status) >= order.index(known.status):
            found[finding.name] = finding
    return found


def sick(found: Named) -> set[str]:
    return {
        name
        for name, finding in found.items()
        if finding.status != "ok" and name not in ("jail", "fsync", "disk")
    }


def data_file(root: Path) -> Path:
    return min((root / "warehouse").rglob("data/**/*.parquet"))


def forget_catalog(root: Path) -> None:
    for part in root.glob("catalog.sqlite*"):
        part.unlink()


def test_a_sound_lake_is_found_sound_and_no_advice_is_given(root: Path) -> None:
    found = look(root)
    assert sick(found) == set()
    assert set(found) == {
        "extensions", "jail", "disk", "fsync", "settings", "catalog", "tables", "journal", "embedding",
    }  # fmt: skip
    assert {f.hint for f in found.values() if f.status == "ok"} == {""}
    assert (found["catalog"].detail, found["tables"].detail) == ("tables: 1", "with all their files: 1")


def test_mending_a_sound_lake_changes_nothing(root: Path) -> None:
    def state() -> dict[Path, bytes]:
        return {p: p.read_bytes() for p in (root / "warehouse").rglob("*") if p.is_file()}

    before = state()
    assert sick(look(root, fix=True)) == set()
    assert state() == before


def test_looking_leaves_no_probe_behind(root: Path) -> None:
    before = {p.name for p in root.iterdir()}
    examine(root)
    assert {p.name for p in root.iterdir()} == before


def test_a_data_file_that_is_gone_is_bad_and_the_way_back_is_named(root: Path) -> None:
    data_file(root).unlink()
    for fix in (False, True):
        finding = look(root, fix=fix)["tables"]
        assert finding.status == "bad"
        assert finding.detail == "lake.people: files missing: 1, not as written: 0"
        assert finding.hint.startswith("lakehouse history lake.people")


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:-9],
        lambda data: data[: len(data) // 2],
        lambda data: b"PAR1" * 99,
    ],
    ids=["empty", "tail cut", "half", "other bytes"],
)
def test_a_data_file_that_was_changed_is_bad(root: Path, damage: Callable[[bytes], bytes]) -> None:
    file = data_file(root)
    file.write_bytes(damage(file.read_bytes()))
    finding = look(root)["tables"]
    assert (finding.status, finding.detail) == ("bad", "lake.people: files missing: 0, not as written: 1")


def test_a_sound_table_beside_a_damaged_one_is_still_counted(root: Path, tmp_path: Path) -> None:
    data_file(root).unlink()
    with open_in(root) as lake:
        (tmp_path / "cities.csv").write_text("city\nOslo\n")
        lake.ingest(tmp_path / "cities.csv")
    said = [(f.status, f.detail) for f in examine(root) if f.name == "tables"]
    assert said[-1] == ("ok", "with all their files: 1")
    assert [status for status, _ in said] == ["bad", "ok"]


def test_a_catalog_that_is_gone_is_noticed_and_mended_from_the_files(root: Path) -> None:
    forget_catalog(root)
    finding = look(root)["rebuild"]
    assert (finding.status, finding.hint) == ("bad", "lakehouse doctor --fix")
    assert "people" in finding.detail
    mended = look(root, fix=True)
    assert sick(mended) == set()
    assert "put back into the catalog: people" in mended["rebuild"].detail
    assert "rebuild" not in look(root)
    with open_in(root) as lake:
        assert lake.sql("SELECT count(*) FROM people").rows() == [(3,)]


def test_a_table_that_was_dropped_is_not_missed(root: Path) -> None:
    with open_in(root) as lake:
        lake.drop("people")
    assert sick(look(root)) == set()
    assert sick(look(root, fix=True)) == set()
    with open_in(root) as lake:
        assert lake.tables() == ()


def test_a_catalog_that_is_damaged_is_bad_and_the_advice_works(root: Path) -> None:
    forget_catalog(root)
    (root / "catalog.sqlite").write_bytes(b"these bytes are no database, whatever their name says " * 40)
    finding = look(root, fix=True)["lake"]
    assert finding.status == "bad"
    assert "catalog.sqlite aside" in finding.hint
    (root / "catalog.sqlite").rename(root / "catalog.sqlite.broken")
    assert sick(look(root, fix=True)) == set()


def test_metadata_that_nobody_can_read_is_named_with_its_folder(root: Path) -> None:
    forget_catalog(root)
    for file in (root / "warehouse").rglob("*.metadata.json"):
        file.write_text("{}")
    for fix in (False, True):
        finding = look(root, fix=fix)["rebuild"]
        assert finding.status == "bad"
        assert finding.detail.startswith("warehouse/lake/people")
        assert "backup" in finding.hint


def test_secrets_that_others_can_read_are_bad_until_they_are_mended(root: Path) -> None:
    file = root / "secrets.toml"
    file.write_text('token = "hunter2"\n')
    file.chmod(0o644)
    found = look(root)
    assert (found["secrets"].status, found["secrets"].hint) == ("bad", "lakehouse doctor --fix")
    assert file.stat().st_mode & 0o777 == 0o644
    assert sick(look(root, fix=True)) == set()
    assert file.stat().st_mode & 0o777 == 0o600
    assert "secrets" not in look(root)


def test_secrets_that_are_no_toml_are_bad_and_not_quoted(root: Path) -> None:
    file = root / "secrets.toml"
    file.write_text("token = hunter2")
    file.chmod(0o600)
    findings = examine(root, fix=True)
    assert any("secrets.toml is not TOML" in f.detail for f in findings)
    assert "hunter2" not in str(findings)


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ("[serverr]\n", "'serverr' is no section", "did you mean server?"),
        ("[limits]\nrowz = 7\n", "'rowz' is no key", "did you mean rows?"),
        ("[limits]\nrows = 'many'\n", "limits.rows must be int", "lakehouse.toml"),
        ("rows = [", "is not TOML", "correct "),
    ],
)
def test_settings_that_are_wrong_are_bad_and_nothing_else_is_left_unexamined(
    root: Path, text: str, said: str, hint: str
) -> None:
    (root / "lakehouse.toml").write_text(text)
    (root / "secrets.toml").touch(0o644)
    found = look(root)
    assert found["settings"].status == "bad"
    assert said in found["settings"].detail
    assert hint in found["settings"].hint
    assert found["secrets"].status == "bad"
    assert found["disk"].status == "ok"


def test_a_crowded_journal_is_a_warning_until_it_is_folded(root: Path) -> None:
    store = LocalStore(root, durability="process", clock=SystemClock())
    journal = Journal(store, clock=SystemClock())
    for number in range(SEGMENTS + 1):
        journal.append("errors", [{"error_id": str(number), "kind": "Invalid", "where": "here"}])
    journal.close()
    finding = look(root)["journal"]
    assert (finding.status, finding.hint) == ("warn", "lakehouse doctor --fix folds them")
    assert sick(look(root, fix=True)) == set()
    with open_in(root) as lake:
        assert lake.sql("SELECT count(*) FROM system.errors").rows() == [(SEGMENTS + 1,)]


def test_a_table_written_in_the_future_is_a_warning_about_the_clock(tmp_path: Path) -> None:
    ahead = FixedClock(SystemClock().now_ms() + 86_400_000)
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / "lakehouse.toml").write_text(NO_MODEL)
    (tmp_path / "people.csv").write_text("id\n1\n")
    with open_lake(tmp_path / "lake", clock=ahead) as lake:
        lake.ingest(tmp_path / "people.csv")
    finding = look(tmp_path / "lake")["clock"]
    assert (finding.status, "lake.people" in finding.detail) == ("warn", True)


@pytest.mark.parametrize("name", ["nowhere", "file.txt"])
def test_a_folder_that_is_none_is_a_finding_and_is_not_made(tmp_path: Path, name: str) -> None:
    (tmp_path / "file.txt").write_text("a letter")
    found = look(tmp_path / name, fix=True)
    assert (found["folder"].status, sick(found)) == ("bad", {"folder"})
    assert [p.name for p in tmp_path.iterdir()] == ["file.txt"]


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    assert look(tmp_path, fix=True)["lake"].status == "bad"
    assert [p.name for p in tmp_path.iterdir()] == ["letter.txt"]


def test_a_folder_that_cannot_be_written_is_bad() -> None:
    found = look(Path("/proc/self"))  # refuses even those who may write everywhere
    assert found["writing"].status == "bad"
    assert "permissions" in found["writing"].hint
    assert found["lake"].status == "bad"


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with an index over ready vectors and one over words, and a copy of it beside."""
    folder = tmp_path_factory.mktemp("indexed")
    with open_in(folder / "lake", NO_MODEL) as lake:
        points = [{"id": n, "v": [math.sin(n * (i + 1)) for i in range(8)]} for n in range(1, 61)]
        lake.upsert("points", points, key="id")
        lake.index.build("points", table="points", vector="v")
        lake.upsert("people", [{"id": 1, "resume": "forklift operator"}], key="id")
        lake.index.build("people", table="people", text="resume")
    shutil.copytree(folder / "lake", folder / "copy")
    return folder


@pytest.fixture
def searched(indexed: Path) -> Path:
    """That lake as it was before the test before."""
    shutil.rmtree(indexed / "lake")
    shutil.copytree(indexed / "copy", indexed / "lake")
    return indexed / "lake"


def generation(root: Path, number: int = 1) -> Path:
    return root / "indexes" / "points" / f"gen-{number:04d}"


def nearest(root: Path) -> str:
    with open_in(root) as lake:
        vector = [math.sin(7 * (i + 1)) for i in range(8)]
        assert lake.index.show("points").generation is not None
        return lake.search(vector=vector, corpora=["points"], k=1).hits[0].id


def test_sound_indexes_are_found_sound_and_one_without_a_model_is_no_fault(searched: Path) -> None:
    found = look(searched)
    assert sick(found) == set()
    assert found["indexes"].detail == "whole and up to date: 2"
    assert "by words only" in found["embedding"].detail


@pytest.mark.parametrize(
    "damage",
    [lambda data: data[:-1], lambda data: bytes([data[0] ^ 1]) + data[1:], lambda data: b""],
    ids=["cut", "one bit", "empty"],
)
def test_a_generation_that_was_changed_is_bad_until_it_is_built_anew(
    searched: Path, damage: Callable[[bytes], bytes]
) -> None:
    file = max(generation(searched).glob("*"), key=lambda path: path.stat().st_size)
    file.write_bytes(damage(file.read_bytes()))
    finding = look(searched)["indexes"]
    assert (finding.status, finding.hint) == ("bad", "lakehouse doctor --fix")
    assert finding.detail.startswith(f"points: generation 1: {file.name} is not as it was sealed")
    mended = examine(searched, fix=True)
    assert "points: the serving generation was lost; built anew" in [f.detail for f in mended]
    assert sick(look(searched)) == set()
    assert nearest(searched) == "7"


def test_a_damaged_generation_that_does_not_serve_is_removed(searched: Path) -> None:
    with open_in(searched) as lake:
        lake.index.get("points").build(lambda _: None)
    (generation(searched) / "manifest.json").write_text("{}")
    assert look(searched)["indexes"].status == "bad"
    assert sick(look(searched, fix=True)) == set()
    assert not generation(searched).exists()
    assert generation(searched, 2).exists()


def test_a_generation_that_is_not_on_this_machine_is_a_warning(searched: Path) -> None:
    shutil.rmtree(searched / "indexes")
    finding = look(searched)["indexes"]
    assert (finding.status, finding.hint) == ("warn", "lakehouse doctor --fix")
    assert "generation 1 serves but is not here" in finding.detail
    assert not generation(searched).exists()
    assert sick(look(searched, fix=True)) == set()
    assert nearest(searched) == "7"


def test_rows_that_wait_for_their_meaning_are_a_warning_with_the_command(searched: Path) -> None:
    with open_in(searched) as lake:
        lake.upsert("points", [{"id": 99, "v": [1.0] * 8}], key="id")
    finding = look(searched, fix=True)["indexes"]
    assert (finding.status, finding.hint) == ("warn", "lakehouse index refresh points")
    assert "1 of 61 rows" in finding.detail


def test_a_generation_that_finds_too_little_is_a_warning(searched: Path) -> None:
    with open_in(searched) as lake:
        lake.index.get("points").table.redefine(lambda d: dataclasses.replace(d, min_recall=1.0))
        manifest = lake.index.get("points").generations.facts(1)
        worse = dataclasses.replace(manifest, recall=dataclasses.replace(manifest.recall, mean=0.9))
    seal(generation(searched), dataclasses.asdict(worse))
    finding = look(searched)["indexes"]
    assert (finding.status, finding.hint) == ("warn", "lakehouse index tune points")
    assert "finds 0.900 of the exact answer, 1.0 is wanted" in finding.detail


def test_an_index_whose_table_is_gone_is_bad_and_the_others_are_looked_at(
    searched: Path,
) -> None:
    with open_in(searched) as lake:
        lake.catalog("DELETE", ["namespaces", "lake", "tables", "people"], {})  # as another tool does it
    said = [(f.status, f.detail) for f in examine(searched) if f.name == "indexes"]
    assert [status for status, _ in said] == ["bad", "ok"]
    assert said[0][1].startswith("people: ")
    assert said[1][1] == "whole and up to date: 1"


@pytest.mark.skipif(weights.folder() is None, reason="the embedding model is not installed")
def test_the_embedding_model_is_tried_and_a_damaged_one_is_a_warning(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "lakehouse.toml").write_text(QUICK)
    assert look(root)["embedding"].detail == "all-MiniLM-L6-v2 answers with 384 dimensions"
    monkeypatch.setattr(weights, "SHA256", dict.fromkeys(weights.SHA256, "0" * 64))
    finding = look(root)["embedding"]
    assert (finding.status, "is not the released one" in finding.detail) == ("warn", True)
    assert "force-reinstall" in finding.hint


def test_a_model_server_that_does_not_answer_is_a_warning(root: Path) -> None:
    (root / "lakehouse.toml").write_text(
        QUICK + '[embedding]\nprovider = "ollama"\nurl = "http://127.0.0.1:9"\n'
    )
    finding = look(root)["embedding"]
    assert (finding.status, bool(finding.hint)) == ("warn", True)
    assert finding.detail.startswith("search works by words only: ")
