"""[acts] Indexes over HTTP: what there is and how good it is, which generation serves, what was tried."""

from typing import Annotated, Literal

from fastapi import Path, Query, Request
from fastapi.responses import Response

from lakehouse.edge.http.desk import desk_of, reply
from lakehouse.edge.http.search import bodies
from lakehouse.lake.facade import Pointer

Name = Annotated[str, Path(max_length=600, description="Of the index.")]
Metric = Annotated[Literal["recall", "latency", "pareto"], Query(description="pareto: the frontier of both.")]


async def listed(request: Request) -> Response:
    """Every index: recall of the mean and of the worst query, size, age, how far behind its table it is."""
    return await desk_of(request).reply("index", lambda lake: {"indexes": lake.index.ls()})


async def shown(name: Name, request: Request) -> Response:
    """One index: recall of the mean and of the worst query, size, age, how far behind its table it is."""
    return await desk_of(request).reply("index", lambda lake: lake.index.show(name))


async def dropped(name: Name, request: Request) -> Response:
    """Forget an index; the table behind it stays."""
    await desk_of(request).call("index", lambda lake: lake.index.drop(name))
    return reply({"index": name, "dropped": True})


async def trials(name: Name, request: Request) -> Response:
    """Every configuration that was tried and what was measured, oldest first."""
    return await desk_of(request).reply(
        "index", lambda lake: {"index": name, "trials": lake.index.trials(name)}
    )


async def best(name: Name, request: Request, metric: Metric = "recall") -> Response:
    """The best trial by recall or latency, or the frontier of both."""
    return await desk_of(request).reply(
        "index",
        lambda lake: {"index": name, "metric": metric, "trials": lake.index.best(name, metric)},
    )


async def promoted(name: Name, body: bodies.Promote, request: Request) -> Response:
    """Make a generation the serving one, in one step; searches under way keep theirs.

    One that finds less of the exact answer than the index demands is refused without `override`.
    """
    pointer = await desk_of(request).call(
        "index",
        lambda lake: lake.index.promote(name, body.generation, note=body.note, override=body.override),
    )
    return _pointer(name, pointer)


async def rolled_back(name: Name, request: Request) -> Response:
    """Make the generation before the serving one serve again; before the first, searches are exact."""
    return _pointer(name, await desk_of(request).call("index", lambda lake: lake.index.rollback(name)))


def _pointer(name: str, pointer: Pointer) -> Response:
    return reply({"index": name, "current": pointer.current, "history": pointer.history})
