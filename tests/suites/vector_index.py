"""What every backend of vector indexes must do. A new one inherits this and adds `backend` and `config`
for the whole class, since most tests ask the same index.

Vectors lie in clusters, as embeddings do, with so much noise that neighbours are no closer than 0.5 (cosine).
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lakehouse.base.errors import Corrupt, Invalid
from lakehouse.index.ann import Backend, Config, VectorIndex, Vectors

N, D, K = 3000, 48, 10


def unit(vectors: NDArray[np.floating]) -> Vectors:
    """Each row divided by its length."""
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def clustered(n: int, d: int = D, *, centres: int = 60, seed: int = 1) -> Vectors:
    """(n, d): points around `centres` directions, noise as long as the direction itself."""
    made = np.random.default_rng(seed)
    middle = unit(np.random.default_rng(7).standard_normal((centres, d)))
    return unit(middle[made.integers(0, centres, n)] + made.standard_normal((n, d)) / np.sqrt(d))


def best(vectors: Vectors, queries: Vectors, k: int, allowed: NDArray[np.bool_] | None = None) -> Any:
    """The exact answer, by looking at every vector: positions (q, k)."""
    scores = queries @ vectors.T
    if allowed is not None:
        scores = np.where(allowed, scores, -np.inf)
    return np.argsort(-scores, axis=1, kind="stable")[:, :k]


def recall(found: NDArray[np.int64], truth: NDArray[np.int64]) -> float:
    """The mean share of the true neighbours that was found."""
    return float(np.mean([len(np.intersect1d(f, t)) / len(t) for f, t in zip(found, truth, strict=True)]))


class VectorIndexSuite:
    """The behaviour of the seams `Backend` and `VectorIndex`."""

    floor = 0.95
    """Of recall@10 without a filter."""

    @pytest.fixture
    def vectors(self) -> Vectors:
        return clustered(N)

    @pytest.fixture(scope="class")
    @classmethod
    def queries(cls) -> Vectors:
        return clustered(40, seed=2)

    @pytest.fixture(scope="class")
    @classmethod
    def index(cls, backend: Backend, config: Config, tmp_path_factory: pytest.TempPathFactory) -> VectorIndex:
        return cls.made(backend, clustered(N), config, tmp_path_factory.mktemp("suite"))

    @staticmethod
    def made(backend: Backend, vectors: Vectors, config: Config, parent: Path) -> VectorIndex:
        """An index over `vectors`, written and loaded."""
        folder = parent / f"index-{len(list(parent.iterdir()))}"
        folder.mkdir()
        backend.build(vectors, config, folder, threads=2)
        return backend.load(folder, config)

    def test_an_index_says_what_it_holds(self, index: VectorIndex) -> None:
        assert (index.size, index.dimension) == (N, D)
        assert N * D <= index.bytes < N * D * 20

    def test_most_of_the_nearest_are_found(
        self, index: VectorIndex, vectors: Vectors, queries: Vectors
    ) -> None:
        found = index.search(queries, K)
        assert recall(found.positions, best(vectors, queries, K)) >= self.floor
        assert found.positions.dtype == np.int64
        assert found.scores.dtype == np.float32

    def test_scores_are_cosines_best_first(
        self, index: VectorIndex, vectors: Vectors, queries: Vectors
    ) -> None:
        for found in (index.search(queries, K), index.exact(queries, K)):
            true = np.einsum("qkd,qd->qk", vectors[found.positions], queries)
            np.testing.assert_allclose(found.scores, true, atol=0.01)
            assert (np.diff(found.scores, axis=1) <= 1e-6).all()

    def test_the_exact_answer_is_exact(self, index: VectorIndex, vectors: Vectors, queries: Vectors) -> None:
        found = index.exact(queries, K)
        assert recall(found.positions, best(vectors, queries, K)) >= 0.98

    @pytest.mark.parametrize("share", [0.001, 0.01, 0.1, 0.5, 0.99])
    def test_only_what_is_allowed_is_found_and_nearly_all_of_it(
        self, index: VectorIndex, vectors: Vectors, queries: Vectors, share: float
    ) -> None:
        allowed = np.random.default_rng(3).random(N) < share
        truth = best(vectors, queries, min(K, np.count_nonzero(allowed)), allowed)
        for found in (index.search(queries, K, allowed=allowed), index.exact(queries, K, allowed=allowed)):
            there = found.positions >= 0
            assert allowed[found.positions[there]].all()
            assert (np.count_nonzero(there, axis=1) == truth.shape[1]).all()
            assert recall(found.positions, truth) >= 0.95

    def test_a_filter_that_forbids_the_neighbourhood_still_finds_the_nearest_beyond(
        self, index: VectorIndex, vectors: Vectors, queries: Vectors
    ) -> None:
        for query in queries[:10, None]:
            allowed = (query @ vectors.T)[0] < 0.3
            found = index.search(query, K, allowed=allowed)
            assert recall(found.positions, best(vectors, query, K, allowed)) >= 0.9

    def test_where_nothing_is_allowed_nothing_is_found(self, index: VectorIndex, queries: Vectors) -> None:
        for found in (
            index.search(queries, K, allowed=np.zeros(N, bool)),
            index.exact(queries, K, allowed=np.zeros(N, bool)),
        ):
            assert (found.positions == -1).all()
            assert np.isneginf(found.scores).all()

    def test_asking_for_more_than_there_are_gives_all_of_them(
        self, backend: Backend, config: Config, vectors: Vectors, queries: Vectors, tmp_path: Path
    ) -> None:
        index = self.made(backend, vectors[:5], config, tmp_path)
        for found in (index.search(queries, 8), index.exact(queries, 8)):
            assert (np.sort(found.positions[:, :5], axis=1) == np.arange(5)).all()
            assert (found.positions[:, 5:] == -1).all()
            assert np.isneginf(found.scores[:, 5:]).all()

    @pytest.mark.parametrize("n", [1, 2, 3, 40, 300])
    def test_small_sets_are_indexes_too(
        self, backend: Backend, config: Config, queries: Vectors, n: int, tmp_path: Path
    ) -> None:
        few = clustered(n, seed=4)
        index = self.made(backend, few, config, tmp_path)
        found = index.search(queries, min(n, K))
        assert recall(found.positions, best(few, queries, min(n, K))) >= 0.95

    def test_an_index_over_nothing_finds_nothing(
        self, backend: Backend, config: Config, queries: Vectors, tmp_path: Path
    ) -> None:
        index = self.made(backend, np.zeros((0, D), np.float32), config, tmp_path)
        assert (index.size, index.dimension) == (0, D)
        assert (index.search(queries, 2).positions == -1).all()
        assert (index.exact(queries, 2, allowed=np.zeros(0, bool)).positions == -1).all()

    def test_equal_vectors_are_all_found_and_hide_nothing(
        self, backend: Backend, config: Config, vectors: Vectors, queries: Vectors, tmp_path: Path
    ) -> None:
        crowded = vectors.copy()
        crowded[::2] = vectors[1]  # half of all: the same sentence over and over
        index = self.made(backend, crowded, config, tmp_path)
        found = index.search(crowded[:1], 50)
        assert len(set(found.positions[0].tolist())) == 50
        np.testing.assert_allclose(found.scores, 1, atol=0.01)
        apart = crowded[3::2][:40]
        assert recall(index.search(apart, 1).positions, np.arange(3, 83, 2)[:, None]) >= 0.95
        allowed = np.arange(N) % 4 == 2
        only = index.search(crowded[:1], 50, allowed=allowed).positions
        assert allowed[only].all()

    def test_nearly_equal_vectors_hide_nothing(
        self, backend: Backend, config: Config, vectors: Vectors, tmp_path: Path
    ) -> None:
        crowded = vectors.copy()
        crowded[::2] = unit(vectors[1] + 1e-3 * vectors[::2])
        index = self.made(backend, crowded, config, tmp_path)
        queries = unit(crowded[3::2][:100] + 0.02 * vectors[:100])
        assert recall(index.search(queries, 1).positions, best(crowded, queries, 1)) >= 0.95

    @pytest.mark.parametrize(
        ("bad", "fault"),
        [(np.nan, "not finite"), (np.inf, "not finite"), (0.0, "no length"), (3.0, "length")],
    )
    def test_a_vector_that_cannot_be_compared_is_named(
        self, backend: Backend, config: Config, vectors: Vectors, bad: float, fault: str, tmp_path: Path
    ) -> None:
        vectors[[17, 29]] = bad
        with pytest.raises(Invalid, match=f"vector 17 .*{fault}"):
            backend.build(vectors, config, tmp_path, threads=1)

    @pytest.mark.parametrize(
        "wrong", [{"m": 3}, {"ef_construction": 801}, {"ef_search": 0}, {"rerank": -1}, {"storage": "fp8"}]
    )
    def test_a_setting_out_of_range_is_refused(
        self, backend: Backend, config: Config, vectors: Vectors, wrong: dict[str, Any], tmp_path: Path
    ) -> None:
        with pytest.raises(Invalid) as refused:
            backend.build(vectors, replace(config, **wrong), tmp_path, threads=1)
        assert next(iter(wrong)) in refused.value.hint

    def test_a_question_that_does_not_fit_is_refused(self, index: VectorIndex, queries: Vectors) -> None:
        for ask in (index.search, index.exact):
            with pytest.raises(Invalid, match="20 members, the index 48"):
                ask(unit(queries[:, :20]), K)
            with pytest.raises(Invalid, match="k is at least 1"):
                ask(queries, 0)
            with pytest.raises(Invalid, match="vector 0 has a length of 2"):
                ask(2 * queries, K)
            with pytest.raises(Invalid, match="filter"):
                ask(queries, K, allowed=np.ones(N - 1, bool))

    def test_more_candidates_find_no_less(
        self, index: VectorIndex, vectors: Vectors, queries: Vectors
    ) -> None:
        truth = best(vectors, queries, K)
        few, many = (recall(index.search(queries, K, ef_search=ef).positions, truth) for ef in (10, 1000))
        assert many >= max(few, self.floor)

    def test_many_may_search_at_once(self, index: VectorIndex, queries: Vectors) -> None:
        allowed = np.arange(N) % 3 == 0
        alone = [index.search(q[None], K, allowed=allowed).positions.tolist() for q in queries]
        with ThreadPoolExecutor(8) as pool:
            for _ in range(3):
                again = pool.map(lambda q: index.search(q[None], K, allowed=allowed), queries)
                assert [found.positions.tolist() for found in again] == alone

    def test_a_folder_without_an_index_is_corrupt(
        self, backend: Backend, config: Config, tmp_path: Path
    ) -> None:
        with pytest.raises(Corrupt):
            backend.load(tmp_path, config)
