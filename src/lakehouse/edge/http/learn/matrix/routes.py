"""[acts] All routes about the matrix, added in one place."""

from typing import Final

from fastapi import FastAPI
from pydantic import BaseModel

from lakehouse.edge.http.learn.matrix import answers, asking
from lakehouse.edge.http.routing import Handler, Told, add

ROOT: Final = "/v1/matrix"


def install(app: FastAPI) -> None:
    """Add them."""
    routes: tuple[tuple[str, str, Handler, type[BaseModel]], ...] = (
        ("POST", "/search", asking.search, answers.MatrixFound),
        ("GET", "/corpora", asking.corpora, answers.Corpora),
        ("PUT", "/corpora/{name}", asking.put, answers.Corpus),
        ("DELETE", "/corpora/{name}", asking.remove, answers.Removed),
        ("POST", "/relevance", asking.relevance, answers.Relevance),
        ("POST", "/downgrade", asking.downgraded, answers.Decision),
    )
    for method, path, handler, model in routes:
        told = Told(tag="matrix", answers={200: (model, "Done.")}, operation=f"matrix_{handler.__name__}")
        add(app, method, ROOT + path, handler, told=told)
