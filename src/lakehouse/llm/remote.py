"""[acts] What embedders on a server have in common: batches, prefixes, and vectors that are checked."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final, Protocol

import numpy as np

from lakehouse.base.errors import Corrupt, Invalid
from lakehouse.llm import wire
from lakehouse.llm.embedding import Model, Use, Vectors
from lakehouse.llm.texts import refuse_blank

SHORTEST: Final = 64
"""Characters; a server that finds even these too long means something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefixes:
    """What a model wants to stand before a text."""

    document: str = ""
    query: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The most that one request holds."""

    texts: int
    tokens: int
    """By our estimate; a text that is longer goes alone."""


class Source(Protocol):
    """One kind of server that makes embeddings."""

    @property
    def provider(self) -> str:
        """Its name."""
        ...

    @property
    def name(self) -> str:
        """The model's."""
        ...

    def describe(self) -> tuple[str, int]:
        """What tells its weights from others of the same name, and the most tokens of a text."""
        ...

    def rows(self, texts: Sequence[str]) -> object:
        """One row for each text, in order, as the server sent them.

        Raises:
            Invalid: context `is_too_long`: a text is.
        """
        ...

    def close(self) -> None:
        """Give connections back."""
        ...


class RemoteEmbedder:
    """An embedder on a server. Its model is looked up with the first use.

    The weights are told apart once: after `ollama pull` of others, open the lake again.
    """

    def __init__(self, source: Source, *, prefixes: Prefixes | None, batch: Batch) -> None:
        self._source = source
        self._prefixes = prefixes_of(source.name) if prefixes is None else prefixes
        self._batch = batch
        self._model: Model | None = None
        self._lock = Lock()

    @property
    def model(self) -> Model:
        """What it embeds with.

        Raises:
            NotFound: the server has no such model.
            Unavailable: it does not answer.
        """
        with self._lock:
            if self._model is None:
                self._model = self._discovered()
            return self._model

    def embed(self, texts: Sequence[str], *, use: Use = "document") -> Vectors:
        """One unit vector for each text, in order; a text that the server finds too long is cut to fit.

        Raises:
            Invalid: a text is empty or blank; context `position`: the first such one.
            NotFound: the server has no such model.
            Unavailable: it does not answer, or not with vectors.
            Corrupt: its vectors are of another dimension than before.
        """
        refuse_blank(texts)
        dimension = self.model.dimension
        prefix = self._prefixes.query if use == "query" else self._prefixes.document
        made = [self._vectors(part) for part in _parts([prefix + text for text in texts], self._batch)]
        for vectors in made:
            self._check(vectors.shape[1])
        return np.concatenate([np.empty((0, dimension), np.float32), *made])

    def count(self, text: str) -> int:
        """About how many tokens a text has: a quarter of its bytes, since the tokenizer is on the server."""
        return wire.estimate_tokens(text)

    def close(self) -> None:
        """Give connections back."""
        self._source.close()

    def _discovered(self) -> Model:
        weights, max_tokens = self._source.describe()
        words = f"{self._prefixes.document}\0{self._prefixes.query}".encode()
        prefixed = f"-{hashlib.sha256(words).hexdigest()[:6]}" if self._prefixes != Prefixes() else ""
        dimension = self._vectors(["dimension"]).shape[1]
        return Model(
            name=self._source.name,
            version=f"{weights or 'unversioned'}{prefixed}",
            dimension=dimension,
            max_tokens=max_tokens,
        )

    def _check(self, dimension: int) -> None:
        if dimension != self.model.dimension:
            raise Corrupt(
                f"{self.model} now makes vectors of {dimension} dimensions, not {self.model.dimension}",
                hint="another model has taken its name: open the lake again and refresh its indexes",
                provider=self._source.provider,
            )

    def _vectors(self, texts: list[str]) -> Vectors:
        try:
            rows = self._source.rows(texts)
        except Invalid as error:
            half = len(texts) // 2
            if not error.context.get("is_too_long") or (not half and len(texts[0]) <= SHORTEST):
                raise
            # In halves down to the text in question, so that no text is cut for its neighbours' sake.
            if half:
                return np.concatenate([self._vectors(texts[:half]), self._vectors(texts[half:])])
            return self._vectors([_shorter(texts[0])])
        return wire.unit_vectors(rows, len(texts), provider=self._source.provider)


def prefixes_of(model: str) -> Prefixes:
    """What the makers of a model say must stand before its texts.

    Source: huggingface.co/nomic-ai/nomic-embed-text-v1.5, "Task instruction prefixes".
    """
    if model.rpartition("/")[2].startswith("nomic-embed-text"):
        return Prefixes(document="search_document: ", query="search_query: ")
    return Prefixes()


def _parts(texts: Sequence[str], most: Batch) -> Iterator[list[str]]:
    part: list[str] = []
    tokens = 0
    for text in texts:
        size = wire.estimate_tokens(text)
        if part and (len(part) == most.texts or tokens + size > most.tokens):
            yield part
            part, tokens = [], 0
        part.append(text)
        tokens += size
    if part:
        yield part


def _shorter(text: str) -> str:
    # A quarter at a time: at most that much of what would have fitted is lost.
    return text[: max(len(text) * 3 // 4, SHORTEST)]
