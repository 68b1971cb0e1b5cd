"""[acts] A memory of vectors around any embedder: a text that was embedded lately is not embedded again."""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np

from lakehouse.base.errors import Invalid
from lakehouse.llm.embedding import Embedder, Model, Use, Vectors
from lakehouse.llm.texts import refuse_blank

Key = tuple[str, Use, bytes]
"""Model, use, SHA-256 of the text: the texts themselves are not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheStats:
    """How much work the cache saved since it was made."""

    hits: int
    """Texts answered without the model; one that stands twice in a call counts once here."""

    misses: int
    """Texts that the model embedded."""

    size: int
    """Vectors held now."""

    @property
    def hit_rate(self) -> float:
        """Hits of all texts, 0 to 1; 0 before the first."""
        return self.hits / max(self.hits + self.misses, 1)


class CachedEmbedder:
    """An embedder that keeps its latest `entries` vectors; safe between threads.

    Two threads that ask for the same new text at once both embed it: waiting would cost more than the work.
    """

    def __init__(self, inner: Embedder, *, entries: int = 10_000) -> None:
        if entries < 0:
            raise Invalid(f"a cache of {entries} entries", hint="set embedding.cache_entries to 0 or more")
        self._inner = inner
        self._entries = entries
        self._vectors: OrderedDict[Key, Vectors] = OrderedDict()
        self._hits = self._misses = 0
        self._lock = Lock()

    @property
    def model(self) -> Model:
        """That of the embedder inside."""
        return self._inner.model

    def embed(self, texts: Sequence[str], *, use: Use = "document") -> Vectors:
        """One unit vector for each text, in order; only texts that are not held reach the model, once each.

        Raises:
            Invalid: a text is empty or blank; context `position`: the first such one.
            Unavailable: the model does not answer; nothing of the call is kept.

        Cost: a few microseconds for a text that is held.
        """
        refuse_blank(texts)
        model = self._inner.model
        name = str(model)
        keys = [(name, use, _digest(text)) for text in texts]
        held = self._take(keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in held}
        if missing:
            made = self._inner.embed(tuple(missing.values()), use=use)
            # Copies: a row of `made` would keep the whole batch in memory, and the caller may change it.
            fresh = {key: row.copy() for key, row in zip(missing, made, strict=True)}
            held |= fresh
            self._keep(fresh)
        self._tally(len(keys) - len(missing), len(missing))
        vectors = np.empty((len(keys), model.dimension), np.float32)
        for row, key in zip(vectors, keys, strict=True):
            row[:] = held[key]
        return vectors

    def count(self, text: str) -> int:
        """Tokens, as the embedder inside counts them."""
        return self._inner.count(text)

    def stats(self) -> CacheStats:
        """Hits, misses and size until now."""
        with self._lock:
            return CacheStats(hits=self._hits, misses=self._misses, size=len(self._vectors))

    def close(self) -> None:
        """Forget all vectors and close the embedder inside."""
        with self._lock:
            self._vectors.clear()
        self._inner.close()

    def _take(self, keys: Sequence[Key]) -> dict[Key, Vectors]:
        with self._lock:
            held = {key: self._vectors[key] for key in keys if key in self._vectors}
            for key in held:
                self._vectors.move_to_end(key)
        return held

    def _keep(self, fresh: dict[Key, Vectors]) -> None:
        with self._lock:
            self._vectors |= fresh
            while len(self._vectors) > self._entries:
                self._vectors.popitem(last=False)

    def _tally(self, hits: int, misses: int) -> None:
        with self._lock:
            self._hits += hits
            self._misses += misses


def _digest(text: str) -> bytes:
    # Lone surrogates are no Unicode, but files hold them, and they are texts like any other here.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
