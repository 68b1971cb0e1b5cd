"""[acts] An ingest from word to snapshot: look, decide, convert, keep the rejects, commit, report.

Theory of operation. Reading happens in a jailed child that leaves staged Parquet. What the file's rows
become is decided by `plan` before anything is written. Rejected rows are journaled before the commit, and
the commit carries the content's hash: a kill at any point loses no row and repeats none, since the next
call finds the hash in the table or starts over.
"""

import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

from lakehouse.base.clock import Clock
from lakehouse.base.errors import Conflict, Invalid, LakehouseError
from lakehouse.base.ids import ulid
from lakehouse.ingest import commit, plan
from lakehouse.ingest.ledger import Job, Ledger, first_reason
from lakehouse.ingest.origin import digest, is_taken
from lakehouse.ingest.params import IngestParams
from lakehouse.ingest.plan import Found, Plan, Request
from lakehouse.ingest.reader import Reader, Watch
from lakehouse.ingest.report import ColumnReport, IngestReport, Status
from lakehouse.ingest.shape import Conversion, InspectedColumn, Inspection, Target
from lakehouse.ingest.source import Source, find
from lakehouse.store.journal import Journal
from lakehouse.table import names
from lakehouse.table.catalog import Catalog
from lakehouse.table.heads import Head
from lakehouse.table.names import TableName
from lakehouse.table.schema import Column, columns_of, duck_type, iceberg_type
from lakehouse.table.writer import Writer

T = TypeVar("T")

RACES: Final = 3
"""Times a file is read anew because its table came to be, changed or went while it was read."""

STATUS: Final[Mapping[str, Status]] = {
    "create": "created",
    "append": "appended",
    "replace": "replaced",
    "upsert": "upserted",
}


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
        self._catalog, self._writer, self._clock = catalog, writer, clock
        self._params, self._staging = params, staging
        self._ledger = Ledger(journal, quarantine=quarantine)

    def run(
        self, words: Sequence[str], request: Request, *, watch: Watch | None = None, single: bool = False
    ) -> Iterator[IngestReport]:
        """One report for each file that the words name, as they are done.

        Args:
            single: the words must name just one file.

        Raises:
            NotFound: a word names nothing.
            Invalid: the request does not fit its only file; of several files, such a one is reported instead.
        """
        plan.mode_of(request)
        folder = self._staging / f"ingest-{ulid(self._clock.now_ms())}"
        folder.mkdir(parents=True)
        with closing(_Removed(folder)):
            sources = find(words, stdin=sys.stdin.buffer if sys.stdin else None, spool=folder / "stdin")
            if single and len(sources) > 1:
                why = f"{words[0]} holds {len(sources)} files"
                raise Invalid(why, hint="use ingest_many for folders and globs")
            if request.label:
                sources = tuple(replace(source, label=request.label) for source in sources)
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
        job = Job(
            source=source,
            name=names.parse(request.table or names.quoted(source.table)),
            request=request,
            scratch=reader.scratch(number),
            ingest_id=ulid(self._clock.now_ms()),
        )
        try:
            job, report = self._raced(job, reader, watch)
        except LakehouseError as error:
            if only:
                raise
            report = _quarantined(job, error)
        finally:
            shutil.rmtree(job.scratch, ignore_errors=True)
        report = replace(report, elapsed_ms=int((time.perf_counter() - started) * 1000))
        if not request.dry_run:
            self._ledger.record(job, report)
        return report

    def _raced(self, job: Job, reader: Reader, watch: Watch | None) -> tuple[Job, IngestReport]:
        """The report, and the job it is of: another one each time someone changed the table underneath."""
        for _ in range(RACES):
            with suppress(Conflict):
                return job, self._settled(job, reader, watch)
            reader.clear(job.scratch)
            # Rejected rows are journaled before the commit: those of a race that was lost stay nobody's.
            job = replace(job, ingest_id=ulid(self._clock.now_ms()))
        return job, self._settled(job, reader, watch)

    def _settled(self, job: Job, reader: Reader, watch: Watch | None) -> IngestReport:
        """The report of one source; a file that cannot be read is set aside."""
        try:
            return self._take(job, reader, watch)
        except _Unreadable as unreadable:
            report = _quarantined(job, unreadable.cause)
            if job.request.dry_run:
                return report
            return replace(report, sha256=self._ledger.set_aside(job, unreadable.cause))

    def _take(self, job: Job, reader: Reader, watch: Watch | None) -> IngestReport:
        head = self._head(job.name)
        content = digest(job.source.path) if head else ""
        mode = plan.mode_of(job.request)
        if head and is_taken(head, content, mode=mode, sources=self._catalog.sources):
            reason = "these very bytes are in the table already"
            return _report(job, "skipped", head=head, reason=reason, sha256=content)
        inspection = _reading(lambda: reader.inspect(job.source, job.scratch))
        planned = self._plan(job, head, inspection.columns)
        if job.request.dry_run:
            return _dry(job, planned, inspection)
        done, planned = self._convert(job, reader, head, inspection, planned, watch)
        if done.rejected and not done.rows_written:
            why = f"none of its {done.rejected:,} rows can be read"
            raise _Unreadable(Invalid(why, hint=first_reason(done)))
        self._ledger.keep_rejects(job, done)
        return self._publish(job, head, planned, inspection, done)

    def _publish(
        self, job: Job, head: Head | None, planned: Plan, inspection: Inspection, done: Conversion
    ) -> IngestReport:
        """Commit what was staged, and say what came of it."""
        wanted = commit.target(self._catalog, job.name, head, planned, inspection.columns)
        summary = {
            commit.INGEST_ID: job.ingest_id,
            "lakehouse.source": job.source.label[-200:],
            "lakehouse.sha256": done.sha256,
            "lakehouse.mode": planned.action,
            "lakehouse.added-rows": str(done.rows_written),
            "lakehouse.rejected-rows": str(done.rejected),
        }
        files = [Path(f.path) for f in done.files if f.rows]
        after = commit.publish(self._catalog, self._writer, planned, wanted, files=files, summary=summary)
        status: Status = "skipped" if after.is_unchanged else STATUS[planned.action]
        seen = inspection.columns
        report = _report(job, status, head=after.head, planned=planned, seen=seen)
        return replace(
            report,
            rows=done.rows_written,
            gave_way=after.gave_way,
            rejected=done.rejected,
            rows_read=done.rows_read,
            counted_by=done.counted_by,
            sha256=done.sha256,
            reason=after.note,
        )

    def _head(self, name: TableName) -> Head | None:
        return self._catalog.head(name) if name in self._catalog.names() else None

    def _plan(self, job: Job, head: Head | None, seen: Sequence[InspectedColumn]) -> Plan:
        found = [Found(name=c.name, type=c.type, is_empty=c.is_empty) for c in seen]
        request = replace(job.request, types={c: _type(t) for c, t in job.request.types.items()})
        table = columns_of(head.metadata.schema()) if head else None
        return plan.decide(request, found, table=table, name=str(job.name))

    def _convert(
        self,
        job: Job,
        reader: Reader,
        head: Head | None,
        inspection: Inspection,
        planned: Plan,
        watch: Watch | None,
    ) -> tuple[Conversion, Plan]:
        """The staged rows, and the plan as it is once the whole file has been seen."""
        wanted = commit.target(self._catalog, job.name, head, planned, inspection.columns)
        ids = commit.staged_ids(wanted, planned)
        targets = _targets(planned, inspection, job.request.types)
        done = _reading(
            lambda: reader.convert(
                job.source, job.scratch, inspection=inspection, targets=targets, field_ids=ids, watch=watch
            )
        )
        if done.types == tuple(t.type for t in targets):
            return done, planned
        wider = [replace(c, type=t) for c, t in zip(inspection.columns, done.types, strict=True)]
        planned = self._plan(job, head, wider)
        wanted = commit.target(self._catalog, job.name, head, planned, wider)
        if commit.staged_ids(wanted, planned) == ids:
            return done, planned
        # A replaced column of another type is another column: the rows are staged again under its id.
        reader.clear(job.scratch)
        return self._convert(job, reader, head, replace(inspection, columns=tuple(wider)), planned, watch)


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
    key = {name.casefold() for name in planned.key}
    return tuple(
        Target(
            source=n,
            path=seen.path,
            name=column.name,
            type=column.type,
            on_misfit="coerce" if seen.name.casefold() in asked else "widen",
            required=column.name.casefold() in key,
        )
        for n, (column, seen) in enumerate(zip(planned.columns, inspection.columns, strict=True))
    )


def _type(text: str) -> str:
    return duck_type(iceberg_type(text))


def _report(
    job: Job,
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


def _dry(job: Job, planned: Plan, inspection: Inspection) -> IngestReport:
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


def _quarantined(job: Job, cause: LakehouseError) -> IngestReport:
    return IngestReport(
        source=job.source.label,
        table=str(job.name),
        status="quarantined",
        reason=cause.message,
        hint=cause.hint,
    )
