"""Outcomes: medians, ratios and tails of samples, and the document that a script reads."""

import json
import statistics
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.bench.outcome import TAIL, Failure, Outcome, Skipped, tail
from lakehouse.bench.targets import COLD_QUERY, HELP_TIME, INGEST_TIME, REQUEST_RATE, SCALE, Target

samples = st.lists(st.floats(0.001, 1000), min_size=1, max_size=30).map(tuple)


def outcome(target: Target, ours: tuple[float, ...], peer: tuple[float, ...] = ()) -> Outcome:
    return Outcome(measure="m", what="w", target=target, ours=ours, peer=peer, peer_name="p" if peer else "")


@given(samples, samples)
def test_medians_and_their_ratio_are_those_of_the_library(
    ours: tuple[float, ...], peer: tuple[float, ...]
) -> None:
    found = outcome(INGEST_TIME, ours, peer)
    assert found.median == statistics.median(ours)
    assert found.peer_median == statistics.median(peer)
    assert found.ratio == pytest.approx(statistics.median(ours) / statistics.median(peer))


@given(samples, st.randoms(use_true_random=False))
def test_the_order_of_samples_changes_nothing(ours: tuple[float, ...], random: Random) -> None:
    shuffled = list(ours)
    random.shuffle(shuffled)
    one, other = outcome(HELP_TIME, ours), outcome(HELP_TIME, tuple(shuffled))
    assert (one.median, one.is_met, tail(one.ours)) == (other.median, other.is_met, tail(other.ours))


@given(samples)
def test_nobody_to_compare_with_gives_no_ratio(ours: tuple[float, ...]) -> None:
    found = outcome(HELP_TIME, ours)
    assert (found.peer_median, found.ratio) == (None, None)
    assert found.is_met is (found.median <= 0.35)


def test_a_peer_that_took_no_time_at_all_gives_no_ratio_but_a_verdict() -> None:
    found = outcome(COLD_QUERY, (0.004,), (0.0,))
    assert found.ratio is None
    assert found.is_met is True


@given(samples)
def test_the_tail_lies_between_the_median_and_the_slowest(ours: tuple[float, ...]) -> None:
    assert statistics.median_low(ours) <= tail(ours) <= max(ours)


def test_the_tail_of_a_hundred_is_the_ninety_sixth() -> None:
    assert tail(tuple(map(float, range(1, 101)))) == 96
    assert TAIL == 0.95


@pytest.mark.parametrize("size", range(1, 20))
def test_the_tail_of_fewer_than_twenty_is_the_slowest(size: int) -> None:
    assert tail(tuple(map(float, range(size)))) == size - 1


@given(samples, samples, st.sampled_from([COLD_QUERY, INGEST_TIME, REQUEST_RATE]))
def test_a_document_says_everything_in_the_targets_unit(
    ours: tuple[float, ...], peer: tuple[float, ...], target: Target
) -> None:
    found, scale = outcome(target, ours, peer), SCALE[target.unit]
    facts = found.facts()
    assert facts["ours"] == found.median / scale
    assert facts["samples"] == [sample / scale for sample in ours]
    assert facts["peer_samples"] == [sample / scale for sample in peer]
    assert facts["met"] is found.is_met
    assert (facts["unit"], facts["target"]) == (target.unit, str(target))


def test_a_document_has_the_same_keys_with_and_without_a_peer() -> None:
    with_peer = outcome(INGEST_TIME, (1.0,), (1.0,)).facts()
    without = outcome(INGEST_TIME, (1.0,)).facts()
    assert list(with_peer) == list(without)
    assert (without["peer"], without["ratio"], without["met"]) == (None, None, None)
    assert without["peer_samples"] == []


@given(samples)
def test_a_document_survives_json(ours: tuple[float, ...]) -> None:
    facts = outcome(HELP_TIME, ours).facts()
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts


def test_a_failure_is_a_document_without_figures() -> None:
    assert Failure(measure="server", reason="no port").facts() == {"measure": "server", "failed": "no port"}


def test_a_peer_that_is_absent_is_said_in_the_document_and_gives_no_verdict() -> None:
    found = Outcome(
        measure="m", what="w", target=INGEST_TIME, ours=(1.0,), peer_name="p", absent="not installed"
    )
    facts = found.facts()
    assert (facts["peer"], facts["peer_absent"], facts["met"]) == (None, "not installed", None)


def test_what_was_left_out_says_why() -> None:
    assert Skipped(measure="m", reason="no data").facts() == {"measure": "m", "skipped": "no data"}
