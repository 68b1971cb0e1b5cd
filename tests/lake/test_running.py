"""What a process that keeps a lake open relies on: health, levels, tidying."""

from pathlib import Path

import pytest

from lakehouse.assembly import open_lake
from lakehouse.base.clock import FixedClock
from lakehouse.base.errors import NotFound, Unavailable
from lakehouse.lake.running import DAY_MS, MANY_SEGMENTS, SWEEP_MS


def test_tables_dropped_long_ago_are_removed_and_looked_for_once_an_hour(tmp_path: Path) -> None:
    clock = FixedClock()
    with open_lake(tmp_path / "lake", clock=clock) as lake:
        lake.upsert("old", [{"id": 1}], key="id")
        lake.drop("old")
        assert lake.running.tidy() == 0
        clock.advance((lake.settings.upkeep.keep_days + 1) * DAY_MS)
        assert lake.running.tidy() > 0
        lake.upsert("next", [{"id": 1}], key="id")
        assert lake.running.tidy() == 0
        assert [t.table for t in lake.tables()] == ["next"]


def test_looking_again_waits_for_its_hour(tmp_path: Path) -> None:
    clock = FixedClock()
    with open_lake(tmp_path / "lake", clock=clock) as lake:
        lake.upsert("old", [{"id": 1}], key="id")
        lake.drop("old")
        clock.advance(lake.settings.upkeep.keep_days * DAY_MS - SWEEP_MS // 2)
        assert lake.running.tidy() == 0
        clock.advance(SWEEP_MS // 2 + 1)
        assert lake.running.tidy() == 0
        clock.advance(SWEEP_MS)
        assert lake.running.tidy() > 0


def test_a_stream_of_many_small_files_is_folded(tmp_path: Path) -> None:
    with open_lake(tmp_path / "lake") as lake:
        for n in range(MANY_SEGMENTS + 1):
            lake.running.note_error(NotFound("gone", hint="look"), error_id=str(n), where="test")
            assert lake.sql("SELECT count(*) FROM system.errors").rows() == [(n + 1,)]
        assert lake.running.gauges().segments > MANY_SEGMENTS
        lake.running.tidy()
        (errors,) = (s for s in lake.running.journal() if s.stream == "errors")
        assert (errors.segments, errors.parquet_files) == (0, 1)
        assert lake.sql("SELECT count(*) FROM system.errors").rows() == [(MANY_SEGMENTS + 1,)]


def test_a_failure_is_kept_with_its_place_and_its_hint(tmp_path: Path) -> None:
    with open_lake(tmp_path / "lake") as lake:
        error = Unavailable("busy", hint="wait")
        lake.running.note_error(error, error_id="e1", where="GET /x", request_id="r1")
        text = 'SELECT error_id, kind, "where", message, hint, request_id FROM system.errors'
        assert lake.sql(text).rows() == [("e1", "Unavailable", "GET /x", "busy", "wait", "r1")]


def test_health_and_levels_tell_of_an_open_lake(tmp_path: Path) -> None:
    with open_lake(tmp_path / "lake") as lake:
        assert lake.running.health()["query"] == "degraded"
        lake.running.start()
        assert set(lake.running.health().values()) == {"ok"}
        lake.upsert("people", [{"id": 1}], key="id")
        levels = lake.running.gauges()
        assert (levels.workers, levels.small_files) == (1, {"lake.people": 1})


def test_scratch_folders_are_apart_and_in_the_lake(tmp_path: Path) -> None:
    with open_lake(tmp_path / "lake") as lake:
        one, other = lake.running.scratch(), lake.running.scratch()
        assert one != other
        assert one.is_relative_to(lake.root)
        assert list(one.iterdir()) == []


@pytest.mark.parametrize("part", ["writer", "storage"])
def test_a_closed_lake_is_not_well(tmp_path: Path, part: str) -> None:
    with open_lake(tmp_path / "lake") as lake:
        lake.running.start()
    assert lake.running.health()[part] == "down"


def test_closing_a_lake_folds_a_journal_that_has_grown_long(tmp_path: Path) -> None:
    with open_lake(tmp_path / "lake") as lake:
        for number in range(MANY_SEGMENTS + 1):
            lake.running.note_error(Unavailable("busy"), error_id=str(number), where="GET /x")
            lake.sql("SELECT count(*) FROM system.errors")  # makes what was posted a segment of its own
    with open_lake(tmp_path / "lake") as lake:
        (errors,) = (s for s in lake.running.journal() if s.stream == "errors")
        assert (errors.segments, errors.parquet_files) == (0, 1)
        assert lake.sql("SELECT count(*) FROM system.errors").rows() == [(MANY_SEGMENTS + 1,)]
