"""Targets: a bound in the unit that a person reads, for samples in the unit that a clock gives."""

import re
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lakehouse.bench import targets
from lakehouse.bench.targets import SCALE, Target, Unit

ALL = {name: value for name, value in vars(targets).items() if isinstance(value, Target)}
UNITS: tuple[Unit, ...] = ("s", "ms", "MB", "/s", "rows", "")
amounts = st.floats(0.001, 1e6)
units = st.sampled_from(UNITS)


def target(unit: Unit, **bound: float) -> Target:
    return Target(source="somebody said so", unit=unit, **bound)


def test_units_are_seconds_bytes_a_rate_rows_and_a_share() -> None:
    assert SCALE == {"s": 1, "ms": 1 / 1000, "MB": 1_000_000, "/s": 1, "rows": 1, "": 1}
    assert {found.unit for found in ALL.values()} == set(UNITS)


@given(units, amounts, amounts)
def test_at_most_is_kept_by_less_and_by_exactly_as_much(unit: Unit, bound: float, ours: float) -> None:
    limit = bound * SCALE[unit]
    assert target(unit, most=bound).limit(None) == limit
    assert target(unit, most=bound).is_met(limit, None) is True
    assert target(unit, most=bound).is_met(ours, None) is (ours <= limit)


@given(units, amounts, amounts)
def test_at_least_is_kept_by_more_and_by_exactly_as_much(unit: Unit, bound: float, ours: float) -> None:
    limit = bound * SCALE[unit]
    assert target(unit, least=bound).is_met(limit, None) is True
    assert target(unit, least=bound).is_met(ours, None) is (ours >= limit)


@given(units, st.floats(0.1, 10), st.floats(0, 100), amounts)
def test_a_ratio_and_what_is_added_to_it_are_of_the_peer(
    unit: Unit, times: float, plus: float, peer: float
) -> None:
    limit = target(unit, times=times, plus=plus).limit(peer)
    assert limit == pytest.approx(times * peer + plus * SCALE[unit])
    assert target(unit, times=times, plus=plus).is_met(limit or 0, peer) is True
    assert target(unit, times=times, plus=plus).is_met(2 * (limit or 0), peer) is False


@given(units, amounts, amounts)
def test_a_ratio_without_a_peer_says_nothing(unit: Unit, times: float, ours: float) -> None:
    assert target(unit, times=times).limit(None) is None
    assert target(unit, times=times).is_met(ours, None) is None


@given(units, st.floats(0.1, 10), amounts)
def test_a_ratio_where_more_is_better_is_kept_by_more(unit: Unit, times: float, peer: float) -> None:
    wanted = target(unit, least_times=times)
    limit = wanted.limit(peer) or 0
    assert limit == pytest.approx(times * peer)
    assert wanted.is_met(limit, peer) is True
    assert wanted.is_met(2 * limit, peer) is True
    assert wanted.is_met(limit / 2, peer) is False
    assert wanted.is_met(limit, None) is None


@given(units, st.integers(1, 1000), st.integers(1, 1000))
def test_exactly_is_neither_more_nor_less(unit: Unit, bound: int, ours: int) -> None:
    scale = SCALE[unit]
    assert target(unit, exactly=bound).is_met(ours * scale, None) is (ours == bound)


@given(units, amounts, amounts, amounts)
def test_a_fixed_bound_does_not_care_about_the_peer(
    unit: Unit, bound: float, ours: float, peer: float
) -> None:
    for fixed in (target(unit, most=bound), target(unit, least=bound)):
        assert fixed.is_met(ours, peer) is fixed.is_met(ours, None)


@given(units, st.integers(1, 100_000), amounts, amounts)
def test_a_faster_run_never_turns_met_into_missed(unit: Unit, bound: int, one: float, other: float) -> None:
    assume(one < other)
    most, least = target(unit, most=bound), target(unit, least=bound)
    assert most.is_met(one, None) or not most.is_met(other, None)
    assert least.is_met(other, None) or not least.is_met(one, None)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (target("s", most=0.35), "≤ 0.35 s"),
        (target("ms", most=40), "≤ 40 ms"),
        (target("MB", most=1500), "≤ 1500 MB"),
        (target("/s", least=300), "≥ 300/s"),
        (target("s", times=2.0), "≤ 2x"),
        (target("ms", times=1.3, plus=5), "≤ 1.3x + 5 ms"),
        (target("/s", least_times=1.5), "≥ 1.5x"),
        (target("rows", exactly=100), "= 100 rows"),
        (target("", least=0.99), "≥ 0.99"),
    ],
)
def test_a_bound_is_written_as_a_person_writes_it(found: Target, text: str) -> None:
    assert str(found) == text


def test_a_bound_of_nothing_is_still_a_bound() -> None:
    assert target("MB", most=0).is_met(0, None) is True
    assert target("MB", most=0).is_met(1, None) is False
    assert str(target("MB", most=0)) == "≤ 0 MB"


@pytest.mark.parametrize("name", ALL)
def test_the_number_of_a_bound_stands_in_the_words_it_comes_from(name: str) -> None:
    if name in {"UPSERT_BYTES", "FIRST_ANSWER"}:  # their words have no number: the bound is ours
        return
    found = ALL[name]
    bounds = (found.most, found.least, found.exactly, found.times, found.least_times)
    (bound,) = (each for each in bounds if each is not None)
    if (bound, found.source) == (1.0, targets.RIVALS):  # "faster" is a number too
        return
    said = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", found.source.replace(",000 ", " "))]
    in_words = {bound, bound / 1000}  # 1.5 GB are 1500 MB
    assert in_words & set(said), (bound, said)


def test_every_target_is_used_by_a_measure() -> None:
    folder = Path(targets.__file__).parent
    used = "\n".join(p.read_text() for p in folder.rglob("*.py") if p.name != "targets.py")
    assert not [name for name in ALL if not re.search(rf"\b{name}\b", used)]
