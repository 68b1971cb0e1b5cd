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


def holds(line: str, row: dict[str, object]) -> bool:
    """Does a line of the file hold of a row? Written without the code under test."""
    if " / " in line:
        return any(holds(part, row) for part in line.split(" / "))
    if line.startswith("not "):
        return not holds(line.removeprefix("not "), row)
    if ": " in line:
        column, _, wanted = line.partition(": ")
        held = row[column]
        if wanted == "*":
            return held is not None
        entries = str(held).split("; ") if column in {"skills", "certificates"} else [str(held)]
        return held is not None and not set(entries).isdisjoint(wanted.split(" | "))
    column, op, bound = line.split(" ")
    held = row[column]
    if held is None:
        return False
    one, other = (str(held), bound) if "-" in bound else (float(str(held)), float(bound))
    return {">=": one >= other, "<=": one <= other, ">": one > other, "<": one < other}[op]  # type: ignore[operator]  # both of one kind
