"""[acts] An ingest from word to snapshot: look, decide, convert, keep the rejects, commit, report.

Theory of operation. Reading happens in a jailed child that leaves staged Parquet. What the file's rows
become is decided by `plan` before anything is written. Rejected rows are journaled before the commit, and
the commit carries the content's hash: a kill at any point loses no row and repeats none, since the next
call finds the hash in the table or starts over.
"""

import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeVar

from lakehouse.base.clock import Clock
from lakehouse.base.errors import Invalid, LakehouseError
from lakehouse.base.ids import ulid
from lakehouse.ingest import commit, plan
from lakehouse.ingest.origin import digest, is_taken
from lakehouse.ingest.params import IngestParams
from lakehouse.ingest.plan import Found, Plan, Request
from lakehouse.ingest.reader import Reader, Watch
from lakehouse.ingest.report import ColumnReport, IngestReport, Status
from lakehouse.ingest.shape import Conversion, InspectedColumn, Inspection, Target
from lakehouse.ingest.source import Source, find
from lakehouse.store.journal import Journal
from lakehouse.store.streams import Json
from lakehouse.table import names
from lakehouse.table.catalog import Catalog
from lakehouse.table.heads import Head
from lakehouse.table.names import TableName
from lakehouse.table.schema import Column, columns_of, duck_type, field_ids, iceberg_type
from lakehouse.table.writer import Writer

T = TypeVar("T")

REJECTS_AT_ONCE: Final = 5_000
"""Rejected rows in one journal write: at most 20 MB of memory."""

KEPT_BYTES: Final = 256 << 20
"""Unreadable files up to this size are copied into quarantine; larger ones are left where they are."""

STATUS: Final[Mapping[str, Status]] = {
    "create": "created",
    "append": "appended",
    "replace": "replaced",
    "upsert": "upserted",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """One source on its way."""

    source: Source
    name: TableName
    request: Request
    scratch: Path
    ingest_id: str
    content: str = ""
    """SHA-256, where it was needed before reading."""


class Ingestor:
    """Takes files into tables, one report each."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        writer: Writer,
        journal: Journal,
        clock: Clock,
        params: IngestParams,
        staging: Path,
        quarantine: Path,
    ) -> None:
        self._catalog, self._writer, self._journal, self._clock = catalog, writer, journal, clock
        self._params, self._staging, self._quarantine = params, staging, quarantine

    def run(
        self, words: Sequence[str], request: Request, *, watch: Watch | None = None
    ) -> Iterator[IngestReport]:
        """One report for each file that the words name, as they are done.

        Raises:
            NotFound: a word names nothing.
            Invalid: the request does not fit its only file; of several files, such a one is reported instead.
        """
        plan.mode_of(request)
        folder = self._staging / f"ingest-{ulid(self._clock.now_ms())}"
        folder.mkdir(parents=True)
        with closing(_Removed(folder)):
            sources = find(words, stdin=sys.stdin.buffer, spool=folder / "stdin")
            with closing(Reader(sources, staging=folder / "work", params=self._params)) as reader:
                for number, source in enumerate(sources):
                    yield self._one(
                        source, request, reader, number=number, only=len(sources) == 1, watch=watch
                    )

    def _one(
        self,
        source: Source,
        request: Request,
        reader: Reader,
        *,
        number: int,
        only: bool,
        watch: Watch | None,
    ) -> IngestReport:
        started = time.perf_counter()
        job = _Job(
            source=source,
            name=names.parse(request.table or names.quoted(source.table)),
            request=request,
            scratch=reader.scratch(number),
            ingest_id=ulid(self._clock.now_ms()),
        )
        try:
            report = self._take(job, reader, watch)
        except _Unreadable as unreadable:
            report = self._set_aside(job, unreadable.cause)
        except LakehouseError as error:
            if only:
                raise
            report = _quarantined(job, error)
        finally:
            shutil.rmtree(job.scratch, ignore_errors=True)
        report = replace(report, elapsed_ms=int((time.perf_counter() - started) * 1000))
        if not request.dry_run:
            self._record(job, report)
        return report

    def _take(self, job: _Job, reader: Reader, watch: Watch | None) -> IngestReport:
        head = self._head(job.name)
        if head and self._is_taken(job, head):
            content = digest(job.source.path)
            reason = "these very bytes are in the table already"
            return _report(job, "skipped", head=head, reason=reason, sha256=content)
        inspection = _reading(lambda: reader.inspect(job.source, job.scratch))
        planned = self._plan(job, head, inspection.columns)
        if job.request.dry_run:
            return _dry(job, planned, inspection)
        done, planned = self._convert(job, reader, head, inspection, planned, watch)
        wanted = commit.target(self._catalog, job.name, head, planned, inspection.columns)
        if done.rejected and not done.rows_written:
            raise _Unreadable(
                Invalid(f"none of its {done.rejected:,} rows can be read", hint=_first_reason(done))
            )
        self._keep_rejects(job, done)
        summary = {
            "lakehouse.ingest-id": job.ingest_id,
            "lakehouse.source": job.source.label[-200:],
            "lakehouse.sha256": done.sha256,
            "lakehouse.mode": planned.action,
            "lakehouse.added-rows": str(done.rows_written),
            "lakehouse.rejected-rows": str(done.rejected),
        }
        files = [Path(f.path) for f in done.files if f.rows]
        after = commit.publish(self._catalog, self._writer, planned, wanted, files=files, summary=summary)
        report = _report(job, STATUS[planned.action], head=after, planned=planned, seen=inspection.columns)
        return replace(
            report,
            rows=done.rows_written,
            rejected=done.rejected,
            rows_read=done.rows_read,
            counted_by=done.counted_by,
            sha256=done.sha256,
        )

    def _head(self, name: TableName) -> Head | None:
        return self._catalog.head(name) if name in self._catalog.names() else None

    def _is_taken(self, job: _Job, head: Head) -> bool:
        mode = plan.mode_of(job.request)
        return is_taken(head, digest(job.source.path), mode=mode, journal=self._journal)

    def _plan(self, job: _Job, head: Head | None, seen: Sequence[InspectedColumn]) -> Plan:
        found = [Found(name=c.name, type=c.type, is_empty=c.is_empty) for c in seen]
        request = replace(job.request, types={c: _type(t) for c, t in job.request.types.items()})
        table = columns_of(head.metadata.schema()) if head else None
        return plan.decide(request, found, table=table, name=str(job.name))

    def _convert(
        self,
        job: _Job,
        reader: Reader,
        head: Head | None,
        inspection: Inspection,
        planned: Plan,
        watch: Watch | None,
    ) -> tuple[Conversion, Plan]:
        """The staged rows, and the plan as it is once the whole file has been seen."""
        wanted = commit.target(self._catalog, job.name, head, planned, inspection.columns)
        done = _reading(
            lambda: reader.convert(
                job.source,
                job.scratch,
                inspection=inspection,
                targets=_targets(planned, inspection, job.request.types),
                field_ids=field_ids(wanted.schema),
                watch=watch,
            )
        )
        if done.types == tuple(c.type for c in planned.columns):
            return done, planned
        wider = [replace(c, type=t) for c, t in zip(inspection.columns, done.types, strict=True)]
        return done, self._plan(job, head, wider)

    def _keep_rejects(self, job: _Job, done: Conversion) -> None:
        if not done.rejects_path:
            return
        batch: list[dict[str, Json]] = []
        with Path(done.rejects_path).open(encoding="utf-8") as lines:
            for line in lines:
                batch.append({**_reject(json.loads(line)), **_origin(job)})
                if len(batch) >= REJECTS_AT_ONCE:
                    self._journal.append("rejected", batch)
                    batch = []
        self._journal.append("rejected", batch)

    def _set_aside(self, job: _Job, cause: LakehouseError) -> IngestReport:
        """Keep a file that cannot be read, and say why."""
        if job.request.dry_run:
            return _quarantined(job, cause)
        content = digest(job.source.path)
        kept = ""
        if job.source.bytes <= KEPT_BYTES:
            self._quarantine.mkdir(exist_ok=True)
            target = self._quarantine / f"{content[:16]}-{names.TableName('', job.source.path.name).slug}"
            shutil.copyfile(job.source.path, target)
            kept = target.name
        facts: dict[str, Json] = {"sha256": content, "reason": cause.message, "kept_as": kept}
        self._journal.append("quarantine", [{"source": job.source.label, **facts}])
        return replace(_quarantined(job, cause), sha256=content)

    def _record(self, job: _Job, report: IngestReport) -> None:
        self._journal.append(
            "ingests",
            [
                {
                    **_origin(job),
                    "status": report.status,
                    "sha256": report.sha256,
                    "rows_read": report.rows_read,
                    "rows": report.rows,
                    "rejected": report.rejected,
                    "snapshot_id": report.snapshot_id,
                    "mode": plan.mode_of(job.request),
                    "reason": report.reason,
                    "elapsed_ms": report.elapsed_ms,
                }
            ],
        )


class _Unreadable(Exception):
    """The file itself is at fault, not the request."""

    def __init__(self, cause: LakehouseError) -> None:
        super().__init__(cause.message)
        self.cause = cause


class _Removed:
    """Removes a folder when closed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def close(self) -> None:
        """Remove it."""
        shutil.rmtree(self._folder, ignore_errors=True)


def _reading(read: Callable[[], T]) -> T:
    """What `read` gives; a failure of its is the file's fault, unless the disk is full."""
    try:
        return read()
    except LakehouseError as error:
        if "No space left" in error.message:
            raise
        raise _Unreadable(error) from error


def _targets(planned: Plan, inspection: Inspection, types: Mapping[str, str]) -> tuple[Target, ...]:
    asked = {name.casefold() for name in types}
    return tuple(
        Target(
            source=n,
            path=seen.path,
            name=column.name,
            type=column.type,
            on_misfit="coerce" if seen.name.casefold() in asked else "widen",
        )
        for n, (column, seen) in enumerate(zip(planned.columns, inspection.columns, strict=True))
    )


def _type(text: str) -> str:
    return duck_type(iceberg_type(text))


def _reject(fields: object) -> dict[str, Json]:
    """One line of the child's rejects, field by field: the child is not trusted."""
    given = fields if isinstance(fields, dict) else {}
    line = given.get("line")
    return {
        "line": line if isinstance(line, int) else 0,
        "reason": str(given.get("reason", ""))[:500],
        "raw": str(given.get("raw", ""))[:4096],
        "kind": "row",
    }


def _first_reason(done: Conversion) -> str:
    with Path(done.rejects_path).open(encoding="utf-8") as lines:
        first = _reject(json.loads(next(lines)))
    return f"line {first['line']}: {first['reason']}"


def _origin(job: _Job) -> dict[str, Json]:
    return {"ingest_id": job.ingest_id, "source": job.source.label, "table_name": str(job.name)}


def _report(
    job: _Job,
    status: Status,
    *,
    head: Head,
    planned: Plan | None = None,
    seen: Sequence[InspectedColumn] = (),
    reason: str = "",
    sha256: str = "",
) -> IngestReport:
    columns = planned.columns if planned else columns_of(head.metadata.schema())
    return IngestReport(
        source=job.source.label,
        table=str(job.name),
        status=status,
        snapshot_id=head.snapshot_id,
        columns=_columns(columns, seen),
        changes=tuple(str(c) for c in planned.changes) if planned else (),
        reason=reason,
        sha256=sha256,
    )


def _dry(job: _Job, planned: Plan, inspection: Inspection) -> IngestReport:
    return IngestReport(
        source=job.source.label,
        table=str(job.name),
        status=STATUS[planned.action],
        columns=_columns(planned.columns, inspection.columns),
        changes=tuple(str(c) for c in planned.changes),
        reason=f"dry run: {inspection.sampled:,} rows were looked at, nothing was written",
    )


def _columns(columns: Sequence[Column], seen: Sequence[InspectedColumn]) -> tuple[ColumnReport, ...]:
    findings = [c.pii for c in seen] or [None] * len(columns)
    return tuple(
        ColumnReport(name=c.name, type=c.type, pii=f.kind if f else "", evidence=f.reason if f else "")
        for c, f in zip(columns, findings, strict=True)
    )


def _quarantined(job: _Job, cause: LakehouseError) -> IngestReport:
    return IngestReport(
        source=job.source.label,
        table=str(job.name),
        status="quarantined",
        reason=cause.message,
        hint=cause.hint,
    )
