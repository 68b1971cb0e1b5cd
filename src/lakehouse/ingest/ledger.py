"""[acts] What an ingest leaves beside its rows: rejected rows, files set aside, and its own record."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lakehouse.base.errors import Corrupt, LakehouseError, Unavailable
from lakehouse.ingest.origin import digest
from lakehouse.ingest.plan import Request, mode_of
from lakehouse.ingest.report import IngestReport
from lakehouse.ingest.shape import Conversion
from lakehouse.ingest.source import Source
from lakehouse.store.journal import Journal
from lakehouse.store.streams import Json
from lakehouse.table.names import TableName

REJECTS_AT_ONCE: Final = 5_000
"""Rejected rows in one journal write: at most 20 MB of memory."""

KEPT_BYTES: Final = 256 << 20
"""Unreadable files up to this size are copied into quarantine; larger ones are left where they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One source on its way."""

    source: Source
    name: TableName
    request: Request
    scratch: Path
    ingest_id: str


class Ledger:
    """Writes the streams `ingests`, `rejected` and `quarantine`, and the folder of the latter."""

    def __init__(self, journal: Journal, *, quarantine: Path) -> None:
        self.journal = journal
        self._quarantine = quarantine

    def keep_rejects(self, job: Job, done: Conversion) -> None:
        """Make every rejected row durable.

        Raises:
            Corrupt: they are not as many as the reader says, or are not understood.
        """
        kept, batch = 0, list[dict[str, Json]]()
        for reject in rejects(done):
            batch.append({**reject, **_origin(job)})
            kept += 1
            if len(batch) >= REJECTS_AT_ONCE:
                self.journal.append("rejected", batch)
                batch = []
        self.journal.append("rejected", batch)
        if kept != done.rejected:
            raise not_understood()

    def set_aside(self, job: Job, cause: LakehouseError) -> str:
        """Keep a copy of a file that cannot be read, and say why; its SHA-256."""
        content = digest(job.source.path)
        kept = ""
        if job.source.bytes <= KEPT_BYTES:
            kept = f"{content[:16]}-{TableName('', job.source.path.name).slug}"
            try:
                self._quarantine.mkdir(exist_ok=True)
                shutil.copyfile(job.source.path, self._quarantine / kept)
            except OSError as error:
                why = f"the file cannot be kept in quarantine: {error.strerror}"
                raise Unavailable(why, hint="free some disk space") from error
        facts: dict[str, Json] = {"sha256": content, "reason": cause.message, "kept_as": kept}
        self.journal.append("quarantine", [{"source": job.source.label, **facts}])
        return content

    def record(self, job: Job, report: IngestReport) -> None:
        """Note what became of the source."""
        facts: dict[str, Json] = {
            "status": report.status,
            "sha256": report.sha256,
            "rows_read": report.rows_read,
            "rows": report.rows,
            "rejected": report.rejected,
            "snapshot_id": report.snapshot_id,
            "mode": mode_of(job.request),
            "reason": report.reason,
            "elapsed_ms": report.elapsed_ms,
        }
        self.journal.append("ingests", [{**_origin(job), **facts}])


def rejects(done: Conversion) -> Iterator[dict[str, Json]]:
    """What the reader rejected, field by field: it has parsed a hostile file and is not trusted.

    Raises:
        Corrupt: a line is no JSON.
    """
    if not done.rejects_path:
        return
    try:
        with Path(done.rejects_path).open(encoding="utf-8") as lines:
            for line in lines:
                yield _reject(json.loads(line))
    except (OSError, ValueError, RecursionError) as error:
        raise not_understood() from error


def first_reason(done: Conversion) -> str:
    """Why the first rejected row was."""
    first = next(rejects(done), None)
    return f"line {first['line']}: {first['reason']}" if first else ""


def not_understood() -> Corrupt:
    """The error for an answer of the reader that contradicts itself."""
    return Corrupt("the reader's rejects do not add up", hint="try again; report the file if it repeats")


def _reject(fields: object) -> dict[str, Json]:
    given = fields if isinstance(fields, dict) else {}
    line = given.get("line")
    return {
        "line": line if isinstance(line, int) else 0,
        "reason": str(given.get("reason", ""))[:500],
        "raw": str(given.get("raw", ""))[:4096],
        "kind": "row",
    }


def _origin(job: Job) -> dict[str, Json]:
    return {"ingest_id": job.ingest_id, "source": job.source.label, "table_name": str(job.name)}
