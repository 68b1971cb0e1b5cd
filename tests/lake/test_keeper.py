"""While a lake is kept open, indexes follow commits, schedules and quiet times."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lakehouse.assembly import open_lake
from lakehouse.base.clock import FixedClock
from lakehouse.index.params import IndexParams
from lakehouse.lake.facade import Lakehouse
from lakehouse.lake.keeper import Keeper
from lakehouse.lake.models import Models
from lakehouse.llm.fake import FakeEmbedder
from tests.lake.conftest import PEOPLE, SETTINGS


class Kept:
    """A lake with a keeper whose looks are called by the test."""

    def __init__(self, lake: Lakehouse, clock: FixedClock, params: IndexParams) -> None:
        self.lake, self.clock = lake, clock
        self.keeper = Keeper(lake.index, clock=clock, params=params)
        self.keeper._thread = self.keeper  # type: ignore[assignment]  # it is on, and nobody else looks

    def commit(self, number: int) -> None:
        self.lake.upsert("people", [{"id": number, "resume": f"worker {number}"}], key="id")
        self.keeper.notice(self.lake._parts.catalog.head(self.lake.index.get("resumes").source().name))

    def look(self) -> tuple[str, ...]:
        started = self.keeper.look()
        for job in self.lake.index.jobs.all():
            self.lake.index.jobs.wait(job.job_id, timeout_s=60)
        return started


@pytest.fixture
def kept(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Kept]:
    clock = FixedClock(1_700_000_000_000)
    models = Models(embedder=lambda: FakeEmbedder(dimension=32), chat=lambda: None, entries=10)
    params = getattr(request, "param", IndexParams(settle_s=2.0))
    settings = replace(SETTINGS, index=replace(params, refresh=False))
    with open_lake(tmp_path / "lake", settings=settings, clock=clock, models=models) as lake:
        lake.upsert("people", PEOPLE, key="id")
        lake.index.build("resumes", table="people", text="resume", id="id")
        yield Kept(lake, clock, params)


def test_a_commit_is_followed_once_it_has_been_quiet_for_a_while(kept: Kept) -> None:
    kept.commit(20)
    assert kept.look() == ()
    kept.clock.advance(1500)
    kept.commit(21)
    kept.clock.advance(1500)
    assert kept.look() == ()
    kept.clock.advance(1000)
    assert kept.look() == ("resumes",)
    assert kept.lake.index.show("resumes").waiting == 0
    assert kept.look() == ()


def test_a_manual_index_is_left_alone(kept: Kept) -> None:
    kept.lake.index.define("resumes", table="people", text="resume", id="id", refresh="manual")
    kept.commit(20)
    kept.clock.advance(5000)
    assert kept.look() == ()


def test_a_scheduled_index_is_refreshed_when_its_time_has_come(kept: Kept) -> None:
    kept.lake.index.define("resumes", table="people", text="resume", id="id", refresh="scheduled", every_s=60)
    kept.commit(20)
    assert kept.look() == ()
    kept.clock.advance(59_000)
    assert kept.look() == ()
    kept.clock.advance(1_000)
    assert kept.look() == ("resumes",)
    assert kept.lake.index.show("resumes").waiting == 0


@pytest.mark.parametrize("kept", [IndexParams(tune=True, tune_per_hour=2)], indirect=True, ids=["tuning"])
def test_the_tuner_makes_trials_in_quiet_times_within_its_budget(kept: Kept) -> None:
    for _ in range(4):
        kept.look()
    assert len(kept.lake.index.trials("resumes")) == 2
    kept.clock.advance(3_600_000)
    kept.look()
    assert len(kept.lake.index.trials("resumes")) == 3


def test_a_server_takes_up_what_an_earlier_process_left(tmp_path: Path) -> None:
    models = [
        Models(embedder=lambda: FakeEmbedder(dimension=32), chat=lambda: None, entries=10) for _ in range(2)
    ]
    with open_lake(tmp_path / "lake", settings=SETTINGS, models=models[0]) as lake:
        lake.upsert("people", PEOPLE, key="id")
        lake.index.define("resumes", table="people", text="resume", id="id")
    with open_lake(tmp_path / "lake", settings=SETTINGS, models=models[1]) as lake:
        lake.running.start()
        (job,) = lake.index.jobs.all()
        assert lake.index.jobs.wait(job.job_id, timeout_s=60).state == "done"
        assert lake.index.show("resumes").waiting == 0
