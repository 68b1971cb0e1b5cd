"""[pure] One run: traffic comes in, the arm ranks, users react, the arm learns; in between it is measured.

Test-then-learn: a list is scored before anything is said of it. Measuring asks the arm and tells it nothing,
and that it learned nothing thereby is checked.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from lakehouse.base.errors import Corrupt
from lakehouse.matrix.lift.arm import Arm, Asked
from lakehouse.matrix.lift.ground.split import Arrival, Split
from lakehouse.matrix.lift.ground.world import METRICS, World, without
from lakehouse.matrix.lift.oracle import FeedbackOracle
from lakehouse.matrix.lift.users import Scene, User, drawn
from lakehouse.matrix.playbook.events import Outcome
from lakehouse.search.measure import recall

SHOWN: Final = 10
DEPTH: Final = 100
CHECKPOINTS: Final = (0, 50, 100, 200, 400, 800, 1500)
CORPUS: Final = "lift"
AUDITOR: Final = "auditor"
PROBES: Final = 5
"""Questions that are asked before and after a measurement."""

CLASSES: Final = ("verbatim", "paraphrase", "new")


class Tally(Protocol):
    """What an arm did to one list."""

    @property
    def computed(self) -> int:
        """Documents that it had an opinion of."""
        ...

    @property
    def hit(self) -> int:
        """Of those, the candidates."""
        ...


@runtime_checkable
class Counting(Protocol):
    """An arm that says what it did to the list that it gave last."""

    @property
    def counters(self) -> Tally:
        """Of the last list."""
        ...


@runtime_checkable
class Counted(Protocol):
    """An arm that says how many events it holds; it must not grow by being asked."""

    def __len__(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is special about a run."""

    hidden: frozenset[str] = frozenset()
    """Documents that are added after the traffic; only they are measured."""

    retired: frozenset[str] = frozenset()
    """Documents that are taken out half-way; they must never be shown again."""

    checkpoints: tuple[int, ...] = CHECKPOINTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """One measurement of one class."""

    questions: tuple[int, ...]
    """Positions in the world."""

    ndcg: NDArray[np.float64]
    first: NDArray[np.float64]
    """1 where the first hit is right."""

    recall: NDArray[np.float64]
    """At 100, of what the arm returned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What a run showed."""

    at: Mapping[int, Mapping[str, Scores]]
    """Checkpoint -> class -> scores."""

    live: NDArray[np.float64]
    """By arrival: nDCG before anything was said."""

    exposure: Mapping[str, int]
    """Document -> times shown in the traffic."""

    counters: Mapping[str, int]
    labels: int
    """That users asked the oracle for."""

    @property
    def final(self) -> Mapping[str, Scores]:
        """The last measurement."""
        return self.at[max(self.at)]


@dataclass(slots=True, kw_only=True)
class Run:
    """An arm in a world, and what was counted of it."""

    world: World
    arm: Arm
    setting: Setting
    gone: frozenset[str] = frozenset()
    shown: set[str] = field(default_factory=set)
    counters: Counter[str] = field(default_factory=Counter)

    def asked(self, question: int, *, is_live: bool) -> Asked:
        """A question as it can be asked at this moment: in the traffic, or when it is measured."""
        given = self.world.asked[question]
        if is_live and self.setting.hidden:
            given = without(given, self.setting.hidden, are_gone=False)
        return without(given, self.gone, are_gone=True) if self.gone else given

    def ranked(self, asked: Asked) -> list[str]:
        """The arm's list; a document that it cannot know, or one that is gone, is counted."""
        given = self.arm.rank(asked)
        ranked = lawful(given, asked)
        self.counters["asked"] += 1
        if isinstance(self.arm, Counting):
            self.counters["computed"] += self.arm.counters.computed
            self.counters["hit"] += self.arm.counters.hit
        top = ranked[:SHOWN]
        outside = [key for key in top if key not in asked.base]
        self.counters["injected"] += len(outside)
        self.counters["moved"] += sum(a != b for a, b in zip(top, asked.order, strict=False))
        self.counters["unseen"] += sum(key not in self.shown and key not in self.gone for key in outside)
        self.counters["dead"] += sum(key in self.gone for key in top)
        return ranked

    def grades(self, question: int, *, is_live: bool) -> dict[str, float]:
        """What counts as right at this moment."""
        grades = self.world.grades[self.world.questions[question].need]
        if is_live:
            barred = self.setting.hidden | self.gone
            return {key: grade for key, grade in grades.items() if key not in barred}
        kept = self.setting.hidden or grades.keys()
        return {key: grade for key, grade in grades.items() if key in kept and key not in self.gone}

    def ndcg(self, question: int, ranked: Sequence[str], *, is_live: bool) -> float:
        """How good a list is."""
        metric = METRICS[self.world.metric]
        return round(metric(ranked, self.grades(question, is_live=is_live)), 9)


def lawful(ranked: Sequence[str], asked: Asked) -> list[str]:
    """An arm's list as it is shown: every document once, and only those that meet the conditions."""
    once = dict.fromkeys(ranked)
    return list(once) if asked.allowed is None else [key for key in once if key in asked.allowed]


def play(
    world: World,
    parted: Split,
    arrivals: Sequence[Arrival],
    user: User,
    arm: Arm,
    *,
    seed: int,
    setting: Setting | None = None,
) -> Played:
    """Run the traffic past one arm.

    Raises:
        Corrupt: the arm learned from being measured.
    """
    run = Run(world=world, arm=arm, setting=setting or Setting())
    oracle = FeedbackOracle(world.grades)
    classes = questions(world, parted, run.setting)
    waiting: list[tuple[int, Arrival, Asked, tuple[str, ...], tuple[Outcome, ...]]] = []
    at: dict[int, Mapping[str, Scores]] = {}
    live: list[float] = []
    exposure: Counter[str] = Counter()
    for n, arrival in enumerate(arrivals):
        if n in run.setting.checkpoints:
            at[n] = measure(run, classes)
        if n == len(arrivals) // 2:
            run.gone = run.setting.retired
        asked = run.asked(arrival.question, is_live=True)
        ranked = run.ranked(asked)
        live.append(run.ndcg(arrival.question, ranked, is_live=True))
        shown = tuple(ranked[:SHOWN])
        run.shown.update(shown)
        exposure.update(shown)
        said = heard(world, arrival, shown, user, oracle, seed=seed)
        waiting.append((n + user.delay, arrival, asked, shown, said))
        while waiting and waiting[0][0] <= n:
            _, then, question, seen, outcomes = waiting.pop(0)
            arm.learn(f"lift-{then.number:06d}", question, seen, outcomes)
    at[len(arrivals)] = measure(run, classes)
    return Played(
        at=at,
        live=np.array(live),
        exposure=exposure,
        counters=dict(sorted(run.counters.items())),
        labels=oracle.answered,
    )


def heard(
    world: World, arrival: Arrival, shown: tuple[str, ...], user: User, oracle: FeedbackOracle, *, seed: int
) -> tuple[Outcome, ...]:
    """What a user says of a list, and an auditor, where one was asked; in the order of the ranks."""
    need = world.questions[arrival.question].need
    oracle.show(shown)
    scene = Scene(
        need=need,
        shown=shown,
        source=arrival.source,
        number=arrival.number,
        oracle=oracle,
        drawn=drawn(seed, arrival.number, len(shown)),
    )
    search_id, source = f"lift-{arrival.number:06d}", user.source(scene)
    said = [
        Outcome(
            search_id=search_id, corpus=CORPUS, key=key, kind=kind, source=source, at_ms=arrival.at_ms + 1_000
        )
        for key, kind in user.react(scene)
    ]
    audited = shown if arrival.is_audited else ()
    return (*said, *(audit(search_id, key, oracle.is_right(need, key), arrival.at_ms) for key in audited))


def audit(search_id: str, key: str, is_right: bool, at_ms: int) -> Outcome:
    """What an auditor says of one document."""
    return Outcome(
        search_id=search_id,
        corpus=CORPUS,
        key=key,
        kind="judged",
        source=AUDITOR,
        at_ms=at_ms + 2_000,
        value=float(is_right),
        is_audit=True,
    )


def questions(world: World, parted: Split, setting: Setting) -> dict[str, tuple[int, ...]]:
    """Positions of what is measured, by class; with hidden documents only needs that one of them answers."""
    learned, new = frozenset(parted.learned), frozenset(parted.new)
    found: dict[str, list[int]] = {name: [] for name in CLASSES}
    for n, question in enumerate(world.questions):
        if setting.hidden and not world.grades[question.need].keys() & setting.hidden:
            continue
        if question.wording == 0 and question.need in new:
            found["new"].append(n)
        elif question.need in learned and question.wording == 0:
            found["verbatim"].append(n)
        elif question.need in learned and question.wording > 3:
            found["paraphrase"].append(n)
    return {name: tuple(places) for name, places in found.items()}


def measure(run: Run, classes: Mapping[str, Sequence[int]]) -> dict[str, Scores]:
    """Score every class on an arm that is only asked.

    Raises:
        Corrupt: it learned something all the same.
    """
    probes = [n for places in classes.values() for n in places[:PROBES]]
    before = [tuple(run.arm.rank(run.asked(n, is_live=False)))[:DEPTH] for n in probes]
    size = len(run.arm) if isinstance(run.arm, Counted) else 0
    found = {name: _scores(run, places) for name, places in classes.items()}
    after = [tuple(run.arm.rank(run.asked(n, is_live=False)))[:DEPTH] for n in probes]
    if before != after or (isinstance(run.arm, Counted) and len(run.arm) != size):
        raise Corrupt(
            f"{run.arm.name} learned from being measured", hint="asking must change nothing that was learned"
        )
    return found


def _scores(run: Run, places: Sequence[int]) -> Scores:
    rows = list(_rows(run, places))
    columns = np.array(rows, np.float64).reshape(len(rows), 3)
    return Scores(questions=tuple(places), ndcg=columns[:, 0], first=columns[:, 1], recall=columns[:, 2])


def _rows(run: Run, places: Sequence[int]) -> Iterator[tuple[float, float, float]]:
    for n in places:
        ranked = run.ranked(run.asked(n, is_live=False))
        if run.setting.hidden:
            ranked = [key for key in ranked if key in run.setting.hidden]
        grades = run.grades(n, is_live=False)
        is_first = float(bool(ranked) and grades.get(ranked[0], 0.0) > 0)
        yield run.ndcg(n, ranked, is_live=False), is_first, round(recall(ranked, grades, k=DEPTH), 9)
