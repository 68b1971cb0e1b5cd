"""Questions with the conditions they mean, and how a reading is told in the same words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lakehouse.matrix.conditions.condition import Condition

BY_HAND = Path(__file__).parents[2] / "golden" / "conditions" / "by_hand.txt"


@dataclass(frozen=True, slots=True)
class Case:
    """A question and what it means, one line for each condition."""

    question: str
    meant: frozenset[str]
    kind: str = ""


def read(path: Path = BY_HAND) -> list[Case]:
    """The cases of a file."""
    cases, question = [], ""
    meant: list[str] = []
    for line in [*path.read_text().splitlines(), "? "]:
        if line.startswith("? "):
            if question:
                cases.append(Case(question, frozenset(meant)))
            question, meant = line[2:].strip(), []
        elif line.strip() and not line.startswith("#"):
            meant.append(line.strip())
    return cases


def told(conditions: Sequence[Condition]) -> frozenset[str]:
    """Conditions in the words of the file."""
    lines = [line for c in conditions if not c.either for line in _lines(c)]
    ties = {c.either for c in conditions if c.either}
    tied = [[line for c in conditions if c.either == tie for line in _lines(c)] for tie in ties]
    return frozenset([*lines, *(" / ".join(sorted(group)) for group in tied)])


def _lines(c: Condition) -> Iterable[str]:
    no = "not " if c.is_negated else ""
    if c.op == "present":
        return [f"{no}{c.column}: *"]
    if c.op != "is":
        return [f"{no}{c.column} {c.op} {c.values[0]}"]
    if c.is_negated:
        return [f"not {c.column}: {value}" for value in c.values]
    return [f"{c.column}: {' | '.join(sorted(c.values))}"]


def tidy(line: str) -> str:
    """A line with its alternatives in order."""
    if " / " in line:
        return " / ".join(sorted(line.split(" / ")))
    head, mark, tail = line.partition(": ")
    return f"{head}{mark}{' | '.join(sorted(tail.split(' | ')))}"
