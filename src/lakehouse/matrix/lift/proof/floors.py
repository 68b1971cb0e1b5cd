"""[pure] What must be reached, and whether it was: each row a floor, an aim, a measurement and a verdict.

A missed floor fails the gate. A row that this run did not measure says so, and fails nothing.
Source: the table of the product's gate, and the goals of the specification of the learning loops, 3.5.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

Verdict = Literal["aim", "floor", "missed", "not measured"]
"""aim: reached the aim. floor: reached the floor (or has none), not the aim."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One row, before it is measured."""

    key: str
    what: str
    floor: float | None
    """None: nothing is demanded, the aim alone is watched."""

    aim: float
    is_least: bool = True
    """Larger is better; else smaller is."""

    where: str = ""
    """Who measures it, where this gate cannot."""


def _at_most(key: str, what: str, floor: float | None, aim: float, *, where: str = "") -> Goal:
    return Goal(key=key, what=what, floor=floor, aim=aim, is_least=False, where=where)


def _at_least(key: str, what: str, floor: float | None, aim: float, *, where: str = "") -> Goal:
    return Goal(key=key, what=what, floor=floor, aim=aim, where=where)


GOALS: Final = (
    _at_least("paraphrase_clean", "lift on unseen paraphrases, macro, clean", 0.15, 0.25),
    _at_least("paraphrase_noisy", "the same, clicks .9/.1 by rank", 0.07, 0.15),
    _at_least("new_low", "new needs: lowest lower bound of a set", -0.01, 0.0),
    _at_least("new_macro", "new needs: macro lift", 0.0, 0.02),
    _at_most("hurt_repeat", "hurt by more than .05: repeats", 0.05, 0.01),
    _at_most("hurt_new", "hurt by more than .05: new needs", 0.06, 0.02),
    _at_least("titles", "unseen job titles after 5,000: relative", 0.17, 0.25),
    _at_most("titles_hurt", "unseen job titles: hurt", None, 0.02),
    _at_most("noise", "random and shuffled feedback: largest |lift|", 0.005, 0.002),
    _at_least("inverted_30", "30 % of the sources inverted: share kept", 0.5, 0.8),
    _at_least("inverted_60_low", "60 % inverted: lowest lower bound of a set", -0.005, 0.0),
    _at_least("inverted_60", "60 % inverted: macro lift", None, 0.001),
    _at_most("collusion", "all sources inverted: largest |lift|", 0.005, 0.0),
    _at_least("focused", "poison at one need: best rank of the target", 4, 11),
    _at_least("sybil", "the same under ever new names", None, 11),
    _at_least("rivals", "duels won in the traffic, Holm p < .05", 1.0, 1.0),
    _at_least("rivals_classes", "duels not lost in any class", None, 1.0),
    _at_least("rising", "curves that do not fall at their end", 1.0, 1.0),
    _at_most("far", "questions like none before: largest |lift|", 0.01, 0.002),
    _at_most("leaks", "documents ranked that were never shown", 0, 0),
    _at_most("dead", "retired documents shown", 0, 0),
    _at_least("own_verbatim", "earlier test: recorded answer first", 0.95, 0.99),
    _at_least("own_paraphrase", "the same in other words", 0.85, 0.95),
    _at_least("own_better", "earlier test: first hit rated better", 0.35, 0.45),
    _at_most("own_worse", "earlier test: first hit rated worse", 0.05, 0.02),
    _at_least("merge", "matrix: share of the oracle corpus' nDCG", 0.85, 0.97, where="matrix"),
    _at_most("pollution", "matrix: pollution of the first ten", 0.2, 0.1, where="matrix"),
    _at_least("no_answer", "no answer when the home corpus is gone", 0.6, 0.9, where="matrix"),
    _at_least("staffing", "placements that stick, relative", 0.2, 0.4, where="staffing"),
    _at_least("staffing_oracle", "the same, share of the oracle", None, 0.8, where="staffing"),
    _at_least("pushed", "one bad choice pushed: its best rank", 4, 11, where="staffing"),
    _at_least("honoured", "negation, role, city, certificate", 0.95, 1.0, where="staffing"),
    _at_most("added_p95_ms", "added p95, ms, with 100,000 events", 5, 5, where="bench"),
    _at_least("events_per_s", "events recorded durably a second", 500, 500, where="bench"),
    _at_most("drift", "answers until a fall of .10 is noticed", 300, 263, where="drift"),
    _at_most("triage", "splits with selective risk over target", 0.1, 0.1, where="triage"),
)
"""Every row, in the order in which people read them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One row, measured."""

    goal: Goal
    measured: float | None

    @property
    def verdict(self) -> Verdict:
        """What came of it."""
        if self.measured is None:
            return "not measured"
        if self._reaches(self.goal.aim):
            return "aim"
        return "floor" if self.goal.floor is None or self._reaches(self.goal.floor) else "missed"

    def _reaches(self, wanted: float) -> bool:
        measured = self.measured if self.measured is not None else wanted
        return measured >= wanted if self.goal.is_least else measured <= wanted


def judge(figures: Mapping[str, float]) -> tuple[Judged, ...]:
    """Every goal with its figure, where there is one."""
    return tuple(Judged(goal=goal, measured=figures.get(goal.key)) for goal in GOALS)


def misses_first(judged: Sequence[Judged]) -> tuple[Judged, ...]:
    """What was missed, then the rest; in either part the order stays."""
    return tuple(sorted(judged, key=lambda one: one.verdict != "missed"))


def exit_code(judged: Sequence[Judged]) -> int:
    """1 when a floor is missed, or nothing was measured at all."""
    verdicts = [one.verdict for one in judged]
    return int("missed" in verdicts or set(verdicts) <= {"not measured"})
