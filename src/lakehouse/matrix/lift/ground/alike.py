"""[pure] How alike two questions are: half words, half meaning; and which needs are one need twice."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from lakehouse.matrix.lift.arm import Asked
from lakehouse.matrix.playbook.events import Vector
from lakehouse.matrix.playbook.terms import terms

Floats = NDArray[np.float32]


def alike(questions: Sequence[Asked], others: Sequence[Asked]) -> Floats:
    """(n, m): the mean of the cosine of the words and of the vectors, the latter at least 0."""
    if not questions or not others:
        return np.zeros((len(questions), len(others)), np.float32)
    number: dict[str, int] = {}
    for one in (*questions, *others):
        for word in sorted(terms(one.text)):
            number.setdefault(word, len(number))
    words = _bags(questions, number) @ _bags(others, number).T
    meaning = np.stack([q.vector for q in questions]) @ np.stack([o.vector for o in others]).T
    found: Floats = np.round((words + np.maximum(meaning, 0)) / 2, 5).astype(np.float32)
    return found


def clusters(vectors: Mapping[str, Vector], *, least: float) -> tuple[tuple[str, ...], ...]:
    """Needs in groups: two whose cosine is at least `least` are in one, and so are their likes.

    Cost: quadratic in the needs.
    """
    needs = sorted(vectors)
    rows = np.stack([vectors[need] for need in needs])
    first = {need: need for need in needs}

    def root(need: str) -> str:
        while first[need] != need:
            need = first[need]
        return need

    pairs = np.argwhere(np.triu(rows @ rows.T >= least, 1))
    for a, b in pairs.tolist():
        first[root(needs[b])] = root(needs[a])
    groups: dict[str, list[str]] = {}
    for need in needs:
        groups.setdefault(root(need), []).append(need)
    return tuple(tuple(groups[key]) for key in sorted(groups))


def _bags(questions: Sequence[Asked], number: Mapping[str, int]) -> Floats:
    rows = np.zeros((len(questions), max(len(number), 1)), np.float32)
    for n, one in enumerate(questions):
        found = [number[word] for word in terms(one.text)]
        rows[n, found] = 1 / max(len(found), 1) ** 0.5
    return rows
