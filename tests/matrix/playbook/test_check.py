"""What may be told, and what is refused with its reason."""

from dataclasses import replace

import pytest

from lakehouse.base.errors import Invalid, Refused
from lakehouse.matrix.playbook import check
from lakehouse.matrix.playbook.events import Outcome, Shown
from tests.matrix.playbook.told import CORPUS, NOW, said, search

TWO = replace(
    search("s", keys="a"),
    shown=(*search("s", keys="a").shown, Shown(corpus="other", key="a", rank=2, base=0.1)),
)


@pytest.mark.parametrize("kind", ["placed", "accepted", "clicked", "rejected", "failed"])
def test_every_kind_of_outcome_may_be_told(kind: str) -> None:
    check.outcome(replace(said("s"), kind=kind), now_ms=NOW)  # type: ignore[arg-type] - from outside


@pytest.mark.parametrize(
    ("one", "reason"),
    [(said("s", at_ms=NOW + check.CLOCKS_MS + 1), "future"),
     (said("s", value=1.01), "from 0"), (said("s", value=-0.01), "from 0"),
     (said("s", value=float("nan")), "from 0"), (said("s", kind="judged"), "needs its value"),
     (said("s", source="x" * 201), "200 characters")],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_reason(one: Outcome, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        check.outcome(one, now_ms=NOW)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(Invalid, match="loved"):
        check.outcome(replace(said("s"), kind="loved"), now_ms=NOW)  # type: ignore[arg-type] - from outside


def test_two_clocks_may_differ_by_a_minute() -> None:
    check.outcome(said("s", at_ms=NOW + check.CLOCKS_MS), now_ms=NOW)


def test_an_outcome_gets_the_corpus_and_the_rank_at_which_its_row_was_shown() -> None:
    one, rank = check.shown(replace(said("s", "b"), corpus=""), search("s"))
    assert (one.corpus, rank) == (CORPUS, 2)


@pytest.mark.parametrize("one", [said("s", "z"), replace(said("s", "a"), corpus="other")])
def test_a_row_that_was_not_shown_is_refused(one: Outcome) -> None:
    with pytest.raises(Refused, match="not shown"):
        check.shown(one, search("s"))


def test_a_row_of_two_corpora_needs_its_corpus() -> None:
    with pytest.raises(Refused, match="several corpora"):
        check.shown(replace(said("s"), corpus=""), TWO)
    assert check.shown(replace(said("s"), corpus="other"), TWO)[1] == 2


@pytest.mark.parametrize(
    ("op", "subject", "to"),
    [("praise", "ann", ""), ("rollback", "", ""), ("distrust", " ", ""), ("retire_row", "a", "")],
)
def test_a_control_that_says_nothing_sensible_is_refused(op: str, subject: str, to: str) -> None:
    with pytest.raises(Invalid):
        check.control(op, subject, to)


@pytest.mark.parametrize(
    ("op", "subject", "to"),
    [("distrust", "ann", ""), ("trust", "ann", ""), ("retire_row", "jobs/a", ""), ("rollback", "", "v")],
)
def test_a_control_that_does_is_taken(op: str, subject: str, to: str) -> None:
    check.control(op, subject, to)
