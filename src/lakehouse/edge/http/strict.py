"""[acts] Bodies by the book and no larger than their route allows; JSON as RFC 8259 has it.

The framework's own limit answers in plain text, and its JSON lets NaN, lone surrogates and bottomless
nesting through.
"""

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar, Final

import orjson
from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

JSON_BYTES: Final = 8 << 20
"""Of a body, where its route does not say otherwise."""


class StrictRequest(Request):
    """A request whose body is bounded, and whose JSON is JSON."""

    async def json(self) -> object:
        """The body, parsed.

        Raises:
            orjson.JSONDecodeError: it is not JSON.
        """
        return orjson.loads(await self.body())


class StrictRoute(APIRoute):
    """A route that reads its requests so."""

    most_bytes: ClassVar[int] = JSON_BYTES

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The framework's handler, given a stricter request."""
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            length = request.headers.get("content-length", "0")
            if length.isdigit() and int(length) > self.most_bytes:
                raise HTTPException(413)
            return await handle(StrictRequest(request.scope, _bounded(request.receive, self.most_bytes)))

        return strict


def taking(limit: int) -> type[StrictRoute]:
    """A kind of route that takes bodies of up to `limit` bytes."""

    class Taking(StrictRoute):
        most_bytes = limit

    return Taking


def _bounded(receive: Receive, most: int) -> Receive:
    left = most

    async def bounded() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(413)
        return message

    return bounded
