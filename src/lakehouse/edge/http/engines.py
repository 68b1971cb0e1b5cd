"""[acts] The public door for other engines: `/iceberg/v1`, answered by the lake's own catalog."""

from typing import Final

import orjson
from fastapi import FastAPI, Request
from fastapi.responses import Response

from lakehouse.edge import iceberg
from lakehouse.edge.http.desk import JSON, desk_of
from lakehouse.edge.http.routing import Told, add

BODY_BYTES: Final = 64 << 20
"""A commit names every column; of a table with 4,096 of them, some megabytes."""


def install(app: FastAPI) -> None:
    """Add the protocol's routes, each with and without a prefix; the document lists them once."""
    for prefix in ("", "/{prefix}"):
        for method, path, summary in iceberg.ROUTES:
            told = Told(
                tag="iceberg",
                summary=summary,
                description="As the Iceberg REST Catalog specification, version 1, says.",
                is_listed=not prefix,
                operation=f"iceberg_{method}_{path}".lower(),
            )
            add(app, method, iceberg.START[:-1] + prefix + path, serve, told=told, most_bytes=BODY_BYTES)


async def serve(request: Request) -> Response:
    """Answer one request of the protocol; its errors have the protocol's own body."""
    body = iceberg.body(await request.body())
    path = iceberg.parts(request.scope["raw_path"].decode("latin-1"))
    found = await desk_of(request).call("write", lambda lake: lake.catalog(request.method, path, body))
    data = b"" if found.body is None or request.method == "HEAD" else orjson.dumps(found.body)
    return Response(data, found.status, media_type=JSON if data else None)
