"""[acts] All routes about pathway memory, added in one place."""

from typing import Final

from fastapi import FastAPI
from pydantic import BaseModel

from lakehouse.edge.http.learn.pathway import answers, pathway
from lakehouse.edge.http.routing import Handler, Told, add

ROOT: Final = "/v1/pathway"
BODY_BYTES: Final = 1 << 20
"""Of a body: content may have a quarter of that, as JSON without blanks."""


def install(app: FastAPI) -> None:
    """Add them."""
    known: tuple[tuple[str, str, Handler, type[BaseModel]], ...] = (
        ("POST", "/update", pathway.update, answers.Trace),
        ("POST", "/retire", pathway.retire, answers.Trace),
        ("POST", "/replay", pathway.replay, answers.Trace),
        ("GET", "/get/{uid}", pathway.get, answers.Trace),
        ("GET", "/history/{uid}", pathway.history, answers.History),
        ("POST", "/search", pathway.search, answers.Matches),
        ("POST", "/hot_swap", pathway.hot_swap, answers.Swap),
        ("GET", "/stats", pathway.stats, answers.PathwayStats),
        ("GET", "/bug_fingerprints", pathway.bug_fingerprints, answers.Bugs),
    )
    made = (201, answers.Trace, "It is remembered.")
    again = (200, answers.Trace, "It was there; one more use is counted.")
    _add(app, "POST", "/add", pathway.add, made, again)
    _add(app, "POST", "/revise", pathway.revise, made)
    for method, path, handler, model in known:
        _add(app, method, path, handler, (200, model, "Done."))


def _add(
    app: FastAPI, method: str, path: str, handler: Handler, *told: tuple[int, type[BaseModel], str]
) -> None:
    shapes = {status: (model, when) for status, model, when in told}
    said = Told(tag="pathway", answers=shapes, operation=f"pathway_{handler.__name__}")
    add(app, method, ROOT + path, handler, told=said, most_bytes=BODY_BYTES)
