"""Programs that are not ours open the lake's catalog as it lies on the disk, and see the same rows."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.table import StaticTable

from lakehouse.lake.facade import Lakehouse


@pytest.fixture
def theirs(own: Lakehouse) -> Iterator[SqlCatalog]:
    """PyIceberg's catalog over the lake's own file, as its users would write it."""
    root = own.root
    catalog = SqlCatalog("lake", uri=f"sqlite:///{root}/catalog.sqlite", warehouse=f"file://{root}/warehouse")
    yield catalog
    catalog.engine.dispose()


def fill(own: Lakehouse, folder: Path) -> None:
    """A table with data files, deletes, a column that came later, and one that was renamed."""
    (folder / "p.csv").write_text("id,name\n" + "".join(f"{n},Name {n}\n" for n in range(100)))
    own.ingest(folder / "p.csv", table="people", key="id")
    own.upsert("people", [{"id": 5, "name": "Five"}, {"id": 500, "name": "New"}], key="id")
    own.delete("people", where="id % 10 = 0")
    (folder / "q.csv").write_text("id,name,city\n1,One,Oslo\n")
    own.ingest(folder / "q.csv", table="people", key="id")


def rows(table: pa.Table) -> list[dict[str, object]]:
    return sorted(table.to_pylist(), key=lambda row: row["id"])


def test_pyiceberg_lists_and_reads_the_tables_deletes_included(
    own: Lakehouse, theirs: SqlCatalog, tmp_path: Path
) -> None:
    fill(own, tmp_path)
    ours = rows(own.sql("SELECT * FROM people").to_arrow())
    assert theirs.list_tables("lake") == [("lake", "people")]
    assert rows(theirs.load_table("lake.people").scan().to_arrow()) == ours
    location = theirs.load_table("lake.people").metadata_location
    assert rows(StaticTable.from_metadata(location).scan().to_arrow()) == ours


def test_pyiceberg_reads_every_kept_version(own: Lakehouse, theirs: SqlCatalog, tmp_path: Path) -> None:
    fill(own, tmp_path)
    table = theirs.load_table("lake.people")
    for version in own.history("people"):
        ours = own.sql("SELECT id, name FROM people", at=version.snapshot_id).to_arrow()
        seen = table.scan(snapshot_id=version.snapshot_id).to_arrow().select(["id", "name"])
        assert rows(seen) == rows(ours)


def test_what_pyiceberg_writes_is_a_table_here(own: Lakehouse, theirs: SqlCatalog, tmp_path: Path) -> None:
    fill(own, tmp_path)
    given = pa.table({"id": pa.array([900], pa.int64()), "name": ["Theirs"], "city": ["Rome"]})
    theirs.load_table("lake.people").append(given)
    assert own.sql("SELECT name, city FROM people WHERE id = 900").rows() == [("Theirs", "Rome")]
    made = theirs.create_table("lake.made", schema=given.schema, location=f"{own.root}/warehouse/lake/made")
    made.append(given)
    assert own.sql("SELECT * FROM made").rows() == [(900, "Theirs", "Rome")]
    own.upsert("made", [{"id": 901, "name": "Ours"}], key="id")
    assert rows(theirs.load_table("lake.made").scan().to_arrow())[1]["name"] == "Ours"
