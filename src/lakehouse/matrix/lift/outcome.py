"""[pure] What one task of a plan gives back."""

from collections.abc import Mapping
from dataclasses import dataclass

from lakehouse.matrix.lift.attack import Attacked
from lakehouse.matrix.lift.ground.split import Split
from lakehouse.matrix.lift.plan import Task
from lakehouse.matrix.lift.rejudge import Rejudged
from lakehouse.matrix.lift.stream import Played, Scores

Shown = Played | tuple[Attacked, ...] | Mapping[int, Scores] | Rejudged
"""Of a stream, an attack, titles, and the earlier systems' own test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A task and what each of its arms showed."""

    task: Task
    split: Split
    shown: Mapping[str, Shown]
    """By arm."""
