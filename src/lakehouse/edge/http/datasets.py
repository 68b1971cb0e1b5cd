"""[acts] Tables over HTTP: what there is, its cards and history, changes to rows and columns, upkeep."""

from typing import Annotated, Final

from fastapi import FastAPI, Path, Query, Request
from fastapi.responses import Response

from lakehouse.base.errors import Invalid
from lakehouse.edge.http import answers, bodies
from lakehouse.edge.http.desk import desk_of, reply
from lakehouse.edge.http.routing import Told, add
from lakehouse.edge.http.strict import JSON_BYTES
from lakehouse.lake.facade import Lakehouse
from lakehouse.lake.parts import Dataset, column_steps

ROOT: Final = "/v1/catalog/datasets"
ROWS_BYTES: Final = 64 << 20
Name = Annotated[str, Path(max_length=600, description="people, or namespace.people.")]
At = Annotated[str | None, Query(description="A snapshot id, an ISO 8601 time or a tag.")]


def install(app: FastAPI) -> None:
    """Add the routes of this module."""
    routes = (
        ("GET", ROOT, listed, answers.Datasets),
        ("GET", ROOT + "/{name}", shown, answers.Dataset),
        ("DELETE", ROOT + "/{name}", dropped, answers.Dropped),
        ("PATCH", ROOT + "/{name}/metadata", described, answers.Dataset),
        ("GET", ROOT + "/{name}/history", history, answers.History),
        ("POST", ROOT + "/{name}/rollback", rolled_back, answers.Changed),
        ("POST", ROOT + "/{name}/rows", changed, answers.RowsChanged),
        ("POST", ROOT + "/{name}/schema", reshaped, answers.Dataset),
        ("POST", ROOT + "/{name}/rename", renamed, answers.Dataset),
        ("POST", ROOT + "/{name}/compact", compacted, answers.Upkeep),
        ("POST", ROOT + "/{name}/resync", resynced, answers.Resync),
        ("POST", "/v1/catalog/rebuild", rebuilt, answers.Rebuilt),
    )
    for method, path, handler, model in routes:
        most_bytes = ROWS_BYTES if path.endswith("/rows") else JSON_BYTES
        told = Told(tag="catalog", answers={200: (model, "Done.")})
        add(app, method, path, handler, told=told, most_bytes=most_bytes)


async def listed(request: Request) -> Response:
    """Every table at a glance."""
    return await desk_of(request).reply("read", lambda lake: {"datasets": lake.tables()})


async def shown(name: Name, request: Request, at: At = None) -> Response:
    """One table: its figures, its card, its columns, its history."""
    return await desk_of(request).reply("read", lambda lake: whole(lake.show(name, at=at)))


async def dropped(name: Name, request: Request) -> Response:
    """Forget a table; its files are removed after the days that history is kept."""
    await desk_of(request).call("write", lambda lake: lake.drop(name))
    return reply({"table": name, "dropped": True})


async def described(name: Name, body: bodies.Metadata, request: Request) -> Response:
    """Change parts of a table's card; what is not named stays."""
    given = body.model_dump(exclude_unset=True)
    return await desk_of(request).reply("write", lambda lake: whole(lake.describe(name, given)))


async def history(name: Name, request: Request) -> Response:
    """Every kept version, newest first."""
    return await desk_of(request).reply("read", lambda lake: {"table": name, "history": lake.history(name)})


async def rolled_back(name: Name, body: bodies.Rollback, request: Request) -> Response:
    """Make a table read as it did; the versions in between stay in its history."""
    return await desk_of(request).reply("write", lambda lake: lake.rollback(name, to=body.to))


async def changed(name: Name, body: bodies.Rows, request: Request) -> Response:
    """Delete rows, then insert or change others. Each of the two is one commit."""
    if not body.upsert and not body.delete:
        raise Invalid("there is nothing to change", hint='send {"upsert": [{"id": 7}], "key": "id"}')
    return await desk_of(request).reply("write", lambda lake: change_rows(lake, name, body))


async def reshaped(name: Name, body: bodies.Schema, request: Request) -> Response:
    """Add, rename, widen or drop columns in one commit; a change that breaks old files is refused."""
    steps = column_steps(add=body.add, rename=body.rename, widen=body.widen, drop=body.drop)
    if not steps:
        raise Invalid("there is nothing to change", hint='send {"add": {"note": "VARCHAR"}}')
    return await desk_of(request).reply("write", lambda lake: whole(lake.evolve(name, *steps)))


async def renamed(name: Name, body: bodies.Rename, request: Request) -> Response:
    """Give a table another name; its history goes with it."""
    return await desk_of(request).reply("write", lambda lake: whole(lake.rename(name, body.to)))


async def compacted(name: Name, request: Request) -> Response:
    """Fold small files, let old versions go, remove what nobody needs."""
    return await desk_of(request).reply("write", lambda lake: lake.compact(name))


async def resynced(name: Name, request: Request) -> Response:
    """Compare what a table says of its files with the files themselves."""
    return await desk_of(request).reply("read", lambda lake: lake.resync(name))


async def rebuilt(request: Request) -> Response:
    """Put every table that the store holds into the catalog; nothing that is there is touched."""
    return await desk_of(request).reply("write", lambda lake: lake.rebuild())


def change_rows(lake: Lakehouse, name: str, body: bodies.Rows) -> dict[str, object]:
    """Both halves of a change to rows, in order, and what they came to."""
    deleted = upserted = 0
    snapshot_id: int | None = None
    if body.delete:
        if isinstance(body.delete, bodies.Where):
            done = lake.delete(name, where=body.delete.where)
        else:
            done = lake.delete(name, keys=body.delete, key=body.key)
        deleted, snapshot_id = done.rows, done.snapshot_id
    if body.upsert:
        done = lake.upsert(name, body.upsert, key=body.key)
        upserted, snapshot_id = done.rows, done.snapshot_id
    return {"table": name, "upserted": upserted, "deleted": deleted, "snapshot_id": snapshot_id}


def whole(found: Dataset) -> dict[str, object]:
    """A dataset as one object; each column with what its card says."""
    cards = found.card.columns
    columns = [
        {
            "field_id": c.field_id,
            "name": c.name,
            "type": c.type,
            "doc": card.doc if (card := cards.get(str(c.field_id))) else "",
            "pii": card.pii if card else "",
            "evidence": card.evidence if card else "",
        }
        for c in found.columns
    ]
    card_facts = {n: getattr(found.card, n) for n in found.card.__dataclass_fields__ if n != "columns"}
    figures = {n: getattr(found.info, n) for n in found.info.__dataclass_fields__}
    return {**figures, "columns": columns, "card": card_facts, "history": found.history} | {
        "column_count": figures["columns"]
    }
