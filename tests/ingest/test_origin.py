"""Were these bytes taken in before? Asked of histories of every shape."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyiceberg.partitioning import UNPARTITIONED_PARTITION_SPEC
from pyiceberg.schema import Schema
from pyiceberg.table.metadata import new_table_metadata
from pyiceberg.table.snapshots import Operation, Snapshot, Summary
from pyiceberg.table.sorting import UNSORTED_SORT_ORDER

import lakehouse
from lakehouse.base.errors import NotFound, Unavailable
from lakehouse.ingest.origin import digest, is_taken
from lakehouse.lake.facade import Lakehouse
from lakehouse.store.memory import MemoryStore
from lakehouse.table.fileio import StoreIO
from lakehouse.table.files.sources import ROLLED_BACK_TO, Sources
from lakehouse.table.heads import Head
from lakehouse.table.names import TableName

PEOPLE = TableName("lake", "people")
SOURCES = Sources(StoreIO(MemoryStore()))


def wrote(sha256: str, mode: str = "append") -> dict[str, str]:
    """The summary of an ingest."""
    return {"lakehouse.sha256": sha256, "lakehouse.mode": mode}


def back_to(snapshot_id: int) -> dict[str, str]:
    return {ROLLED_BACK_TO: str(snapshot_id)}


UPKEEP = {"lakehouse.upkeep": "fold"}
EDIT: dict[str, str] = {}


def head(*summaries: dict[str, str], expired: int = 0) -> Head:
    """A table whose snapshots 1, 2, … have these summaries; the first `expired` are let go."""
    metadata = new_table_metadata(
        Schema(), UNPARTITIONED_PARTITION_SPEC, UNSORTED_SORT_ORDER, "/lake/warehouse/people"
    )
    snapshots = [
        Snapshot(
            snapshot_id=n,
            parent_snapshot_id=n - 1 or None,
            sequence_number=n,
            timestamp_ms=n,
            manifest_list=f"/lake/{n}",
            summary=Summary(Operation.APPEND, **summary),
        )
        for n, summary in enumerate(summaries, 1)
    ]
    kept = {"snapshots": snapshots[expired:], "current_snapshot_id": len(snapshots) or None}
    return Head(name=PEOPLE, metadata=metadata.model_copy(update=kept), location="/lake/head")


@pytest.mark.parametrize(
    ("history", "taken"),
    [
        ([], False),
        ([wrote("a")], True),
        ([wrote("b")], False),
        ([wrote("a"), wrote("b")], True),
        ([wrote("a"), EDIT, UPKEEP], True),
        ([wrote("a"), wrote("b", "replace")], False),
        ([wrote("a", "replace"), wrote("b")], True),
        ([wrote("b"), wrote("a", "replace"), wrote("c")], True),
        ([wrote("b"), wrote("a"), back_to(1)], False),
        ([wrote("a"), wrote("b"), back_to(1)], True),
        ([wrote("b"), wrote("a"), back_to(1), back_to(2)], True),
        ([wrote("b"), wrote("a"), back_to(1), wrote("a")], True),
        ([wrote("a"), wrote("b", "replace"), back_to(1)], True),
        ([wrote("a"), UPKEEP, wrote("b"), back_to(2)], True),
    ],
)
def test_an_append_is_skipped_when_its_rows_are_part_of_the_table_now(
    history: list[dict[str, str]], taken: bool
) -> None:
    assert is_taken(head(*history), "a", mode="append", sources=SOURCES) is taken


@pytest.mark.parametrize(
    ("history", "taken"),
    [
        ([], False),
        ([wrote("a", "replace")], True),
        ([wrote("a")], True),
        ([wrote("a", "replace"), wrote("b")], False),
        ([wrote("a", "replace"), EDIT], False),
        ([wrote("a", "replace"), UPKEEP], True),
        ([wrote("a", "upsert"), wrote("b", "upsert")], False),
        ([wrote("a", "upsert"), wrote("b", "upsert"), back_to(1)], True),
        ([wrote("b", "replace"), wrote("a", "replace"), back_to(1)], False),
    ],
)
@pytest.mark.parametrize("mode", ["replace", "upsert"])
def test_what_says_how_rows_are_to_be_is_skipped_only_when_it_had_the_last_word(
    mode: str, history: list[dict[str, str]], taken: bool
) -> None:
    assert is_taken(head(*history), "a", mode=mode, sources=SOURCES) is taken


def test_nothing_before_a_replacement_counts_even_when_it_expired() -> None:
    replaced = head(wrote("a"), wrote("b", "replace"), wrote("c"), expired=1)
    assert not is_taken(replaced, "a", mode="append", sources=SOURCES)


@pytest.fixture
def forgetful(tmp_path: Path) -> Iterator[Lakehouse]:
    """A lake that keeps no snapshot but the newest once it is told to tidy."""
    (tmp_path / "lake").mkdir()
    upkeep = "[upkeep]\nkeep_newest = 1\nkeep_days = 0\n"
    (tmp_path / "lake" / "lakehouse.toml").write_text(f'[durability]\nmode = "process"\n{upkeep}')
    with lakehouse.open(tmp_path / "lake") as lake:
        yield lake


def files(folder: Path, names: str) -> list[Path]:
    """A file of one row for each letter."""
    for name in names:
        (folder / f"{name}.csv").write_text(f"v\n{name}\n")
    return [folder / f"{name}.csv" for name in names]


def test_a_file_whose_snapshot_has_expired_is_still_part_of_its_table(
    forgetful: Lakehouse, tmp_path: Path
) -> None:
    given = files(tmp_path, "abc")
    ids = [forgetful.ingest(path, table="t").snapshot_id for path in given]
    forgetful.compact("t")
    assert not {v.snapshot_id for v in forgetful.history("t")} & set(ids)
    assert [forgetful.ingest(path, table="t").status for path in given] == ["skipped"] * 3
    assert forgetful.sql("SELECT v FROM t ORDER BY v").rows() == [("a",), ("b",), ("c",)]


def test_the_digest_is_of_the_bytes_not_of_the_name(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"x" * 3_000_000)
    (tmp_path / "two").write_bytes(b"x" * 3_000_000)
    (tmp_path / "three").write_bytes(b"x" * 2_999_999 + b"y")
    assert digest(tmp_path / "one") == digest(tmp_path / "two") != digest(tmp_path / "three")


def test_a_file_that_went_away_or_cannot_be_read_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"gone\.csv") as gone:
        digest(tmp_path / "gone.csv")
    with pytest.raises(Unavailable) as folder:
        digest(tmp_path)
    assert gone.value.hint
    assert folder.value.hint
