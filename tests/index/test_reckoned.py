"""Figures worked out by hand: recall, the way of a search, weights of words, winners of trials."""

from dataclasses import replace
from math import ceil, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.index.ann import Config, Found
from lakehouse.index.near import recall, route
from lakehouse.index.near.route import Costs, Exact, Graph
from lakehouse.index.trials import tuning
from lakehouse.index.trials.trial import Trial, best, grid, next_config
from lakehouse.index.words.weigh import SATURATED, Terms, rarity, together

AXES = np.eye(4, dtype=np.float32)
"""Four vectors, and four questions of which each is one of them."""


def found(*rows: list[int]) -> Found:
    positions = np.array(rows, np.int64)
    return Found(positions, np.zeros(positions.shape, np.float32))


def test_of_three_wanted_two_found_are_two_thirds() -> None:
    vectors = np.array([[1, 0], [0.8, 0.6], [0.6, 0.8], [0, 1]], np.float32)
    true = recall.truth(vectors[:1], vectors, 3)
    assert true.nearest.positions.tolist() == [[0, 1, 2]]
    np.testing.assert_allclose(true.nearest.scores, [[1, 0.8, 0.6]], atol=1e-6)
    assert recall.each(found([0, 3, 2]), true).tolist() == pytest.approx([2 / 3])


def test_fewer_given_than_the_truth_has_are_measured_by_what_was_given() -> None:
    true = recall.truth(AXES[:1], AXES, 4)
    assert recall.each(found([0]), true).tolist() == [1.0]


def test_of_more_given_than_the_truth_has_only_the_first_count() -> None:
    true = recall.truth(AXES[:1], AXES, 1)
    assert recall.each(found([3, 0]), true).tolist() == [0.0]
    assert recall.each(found([0, 3]), true).tolist() == [1.0]


def test_a_question_that_no_vector_may_answer_misses_nothing() -> None:
    true = recall.truth(AXES, AXES, 2, allowed=np.zeros(4, bool))
    assert (true.nearest.positions == -1).all()
    assert recall.each(found(*[[-1, -1]] * 4), true).tolist() == [1.0] * 4


def test_what_a_filter_forbids_is_no_find_however_near() -> None:
    true = recall.truth(AXES[:1], AXES, 1, allowed=np.array([False, True, True, True]))
    assert recall.each(found([0]), true).tolist() == [0.0]
    assert recall.each(found([3]), true).tolist() == [1.0]  # the three that are left are as near


def test_a_truth_over_fewer_vectors_than_wanted_ends_with_none() -> None:
    true = recall.truth(AXES[:2], AXES[:2], 5)
    assert true.nearest.positions.tolist() == [[0, 1, -1, -1, -1], [1, 0, -1, -1, -1]]
    assert np.isneginf(true.nearest.scores[:, 2:]).all()


def test_one_question_has_an_interval_of_no_width() -> None:
    true = recall.truth(AXES[:1], AXES, 1)
    for position, share in ((0, 1.0), (2, 0.0)):
        made = recall.measure(found([position]), true, seed=4)
        assert (made.mean, made.worst, made.low, made.high) == (share,) * 4


def test_the_worst_question_shows_beside_a_good_mean() -> None:
    true = recall.truth(AXES, AXES, 1)
    made = recall.measure(found([0], [1], [2], [0]), true, seed=4)
    assert (made.mean, made.worst, made.queries, made.k) == (0.75, 0.0, 4, 1)
    assert made.low < made.mean <= made.high


@pytest.mark.parametrize(
    ("k", "share", "candidates"),
    # k / share, two deviations above it, times a caution that grows from 1 (all) to 4 (none).
    [
        (10, 1.0, 10),
        (1, 1.0, 1),
        (10, 0.5, ceil((20 + 4 * sqrt(5)) * 2.5)),
        (4, 0.25, ceil((16 + 8 * sqrt(3)) * 3.25)),
    ],
)
def test_the_width_of_a_filtered_walk_is_as_reckoned(k: int, share: float, candidates: int) -> None:
    assert route.widened(k, share) == candidates


@pytest.mark.parametrize(
    ("candidates", "share", "head"), [(100, 1.0, 100), (100, 0.5, 40), (13, 0.0, 4), (1, 0.2, 1)]
)
def test_the_trusted_head_is_as_reckoned(candidates: int, share: float, head: int) -> None:
    assert route.trusted(candidates, share) == head


def decide(allowed: int, size: int, costs: Costs, k: int = 10) -> Exact | Graph:
    return route.decide(allowed=allowed, size=size, k=k, config=Config(), costs=costs)


DEAR = Costs(scan_ns=0, exact_ns=10_000, whole_ns=10_000, candidate_ns=1000)


def test_up_to_the_patience_an_exact_answer_is_taken_and_beyond_it_the_graph() -> None:
    # 10 µs a vector: 500 allowed are the five milliseconds that a filtered search may take.
    assert isinstance(decide(500, 1000, DEAR), Exact)
    assert isinstance(decide(501, 1000, DEAR), Graph)
    # All of 150 are the millisecond and a half of a search without a filter.
    assert isinstance(decide(150, 150, DEAR), Exact)
    assert isinstance(decide(151, 151, DEAR), Graph)


def test_a_graph_that_is_dearer_still_is_not_taken() -> None:
    slow = replace(DEAR, candidate_ns=1e6)
    assert isinstance(decide(1000, 1000, slow), Exact)
    assert isinstance(decide(10_000, 10_000, slow), Graph)


def test_no_more_allowed_than_wanted_are_all_looked_at_whatever_it_costs() -> None:
    for allowed in (0, 1, 10):
        chosen = decide(allowed, 1_000_000, replace(DEAR, exact_ns=1e12))
        assert isinstance(chosen, Exact)
        assert chosen.reason.startswith(f"{allowed} allowed, 10 wanted")


@settings(max_examples=60)
@given(st.integers(1, 10**6), st.integers(0, 10**6), st.integers(1, 100))
def test_a_graph_is_followed_with_room_for_all_that_are_wanted_and_within_the_limit(
    size: int, allowed: int, k: int
) -> None:
    chosen = decide(min(allowed, size), size, Costs(), k)
    if isinstance(chosen, Graph):
        assert max(Config().ef_search, k) <= chosen.ef_search <= route.MAX_EF
        assert min(allowed, size) > k
    assert chosen.reason


def test_a_word_is_rarer_the_fewer_rows_say_it_and_never_worth_nothing() -> None:
    assert rarity(4, 2) == pytest.approx(log(2))  # half of the rows
    assert rarity(9, 0) == pytest.approx(log(20))
    assert rarity(1, 1) == pytest.approx(log(4 / 3))
    assert rarity(0, 0) == pytest.approx(log(2))
    assert rarity(3, 5) == rarity(5, 5) > 0  # replaced rows may be counted longer than they stand


@settings(max_examples=60)
@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 10**7))
def test_rarity_falls_with_every_row_that_says_a_word(rows: int, one: int, other: int) -> None:
    low, high = sorted((min(one, rows), min(other, rows)))
    assert rarity(rows, low) >= rarity(rows, high) > 0


def test_words_of_two_indexes_weigh_as_in_one_that_holds_both() -> None:
    one = Terms(rows=10, asked={"crane": 2, "nurse": 1}, holding={"crane": 3})
    other = Terms(rows=30, asked={"crane": 2, "nurse": 1}, holding={"crane": 1, "nurse": 20})
    whole = Terms(rows=40, asked={"crane": 2, "nurse": 1}, holding={"crane": 4, "nurse": 20})
    made = together([one, other])
    assert made == together([other, one]) == together([whole])
    assert made.weights == pytest.approx({"crane": 2 * rarity(40, 4), "nurse": rarity(40, 20)})
    assert made.attainable == pytest.approx(SATURATED * sum(made.weights.values()))
    assert made.known == 1.0


def test_the_known_share_is_the_weight_on_words_that_some_row_says() -> None:
    made = together([Terms(rows=4, asked={"nurse": 1, "zeppelin": 1}, holding={"nurse": 2})])
    assert made.known == pytest.approx(log(2) / (log(2) + log(10)))
    assert together([Terms(rows=4, asked={"zeppelin": 1}, holding={})]).known == 0
    assert together([Terms(rows=0, asked={}, holding={})]).known == 0


def trial(found: float, p50_ms: float, *, name: str = "resumes", config: Config | None = None) -> Trial:
    return Trial(
        index_name=name, config=config or Config(), build_s=1, bytes=1, p50_ms=p50_ms, p95_ms=p50_ms,
        p99_ms=p50_ms, recall=found, recall_worst=found, recall_low=found, recall_high=found, k=10,
        queries=10, eval_set="", seed=1,
    )  # fmt: skip


def test_a_trial_at_the_floor_may_win_and_one_below_it_may_not() -> None:
    for metric in ("recall", "latency", "pareto"):
        assert best([trial(0.95, 1)], metric) == (trial(0.95, 1),)
        assert best([trial(0.9499, 1)], metric) == ()


def test_of_equal_trials_the_first_wins_and_one_stands_on_the_frontier() -> None:
    first, second = trial(0.99, 0.5, name="first"), trial(0.99, 0.5, name="second")
    for metric in ("recall", "latency", "pareto"):
        assert best([first, second], metric) == (first,)


def test_what_finds_nothing_that_can_be_named_never_wins() -> None:
    nan = trial(float("nan"), 0.1)
    assert best([nan], "pareto", floor=0.0) == ()
    assert best([nan, trial(0.96, 9)]) == (trial(0.96, 9),)


def test_a_tuner_begins_with_the_first_of_its_grid_and_ends_with_nothing_left() -> None:
    assert next_config([], grid()) == grid()[0]
    assert next_config([], ()) is None
    assert next_config([trial(1, 1, config=config) for config in grid()], grid()) is None
    assert next_config([trial(1, 1, config=config) for config in grid()[:-1]], grid()) == grid()[-1]


@pytest.mark.parametrize("queries", [0, -1, tuning.MOST + 1, 10**9])
def test_a_trial_asks_a_number_of_questions_that_can_be_drawn(queries: int) -> None:
    with pytest.raises(Invalid, match=f"1 to {tuning.MOST} questions") as refused:
        tuning.drawn(queries)
    assert refused.value.hint == "--queries 200"
    assert [tuning.drawn(n) for n in (1, 200, tuning.MOST)] == [1, 200, tuning.MOST]


def test_the_trials_of_an_index_come_out_of_the_stream_oldest_first() -> None:
    made = [trial(0.9, 1), trial(0.8, 2, name="jobs"), trial(0.7, 3)]
    stream = [tuning.record(one) for one in made] + [{"index_name": None}, {}]
    assert tuning.of_index(stream, "resumes") == (made[0], made[2])
    assert tuning.of_index(stream, "jobs") == (made[1],)
    assert tuning.of_index(stream, "none") == tuning.of_index([], "jobs") == ()


def test_what_is_untried_is_sought_over_the_settings_of_the_index() -> None:
    base = Config(m=32)
    first = tuning.untried([], base)
    assert first == grid(base)[0]
    assert tuning.untried([trial(1, 1, config=config) for config in grid(base)], base) is None
    assert tuning.untried([trial(1, 1, config=config) for config in grid()], base) is not None
