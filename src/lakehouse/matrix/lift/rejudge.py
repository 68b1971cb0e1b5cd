"""[pure] The earlier systems' own test: is the recorded answer first the next time, and is that better?

A judge rates what the base shows for every need; then the same needs are asked again, in the same and in
other words. Theirs called it a lift when the recorded answer stood first. So does this, and it also looks at
the first hit with fresh eyes, for a rank is no quality.
"""

from dataclasses import dataclass
from typing import Final

from lakehouse.matrix.lift.arm import Arm
from lakehouse.matrix.lift.ground.split import START_MS
from lakehouse.matrix.lift.ground.world import World
from lakehouse.matrix.lift.oracle import FeedbackOracle
from lakehouse.matrix.lift.stream import CORPUS, SHOWN, audit
from lakehouse.matrix.playbook.events import Outcome

AUDITED: Final = 20
"""One in so many needs is audited as well, as in the traffic."""

PARAPHRASE: Final = 4
"""The wording that is asked the second time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejudged:
    """Counts over one collection."""

    needs: int
    found: int
    """Needs whose best answer was shown, but not first."""

    verbatim: int
    """Of those: the recorded answer is first when asked again."""

    paraphrase: int
    """The same in other words."""

    better: int
    """Of all needs, asked again in the same words: the first hit is rated higher than before."""

    worse: int


def play(world: World, arm: Arm) -> Rejudged:
    """Judge, record, ask again."""
    place = {(q.need, q.wording): n for n, q in enumerate(world.questions)}
    most = max(grade for grades in world.grades.values() for grade in grades.values())
    oracle, recorded = FeedbackOracle(world.grades), dict[str, str]()
    for number, (need, grades) in enumerate(sorted(world.grades.items())):
        asked = world.asked[place[need, 0]]
        shown = asked.order[:SHOWN]
        oracle.show(shown)
        rated = {key: (1 + grades[key] / most) / 2 for key in shown if oracle.is_right(need, key)}
        if rated:
            recorded[need] = min(rated, key=lambda key: (-rated[key], shown.index(key)))
        said = tuple(_judged(number, key, rated.get(key, 0.0)) for key in shown)
        at_ms = START_MS + number * 60_000
        audited = shown if number % AUDITED == 0 else ()
        audits = tuple(audit(f"lift-{number:06d}", key, key in rated, at_ms) for key in audited)
        arm.learn(f"lift-{number:06d}", asked, shown, (*said, *audits))
    first = {at: next(iter(arm.rank(world.asked[n])), "") for at, n in place.items()}
    cold = {need: next(iter(world.asked[place[need, 0]].order), "") for need in world.grades}
    found = [need for need, key in recorded.items() if cold[need] != key]
    change = [g.get(first[n, 0], 0.0) - g.get(cold[n], 0.0) for n, g in sorted(world.grades.items())]
    return Rejudged(
        needs=len(world.grades),
        found=len(found),
        verbatim=sum(first[need, 0] == recorded[need] for need in found),
        paraphrase=sum(first.get((need, PARAPHRASE)) == recorded[need] for need in found),
        better=sum(difference > 0 for difference in change),
        worse=sum(difference < 0 for difference in change),
    )


def _judged(number: int, key: str, value: float) -> Outcome:
    return Outcome(
        search_id=f"lift-{number:06d}",
        corpus=CORPUS,
        key=key,
        kind="judged",
        source="judge",
        at_ms=START_MS + number * 60_000,
        value=value,
    )
