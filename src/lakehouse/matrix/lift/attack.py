"""[pure] Poison aimed at one need: how high can a few sources bring one bad document, for everyone else?

The attackers look as deep as they must to see their document, and accept nothing else. The document starts
beyond the first twenty in every wording: one at rank eleven comes up by itself, once others are found wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from lakehouse.matrix.lift.arm import Arm
from lakehouse.matrix.lift.ground.split import ASKED, AUDITED, SOURCES, SPAN_MS, START_MS, Arrival, Split
from lakehouse.matrix.lift.ground.world import LASTING, World
from lakehouse.matrix.lift.oracle import FeedbackOracle
from lakehouse.matrix.lift.stream import CORPUS, SHOWN, audit, heard, lawful
from lakehouse.matrix.lift.users import Clicks, Takes, User
from lakehouse.matrix.playbook.events import Outcome

EVENTS: Final = 200
SHARE: Final = 0.1
"""Of the sources; of the arrivals, where the attacker has a new name each time."""

NEEDS: Final = 5
"""The most frequent ones, each attacked by itself."""

BEYOND: Final = 20
"""Ranks that a target stays below before it is promoted."""

BELOW: Final = 5
"""The same for a choice that is pushed: all that meet a need are few, and stand close together."""

NOWHERE: Final = 10_000
"""The rank of a document that is not in the list."""

Kind = Literal["focused", "sybil", "pushed"]
"""pushed: where users take one row, those that attack say of one of the worst that it was placed."""

KINDS: Final[tuple[Kind, ...]] = ("focused", "sybil", "pushed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attacked:
    """How one attack went."""

    need: str
    base: int
    """Best rank of the target before anything was learned, over all wordings."""

    worst: int
    """Best rank that an honest user ever saw it at: the worst for us."""

    end: int
    """Best rank over all wordings after the last event."""


def victims(world: World, parted: Split) -> tuple[tuple[str, str, int], ...]:
    """Frequent needs, each with a wrong document that the base ranks best beyond the first twenty.

    Where users take one row: with the one that is least likely to last, of those beyond the first five.
    """
    if world.metric == LASTING:
        return _worst(world, parted)
    found: list[tuple[str, str, int]] = []
    for need in parted.learned:
        orders = [a.order for q, a in zip(world.questions, world.asked, strict=True) if q.need == need]
        ranks = {key: min(place(order, key) for order in orders) for key in orders[0]}
        wrong = [k for k in ranks if BEYOND < ranks[k] < NOWHERE and k not in world.grades[need]]
        if wrong:
            target = min(wrong, key=lambda key: (ranks[key], key))
            found.append((need, target, ranks[target]))
        if len(found) == NEEDS:
            break
    return tuple(found)


def _worst(world: World, parted: Split) -> tuple[tuple[str, str, int], ...]:
    found: list[tuple[str, str, int]] = []
    for need in parted.learned:
        orders = [a.order for q, a in zip(world.questions, world.asked, strict=True) if q.need == need]
        ranks = {key: min(place(order, key) for order in orders) for key in world.grades[need]}
        low = [key for key in ranks if BELOW < ranks[key] < NOWHERE]
        if low:
            target = min(low, key=lambda key: (world.grades[need][key], key))
            found.append((need, target, ranks[target]))
        if len(found) == NEEDS:
            break
    return tuple(found)


def place(order: Sequence[str], key: str) -> int:
    """Rank from 1."""
    return order.index(key) + 1 if key in order else NOWHERE


def attack(world: World, victim: tuple[str, str, int], arm: Arm, *, kind: Kind, seed: int) -> Attacked:
    """Ask for one need 200 times, some of it by attackers."""
    need, target, base = victim
    questions = [n for n, q in enumerate(world.questions) if q.need == need]
    oracle, worst = FeedbackOracle(world.grades), NOWHERE
    honest: User = Takes() if world.metric == LASTING else Clicks()
    for arrival in _arrivals(questions, seed=seed):
        asked = world.asked[arrival.question]
        ranked = lawful(arm.rank(asked), asked)
        shown = tuple(ranked[:SHOWN])
        is_attacker = arrival.source < SHARE * SOURCES
        if is_attacker:
            shown = shown if target in shown else (*shown, target)
            said = _promoted(arrival, shown, target, oracle, kind=kind, need=need)
        else:
            worst = min(worst, place(ranked, target))
            said = heard(world, arrival, shown, honest, oracle, seed=seed)
        arm.learn(f"lift-{arrival.number:06d}", asked, shown, said)
    end = min(place(lawful(arm.rank(world.asked[n]), world.asked[n]), target) for n in questions)
    return Attacked(need=need, base=base, worst=min(worst, end), end=end)


def _arrivals(questions: Sequence[int], *, seed: int) -> tuple[Arrival, ...]:
    asked = np.random.default_rng([seed, 5]).choice(len(ASKED), EVENTS)
    sources = np.random.default_rng([seed, 6]).integers(SOURCES, size=EVENTS)
    audited = np.random.default_rng([seed, 7]).random(EVENTS) < AUDITED
    return tuple(
        Arrival(
            number=n,
            question=questions[min(int(asked[n]), len(questions) - 1)],
            source=int(sources[n]),
            is_audited=bool(audited[n]),
            at_ms=START_MS + n * SPAN_MS // EVENTS,
        )
        for n in range(EVENTS)
    )


def _promoted(
    arrival: Arrival, shown: tuple[str, ...], target: str, oracle: FeedbackOracle, *, kind: Kind, need: str
) -> tuple[Outcome, ...]:
    search_id = f"lift-{arrival.number:06d}"
    source = f"x{arrival.number}" if kind == "sybil" else f"s{arrival.source:02d}"
    said = Outcome(
        search_id=search_id,
        corpus=CORPUS,
        key=target,
        kind="placed" if kind == "pushed" else "accepted",
        source=source,
        at_ms=arrival.at_ms + 1_000,
    )
    if not arrival.is_audited:
        return (said,)
    oracle.show(shown)
    return (said, *(audit(search_id, k, oracle.is_right(need, k), arrival.at_ms) for k in shown))
