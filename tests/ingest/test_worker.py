"""The jailed child answers as the functions do, reports progress, and its answers are checked."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from lakehouse.base.child import Child
from lakehouse.base.errors import Corrupt, Invalid
from lakehouse.base.jail import Jail
from lakehouse.ingest import wire
from lakehouse.ingest.report import ColumnReport, IngestReport
from lakehouse.ingest.shape import Conversion, Dialect, InspectedColumn, Inspection, Target
from tests.ingest.loading import rows

ENTRY = "lakehouse.ingest.worker:serve"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "scratch").mkdir()
    return tmp_path


def child_for(source: Path) -> Child:
    return Child(ENTRY, Jail(read=(source,), write=(source.parent / "scratch",), memory_bytes=2 << 30))


def asked(source: Path, op: str) -> dict[str, object]:
    return {"op": op, "path": str(source), "name": source.name, "scratch": str(source.parent / "scratch")}


def test_a_file_is_inspected_and_converted_in_the_jail(folder: Path) -> None:
    source = folder / "people.csv"
    source.write_bytes(b"id,mail\n" + b"".join(b"%d,a%d@b.com\n" % (n, n) for n in range(2000)) + b"1,2,3\n")
    with child_for(source) as child:
        found = wire.decode(Inspection, child.ask(asked(source, "inspect"), timeout_s=60).header)
        targets = [Target(source=n, name=c.name, type=c.type) for n, c in enumerate(found.columns)]
        request = {
            **asked(source, "convert"),
            "inspection": wire.encode(found),
            "targets": [wire.encode(t) for t in targets],
            "field_ids": "{id: 1, mail: 2}",
        }
        *progress, last = child.stream(request, timeout_s=60)
    done = wire.decode(Conversion, last.header)
    assert [c.pii.kind if c.pii else "" for c in found.columns] == ["", "email"]
    assert (done.rows_read, done.rows_written, done.rejected) == (2001, 2000, 1)
    assert len(rows(done)) == 2000
    assert all("progress" in p.header for p in progress)


def test_a_file_that_cannot_be_read_is_an_error_of_its_kind(folder: Path) -> None:
    source = folder / "broken.json"
    source.write_bytes(b'[{"a": 1},')
    with child_for(source) as child, pytest.raises(Invalid, match="line 1, column"):
        child.ask(asked(source, "inspect"), timeout_s=60)


INSPECTION = Inspection(
    format="delimited",
    compression="none",
    columns=(InspectedColumn(name="a", type="BIGINT", nullable=False, path=("x", "y")),),
    dialect=Dialect(),
    sampled=1,
    bytes=4,
)


def test_values_come_back_from_the_wire_unchanged() -> None:
    assert wire.decode(Inspection, json.loads(json.dumps(wire.encode(INSPECTION)))) == INSPECTION
    bare = replace(INSPECTION, dialect=None, rows=3, confidence=1)
    assert wire.decode(Inspection, json.loads(json.dumps(wire.encode(bare)))) == bare


@pytest.mark.parametrize(
    "change",
    [
        {"format": "exe"},
        {"columns": "a"},
        {"columns": [1]},
        {"bytes": "4"},
        {"bytes": True},
        {"dialect": []},
        {"rows": 1.5},
    ],
)
def test_an_answer_of_another_shape_is_corrupt(change: dict[str, object]) -> None:
    with pytest.raises(Corrupt):
        wire.decode(Inspection, {**wire.encode(INSPECTION), **change})


def test_an_answer_that_lacks_a_member_is_corrupt() -> None:
    members = wire.encode(INSPECTION)
    del members["sampled"]
    with pytest.raises(Corrupt):
        wire.decode(Inspection, members)


def test_only_dataclasses_travel() -> None:
    with pytest.raises(TypeError):
        wire.encode({"a": 1})


def test_the_report_proves_that_no_row_is_lost() -> None:
    report = IngestReport(
        source="people.csv",
        table="people",
        status="created",
        rows=1500,
        rejected=2,
        rows_read=1502,
        columns=(ColumnReport(name="id", type="BIGINT"),),
    )
    shown = report.to_json()
    assert report.is_complete
    assert shown["proof"] == "1,502 read = 1,500 in the table + 2 rejected"
    assert {
        "source",
        "table",
        "status",
        "rows",
        "rejected",
        "snapshot_id",
        "columns",
        "reason",
    } <= shown.keys()
    assert shown["columns"] == [{"name": "id", "type": "BIGINT", "pii": "", "evidence": ""}]
    lost = replace(report, rows_read=1503)
    assert not lost.is_complete
    assert "≠" in lost.proof
