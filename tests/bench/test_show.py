"""The table: every figure in its column, a missed target in capitals, a failure said below the rest."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.bench import show, targets
from lakehouse.bench.outcome import Failure, Outcome, Skipped
from lakehouse.bench.targets import SCALE, Target, Unit

MACHINE = {"processor": "a fast one", "cores": 2}
UNITS: tuple[Unit, ...] = ("s", "ms", "MB", "/s", "rows")


def outcome(what: str, target: Target, ours: float, peer: float | None = None, *, note: str = "") -> Outcome:
    return Outcome(
        measure="m",
        what=what,
        target=target,
        ours=(ours,),
        peer=() if peer is None else (peer,),
        peer_name="" if peer is None else "somebody",
        note=note,
    )


def cells(line: str) -> list[str]:
    return re.split(r"  +", line.strip())


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0000049, "s", "0.0000 s"),
        (0.05, "s", "0.0500 s"),
        (0.1, "s", "0.10 s"),
        (1.005, "s", "1.00 s"),
        (9.994, "s", "9.99 s"),
        (12.34, "s", "12.3 s"),
        (123.4, "s", "123 s"),
        (0.0082, "ms", "8.20 ms"),
        (1_234_567_890.0, "MB", "1,235 MB"),
        (412.6, "/s", "413/s"),
        (12_345.6, "/s", "12,346/s"),
        (100.0, "rows", "100 rows"),
        (0.99996, "", "1.0000"),
        (0.9949, "", "0.9949"),
    ],
)
def test_a_figure_has_the_digits_that_matter(value: float, unit: Unit, text: str) -> None:
    assert show.amount(value, unit) == text


@given(st.floats(0.1, 1e6), st.sampled_from(UNITS))
def test_a_figure_reads_back_within_a_hundredth_part_or_so(value: float, unit: Unit) -> None:
    shown = show.amount(value * SCALE[unit], unit)
    assert float(shown.replace(unit, "").replace(",", "")) == pytest.approx(value, rel=0.051)
    assert shown.endswith(unit)


@given(
    st.lists(
        st.tuples(st.from_regex(r"[a-z]{1,40}", fullmatch=True), st.floats(0.001, 1e4)),
        min_size=1,
        max_size=12,
    )
)
def test_columns_stand_below_their_titles_however_wide_they_are(drawn: list[tuple[str, float]]) -> None:
    results = [outcome(what, targets.INGEST_TIME, ours, 1.0) for what, ours in drawn]
    title, rule, *lines = show.table(results, MACHINE).splitlines()
    starts = [match.start() for match in re.finditer(r"-+", rule)]
    assert [title[start:].split()[0] for start in starts] == list(show.TITLES)
    for line in lines[: len(drawn)]:
        assert all(line[start - 1] == " " and line[start] != " " for start in starts[1:])


@given(st.lists(st.text(st.characters(categories=["L"]), min_size=1, max_size=20), max_size=5))
def test_no_line_ends_in_spaces(names: list[str]) -> None:
    text = show.table([outcome(name, targets.HELP_TIME, 0.1) for name in names], MACHINE)
    assert all(line == line.rstrip() for line in text.splitlines())


@pytest.mark.parametrize(
    ("ours", "peer", "word"), [(1.9, 1.0, "yes"), (2.0, 1.0, "yes"), (2.1, 1.0, "NO"), (1.0, None, "?")]
)
def test_met_missed_and_unknown_are_three_words(ours: float, peer: float | None, word: str) -> None:
    line = show.table([outcome("w", targets.INGEST_TIME, ours, peer)], MACHINE).splitlines()[2]
    assert cells(line)[-2] == word


def test_a_miss_by_less_than_is_shown_is_still_a_miss() -> None:
    line = show.table([outcome("w", targets.INGEST_TIME, 2.0001, 1.0)], MACHINE).splitlines()[2]
    assert cells(line) == ["w", "2.00 s", "1.00 s", "2.00x", "≤ 2x", "NO", "1"]


def test_without_a_peer_its_cells_are_empty() -> None:
    line = show.table([outcome("w", targets.HELP_TIME, 0.2)], MACHINE).splitlines()[2]
    assert cells(line) == ["w", "0.20 s", "≤ 0.35 s", "yes", "1"]


def test_results_stand_in_the_order_in_which_they_were_measured() -> None:
    results = [outcome(name, targets.HELP_TIME, 0.1) for name in ("zebra", "ant", "mole")]
    lines = show.table(results, MACHINE).splitlines()[2:5]
    assert [cells(line)[0] for line in lines] == ["zebra", "ant", "mole"]


def test_a_failure_between_results_hides_none_of_them() -> None:
    results = (
        outcome("first", targets.HELP_TIME, 0.1),
        Failure(measure="cold", reason="no disk"),
        outcome("second", targets.HELP_TIME, 0.9),
        Failure(measure="server", reason="no port"),
    )
    lines = show.table(results, MACHINE).splitlines()
    assert [cells(line)[0] for line in lines[2:4]] == ["first", "second"]
    assert lines[4:6] == ["cold could not be measured: no disk", "server could not be measured: no port"]


def test_nothing_but_failures_is_a_table_too() -> None:
    lines = show.table([Failure(measure="cold", reason="no disk")], MACHINE).splitlines()
    assert cells(lines[0]) == list(show.TITLES)
    assert lines[2] == "cold could not be measured: no disk"


def test_a_note_and_a_peer_are_said_once() -> None:
    results = [outcome(name, targets.INGEST_TIME, 1, 1, note="warm") for name in ("a", "b")]
    text = show.table(results, MACHINE)
    assert text.count("m: warm") == 1
    assert text.count("somebody") == 1


def test_the_machine_comes_last() -> None:
    text = show.table([outcome("w", targets.HELP_TIME, 0.1)], MACHINE)
    assert text.splitlines()[-1] == "machine: processor a fast one, cores 2"


def test_a_peer_that_is_not_installed_is_said_where_its_figure_would_stand() -> None:
    found = replace(outcome("a thing", targets.RIVAL_BUILD, 3.0), peer_name="Chroma", absent="not installed")
    line = cells(show.table([found], MACHINE).splitlines()[2])
    assert line == ["a thing", "3.00 s", "not installed", "≤ 1x", "?", "1"]


def test_what_was_left_out_is_said_with_the_reason() -> None:
    text = show.table([Skipped(measure="quality", reason="no collections")], MACHINE)
    assert "quality was left out: no collections" in text.splitlines()
