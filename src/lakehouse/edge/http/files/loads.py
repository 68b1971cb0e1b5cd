"""[acts] Files over HTTP: an upload is streamed to the lake's own disk, then ingested like any file."""

import re
import shutil
from collections.abc import Mapping
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import Response

from lakehouse.base.errors import Invalid, NotFound
from lakehouse.edge.http import answers
from lakehouse.edge.http.desk import desk_of, reply
from lakehouse.edge.http.files.upload import Upload, receive
from lakehouse.edge.http.routing import Told, add
from lakehouse.lake.facade import IngestReport, Lakehouse

FIELDS: Final = ("table", "key", "mode", "types", "dry_run")
COMMA: Final = re.compile(r",(?![^(]*\))")
"""A comma that stands in no parentheses: DECIMAL(9,2) is one word."""

BESIDE_BYTES: Final = 1 << 20
"""Of a body, for the fields and the marks between parts."""

YES: Final[Mapping[str, bool]] = {"": False, "false": False, "0": False, "no": False} | {
    "true": True,
    "1": True,
    "yes": True,
    "on": True,
}

PRIMARY: Final = "primary"
"""The one bucket of a lake: its folder, or what `storage.url` names."""

FORM: Final = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "table": {"type": "string", "description": "By default the file's name."},
        "key": {"type": "string", "description": "Columns that identify a row: id, or store,day."},
        "mode": {"type": "string", "enum": ["append", "replace", "upsert"]},
        "types": {"type": "string", "description": "COLUMN=TYPE, separated by commas."},
        "dry_run": {"type": "boolean", "description": "Look and decide; write nothing."},
    },
}


def install(app: FastAPI, *, upload_bytes: int) -> None:
    """Add the routes of this module."""
    told = Told(
        tag="ingest",
        body={"multipart/form-data": {"schema": FORM}},
        answers={
            201: (answers.Report, "The rows are in the table."),
            200: (answers.Report, "Skipped: the table has these bytes; or a dry run."),
            422: (answers.Report, "Quarantined: the file cannot be read."),
        },
    )
    add(app, "POST", "/v1/ingest/file", ingest, told=told, most_bytes=upload_bytes + BESIDE_BYTES)


async def ingest(request: Request) -> Response:
    """Make an uploaded file a table, or part of one; `X-Lakehouse-Bucket` may name where it is kept.

    Raises:
        NotFound: the lake has no bucket of that name.
    """
    bucket = request.headers.get("x-lakehouse-bucket", PRIMARY)
    if bucket != PRIMARY:
        hint = f"the buckets are: {PRIMARY}; leave X-Lakehouse-Bucket out to use it"
        raise NotFound(f"there is no bucket {bucket[:60]!r}", hint=hint)
    desk = desk_of(request)
    folder = await desk.call("read", lambda lake: lake.running.scratch())
    try:
        upload = await receive(request, folder, stall_s=desk.lake.settings.server.upload_stall_s)
        report = await desk.call("ingest", lambda lake: taken(lake, upload))
    finally:
        await desk.call("write", lambda _: shutil.rmtree(folder, ignore_errors=True))
    dry = is_dry(upload)
    if not dry:
        desk.meters.ingest(rows=report.rows, rejected=report.rejected)
    status = {"quarantined": 422, "skipped": 200}.get(report.status, 200 if dry else 201)
    return reply(report.to_json(), status)


def taken(lake: Lakehouse, upload: Upload) -> IngestReport:
    """The report on one upload.

    Raises:
        Invalid: a field is unknown or cannot be read.
    """
    fields = upload.fields
    for name in fields:
        if name not in FIELDS:
            raise Invalid(f"there is no field {name[:40]!r}", hint=f"fields: file, {', '.join(FIELDS)}")
    return lake.ingest(
        upload.file,
        label=upload.name,
        table=fields.get("table") or None,
        key=fields.get("key") or None,
        mode=fields.get("mode") or None,
        types=types_in(fields.get("types", "")),
        dry_run=is_dry(upload),
    )


def is_dry(upload: Upload) -> bool:
    """Is it only to be looked at?

    Raises:
        Invalid: neither yes nor no.
    """
    given = upload.fields.get("dry_run", "").lower()
    if given not in YES:
        raise Invalid("dry_run is true or false", hint="leave it out to write")
    return YES[given]


def types_in(text: str) -> dict[str, str]:
    """Column to type, from `a=BIGINT,b=DECIMAL(9,2)`.

    Raises:
        Invalid: a part is not COLUMN=TYPE.
    """
    found: dict[str, str] = {}
    for part in filter(str.strip, COMMA.split(text)):
        column, sign, kind = part.partition("=")
        if not sign or not column.strip():
            raise Invalid(f"{part[:60]!r} is not COLUMN=TYPE", hint="types=zip=VARCHAR,pay=DECIMAL(9,2)")
        found[column.strip()] = kind.strip()
    return found
