"""[acts] All routes about search, added in one place."""

from typing import Final

from fastapi import FastAPI
from pydantic import BaseModel

from lakehouse.edge.http.routing import Handler, Told, add
from lakehouse.edge.http.search import answers, asking, indexes, making, vectors

ROOT: Final = "/v1/vectors/indexes"
ONE: Final = ROOT + "/{name}"
TEXTS_BYTES: Final = 32 << 20
"""Of a body full of texts to make vectors of."""


def install(app: FastAPI) -> None:
    """Add them."""
    _add(
        app,
        "search",
        ("POST", "/v1/search", asking.everywhere, answers.Found),
        ("POST", "/v1/hybrid", asking.hybrid, answers.Found),
        ("POST", "/v1/rag", asking.rag, answers.Cited),
        ("POST", ONE + "/search", asking.search, answers.Found),
    )
    _add(
        app,
        "indexes",
        ("GET", ROOT, indexes.listed, answers.Indexes),
        ("GET", ONE, indexes.shown, answers.Index),
        ("DELETE", ONE, indexes.dropped, answers.DroppedIndex),
        ("GET", ONE + "/trials", indexes.trials, answers.Trials),
        ("GET", ONE + "/best", indexes.best, answers.Best),
        ("POST", ONE + "/promote", indexes.promoted, answers.Pointer),
        ("POST", ONE + "/rollback", indexes.rolled_back, answers.Pointer),
        ("GET", "/v1/jobs", making.jobs, answers.Jobs),
        ("GET", "/v1/jobs/{job_id}", making.job, answers.Job),
    )
    begun = {202: (answers.Started, "It goes on in the background; ask for the job.")}
    tried = begun | {200: (answers.Trial, "It was waited for.")}
    for path, handler, shapes in (
        ("/v1/vectors/index", making.build, begun),
        (ONE + "/refresh", making.refresh, begun),
        (ONE + "/autotune", making.autotune, begun),
        (ONE + "/trial", making.trial, tried),
    ):
        told = Told(tag="indexes", answers=shapes, operation=f"indexes_{handler.__name__}")
        add(app, "POST", path, handler, told=told)
    _add(
        app,
        "vectors",
        ("POST", "/v1/embed", vectors.embed, answers.Embedded),
        ("GET", "/v1/embed/stats", vectors.stats, answers.EmbedStats),
        ("POST", "/v1/embeddings", vectors.embeddings, answers.Embeddings),
        ("GET", "/v1/models", vectors.models, answers.Models),
    )


def _add(app: FastAPI, tag: str, *routes: tuple[str, str, Handler, type[BaseModel]]) -> None:
    for method, path, handler, model in routes:
        told = Told(tag=tag, answers={200: (model, "Done.")}, operation=f"{tag}_{handler.__name__}")
        add(app, method, path, handler, told=told, most_bytes=TEXTS_BYTES)
