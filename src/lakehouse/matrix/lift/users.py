"""[pure] Who uses the search: honest, careless, absent-minded, wrong on purpose.

A user sees what was shown and says something about it. Chance comes in as numbers that are drawn for the
place in the stream and not for the ranker, so every arm meets the same mood.
Source: Craswell et al., "An experimental comparison of click position-bias models" (2008), for examination by
rank and for the cascade.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from lakehouse.matrix.lift.ground.split import SOURCES, Split
from lakehouse.matrix.lift.ground.world import World
from lakehouse.matrix.lift.oracle import FeedbackOracle
from lakehouse.matrix.playbook.events import OutcomeKind

Said = tuple[str, OutcomeKind]
"""A document and what was said of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One user before one list."""

    need: str
    shown: tuple[str, ...]
    """In the order of the ranks."""

    source: int
    number: int
    """Of the arrival."""

    drawn: NDArray[np.float64]
    """(shown, 2), 0 to 1: by rank, whether it is looked at and whether it is clicked."""

    oracle: FeedbackOracle

    def is_right(self, key: str, need: str = "") -> bool:
        """What an honest look at a shown document says."""
        return self.oracle.is_right(need or self.need, key)


class User(Protocol):
    """A kind of user."""

    @property
    def delay(self) -> int:
        """Arrivals until what is said is heard."""
        ...

    def source(self, scene: Scene) -> str:
        """The name under which it is said."""
        ...

    def react(self, scene: Scene) -> tuple[Said, ...]:
        """What is said of the list."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Perfect:
    """Looks at everything, accepts what is right and rejects what is not."""

    delay: int = 0
    confused: tuple[str, ...] = ()
    """Needs, one of which is meant instead of the one that was asked for: their feedback is noise."""

    def source(self, scene: Scene) -> str:
        """One of twenty."""
        return f"s{scene.source:02d}"

    def react(self, scene: Scene) -> tuple[Said, ...]:
        """Everything that is shown."""
        if not scene.shown:
            return ()
        need = self.confused[int(scene.drawn[0, 0] * len(self.confused))] if self.confused else scene.need
        return tuple((key, "accepted" if scene.is_right(key, need) else "rejected") for key in scene.shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clicks:
    """Looks at rank r with chance 1/r and clicks what looks right; some sources turn that round."""

    right: float = 0.9
    """Chance of a click on a right document that is looked at."""

    wrong: float = 0.1
    delay: int = 0
    inverted: float = 0.0
    """Share of the sources that click what is wrong."""

    is_sybil: bool = False
    """Those sources are one attacker, under a new name each time."""

    def source(self, scene: Scene) -> str:
        """One of twenty, or a name that nobody knows."""
        return f"x{scene.number}" if self.is_sybil and self._is_bad(scene) else f"s{scene.source:02d}"

    def react(self, scene: Scene) -> tuple[Said, ...]:
        """Clicks, often none."""
        right, wrong = (self.wrong, self.right) if self._is_bad(scene) else (self.right, self.wrong)
        return tuple(
            (key, "clicked")
            for rank, (key, (look, click)) in enumerate(zip(scene.shown, scene.drawn, strict=True), 1)
            if look < 1 / rank and click < (right if scene.is_right(key) else wrong)
        )

    def _is_bad(self, scene: Scene) -> bool:
        return scene.source < self.inverted * SOURCES


@dataclass(frozen=True, slots=True, kw_only=True)
class Cascade:
    """Reads from the top, clicks what looks right, and mostly stops there."""

    right: float = 0.9
    wrong: float = 0.1
    stops: float = 0.8
    """Chance to leave after a click."""

    delay: int = 0

    def source(self, scene: Scene) -> str:
        """One of twenty."""
        return f"s{scene.source:02d}"

    def react(self, scene: Scene) -> tuple[Said, ...]:
        """The clicks until this user left."""
        said: list[Said] = []
        for key, (leave, click) in zip(scene.shown, scene.drawn, strict=True):
            if click < (self.right if scene.is_right(key) else self.wrong):
                said.append((key, "clicked"))
                if leave < self.stops:
                    break
        return tuple(said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Poisoned:
    """Some sources accept a few documents wherever they see them; the others click honestly."""

    targets: frozenset[str]
    share: float
    delay: int = 0

    def source(self, scene: Scene) -> str:
        """One of twenty."""
        return f"s{scene.source:02d}"

    def react(self, scene: Scene) -> tuple[Said, ...]:
        """The targets that are shown, or clicks."""
        if scene.source < self.share * SOURCES:
            return tuple((key, "accepted") for key in scene.shown if key in self.targets)
        return Clicks().react(scene)


@dataclass(frozen=True, slots=True, kw_only=True)
class Takes:
    """Takes the first right row, looks no further, and tells later whether the choice has lasted."""

    delay: int = 0
    noisy: float = 0.0
    """Share of the sources that mix up how it ended."""

    wrong: float = 0.3
    """How often these do."""

    is_coin: bool = False
    """How it ended has nothing to do with what was chosen."""

    def source(self, scene: Scene) -> str:
        """One of twenty."""
        return f"s{scene.source:02d}"

    def react(self, scene: Scene) -> tuple[Said, ...]:
        """One outcome, or none where nothing is right."""
        for key, (end, mistake) in zip(scene.shown, scene.drawn, strict=True):
            if scene.is_right(key):
                lasted = end < 0.5 if self.is_coin else scene.oracle.lasts(scene.need, key, float(end))
                is_mixed = scene.source < self.noisy * SOURCES and mistake < self.wrong
                return ((key, "placed" if lasted != is_mixed else "failed"),)
        return ()


TARGETS: Final = 5
"""Documents that are promoted."""


def targets(world: World, parted: Split, *, seed: int) -> frozenset[str]:
    """Documents that the base shows for learned needs, and that are right for none of them."""
    right = {key for need in parted.learned for key in world.grades[need]}
    learned = frozenset(parted.learned)
    shown = [
        key
        for question, asked in zip(world.questions, world.asked, strict=True)
        if question.need in learned
        for key in asked.order[:10]
        if key not in right
    ]
    wrong = sorted(set(shown))
    drawn = np.random.default_rng([seed, 3]).permutation(len(wrong))[:TARGETS]
    return frozenset(wrong[n] for n in drawn.tolist())


def users(world: World, parted: Split, *, seed: int) -> Mapping[str, User]:
    """Every kind by name."""
    aimed = targets(world, parted, seed=seed)
    return MappingProxyType(
        {
            "perfect": Perfect(),
            "clicks": Clicks(),
            "noisy": Clicks(right=0.6, wrong=0.3),
            "cascade": Cascade(),
            "delayed": Clicks(delay=200),
            "random": Clicks(right=0.35, wrong=0.35),
            "shuffled": Perfect(confused=parted.learned),
            "inverted-30": Clicks(inverted=0.3),
            "inverted-60": Clicks(inverted=0.6),
            "inverted-all": Clicks(inverted=1.0),
            "poison-30": Poisoned(targets=aimed, share=0.3),
            "poison-60": Poisoned(targets=aimed, share=0.6),
            "sybil": Clicks(inverted=0.3, is_sybil=True),
            "recruiters": Takes(noisy=0.2),
            "sure": Takes(),
            "late": Takes(noisy=0.2, delay=500),
            "coin": Takes(is_coin=True),
        }
    )


def drawn(seed: int, number: int, count: int) -> NDArray[np.float64]:
    """The mood of one arrival, (count, 2): the same for every arm."""
    return np.random.default_rng([seed, 4, number]).random((count, 2))
