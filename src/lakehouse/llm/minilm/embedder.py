"""[acts] all-MiniLM-L6-v2 in this process: nothing is loaded before the first text."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from lakehouse.base.errors import Invalid
from lakehouse.llm.embedding import Model, Use, Vectors
from lakehouse.llm.minilm import batches, canaries, convert, weights
from lakehouse.llm.texts import refuse_blank

if TYPE_CHECKING:
    from lakehouse.llm.minilm.session import Session
    from lakehouse.llm.minilm.tokens import Tokens

NAME: Final = "all-MiniLM-L6-v2"
DIMENSION: Final = 384
MAX_TOKENS: Final = 254
"""Of 256: two stand around every text."""

WINDOW: Final = 512
"""Texts that are tokens at a time: enough for batches of equal length, and a bound for memory."""


class MiniLM:
    """The local embedder; safe between threads, which share its `threads`."""

    def __init__(
        self,
        cache: Path,
        *,
        precision: Literal["int8", "fp32"] = "int8",
        threads: int = 2,
        batch_tokens: int = 2048,
    ) -> None:
        """Nothing is loaded yet.

        Args:
            cache: a folder for the converted network, created when needed; may be emptied at any time.
            precision: vectors of the two are not to be mixed, and their models differ.
            threads: 0 for all cores.
            batch_tokens: texts times tokens that go through the network at once.

        Raises:
            Invalid: `threads` or `batch_tokens` is out of range.
        """
        if threads < 0 or batch_tokens < 1:
            raise Invalid(
                f"an embedder with {threads} threads and {batch_tokens} tokens at once",
                hint="set embedding.threads to 0 or more, embedding.batch_tokens to 1 or more",
            )
        self._cache = cache
        self._precision = precision
        self._threads = threads
        self._batch_tokens = batch_tokens
        self._tokens: Tokens | None = None
        self._session: Session | None = None
        self._lock = Lock()

    @staticmethod
    def is_installed() -> bool:
        """Is the package of the weights there? Cost: no file is read."""
        return weights.folder() is not None

    @property
    def model(self) -> Model:
        """What it embeds with; known before it is loaded."""
        version = f"{convert.VERSION}-{self._precision}"
        return Model(name=NAME, version=version, dimension=DIMENSION, max_tokens=MAX_TOKENS)

    def embed(self, texts: Sequence[str], *, use: Use = "document") -> Vectors:
        """One unit vector for each text, in order; a text gets the same one alone and among others.

        Raises:
            Invalid: a text is empty or blank; context `position`: the first such one.
            NotFound: the model is not installed.
            Corrupt: its files are damaged, or this machine computes other vectors than the canaries'.
            Unavailable: memory or the disk is short.

        Cost: the first call loads, in 0.5 s; the very first converts, in 1 s more.
        """
        del use  # this model knows no difference
        refuse_blank(texts)
        if not texts:
            return np.empty((0, DIMENSION), np.float32)
        return self._vectors(self._loaded(), texts)

    def count(self, text: str) -> int:
        """Tokens of the whole text, without the special ones; loads the tokenizer only."""
        with self._lock:
            tokens = self._cutter()
        return tokens.count(text)

    def close(self) -> None:
        """Give the memory back; a later call loads again."""
        with self._lock:
            self._session = self._tokens = None

    def _cutter(self) -> "Tokens":
        if self._tokens is None:
            self._tokens = import_module("lakehouse.llm.minilm.tokens").Tokens()
        return self._tokens

    def _loaded(self) -> "Session":
        with self._lock:
            if self._session is None:
                self._cutter()
                network = convert.network(self._cache, self._precision)
                session: Session = import_module("lakehouse.llm.minilm.session").Session(
                    network, threads=self._threads
                )
                canaries.check(lambda texts: self._vectors(session, texts), self._precision)
                self._session = session
            return self._session

    def _vectors(self, session: "Session", texts: Sequence[str]) -> Vectors:
        tokens = self._tokens or self._cutter()
        vectors = np.empty((len(texts), DIMENSION), np.float32)
        for start in range(0, len(texts), WINDOW):
            ids = tokens.ids(texts[start : start + WINDOW])
            for group in batches.plan([len(each) for each in ids], batch_tokens=self._batch_tokens):
                vectors[[start + at for at in group]] = session.means([ids[at] for at in group])
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors
