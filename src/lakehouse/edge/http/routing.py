"""[acts] How routes are added: one way, with what the OpenAPI document says of them."""

import inspect
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from fastapi.responses import Response
from pydantic import BaseModel

from lakehouse.edge.http.answers import PROBLEM
from lakehouse.edge.http.strict import JSON_BYTES, taking

Handler = Callable[..., Coroutine[Any, Any, Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the document says of a route besides its handler's docstring."""

    tag: str
    summary: str = ""
    """By default the first line of the handler's docstring."""

    description: str = ""
    """By default the rest of it."""

    answers: Mapping[int, tuple[type[BaseModel] | None, str]] = field(default_factory=dict)
    """Status to the shape of the answer, and when it is given."""

    body: Mapping[str, object] = field(default_factory=dict)
    """Where the framework cannot know it: the request body by media type."""

    operation: str = ""
    is_listed: bool = True


def add(
    app: FastAPI, method: str, path: str, handler: Handler, *, told: Told, most_bytes: int = JSON_BYTES
) -> None:
    """Add one route; any may also answer with a problem document."""
    first, _, rest = inspect.cleandoc(handler.__doc__ or "").partition("\n")
    responses: dict[int | str, dict[str, object]] = {
        status: {"description": when, **({"model": model} if model else {})}
        for status, (model, when) in told.answers.items()
    }
    app.router.add_api_route(
        path,
        handler,
        methods=[method],
        tags=[told.tag],
        summary=told.summary or first.rstrip("."),
        description=told.description or rest.strip(),
        operation_id=told.operation or handler.__name__,
        include_in_schema=told.is_listed,
        status_code=next(iter(told.answers), 200),
        response_model=None,
        responses={**responses, "4XX": dict(PROBLEM), "5XX": dict(PROBLEM)},
        openapi_extra={"requestBody": {"required": True, "content": dict(told.body)}} if told.body else None,
        route_class_override=taking(most_bytes),
    )
