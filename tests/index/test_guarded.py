"""A library's candidates, made trustworthy: what its graph misses or the filter hides is still found."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid, Unavailable
from lakehouse.index.ann import Config, Vectors
from lakehouse.index.near.groups import Mask, Positions, group
from lakehouse.index.near.guarded import Guarded
from tests.suites.vector_index import best, clustered

D = 16


@dataclass(slots=True)
class InMemory:
    """Candidates over an array; its graph reaches only labels below `reach`; it notes what is asked."""

    vectors: Vectors
    reach: int
    better: Vectors | None = None
    asked: list[str] = field(default_factory=list)
    size: int = field(init=False)
    dimension: int = field(init=False)
    bytes: int = field(init=False)

    def __post_init__(self) -> None:
        self.size, self.dimension = self.vectors.shape
        self.bytes = self.vectors.nbytes

    @property
    def full(self) -> Callable[[Positions], Vectors] | None:
        better = self.better
        return None if better is None else lambda labels: better[labels]

    def walk(self, queries: Vectors, depth: int, ef: int) -> tuple[Positions, Vectors]:
        self.asked.append(f"walk {ef}")
        return self._best(queries, depth, np.arange(self.size) < self.reach)

    def sift(self, queries: Vectors, depth: int, allowed: Mask) -> tuple[Positions, Vectors]:
        self.asked.append("sift")
        return self._best(queries, depth, allowed)

    def scan(self, queries: Vectors, depth: int, allowed: Mask | None) -> tuple[Positions, Vectors]:
        self.asked.append("scan")
        return self._best(queries, depth, np.ones(self.size, bool) if allowed is None else allowed)

    def _best(self, queries: Vectors, depth: int, inside: Mask) -> tuple[Positions, Vectors]:
        scores = np.where(inside, queries @ self.vectors.T, np.float32(-np.inf))
        labels = np.argsort(-scores, axis=1, kind="stable")[:, :depth]
        found = np.take_along_axis(scores, labels, axis=1)
        return np.where(np.isneginf(found), -1, labels), found


def guarded(
    vectors: Vectors, *, reach: int | None = None, config: Config | None = None
) -> tuple[Guarded, InMemory]:
    """An index over vectors, of which equal ones are linked once as a backend does it."""
    groups = group(vectors, np.float32)
    linked = vectors if groups is None else vectors[groups.first]
    candidates = InMemory(linked, len(linked) if reach is None else reach)
    return Guarded(candidates, config or Config(), groups), candidates


VECTORS, QUERIES = clustered(400, D), clustered(6, D, seed=9)


def test_without_a_filter_the_graph_alone_is_asked() -> None:
    index, candidates = guarded(VECTORS)
    found = index.search(QUERIES, 5)
    assert (found.positions == best(VECTORS, QUERIES, 5)).all()
    assert candidates.asked == ["walk 64"]


def test_what_a_graph_cannot_reach_is_looked_for_by_going_through_all() -> None:
    index, candidates = guarded(VECTORS, reach=3)
    assert (index.search(QUERIES, 5).positions == best(VECTORS, QUERIES, 5)).all()
    assert candidates.asked == ["walk 64", "scan"]


@pytest.mark.parametrize(("given", "used"), [(0, 64), (7, 7), (300, 300)])
def test_a_width_that_is_asked_for_stands_over_the_configured_one(given: int, used: int) -> None:
    index, candidates = guarded(VECTORS)
    index.search(QUERIES, 5, ef_search=given)
    assert candidates.asked == [f"walk {used}"]


def test_under_a_filter_a_head_with_enough_allowed_is_trusted() -> None:
    index, candidates = guarded(VECTORS)
    allowed = np.arange(400) % 10 != 0
    found = index.search(QUERIES, 5, allowed=allowed)
    assert (found.positions == best(VECTORS, QUERIES, 5, allowed)).all()
    assert candidates.asked == ["walk 64"]


def test_under_a_filter_that_forbids_the_neighbourhood_the_allowed_ones_are_gone_through() -> None:
    query = VECTORS[:1]
    allowed = (query @ VECTORS.T)[0] < np.sort(query @ VECTORS.T)[0, 200]
    index, candidates = guarded(VECTORS)
    found = index.search(query, 5, allowed=allowed)
    assert (found.positions == best(VECTORS, query, 5, allowed)).all()
    assert candidates.asked[-1] == "sift"


def test_allowed_ones_at_the_far_end_of_the_candidates_are_not_enough() -> None:
    query = VECTORS[:1]
    nearest = best(VECTORS, query, 400)[0]
    allowed = np.zeros(400, bool)
    allowed[nearest[40:240]] = True  # of 73 candidates the last 33, while the first 30 are trusted
    index, candidates = guarded(VECTORS)
    assert index.search(query, 10, allowed=allowed).positions.tolist() == [nearest[40:50].tolist()]
    assert candidates.asked == ["walk 73", "sift"]


def test_only_the_questions_with_too_few_are_asked_again() -> None:
    ring = np.stack([np.cos(angles := np.linspace(0, np.pi, 4000)), np.sin(angles)], axis=1).astype(
        np.float32
    )
    allowed = np.arange(4000) >= 2000
    index, candidates = guarded(ring)
    found = index.search(ring[[3000, 0]], 4, allowed=allowed)
    assert candidates.asked[1:] == ["sift"]
    assert sorted(found.positions[0].tolist()) in ([2998, 2999, 3000, 3001], [2999, 3000, 3001, 3002])
    assert found.positions[1].tolist() == [2000, 2001, 2002, 2003]


def test_a_filter_too_narrow_for_any_graph_is_not_walked_at_all() -> None:
    index, candidates = guarded(clustered(3000, D))
    allowed = np.zeros(3000, bool)
    allowed[[5, 17]] = True
    found = index.search(QUERIES, 10, allowed=allowed)
    assert candidates.asked == ["sift"]
    assert (np.sort(found.positions[:, :2], axis=1) == [5, 17]).all()
    assert (found.positions[:, 2:] == -1).all()
    assert np.isneginf(found.scores[:, 2:]).all()


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.8, 1.0])
@pytest.mark.parametrize("reach", [0, 40, 400])
def test_however_poor_the_graph_a_filtered_answer_has_nothing_forbidden_and_nothing_short(
    share: float, reach: int
) -> None:
    index, _ = guarded(VECTORS, reach=reach)
    allowed = np.random.default_rng(5).random(400) < share
    found = index.search(QUERIES, 8, allowed=allowed).positions
    there = found >= 0
    assert (np.count_nonzero(there, axis=1) == min(8, np.count_nonzero(allowed))).all()
    assert allowed[found[there]].all()


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.integers(1, 12), st.integers(0, 999), st.booleans())
def test_the_exact_answer_is_that_of_looking_at_all_in_the_order_of_scores(
    n: int, k: int, seed: int, is_filtered: bool
) -> None:
    vectors = clustered(n, D, seed=seed)
    allowed = np.random.default_rng(seed).random(n) < 0.5 if is_filtered else None
    index, _ = guarded(vectors)
    found = index.exact(QUERIES, k, allowed=allowed)
    count = min(k, n if allowed is None else int(np.count_nonzero(allowed)))
    assert (found.positions[:, :count] == best(vectors, QUERIES, count, allowed)).all()
    assert (found.positions[:, count:] == -1).all()


def test_equal_vectors_are_found_for_all_their_positions_and_hide_nobody() -> None:
    crowded = VECTORS.copy()
    crowded[1::2] = crowded[0]
    index, candidates = guarded(crowded, reach=2)
    assert (index.size, candidates.size) == (400, 200)
    found = index.search(crowded[:1], 250)
    assert found.positions[0, :201].tolist() == [0, *range(1, 400, 2)]
    assert len(set(found.positions[0].tolist())) == 250
    np.testing.assert_allclose(found.scores[0, :201], 1, atol=1e-5)


def test_a_filter_over_equal_vectors_is_one_over_positions() -> None:
    crowded = np.repeat(VECTORS[:20], 5, axis=0)
    index, _ = guarded(crowded)
    allowed = np.arange(100) % 5 == 3
    for found in (
        index.search(VECTORS[:20], 1, allowed=allowed),
        index.exact(VECTORS[:20], 1, allowed=allowed),
    ):
        assert found.positions[:, 0].tolist() == list(range(3, 100, 5))


def test_candidates_are_scored_again_by_full_vectors_where_there_are_some() -> None:
    rounded = (np.round(VECTORS * 3) / 3).astype(np.float32)
    config = Config(rerank=200)
    index = Guarded(InMemory(rounded, 400, better=VECTORS), config, None)
    plain = Guarded(InMemory(rounded, 400), config, None)
    for ask in (index.search, index.exact):
        found = ask(QUERIES, 5)
        assert (found.positions == best(VECTORS, QUERIES, 5)).all()
        true = np.einsum("qkd,qd->qk", VECTORS[found.positions], QUERIES)
        np.testing.assert_allclose(found.scores, true, atol=1e-5)
    assert (plain.exact(QUERIES, 5).positions != best(VECTORS, QUERIES, 5)).any()


def test_places_without_a_candidate_stay_last_when_scores_are_made_again() -> None:
    index = Guarded(InMemory(VECTORS[:3], 3, better=VECTORS[:3]), Config(rerank=10), None)
    found = index.exact(-VECTORS[:1], 3, allowed=np.array([True, False, True]))
    assert found.positions[0, 2] == -1
    assert set(found.positions[0, :2].tolist()) == {0, 2}
    assert np.isfinite(found.scores[0, :2]).all()  # unlike as they are, they come before nothing
    assert np.isneginf(found.scores[0, 2])


def test_an_index_says_its_size_and_what_it_needs_with_its_groups() -> None:
    index, candidates = guarded(VECTORS)
    assert (index.size, index.dimension, index.bytes) == (400, D, candidates.bytes)
    crowded = np.repeat(VECTORS[:10], 2, axis=0)
    groups = group(crowded, np.float32)
    assert groups is not None
    assert Guarded(InMemory(VECTORS[:10], 10), Config(), groups).bytes == VECTORS[:10].nbytes + groups.bytes


@pytest.mark.parametrize("k", [0, -3])
def test_a_question_is_checked_before_the_library_sees_it(k: int) -> None:
    index, candidates = guarded(VECTORS)
    for ask in (index.search, index.exact):
        with pytest.raises(Invalid, match="at least 1"):
            ask(QUERIES, k)
        with pytest.raises(Invalid, match="members"):
            ask(QUERIES[:, :3], 1)
        with pytest.raises(Invalid, match="filter"):
            ask(QUERIES, 1, allowed=np.ones(399, bool))
    assert candidates.asked == []


def test_the_filter_of_an_index_with_equal_vectors_has_a_member_for_each_position() -> None:
    index, _ = guarded(np.repeat(VECTORS[:10], 2, axis=0))
    with pytest.raises(Invalid, match="filter") as refused:
        index.search(QUERIES, 1, allowed=np.ones(10, bool))
    assert "20 booleans" in refused.value.hint


def test_a_closed_index_refuses_to_search_and_still_says_its_size() -> None:
    index, _ = guarded(VECTORS)
    index.close()
    index.close()
    for ask in (index.search, index.exact):
        with pytest.raises(Unavailable, match="closed") as refused:
            ask(QUERIES, 1)
        assert refused.value.hint == "open the lake again"
    assert (index.size, index.dimension) == (400, D)
