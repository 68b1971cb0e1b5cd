"""Worlds and results so small that every figure can be worked out by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from lakehouse.matrix.lift.arm import Asked
from lakehouse.matrix.lift.ground.split import Split
from lakehouse.matrix.lift.ground.world import Past, Question, World
from lakehouse.matrix.lift.outcome import Done, Shown
from lakehouse.matrix.lift.plan import Kind, Task
from lakehouse.matrix.lift.proof.results import Row
from lakehouse.matrix.lift.proof.stats import Compared
from lakehouse.matrix.lift.rivals import Nothing
from lakehouse.matrix.lift.stream import CLASSES, Played, Scores
from lakehouse.matrix.playbook.events import Outcome, Vector

WORDINGS = 6


def axis(place: int, *, of: int = 8) -> Vector:
    """A vector of length one along one axis."""
    made: Vector = np.eye(of, dtype=np.float32)[place]
    return made


def question(text: str, keys: Sequence[str], *, place: int = 0) -> Asked:
    """Candidates best first, their scores equally far apart."""
    scores = {key: 1 - n / len(keys) for n, key in enumerate(keys)}
    return Asked(text=text, vector=axis(place), base=scores, order=tuple(keys))


def world(orders: Mapping[str, Sequence[str]], grades: Mapping[str, Mapping[str, float]]) -> World:
    """Every need in six wordings that the base answers alike; its vector is an axis of its own."""
    questions = [Question(need=n, wording=w, text=f"{n} {w}") for n in orders for w in range(WORDINGS)]
    places = {need: n for n, need in enumerate(orders)}
    return World(
        name="hand",
        model="m",
        metric="ndcg@10",
        questions=tuple(questions),
        asked=tuple(question(q.text, orders[q.need], place=places[q.need]) for q in questions),
        grades=grades,
        documents=tuple(dict.fromkeys(key for order in orders.values() for key in order)),
        past=(),
        digests={"data": "d"},
    )


def remembering(given: World, *past: tuple[str, tuple[str, ...], tuple[str, ...]]) -> World:
    """The world after such past searches: text, what the base said, what was right."""
    searches = tuple(Past(asked=question(text, keys), right=right) for text, keys, right in past)
    return replace(given, past=searches)


def split_of(learned: Sequence[str], new: Sequence[str] = ()) -> Split:
    """The needs on either side."""
    return Split(learned=tuple(learned), new=tuple(new))


def scores(questions: Sequence[int], ndcg: Sequence[float], *, first: float = 0.0) -> Scores:
    """One class, with the same success at 1 everywhere and nothing recalled."""
    count = len(questions)
    return Scores(
        questions=tuple(questions),
        ndcg=np.array(ndcg, np.float64),
        first=np.full(count, first),
        recall=np.zeros(count),
    )


def played(live: Sequence[float], **classes: Scores) -> Played:
    """A run of one measurement at its end; classes that are not given are empty."""
    final = {of: classes.get(of, scores((), ())) for of in CLASSES}
    return Played(at={len(live): final}, live=np.array(live), exposure={}, counters={}, labels=0)


def task(kind: Kind = "stream", user: str = "perfect", *, seed: int = 1, has_curve: bool = False) -> Task:
    """Of the world by hand."""
    return Task(world="hand", kind=kind, user=user, seed=seed, arms=("none", "ours"), has_curve=has_curve)


def done(given: Task, parted: Split, **shown: Shown) -> Done:
    """What its arms showed, by name."""
    return Done(task=given, split=parted, shown=shown)


def row(of: str = "paraphrase", mean: float = 0.1, *, user: str = "perfect", p: float = 0.01) -> Row:
    """Of ours in the traffic."""
    return Row(
        set="hand",
        kind="stream",
        user=user,
        arm="ours",
        of=of,
        base=0.5,
        ndcg=0.5 + mean,
        lift=Compared(needs=10, mean=mean, low=mean - 0.05, high=mean + 0.05, p=p),
        hurt=0.0,
        helped=0.0,
        first=0.0,
        recall=0.0,
    )


class Noting(Nothing):
    """Ranks as the base does, and notes what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, tuple[str, ...], tuple[Outcome, ...]]] = []

    def learn(self, search_id: str, asked: Asked, shown: Sequence[str], outcomes: Sequence[Outcome]) -> None:
        del asked
        self.told.append((search_id, tuple(shown), tuple(outcomes)))
