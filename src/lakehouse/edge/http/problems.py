"""[acts] Errors as answers: one table from what went wrong to a problem document, noted and counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from lakehouse.base.clock import SystemClock
from lakehouse.base.errors import Invalid, LakehouseError, NotFound, Unavailable, problem
from lakehouse.base.ids import ulid
from lakehouse.edge import iceberg
from lakehouse.edge.http.desk import JSON, desk_of

PROBLEM: Final = "application/problem+json"
CLOCK: Final = SystemClock()

KINDS: Final[Mapping[int, tuple[type[LakehouseError], str, str]]] = {
    400: (Invalid, "the body cannot be read", "send JSON as /docs shows it"),
    404: (NotFound, "there is no such route", "see /docs"),
    405: (Invalid, "the route does not take this method", "see /docs"),
    408: (Invalid, "the upload stopped arriving", "send it again, or raise server.upload_stall_s"),
    413: (Invalid, "the body is too large", "send less at once, or ingest a file from a path"),
}
"""The web framework's own errors in our words."""

UNSERVED: Final = (Invalid, "the request cannot be served", "see /docs")


@dataclass(slots=True, kw_only=True)
class Trace:
    """What becomes known of one request on its way; the gate logs and counts it."""

    request_id: str
    route: str = "unmatched"
    kind: str = ""
    error_id: str = ""


def install(app: FastAPI) -> None:
    """Let every error of `app` become a problem document."""
    for kind in (LakehouseError, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, _answered)


def answer(
    error: LakehouseError,
    *,
    path: str,
    trace: Trace,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The problem document of an error; below /iceberg/, the protocol's own error body."""
    trace.kind, trace.error_id = error.kind, trace.error_id or ulid(CLOCK.now_ms())
    status = status or error.status
    fields = problem(error, error_id=trace.error_id) | {"status": status}
    extra = {"Retry-After": "1"} if error.retry and status in {429, 503} else {}
    sent = {**extra, **(headers or {})}
    if iceberg.is_below(path):
        return Response(orjson.dumps(iceberg.error_body(error, status)), status, sent, media_type=JSON)
    return Response(orjson.dumps(fields), status, sent, media_type=PROBLEM)


def _answered(request: Request, error: Exception) -> Response:
    match error:
        case LakehouseError():
            return _noted(request, error)
        case RequestValidationError():
            return _misfit(request, error)
        case HTTPException(status_code=status, headers=headers):
            kind, message, hint = KINDS.get(status, UNSERVED)
            return _noted(request, kind(message, hint=hint), status=status, headers=headers)
        case _:
            # What it says may hold anything; the gate logs its type and place under the same id.
            unknown = Unavailable("something unexpected failed", hint="lakehouse doctor")
            return _noted(request, unknown, status=500)


def _misfit(request: Request, error: RequestValidationError) -> Response:
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return _noted(request, Invalid("the body is not JSON", hint="send JSON as /docs shows it"))
    # Names of members, never what they hold; the framework also names the arms of a choice, as types.
    where = ".".join(str(part)[:60] for part in first["loc"] if "[" not in str(part))
    if first["type"] == "model_attributes_type" and not _says_json(request):
        hint = "send the header Content-Type: application/json"
        return _noted(request, Invalid("the body is not said to be JSON", hint=hint), status=422)
    return _noted(request, Invalid(f"{where}: {first['msg']}", hint="see /docs for its members"), status=422)


def _says_json(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == JSON


def _noted(
    request: Request,
    error: LakehouseError,
    *,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    trace: Trace = request.scope["trace"]
    response = answer(error, path=request.url.path, trace=trace, status=status, headers=headers)
    desk_of(request).lake.running.note_error(
        error,
        error_id=trace.error_id,
        where=f"{request.method} {route_of(request.scope)}",
        request_id=trace.request_id,
    )
    return response


def route_of(scope: Mapping[str, object]) -> str:
    """The route's template, such as /v1/catalog/datasets/{name}; never the path itself."""
    return str(getattr(scope.get("route"), "path", "unmatched"))
