"""[pure] The base's twin in memory: every document compared, by words and by hashed bags of words.

Small, the same everywhere, and nothing has to be installed; for tests and for trying a collection out.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import log
from typing import Final

import numpy as np

from lakehouse.llm.fake import FakeEmbedder
from lakehouse.matrix.lift.ground.base import Answer
from lakehouse.matrix.playbook.terms import terms
from lakehouse.search.fusion import fuse

DEPTH: Final = 100


class ExactBase:
    """Answers questions about a few thousand documents."""

    version = "1"

    def __init__(self, texts: Mapping[str, str], *, dimension: int = 256) -> None:
        self._embedder = FakeEmbedder(dimension=dimension)
        self._keys = list(texts)
        self._vectors = self._embedder.embed([_kept(text) for text in texts.values()])
        self._bags = [Counter(terms(text)) for text in texts.values()]
        self._rarity = _rarity(self._bags)

    @property
    def model(self) -> str:
        """The hashed bags of words."""
        return str(self._embedder.model)

    def answers(self, texts: Sequence[str]) -> tuple[Answer, ...]:
        """One answer for each question, in order."""
        return tuple(self._answer(text) for text in texts)

    def _answer(self, text: str) -> Answer:
        vector = self._embedder.embed([_kept(text)], use="query")[0]
        near = np.round(self._vectors @ vector, 6).astype(np.float64)
        dense = {self._keys[i]: float(near[i]) for i in np.argsort(-near, kind="stable")[:DEPTH]}
        asked = terms(text)
        said = {key: self._said(bag, asked) for key, bag in zip(self._keys, self._bags, strict=True)}
        best = sorted((key for key in said if said[key] > 0), key=lambda key: (-said[key], key))[:DEPTH]
        fused = fuse(dense, {key: said[key] for key in best})
        return Answer(vector=vector, scores={one.key: round(one.score, 6) for one in fused})

    def _said(self, bag: Counter[str], asked: frozenset[str]) -> float:
        return round(sum(self._rarity[word] for word in sorted(asked & bag.keys())), 6)


def _rarity(bags: Sequence[Counter[str]]) -> dict[str, float]:
    holding = Counter(word for bag in bags for word in bag)
    return {word: log(1 + len(bags) / count) for word, count in holding.items()}


@lru_cache(maxsize=65_536)
def _kept(text: str) -> str:
    return " ".join(sorted(terms(text)))
