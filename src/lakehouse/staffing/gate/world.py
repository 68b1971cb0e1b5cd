"""[acts] The staffing world: needs with exact truth, and people of whom nobody knows how long they stay.

Who meets a need is asked of SQL. How long somebody stays is drawn for each person and stands in no table;
only outcomes tell of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import numpy as np

from lakehouse.lake.facade import Lakehouse
from lakehouse.lake.lift import version
from lakehouse.lake.looks import Looked, MatrixBase
from lakehouse.matrix.lift.ground import world as worlds
from lakehouse.matrix.lift.ground.world import LASTING, Kept, Question, World
from lakehouse.matrix.lift.stream import SHOWN
from lakehouse.staffing import resumes, sample
from lakehouse.staffing.dice import Dice, Floats, Ints
from lakehouse.staffing.gate.needs import Kind, Need, needs, wordings

NAME: Final = "staffing"
CORPUS: Final = resumes.NAME
NEEDS: Final = 150
FEW: Final = 60
SMALL: Final = 1 / 3
ENOUGH: Final = 10
"""People who meet a need, or it is left out: with fewer there is nothing to choose."""

TRIED: Final = 10
"""Needs that are drawn for each one that is wanted."""

ROWS: Final = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Who meets what."""

    need: Need
    meeting: Mapping[tuple[Kind, str], frozenset[str]]
    """Condition -> everybody who meets it."""

    @property
    def right(self) -> frozenset[str]:
        """Who meets them all."""
        return frozenset.intersection(*self.meeting.values())


def reliability(rows: Ints, *, seed: int) -> Floats:
    """Chance that a placement of each person sticks: Beta(2, 2), half on average, few near 0 or 1.

    Of the person's number and the seed alone, and of nothing that any table says.
    The median of three even numbers has this distribution exactly.
    """
    dice = Dice(seed=seed, table="reliability", rows=rows)
    drawn: Floats = np.median([dice.unit(f"lot {n}") for n in range(3)], axis=0)
    return drawn


def staged(lake: Lakehouse, *, is_small: bool = False) -> World:
    """The world over the demo's tables and resumes, which are put into the lake where they are not there yet.

    Args:
        is_small: 5,000 people and 60 needs instead of 15,000 and 150.
    """
    for _ in sample.load(lake, scale=SMALL if is_small else 1.0):
        pass
    resumes.build(lake)
    return world(lake, count=FEW if is_small else NEEDS)


def world(lake: Lakehouse, *, count: int = NEEDS, enough: int = ENOUGH, seed: int = 1) -> World:
    """The world over a lake that has the candidates and the corpus of their resumes.

    Cost: 25 ms for each of six wordings of a need.

    Raises:
        NotFound: the lake has no such table or corpus.
    """
    base = MatrixBase(lake, corpus=CORPUS)
    truths = tuple(_true(lake, count=count, enough=enough, seed=seed))
    asked = [(truth, n, text) for truth in truths for n, text in enumerate(wordings(truth.need))]
    looked = [base.look(text) for _, _, text in asked]
    questions = tuple(Question(need=truth.need.key, wording=n, text=text) for truth, n, text in asked)
    people = sorted({key for truth in truths for key in truth.right}, key=int)
    numbers = np.array([int(key) - 1 for key in people], np.int64)
    lasting = dict(zip(people, reliability(numbers, seed=seed).round(6).tolist(), strict=True))
    return World(
        name=NAME,
        model=base.model,
        metric=LASTING,
        questions=questions,
        asked=tuple(one.asked for one in looked),
        grades={t.need.key: {key: lasting[key] for key in sorted(t.right, key=int)} for t in truths},
        documents=tuple(people),
        past=(),
        digests={
            "data": _digest(truths, lasting), "wordings": worlds.digest(questions), "base": version(),
            "model": base.model,
        },
        is_parted=True,
        kept=kept([truth for truth, _, _ in asked], looked),
    )  # fmt: skip


def kept(truths: Sequence[Truth], looked: Sequence[Looked]) -> dict[str, Kept]:
    """How many of the shown rows meet each kind of condition, by SQL and not by how the search read it."""
    found: dict[str, Kept] = {}
    for truth, one in zip(truths, looked, strict=True):
        top = one.asked.order[:SHOWN]
        for (kind, _), meeting in truth.meeting.items():
            held = found.get(kind, Kept(shown=0, meeting=0))
            met = sum(key in meeting for key in top)
            found[kind] = Kept(shown=held.shown + len(top), meeting=held.meeting + met)
    return dict(sorted(found.items()))


def _true(lake: Lakehouse, *, count: int, enough: int, seed: int) -> Iterator[Truth]:
    """The first needs that enough people meet."""
    held: dict[str, frozenset[str]] = {}
    found = 0
    for need in needs(count * TRIED, seed=seed):
        for _, condition in need.conditions:
            if condition not in held:
                held[condition] = _meeting(lake, condition)
        truth = Truth(need=need, meeting={(kind, c): held[c] for kind, c in need.conditions})
        if len(truth.right) >= enough:
            found += 1
            yield truth
        if found == count:
            return


def _meeting(lake: Lakehouse, condition: str) -> frozenset[str]:
    found = lake.sql(f"SELECT candidate_id FROM candidates WHERE {condition}", limit=ROWS)
    return frozenset(str(key) for (key,) in found.rows())


def _digest(truths: Sequence[Truth], lasting: Mapping[str, float]) -> str:
    lines = [f"{t.need.key}\0{','.join(sorted(t.right))}" for t in truths]
    lines += [f"{key}\0{value:.6f}" for key, value in sorted(lasting.items())]
    return sha256("\n".join(lines).encode()).hexdigest()
