"""[acts] Outcomes over HTTP: told, looked at, explained and undone."""

from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import Response

from lakehouse.edge.http.desk import desk_of, reply
from lakehouse.edge.http.learn import bodies
from lakehouse.lake.facade import Lakehouse
from lakehouse.lake.successes import Recorded

Limit = Annotated[int, Query(ge=1, le=10_000, description="Most versions.")]


async def feedback(body: bodies.Outcomes | bodies.Outcome, request: Request) -> Response:
    """Say what became of one hit, or of many at once: all are kept, or none.

    What is told is durable when this answers. Later searches like that one listen to it.
    """
    given = body.outcomes if isinstance(body, bodies.Outcomes) else [body]

    def work(lake: Lakehouse) -> object:
        return {"told": lake.playbook.feedback_many([one.model_dump() for one in given])}

    return await desk_of(request).reply("write", work)


async def record(body: bodies.Success, request: Request) -> Response:
    """Tell that a row answers a question, without a search; 200 where it was known.

    The same again adds nothing; another score of the same source replaces the earlier one.
    """

    def work(lake: Lakehouse) -> Response:
        given = body.model_dump()
        told = lake.playbook.record(given.pop("query_text"), given.pop("answer_id"), **given)
        return reply(told, 201 if told.is_new else 200)

    return await desk_of(request).call("write", work)


async def bulk(body: bodies.Successes, request: Request) -> Response:
    """Tell of many such; embedded together, kept in one write; each refused one with its reason."""

    def work(lake: Lakehouse) -> object:
        done = lake.playbook.record_many(body.entries)
        told = [one.told for one in done if one.told]
        new = sum(one.is_new for one in told)
        return {
            "recorded": new,
            "known": len(told) - new,
            "refused": len(done) - len(told),
            "entries": [_entry(at, one) for at, one in enumerate(done)],
        }

    return await desk_of(request).reply("write", work)


async def stats(request: Request) -> Response:
    """What was learned so far: outcomes, audits, what boosts count, whom to trust."""
    return await desk_of(request).reply("read", lambda lake: lake.playbook.stats())


async def history(request: Request, limit: Limit = 50) -> Response:
    """The events that the playbook is made of, newest first; each is a version to go back to."""
    return await desk_of(request).reply("read", lambda lake: {"versions": lake.playbook.history(limit=limit)})


async def why(body: bodies.Ask, request: Request) -> Response:
    """Which past outcomes would move which rows for a question, and what each rests on."""
    return await desk_of(request).reply(
        "search", lambda lake: lake.playbook.why(body.question, corpora=body.corpora)
    )


async def distrust(body: bodies.Trust, request: Request) -> Response:
    """Let everything that a source says count for nothing, also what it said before."""
    return await _control(request, "distrust", body.source, reason=body.reason)


async def trust(body: bodies.Trust, request: Request) -> Response:
    """Let audits decide again what a source counts for."""
    return await _control(request, "trust", body.source, reason=body.reason)


async def retire(body: bodies.Row, request: Request) -> Response:
    """Let nothing that was learned move a row."""
    return await _control(request, "retire_row", f"{body.corpus}/{body.doc_id}", reason=body.reason)


async def restore(body: bodies.Row, request: Request) -> Response:
    """Let what was learned move a retired row again."""
    return await _control(request, "restore_row", f"{body.corpus}/{body.doc_id}", reason=body.reason)


async def rollback(body: bodies.Back, request: Request) -> Response:
    """Make the playbook what it was at a version; the events in between stay in the log."""
    return await _control(request, "rollback", "", reason=body.reason, to=body.to)


async def _control(request: Request, op: str, subject: str, *, reason: str, to: str = "") -> Response:
    def work(lake: Lakehouse) -> object:
        version = lake.playbook.control(op, subject, reason=reason, to=to)
        return {"version": version, "op": op, "subject": subject, "to": to, "reason": reason}

    return await desk_of(request).reply("write", work)


def _entry(at: int, one: Recorded) -> dict[str, object]:
    problem = one.problem
    error = {"kind": problem.kind, "detail": problem.message, "hint": problem.hint} if problem else None
    return {"index": at, "told": one.told, "error": error}
