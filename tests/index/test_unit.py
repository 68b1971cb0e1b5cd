"""What may enter an index: each fault is named, each fit input passes untouched."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.index.ann import Config
from lakehouse.index.near.unit import (
    LENGTH_TOLERANCE,
    RANGES,
    STORAGES,
    check_allowed,
    check_config,
    check_question,
    check_vectors,
    nothing,
)
from tests.suites.vector_index import clustered

AXES = np.eye(3, dtype=np.float32)


def test_vectors_that_are_right_already_are_not_copied() -> None:
    assert check_vectors(AXES) is AXES


@pytest.mark.parametrize("kind", [np.float16, np.float64, np.longdouble])
def test_vectors_of_any_precision_become_single_precision(kind: type[np.floating[Any]]) -> None:
    made = check_vectors(AXES.astype(kind))
    assert made.dtype == np.float32
    np.testing.assert_array_equal(made, AXES)


@pytest.mark.parametrize("order", ["columns first", "every second", "backwards"])
def test_vectors_however_they_lie_in_memory_come_out_row_after_row(order: str) -> None:
    vectors = clustered(20, 8)
    given = {
        "columns first": np.asfortranarray(vectors),
        "every second": vectors[::2],
        "backwards": vectors[::-1],
    }
    made = check_vectors(given[order])
    assert made.flags.c_contiguous
    np.testing.assert_array_equal(made, given[order])


def test_no_vectors_at_all_are_a_matrix_as_long_as_they_have_a_dimension() -> None:
    assert check_vectors(np.zeros((0, 5), np.float32)).shape == (0, 5)


@pytest.mark.parametrize("shape", [(), (3,), (2, 0), (0, 0), (1, 2, 3)])
def test_what_is_no_matrix_is_refused_with_the_shape_that_is_wanted(shape: tuple[int, ...]) -> None:
    with pytest.raises(Invalid, match="one in each row") as refused:
        check_vectors(np.ones(shape, np.float32))
    assert "(n, dimension)" in refused.value.hint


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        ([np.nan, 0, 0], "is not finite"),
        ([1, np.nan, 0], "is not finite"),
        ([np.inf, -np.inf, 0], "is not finite"),
        ([3e38, 0, 0], "is not finite"),
        ([0, 0, 0], "has no length"),
        ([3, 4, 0], "has a length of 5, not 1"),
        ([0.5, 0, 0], "has a length of 0.5, not 1"),
    ],
)
def test_the_vector_that_is_wrong_is_named_with_what_is_wrong(at: int, bad: list[float], fault: str) -> None:
    vectors = AXES.copy()
    vectors[at] = bad
    with np.errstate(over="ignore", invalid="ignore"), pytest.raises(Invalid) as refused:
        check_vectors(vectors)
    assert refused.value.message == f"vector {at} {fault}"
    assert refused.value.context["position"] == at
    assert "divide each vector by its length" in refused.value.hint


def test_of_several_wrong_vectors_the_first_is_named() -> None:
    vectors = np.stack([AXES[0], 2 * AXES[1], 0 * AXES[2], AXES[1] * np.float32("nan")])
    with pytest.raises(Invalid, match="vector 1 has a length of 2"):
        check_vectors(vectors)


def test_a_message_never_shows_the_numbers_of_a_vector() -> None:
    with pytest.raises(Invalid) as refused:
        check_vectors(np.array([[0.123456, 7.654321]], np.float32))
    assert "123456" not in refused.value.message + refused.value.hint + str(refused.value.context)


@pytest.mark.parametrize(
    ("share", "passes"), [(-2, False), (-0.9, True), (0.0, True), (0.9, True), (2, False)]
)
def test_a_length_may_be_off_by_the_tolerance_and_no_more(share: float, passes: bool) -> None:
    vectors = AXES * np.float32(1 + share * LENGTH_TOLERANCE)
    if passes:
        assert check_vectors(vectors) is vectors
    else:
        with pytest.raises(Invalid, match="vector 0"):
            check_vectors(vectors)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 40), st.integers(2, 64), st.integers(0, 999))
def test_rounding_to_half_precision_keeps_a_vector_within_the_tolerance(n: int, d: int, seed: int) -> None:
    rounded = clustered(n, d, seed=seed).astype(np.float16)
    assert check_vectors(rounded).shape == (n, d)


@pytest.mark.parametrize("k", [0, -1, -(10**9)])
def test_fewer_than_one_hit_cannot_be_asked_for(k: int) -> None:
    with pytest.raises(Invalid, match=f"k is at least 1, not {k}") as refused:
        check_question(AXES, k, dimension=3)
    assert refused.value.hint


@pytest.mark.parametrize(("shape", "members"), [((1, 4), 4), ((3,), 3), ((2, 2, 3), 3), ((), 0), ((1, 0), 0)])
def test_a_question_of_another_shape_is_refused_with_both_dimensions(
    shape: tuple[int, ...], members: int
) -> None:
    with pytest.raises(Invalid, match=rf"a query has {members} members, the index 3") as refused:
        check_question(np.ones(shape, np.float32), 1, dimension=3)
    assert "the model" in refused.value.hint


def test_no_question_is_a_question_that_gets_no_answer() -> None:
    assert check_question(np.zeros((0, 3), np.float32), 5, dimension=3).shape == (0, 3)


def test_a_question_that_is_no_unit_vector_is_refused_like_any_vector() -> None:
    with pytest.raises(Invalid, match="vector 2 has no length"):
        check_question(np.diag([1.0, 1.0, 0.0]), 1, dimension=3)


def test_no_filter_is_right_for_any_size() -> None:
    assert check_allowed(None, size=0) is None
    assert check_allowed(None, size=10**9) is None


@pytest.mark.parametrize("size", [0, 1, 7])
def test_a_filter_with_one_boolean_for_each_position_passes_as_it_is(size: int) -> None:
    mask = np.ones(size, bool)
    assert check_allowed(mask, size=size) is mask


@pytest.mark.parametrize(
    "mask",
    [
        np.ones(2, bool),
        np.ones(4, bool),
        np.ones((3, 1), bool),
        np.ones(3, np.int8),
        np.arange(3),
        np.ones(3),
    ],
)
def test_a_filter_of_another_shape_or_of_numbers_is_refused(mask: np.ndarray[Any, Any]) -> None:
    # Numbers would be taken for positions by numpy, and other rows would be found.
    with pytest.raises(Invalid, match="the filter is an array of shape") as refused:
        check_allowed(mask, size=3)
    assert refused.value.hint == "pass 3 booleans, one for each position"
    assert str(mask.dtype) in refused.value.message


def test_the_settings_an_index_has_by_default_are_in_their_ranges() -> None:
    check_config(Config())


@pytest.mark.parametrize("name", RANGES)
def test_both_ends_of_a_range_pass_and_one_step_beyond_does_not(name: str) -> None:
    low, high = RANGES[name]
    for value in (low, high):
        check_config(Config(**{name: value}))  # type: ignore[arg-type]
    for value in (low - 1, high + 1):
        with pytest.raises(Invalid, match=f"{name} is {value}") as refused:
            check_config(Config(**{name: value}))  # type: ignore[arg-type]
        assert refused.value.hint == f"set {name} from {low} to {high}"


@pytest.mark.parametrize("storage", ["fp8", "FP16", "", "bf16"])
def test_a_storage_that_is_not_known_is_refused_with_those_that_are(storage: str) -> None:
    with pytest.raises(Invalid, match=f"storage is '{storage}'") as refused:
        check_config(Config(storage=storage))  # type: ignore[arg-type]
    assert all(known in refused.value.hint for known in STORAGES)


@pytest.mark.parametrize(("queries", "k"), [(0, 3), (1, 1), (4, 2)])
def test_nothing_found_has_a_place_for_each_hit_that_was_asked_for(queries: int, k: int) -> None:
    found = nothing(queries, k)
    assert found.positions.shape == found.scores.shape == (queries, k)
    assert (found.positions.dtype.name, found.scores.dtype.name) == ("int64", "float32")
    assert (found.positions == -1).all()
    assert np.isneginf(found.scores).all()
