"""[acts] About the server and its lake: health, metrics, the latest errors, the hot cache."""

from typing import Annotated, Final

from fastapi import FastAPI, Query, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST

from lakehouse import __version__
from lakehouse.edge.http import answers, bodies
from lakehouse.edge.http.desk import desk_of, reply
from lakehouse.edge.http.routing import Told, add

ERRORS: Final = """
    SELECT "at", error_id, kind, "where", message, hint, request_id FROM system.errors ORDER BY id DESC
"""


def install(app: FastAPI) -> None:
    """Add the routes of this module."""
    well = {
        200: (answers.Health, "It works, perhaps with something degraded."),
        503: (answers.Health, "Something is down."),
    }
    add(app, "GET", "/health", health, told=Told(tag="system", answers=well))
    text: dict[int, tuple[None, str]] = {200: (None, "Prometheus' text format.")}
    add(app, "GET", "/metrics", metrics, told=Told(tag="system", answers=text))
    routes = (
        ("GET", "/v1/system/errors", errors, answers.Errors, "system"),
        ("GET", "/v1/query/cache/stats", cache_stats, answers.CacheStats, "cache"),
        ("POST", "/v1/query/cache/pin", pin, answers.Copy, "cache"),
        ("POST", "/v1/query/cache/evict", evict, answers.Evicted, "cache"),
    )
    for method, path, handler, model, tag in routes:
        add(app, method, path, handler, told=Told(tag=tag, answers={200: (model, "Done.")}))


async def health(request: Request) -> Response:
    """Is the lake well? Needs no token."""
    services = await desk_of(request).call("read", lambda lake: lake.running.health())
    states = set(services.values())
    status = "down" if "down" in states else "degraded" if "degraded" in states else "ok"
    body = {"status": status, "version": __version__, "services": services}
    return reply(body, 503 if status == "down" else 200)


async def metrics(request: Request) -> Response:
    """Counters and levels for Prometheus."""
    desk = desk_of(request)
    text = await desk.call("read", lambda _: desk.meters.text())
    return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST})


async def errors(request: Request, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> Response:
    """The latest failures, newest first; all of them are in `system.errors`."""
    result = await desk_of(request).call("query", lambda lake: lake.sql(ERRORS, limit=limit))
    return reply({"errors": list(result.json_rows())})


async def pin(body: bodies.Table, request: Request) -> Response:
    """Keep a table hot: queries read a copy that is rebuilt after every write."""
    return await desk_of(request).reply("write", lambda lake: lake.pin(body.table))


async def evict(body: bodies.Table, request: Request) -> Response:
    """Stop keeping a table hot."""
    evicted = await desk_of(request).call("write", lambda lake: lake.evict(body.table))
    return reply({"table": body.table, "evicted": evicted})


async def cache_stats(request: Request) -> Response:
    """Hits, misses and contents of the hot cache."""
    return await desk_of(request).reply("read", lambda lake: lake.cache_stats())
