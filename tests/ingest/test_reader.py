"""Files read in the jailed child, and rows without a key, whatever the format."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from lakehouse.base.errors import Invalid, LakehouseError
from lakehouse.ingest import worker
from lakehouse.ingest.params import IngestParams
from lakehouse.ingest.reader import Reader
from lakehouse.ingest.shape import Conversion, Target
from lakehouse.ingest.source import Source
from lakehouse.ingest.write import Order
from tests.ingest.loading import inspect, rejects, rows
from tests.ingest.test_columnar import arrow, parquet

IDS = '{"id": 1, "v": 2}'
PEOPLE: list[dict[str, object]] = [
    {"id": "a", "v": 1},
    {"id": None, "v": 2},
    {"id": "", "v": 3},
    {"id": "b", "v": 4},
]
KEYED: dict[str, bytes] = {
    "k.csv": b'id,v\na,1\n,2\n"",3\nb,4\n',
    "k.ndjson": "\n".join(map(json.dumps, PEOPLE)).encode(),
    "k.json": json.dumps(PEOPLE, indent=1).encode(),
    "k.parquet": parquet(pa.Table.from_pylist(PEOPLE)),
    "k.arrow": arrow(pa.Table.from_pylist(PEOPLE), stream=False),
    "k.arrows": arrow(pa.Table.from_pylist(PEOPLE), stream=True),
}
LINES = {
    "k.csv": [3, 4],
    "k.ndjson": [2, 3],
    "k.json": [6, 10],
    "k.parquet": [2, 3],
    "k.arrow": [2, 3],
    "k.arrows": [2, 3],
}


def keyed(folder: Path, name: str, **change: str) -> Conversion:
    """The file converted with `id` as its key; `change` gives columns another type."""
    found = inspect(folder, KEYED[name], name=name)
    targets = tuple(
        Target(
            source=n,
            path=c.path,
            name=c.name,
            type=change.get(c.name, c.type),
            on_misfit="coerce" if c.name in change else "widen",
            required=c.name == "id",
        )
        for n, c in enumerate(found.columns)
    )
    return worker.convert(folder / name, found, Order(targets=targets, field_ids=IDS, out=folder))


@pytest.mark.parametrize("name", KEYED)
def test_a_row_without_a_key_is_rejected_with_its_line(tmp_path: Path, name: str) -> None:
    done = keyed(tmp_path, name)
    assert rows(done) == [("a", 1), ("b", 4)]
    assert [(line, reason) for line, reason, _ in rejects(done)] == [
        (line, "the key column id is empty") for line in LINES[name]
    ]
    assert (done.rows_read, done.rows_written, done.rejected) == (4, 2, 2)


@pytest.mark.parametrize("name", KEYED)
def test_of_two_faults_the_empty_key_is_told(tmp_path: Path, name: str) -> None:
    done = keyed(tmp_path, name, id="BIGINT")
    assert done.rows_written == 0
    empty, other = "the key column id is empty", "id is not a BIGINT"
    assert [reason for _, reason, _ in rejects(done)] == [other, empty, empty, other]


@pytest.fixture
def source(tmp_path: Path) -> Source:
    path = tmp_path / "people.csv"
    path.write_bytes(b"id,v\n" + b"".join(b"%d,x\n" % n for n in range(5000)))
    return Source(path=path, label="people", table="people", bytes=path.stat().st_size)


@pytest.fixture
def reader(tmp_path: Path, source: Source) -> Iterator[Reader]:
    missing = replace(source, path=tmp_path / "gone.csv")
    made = Reader([source, missing], staging=tmp_path / "staging", params=IngestParams(timeout_s=60))
    yield made
    made.close()
    assert not (tmp_path / "staging").exists()


def test_the_jailed_child_reads_one_file_after_the_other_and_tells_how_far_it_is(
    reader: Reader, source: Source
) -> None:
    told: list[tuple[str, int, int]] = []
    for number in range(2):
        scratch = reader.scratch(number)
        found = reader.inspect(source, scratch)
        targets = [Target(source=n, name=c.name, type=c.type) for n, c in enumerate(found.columns)]
        done = reader.convert(
            source,
            scratch,
            inspection=found,
            targets=targets,
            field_ids=IDS,
            watch=lambda label, done, size: told.append((label, done, size)),
        )
        assert (done.rows_read, done.rows_written, len(rows(done))) == (5000, 5000, 5000)
        assert all(t[0] == "people" and t[1] <= t[2] == source.bytes for t in told)


def test_a_file_that_fails_costs_only_itself(reader: Reader, source: Source, tmp_path: Path) -> None:
    gone = replace(source, path=tmp_path / "gone.csv")
    with pytest.raises(LakehouseError) as refused:
        reader.inspect(gone, reader.scratch(0))
    assert refused.value.hint
    source.path.write_bytes(b"\x00\x01\x02" * 100)
    with pytest.raises(Invalid, match="binary"):
        reader.inspect(source, reader.scratch(1))
    source.path.write_bytes(b"id\n1\n")
    assert [c.name for c in reader.inspect(source, reader.scratch(2)).columns] == ["id"]


def test_a_scratch_folder_is_empty_however_often_it_is_asked_for(reader: Reader) -> None:
    (reader.scratch(7) / "left over").write_bytes(b"x")
    assert list(reader.scratch(7).iterdir()) == []
