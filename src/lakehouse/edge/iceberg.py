"""[acts] The public door for other engines: `/iceberg/v1` speaks the Iceberg REST catalog protocol.

DuckDB, PyIceberg, Spark and Trino attach here. A warehouse in the query and a prefix in the path are
accepted and mean nothing: a server has one lake.
"""

from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote

import orjson
from fastapi import FastAPI, Request
from fastapi.responses import Response

from lakehouse.base.errors import Invalid
from lakehouse.edge.http.desk import JSON, desk_of
from lakehouse.edge.http.strict import taking

START: Final = "/iceberg/v1/"
FIRST: Final = frozenset({"config", "namespaces", "tables", "transactions"})
BODY_BYTES: Final = 64 << 20
"""A commit names every column; of a table with 4,096 of them, some megabytes."""

NAMESPACE, TABLE = "/namespaces/{namespace}", "/namespaces/{namespace}/tables/{table}"
ROUTES: Final = (
    ("GET", "/config", "What this catalog can do"),
    ("GET", "/namespaces", "Every namespace"),
    ("POST", "/namespaces", "Create a namespace"),
    ("GET", NAMESPACE, "A namespace's properties"),
    ("HEAD", NAMESPACE, "Is there such a namespace?"),
    ("DELETE", NAMESPACE, "Drop an empty namespace"),
    ("POST", NAMESPACE + "/properties", "Change a namespace's properties"),
    ("GET", NAMESPACE + "/tables", "Every table of a namespace"),
    ("POST", NAMESPACE + "/tables", "Create a table, or stage its creation"),
    ("POST", NAMESPACE + "/register", "Register a table by its metadata file"),
    ("GET", TABLE, "Load a table"),
    ("HEAD", TABLE, "Is there such a table?"),
    ("POST", TABLE, "Commit to a table"),
    ("DELETE", TABLE, "Drop a table"),
    ("POST", TABLE + "/metrics", "Report what a scan or commit cost"),
    ("POST", "/tables/rename", "Rename a table"),
    ("POST", "/transactions/commit", "Commit to several tables at once"),
)


def install(app: FastAPI) -> None:
    """Add the protocol's routes, each with and without a prefix."""
    for prefix in ("", "/{prefix}"):
        for method, path, summary in ROUTES:
            app.router.add_api_route(
                START[:-1] + prefix + path,
                serve,
                methods=[method],
                summary=summary,
                description="As the Iceberg REST Catalog specification, version 1, says.",
                operation_id=f"iceberg_{method}_{path}".lower(),
                tags=["iceberg"],
                response_model=None,
                route_class_override=taking(BODY_BYTES),
                include_in_schema=not prefix,
            )


async def serve(request: Request) -> Response:
    """Answer one request of the protocol; its errors have the protocol's own body."""
    body = _body(await request.body())
    # Of the raw path, since names may hold an encoded slash and namespaces an encoded separator.
    raw = request.scope["raw_path"].decode("latin-1").partition(START)[2]
    path = without_prefix([unquote(part) for part in raw.split("/") if part])
    found = await desk_of(request).call("write", lambda lake: lake.catalog(request.method, path, body))
    data = b"" if found.body is None or request.method == "HEAD" else orjson.dumps(found.body)
    return Response(data, found.status, media_type=JSON if data else None)


def without_prefix(path: Sequence[str]) -> tuple[str, ...]:
    """The path after a prefix, if there is one; a namespace is never the first part."""
    return tuple(path[1:] if len(path) > 1 and path[0] not in FIRST and path[1] in FIRST else path)


def _body(data: bytes) -> dict[str, object]:
    try:
        found = orjson.loads(data) if data else {}
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise Invalid("the body is not a JSON object", hint="see the Iceberg REST specification")
    return found
