"""[acts] Texts to vectors over HTTP: in our words, and in those of OpenAI's protocol, which tools speak."""

from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import orjson
from fastapi import Request
from fastapi.responses import Response

from lakehouse.base.errors import Invalid, NotFound, Unavailable
from lakehouse.edge.http.desk import JSON, Desk, desk_of
from lakehouse.edge.http.search import bodies
from lakehouse.lake.facade import Embedded, Lakehouse

Work = Callable[[Lakehouse], Response]
TOKEN_CHARS: Final = 4
"""Characters of a token, for the figures on use that clients of the protocol expect."""

MADE: Final = 0
"""When a model was made is not known; the protocol wants a time."""


async def embed(body: bodies.Embed, request: Request) -> Response:
    """Make a unit vector of each text, by the model that is set up."""

    def work(lake: Lakehouse) -> Response:
        made = lake.embed(body.texts, use=body.use)
        model = made.model
        said = {"vectors": made.vectors, "dimension": model.dimension, "model": str(model)}
        return _reply(said)

    return await _counted(request, len(body.texts), work)


async def stats(request: Request) -> Response:
    """How often a text had its vector already."""
    return await desk_of(request).reply("read", lambda lake: lake.embed_stats())


async def embeddings(body: bodies.Input, request: Request) -> Response:
    """Make vectors as OpenAI's protocol has it, so that its clients can use this model.

    Texts only, no lists of tokens. An error is a problem document as everywhere else.
    """
    texts = [body.input] if isinstance(body.input, str) else body.input

    def work(lake: Lakehouse) -> Response:
        _require(body, lake)
        return _reply(_protocol(lake.embed(texts), texts, encoding=body.encoding_format))

    return await _counted(request, len(texts), work)


async def models(request: Request) -> Response:
    """The models that are set up, of vectors and of answers, as OpenAI's protocol lists them."""
    return await desk_of(request).reply("embed", _listed)


async def _counted(request: Request, texts: int, work: Work) -> Response:
    desk: Desk = desk_of(request)
    answered = await desk.call("embed", work)
    desk.meters.embed(texts)
    return answered


def _listed(lake: Lakehouse) -> dict[str, object]:
    known = [lake.chat_model()]
    with suppress(Unavailable):
        known.insert(0, lake.embed(()).model.name)
    names = dict.fromkeys(name for name in known if name)
    data = [{"id": n, "object": "model", "created": MADE, "owned_by": "lakehouse"} for n in names]
    return {"object": "list", "data": data}


def _require(body: bodies.Input, lake: Lakehouse) -> None:
    """Check that what is asked for is what the model makes, before it makes anything."""
    model = lake.embed(()).model
    if body.model not in {None, model.name, str(model)}:
        raise NotFound(
            f"the model {body.model!r:.80} is not set up", hint=f"leave it out, or say {model.name!r}"
        )
    if body.dimensions not in {None, model.dimension}:
        raise Invalid(
            f"{model.name} makes {model.dimension} dimensions", hint=f'"dimensions": {model.dimension}'
        )


def _protocol(made: Embedded, texts: list[str], *, encoding: str) -> dict[str, object]:
    tokens = sum(-(-len(text) // TOKEN_CHARS) for text in texts)
    packed = encoding == "base64"
    return {
        "object": "list",
        "data": [
            {
                "object": "embedding",
                "index": n,
                "embedding": b64encode(row.astype("<f4").tobytes()).decode() if packed else row,
            }
            for n, row in enumerate(made.vectors)
        ],
        "model": made.model.name,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }


def _reply(said: object) -> Response:
    return Response(orjson.dumps(said, option=orjson.OPT_SERIALIZE_NUMPY), media_type=JSON)
