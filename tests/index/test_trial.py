"""Trials: what is written down comes back, the best wins, and the tuner replays."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.errors import Corrupt
from lakehouse.index.ann import Config
from lakehouse.index.near import recall
from lakehouse.index.near.hnsw import Hnsw
from lakehouse.index.trials.measure import measure
from lakehouse.index.trials.trial import EXPLORES, Trial, best, from_record, grid, next_config, to_record
from lakehouse.store.streams import schema_of
from tests.suites.vector_index import clustered

TRIAL = Trial(
    index_name="resumes", config=Config(), build_s=10.0, bytes=1000, p50_ms=0.2, p95_ms=0.4, p99_ms=0.9,
    recall=0.99, recall_worst=0.9, recall_low=0.98, recall_high=0.995, k=10, queries=200,
    eval_set="", seed=42,
)  # fmt: skip


def trial(found: float, p50_ms: float, config: Config | None = None) -> Trial:
    return replace(TRIAL, recall=found, p50_ms=p50_ms, config=config or TRIAL.config)


def test_a_trial_comes_back_from_its_record() -> None:
    for one in (TRIAL, replace(TRIAL, generation=3, config=Config(storage="int8", rerank=40))):
        record = json.loads(json.dumps(to_record(one)))
        assert from_record(record) == one
        later = record | {"new": 1, "config": record["config"] | {"new": 2}}
        assert from_record(later) == one


def test_records_written_before_a_setting_was_there_have_its_default() -> None:
    record = to_record(TRIAL) | {"config": {"backend": "hnsw"}}
    assert from_record(record) == TRIAL


@pytest.mark.parametrize("broken", [{}, {"config": None}, {"config": 3}])
def test_a_record_that_is_none_is_corrupt(broken: dict[str, object]) -> None:
    with pytest.raises(Corrupt):
        from_record(to_record(TRIAL) | broken if broken else {})


def test_best_recall_wins_and_ties_go_to_the_faster() -> None:
    trials = [trial(0.97, 0.1), trial(0.99, 0.5), trial(0.99, 0.3), trial(0.5, 0.01)]
    assert best(trials) == (trials[2],)
    assert best(trials, "latency") == (trials[0],)
    assert best(trials, "latency", floor=0.98) == (trials[2],)
    assert best(trials, "latency", floor=0.0) == (trials[3],)


def test_the_frontier_holds_what_nothing_beats_in_both() -> None:
    trials = [trial(0.99, 0.3), trial(0.97, 0.1), trial(0.96, 0.2), trial(0.99, 0.5), trial(0.2, 0.01)]
    assert best(trials, "pareto") == (trials[1], trials[0])
    assert best(trials, "pareto", floor=0.0) == (trials[4], trials[1], trials[0])


@pytest.mark.parametrize("metric", ["recall", "latency", "pareto"])
def test_nothing_wins_below_the_floor_or_without_trials(metric: str) -> None:
    assert best([], metric) == ()  # type: ignore[arg-type]
    assert best([trial(0.9, 0.1)], metric) == ()  # type: ignore[arg-type]


@given(st.lists(st.tuples(st.sampled_from([0.95, 0.97, 1.0]), st.sampled_from([0.1, 0.2, 0.3])), max_size=9))
def test_winners_of_either_kind_stand_on_the_frontier(pairs: list[tuple[float, float]]) -> None:
    trials = [trial(*pair) for pair in pairs]
    frontier = {(t.recall, t.p50_ms) for t in best(trials, "pareto")}
    for t in (*best(trials, "recall"), *best(trials, "latency")):
        assert (t.recall, t.p50_ms) in frontier
    beaten = {
        (t.recall, t.p50_ms)
        for t in trials
        if any(o.recall >= t.recall and o.p50_ms <= t.p50_ms and o != t for o in trials)
    }
    assert frontier == {(t.recall, t.p50_ms) for t in trials} - beaten


def test_the_grid_has_the_five_known_pairs_and_the_ways_to_store() -> None:
    made = grid()
    assert [(c.ef_construction, c.ef_search) for c in made[:5]] == [
        (20, 30), (40, 30), (80, 30), (80, 60), (160, 30),
    ]  # fmt: skip
    assert {c.storage for c in made} == {"fp16", "fp32", "int8"}
    assert len(set(made)) == len(made)
    assert all(c.m == 32 for c in grid(Config(m=32)))


def walked(seed: int) -> list[Config]:
    """All that a tuner tries, its results made up from the settings."""
    trials: list[Trial] = []
    while (config := next_config(trials, grid(), seed)) is not None:
        trials.append(trial(0.9 + config.ef_search / 1000, 0.1, config))
        assert len(trials) <= len(grid())
    return [t.config for t in trials]


@pytest.mark.parametrize("seed", range(20))
def test_a_tuner_tries_everything_once_and_replays(seed: int) -> None:
    assert sorted(map(repr, walked(seed))) == sorted(map(repr, grid()))
    assert walked(seed) == walked(seed)


def test_tuners_with_other_seeds_explore_elsewhere() -> None:
    assert len({tuple(walked(seed)) for seed in range(20)}) > 3


def test_mostly_the_neighbour_of_the_champion_is_tried() -> None:
    champion = grid()[0]
    near = sum(next_config([trial(0.99, 0.1, champion)], grid(), seed) == grid()[1] for seed in range(400))
    # The nearest one always when exploiting, and by chance when exploring.
    assert near / 400 == pytest.approx(1 - EXPLORES + EXPLORES / 7, abs=0.06)


def test_a_measured_configuration_says_what_it_cost_and_found(tmp_path: Path) -> None:
    vectors = clustered(1500)
    truth = recall.truth(recall.sample(vectors, 50, seed=1), vectors, 10)
    made = measure(Hnsw(), truth, Config(), tmp_path, name="resumes", threads=2)
    assert (made.index_name, made.k, made.queries, made.generation) == ("resumes", 10, 50, None)
    assert made.recall_low <= made.recall <= made.recall_high
    assert made.recall_worst <= made.recall
    assert made.recall > 0.95
    assert 0 < made.p50_ms <= made.p95_ms <= made.p99_ms
    assert made.build_s > 0
    assert made.bytes > 1500 * 48 * 2
    poor = replace(Config(), ef_construction=8, ef_search=1, m=4)
    (tmp_path / "poor").mkdir()
    assert measure(Hnsw(), truth, poor, tmp_path / "poor", name="r", threads=2).recall < made.recall


def test_a_record_has_the_members_that_the_stream_of_trials_declares() -> None:
    assert {name for name, _ in schema_of("trials").columns} == set(to_record(TRIAL))
