"""[acts] The models of a lake, made when first needed: importing and loading them takes a second."""

import threading
from collections.abc import Callable

from lakehouse.llm.cache import CachedEmbedder
from lakehouse.llm.chat import Chat
from lakehouse.llm.embedding import Embedder


class Models:
    """The embedder and the chat model of one lake. Safe between threads."""

    def __init__(
        self,
        *,
        embedder: Callable[[], Embedder | None],
        chat: Callable[[], Chat | None],
        entries: int,
    ) -> None:
        """Models that `embedder` and `chat` make; None: none is set up or installed.

        Args:
            entries: vectors of texts that are remembered.
        """
        self._make_embedder, self._make_chat, self._entries = embedder, chat, entries
        self._embedder: CachedEmbedder | None = None
        self._chat: Chat | None = None
        self._lock = threading.Lock()

    def embedder(self) -> CachedEmbedder | None:
        """The embedder, with its memory; None where there is none."""
        with self._lock:
            if self._embedder is None and (made := self._make_embedder()) is not None:
                self._embedder = CachedEmbedder(made, entries=self._entries)
            return self._embedder

    def chat(self) -> Chat | None:
        """The chat model; None where there is none."""
        with self._lock:
            if self._chat is None:
                self._chat = self._make_chat()
            return self._chat

    def close(self) -> None:
        """Give memory and connections back."""
        with self._lock:
            for model in (self._embedder, self._chat):
                if model is not None:
                    model.close()
            self._embedder = self._chat = None
