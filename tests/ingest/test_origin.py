"""Were these bytes taken in before? Asked of histories of every shape."""

from pathlib import Path

import pytest
from pyiceberg.partitioning import UNPARTITIONED_PARTITION_SPEC
from pyiceberg.schema import Schema
from pyiceberg.table.metadata import new_table_metadata
from pyiceberg.table.snapshots import Operation, Snapshot, Summary
from pyiceberg.table.sorting import UNSORTED_SORT_ORDER

from lakehouse.base.errors import NotFound, Unavailable
from lakehouse.ingest.origin import digest, is_taken
from lakehouse.store.journal import Journal
from lakehouse.store.memory import MemoryStore
from lakehouse.table.heads import Head
from lakehouse.table.names import TableName
from lakehouse.table.timeline import ROLLED_BACK_TO

PEOPLE = TableName("lake", "people")


@pytest.fixture
def journal() -> Journal:
    return Journal(MemoryStore())


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


def note(journal: Journal, sha256: str, snapshot_id: int, *, status: str = "appended") -> None:
    facts = {"sha256": sha256, "table_name": str(PEOPLE), "status": status, "snapshot_id": snapshot_id}
    journal.append("ingests", [facts])


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
    journal: Journal, history: list[dict[str, str]], taken: bool
) -> None:
    assert is_taken(head(*history), "a", mode="append", journal=journal) is taken


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
    journal: Journal, mode: str, history: list[dict[str, str]], taken: bool
) -> None:
    assert is_taken(head(*history), "a", mode=mode, journal=journal) is taken


def test_the_journal_answers_for_snapshots_that_have_expired(journal: Journal) -> None:
    cut = head(wrote("a"), wrote("b"), wrote("c"), expired=1)
    assert not is_taken(cut, "a", mode="append", journal=journal)
    note(journal, "a", 1)
    assert is_taken(cut, "a", mode="append", journal=journal)
    assert not is_taken(cut, "d", mode="append", journal=journal)


@pytest.mark.parametrize(
    ("sha256", "snapshot_id", "status"),
    [("a", 1, "skipped"), ("a", 1, "quarantined"), ("z", 1, "appended")],
)
def test_the_journal_is_asked_for_rows_that_went_in(
    journal: Journal, sha256: str, snapshot_id: int, status: str
) -> None:
    note(journal, sha256, snapshot_id, status=status)
    assert not is_taken(head(wrote("x"), wrote("b"), expired=1), "a", mode="append", journal=journal)


def test_a_kept_snapshot_that_was_rolled_back_is_not_found_by_way_of_the_journal(journal: Journal) -> None:
    note(journal, "a", 3)
    went_back = head(wrote("x"), wrote("b"), wrote("a"), back_to(2), expired=1)
    assert not is_taken(went_back, "a", mode="append", journal=journal)


def test_another_tables_ingest_says_nothing(journal: Journal) -> None:
    facts = {"sha256": "a", "table_name": "others", "status": "appended", "snapshot_id": 1}
    journal.append("ingests", [facts])
    assert not is_taken(head(wrote("x"), wrote("b"), expired=1), "a", mode="append", journal=journal)


def test_nothing_before_a_replacement_counts_even_when_it_expired(journal: Journal) -> None:
    note(journal, "a", 1)
    replaced = head(wrote("a"), wrote("b", "replace"), wrote("c"), expired=1)
    assert not is_taken(replaced, "a", mode="append", journal=journal)


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
