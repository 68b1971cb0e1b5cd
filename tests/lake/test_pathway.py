"""Pathway memory as a part of the lake: wired, set by its settings, shown by SQL, there after a restart."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import lakehouse
from lakehouse.lake.facade import Lakehouse
from lakehouse.lake.running import MANY_SEGMENTS
from tests.memory.remembered import RICH, TASK

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "pathway.md"


def opened(root: Path, pathway: str = "") -> Lakehouse:
    root.mkdir(exist_ok=True)
    (root / "lakehouse.toml").write_text(f'[durability]\nmode = "process"\n[pathway]\n{pathway}\n')
    return lakehouse.open(root)


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lakehouse]:
    with opened(tmp_path / "lake") as found:
        yield found


def test_every_event_is_a_row_of_sql(lake: Lakehouse) -> None:
    uid = lake.pathway.add({"snapshot_id": [1, None]}, tags=["x"], uid="a").uid
    lake.pathway.replay(uid, succeeded=True, note="as before")
    lake.pathway.revise(uid, False, uid="b")
    lake.pathway.retire("b", "odd")
    rows = lake.sql(
        "SELECT seq, event, uid, predecessor_uid, content, succeeded, reason FROM system.pathway ORDER BY seq"
    ).rows()
    assert list(rows) == [
        (1, "add", "a", None, '{"snapshot_id":[1,null]}', None, None),
        (2, "replay", "a", None, None, True, "as before"),
        (3, "revise", "b", "a", "false", None, None),
        (4, "retire", "b", None, None, None, "odd"),
    ]


def test_closing_and_opening_changes_nothing_also_when_the_log_was_folded(tmp_path: Path) -> None:
    with opened(tmp_path / "lake") as lake:
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda n: lake.pathway.add(n, uid=f"u{n}"), range(3 * MANY_SEGMENTS)))
        lake.pathway.revise("u7", "seven", uid="seven")
        before = (lake.pathway.stats(), lake.pathway.history("seven"))
    assert list((tmp_path / "lake" / "journal" / "pathway").rglob("*.parquet"))
    with opened(tmp_path / "lake") as lake:
        assert (lake.pathway.stats(), lake.pathway.history("seven")) == before


def test_two_open_lakes_on_one_folder_share_what_they_remember(tmp_path: Path) -> None:
    with opened(tmp_path / "lake") as one, opened(tmp_path / "lake") as other:
        uid = one.pathway.add("mine").uid
        theirs = other.pathway.revise(uid, "ours").uid
        assert [t.content for t in one.pathway.history(theirs)] == ["ours", "mine"]


def test_the_gates_are_those_of_the_settings(tmp_path: Path) -> None:
    with opened(tmp_path / "lake", "sure = 0.55") as lake:
        uid = lake.pathway.add(dict(RICH)).uid
        for _ in range(3):
            lake.pathway.replay(uid, succeeded=True)
        assert lake.pathway.hot_swap(TASK).swap
    with opened(tmp_path / "lake") as lake:
        assert not lake.pathway.hot_swap(TASK).swap


def test_a_lake_that_remembers_nothing_has_figures_and_an_empty_view(lake: Lakehouse) -> None:
    assert lake.pathway.stats().events == 0
    assert lake.sql("SELECT * FROM system.pathway").row_count == 0
    assert lake.pathway.search() == ()


def test_the_rich_trace_of_the_documentation_is_one(lake: Lakehouse) -> None:
    (block,) = re.findall(r"```json\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    trace = lake.pathway.add(json.loads(block))
    assert trace.path is not None
    assert (trace.path.model, trace.path.audit, trace.path.file_prefix) == (
        *("small", "passed", "crates/vectord"),
    )
