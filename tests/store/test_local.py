"""The local store does what every store does, and leaves nothing behind."""

import errno
import os
from pathlib import Path

import pytest

from lakehouse.base.clock import FixedClock
from lakehouse.base.errors import Invalid, Unavailable
from lakehouse.store.durable import Durable, disk_error
from lakehouse.store.local import LocalStore
from tests.suites.object_store import RacingObjectStoreSuite


class TestDurableLocalStore(RacingObjectStoreSuite):
    """The suite, with fsync."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> LocalStore:
        return LocalStore(tmp_path / "lake")


class TestProcessLocalStore(RacingObjectStoreSuite):
    """The suite, without fsync."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> LocalStore:
        return LocalStore(tmp_path / "lake", durability="process")


def leftovers(root: Path) -> list[Path]:
    return [path for path in (root / ".partial").rglob("*") if path.is_file()]


def abandon(root: Path, name: str, modified_ms: int) -> Path:
    """What a process that was killed while it wrote leaves behind."""
    folder = root / ".partial" / name
    folder.mkdir(parents=True)
    (folder / "half").write_bytes(b"hal")
    os.utime(folder, (modified_ms / 1000, modified_ms / 1000))
    return folder


def test_opening_a_store_sweeps_what_killed_processes_left(tmp_path: Path) -> None:
    abandon(tmp_path, "gone", 1_000)
    LocalStore(tmp_path)
    assert not leftovers(tmp_path)


def test_a_sweep_takes_only_what_is_old_enough(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    abandon(tmp_path, "old", 1_000)
    abandon(tmp_path, "new", 5_000)
    assert store.sweep(older_than_ms=3_000, now_ms=6_000) == 1
    assert [path.parent.name for path in leftovers(tmp_path)] == ["new"]
    assert store.sweep(older_than_ms=0, now_ms=6_000) == 1


def test_a_sweep_leaves_the_files_of_a_living_process_alone(tmp_path: Path) -> None:
    first = LocalStore(tmp_path)
    (mine,) = (tmp_path / ".partial").iterdir()
    (mine / "being-written").write_bytes(b"hal")
    second = LocalStore(tmp_path)
    assert second.sweep(0, FixedClock().ms * 10) == 0
    assert leftovers(tmp_path) == [mine / "being-written"]
    first.put("a", b"1")
    assert second.get("a") == b"1"


def test_a_store_that_is_let_go_removes_its_own_folder(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.put("a", b"1")
    del store
    assert not list((tmp_path / ".partial").iterdir())


def test_an_object_that_stands_where_a_folder_must_be_is_invalid(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.put("a", b"1")
    store.put("b/c", b"1")
    for key in ["a/b", "b"]:
        with pytest.raises(Invalid, match="stands where"):
            store.put(key, b"2")
    for key in ["a/b", "a/b/c/d", "b"]:
        with pytest.raises(Invalid, match="stands where"):
            store.put_if_absent(key, b"2")
    assert not leftovers(tmp_path)
    assert [o.key for o in store.list("")] == ["a", "b/c"]


def test_a_folder_that_someone_removed_is_made_again(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.put("a/b/c", b"1")
    (tmp_path / "a/b/c").unlink()
    (tmp_path / "a/b").rmdir()
    store.put("a/b/d", b"2")
    assert [o.key for o in store.list("")] == ["a/b/d"]


def test_an_address_is_the_absolute_path_of_the_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = LocalStore(Path("lake"))
    store.put("a/b", b"1")
    assert store.url("a/b") == str(tmp_path / "lake/a/b")
    assert Path(store.url("a/b")).read_bytes() == b"1"


def test_a_file_is_no_place_for_a_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises((Invalid, Unavailable), match="open a store"):
        LocalStore(tmp_path / "file")


def test_links_to_folders_are_not_followed_out_of_the_store(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_bytes(b"1")
    store = LocalStore(tmp_path / "lake")
    (tmp_path / "lake" / "link").symlink_to(tmp_path / "outside", target_is_directory=True)
    assert not [o.key for o in store.list("") if o.key.startswith("link/")]


def test_files_that_others_wrote_are_made_durable_together(tmp_path: Path) -> None:
    files = [tmp_path / f"{turn % 3}" / f"{turn}.parquet" for turn in range(12)]
    for file in files:
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"data")
    sync = Durable(tmp_path)
    sync(files)
    sync([files[0], files[0]])
    sync([])


def test_a_missing_file_is_not_durable(tmp_path: Path) -> None:
    (tmp_path / "here").write_bytes(b"")
    with pytest.raises(Unavailable, match="durable"):
        Durable(tmp_path)([tmp_path / "here", tmp_path / "gone"])


@pytest.mark.parametrize(
    ("code", "hint"),
    [(errno.ENOSPC, "free disk space"), (errno.EDQUOT, "quota"), (errno.EROFS, "for writing"),
     (errno.EIO, "dmesg"), (errno.EACCES, "right to"), (errno.EMFILE, "ulimit"),
     (errno.EOPNOTSUPP, "hard links"), (errno.EBUSY, "disk")],
)  # fmt: skip
def test_what_a_disk_refuses_comes_with_the_cure(code: int, hint: str) -> None:
    error = disk_error(OSError(code, os.strerror(code)), "write 'a'", key="a")
    assert isinstance(error, Unavailable)
    assert hint in error.hint
    assert error.retry
    assert error.context == {"key": "a"}
