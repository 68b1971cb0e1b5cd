"""What tests of search over HTTP share: a lake of people, a model made of words, ways to ask."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from lakehouse.index.params import IndexParams
from lakehouse.lake.facade import Job
from lakehouse.lake.models import Models
from lakehouse.llm.chat import Chat
from lakehouse.llm.embedding import Embedder, Model, Use, Vectors
from lakehouse.llm.fake import FakeEmbedder
from lakehouse.settings import DurabilityParams, Settings
from tests.edge.http.serving import Served, serving

INDEXES = "/v1/vectors/indexes"
SETTINGS = Settings(durability=DurabilityParams(mode="process"), index=IndexParams(refresh=False))
"""Nothing follows commits by itself: each test says when."""

PEOPLE = (
    {"id": 1, "city": "Oslo", "resume": "Forklift operator with an OSHA-10 card and night shifts."},
    {"id": 2, "city": "Oslo", "resume": "Registered nurse, intensive care, seven years."},
    {"id": 3, "city": "Rome", "resume": "Forklift driver in a cold store."},
    {"id": 4, "city": "Rome", "resume": "Welder of pipes and tanks, certified."},
    {"id": 5, "city": "Bonn", "resume": "Bookkeeper: ledgers, payroll, tax."},
)


class Halting:
    """The model of words, which stands still at texts that say "halt" until it is let go."""

    def __init__(self) -> None:
        self._inner = FakeEmbedder()
        self.go = threading.Event()
        self.reached = threading.Semaphore(0)

    @property
    def model(self) -> Model:
        return self._inner.model

    def embed(self, texts: Sequence[str], *, use: Use = "document") -> Vectors:
        if any("halt" in text for text in texts):
            self.reached.release()
            assert self.go.wait(60)
        return self._inner.embed(texts, use=use)

    def count(self, text: str) -> int:
        return self._inner.count(text)

    def close(self) -> None:
        self._inner.close()


@contextmanager
def searching(root: Path, *, embedder: Embedder | None, chat: Chat | None = None) -> Iterator[Served]:
    """A server whose lake has people in it, and this model."""
    models = Models(embedder=lambda: embedder, chat=lambda: chat, entries=1000)
    with serving(root, settings=SETTINGS, models=models) as found:
        found.lake.upsert("people", PEOPLE, key="id")
        yield found


def build(served: Served, name: str, **more: object) -> httpx.Response:
    body = {"name": name, "table": "people", "text": ["resume"], "id": "id", **more}
    return served.client.post("/v1/vectors/index", json=body)


def ended(served: Served, answer: httpx.Response) -> Job:
    """The job that an answer began, once it is over."""
    assert answer.status_code == 202, answer.text
    return served.lake.index.jobs.wait(answer.json()["job_id"], timeout_s=60)


def built(served: Served, name: str, **more: object) -> str:
    """An index that is finished."""
    job = ended(served, build(served, name, **more))
    assert job.state == "done", job
    return name


def search(served: Served, name: str, **body: object) -> httpx.Response:
    return served.client.post(f"{INDEXES}/{name}/search", json=body)


def ids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [hit["id"] for hit in answer.json()["hits"]]
