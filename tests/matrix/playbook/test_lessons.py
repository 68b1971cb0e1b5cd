"""Lessons are drawn from audits, at counts that the log alone decides, and say what the audits say."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from lakehouse.matrix.playbook.ledger import START
from lakehouse.matrix.playbook.lessons import STEP, last_due
from lakehouse.matrix.playbook.memory import Memory
from lakehouse.matrix.playbook.params import DEFAULTS
from tests.matrix.playbook.told import audited, need, said, search


def taught(searches: int, *, source: str = "ann", is_honest: bool = True, without: str = "") -> Memory:
    """Searches of one need; the right row is `a`, and audits know."""
    memory = Memory(replace(DEFAULTS, without=without))
    for n in range(searches):
        name = f"s{n}"
        found = [audited(name, key, is_right=key == "a") for key in "abc"]
        memory.tell(search(name), [said(name, "a" if is_honest else "b", source=source), *found])
        memory.study()
    return memory


def test_lessons_are_drawn_every_ten_audits_and_later_with_every_tenth_more() -> None:
    assert [last_due(n) for n in (0, 9, 10, 19, 20, 100, 109, 110, 120, 121, 133)] == [
        0, 0, 10, 10, 20, 100, 100, 110, 110, 121, 133,
    ]  # fmt: skip


@given(st.integers(0, 5_000))
def test_lessons_are_never_more_than_a_tenth_behind(audits: int) -> None:
    assert 0 <= audits - last_due(audits) < max(STEP, audits // 10 + 1)
    assert last_due(last_due(audits)) == last_due(audits)


def test_before_enough_audits_nothing_is_concluded() -> None:
    lessons = taught(STEP - 1).lessons
    assert (lessons.audits, lessons.ledger, lessons.floor) == (STEP - 1, START, 0.5)
    assert lessons.weight("ann") == lessons.weight("anybody")


def test_a_source_that_audits_confirm_is_believed_more_than_one_that_is_new() -> None:
    lessons = taught(40).lessons
    assert lessons.weight("ann") > 0.8
    assert lessons.weight("ann") >= lessons.weight("new") > 0.6


def test_a_source_that_audits_contradict_counts_nothing_and_lifts_nothing() -> None:
    memory = taught(20, is_honest=False)
    assert memory.lessons.weight("ann") == memory.lessons.weight("new") == 0
    assert memory.boosts(need()).evidence == {}


def test_clicks_that_nobody_audits_teach_nothing_however_many_agree() -> None:
    memory = Memory()
    before = memory.lessons.weight("mallory")
    for n in range(200):
        memory.tell(search(f"s{n}"), [said(f"s{n}", "c", source=f"mallory-{n % 9}")])
        memory.study()
    lessons = memory.lessons
    assert (lessons.audits, lessons.ledger, lessons.floor) == (0, START, 0.5)
    assert {lessons.weight(f"mallory-{n}") for n in range(9)} == {before}


def test_a_search_teaches_nothing_about_itself() -> None:
    """Each wording is asked once, so that without itself no audited search has a past."""
    memory = Memory()
    for n in range(30):
        name = f"s{n}"
        memory.tell(search(name, f"only{n} word{n} here{n}"), [said(name), audited(name, "a", is_right=True)])
        memory.study()
    assert memory.lessons.audits == 30
    assert memory.lessons.ledger.rows == 0
    assert memory.lessons.ledger.weights == START.weights


def test_boosts_that_audits_confirm_count_more_than_once_in_repeats_and_never_beyond_the_limit() -> None:
    far, near, repeat = taught(60).lessons.ledger.weights
    assert repeat > 1
    assert (far, near) == (0, 1)
    assert repeat <= 3


def test_where_trust_is_left_out_everybody_counts_in_full() -> None:
    assert taught(20, is_honest=False, without="trust").lessons.weight("ann") == 1
