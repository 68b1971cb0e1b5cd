"""[pure] The chart: how lift grows with the searches that came in, as Vega-Lite with its data inline.

Any viewer of Vega-Lite draws it; nothing is fetched.
Source: the Vega-Lite 5 specification, vega.github.io/vega-lite/docs.
"""

from collections.abc import Iterable
from typing import Final

from lakehouse.matrix.lift.proof.results import Curve

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v5.json"
ARMS: Final = ("ours", "similarities", "distance", "popularity", "cache", "oracle")
"""That are drawn; parts left out are for the table."""

WIDTH: Final = 260
HEIGHT: Final = 180


def chart(curves: Iterable[Curve]) -> dict[str, object]:
    """A panel for each collection and user: lift on unseen paraphrases by arrivals."""
    values = [
        {"panel": f"{one.set}, {one.user}", "arm": one.arm, "searches": n, "lift": lift}
        for one in curves
        if one.of == "paraphrase" and one.arm in ARMS
        for n, lift in one.points
    ]
    return {
        "$schema": SCHEMA,
        "title": "Lift on unseen paraphrases, nDCG@10 over the base, by searches so far",
        "data": {"values": values},
        "facet": {"field": "panel", "type": "nominal", "title": None},
        "columns": 2,
        "spec": {
            "width": WIDTH,
            "height": HEIGHT,
            "layer": [
                {"mark": {"type": "rule", "color": "#999999"}, "encoding": {"y": {"datum": 0}}},
                {
                    "mark": {"type": "line", "point": True},
                    "encoding": {
                        "x": {"field": "searches", "type": "quantitative", "title": "searches"},
                        "y": {"field": "lift", "type": "quantitative", "title": "lift"},
                        "color": {"field": "arm", "type": "nominal", "sort": list(ARMS), "title": "arm"},
                        "strokeWidth": {
                            "condition": {"test": "datum.arm == 'ours'", "value": 3},
                            "value": 1.2,
                        },
                    },
                },
            ],
        },
    }
