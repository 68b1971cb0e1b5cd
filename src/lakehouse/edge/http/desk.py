"""[acts] What every route has at hand: the lake, threads to call it in, counters, and how to say JSON."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import orjson
from fastapi import Request
from fastapi.responses import Response

from lakehouse.edge.document import document
from lakehouse.edge.http.meters import Meters
from lakehouse.edge.http.rooms import Room, Rooms
from lakehouse.lake.facade import Lakehouse

T = TypeVar("T")
JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What routes work with."""

    lake: Lakehouse
    rooms: Rooms
    meters: Meters

    async def call(self, room: Room, work: Callable[[Lakehouse], T]) -> T:
        """What the lake answers, from a thread of this room."""
        return await self.rooms.call(room, lambda: work(self.lake))

    async def reply(self, room: Room, work: Callable[[Lakehouse], object]) -> Response:
        """The same, as JSON."""
        return reply(await self.call(room, work))


def desk_of(request: Request) -> Desk:
    """The desk of the application that the request came to."""
    desk: Desk = request.app.state.desk
    return desk


def reply(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """`value` as JSON; dataclasses become objects, snapshot ids text."""
    return Response(orjson.dumps(document(value)), status, headers, media_type=JSON)
