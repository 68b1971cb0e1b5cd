"""[pure] The embedder's twin in memory: a bag of words, each word a direction drawn from its hash.

Texts that share words are near, others are not, and nothing has to be installed or loaded. It knows no
meaning: "car" and "automobile" are as far apart as any two words.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from lakehouse.llm.embedding import Model, Use, Vectors
from lakehouse.llm.texts import refuse_blank

WORD: Final = re.compile(r"\w+")


class FakeEmbedder:
    """Vectors from words alone, the same in every process."""

    def __init__(self, *, dimension: int = 64, max_tokens: int = 256) -> None:
        self._model = Model(name="fake", version=f"1-{dimension}", dimension=dimension, max_tokens=max_tokens)

    @property
    def model(self) -> Model:
        """What it embeds with; the version names the dimension."""
        return self._model

    def embed(self, texts: Sequence[str], *, use: Use = "document") -> Vectors:
        """One unit vector for each text, in order; `use` changes nothing.

        Raises:
            Invalid: a text is empty or blank; context `position`: the first such one.
        """
        del use  # a word is the same word in both
        refuse_blank(texts)
        bags = (_bag(_words(text)[: self._model.max_tokens], self._model.dimension) for text in texts)
        return np.array(list(bags), np.float32).reshape(len(texts), self._model.dimension)

    def count(self, text: str) -> int:
        """The words of a text."""
        return len(_words(text)) if text.strip() else 0

    def close(self) -> None:
        """Nothing is held."""


def _words(text: str) -> list[str]:
    # A text of signs alone is one word, so that it has a vector as well.
    return WORD.findall(text.casefold()) or [text]


def _bag(words: Sequence[str], dimension: int) -> Vectors:
    # The square root keeps a word that is repeated all over from drowning the others.
    weighted = [_direction(word, dimension) * n**0.5 for word, n in Counter(words).items()]
    total: Vectors = np.sum(weighted, axis=0, dtype=np.float32)
    return total / np.linalg.norm(total)


@lru_cache(maxsize=65_536)
def _direction(word: str, dimension: int) -> Vectors:
    drawn = hashlib.shake_256(word.encode("utf-8", "surrogatepass")).digest(dimension)
    # Odd numbers only: no coordinate is 0, so no direction is.
    direction = np.frombuffer(drawn, np.uint8).astype(np.float32) * 2 - 255
    direction /= np.linalg.norm(direction)
    direction.setflags(write=False)
    return direction
