"""[acts] All routes about entries of the playbook, added in one place."""

from typing import Final

from fastapi import FastAPI
from pydantic import BaseModel

from lakehouse.edge.http.learn.entries import answers, told
from lakehouse.edge.http.routing import Handler, Told, add

ROOT: Final = "/v1/playbook"
ENTRIES: Final = ROOT + "/entries"
ONE: Final = ENTRIES + "/{entry_id}"


def install(app: FastAPI) -> None:
    """Add them."""
    known: tuple[tuple[str, str, Handler, type[BaseModel]], ...] = (
        ("GET", ENTRIES, told.ls, answers.Entries),
        ("POST", ENTRIES + "/merge", told.merge, answers.Entry),
        ("GET", ONE, told.get, answers.Whole),
        ("PATCH", ONE, told.edit, answers.Entry),
        ("DELETE", ONE, told.drop, answers.Entry),
        ("POST", ONE + "/vote", told.vote, answers.Entry),
        ("POST", ROOT + "/choose", told.choose, answers.Choice),
        ("GET", ROOT + "/audit", told.audit, answers.Audit),
    )
    _add(app, "POST", ENTRIES, told.add, {201: "It is an entry, or waits in quarantine.", 200: "It is none."})
    for method, path, handler, model in known:
        _add(app, method, path, handler, {200: "Done."}, model)


def _add(
    app: FastAPI,
    method: str,
    path: str,
    handler: Handler,
    when: dict[int, str],
    model: type[BaseModel] = answers.Written,
) -> None:
    shapes = {status: (model, said) for status, said in when.items()}
    told_of = Told(tag="playbook", answers=shapes, operation=f"playbook_entries_{handler.__name__}")
    add(app, method, path, handler, told=told_of)
