"""[acts] The lake as the base of the lift gate: documents go in, and its own search answers every wording."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

import lakehouse
from lakehouse.base.errors import Invalid, Unavailable
from lakehouse.base.ids import sha256
from lakehouse.lake.facade import Lakehouse
from lakehouse.llm.embedding import Embedder, Model, Use, Vectors
from lakehouse.llm.fake import FakeEmbedder
from lakehouse.matrix.lift.ground.base import Answer
from lakehouse.matrix.lift.ground.data import Collection
from lakehouse.search.fusion import fuse
from lakehouse.search.leg import estimate
from lakehouse.search.searcher import Searcher

WORDS_ONLY: Final = "words"
"""Names the model where there is none: questions are then compared as hashed bags of words."""

SOURCES: Final = ("search", "index/words", "index/near", "index/chunk.py", "llm/minilm", "lake/lift.py")
"""What decides how a question is answered."""

MEASURED: Final = ("matrix/playbook", "matrix/lift", "search")
"""What decides what is learned, and how that is measured."""

BATCH: Final = 256
DIGITS: Final = 6
"""Of a base score; the rest is noise of the arithmetic."""


class LakeBase:
    """One collection in a lake of its own."""

    def __init__(self, lake: Lakehouse, collection: Collection) -> None:
        """Take the collection in and build its index.

        Raises:
            Invalid: it has no texts.
            Unavailable: the disk or the model refused.
        """
        if not collection.texts:
            raise Invalid(f"{collection.name} has no texts", hint="docs.jsonl: id, title, text")
        rows = [{"id": key, "body": text} for key, text in collection.texts.items()]
        name = f"lift_{collection.digest[:12]}"
        lake.upsert(name, rows, key="id")
        lake.index.build(name, table=name, text="body", id="id", refresh="manual")
        self._index = lake.index.get(name)
        embedder = embedder_of(lake)
        self._embedder: Embedder = embedder or FakeEmbedder(dimension=256)
        self._model = str(embedder.model) if embedder else WORDS_ONLY
        self._searcher = Searcher(lambda: embedder)

    @property
    def model(self) -> str:
        """Of the lake."""
        return self._model

    @property
    def version(self) -> str:
        """Of the search."""
        return version()

    def answers(self, texts: Sequence[str]) -> tuple[Answer, ...]:
        """One answer for each question, in order. Cost: about 10 ms each."""
        starts = range(0, len(texts), BATCH)
        vectors = [self._embedder.embed(texts[start : start + BATCH], use="query") for start in starts]
        return tuple(
            Answer(vector=vector, scores=self._scores(text))
            for text, vector in zip(texts, np.concatenate(vectors), strict=True)
        )

    def _scores(self, text: str) -> dict[str, float]:
        dense, lexical = self._searcher.rankings(text, self._index)
        return {one.key: round(one.score, DIGITS) for one in fuse(dense, lexical)}


class _OfLake:
    """The lake's embedder, as the lake gives it out."""

    def __init__(self, lake: Lakehouse, model: Model) -> None:
        self._lake, self.model = lake, model

    def embed(self, texts: Sequence[str], *, use: Use = "document") -> Vectors:
        return self._lake.embed(texts, use=use).vectors

    def count(self, text: str) -> int:
        return estimate(text)

    def close(self) -> None:
        """The lake closes its own."""


def embedder_of(lake: Lakehouse) -> Embedder | None:
    """The lake's embedder; None: it knows words only."""
    try:
        return _OfLake(lake, lake.embed(["anything"], use="query").model)
    except Unavailable:
        return None


def model(lake: Lakehouse) -> str:
    """The model that a lake embeds with, or that it knows words only."""
    embedder = embedder_of(lake)
    return str(embedder.model) if embedder else WORDS_ONLY


def version() -> str:
    """SHA-256 of the modules that decide how a question is answered."""
    package = Path(lakehouse.__file__).parent
    paths = [path for part in SOURCES for path in _modules(package / part)]
    return sha256(b"%s\n%s\n" % (path.name.encode(), path.read_bytes()) for path in paths)


def _modules(path: Path) -> list[Path]:
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]


def code() -> str:
    """SHA-256 of the modules that learn and that measure it."""
    package = Path(lakehouse.__file__).parent
    paths = [path for part in MEASURED for path in _modules(package / part)]
    return sha256(b"%s\n%s\n" % (path.name.encode(), path.read_bytes()) for path in paths)
