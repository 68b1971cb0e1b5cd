"""What an ingest leaves beside its rows, and what it makes of a reader that lies."""

import json
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from lakehouse.base.errors import Corrupt, Invalid, LakehouseError, Unavailable
from lakehouse.ingest.delimited import checked
from lakehouse.ingest.described import restage
from lakehouse.ingest.ledger import REJECTS_AT_ONCE, Job, Ledger, first_reason, rejects
from lakehouse.ingest.plan import Request
from lakehouse.ingest.report import IngestReport
from lakehouse.ingest.shape import Conversion, Dialect, Reject, StagedFile, Target
from lakehouse.ingest.source import Source
from lakehouse.ingest.write import RejectLog, conversion, group_rows
from lakehouse.store.journal import Journal
from lakehouse.store.memory import MemoryStore
from lakehouse.table.names import TableName

DONE = Conversion(
    files=(), rows_read=0, rows_written=0, rejected=0, rejects_path="", types=(), counted_by="a test"
)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(Journal(MemoryStore()), quarantine=tmp_path / "quarantine")


@pytest.fixture
def job(tmp_path: Path) -> Job:
    path = tmp_path / "Bad file!.csv"
    path.write_bytes(b"bad")
    return Job(
        source=Source(path=path, label="in/Bad file!.csv", table="bad_file", bytes=3),
        name=TableName("lake", "people"),
        request=Request(),
        scratch=tmp_path,
        ingest_id="01J",
    )


def told(folder: Path, lines: list[object], *, claimed: int | None = None) -> Conversion:
    """A conversion whose rejects are these, and that claims a number of them."""
    path = folder / "rejects.ndjson"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return replace(
        DONE,
        rejected=len(lines) if claimed is None else claimed,
        rejects_path=str(path),
        rows_read=len(lines),
    )


def test_every_reject_is_journaled_with_where_it_came_from(ledger: Ledger, job: Job, tmp_path: Path) -> None:
    count = REJECTS_AT_ONCE + 3
    lines: list[object] = [{"line": n, "reason": "short", "raw": f"r{n}"} for n in range(count)]
    ledger.keep_rejects(job, told(tmp_path, lines))
    kept = list(ledger.journal.replay("rejected"))
    assert len(kept) == count
    facts = ("line", "reason", "raw", "kind", "ingest_id", "source", "table_name")
    origin = ("row", "01J", "in/Bad file!.csv", str(job.name))
    assert tuple(kept[-1][fact] for fact in facts) == (count - 1, "short", f"r{count - 1}", *origin)


def test_a_conversion_without_rejects_leaves_none(ledger: Ledger, job: Job) -> None:
    ledger.keep_rejects(job, DONE)
    assert list(ledger.journal.replay("rejected")) == []
    assert first_reason(DONE) == ""


@pytest.mark.parametrize("claimed", [0, 1, 3])
def test_a_reader_that_miscounts_its_rejects_is_not_believed(
    ledger: Ledger, job: Job, tmp_path: Path, claimed: int
) -> None:
    lines: list[object] = [{"line": n, "reason": "", "raw": ""} for n in (1, 2)]
    with pytest.raises(Corrupt, match="do not add up") as refused:
        ledger.keep_rejects(job, told(tmp_path, lines, claimed=claimed))
    assert "try again" in refused.value.hint


@pytest.mark.parametrize("data", [b"{", b"\xff\n", b"[" * 100_000])
def test_rejects_that_are_no_json_are_not_believed(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "rejects.ndjson"
    path.write_bytes(data)
    with pytest.raises(Corrupt):
        list(rejects(replace(DONE, rejects_path=str(path))))


def test_rejects_that_are_gone_are_not_believed(tmp_path: Path) -> None:
    with pytest.raises(Corrupt):
        list(rejects(replace(DONE, rejects_path=str(tmp_path / "gone"))))


def test_members_of_a_reject_are_taken_for_what_they_are_and_cut(tmp_path: Path) -> None:
    lines: list[object] = [5, {"line": "7", "reason": ["x"], "raw": "r" * 9000}, {"reason": "y" * 900}]
    found = list(rejects(told(tmp_path, lines)))
    assert [f["line"] for f in found] == [0, 0, 0]
    assert [len(str(f["raw"])) for f in found] == [0, 4096, 0]
    assert [len(str(f["reason"])) for f in found] == [0, 5, 500]


def test_the_first_reason_names_its_line(tmp_path: Path) -> None:
    lines: list[object] = [{"line": 3, "reason": "it is short", "raw": "x"}, {"line": 4, "reason": "b"}]
    assert first_reason(told(tmp_path, lines)) == "line 3: it is short"


def test_an_unreadable_file_is_copied_under_a_safe_name(ledger: Ledger, job: Job, tmp_path: Path) -> None:
    content = ledger.set_aside(job, Invalid("the file is binary", hint="send text"))
    (kept,) = (tmp_path / "quarantine").iterdir()
    assert kept.read_bytes() == b"bad"
    assert kept.name.startswith(content[:16])
    (fact,) = ledger.journal.replay("quarantine")
    assert (fact["reason"], fact["kept_as"], fact["sha256"]) == ("the file is binary", kept.name, content)


def test_a_large_unreadable_file_is_left_where_it_is(ledger: Ledger, job: Job, tmp_path: Path) -> None:
    large = replace(job, source=replace(job.source, bytes=1 << 40))
    ledger.set_aside(large, Invalid("the file is binary"))
    assert not (tmp_path / "quarantine").exists()
    (fact,) = ledger.journal.replay("quarantine")
    assert fact["kept_as"] == ""


def test_a_quarantine_that_cannot_be_written_is_said_so(job: Job, tmp_path: Path) -> None:
    (tmp_path / "quarantine").write_bytes(b"a file, not a folder")
    with pytest.raises(Unavailable, match="cannot be kept in quarantine") as refused:
        Ledger(Journal(MemoryStore()), quarantine=tmp_path / "quarantine").set_aside(job, Invalid("x"))
    assert refused.value.hint


def test_the_record_of_an_ingest_holds_its_figures(ledger: Ledger, job: Job) -> None:
    report = IngestReport(
        source="s", table="t", status="created", rows=2, rejected=1, rows_read=3, snapshot_id=7, sha256="ab"
    )
    ledger.record(job, report)
    (fact,) = ledger.journal.replay("ingests")
    figures = [fact[k] for k in ("rows_read", "rows", "rejected", "snapshot_id", "status", "mode", "sha256")]
    assert figures == [3, 2, 1, 7, "created", "append", "ab"]


@pytest.mark.parametrize(("read", "rejected"), [(3, 0), (4, 2), (0, 0)])
def test_figures_that_do_not_add_up_commit_nothing(tmp_path: Path, read: int, rejected: int) -> None:
    log = RejectLog(tmp_path / "rejects.ndjson")
    log.add(Reject(line=n, reason="r", raw="x") for n in range(rejected))
    staged = StagedFile(path="p", rows=1, bytes=1)
    with pytest.raises(Corrupt, match=f"{read} rows were read, 1 written and {rejected} rejected") as refused:
        conversion(staged, log, read=read, targets=(), counted_by="a test")
    assert "nothing was written" in refused.value.hint
    target = Target(source=0, name="a", type="DATE")
    done = conversion(staged, log, read=1 + rejected, targets=(target,), counted_by="a test")
    assert (done.rows_written, done.rejected, done.types) == (1, rejected, ("DATE",))
    assert bool(done.rejects_path) == bool(rejected)


@pytest.mark.parametrize(
    ("columns", "row_bytes", "rows"),
    [
        (1, 1, 122_880),
        (0, 0, 122_880),
        (3000, 10, 2048),
        (100, 10, 60_000),
        (10, 10_000, 6710),
        (1, 1e9, 2048),
    ],
)
def test_a_row_group_is_bound_by_rows_cells_and_bytes(columns: int, row_bytes: float, rows: int) -> None:
    assert group_rows(columns, row_bytes) == rows


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (duckdb.OutOfMemoryException("x"), Unavailable),
        (duckdb.IOException("No space left on device"), Unavailable),
        (duckdb.IOException("short read"), Invalid),
        (duckdb.InternalException("x"), Corrupt),
        (duckdb.InvalidInputException("x"), Invalid),
    ],
)
def test_a_failure_of_duckdb_on_a_typed_file_is_one_of_the_six_kinds(
    error: duckdb.Error, kind: type[LakehouseError]
) -> None:
    found = restage.mapped(error)
    assert isinstance(found, kind)
    assert isinstance(found, LakehouseError)
    assert found.hint


def test_a_text_is_plain_when_duckdb_may_read_it_as_it_stands(tmp_path: Path) -> None:
    from_lines = checked.Text(path=tmp_path / "it's.csv", dialect=Dialect(), width=2)
    assert from_lines.is_plain
    assert "it''s.csv" in from_lines.sql
    for odd in (Dialect(newline="\r"), Dialect(preamble=1)):
        assert not replace(from_lines, dialect=odd).is_plain
