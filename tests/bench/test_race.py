"""Races and machines: who goes first, what is counted, what is known of where it happened."""

import json
from collections.abc import Callable
from itertools import count

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.bench.corpora.clusters import Clusters, recall, truth
from lakehouse.bench.machine import PACKAGES, facts
from lakehouse.bench.outcome import Failure, Outcome, Skipped, tail
from lakehouse.bench.race import race, timed
from lakehouse.bench.show import amount, table
from lakehouse.bench.targets import COLD_QUERY, Target


def runner(name: str, heard: list[str]) -> Callable[[], float]:
    """Something that runs: its figure is how often it ran before."""
    numbers = count()

    def run() -> float:
        heard.append(name)
        return float(next(numbers))

    return run


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 6), st.integers(0, 6))
def test_rounds_that_warm_up_are_run_and_not_counted(samples: int, warm_ups: int) -> None:
    heard: list[str] = []
    mine, theirs = race(runner("a", heard), runner("b", heard), samples=samples, warm_ups=warm_ups)
    assert mine == theirs == tuple(map(float, range(warm_ups, warm_ups + samples)))
    assert heard.count("a") == heard.count("b") == samples + warm_ups


def test_who_goes_first_takes_turns() -> None:
    heard: list[str] = []
    race(runner("a", heard), runner("b", heard), samples=4)
    assert "".join(heard) == "baabbaab"


def test_what_is_timed_runs_once_and_an_error_in_it_is_not_hidden() -> None:
    heard: list[str] = []
    assert timed(lambda: heard.append("x")) >= 0
    assert heard == ["x"]
    with pytest.raises(ZeroDivisionError):
        timed(lambda: 1 / 0)


def test_a_machine_is_told_with_cores_memory_and_versions_in_one_document() -> None:
    found = facts()
    assert json.loads(json.dumps(found)) == found
    assert set(PACKAGES) <= set(found)
    cores, memory = found["cores"], found["memory_gb"]
    assert isinstance(cores, int)
    assert isinstance(memory, float)
    assert cores >= 1
    assert memory > 0
    assert found["processor"]


def outcome(*ours: float, peer: tuple[float, ...] = ()) -> Outcome:
    return Outcome(measure="cold", what="w", target=COLD_QUERY, ours=ours, peer=peer, peer_name="DuckDB")


def test_a_figure_by_hand_from_samples_to_verdict() -> None:
    found = outcome(0.010, 0.030, 0.020, peer=(0.010, 0.014))
    assert (found.median, found.peer_median) == (0.020, 0.012)
    assert found.ratio == pytest.approx(5 / 3)
    assert found.target.limit(found.peer_median) == pytest.approx(0.0206)
    assert found.is_met is True
    assert outcome(0.0207, peer=(0.012,)).is_met is False
    document = found.facts()
    assert (document["ours"], document["ours_p95"], document["peer"]) == (20.0, 30.0, 12.0)
    assert document["target"] == "≤ 1.3x + 5 ms"


def test_an_even_number_of_samples_has_its_median_between_two() -> None:
    assert outcome(0.001, 0.003).median == pytest.approx(0.002)
    assert tail((0.001, 0.003)) == 0.003


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 10), min_size=1, max_size=40).map(tuple))
def test_no_more_than_one_sample_in_twenty_exceeds_the_tail(samples: tuple[float, ...]) -> None:
    beyond = sum(sample > tail(samples) for sample in samples)
    assert beyond <= 0.05 * len(samples)
    assert tail(samples) in samples


@pytest.mark.parametrize(
    ("result", "document"),
    [
        (Failure(measure="cold", reason="no disk"), {"measure": "cold", "failed": "no disk"}),
        (Skipped(measure="learn", reason="no model"), {"measure": "learn", "skipped": "no model"}),
    ],
)
def test_what_gave_no_figure_is_a_document_with_the_reason(
    result: Failure | Skipped, document: dict[str, object]
) -> None:
    assert result.facts() == document


@pytest.mark.parametrize("unit", ["s", "ms", "MB", "rows"])
def test_nothing_is_shown_with_its_unit_too(unit: str) -> None:
    wanted = Target(source="x", unit=unit, most=0)  # type: ignore[arg-type]  # one of the units
    assert amount(0.0, wanted.unit) == f"0.0000 {unit}"
    assert str(wanted) == f"≤ 0 {unit}"


def test_a_run_without_results_is_its_titles_and_the_machine() -> None:
    first, rule, *_, last = table([], {}).splitlines()
    assert first.split() == ["what", "ours", "peer", "ratio", "target", "met", "samples"]
    assert set(rule) == {"-", " "}
    assert last == "machine:"


def test_sets_of_any_size_spread_over_the_clusters() -> None:
    ((few, of_few),), ((many, of_many),) = (Clusters(dimension=8).blocks(n) for n in (5, 500))
    assert (few.shape, many.shape) == ((5, 8), (500, 8))
    assert of_few.max() < 1000
    assert len(set(of_many.tolist())) > 300


def test_no_rows_have_no_blocks_and_no_questions_no_answers() -> None:
    shape = Clusters(dimension=4, centres=2, latent=2)
    assert list(shape.blocks(0)) == []
    assert shape.questions(0).shape == (0, 4)


def test_of_vectors_that_are_alike_any_may_be_the_truth_but_as_many_as_asked() -> None:
    same = np.ones((6, 3), np.float32)
    found = truth(same, same[:2], 4)
    assert found.shape == (2, 4)
    assert all(len(set(row)) == 4 for row in found.tolist())


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3, unique=True), min_size=1, max_size=6))
def test_recall_is_one_for_the_truth_itself_in_any_order_and_nothing_for_others(
    true: list[list[int]],
) -> None:
    exact = np.array(true)
    assert recall([row[::-1] for row in true], exact) == 1.0
    assert recall([[n + 10 for n in row] for row in true], exact) == 0.0
    assert recall([row[:1] for row in true], exact) == pytest.approx(1 / 3)


def test_recall_of_a_different_number_of_questions_is_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        recall([[1]], np.array([[1], [2]]))
