"""[acts] The index of resumes: every one by words at once, the first thousand by meaning, the rest later."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from lakehouse.lake.facade import IndexInfo, Lakehouse, Progress
from lakehouse.staffing.card import RESUMES

NAME: Final = "resumes"
TABLE: Final = "candidates"
TEXT: Final = "{role}, {certificates}. {resume}"
"""Role and papers lead: a resume alone names its trade too rarely for a model to see it."""

AT_ONCE: Final = 1000
"""Resumes embedded before a newcomer goes on: twenty seconds on two cores. All 15,000 take minutes."""

Watch = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A search that shows something."""

    about: str
    query: str
    where: str = ""


SEARCHES: Final = (
    Asked(about="the word stands in no resume: found by meaning alone", query="metalworker"),
    Asked(
        about="only rows for which SQL says so",
        query="forklift operator with OSHA-10",
        where="state = 'IL' AND availability = 'now'",
    ),
)

QUESTION: Final = "forklift operator in Chicago with OSHA-10, not nights"
"""To the matrix: three things that must hold of a row, and one that must not."""


TOLD: Final = ("registered nurse for intensive care", "intensive care nurse, registered")
"""A question whose hit is accepted, and one in other words."""


class Enough(Exception):
    """As many as wanted are embedded; what was done is kept."""


def build(lake: Lakehouse, *, watch: Watch | None = None) -> IndexInfo:
    """Make the resumes searchable and say what questions may name, or show the index that is there already.

    It is brought up by hand: a server must not take both cores of a newcomer's machine for minutes.
    """
    if NAME not in lake.index.names():
        with suppress(Enough):
            lake.index.build(
                NAME, table=TABLE, text=TEXT, id="candidate_id", refresh="manual", watch=_bounded(watch)
            )
    if not lake.matrix.corpora.has_card(NAME):  # one that somebody wrote stays
        lake.matrix.corpora.add(RESUMES)
    return lake.index.show(NAME)


def _bounded(watch: Watch | None) -> Watch:
    """Tells `watch` of a bounded piece of work, and ends it there."""

    def told(progress: Progress) -> None:
        is_meaning = progress.phase == "meaning"
        total = min(progress.total, AT_ONCE) if is_meaning else progress.total
        if watch:
            watch(replace(progress, done=min(progress.done, total), total=total))
        if is_meaning and progress.done > AT_ONCE:  # the next ones have begun, so these are stored
            raise Enough

    return told
