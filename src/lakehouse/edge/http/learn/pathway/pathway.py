"""[acts] Pathway memory over HTTP: remember, revise, retire, find, and ask whether a path may be trusted."""

from collections.abc import Callable
from typing import Annotated

import orjson
from fastapi import Path, Query, Request
from fastapi.responses import Response

from lakehouse.edge.http.desk import JSON, desk_of
from lakehouse.edge.http.learn.pathway import bodies
from lakehouse.lake.facade import Lakehouse
from lakehouse.memory.trace import Trace

Uid = Annotated[str, Path(max_length=128, description="Of a trace.")]
Prefix = Annotated[str, Query(max_length=1000, description="The first one or two folders.")]


async def add(body: bodies.Add, request: Request) -> Response:
    """Remember something new; 200 where it was added again and only counted."""

    def work(lake: Lakehouse) -> Response:
        known = body.idempotent and body.uid is not None
        made = lake.pathway.add(body.content, tags=body.tags, uid=body.uid, idempotent=body.idempotent)
        return _json(made.told(), 200 if known and made.replay_count else 201)

    return await desk_of(request).call("write", work)


async def update(body: bodies.Update, request: Request) -> Response:
    """Change content or tags in place; the version stays."""
    return await _traced(
        request, lambda lake: lake.pathway.update(body.uid, content=body.content, tags=body.tags)
    )


async def revise(body: bodies.Revise, request: Request) -> Response:
    """Make a new version of the last trace of a chain; its replays start anew."""
    return await _traced(
        request,
        lambda lake: lake.pathway.revise(body.predecessor_uid, body.content, tags=body.tags, uid=body.uid),
        status=201,
    )


async def retire(body: bodies.Retire, request: Request) -> Response:
    """Take a trace out of use: no search finds it any more, get and history do."""
    return await _traced(request, lambda lake: lake.pathway.retire(body.uid, body.reason))


async def replay(body: bodies.Replay, request: Request) -> Response:
    """Tell what came of using a trace again; one that is surely too bad is retired by that."""
    return await _traced(
        request, lambda lake: lake.pathway.replay(body.uid, succeeded=body.succeeded, note=body.note)
    )


async def get(uid: Uid, request: Request) -> Response:
    """One trace as it stands, retired or not."""
    return await _read(request, lambda lake: lake.pathway.get(uid).told())


async def history(uid: Uid, request: Request) -> Response:
    """A trace and its predecessors, newest first."""
    return await _read(
        request, lambda lake: {"uid": uid, "history": [t.told() for t in lake.pathway.history(uid)]}
    )


async def search(body: bodies.Search, request: Request) -> Response:
    """Find traces in use by words, tags, kind of task, folder or likeness."""
    like = body.like.model_dump(exclude_unset=True) if isinstance(body.like, bodies.Task) else body.like

    def work(lake: Lakehouse) -> object:
        found = lake.pathway.search(
            body.text,
            tags=body.tags,
            like=like,
            pathway_id=body.pathway_id,
            file_prefix=body.file_prefix,
            every_version=body.every_version,
            k=body.k,
        )
        return {"matches": [{"similarity": m.similarity, "trace": m.trace.told()} for m in found]}

    return await _read(request, work)


async def hot_swap(body: bodies.Task, request: Request) -> Response:
    """Decide whether a remembered model may replace the ladder for a task; every gate with its reason."""
    task = body.model_dump(exclude_unset=True)
    return await _read(request, lambda lake: lake.pathway.hot_swap(task))


async def stats(request: Request) -> Response:
    """Figures of what is remembered, and of lines of the log that were skipped."""
    return await _read(request, lambda lake: lake.pathway.stats())


async def bug_fingerprints(file_prefix: Prefix, request: Request) -> Response:
    """Bugs that reviews found below a folder, most frequent first: what the next review should know."""
    return await _read(
        request,
        lambda lake: {
            "file_prefix": file_prefix,
            "bug_fingerprints": lake.pathway.bug_fingerprints(file_prefix),
        },
    )


async def _traced(request: Request, work: Callable[[Lakehouse], Trace], *, status: int = 200) -> Response:
    return await desk_of(request).call("write", lambda lake: _json(work(lake).told(), status))


async def _read(request: Request, work: Callable[[Lakehouse], object]) -> Response:
    return await desk_of(request).call("read", lambda lake: _json(work(lake)))


def _json(value: object, status: int = 200) -> Response:
    # As it is: content belongs to whoever wrote it, also where a member of it is called snapshot_id.
    return Response(orjson.dumps(value), status, media_type=JSON)
