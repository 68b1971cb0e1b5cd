"""[acts] Questions over HTTP: hits with their proof, or an answer made of passages with its citations."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Path, Request
from fastapi.responses import Response

from lakehouse.edge.http.desk import desk_of, reply
from lakehouse.edge.http.search import bodies
from lakehouse.lake.facade import Cited, Lakehouse

Name = Annotated[str, Path(max_length=600, description="Of the index.")]


async def search(name: Name, body: bodies.Search, request: Request) -> Response:
    """Find the rows of one index that answer best, by words and by meaning, or by a vector alone.

    `score` is from 0 to 1 within this search, or the cosine where only vectors were compared. `notes` say
    what a person should know, such as rows that are still waiting for their vectors.
    """
    return await _found(request, body, body.text, corpora=(name,), vector=body.vector)


async def everywhere(body: bodies.SearchAll, request: Request) -> Response:
    """Find the rows of several indexes, or of all, that answer best."""
    return await _found(request, body, body.query, corpora=body.corpora)


async def hybrid(body: bodies.Hybrid, request: Request) -> Response:
    """Find the rows of one index that answer best among those for which a condition holds.

    `sql_verified` says that the row was there, and met the condition, at the snapshot that `snapshots` names.
    """
    return await _found(request, body, body.question, corpora=(body.index,))


async def rag(body: bodies.Rag, request: Request) -> Response:
    """Answer a question from passages; every sentence cites its passage, or is listed as unsupported.

    Without a chat model the answer is made of the best sentences themselves.
    """
    desk = desk_of(request)

    def work(lake: Lakehouse) -> Response:
        made = lake.rag(
            body.question, corpora=body.corpora, k=body.k, where=body.where or "", model=body.model
        )
        desk.meters.search(made.found.elapsed_ms)
        return reply(_whole(made))

    return await desk.call("answer", work)


async def _found(
    request: Request,
    asked: bodies.Question,
    text: str,
    *,
    corpora: Sequence[str],
    vector: Sequence[float] | None = None,
) -> Response:
    desk = desk_of(request)

    def work(lake: Lakehouse) -> Response:
        found = lake.search(
            text,
            vector=vector,
            corpora=corpora,
            k=asked.k,
            where=asked.where or "",
            exact=asked.exact,
            exclude=map(str, asked.exclude_ids),
            playbook=asked.use_playbook,
        )
        desk.meters.search(found.elapsed_ms)
        return reply(found)  # here, since a thousand hits take a while to write

    return await desk.call("search", work)


def _whole(made: Cited) -> dict[str, object]:
    """An answer and the search it rests on, as one object."""
    answer, found = made.answer, made.found
    return {
        "answer": answer.text,
        "citations": answer.citations,
        "unsupported": answer.unsupported,
        "model": answer.model,
        "reason": answer.reason,
        "entries": made.entries,
        "hits": found.hits,
        "notes": found.notes,
        "search_id": found.search_id,
        "corpora": found.corpora,
        "snapshots": found.snapshots,
    }
