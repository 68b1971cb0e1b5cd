"""Clustered vectors: the same for the same seed, unit length, clusters that touch, answers that are exact."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.bench.corpora.clusters import BLOCK, Clusters, Matrix, recall, truth

SMALL = Clusters(dimension=48, centres=20)


def drawn(shape: Clusters, rows: int) -> Matrix:
    return np.concatenate([vectors for vectors, _ in shape.blocks(rows)])


def test_the_same_seed_gives_the_same_vectors_and_another_one_others() -> None:
    assert np.array_equal(drawn(SMALL, 50), drawn(SMALL, 50))
    assert not np.array_equal(drawn(SMALL, 50), drawn(Clusters(dimension=48, centres=20, seed=1), 50))


def test_every_vector_is_of_unit_length_and_single_precision() -> None:
    vectors = drawn(SMALL, 200)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(200), abs=1e-6)


def test_blocks_are_full_but_for_the_last_and_each_differs() -> None:
    shape = Clusters(dimension=2, centres=3, latent=2)
    blocks = [vectors for vectors, _ in shape.blocks(2 * BLOCK + 1)]
    assert [len(block) for block in blocks] == [BLOCK, BLOCK, 1]
    assert not np.array_equal(blocks[0], blocks[1])


def test_questions_are_of_the_same_kind_but_none_of_the_vectors() -> None:
    vectors, questions = drawn(SMALL, 2000), SMALL.questions(30)
    nearest = (questions @ vectors.T).max(axis=1)
    assert (nearest > 0.5).all()
    assert (nearest < 0.9999).all()


def test_vectors_of_one_cluster_are_nearer_than_those_of_two_and_yet_clusters_touch() -> None:
    ((vectors, of),) = SMALL.blocks(1000)
    cosines = vectors @ vectors.T
    same = of[:, None] == of[None, :]
    np.fill_diagonal(same, val=False)
    other = of[:, None] != of[None, :]
    assert cosines[same].mean() > cosines[other].mean() + 0.3
    assert cosines[other].max() > cosines[same].min()


def test_a_shape_says_how_it_is_made() -> None:
    said = str(SMALL)
    assert "20 centres" in said
    assert all(f"{value}" in said for value in (SMALL.spread, SMALL.noise, SMALL.seed, SMALL.latent))


@given(st.integers(1, 40), st.integers(1, 12), st.integers(0, 1000))
def test_the_truth_is_what_sorting_all_of_them_gives(rows: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    vectors, questions = rng.random((rows, 4), np.float32), rng.random((3, 4), np.float32)
    scores = questions @ vectors.T
    found = truth(vectors, questions, k)
    assert found.shape == (3, min(k, rows))
    for row, positions in enumerate(found):
        best = np.sort(scores[row])[::-1][: len(positions)]
        assert np.sort(scores[row, positions])[::-1] == pytest.approx(best, abs=1e-6)


def test_the_truth_under_a_filter_names_allowed_rows_by_their_own_position() -> None:
    vectors = np.eye(5, dtype=np.float32)
    allowed = np.array([False, True, False, True, True])
    found = truth(vectors, vectors[[3, 0]], 2, allowed=allowed)
    assert 3 in found[0]
    assert set(found.ravel().tolist()) <= {1, 3, 4}


def test_where_no_row_is_allowed_nothing_is_true_and_finding_nothing_is_right() -> None:
    vectors = np.eye(4, dtype=np.float32)
    true = truth(vectors, vectors, 2, allowed=np.zeros(4, bool))
    assert true.shape == (4, 0)
    assert recall([[]] * 4, true) == 1
    assert recall([[], [1], [], []], true) == 0.75


def test_more_than_a_hundred_questions_are_all_answered() -> None:
    vectors = drawn(SMALL, 300)
    assert (truth(vectors, vectors, 1)[:, 0] == np.arange(300)).all()


def test_recall_counts_what_was_found_and_not_its_order() -> None:
    true = np.array([[1, 2], [3, 4]])
    assert recall([[2, 1], [4, 3]], true) == 1
    assert recall([[1, 9], [4, 3]], true) == 0.75
    assert recall([[], []], true) == 0
    assert recall([[1, 1], [3, 3]], true) == 0.5
