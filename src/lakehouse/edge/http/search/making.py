"""[acts] Builds, refreshes and trials over HTTP: each is a job, and its caller does not wait."""

from typing import Annotated

from fastapi import Path, Query, Request
from fastapi.responses import Response

from lakehouse.edge.http.desk import desk_of, reply
from lakehouse.edge.http.search import bodies
from lakehouse.lake.facade import Job, Lakehouse

Name = Annotated[str, Path(max_length=600, description="Of the index.")]
JobId = Annotated[str, Path(max_length=64)]
Wait = Annotated[bool, Query(description="Answer when it was measured: seconds to minutes.")]


async def build(body: bodies.Build, request: Request) -> Response:
    """Make an index over a table; of a name that is there, its definition is replaced.

    The definition is checked and stored before the answer, and words can be searched from then on. Vectors
    and a measured generation are made by the job.
    """
    given = body.model_dump(exclude_unset=True, exclude_none=True)

    def work(lake: Lakehouse) -> Job:
        defined = lake.index.define(**given)
        return lake.index.start("index", defined.name)

    return _started(await desk_of(request).call("index", work))


async def refresh(name: Name, request: Request) -> Response:
    """Bring an index up to its table: embed what is new or edited, let go what is gone."""
    return _started(await desk_of(request).call("index", lambda lake: lake.index.start("refresh", name)))


async def trial(name: Name, body: bodies.Try, request: Request, wait: Wait = False) -> Response:
    """Build with another configuration beside the serving one, and measure it; nothing else changes."""
    if wait:
        return await desk_of(request).reply(
            "trial",
            lambda lake: lake.index.trial(name, body.config, queries=body.queries, eval_set=body.eval_set),
        )
    return _started(
        await desk_of(request).call(
            "index",
            lambda lake: lake.index.start_trial(
                name, body.config, queries=body.queries, eval_set=body.eval_set
            ),
        )
    )


async def autotune(name: Name, request: Request, body: bodies.Autotune | None = None) -> Response:
    """Try configurations until the grid or the budget is spent, then build and promote the best."""
    budget = (body or bodies.Autotune()).budget
    return _started(
        await desk_of(request).call("index", lambda lake: lake.index.start_autotune(name, budget=budget))
    )


async def job(job_id: JobId, request: Request) -> Response:
    """How far a job is: phase, rows done of how many, rate a second, seconds left; or how it ended."""
    return await desk_of(request).reply("read", lambda lake: lake.index.jobs.get(job_id))


async def jobs(request: Request) -> Response:
    """The jobs of this server, newest first; those of earlier ones are in `system.jobs`."""
    return await desk_of(request).reply("read", lambda lake: {"jobs": lake.index.jobs.all()})


def _started(job: Job) -> Response:
    return reply({"job_id": job.job_id, "index": job.subject}, 202, {"Location": f"/v1/jobs/{job.job_id}"})
