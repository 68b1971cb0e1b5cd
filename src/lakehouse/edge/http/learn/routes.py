"""[acts] All routes about outcomes and the playbook, added in one place."""

from typing import Final

from fastapi import FastAPI
from pydantic import BaseModel

from lakehouse.edge.http.learn import answers, told
from lakehouse.edge.http.learn.entries import routes as entries
from lakehouse.edge.http.routing import Handler, Told, add

ROOT: Final = "/v1/playbook"
RECORD: Final = "/v1/matrix/playbooks/record"
MANY_BYTES: Final = 32 << 20
"""Of a body full of outcomes or successes."""


def install(app: FastAPI) -> None:
    """Add them."""
    known: tuple[tuple[str, str, Handler, type[BaseModel]], ...] = (
        ("POST", "/v1/feedback", told.feedback, answers.AllTold),
        ("POST", RECORD + "/bulk", told.bulk, answers.Recorded),
        ("GET", ROOT, told.stats, answers.Stats),
        ("GET", ROOT + "/history", told.history, answers.History),
        ("POST", ROOT + "/why", told.why, answers.Why),
        ("POST", ROOT + "/distrust", told.distrust, answers.Control),
        ("POST", ROOT + "/trust", told.trust, answers.Control),
        ("POST", ROOT + "/retire", told.retire, answers.Control),
        ("POST", ROOT + "/restore", told.restore, answers.Control),
        ("POST", ROOT + "/rollback", told.rollback, answers.Control),
    )
    made = (201, answers.Told, "It is recorded.")
    again = (200, answers.Told, "It was known; nothing was added.")
    _add(app, "POST", RECORD, told.record, made, again)
    for method, path, handler, model in known:
        _add(app, method, path, handler, (200, model, "Done."))
    entries.install(app)


def _add(
    app: FastAPI, method: str, path: str, handler: Handler, *shapes: tuple[int, type[BaseModel], str]
) -> None:
    said = Told(
        tag="playbook",
        answers={status: (model, when) for status, model, when in shapes},
        operation=f"playbook_{handler.__name__}",
    )
    add(app, method, path, handler, told=said, most_bytes=MANY_BYTES)
