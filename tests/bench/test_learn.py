"""What learning costs, at its smallest: five figures come out, and nothing stays in the log."""

from pathlib import Path

import pytest

from lakehouse.bench import run
from lakehouse.bench.ground import TINY
from lakehouse.bench.outcome import Outcome, Skipped
from lakehouse.llm.minilm.embedder import MiniLM


@pytest.mark.skipif(not MiniLM.is_installed(), reason="the local model is not installed")
def test_time_added_and_events_a_second_are_measured_and_the_folder_is_removed(tmp_path: Path) -> None:
    found = list(run.measured(["learn"], TINY, tmp_path))
    assert all(isinstance(one, Outcome) and min(one.ours) > 0 for one in found), found
    units = [one.target.unit for one in found if isinstance(one, Outcome)]
    assert units == ["ms", "ms", "/s", "/s", "/s"]
    assert list(tmp_path.iterdir()) == []


def test_without_the_model_it_is_left_out_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MiniLM, "is_installed", staticmethod(lambda: False))
    (only,) = run.measured(["learn"], TINY, tmp_path)
    assert isinstance(only, Skipped)
    assert "make setup" in only.reason
