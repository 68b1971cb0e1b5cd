"""[acts] Vectors of entries' texts, made once each by the embedder of the lake; nothing without one."""

import threading
from collections.abc import Iterable, Mapping

import numpy as np

from lakehouse.base.errors import Unavailable
from lakehouse.llm.embedding import Embedder, Use, Vectors


class Meaning:
    """Vectors by text. Safe between threads."""

    def __init__(self, embedder: Embedder | None) -> None:
        self._embedder = embedder
        self._lock = threading.Lock()
        self._model = ""
        self._vectors: dict[str, Vectors] = {}
        self._counts: dict[str, int] = {}

    def learn(self, texts: Iterable[str]) -> None:
        """Embed the texts that were not yet.

        Raises:
            Unavailable: the model does not answer.
        """
        if self._embedder is None:
            return
        with self._lock:
            model = str(self._embedder.model)
            if model != self._model:  # vectors of two models are never compared
                self._model, self._vectors, self._counts = model, {}, {}
            missing = [text for text in dict.fromkeys(texts) if text.strip() and text not in self._vectors]
            if missing:
                made = self._embedder.embed(missing)
                self._vectors.update(zip(missing, made, strict=True))

    def of(self, text: str, *, use: Use = "document") -> Vectors | None:
        """The vector of one text, (d,); None without an embedder, or without words."""
        if self._embedder is None or not text.strip():
            return None
        if use == "document":
            self.learn([text])
            with self._lock:
                return self._vectors.get(text)
        vector: Vectors = self._embedder.embed([text], use=use)[0]
        return vector

    def cosines(self, vector: Vectors | None, texts: Mapping[str, str]) -> dict[str, float]:
        """Of a vector and texts, by their keys; texts whose vectors are not known are left out."""
        if vector is None:
            return {}
        with self._lock:
            held = {key: self._vectors[text] for key, text in texts.items() if text in self._vectors}
        if not held:
            return {}
        matrix = np.stack(list(held.values()))
        if matrix.shape[1] != len(vector):
            raise Unavailable("the embedder was changed just now", hint="send it again")
        return dict(zip(held, map(float, matrix @ vector), strict=True))

    def count(self, text: str) -> int | None:
        """Tokens of a text as the model cuts it; None without one."""
        if self._embedder is None:
            return None
        with self._lock:
            if text not in self._vectors:  # a rendered prompt, which is never the same again
                return self._embedder.count(text)
            if text not in self._counts:
                self._counts[text] = self._embedder.count(text)
            return self._counts[text]
