"""Equal vectors are grouped once, by all their bytes, and every position of a group is found."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Corrupt
from lakehouse.index.near.groups import BLOCK, Groups, Mask, group, regrouped
from tests.suites.vector_index import clustered

SIX = Groups(np.array([0, 1, 0, 2, 1, 0]))
"""Group 0: positions 0, 2, 5; group 1: 1, 4; group 2: 3."""


def mask(*allowed: int, size: int = 6) -> Mask:
    return np.isin(np.arange(size), allowed)


def spread(labels: list[list[int]], k: int, allowed: Mask | None = None) -> list[list[int]]:
    """Positions of the groups; each group scores a tenth less than the one before."""
    scores = np.ones((len(labels), len(labels[0]) if labels else 0), np.float32)
    scores -= np.arange(scores.shape[1], dtype=np.float32) / 10
    return SIX.spread(np.array(labels, np.int64), scores, k, allowed=allowed).positions.tolist()  # type: ignore[no-any-return]


def test_a_group_has_its_positions_rising_and_its_first_is_the_lowest() -> None:
    assert SIX.members.tolist() == [0, 2, 5, 1, 4, 3]
    assert SIX.starts.tolist() == [0, 3, 5, 6]
    assert SIX.first.tolist() == [0, 1, 3]


def test_the_memory_of_groups_is_that_of_their_four_arrays() -> None:
    assert SIX.bytes == 8 * (6 + 6 + 4 + 3)


def test_a_group_is_allowed_when_one_of_its_positions_is() -> None:
    assert SIX.any_of(mask()).tolist() == [False, False, False]
    assert SIX.any_of(mask(5)).tolist() == [True, False, False]
    assert SIX.any_of(mask(3, 4)).tolist() == [False, True, True]
    assert SIX.any_of(mask(0, 1, 2, 3, 4, 5)).all()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=30), st.data())
def test_allowed_groups_are_those_of_the_allowed_positions(which: list[int], data: st.DataObject) -> None:
    _, of = np.unique(which, return_inverse=True)
    chosen = data.draw(st.lists(st.booleans(), min_size=len(of), max_size=len(of)))
    found = Groups(of.astype(np.int64)).any_of(np.array(chosen))
    assert set(np.flatnonzero(found).tolist()) == {
        int(g) for g, is_in in zip(of, chosen, strict=True) if is_in
    }


def test_all_positions_of_the_best_group_come_before_those_of_the_next() -> None:
    assert spread([[1, 0, 2]], 6) == [[1, 4, 0, 2, 5, 3]]


def test_a_group_that_is_larger_than_the_room_is_cut_at_its_lowest_positions() -> None:
    assert spread([[0, 1]], 2) == [[0, 2]]
    assert spread([[1, 0]], 4) == [[1, 4, 0, 2]]


def test_where_the_groups_run_out_the_rest_is_empty() -> None:
    found = SIX.spread(np.array([[2, -1, -1]]), np.array([[0.5, 0.4, 0.3]], np.float32), 3, allowed=None)
    assert found.positions.tolist() == [[3, -1, -1]]
    assert found.scores[0, 0] == np.float32(0.5)
    assert np.isneginf(found.scores[0, 1:]).all()


def test_positions_of_a_group_share_its_score() -> None:
    found = SIX.spread(np.array([[1, 0]]), np.array([[0.9, 0.2]], np.float32), 5, allowed=None)
    np.testing.assert_array_equal(found.scores, np.array([[0.9, 0.9, 0.2, 0.2, 0.2]], np.float32))


def test_forbidden_positions_leave_their_room_to_others() -> None:
    assert spread([[0, 1, 2]], 3, mask(5, 4, 3)) == [[5, 4, 3]]
    assert spread([[0, 1, 2]], 3, mask(2)) == [[2, -1, -1]]
    assert spread([[0, 1, 2]], 2, mask()) == [[-1, -1]]


def test_each_question_is_spread_by_itself() -> None:
    assert spread([[2, 1], [0, -1], [-1, -1]], 2) == [[3, 1], [0, 2], [-1, -1]]
    assert spread([], 2) == []


@settings(max_examples=50, deadline=None)
@given(st.permutations([0, 1, 2]), st.integers(1, 8), st.sets(st.integers(0, 5)))
def test_spreading_gives_each_allowed_position_once_in_the_order_of_groups(
    order: list[int], k: int, chosen: set[int]
) -> None:
    wanted = [p for g in order for p in range(6) if SIX.of[p] == g and p in chosen][:k]
    assert spread([order], k, mask(*chosen)) == [wanted + [-1] * (k - len(wanted))]


@pytest.mark.parametrize("of", [[0], [0, 0, 0], [0, 1, 2], [0, 1, 0, 2, 1]])
def test_groups_that_fit_an_index_are_taken_as_they_were_written(of: list[int]) -> None:
    made = regrouped(np.array(of, np.int64), linked=max(of) + 1)
    assert made.of.tolist() == of
    assert len(made.first) == max(of) + 1


@pytest.mark.parametrize(
    ("of", "linked"),
    [([0, 1], 3), ([0, 1, 2], 2), ([1, 2], 2), ([0, 2], 2), ([-1, 0], 2), ([], 1), ([0], 0), ([0, 2, 3], 3)],
)
def test_groups_that_do_not_fit_an_index_are_corrupt_and_say_how_to_heal(of: list[int], linked: int) -> None:
    with pytest.raises(Corrupt, match="do not fit") as corrupt:
        regrouped(np.array(of, np.int64), linked=linked)
    assert "build the index again" in corrupt.value.hint


@pytest.mark.parametrize("n", [0, 1, 2, 50])
def test_where_all_vectors_differ_there_are_no_groups(n: int) -> None:
    assert group(clustered(n, 16) if n else np.zeros((0, 16), np.float32), np.float32) is None


def test_equal_vectors_are_one_group_in_the_order_of_first_positions() -> None:
    a, b, c = np.eye(3, dtype=np.float32)
    made = group(np.stack([b, a, b, c, a, b]), np.float32)
    assert made is not None
    assert made.of.tolist() == [0, 1, 0, 2, 1, 0]


def test_vectors_that_are_all_equal_are_one_group() -> None:
    made = group(np.tile(np.eye(1, 7, dtype=np.float32), (40, 1)), np.float16)
    assert made is not None
    assert made.first.tolist() == [0]
    assert made.members.tolist() == list(range(40))


def test_vectors_are_equal_once_they_round_to_the_same() -> None:
    one = np.array([[0.6, 0.8]], np.float32)
    near = np.nextafter(one, np.float32(1))
    assert group(np.concatenate([one, near]), np.float32) is None
    made = group(np.concatenate([one, near]), np.float16)
    assert made is not None
    assert made.of.tolist() == [0, 0]


@pytest.mark.parametrize("d", [1, 2, 3, 4, 5, 7, 8, 31, 32])
@pytest.mark.parametrize("kind", [np.float32, np.float16])
def test_every_dimension_is_compared_to_its_last_member(
    d: int, kind: type[np.float32] | type[np.float16]
) -> None:
    rows = np.zeros((4, d), np.float32)
    rows[1, -1] = rows[3, -1] = 1
    made = group(rows, kind)
    assert made is not None
    assert made.of.tolist() == [0, 1, 0, 1]


def test_equal_vectors_find_each_other_across_blocks() -> None:
    vectors = np.random.default_rng(1).standard_normal((2 * BLOCK + 3, 4)).astype(np.float32)
    vectors[[BLOCK, 2 * BLOCK + 2]] = vectors[5]
    made = group(vectors, np.float32)
    assert made is not None
    assert len(made.first) == len(vectors) - 2
    assert np.flatnonzero(made.of == made.of[5]).tolist() == [5, BLOCK, 2 * BLOCK + 2]


def test_vectors_whose_digests_agree_are_still_compared_whole() -> None:
    # Digests are weighed sums of a row's words: what one word gives, another can take back.
    weights = [(n * 0x9E3779B97F4A7C15 | 1) % 2**64 for n in (1, 2)]
    honest = np.array([[0.5, 0.5, 0.5, 0.5]], np.float32)
    words = [int(word) for word in honest.view(np.uint64)[0]]
    forged = [(words[0] + weights[1]) % 2**64, (words[1] - weights[0]) % 2**64]
    assert (np.dot(words, weights) - np.dot(forged, weights)) % 2**64 == 0
    rows = np.concatenate([honest, np.array([forged], np.uint64).view(np.float32)])
    assert group(rows, np.float32) is None
    made = group(rows[[0, 1, 0]], np.float32)
    assert made is not None
    assert made.of.tolist() == [0, 1, 0]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[st.sampled_from([0.0, 0.5, 1.0])] * 3), max_size=25), st.booleans())
def test_grouping_is_what_comparing_all_with_all_would_give(
    rows: list[tuple[float, ...]], is_half: bool
) -> None:
    made = group(np.array(rows, np.float32).reshape(-1, 3), np.float16 if is_half else np.float32)
    places: dict[tuple[float, ...], list[int]] = defaultdict(list)
    for at, row in enumerate(rows):
        places[row].append(at)
    if len(places) == len(rows):
        assert made is None
    else:
        assert made is not None
        assert [
            made.members[a:b].tolist() for a, b in zip(made.starts, made.starts[1:], strict=False)
        ] == list(places.values())
