"""[acts] The matrix over HTTP: questions to many corpora, their cards, and the two gates."""

from typing import Annotated

from fastapi import Path, Request
from fastapi.responses import Response

from lakehouse.edge.http.desk import desk_of, reply
from lakehouse.edge.http.learn.matrix import bodies
from lakehouse.lake.facade import Lakehouse
from lakehouse.matrix import adjacency, downgrade
from lakehouse.matrix.found import MatrixFound

Name = Annotated[str, Path(max_length=600, description="Of the corpus.")]


async def search(body: bodies.Search, request: Request) -> Response:
    """Ask many corpora at once; the rows by the probability that they are right, each with its origin.

    What the question says of a corpus's columns, negation included, becomes a condition in SQL; `corpora`
    names the conditions. Where nothing is likely to be right, `is_answered` is false and `why` says so. A
    corpus that fails is a 503 that names it, unless `partial` is set: then `missing` names it.
    """
    desk = desk_of(request)

    def work(lake: Lakehouse) -> Response:
        found = lake.matrix.search(
            body.query_text,
            vector=body.query_vector,
            corpora=body.corpora,
            k=body.k,
            per_corpus_k=body.per_corpus_k,
            use_playbook=body.use_playbook,
            where=body.where or "",
            role=body.role,
            exclude_ids=[str(one) for one in body.exclude_ids],
            metadata_filter=body.metadata_filter,
            partial=body.partial,
            strict=body.strict,
            deadline_s=body.deadline_s,
        )
        desk.meters.search(found.elapsed_ms)
        gate = lake.matrix.downgrade(downgrade.Request(model=body.model)) if body.model else None
        return reply(_whole(found, explain=body.explain) | {"downgrade": gate})

    return await desk.call("search", work)


async def corpora(request: Request) -> Response:
    """Every index, and what its card says of how to ask it."""
    return await desk_of(request).reply("read", lambda lake: {"corpora": lake.matrix.corpora.ls()})


async def put(name: Name, body: bodies.CorpusCard, request: Request) -> Response:
    """Give an index a card, or write it anew; searches go by it at once."""
    given = body.model_dump() | {"name": name, "index": body.index or name}
    return await desk_of(request).reply("write", lambda lake: lake.matrix.corpora.add(given))


async def remove(name: Name, request: Request) -> Response:
    """Forget a card; its index stays, and is a corpus as it is."""

    def work(lake: Lakehouse) -> object:
        lake.matrix.corpora.remove(name)
        return {"corpus": name, "removed": True}

    return await desk_of(request).reply("write", work)


async def relevance(body: bodies.RelevanceAsked, request: Request) -> Response:
    """Which passages are about a file of code, and which only lie beside it; not for prose about people."""
    about = adjacency.Focus(
        path=body.focus.path,
        text=body.focus.text,
        defined=tuple(body.focus.defined),
        imported=tuple(body.focus.imported),
    )
    chunks = [adjacency.Chunk(id=one.id, text=one.text, path=one.path) for one in body.chunks]

    def work(lake: Lakehouse) -> object:
        return lake.matrix.relevance(about, chunks, threshold=body.threshold)

    return await desk_of(request).reply("read", work)


async def downgraded(body: bodies.Downgrade, request: Request) -> Response:
    """How much context a model gets: strong ones less, until audited pairs prove that more helps."""
    asked = downgrade.Request(**body.model_dump())
    return await desk_of(request).reply("read", lambda lake: lake.matrix.downgrade(asked))


def _whole(found: MatrixFound, *, explain: bool) -> dict[str, object]:
    made = {name: getattr(found, name) for name in found.__dataclass_fields__}
    return made if explain else made | {"dropped": ()}
