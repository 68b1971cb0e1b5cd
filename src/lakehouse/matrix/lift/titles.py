"""[pure] Past searches of the field, played as if they had been made here; then questions never asked before.

Each past search showed the base's first ten and the right answers, which were accepted; one in twenty was
audited. Real vocabulary, one right answer as a rule, and hardly a question comes twice.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from lakehouse.matrix.lift.arm import Arm
from lakehouse.matrix.lift.ground.split import AUDITED, SOURCES, SPAN_MS, START_MS
from lakehouse.matrix.lift.ground.world import Past, World
from lakehouse.matrix.lift.stream import CORPUS, SHOWN, Run, Scores, Setting, audit, measure
from lakehouse.matrix.playbook.events import Outcome

CHECKPOINTS: Final = (0, 1000, 2500, 5000)
UNSEEN: Final = "unseen"
"""The class of questions that no past search asked."""


def unseen(world: World) -> tuple[int, ...]:
    """Questions whose very words were never asked."""
    known = {past.asked.text.casefold() for past in world.past}
    return tuple(n for n, q in enumerate(world.questions) if q.text.casefold() not in known)


def play(
    world: World, arm: Arm, *, seed: int, checkpoints: tuple[int, ...] = CHECKPOINTS
) -> Mapping[int, Scores]:
    """Scores of the unseen questions after so many past searches.

    Raises:
        Corrupt: the arm learned from being measured.
    """
    run = Run(world=world, arm=arm, setting=Setting())
    classes = {UNSEEN: unseen(world)}
    order = np.random.default_rng([seed, 8]).permutation(len(world.past)).tolist()
    sources = np.random.default_rng([seed, 9]).integers(SOURCES, size=len(order)).tolist()
    audited = (np.random.default_rng([seed, 10]).random(len(order)) < AUDITED).tolist()
    stops = {n for n in checkpoints if n < len(order)} | {len(order)}
    at: dict[int, Scores] = {}
    for n, (past, source, is_audited) in enumerate(zip(order, sources, audited, strict=True)):
        if n in stops:
            at[n] = measure(run, classes)[UNSEEN]
        _remember(arm, world.past[past], number=n, source=f"s{source:02d}", is_audited=is_audited)
    at[len(order)] = measure(run, classes)[UNSEEN]
    return at


def _remember(arm: Arm, past: Past, *, number: int, source: str, is_audited: bool) -> None:
    top = past.asked.order[:SHOWN]
    shown = (*top, *(key for key in past.right if key not in top))
    search_id, at_ms = f"lift-{number:06d}", START_MS + number * SPAN_MS // 5000
    right = frozenset(past.right)
    said = tuple(
        Outcome(
            search_id=search_id, corpus=CORPUS, key=key, kind="accepted", source=source, at_ms=at_ms + 1_000
        )
        for key in shown
        if key in right
    )
    audits = tuple(audit(search_id, key, key in right, at_ms) for key in shown) if is_audited else ()
    arm.learn(search_id, past.asked, shown, (*said, *audits))
