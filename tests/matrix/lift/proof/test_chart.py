"""The chart of one run over the small world, and its picture."""

import json
import struct
import subprocess
import sys
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from lakehouse.base.errors import Invalid
from lakehouse.matrix.lift.plan import Task
from lakehouse.matrix.lift.proof import arrivals, chart, figures, picture
from lakehouse.matrix.lift.proof.figures import Run
from lakehouse.matrix.lift.run import perform
from tests.matrix.lift.scene import tiny

ARMS = ("none", "cache", "oracle", "ours")
WIDE = 1000

WITHOUT_THE_EXTRA = """
import sys
sys.modules["vl_convert"] = None
from lakehouse.base.errors import Unavailable
from lakehouse.matrix.lift.proof import picture
try:
    picture.png({})
except Unavailable as error:
    print(error.hint)
"""


@lru_cache(maxsize=1)
def run() -> Run:
    """Followed under two seeds, and once under a user whose traffic is not followed."""
    tasks = [
        Task(world="tiny", kind="stream", user="perfect", seed=1, arms=ARMS, has_curve=True),
        Task(world="tiny", kind="stream", user="perfect", seed=2, arms=ARMS, has_curve=True),
        Task(world="tiny", kind="stream", user="random", seed=1, arms=("none", "ours")),
    ]
    return figures.of([perform(tiny(), task) for task in tasks], {"tiny": tiny()})


def drawn(given: Run | None = None, *, seeds: int = 2) -> dict[str, object]:
    return json.loads(json.dumps(chart.chart(given or run(), seeds=seeds)))


def values() -> list[dict[str, object]]:
    return drawn()["data"]["values"]


def size(png: bytes) -> tuple[int, int]:
    return struct.unpack(">II", png[16:24])


def test_the_same_run_is_the_same_chart_byte_for_byte() -> None:
    other = replace(run(), dones=tuple(run().dones))
    assert json.dumps(chart.chart(run(), seeds=2)) == json.dumps(chart.chart(other, seeds=2))


def test_the_data_lies_in_the_chart_and_no_address_but_the_schema_is_named() -> None:
    found = drawn()
    assert list(found["data"]) == ["values"]
    assert json.dumps(found).count("://") == 1
    assert found["$schema"].endswith("v5.json")


def test_arms_are_drawn_beside_the_control_but_for_the_oracle() -> None:
    assert {value["arm"] for value in values()} == {"none", "cache", "ours"}


def test_only_traffic_that_was_followed_has_a_row() -> None:
    assert {value["row"] for value in values()} == {"tiny, perfect"}
    assert [row["title"]["text"] for row in drawn()["vconcat"]] == ["tiny, perfect"]


def test_the_legend_has_the_order_of_the_right_end() -> None:
    ends = {v["arm"]: v["lift"] for v in values() if v["of"] == "live"}
    legend = drawn()["vconcat"][0]["hconcat"][0]["encoding"]["color"]["scale"]["domain"]
    assert legend == sorted(ends, key=lambda arm: -ends[arm])
    assert legend[0] == "ours"


def test_a_panel_by_class_shows_the_intervals_of_the_table() -> None:
    (found,) = (v for v in values() if (v["of"], v["arm"]) == ("paraphrase", "ours"))
    (row,) = (r for r in run().rows if (r.user, r.of, r.arm) == ("perfect", "paraphrase", "ours"))
    assert (found["low"], found["lift"], found["high"]) == (row.lift.low, row.lift.mean, row.lift.high)


def test_every_value_is_within_the_scales_and_0_is_a_tick() -> None:
    along, beside = drawn()["vconcat"][0]["hconcat"][:2]
    low, high = along["encoding"]["y"]["scale"]["domain"]
    assert all(low <= v["lift"] <= high for v in values() if v["of"] == "live")
    axis = beside["layer"][1]["encoding"]["x"]
    low, high = axis["scale"]["domain"]
    assert all(low <= v["low"] <= v["high"] <= high for v in values() if v["of"] != "live")
    assert 0 in axis["axis"]["values"]


def test_the_title_says_what_is_shown_of_which_data_and_seeds() -> None:
    told = " ".join(drawn()["title"]["subtitle"])
    assert all(word in told for word in ("nDCG@10", "tiny", "seeds 1 to 2", tiny().model))
    assert "seed 1," in " ".join(drawn(seeds=1)["title"]["subtitle"])


def test_a_point_is_the_mean_of_the_last_fifth_of_the_traffic_over_seeds() -> None:
    rising = np.arange(100.0)
    found = dict(arrivals.points([rising, np.append(rising + 2, 50.0)]))
    assert found[100] == pytest.approx(np.arange(80, 100).mean() + 1)
    assert found[10] == pytest.approx(np.arange(0, 10).mean() + 1)
    assert len(found) == arrivals.POINTS


def test_traffic_shorter_than_the_points_has_a_point_for_each_search() -> None:
    assert arrivals.points([np.array([0.0, 1.0, 0.5])]) == ((1, 0.0), (2, 1.0), (3, 0.5))


def test_a_run_without_traffic_is_a_chart_that_says_so() -> None:
    empty = drawn(figures.of((), {}))
    assert "no traffic" in json.dumps(empty["vconcat"])


def test_the_picture_is_a_png_as_wide_as_a_page() -> None:
    pytest.importorskip("vl_convert", reason="the extra [chart] is not installed")
    made = picture.png(drawn())
    assert made.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = (side / picture.SCALE for side in size(made))
    assert 0.8 * WIDE <= width <= WIDE
    assert height > chart.HEIGHT


def test_a_chart_that_names_data_elsewhere_is_not_drawn() -> None:
    pytest.importorskip("vl_convert", reason="the extra [chart] is not installed")
    elsewhere = {"$schema": chart.SCHEMA, "data": {"url": "https://example.org/a.csv"}, "mark": "bar"}
    with pytest.raises(Invalid, match="cannot be drawn"):
        picture.png(elsewhere)


def test_without_the_extra_the_command_that_brings_it_is_named() -> None:
    asked = [sys.executable, "-c", WITHOUT_THE_EXTRA]
    assert subprocess.run(asked, capture_output=True, text=True).stdout == f"{picture.INSTALL}\n"
