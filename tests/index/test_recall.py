"""Recall: what counts as found, how sure the mean is, and what a search costs."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lakehouse.index.ann import Config, Found
from lakehouse.index.near import recall
from lakehouse.index.near.hnsw import Hnsw
from lakehouse.index.near.recall import BLOCK, TIE
from tests.suites.vector_index import best, clustered, unit

VECTORS = clustered(500, 16)
QUERIES = recall.sample(VECTORS, 30, seed=1)


def given(positions: object) -> Found:
    made: NDArray[np.int64] = np.asarray(positions, np.int64)
    return Found(made, np.zeros(made.shape, np.float32))


def test_the_truth_is_what_looking_at_all_gives() -> None:
    true = recall.truth(QUERIES, VECTORS, 10)
    assert (true.nearest.positions == best(VECTORS, QUERIES, 10)).all()
    scores = np.einsum("qkd,qd->qk", VECTORS[true.nearest.positions], QUERIES)
    np.testing.assert_allclose(true.nearest.scores, scores, atol=1e-5)


def test_the_truth_goes_through_the_vectors_in_blocks() -> None:
    vectors = clustered(2 * BLOCK + 5, 4)
    true = recall.truth(QUERIES[:5, :4] / np.linalg.norm(QUERIES[:5, :4], axis=1)[:, None], vectors, 7)
    scores = true.queries @ vectors.T
    np.testing.assert_allclose(true.nearest.scores, -np.sort(-scores, axis=1)[:, :7], atol=1e-6)


def test_the_truth_under_a_filter_is_within_it_and_may_be_short() -> None:
    allowed = np.zeros(500, bool)
    allowed[[3, 77, 401]] = True
    true = recall.truth(QUERIES, VECTORS, 5, allowed=allowed)
    assert (np.sort(true.nearest.positions[:, :3], axis=1) == [3, 77, 401]).all()
    assert (true.nearest.positions[:, 3:] == -1).all()
    assert recall.measure(true.nearest, true, seed=1).worst == 1
    assert recall.each(given([[0, 1, 3, -1, -1]] * 30), true).tolist() == pytest.approx([1 / 3] * 30)


def test_all_found_is_one_and_nothing_found_is_zero() -> None:
    true = recall.truth(QUERIES, VECTORS, 10)
    whole = recall.measure(true.nearest, true, seed=1)
    assert (whole.mean, whole.worst, whole.low, whole.high) == (1, 1, 1, 1)
    assert (whole.k, whole.queries) == (10, 30)
    none = recall.measure(given(np.full((30, 10), -1)), true, seed=1)
    assert (none.mean, none.high) == (0, 0)


def test_a_position_given_twice_counts_once() -> None:
    true = recall.truth(QUERIES[:1], VECTORS, 4)
    nearest = int(true.nearest.positions[0, 0])
    assert recall.each(given([[nearest] * 4]), true).tolist() == [0.25]


def test_of_equal_vectors_any_is_right() -> None:
    vectors = np.repeat(VECTORS[:50], 4, axis=0)
    true = recall.truth(QUERIES, vectors, 6)
    others = true.nearest.positions // 4 * 4 + (true.nearest.positions + 1) % 4
    assert recall.each(given(others), true).min() >= 1 - 1e-9


def test_scores_further_apart_than_a_tie_are_told_apart() -> None:
    angles = np.array([0.0, 0.1, 0.1 + 100 * TIE])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    true = recall.truth(vectors[:1], vectors, 2)
    assert recall.each(given([[0, 1]]), true).tolist() == [1]
    assert recall.each(given([[0, 2]]), true).tolist() == [0.5]


def test_the_interval_holds_the_mean_and_narrows_with_more_questions() -> None:
    wide, narrow = (halves(n) for n in (20, 400))
    assert wide.low < wide.mean == 0.75 < wide.high
    assert narrow.high - narrow.low < (wide.high - wide.low) / 3
    assert halves(20) == wide  # the same seed, the same interval


def halves(n: int) -> recall.Recall:
    """The recall of `n` questions of which every second found half."""
    queries = recall.sample(clustered(500, 16, seed=5), n, seed=2)
    true = recall.truth(queries, VECTORS, 2)
    found = true.nearest.positions.copy()
    found[::2, 1] = -1
    return recall.measure(given(found), true, seed=3)


def test_questions_are_near_their_vectors_but_not_them() -> None:
    for n in (1, 30, 500, 900):
        queries = recall.sample(VECTORS, n, seed=1)
        assert len(queries) == min(n, 500)
        nearest = (queries @ VECTORS.T).max(axis=1)
        assert ((nearest > 0.9) & (nearest < 0.999)).all()
        np.testing.assert_allclose(np.linalg.norm(queries, axis=1), 1, atol=1e-6)
        assert queries.dtype == np.float32
    assert (recall.sample(VECTORS, 30, seed=1) == QUERIES).all()
    assert (recall.sample(VECTORS, 30, seed=2) != QUERIES).any()


@pytest.mark.parametrize("n", [0, 1, 5, 2000])
def test_costs_are_measured_at_any_size(n: int, tmp_path: Path) -> None:
    vectors = clustered(n) if n else np.zeros((0, 48), np.float32)
    Hnsw().build(vectors, Config(), tmp_path, threads=1)
    found = recall.costs(Hnsw().load(tmp_path, Config()), vectors)
    assert found.scan_ns > 0
    assert found.exact_ns >= 0
    assert found.whole_ns > 0
    assert 0 < found.candidate_ns < 1e7


def test_moved_vectors_stay_unit_vectors_in_every_dimension() -> None:
    for d in (1, 2, 768):
        queries = recall.sample(unit(np.random.default_rng(0).standard_normal((5, d))), 5, seed=0)
        np.testing.assert_allclose(np.linalg.norm(queries, axis=1), 1, atol=1e-6)
