"""[pure] What may be told to the playbook, and what is refused with its reason."""

from dataclasses import replace
from typing import Final

from lakehouse.base.errors import Invalid, Refused
from lakehouse.matrix.playbook.events import KINDS, Outcome, Search

CLOCKS_MS: Final = 60_000
"""By which the clocks of two machines may differ."""

LONGEST: Final = 200
"""Characters of a source's name."""

MOST_SUBJECT: Final = 1_300
"""Characters of a source, a row or a version in a control."""

CONTROLS: Final = ("distrust", "trust", "retire_row", "restore_row", "rollback")


def outcome(one: Outcome, *, now_ms: int) -> None:
    """Raises `Invalid` where an outcome says what cannot be."""
    if one.kind not in KINDS:
        raise Invalid(f"{one.kind[:40]!r} is no outcome", hint=f"one of {', '.join(KINDS)}")
    if one.at_ms > now_ms + CLOCKS_MS:
        raise Invalid("this outcome lies in the future", hint="send the time at which it was seen, or none")
    if one.value is not None and not 0 <= one.value <= 1:
        raise Invalid("the value of an outcome is from 0 (wrong) to 1 (right)", hint="value=1")
    if one.kind == "judged" and one.value is None:
        raise Invalid("a judgement needs its value", hint="value=1 for right, 0 for wrong")
    if len(one.source) > LONGEST:
        raise Invalid(f"a source has at most {LONGEST} characters", hint='source="recruiter-7"')


def shown(one: Outcome, search: Search) -> tuple[Outcome, int]:
    """The outcome with its corpus, and the rank at which its row was shown.

    Raises:
        Refused: the search did not show this row, or showed it from several corpora and none is named.
    """
    rows = [r for r in search.shown if r.key == one.key and one.corpus in {"", r.corpus}]
    if not rows:
        raise Refused("this row was not shown by that search", hint="give feedback to a hit of the answer")
    if len({row.corpus for row in rows}) > 1:
        names = ", ".join(sorted({row.corpus for row in rows}))
        raise Refused("several corpora showed a row of this id", hint=f"name the corpus: {names}")
    return replace(one, corpus=rows[0].corpus), rows[0].rank


def control(op: str, subject: str, to: str) -> None:
    """Raises `Invalid` where a control event says nothing sensible."""
    if op not in CONTROLS:
        raise Invalid(f"the playbook cannot {op[:40]!r}", hint=f"one of {', '.join(CONTROLS)}")
    if op == "rollback" and not to:
        raise Invalid("roll back to which version?", hint="lakehouse playbook history")
    if op != "rollback" and not subject.strip():
        raise Invalid(f"{op} what?", hint="name the source, or the row as corpus/key")
    if max(len(subject), len(to)) > MOST_SUBJECT:
        raise Invalid(
            f"the name of what to {op[:40]} is too long", hint=f"at most {MOST_SUBJECT:,} characters"
        )
    if op.endswith("_row") and "/" not in subject:
        raise Invalid("a row is named by its corpus and its key", hint="resumes/1042")
