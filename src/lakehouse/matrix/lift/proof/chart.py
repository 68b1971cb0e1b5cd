"""[pure] The chart: lift along the traffic, and beside it by class, as Vega-Lite with its data inline.

A row for each collection and user. Scales are the same in all of them, so that rows can be compared.
Any viewer of Vega-Lite draws it; nothing is fetched.
Source: the Vega-Lite 5 specification, vega.github.io/vega-lite/docs; colours of Okabe and Ito, "Color
universal design" (2008), which people who confuse red and green can tell apart.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil, floor
from typing import Final

from lakehouse.matrix.lift.plan import OURS
from lakehouse.matrix.lift.proof import arrivals
from lakehouse.matrix.lift.proof.figures import Run
from lakehouse.matrix.lift.proof.results import CONTROL, Curve, Row
from lakehouse.matrix.lift.stream import CLASSES

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v5.json"
STYLES: Final[Mapping[str, tuple[str, tuple[int, ...]]]] = {
    OURS: ("#0072B2", (1, 0)),
    "similarities": ("#D55E00", (6, 2)),
    "distance": ("#009E73", (2, 2)),
    "popularity": ("#CC79A7", (8, 2, 2, 2)),
    "cache": ("#56B4E9", (4, 4)),
    CONTROL: ("#000000", (1, 3)),
}
"""Arms that are drawn: colour, and dashes for where there is none. Parts left out are for the table, and the
oracle's lift is so large that the others' would look alike."""

ALONG: Final = 330
BESIDE: Final = 108
HEIGHT: Final = 135
"""Of one row; all widths and what stands between them make about 1,000 pixels."""

STEP: Final = 0.05
"""Scales end at a whole number of these, and begin at least one below 0, so that the control is seen."""

Spec = dict[str, object]


def chart(run: Run, *, seeds: int) -> Spec:
    """A row of panels for each collection and user whose traffic was followed."""
    curves = [one for one in arrivals.along(run.dones) if one.arm in STYLES]
    rows = list(dict.fromkeys((one.set, one.user) for one in curves))
    classed = [r for r in run.rows if _is_drawn(r) and (r.set, r.user) in rows]
    ordered = _ordered(curves)
    drawn = [_row(n, _name(rows[n]), ordered, _scales(curves, classed)) for n in range(len(rows))]
    return {
        "$schema": SCHEMA,
        "background": "white",
        "title": {
            "text": "Lift: how much better people find things with memory than by the same search without",
            "subtitle": _about(run, [name for name, _ in rows], seeds),
            "anchor": "start",
            "offset": 14,
        },
        "config": {"font": "sans-serif", "axis": {"gridColor": "#EEEEEE"}, "view": {"stroke": "#DDDDDD"}},
        "data": {"values": [*_along(curves), *_beside(classed)]},
        "vconcat": drawn or [{"mark": {"type": "text", "text": "no traffic was followed in this run"}}],
    }


def _is_drawn(row: Row) -> bool:
    return row.kind == "stream" and row.arm in STYLES and row.of in CLASSES


def _name(row: tuple[str, str]) -> str:
    return ", ".join(row)


def _about(run: Run, sets: Sequence[str], seeds: int) -> list[str]:
    if not sets:
        return []
    worlds = [run.worlds[name] for name in dict.fromkeys(sets)]
    metrics = ", ".join(dict.fromkeys(world.metric.replace("ndcg", "nDCG") for world in worlds))
    models = ", ".join(dict.fromkeys(world.model for world in worlds))
    named = ", ".join(world.name for world in worlds)
    counted = "seed 1" if seeds == 1 else f"mean of seeds 1 to {seeds}"
    return [
        f"{metrics} above the control, {counted}, on {named}; questions compared by {models}",
        "left: each search scored before it is learned from, mean of the last fifth of the traffic",
        "right: after all of it, by what is asked; 95 % intervals over needs",
    ]


def _ordered(curves: Iterable[Curve]) -> list[str]:
    """The arms as they stand at the right end, the highest first; where rows differ, by their mean."""
    ends: dict[str, list[float]] = {CONTROL: [0.0]}
    for one in curves:
        ends.setdefault(one.arm, []).append(one.points[-1][1])
    places = list(STYLES)
    return sorted(ends, key=lambda arm: (-sum(ends[arm]) / len(ends[arm]), places.index(arm)))


def _along(curves: Sequence[Curve]) -> list[Spec]:
    values: list[Spec] = [
        {"row": _name((one.set, one.user)), "of": one.of, "arm": one.arm, "searches": n, "lift": lift}
        for one in curves
        for n, lift in one.points
    ]
    bases = dict.fromkeys((value["row"], value["searches"]) for value in values)
    zeros: list[Spec] = [
        {"row": row, "of": "live", "arm": CONTROL, "searches": n, "lift": 0.0} for row, n in bases
    ]
    return values + zeros


def _beside(rows: Iterable[Row]) -> list[Spec]:
    return [
        {
            "row": _name((row.set, row.user)),
            "of": row.of,
            "arm": row.arm,
            "lift": row.lift.mean,
            "low": row.lift.low,
            "high": row.lift.high,
        }
        for row in rows
    ]


def _scales(curves: Iterable[Curve], rows: Iterable[Row]) -> tuple[list[float], list[float]]:
    lifts = [lift for one in curves for _, lift in one.points]
    ends = [end for row in rows for end in (row.lift.low, row.lift.high)]
    return _scale(lifts), _scale(ends)


def _scale(values: Iterable[float]) -> list[float]:
    among = [0.0, *values]
    low, high = floor(min(among) / STEP), ceil(max(among) / STEP)
    return [round(min(low, -1) * STEP, 2), round(max(high, 1) * STEP, 2)]


def _ticks(scale: Sequence[float]) -> list[float]:
    """So few that a narrow panel has room for their labels; 0 is one."""
    low, high = scale
    step = next((s for s in (STEP, 0.1, 0.2) if high - low <= 3 * s), 0.5)
    return [round(step * n, 2) for n in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]


def _row(place: int, name: str, ordered: Sequence[str], scales: tuple[list[float], list[float]]) -> Spec:
    panels = [_lines(name, ordered, scales[0])]
    panels += [_intervals(name, of, ordered, scales[1]) for of in CLASSES]
    if place:  # the first row heads the columns
        panels = [{key: value for key, value in panel.items() if key != "title"} for panel in panels]
    return {"hconcat": panels, "spacing": 12, "title": {"text": name, "anchor": "start", "limit": 500}}


def _lines(name: str, ordered: Sequence[str], scale: Sequence[float]) -> Spec:
    return {
        "title": _head("along the traffic"),
        "width": ALONG,
        "height": HEIGHT,
        "transform": _only(name, "live"),
        "mark": {"type": "line"},
        "encoding": {
            "x": {
                "field": "searches",
                "type": "quantitative",
                "title": "searches so far",
                "scale": {"nice": False, "zero": True},
                "axis": {"labelFlush": True, "tickCount": 6},
            },
            "y": {"field": "lift", "type": "quantitative", "title": "lift", "scale": {"domain": scale}},
            "color": _told(ordered, [STYLES[arm][0] for arm in ordered]),
            "strokeDash": _told(ordered, [list(STYLES[arm][1]) for arm in ordered]),
            "strokeWidth": {"condition": {"test": f"datum.arm == '{OURS}'", "value": 3}, "value": 1.6},
        },
    }


def _told(ordered: Sequence[str], among: Sequence[object]) -> Spec:
    legend = {"title": "arm, by lift at the end", "symbolSize": 300, "symbolStrokeWidth": 2}
    scale = {"domain": list(ordered), "range": list(among)}
    return {"field": "arm", "type": "nominal", "title": legend["title"], "scale": scale, "legend": legend}


def _intervals(name: str, of: str, ordered: Sequence[str], scale: Sequence[float]) -> Spec:
    labels = {"labels": of == CLASSES[0], "ticks": False, "title": None, "domain": False}
    arms = [arm for arm in ordered if arm != CONTROL]
    y = {"field": "arm", "type": "nominal", "sort": arms, "scale": {"domain": arms}, "axis": labels}
    colours = {"domain": list(ordered), "range": [STYLES[arm][0] for arm in ordered]}
    colour = {"field": "arm", "type": "nominal", "scale": colours, "legend": None}
    x: Spec = {"type": "quantitative", "title": "lift", "scale": {"domain": list(scale)}}
    x["axis"] = {"values": _ticks(scale)}
    return {
        "title": _head(of),
        "width": BESIDE,
        "height": HEIGHT,
        "transform": _only(name, of),
        "layer": [
            {
                "mark": {"type": "rule", "color": STYLES[CONTROL][0], "strokeDash": [1, 3]},
                "encoding": {"x": {"datum": 0}},
            },
            {
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {"y": y, "x": {"field": "low", **x}, "x2": {"field": "high"}, "color": colour},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 50, "opacity": 1},
                "encoding": {"y": y, "x": {"field": "lift", **x}, "color": colour},
            },
        ],
    }


def _head(text: str) -> Spec:
    return {"text": text, "fontSize": 11, "fontWeight": "normal", "anchor": "middle", "color": "#555555"}


def _only(name: str, of: str) -> list[Spec]:
    return [{"filter": {"field": field, "equal": value}} for field, value in (("row", name), ("of", of))]
