"""[pure] Which needs are learned and which are never seen, and who asks what when.

Near-duplicate needs go to one side together: a collection whose needs come in pairs would otherwise look as
if what was learned held for others.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import numpy as np

from lakehouse.matrix.lift.ground.alike import clusters
from lakehouse.matrix.lift.ground.world import World

SAME: Final = 0.85
"""Cosine from which two needs are one."""

LEARNED: Final = 0.6
"""Share of the needs that are asked in the traffic."""

ASKED: Final = (0, 1, 2, 3)
"""Wordings that may be asked in the traffic; the others are only measured."""

MEASURED: Final = (4, 5)
ARRIVALS: Final = 1500
SKEW: Final = 0.8
"""Of Zipf's law: a few needs are asked all the time."""

SOURCES: Final = 20
AUDITED: Final = 0.05
SPAN_MS: Final = 90 * 86_400_000
"""The stream takes a quarter of a year, or ageing would have nothing to act on."""

START_MS: Final = 1_700_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Needs on either side."""

    learned: tuple[str, ...]
    """The most frequent first."""

    new: tuple[str, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of both sides."""
        sides = (",".join(side) for side in (self.learned, self.new))
        return sha256("\n".join(sides).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One search of the traffic."""

    number: int
    question: int
    """Position in the world's questions."""

    source: int
    """0 to 19."""

    is_audited: bool
    at_ms: int


def split(world: World, *, seed: int) -> Split:
    """Part the needs; the same seed parts them alike."""
    vectors = {q.need: a.vector for q, a in zip(world.questions, world.asked, strict=True) if q.wording == 0}
    groups = tuple((need,) for need in vectors) if world.is_parted else clusters(vectors, least=SAME)
    learned: list[str] = []
    new: list[str] = []
    for n in np.random.default_rng([seed, 1]).permutation(len(groups)).tolist():
        (learned if len(learned) < LEARNED * len(vectors) else new).extend(groups[n])
    return Split(learned=tuple(learned), new=tuple(new))


def traffic(world: World, parted: Split, *, seed: int, count: int = ARRIVALS) -> tuple[Arrival, ...]:
    """Who asks what: learned needs only, by Zipf's law, in the wordings that may be asked."""
    place = {(q.need, q.wording): n for n, q in enumerate(world.questions)}
    drawn = np.random.default_rng([seed, 2])
    chance = np.arange(1, len(parted.learned) + 1, dtype=np.float64) ** -SKEW
    needs = drawn.choice(len(parted.learned), count, p=chance / chance.sum())
    asked = drawn.choice(ASKED, count)
    sources = drawn.integers(SOURCES, size=count)
    audited = drawn.random(count) < AUDITED
    return tuple(
        Arrival(
            number=n,
            question=place[parted.learned[int(needs[n])], int(asked[n])],
            source=int(sources[n]),
            is_audited=bool(audited[n]),
            at_ms=START_MS + n * SPAN_MS // count,
        )
        for n in range(count)
    )
