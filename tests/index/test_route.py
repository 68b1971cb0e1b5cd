"""Exact or graph: what is decided, why, and that the answers are right at every share."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.index.ann import Config, Found, VectorIndex, Vectors
from lakehouse.index.near import recall, route
from lakehouse.index.near.hnsw import Hnsw
from lakehouse.index.near.route import MAX_EF, Costs, Exact, Graph
from tests.suites.vector_index import clustered


def decide(allowed: int, size: int = 100_000, k: int = 10, **config: int) -> Exact | Graph:
    return route.decide(allowed=allowed, size=size, k=k, config=Config(**config), costs=Costs())  # type: ignore[arg-type]


@pytest.mark.parametrize("allowed", [0, 1, 10, 100, 1000, 10_000])
def test_a_narrow_filter_is_answered_exactly(allowed: int) -> None:
    assert isinstance(decide(allowed), Exact)


@pytest.mark.parametrize("allowed", [50_000, 90_000, 99_000, 100_000])
def test_a_wide_filter_follows_the_graph(allowed: int) -> None:
    chosen = decide(allowed)
    assert isinstance(chosen, Graph)
    assert 64 <= chosen.ef_search <= 100


def test_without_a_filter_a_small_index_is_looked_at_whole() -> None:
    assert isinstance(decide(20_000, 20_000), Exact)
    assert isinstance(decide(30_000, 30_000), Graph)


def test_a_large_index_never_looks_at_all_of_it_for_lack_of_patience() -> None:
    assert isinstance(decide(100_000, 1_000_000), Graph)
    assert isinstance(decide(1_000_000, 10_000_000), Graph)


def test_more_candidates_than_the_limit_means_exact() -> None:
    chosen = decide(100_000, 10_000_000)
    assert isinstance(chosen, Exact)
    assert f"more than {MAX_EF:,} candidates" in chosen.reason


def test_the_reason_says_what_was_weighed() -> None:
    assert decide(50_000).reason == "50,000 of 100,000 allowed: exact 13 ms, graph 0.22 ms"
    assert decide(5).reason == "5 allowed, 10 wanted: all are looked at"


def test_the_configured_width_is_the_least() -> None:
    for ef in (64, 500):
        chosen = decide(100_000, ef_search=ef)
        assert isinstance(chosen, Graph)
        assert chosen.ef_search == ef


@given(st.integers(1, 200), st.floats(0.001, 1), st.floats(0.001, 1))
def test_narrower_filters_and_more_wanted_need_more_candidates(k: int, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert route.widened(k, low) >= route.widened(k, high) >= k
    assert route.widened(k + 1, one) >= route.widened(k, one)


@given(st.integers(1, 4096), st.floats(0.001, 1))
def test_the_trusted_head_is_part_of_the_candidates(candidates: int, share: float) -> None:
    assert 1 <= route.trusted(candidates, share) <= candidates
    assert route.trusted(candidates, 1.0) == candidates


@given(st.integers(1, 100), st.floats(0.01, 1))
def test_the_head_of_widened_candidates_has_room_for_all_that_are_wanted(k: int, share: float) -> None:
    assert route.trusted(route.widened(k, share), share) * share >= k - 1e-6


SIZE, D = 8000, 64


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    return clustered(SIZE, D, centres=80)


@pytest.fixture(scope="module")
def index(vectors: Vectors, tmp_path_factory: pytest.TempPathFactory) -> VectorIndex:
    folder = tmp_path_factory.mktemp("index")
    Hnsw().build(vectors, Config(), folder, threads=2)
    return Hnsw().load(folder, Config())


def answered(index: VectorIndex, queries: Vectors, allowed: np.ndarray, *, costs: Costs) -> tuple[Found, str]:
    count = int(np.count_nonzero(allowed))
    chosen = route.decide(allowed=count, size=index.size, k=10, config=Config(), costs=costs)
    match chosen:
        case Exact():
            return index.exact(queries, 10, allowed=allowed), "exact"
        case Graph(ef):
            return index.search(queries, 10, allowed=allowed, ef_search=ef), "graph"


@pytest.mark.parametrize("share", [0.001, 0.01, 0.1, 0.5, 0.95])
@pytest.mark.parametrize("impatient", [False, True])
def test_recall_holds_at_every_share_whichever_way_is_taken(
    index: VectorIndex, vectors: Vectors, share: float, impatient: bool
) -> None:
    # Exact answers are made to look dear, so that the graph is taken wherever it can be.
    costs = Costs(exact_ns=1e6, whole_ns=1e6) if impatient else Costs()
    allowed = np.random.default_rng(1).random(SIZE) < share
    queries = recall.sample(vectors, 60, seed=2)
    found, way = answered(index, queries, allowed, costs=costs)
    assert way == ("graph" if impatient and share > 0.01 else "exact")
    assert recall.measure(found, recall.truth(queries, vectors, 10, allowed=allowed), seed=1).mean >= 0.99
