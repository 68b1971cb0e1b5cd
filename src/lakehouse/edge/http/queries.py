"""[acts] SQL over HTTP: one SELECT in; JSON, Arrow, CSV or Parquet out; cancelled when nobody waits."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

import orjson
from fastapi import FastAPI, Header, Path, Request
from fastapi.responses import Response, StreamingResponse

from lakehouse.base.clock import SystemClock
from lakehouse.base.errors import Invalid, NotFound
from lakehouse.base.ids import ulid
from lakehouse.edge.document import ids
from lakehouse.edge.http import answers, bodies
from lakehouse.edge.http.desk import JSON, Desk, desk_of, reply
from lakehouse.edge.http.routing import Told, add
from lakehouse.lake.facade import Lakehouse, Result

Shape = Literal["json", "arrow", "csv", "parquet"]

MEDIA: Final[Mapping[Shape, str]] = {
    "json": JSON,
    "arrow": "application/vnd.apache.arrow.stream",
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
}
RETRY_CANCEL_S: Final = 0.05
"""A query that was given up may still wait for a worker; it can be cancelled once it has one."""

CLOCK: Final = SystemClock()
QueryId = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
GivenId = Annotated[
    str | None,
    Header(alias="X-Lakehouse-Query-Id", pattern=r"^[A-Za-z0-9._-]{1,64}$", description="For DELETE."),
]


class NotAcceptable(Invalid):
    """None of the types that the client takes can be made."""

    status = 406


@dataclass(frozen=True, slots=True)
class Rendered:
    """An answer that is ready to be sent."""

    result: Result
    chunks: Iterator[bytes]


def install(app: FastAPI) -> None:
    """Add the routes of this module."""
    rows = {200: (answers.Result, "The rows; as JSON, or in the type that Accept names.")}
    ended = {200: (answers.Cancelled, "It was running, and is no more.")}
    add(app, "POST", "/v1/sql", run, told=Told(tag="query", answers=rows))
    add(app, "DELETE", "/v1/sql/{query_id}", cancel, told=Told(tag="query", answers=ended))


async def run(body: bodies.Sql, request: Request, x_query_id: GivenId = None) -> Response:
    """Run one SELECT.

    Rows come as arrays in the order of `columns`. Integers beyond 2^53 and decimals that a double cannot hold
    are texts; NaN and infinities are null; times are ISO 8601, bytes hex. With `Accept`
    `application/vnd.apache.arrow.stream`, `text/csv` or `application/vnd.apache.parquet` the rows are exact.
    The query ends when the client hangs up. A client that wants to cancel it by `DELETE /v1/sql/{query_id}`
    chooses the id and sends it as `X-Lakehouse-Query-Id`.
    """
    shape, desk = accepted(request.headers.get("accept", "*/*")), desk_of(request)
    query_id = x_query_id or ulid(CLOCK.now_ms())

    def work() -> Response:
        result = desk.lake.sql(
            body.sql, body.params, at=body.at, limit=_limit(desk.lake, body.limit, shape), query_id=query_id
        )
        desk.meters.query(result.elapsed_ms)
        return rendered(result, shape)

    return await _while_wanted(desk, request, query_id, work)


async def cancel(query_id: QueryId, request: Request) -> Response:
    """End a running query now."""
    if not await desk_of(request).call("read", lambda lake: lake.cancel(query_id)):
        raise NotFound("no query runs under that id", hint="it has ended, or waits for a worker still")
    return reply({"query_id": query_id, "cancelled": True})


def accepted(accept: str) -> Shape:
    """The shape of answer that an Accept header asks for: its first that we can make, by preference.

    Raises:
        NotAcceptable: there is none.
    """
    ranges = [_range(part) for part in accept.lower().split(",")]
    for quality, media in sorted(ranges, key=lambda r: -r[0]):
        if quality <= 0:
            continue
        found = next((shape for shape, known in MEDIA.items() if media in {known, "*/*"}), None)
        if found or media in {"application/*", "application/problem+json"}:
            return found or "json"
    hint = f"Accept: {', '.join(MEDIA.values())}"
    raise NotAcceptable("none of the types that Accept names can be made", hint=hint)


def _range(part: str) -> tuple[float, str]:
    media, *parameters = (piece.strip() for piece in part.split(";"))
    quality = next((p.removeprefix("q=") for p in parameters if p.startswith("q=")), "1")
    try:
        return float(quality), media
    except ValueError:
        return 0.0, media


def _limit(lake: Lakehouse, asked: int | None, shape: Shape) -> int:
    """JSON without a limit is for looking; the exact types are for taking all."""
    most = lake.settings.limits.rows
    if asked is None:
        return min(most, lake.settings.server.rows) if shape == "json" else most
    return min(most, asked)


def rendered(result: Result, shape: Shape) -> Response:
    """The answer in the shape asked for; called in a thread, since large ones take a while."""
    headers = {
        "X-Lakehouse-Query-Id": result.query_id,
        "X-Lakehouse-Truncated": str(result.truncated).lower(),
        "Vary": "Accept",
    }
    if shape == "json":
        return Response(_json(result), 200, headers, media_type=JSON)
    if shape == "parquet":
        return Response(result.parquet(), 200, headers, media_type=MEDIA[shape])
    chunks = result.ipc() if shape == "arrow" else result.csv()
    return StreamingResponse(chunks, 200, headers, media_type=MEDIA[shape])


def _json(result: Result) -> bytes:
    return orjson.dumps(
        {
            "columns": [{"name": c.name, "type": c.type} for c in result.columns],
            "rows": [list(row.values()) for row in result.json_rows()],
            "row_count": result.row_count,
            "truncated": result.truncated,
            "elapsed_ms": round(result.elapsed_ms, 3),
            "query_id": result.query_id,
            "snapshots": ids(result.snapshots),
        }
    )


async def _while_wanted(
    desk: Desk, request: Request, query_id: str, work: Callable[[], Response]
) -> Response:
    """What `work` makes; when the client leaves first, its query is cancelled."""
    working = asyncio.ensure_future(desk.rooms.call("query", work))
    leaving = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        while not working.done():
            await desk.call("read", lambda lake: lake.cancel(query_id))
            await asyncio.wait({working}, timeout=RETRY_CANCEL_S)
        return working.result()
    finally:
        leaving.cancel()


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
