"""The log leads to one state: each record once, damage counted, rolled back and forward, whoever reads."""

from dataclasses import replace

import pytest

from lakehouse.matrix.playbook.events import Outcome
from lakehouse.matrix.playbook.fold import Fold
from lakehouse.matrix.playbook.memory import Memory
from lakehouse.matrix.playbook.params import DEFAULTS
from lakehouse.matrix.playbook.records import outcome_record
from lakehouse.store.journal import Journal
from lakehouse.store.memory import MemoryStore
from lakehouse.store.streams import Json
from tests.matrix.playbook.told import audited, need, said, search

Record = dict[str, Json]


@pytest.fixture
def journal() -> Journal:
    return Journal(MemoryStore())


def event(number: int, one: Outcome, *, carries: bool = True) -> Record:
    """An outcome as the log holds it; the first of its search carries the search."""
    first = search(one.search_id) if carries else None
    return outcome_record(one, event_id=f"e{number:04d}", rank=1, first=first)


def control(number: int, op: str, subject: str = "", to: str = "") -> Record:
    return {"event_id": f"e{number:04d}", "op": op, "subject": subject, "to": to}


def write(journal: Journal, *records: Record) -> None:
    for one in records:
        journal.append("playbook" if "op" in one else "outcomes", [one])


def folded(journal: Journal) -> Fold:
    fold = Fold(journal, DEFAULTS)
    fold.catch_up()
    return fold


def state(fold: Fold) -> tuple[object, ...]:
    """Everything that a question or a person can see of it."""
    memory: Memory = fold.memory
    weights = {source: memory.lessons.weight(source) for source in sorted(fold.sources)}
    learned = (memory.lessons.audits, memory.lessons.floor, memory.lessons.ledger, weights)
    return memory.boosts(need()), learned, fold.outcomes, fold.retired, fold.version


def traffic(count: int) -> list[Record]:
    """Searches with an outcome each; two of three are audited, and every fourth outcome is a lie."""
    records: list[Record] = []
    for n in range(count):
        name, key, other = f"s{n}", "abc"[n % 3], "abc"[(n + 1) % 3]
        is_lie = n % 4 == 0
        found = [said(name, key, source="mallory" if is_lie else f"u{n % 5}")]
        if n % 3:
            found += [audited(name, key, is_right=not is_lie), audited(name, other, is_right=is_lie)]
        records += [event(3 * n + at, one, carries=at == 0) for at, one in enumerate(found)]
    return records


def test_a_second_fold_over_the_same_log_is_equal_to_the_first(journal: Journal) -> None:
    growing = folded(journal)
    for record in traffic(60):
        write(journal, record)
        growing.catch_up()
    assert growing.memory.lessons.audits == 40
    assert state(folded(journal)) == state(growing)


@pytest.mark.parametrize("portion", [2, 7, 33])
def test_the_portions_in_which_a_log_is_read_do_not_matter(journal: Journal, portion: int) -> None:
    records, parted = traffic(60), Fold(journal, DEFAULTS)
    for start in range(0, len(records), portion):
        parted.apply(records[start : start + portion])
    whole = Fold(journal, DEFAULTS)
    whole.apply(records)
    assert state(parted) == state(whole)


def test_a_record_that_comes_again_changes_nothing(journal: Journal) -> None:
    fold = Fold(journal, DEFAULTS)
    fold.apply(traffic(12))
    before = state(fold)
    fold.apply(traffic(12))
    assert state(fold) == before


def test_a_record_that_comes_twice_at_once_counts_once(journal: Journal) -> None:
    fold = Fold(journal, DEFAULTS)
    fold.apply([event(1, said("s")), event(1, said("s"))])
    assert (fold.outcomes, fold.damaged) == (1, 0)


@pytest.mark.parametrize(
    "damage",
    [
        {"outcome": "loved"},
        {"search_id": ""},
        {"at_ms": "x"},
        {"value": 40.0},
        {"event_id": ""},
        {"doc_id": ""},
    ],
    ids=str,
)
def test_a_damaged_record_is_skipped_and_counted_and_the_others_hold(
    journal: Journal, damage: Record
) -> None:
    write(journal, event(1, said("s")))
    clean = state(folded(journal))[0]
    write(journal, {**event(2, said("t", "b")), **damage})
    fold = folded(journal)
    assert (state(fold)[0], fold.damaged, fold.outcomes) == (clean, 1, 1)


def test_an_outcome_whose_search_is_lost_is_counted_as_damage(journal: Journal) -> None:
    write(journal, event(1, said("s"), carries=False))
    fold = folded(journal)
    assert (fold.damaged, fold.outcomes) == (1, 0)


def test_damage_that_is_read_again_is_counted_once(journal: Journal) -> None:
    fold = Fold(journal, DEFAULTS)
    for _ in range(3):
        fold.apply([{**event(1, said("s")), "outcome": "loved"}])
    assert fold.damaged == 1


def test_a_rollback_takes_out_what_came_after_and_leaves_what_comes_next(journal: Journal) -> None:
    write(journal, event(1, said("s")))
    then = state(folded(journal))[0]
    write(
        journal,
        event(2, said("t", "b")),
        control(3, "retire_row", "jobs/a"),
        control(4, "rollback", to="e0001"),
    )
    fold = folded(journal)
    assert (state(fold)[0], fold.retired, fold.version) == (then, set(), "e0004")
    write(journal, event(5, said("v", "c")))
    fold.catch_up()
    assert (fold.outcomes, state(folded(journal))) == (2, state(fold))


def test_a_rollback_that_is_seen_late_leads_to_the_same_state(journal: Journal) -> None:
    late = folded(journal)
    write(journal, *traffic(8))
    late.catch_up()
    write(journal, control(900, "rollback", to="e0005"))
    late.catch_up()
    assert state(late) == state(folded(journal))


def test_one_rolls_forward_by_going_back_to_before_the_rollback(journal: Journal) -> None:
    write(journal, event(1, said("s")), event(2, said("t", "b")))
    before = state(folded(journal))[0]
    write(journal, control(3, "rollback", to="e0001"))
    assert state(folded(journal))[0] != before
    write(journal, control(4, "rollback", to="e0002"))
    assert state(folded(journal))[0] == before


def test_what_is_said_after_a_rollback_finds_its_search_though_what_carried_it_was_taken_out(
    journal: Journal,
) -> None:
    write(journal, event(1, said("s")), event(2, said("t")), control(3, "rollback", to="e0001"))
    write(journal, event(4, said("t", "b"), carries=False))
    fold = folded(journal)
    assert (fold.outcomes, fold.damaged) == (2, 0)


def test_rows_are_retired_and_restored_by_the_last_word(journal: Journal) -> None:
    write(journal, control(1, "retire_row", "jobs/a/1"), control(2, "retire_row", "jobs/b"))
    write(journal, control(3, "restore_row", "jobs/b"), control(4, "unheard_of", "x"))
    assert folded(journal).retired == {("jobs", "a/1")}


def test_distrust_in_hindsight_is_the_same_as_distrust_from_the_start(journal: Journal) -> None:
    hindsight = folded(journal)
    write(journal, *traffic(30))
    hindsight.catch_up()
    trusted = hindsight.memory.boosts(need()).evidence["jobs", "a"].successes
    write(journal, control(900, "distrust", "u1"))
    hindsight.catch_up()
    assert hindsight.memory.lessons.weight("u1") == 0
    assert hindsight.memory.boosts(need()).evidence["jobs", "a"].successes < trusted
    assert state(folded(journal)) == state(hindsight)


def test_what_two_writers_knew_of_the_same_search_is_one_trace(journal: Journal) -> None:
    write(journal, event(1, said("s")), event(2, replace(said("s", "b"), source="bob")))  # both carry it
    fold = folded(journal)
    assert (len(fold.memory), fold.outcomes) == (1, 2)
