"""A small world to play in: topics with their own words, needs that several documents of a topic answer.

The base finds the topic and not the answer within it, so there is something to learn, and what was learned
for one need of a topic is wrong for the other.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import product

import numpy as np

from lakehouse.matrix.lift.arm import Arm, Asked
from lakehouse.matrix.lift.ground import keep, world
from lakehouse.matrix.lift.ground.data import Collection, Remembered
from lakehouse.matrix.lift.ground.exact import ExactBase
from lakehouse.matrix.lift.ground.split import split, traffic
from lakehouse.matrix.lift.ground.world import Past, World
from lakehouse.matrix.lift.stream import Played, Setting, play
from lakehouse.matrix.lift.users import users
from lakehouse.matrix.playbook.events import Outcome

TOPICS, DOCUMENTS, NEEDS, RIGHT = 24, 10, 2, 3
SYLLABLES = [a + b for a, b in product("bdfgklmnprtvz", "aiou")]
CURVE = (0, 100, 200, 300)


def words(count: int, *, seed: int) -> list[str]:
    """Words that nobody says, all different."""
    drawn = np.random.default_rng(seed)
    made: dict[str, None] = {}
    while len(made) < count:
        made["".join(drawn.choice(SYLLABLES, 3)) + "m"] = None
    return list(made)


@lru_cache(maxsize=2)
def collection(past: int = 0) -> Collection:
    """240 documents, 48 needs."""
    drawn = np.random.default_rng(5)
    common, every = words(40, seed=1), words(TOPICS * 14, seed=2)
    texts, needs, grades = dict[str, str](), dict[str, str](), dict[str, dict[str, float]]()
    for topic in range(TOPICS):
        own = every[14 * topic : 14 * topic + 14]
        for n in range(DOCUMENTS):
            said = [*drawn.choice(own, 9, replace=False), *drawn.choice(common, 6, replace=False)]
            texts[f"d{topic:02d}-{n}"] = " ".join(said)
        for n in range(NEEDS):
            need = f"n{topic:02d}-{n}"
            asked = [*drawn.choice(own, 7, replace=False), *drawn.choice(common, 2, replace=False)]
            needs[need] = " ".join(asked)
            right = drawn.permutation(DOCUMENTS)[:RIGHT].tolist()
            grades[need] = {f"d{topic:02d}-{d}": 1.0 for d in right}
    remembered = [
        Remembered(text=f"{text} {common[n % 40]}", right=tuple(grades[need]))
        for n in range(past)
        for need, text in [list(needs.items())[n % len(needs)]]
    ]
    return Collection(name="tiny", texts=texts, needs=needs, grades=grades, past=tuple(remembered))


@lru_cache(maxsize=2)
def tiny(past: int = 0) -> World:
    """The collection, asked in every wording."""
    wanted = keep.plan(collection(past))
    base = ExactBase(wanted.collection.texts)
    asked = [world.asked(t, a) for t, a in zip(wanted.texts, base.answers(wanted.texts), strict=True)]
    count = len(wanted.questions)
    return World(
        name="tiny",
        model=base.model,
        metric="ndcg@10",
        questions=wanted.questions,
        asked=tuple(asked[:count]),
        grades=wanted.collection.grades,
        documents=tuple(wanted.collection.texts),
        past=tuple(
            Past(asked=a, right=r.right) for a, r in zip(asked[count:], wanted.collection.past, strict=True)
        ),
        digests={"data": wanted.collection.digest},
    )


def run(arm: Arm, user: str = "perfect", *, count: int = 400, setting: Setting | None = None) -> Played:
    """The arm in the small world."""
    parted = split(tiny(), seed=1)
    arrivals = traffic(tiny(), parted, seed=1, count=count)
    kind = users(tiny(), parted, seed=1)[user]
    return play(tiny(), parted, arrivals, kind, arm, seed=1, setting=setting or Setting(checkpoints=()))


def lift(ours: Played, base: Played, of: str = "paraphrase") -> float:
    """Over the base, in one class."""
    return float((ours.final[of].ndcg - base.final[of].ndcg).mean())


class Scrambled:
    """Hears everything under other names of documents: whatever it learns is about nothing."""

    def __init__(self, inner: Arm) -> None:
        names = list(tiny().documents)
        order = np.random.default_rng(3).permutation(len(names)).tolist()
        self._other = {name: names[n] for name, n in zip(names, order, strict=True)}
        self._inner = inner
        self.name = f"{inner.name} scrambled"

    def rank(self, asked: Asked) -> Sequence[str]:
        return self._inner.rank(asked)

    def learn(self, search_id: str, asked: Asked, shown: Sequence[str], outcomes: Sequence[Outcome]) -> None:
        others = [replace(one, key=self._other[one.key]) for one in outcomes]
        self._inner.learn(search_id, asked, [self._other[key] for key in shown], others)
