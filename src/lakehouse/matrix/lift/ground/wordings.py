"""[pure] Other wordings of a need, made without a language model: words are dropped, words are swapped.

A wording loses 30 % of the words that carry content, and 20 % are swapped for one of the three words that
keep most company with them in the collection. Not how people rephrase, but as hard: the base finds a third
less, and no wording can be told from the document by luck.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lakehouse.search.terms import STOP, stem

WORD: Final = re.compile(r"\w+(?:['-]\w+)*")
WORDINGS: Final = 6
"""Of each need: the one in the collection and five that are made."""

DROPPED: Final = 0.3
SWAPPED: Final = 0.2
NEIGHBOURS: Final = 3
RARE: Final = 3
"""Words of fewer documents say nothing about their company."""

TRIES: Final = 12
"""Nearest words that are looked at for `NEIGHBOURS` with another stem."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Which words stand together in the documents of a collection."""

    words: tuple[str, ...]
    number: Mapping[str, int]
    holding: tuple[tuple[int, ...], ...]
    """By word: the documents that hold it."""

    held: tuple[NDArray[np.int64], ...]
    """By document: its words."""

    weight: NDArray[np.float64]
    """By document: 1 / its different words, so that long ones do not decide."""

    lengths: NDArray[np.float64]

    def neighbours(self, word: str) -> tuple[str, ...]:
        """Words by the cosine of where they stand, nearest first; none for a word that is not known."""
        at = self.number.get(word)
        if at is None:
            return ()
        inside = self.holding[at]
        ids = np.concatenate([self.held[d] for d in inside])
        weights = np.repeat(self.weight[list(inside)], [len(self.held[d]) for d in inside])
        alike = np.bincount(ids, weights, len(self.words)) / self.lengths
        order = np.argsort(-np.round(alike, 9), kind="stable")[: TRIES + 1]
        own = stem(word)
        return tuple(w for w in (self.words[i] for i in order) if stem(w) != own)[:NEIGHBOURS]


def company(texts: Iterable[str]) -> Company:
    """The words of a collection that are worth swapping."""
    bags = [sorted({w for w in _lower(text) if _is_content(w)}) for text in texts]
    counts: dict[str, int] = {}
    for bag in bags:
        for word in bag:
            counts[word] = counts.get(word, 0) + 1
    words = tuple(sorted(w for w, n in counts.items() if n >= RARE and not w.isdigit() and len(w) > 2))
    number = {word: n for n, word in enumerate(words)}
    held = tuple(np.array([number[w] for w in bag if w in number], np.int64) for bag in bags)
    holding: list[list[int]] = [[] for _ in words]
    for document, ids in enumerate(held):
        for n in ids.tolist():
            holding[n].append(document)
    weight = np.array([1 / max(len(ids), 1) for ids in held])
    lengths = np.array([np.sqrt(sum(weight[d] for d in inside)) for inside in holding])
    return Company(
        words=words,
        number=number,
        holding=tuple(map(tuple, holding)),
        held=held,
        weight=weight,
        lengths=np.maximum(lengths, 1e-12),
    )


def wordings(
    needs: Mapping[str, str], texts: Iterable[str], *, count: int = WORDINGS, seed: int = 7
) -> dict[str, tuple[str, ...]]:
    """Every need in `count` wordings, the given one first; the same seed makes the same ones."""
    known = company(texts)
    near: dict[str, tuple[str, ...]] = {}
    found: dict[str, tuple[str, ...]] = {}
    for need, text in needs.items():
        drawn = np.random.default_rng([seed, int(sha256(need.encode()).hexdigest()[:8], 16)])
        for word in _lower(text):
            if word not in near and _is_content(word):
                near[word] = known.neighbours(word)
        found[need] = (text, *(_reworded(text, near, drawn) for _ in range(count - 1)))
    return found


def _reworded(text: str, near: Mapping[str, Sequence[str]], drawn: np.random.Generator) -> str:
    words = WORD.findall(text)
    content = [n for n, word in enumerate(words) if _is_content(word.lower())]
    dropped = set(drawn.permutation(content)[: round(DROPPED * len(content))].tolist())
    left = [n for n in content if n not in dropped]
    swapped = set(drawn.permutation(left)[: max(1, round(SWAPPED * len(content)))].tolist())
    made: list[str] = []
    for n, word in enumerate(words):
        others = near.get(word.lower(), ())
        if n in swapped and others:
            made.append(others[int(drawn.integers(len(others)))])
        elif n not in dropped:
            made.append(word)
    return " ".join(made) or text


def _lower(text: str) -> list[str]:
    return [word.lower() for word in WORD.findall(text)]


def _is_content(word: str) -> bool:
    return word not in STOP
