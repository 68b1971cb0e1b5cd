"""The bench measures, says what it found as it is, and leaves nothing behind."""

import json
import math
import os
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid, Unavailable
from lakehouse.bench import machine, race, run, served, show, start, targets
from lakehouse.bench.ground import QUICK, TINY, Ground, Sizes
from lakehouse.bench.memory import held_bytes, peak_of, tree_bytes
from lakehouse.bench.outcome import Failure, Outcome, tail
from lakehouse.bench.targets import Target

SOURCE = Path(targets.__file__).parent
TARGETS = {name: value for name, value in vars(targets).items() if isinstance(value, Target)}


def outcome(target: Target, ours: Sequence[float], peer: Sequence[float] = ()) -> Outcome:
    return Outcome(
        measure="m",
        what="a thing",
        target=target,
        ours=tuple(ours),
        peer=tuple(peer),
        peer_name="them" if peer else "",
        note="as it was",
    )


def test_the_median_is_what_counts_and_one_slow_sample_does_not() -> None:
    found = outcome(targets.HELP_TIME, [0.3, 0.2, 99.0])
    assert (found.median, found.is_met, found.ratio) == (0.3, True, None)


def test_a_ratio_is_of_medians() -> None:
    found = outcome(targets.INGEST_TIME, [1.0, 2.0, 9.0], [1.0, 4.0, 1.0])
    assert (found.peer_median, found.ratio, found.is_met) == (1.0, 2.0, True)


def test_a_missed_target_is_missed() -> None:
    assert outcome(targets.INGEST_TIME, [2.01], [1.0]).is_met is False
    assert outcome(targets.HELP_TIME, [0.36]).is_met is False
    assert outcome(targets.REQUEST_RATE, [299.0]).is_met is False
    assert outcome(targets.REQUEST_RATE, [300.0]).is_met is True


def test_a_margin_on_top_of_a_ratio_counts_in_its_unit() -> None:
    assert outcome(targets.COLD_QUERY, [0.0063], [0.001]).is_met is True
    assert outcome(targets.COLD_QUERY, [0.0064], [0.001]).is_met is False


def test_a_ratio_without_a_peer_is_neither_met_nor_missed() -> None:
    assert outcome(targets.INGEST_TIME, [1.0]).is_met is None


@given(st.lists(st.floats(0.001, 1e6), min_size=1, max_size=40))
def test_the_tail_is_a_sample_that_most_do_not_exceed(samples: list[float]) -> None:
    found = tail(tuple(samples))
    assert found in samples
    assert sum(sample <= found for sample in samples) >= 0.95 * len(samples)


@pytest.mark.parametrize("name", TARGETS)
def test_every_target_bounds_one_thing_and_names_its_source(name: str) -> None:
    target = TARGETS[name]
    bounds = (target.most, target.least, target.exactly, target.times, target.least_times)
    assert bounds.count(None) == len(bounds) - 1
    assert target.source
    assert re.search(r"\d", str(target))


def test_no_bound_is_written_down_twice() -> None:
    elsewhere = [path for path in SOURCE.rglob("*.py") if path.name != "targets.py"]
    assert not [path.name for path in elsewhere if re.search(r"Target\(|most=|least=", path.read_text())]


def test_who_goes_first_alternates_and_warm_ups_do_not_count() -> None:
    calls: list[str] = []

    def call(who: str) -> float:
        calls.append(who)
        return float(len(calls))

    ours, peer = race.race(lambda: call("a"), lambda: call("b"), samples=2, warm_ups=1)
    assert calls == ["b", "a", "a", "b", "b", "a"]
    assert (ours, peer) == ((3.0, 6.0), (4.0, 5.0))


def test_the_table_shows_a_missed_target_a_failure_and_the_machine() -> None:
    results = (
        outcome(targets.INGEST_TIME, [3.0], [1.0]),
        outcome(targets.UPSERT_FULL, [0.0123]),
        outcome(targets.REQUEST_RATE, [1234.5]),
        Failure(measure="server", reason="no port"),
    )
    text = show.table(results, {"cores": 2})
    assert re.search(r"a thing +3.00 s +1.00 s +3.00x +≤ 2x +NO +1", text)
    assert re.search(r"a thing +12.3 ms +≤ 80 ms +yes +1", text)
    assert re.search(r"a thing +1,234/s +≥ 300/s +yes", text) or re.search(r"1,235/s", text)
    assert "server could not be measured: no port" in text
    assert "m: as it was" in text
    assert "machine: cores 2" in text


def test_the_machine_is_named_with_its_versions() -> None:
    facts = machine.facts()
    assert {"processor", "cores", "memory_gb", "load_before", "python", "duckdb", "lakehouse"} <= set(facts)


def test_memory_of_this_process_and_its_children_is_seen() -> None:
    alone = tree_bytes(os.getpid())
    with peak_of(os.getpid()) as peak:
        held = bytearray(os.urandom(1 << 20) * 64)
        tree_bytes(os.getpid())
        sum(race.timed(lambda: hash(bytes(held))) for _ in range(3))
    assert peak[0] > alone > 1 << 20
    assert tree_bytes(2**22 + 1) == 0


def test_a_name_that_is_no_measure_is_invalid() -> None:
    with pytest.raises(Invalid, match="no measure") as caught:
        run.main(["speed"], json=False, quick=True, root=None)
    assert "ingest" in caught.value.hint


@pytest.mark.parametrize("name", ["ingest", "cold", "pinned", "upsert", "server"])
def test_a_measure_yields_figures_and_removes_its_data(name: str, tmp_path: Path) -> None:
    results = list(run.measured([name], TINY, tmp_path))
    assert results
    for result in results:
        assert isinstance(result, Outcome), result
        assert all(sample > 0 and math.isfinite(sample) for sample in (*result.ours, *result.peer))
        assert result.measure == name
        assert result.is_met is not None
    assert len({result.what for result in results if isinstance(result, Outcome)}) == len(results)
    assert list(tmp_path.iterdir()) == []


def test_a_command_is_timed_beside_an_interpreter_that_does_nothing(tmp_path: Path) -> None:
    found = start.commands(tmp_path, ["--help"], targets.HELP_TIME, samples=2, what="help")
    assert len(found.ours) == len(found.peer) == 2
    assert found.ratio is not None
    assert found.ratio > 1


def test_a_command_that_fails_is_no_figure(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no-such-command"):
        start.seconds(tmp_path, ["-m", "lakehouse", "no-such-command"])


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "photo.jpg").touch()
    with pytest.raises(Unavailable, match="did not start"), served.serving(tmp_path / "other"):
        pass


def test_files_that_several_processes_map_count_once() -> None:
    assert 1 << 20 < held_bytes(os.getpid()) <= tree_bytes(os.getpid()) + (4 << 20)
    assert held_bytes(2**22 + 1) == 0


def test_a_measure_that_fails_is_shown_and_makes_the_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def broken(_: Ground) -> Sequence[Outcome]:
        raise Unavailable("no disk", hint="buy one")

    def missed(_: Ground) -> Sequence[Outcome]:
        return [outcome(targets.HELP_TIME, [9.0])]

    monkeypatch.setattr(run, "MEASURES", {"broken": broken, "missed": missed})
    assert run.main(["missed"], json=True, quick=True, root=tmp_path) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["results"][0]["met"] is False
    assert document["machine"]["cores"] >= 1
    assert run.main([], json=False, quick=True, root=tmp_path) == 1
    assert "broken could not be measured: no disk" in capsys.readouterr().out


def test_quick_is_smaller_in_every_way() -> None:
    full = Sizes()
    assert all(getattr(QUICK, name) < getattr(full, name) for name in Sizes.__slots__)
