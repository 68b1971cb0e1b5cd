"""[acts] The application: one lake, its routes, its errors, behind the gate."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final

import orjson
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from lakehouse import __version__
from lakehouse.base.errors import LakehouseError
from lakehouse.edge.http import answers, datasets, engines, pages, problems, queries, rules, system
from lakehouse.edge.http.desk import JSON, Desk
from lakehouse.edge.http.files import loads
from lakehouse.edge.http.gate import Gate, Log
from lakehouse.edge.http.learn import routes as learn
from lakehouse.edge.http.learn.matrix import routes as matrix
from lakehouse.edge.http.learn.pathway import routes as memory
from lakehouse.edge.http.meters import Meters
from lakehouse.edge.http.rooms import Rooms
from lakehouse.edge.http.routing import Told, add
from lakehouse.edge.http.search import routes as search
from lakehouse.lake.facade import Lakehouse

TIDY_S: Final = 60.0
DESCRIPTION: Final = (
    "Any file becomes an open, versioned table; SQL over all of them; history that never loses a row. "
    "Every error is a problem document (RFC 9457) with a kind and a hint that fixes it. With a token set, "
    "every route but /health asks for Authorization: Bearer."
)


def application(
    lake: Lakehouse, *, policy: rules.Policy, log: Log | None = None, rooms: Rooms | None = None
) -> Gate:
    """The ASGI application for one lake; opening and closing the lake is the caller's."""
    app = routes(upload_bytes=lake.settings.server.upload_bytes)
    said = log or Log()
    desk = Desk(lake=lake, rooms=rooms or rooms_for(lake), meters=Meters(lake))
    app.state.desk = desk
    app.router.lifespan_context = _lifespan(desk, said)
    return Gate(app, policy=policy, meters=desk.meters, log=said)


def rooms_for(lake: Lakehouse) -> Rooms:
    """Threads enough for a lake's query workers."""
    return Rooms(query_workers=lake.settings.workers.workers)


def routes(*, upload_bytes: int = 2 << 30) -> FastAPI:
    """Every route, with no lake behind it yet."""
    app = FastAPI(
        title="Lakehouse",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    problems.install(app)
    queries.install(app)
    loads.install(app, upload_bytes=upload_bytes)
    datasets.install(app)
    system.install(app)
    search.install(app)
    learn.install(app)
    matrix.install(app)
    memory.install(app)
    engines.install(app)
    for path, handler in (("/openapi.json", openapi), ("/docs", docs)):
        add(app, "GET", path, handler, told=Told(tag="system", answers={200: (None, "The document.")}))
    return app


async def openapi(request: Request) -> Response:
    """This interface as an OpenAPI 3.1 document."""
    return Response(orjson.dumps(document(request.app)), media_type=JSON)


async def docs(request: Request) -> HTMLResponse:
    """This interface as a page for people."""
    return HTMLResponse(pages.page(document(request.app)), headers={"Content-Security-Policy": pages.POLICY})


def document(app: FastAPI) -> dict[str, object]:
    """The OpenAPI document of `app`, with the problem document that every route may answer."""
    found = app.openapi()
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = answers.Problem.model_json_schema()
    return found


def _lifespan(desk: Desk, log: Log) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        desk.lake.running.start()
        tidying = asyncio.ensure_future(_tidy_forever(desk, log))
        try:
            yield
        finally:
            tidying.cancel()

    return running


async def _tidy_forever(desk: Desk, log: Log) -> None:
    while True:
        await asyncio.sleep(TIDY_S)
        try:
            await desk.call("write", lambda lake: lake.running.tidy())
        except LakehouseError as error:
            log.event("tidying failed", kind=error.kind)
