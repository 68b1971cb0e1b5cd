"""Outcomes become marks: the later word holds, silence counts as far as a row was seen, audits stay apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.matrix.playbook.events import Outcome, OutcomeKind
from lakehouse.matrix.playbook.params import DEFAULTS
from lakehouse.matrix.playbook.traces import Trace, audited_rows, marks, seen
from tests.matrix.playbook.told import CORPUS, NOW, audited, said, search


def trace(*outcomes: Outcome) -> Trace:
    made = Trace(search=search("s"), wording=0)
    made.tell(outcomes, DEFAULTS)
    return made


def worths(made: Trace) -> dict[tuple[str, str], tuple[float, float]]:
    """By key and source: the worth, and the chance that the row was seen."""
    return {(mark.doc[1], mark.source): (mark.worth, mark.seen) for mark in made.marks}


def test_a_row_of_which_nothing_was_said_was_passed_over_as_far_as_it_was_seen() -> None:
    assert worths(trace(said("s", "b"))) == {
        ("b", "ann"): (1.0, 1.0), ("a", "ann"): (0.0, 1.0), ("c", "ann"): (0.0, 1 / 3),
    }  # fmt: skip


def test_examination_is_one_over_the_rank() -> None:
    assert [seen(rank) for rank in (1, 2, 10)] == [1, 0.5, 0.1]


def test_a_search_of_which_nothing_was_said_says_nothing() -> None:
    assert marks(search("s"), [], DEFAULTS) == ()


def test_what_was_said_later_holds_whatever_came_in_first() -> None:
    first, later = said("s", kind="accepted"), said("s", kind="failed", at_ms=NOW + 1)
    assert worths(trace(first, later)) == worths(trace(later, first))
    assert worths(trace(later, first))["a", "ann"] == (0.0, 1.0)


def test_two_sources_speak_for_themselves() -> None:
    both = worths(trace(said("s", source="ann"), said("s", kind="rejected", source="bob")))
    assert both["a", "ann"] == (1.0, 1.0)
    assert both["a", "bob"] == (0.0, 1.0)


def test_a_value_that_is_told_replaces_that_of_its_kind() -> None:
    assert worths(trace(said("s", kind="judged", value=0.25)))["a", "ann"] == (0.25, 1.0)


def test_a_mark_bears_the_digest_of_what_was_shown() -> None:
    assert {mark.digest for mark in trace(said("s")).marks} == {"text of a", "text of b", "text of c"}


def test_audits_are_no_evidence_and_feed_no_mark() -> None:
    asked = trace(audited("s", "a", is_right=True))
    assert asked.marks == ()
    assert asked.audited == {(CORPUS, "a"): True}


def test_what_a_source_said_is_laid_beside_what_the_auditor_found() -> None:
    made = trace(said("s", "a"), audited("s", "a", is_right=False), audited("s", "c", is_right=True))
    assert audited_rows(made) == {"ann": [(1.0, 1.0, False), (0.0, 1 / 3, True)]}


def test_rows_that_nobody_audited_teach_nothing() -> None:
    assert audited_rows(trace(said("s", "a"), said("s", "b", source="bob"))) == {}


@given(st.permutations(range(6)), st.integers(0, 6))
def test_the_order_and_the_portions_in_which_outcomes_come_do_not_matter(order: list[int], cut: int) -> None:
    kinds = ("placed", "rejected", "clicked", "failed", "accepted", "placed")
    every = [
        said("s", "abc"[n % 3], kind, source=("ann", "bob")[n % 2], at_ms=NOW + n)
        for n, kind in enumerate(kinds)
    ]
    mixed = [every[n] for n in order]
    parts = trace(*mixed[:cut])
    parts.tell(mixed[cut:], DEFAULTS)
    assert set(parts.marks) == set(trace(*every).marks)


@given(st.lists(st.sampled_from([said("s", "a"), said("s", "b", "rejected"), said("s", "c", source="bob")])))
def test_telling_the_same_again_changes_nothing(outcomes: list[Outcome]) -> None:
    assert set(trace(*outcomes, *outcomes).marks) == set(trace(*outcomes).marks)


@pytest.mark.parametrize("kind", ["rejected", "failed"])
def test_a_row_that_was_refused_was_looked_at(kind: str) -> None:
    one = said("s", "c", "rejected" if kind == "rejected" else "failed")
    assert worths(trace(one))["c", "ann"] == (0.0, 1.0)


@pytest.mark.parametrize("kind", ["placed", "failed"])
def test_who_takes_a_row_for_good_looks_no_further(kind: OutcomeKind) -> None:
    assert {mark.doc[1] for mark in trace(said("s", "b", kind)).marks} == {"a", "b"}


def test_who_accepts_a_row_may_have_looked_at_those_behind_it_too() -> None:
    assert {mark.doc[1] for mark in trace(said("s", "b")).marks} == {"a", "b", "c"}


def test_of_two_that_were_taken_the_one_further_down_says_how_far_somebody_looked() -> None:
    made = trace(said("s", "a", "failed"), said("s", "b", "placed", source="bob"))
    assert {mark.doc[1] for mark in made.marks} == {"a", "b"}


def test_a_choice_that_did_not_last_was_a_right_choice_for_whoever_judges_the_chooser() -> None:
    made = trace(said("s", "a", "failed"), audited("s", "a", is_right=True))
    assert made.marks[0].worth == 0
    assert audited_rows(made) == {"ann": [(1.0, 1.0, True)]}


@pytest.mark.parametrize(("value", "is_chosen"), [(0.9, True), (0.5, True), (0.4, False)])
def test_a_judgement_holds_a_row_to_be_right_from_the_middle_on(value: float, is_chosen: bool) -> None:
    assert trace(said("s", "a", "judged", value=value)).marks[0].is_chosen is is_chosen
