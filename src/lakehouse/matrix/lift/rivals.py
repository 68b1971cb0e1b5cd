"""[pure] What ours must beat: nothing, a cache, popularity, both earlier formulas; and the most there is.

The earlier formulas are played with one embedder for all, and with the settings under which they did best on
the development sets where their source leaves one open. Not replicas of their systems.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lakehouse.matrix.lift.arm import Arm, Asked
from lakehouse.matrix.playbook.events import Outcome, Vector

POSITIVE: Final = frozenset({"placed", "accepted", "clicked"})
RIGHT: Final = 0.5
"""From which a judge's value is a success."""


def wins(outcomes: Iterable[Outcome]) -> tuple[str, ...]:
    """Keys that succeeded, in the order in which it was said, each once."""
    good = (one.key for one in outcomes if _is_good(one))
    return tuple(dict.fromkeys(good))


def _is_good(one: Outcome) -> bool:
    if one.value is not None:
        return one.value >= RIGHT
    return one.kind in POSITIVE


def ordered(scores: Mapping[str, float]) -> list[str]:
    """Keys by score, equal ones by key."""
    return sorted(scores, key=lambda key: (-scores[key], key))


class Nothing:
    """The control: the base, as it is."""

    name = "none"

    def rank(self, asked: Asked) -> Sequence[str]:
        """The base's own order."""
        return asked.order

    def learn(self, search_id: str, asked: Asked, shown: Sequence[str], outcomes: Sequence[Outcome]) -> None:
        """Nothing is learned."""
        del search_id, asked, shown, outcomes


class Cache:
    """An exact cache: what succeeded for a question stands first when the same words come again."""

    name = "cache"

    def __init__(self) -> None:
        self._won: dict[str, dict[str, int]] = {}

    def rank(self, asked: Asked) -> Sequence[str]:
        """What succeeded, most often first, then the base."""
        won = self._won.get(asked.text.casefold(), {})
        place = {key: n for n, key in enumerate(asked.order)}
        first = sorted(won.keys() - asked.gone, key=lambda key: (-won[key], place.get(key, len(place)), key))
        return [*first, *(key for key in asked.order if key not in won)]

    def learn(self, search_id: str, asked: Asked, shown: Sequence[str], outcomes: Sequence[Outcome]) -> None:
        """Count successes of these very words."""
        del search_id, shown
        won = self._won.setdefault(asked.text.casefold(), {})
        for key in wins(outcomes):
            won[key] = won.get(key, 0) + 1


class Popularity:
    """What succeeded often is put forward, whatever is asked."""

    name = "popularity"
    bound = 0.3
    """Of the most popular document's boost, as of ours."""

    def __init__(self) -> None:
        self._won: dict[str, int] = {}

    def rank(self, asked: Asked) -> Sequence[str]:
        """Base score plus the share of successes."""
        most = max(self._won.values(), default=1)
        return ordered(
            {key: base + self.bound * self._won.get(key, 0) / most for key, base in asked.base.items()}
        )

    def learn(self, search_id: str, asked: Asked, shown: Sequence[str], outcomes: Sequence[Outcome]) -> None:
        """Count successes."""
        del search_id, asked, shown
        for key in wins(outcomes):
            self._won[key] = self._won.get(key, 0) + 1


class _Questions:
    """Vectors of different questions, and what each is remembered for."""

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}
        self._vectors: NDArray[np.float32] = np.zeros((0, 0), np.float32)

    def add(self, text: str, vector: Vector) -> int:
        number = self._rows.setdefault(text, len(self._rows))
        if number == len(self._rows) - 1 and number >= len(self._vectors):
            grown = np.zeros((max(256, 2 * number), len(vector)), np.float32)
            grown[:number] = self._vectors[:number] if number else 0
            self._vectors = grown
        self._vectors[number] = vector
        return number

    def cosines(self, vector: Vector) -> NDArray[np.float64]:
        if not self._rows:
            return np.zeros(0)
        held = self._vectors[: len(self._rows)]
        alike = (held @ vector).astype(np.float64)
        return np.array([round(one, 5) for one in alike.tolist()])


class Distance:
    """G: the three nearest remembered answers halve their distance; very near ones come in from outside.

    distance' = distance x (1 - 0.5 x score), within 0.50 of the question; injected at the distance of the
    remembered question, times the same factor, within 0.20. Only the best answer of a search is remembered.
    """

    name = "distance"
    strength = 0.5
    reach = 0.5
    inject = 0.2
    top = 3
    nearest = 0.5
    """Distance of the base's best hit: theirs are cosines, and 0 would leave nothing to halve. Of 0, .15, .3,
    .5 and .7 it gave the most lift on every development set."""

    def __init__(self) -> None:
        self._questions = _Questions()
        self._answers: dict[int, dict[str, float]] = {}

    def rank(self, asked: Asked) -> Sequence[str]:
        """By distance, after what the nearest remembered answers do to it."""
        cosines = self._questions.cosines(asked.vector)
        near = [(1 - float(cosines[n]), n) for n in np.argsort(-cosines, kind="stable")[: 2 * self.top]]
        distances = {key: 1 - (1 - self.nearest) * base for key, base in asked.base.items()}
        known = [(far, key, s) for far, n in near for key, s in sorted(self._answers.get(n, {}).items())]
        moved = dict(distances)
        for far, key, score in known[: self.top]:
            factor = 1 - self.strength * score
            if key in distances and far <= self.reach:
                moved[key] = min(moved[key], distances[key] * factor)
            elif key not in distances and far <= self.inject and key not in asked.gone:
                moved[key] = min(moved.get(key, 2.0), far * factor)
        return sorted(moved, key=lambda key: (moved[key], key))

    def learn(self, search_id: str, asked: Asked, shown: Sequence[str], outcomes: Sequence[Outcome]) -> None:
        """Remember the best answer: the first that succeeded."""
        del search_id
        won = set(wins(outcomes))
        best = next((key for key in shown if key in won), None)
        if best is not None:
            self._answers.setdefault(self._questions.add(asked.text, asked.vector), {})[best] = 1.0


class Similarities:
    """R: every remembered success adds its similarity, up to a cap; only candidates gain.

    boost = sum of similarity / successes of that search, over the 200 nearest, at most 0.25.
    """

    name = "similarities"
    cap = 0.25
    neighbours = 200
    weight = 0.3
    """Of one success; theirs is not known. Of .05, .1, .3 and 1 the best on average over sets and users."""

    def __init__(self) -> None:
        self._questions = _Questions()
        self._won: list[tuple[int, tuple[str, ...]]] = []
        self._of: NDArray[np.int64] = np.zeros(0, np.int64)

    def rank(self, asked: Asked) -> Sequence[str]:
        """Base score plus the capped sum."""
        cosines = self._questions.cosines(asked.vector)
        boosts: dict[str, float] = {}
        if self._won:
            if len(self._of) < len(self._won):
                self._of = np.array([number for number, _ in self._won], np.int64)
            alike = cosines[self._of]
            for n in np.argsort(-alike, kind="stable")[: self.neighbours].tolist():
                keys = self._won[n][1]
                for key in keys:
                    boosts[key] = boosts.get(key, 0.0) + max(float(alike[n]), 0.0) * self.weight / len(keys)
        return ordered({key: s + min(boosts.get(key, 0.0), self.cap) for key, s in asked.base.items()})

    def learn(self, search_id: str, asked: Asked, shown: Sequence[str], outcomes: Sequence[Outcome]) -> None:
        """Remember who succeeded."""
        del search_id, shown
        if won := wins(outcomes):
            self._won.append((self._questions.add(asked.text, asked.vector), won))


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What only the oracle knows."""

    need: Mapping[str, str]
    """Text of a question -> its need."""

    grades: Mapping[str, Mapping[str, float]]


class Oracle:
    """The most that feedback can give: knows a question's need and the truth of what was shown for it."""

    name = "oracle"

    def __init__(self, truth: Truth) -> None:
        self._truth = truth
        self._shown: dict[str, set[str]] = {}

    def rank(self, asked: Asked) -> Sequence[str]:
        """What is known to be right, the unknown, what is known to be wrong."""
        need = self._truth.need[asked.text]
        grades, shown = self._truth.grades[need], self._shown.get(need, set())
        right = sorted(
            (k for k in shown if grades.get(k, 0) > 0 and k not in asked.gone), key=lambda k: (-grades[k], k)
        )
        unknown = [key for key in asked.order if key not in shown]
        return [*right, *unknown, *(key for key in asked.order if key in shown and not grades.get(key))]

    def learn(self, search_id: str, asked: Asked, shown: Sequence[str], outcomes: Sequence[Outcome]) -> None:
        """What was shown is known."""
        del search_id, outcomes
        self._shown.setdefault(self._truth.need[asked.text], set()).update(shown)


class Knowing:
    """Knows how likely every choice is to last: the best of the ten that the base shows stands first."""

    name = "oracle"
    shown = 10

    def __init__(self, truth: Truth) -> None:
        self._truth = truth

    def rank(self, asked: Asked) -> Sequence[str]:
        """The base's first ten by what they are worth, then the rest."""
        grades = self._truth.grades[self._truth.need[asked.text]]
        top = sorted(asked.order[: self.shown], key=lambda key: -grades.get(key, 0.0))
        return [*top, *asked.order[self.shown :]]

    def learn(self, search_id: str, asked: Asked, shown: Sequence[str], outcomes: Sequence[Outcome]) -> None:
        """There is nothing to learn."""
        del search_id, asked, shown, outcomes


RIVALS: Final[Mapping[str, Callable[[], Arm]]] = {
    made.name: made for made in (Nothing, Cache, Popularity, Distance, Similarities)
}
"""Every control by name; the oracle is made with what it alone may know."""
