"""A stream looks the same in SQL as in a replay, before and after it is folded."""

import json
from pathlib import Path

import duckdb
import pytest

from lakehouse.store.journal import Journal, JournalParams
from lakehouse.store.local import LocalStore
from lakehouse.store.streams import Json, declare, schema_of
from lakehouse.store.views import StreamFiles, view_sql


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(LocalStore(tmp_path / "it's a lake"), params=JournalParams(grace_ms=0))


def rows(files: StreamFiles) -> list[dict[str, Json]]:
    with duckdb.connect() as con:
        found = con.execute(view_sql(files) + " ORDER BY id")
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def test_a_stream_without_records_is_an_empty_table(journal: Journal) -> None:
    with duckdb.connect() as con:
        found = con.execute(view_sql(journal.files("rejected")))
        assert [column[0] for column in found.description] == [
            "id", "at", "ingest_id", "source", "table_name", "line", "column_name", "reason", "kind", "raw",
            "extra",
        ]  # fmt: skip
        assert found.fetchall() == []


def test_segments_and_parquet_files_make_one_table(journal: Journal) -> None:
    journal.append("queries", [{"query_id": "a", "tables": ["x", "y"], "rows": 3, "elapsed_ms": 1.5}])
    journal.compact("queries")
    journal.append("queries", [{"query_id": "b", "tables": {"z": 1}, "rows": "many", "plan": [1]}])
    first, second = rows(journal.files("queries"))
    assert (first["query_id"], first["rows"], first["elapsed_ms"], first["extra"]) == ("a", 3, 1.5, None)
    assert (second["query_id"], second["rows"]) == ("b", None)
    assert [json.loads(str(row["tables"])) for row in (first, second)] == [["x", "y"], {"z": 1}]
    assert json.loads(str(second["extra"])) == {"rows": "many", "plan": [1]}


def test_folding_changes_no_value_and_no_type(journal: Journal) -> None:
    for turn in range(3):
        journal.append(
            "ingests", [{"ingest_id": f"{turn}", "rows": turn, "elapsed_ms": turn, "note": "'\n\"é"}]
        )
    before = rows(journal.files("ingests"))
    journal.compact("ingests")
    assert rows(journal.files("ingests")) == before
    with duckdb.connect() as con:
        types = dict(
            con.execute(
                f"SELECT column_name, column_type FROM (DESCRIBE {view_sql(journal.files('ingests'))})"
            ).fetchall()
        )
    assert (types["at"], types["rows"], types["elapsed_ms"], types["extra"]) == (
        "TIMESTAMP",
        "BIGINT",
        "DOUBLE",
        "JSON",
    )


def test_times_are_shown_in_utc(journal: Journal) -> None:
    journal.append("errors", [{"kind": "Invalid"}])
    (row,) = rows(journal.files("errors"))
    (record,) = journal.replay("errors")
    assert f"{row['at']:%Y-%m-%dT%H:%M:%S}" == str(record["at"])[:19]


def test_a_column_declared_later_is_null_in_older_files(journal: Journal) -> None:
    journal.append("errors", [{"kind": "Invalid"}])
    journal.compact("errors")
    journal.append("errors", [{"kind": "Refused"}])
    files = journal.files("errors")
    wider = StreamFiles(
        schema=declare("errors", "kind, place bigint"), parquet=files.parquet, jsonl=files.jsonl
    )
    assert [(row["kind"], row["place"]) for row in rows(wider)] == [("Invalid", None), ("Refused", None)]


def test_a_stream_that_nobody_declared_is_shown_too(journal: Journal) -> None:
    journal.append("sightings", [{"lift": 0.5}])
    assert schema_of("sightings").columns == ()
    assert [json.loads(str(row["extra"])) for row in rows(journal.files("sightings"))] == [{"lift": 0.5}]


def test_a_segment_of_which_nothing_is_left_does_not_break_the_table(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    Journal(store).append("errors", [{"kind": "Invalid"}])
    Journal(store).append("errors", [{"kind": "Refused"}])
    first, _ = [info.key for info in store.list("journal/")]
    store.put(first, b'{"id":"tor')
    assert [row["kind"] for row in rows(Journal(store).files("errors"))] == ["Refused"]
    store.delete([info.key for info in store.list("journal/")][1])
    assert rows(Journal(store).files("errors")) == []
