"""What a state is made of, told by the turns of its history alone."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from lakehouse.table.files.spans import Turns, is_within, spans, turns

STEPS = st.lists(st.tuples(st.sampled_from(["next", "back", "anew"]), st.integers(0, 99)), max_size=40)


def history(steps: list[tuple[str, int]]) -> tuple[list[int], list[set[int]]]:
    """By sequence number: the state that each one goes on from, and what it holds: numbers that came in."""
    before, held = [0], [set[int]()]
    for n, (kind, choice) in enumerate(steps, 1):
        before.append({"next": n - 1, "back": choice % n, "anew": 0}[kind])
        held.append(held[before[n]] | (set() if kind == "back" else {n}))
    return before, held


@given(steps=STEPS)
def test_a_state_holds_what_lies_within_its_stretches(steps: list[tuple[str, int]]) -> None:
    before, held = history(steps)
    told = turns([(n, before[n]) for n in range(1, len(before))], told={})
    came_in = {n for n, (kind, _) in enumerate(steps, 1) if kind != "back"}
    for state in range(len(before)):
        found = spans([state], told)
        assert {n for n in came_in if is_within(found, n, n)} == held[state]


@given(steps=STEPS, kept=st.sets(st.integers(0, 40)))
def test_the_turns_that_matter_to_some_states_are_where_their_stretches_begin(
    steps: list[tuple[str, int]], kept: set[int]
) -> None:
    before, _ = history(steps)
    told = turns([(n, before[n]) for n in range(1, len(before))], told={})
    states = [n for n in kept if n < len(before)]
    starts = {start for start, _ in spans(states, told)}
    needed = {n: to for n, to in told.items() if n in starts}
    for state in states:
        assert spans([state], needed) == spans([state], told)


@pytest.mark.parametrize(
    ("states", "told", "found"),
    [
        ([], {}, ()),
        ([0], {}, ()),
        ([5], {}, ((0, 5),)),
        ([5, 3], {}, ((0, 5),)),
        ([5], {5: 2}, ((0, 2), (5, 5))),
        ([5], {5: 0}, ((5, 5),)),
        ([4, 7], {5: 2, 7: 4}, ((0, 4), (7, 7))),
        ([9], {4: 1, 7: 5}, ((0, 1), (4, 5), (7, 9))),
    ],
)
def test_stretches_by_example(states: list[int], told: Turns, found: tuple[tuple[int, int], ...]) -> None:
    assert spans(states, told) == found


def test_a_turn_is_where_history_does_not_simply_go_on() -> None:
    assert turns([(1, 0), (2, 1), (3, 1), (4, None), (5, 0)], told={4: 2}) == {3: 1, 4: 2, 5: 0}


def test_a_turn_to_what_came_later_is_none() -> None:
    assert turns([(2, 5), (3, 3)], told={}) == {}


def test_a_range_is_within_if_any_of_it_is() -> None:
    held = ((1, 3), (7, 9))
    assert [is_within(held, a, b) for a, b in [(3, 4), (4, 6), (0, 0), (5, 7), (0, 99)]] == [
        True,
        False,
        False,
        True,
        True,
    ]
