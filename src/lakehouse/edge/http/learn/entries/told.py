"""[acts] Entries over HTTP: written, looked at, chosen for a prompt, voted on, taken out of use."""

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import Path, Query, Request
from fastapi.responses import Response

from lakehouse.edge.http.desk import desk_of, reply
from lakehouse.edge.http.learn.entries import bodies
from lakehouse.lake.facade import Lakehouse
from lakehouse.matrix.bullets.bullet import Bullet
from lakehouse.matrix.bullets.draft import Draft

EntryId = Annotated[str, Path(max_length=128, description="Of an entry.")]
Status = Literal["", "active", "shadow", "quarantined", "retired"]
FIELDS = frozenset({"content", "section", "scope", "evidence", "doc_refs"})


async def add(body: bodies.Add, request: Request) -> Response:
    """Hand in a lesson; 201 where it became an entry, 200 where it was linked or rejected.

    It is judged first: copies, text that the lake served itself, secrets, personal data, orders to a model
    and claims without evidence stay out or wait for a person. `outcome`, `rule` and `reason` say what
    became of it; a rejected text is not kept.
    """

    def work(lake: Lakehouse) -> Response:
        made = lake.playbook.entries.add(_draft(body), source=body.source, is_trial=body.trial)
        return reply(made.told(), 201 if made.verdict.outcome in {"add", "quarantine"} else 200)

    return await desk_of(request).call("write", work)


async def ls(
    request: Request,
    section: Annotated[str, Query(max_length=60)] = "",
    status: Annotated[Status, Query(description="By default all but the retired ones.")] = "",
    limit: Annotated[int, Query(ge=1, le=1000, description="Most entries.")] = 100,
) -> Response:
    """Entries, the latest change first."""

    def work(lake: Lakehouse) -> object:
        found = lake.playbook.entries.ls(section=section, status=status, k=limit)
        return {"entries": [one.told() for one in found]}

    return await desk_of(request).reply("read", work)


async def get(entry_id: EntryId, request: Request) -> Response:
    """One entry as it stands, retired or not, with every version of it."""

    def work(lake: Lakehouse) -> object:
        versions = lake.playbook.entries.history(entry_id)
        return {**versions[0].told(), "history": [one.told() for one in versions]}

    return await desk_of(request).reply("read", work)


async def edit(entry_id: EntryId, body: bodies.Edit, request: Request) -> Response:
    """Change fields of an entry; a new text is judged, and begins without votes."""
    return await _one(
        request,
        lambda lake: lake.playbook.entries.update(
            entry_id, _draft(body), status=body.status, source=body.source, reason=body.reason
        ),
    )


async def merge(body: bodies.Merge, request: Request) -> Response:
    """Let the first entry say what all of them say; the others retire into it."""
    return await _one(
        request,
        lambda lake: lake.playbook.entries.merge(
            body.entries, _draft(body), reason=body.reason, source=body.source
        ),
    )


async def drop(
    entry_id: EntryId,
    request: Request,
    reason: Annotated[str, Query(min_length=1, max_length=500, description="Why; it is kept.")],
    source: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Take an entry out of use; it stays in the log, and is not learned again."""
    return await _one(
        request, lambda lake: lake.playbook.entries.retire(entry_id, reason=reason, source=source)
    )


async def vote(entry_id: EntryId, body: bodies.Vote, request: Request) -> Response:
    """Say what an entry did for a call that was given it; whoever wrote it has no vote."""
    return await _one(request, lambda lake: lake.playbook.entries.vote(entry_id, **body.model_dump()))


async def choose(body: bodies.Choose, request: Request) -> Response:
    """Choose the one or two entries that a prompt should get, and say why not others.

    With a `call_id` it is recorded that this call was given them, so that votes are taken under it.
    """

    def work(lake: Lakehouse) -> object:
        return lake.playbook.entries.choose(
            body.question, facets=body.facets, call_id=body.call_id, k=body.k, is_trial=body.trial
        ).told()

    return await desk_of(request).reply("search", work)


async def audit(request: Request) -> Response:
    """How healthy the entries are: what came in, what stayed out and why, what stands."""
    return await desk_of(request).reply("read", lambda lake: lake.playbook.entries.audit().told())


def _draft(body: bodies.Add | bodies.Edit | bodies.Merge) -> Draft:
    return Draft(**body.model_dump(include=set(FIELDS), exclude_none=True))


async def _one(request: Request, work: Callable[[Lakehouse], Bullet]) -> Response:
    return await desk_of(request).reply("write", lambda lake: work(lake).told())
