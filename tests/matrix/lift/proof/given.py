"""Results over three needs, written down by hand: p and q are learned, r is new."""

from dataclasses import replace

from lakehouse.matrix.lift.outcome import Done
from lakehouse.matrix.lift.proof.results import Duel
from lakehouse.matrix.lift.proof.stats import Compared
from lakehouse.matrix.lift.rejudge import Rejudged
from lakehouse.matrix.lift.stream import Played
from tests.matrix.lift.hand import done, played, scores, split_of, task, world

WORLD = world({"p": "abc", "q": "abc", "r": "abc"}, {need: {"a": 1.0} for need in "pqr"})
PARTED = split_of(["p", "q"], ["r"])
P4, P5, Q4, R0 = 4, 5, 10, 12
"""Places of p and q in other words, and of r, which is new."""

BASE = played([0.0, 0.5, 0.5, 0.0, 0.5, 0.5], paraphrase=scores([P4, P5, Q4], [0.2, 0.4, 0.5]))
OURS = played([0.0, 0.5, 0.5, 0.0, 1.0, 1.0], paraphrase=scores([P4, P5, Q4], [0.4, 0.8, 0.4], first=1.0))


def one(ours: Played = OURS, base: Played = BASE, *, seed: int = 1, user: str = "perfect") -> Done:
    """One followed stream."""
    return done(task(user=user, seed=seed, has_curve=True), PARTED, none=base, ours=ours)


def curved(*lifts: float) -> Done:
    """A stream whose lift on paraphrases was measured after 0, 10, 20 ... searches."""
    at = {n * 10: {**OURS.final, "paraphrase": scores([P4], [lift])} for n, lift in enumerate(lifts)}
    flat = {n: {**BASE.final, "paraphrase": scores([P4], [0.0])} for n in at}
    return one(replace(OURS, at=at), replace(BASE, at=flat))


def judged(*, found: int = 4, verbatim: int = 3, paraphrase: int = 2) -> Rejudged:
    """The earlier systems' own test over ten needs."""
    return Rejudged(needs=10, found=found, verbatim=verbatim, paraphrase=paraphrase, better=5, worse=1)


def duel(mean: float, holm: float, *, of: str = "live", user: str = "perfect") -> Duel:
    """Of ours and the cache."""
    lift = Compared(needs=9, mean=mean, low=mean, high=mean, p=holm)
    return Duel(set="hand", user=user, rival="cache", of=of, lift=lift, holm=holm)
