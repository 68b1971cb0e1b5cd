"""[acts] `lakehouse index ls`, `lakehouse index show`: what can be searched, how well, and what waits."""

import textwrap
from dataclasses import asdict
from typing import Final

import typer
from rich.text import Text

from lakehouse.base.errors import LakehouseError
from lakehouse.edge.cli import call as calls
from lakehouse.edge.cli import fit, grid
from lakehouse.edge.cli.call import Call
from lakehouse.edge.cli.grid import Head
from lakehouse.edge.cli.opening import opened
from lakehouse.edge.cli.search.index import Name
from lakehouse.edge.cli.search.phases import span
from lakehouse.lake.facade import Facts, IndexInfo, Lakehouse, Promotion

INDENT: Final = 14
"""Of the facts about an index, under each other."""

VARIED: Final = ("m", "ef_search")


def ls(context: typer.Context) -> None:
    """List the indexes: rows, how many wait, recall and age; with room, size and what has no vector."""
    call = calls.of(context)
    with opened(call) as lake:
        infos = lake.index.ls()
    if call.json:
        call.emit([document(info) for info in infos])
        return
    if not infos:
        call.say("no indexes yet: lakehouse index build NAME --table T --text C,… makes one")
        return
    heads = (
        Head("index"),
        Head("table"),
        *(Head(n, is_number=True) for n in ("rows", "waiting", "recall")),
        Head("age"),
        *(Head(n, is_number=True) for n in ("by meaning", "unusable", "gen", "worst", "size")),
    )  # a narrow screen has no room for those at the right
    grid.rows(call.out, heads, [_line(info) for info in infos])


def show(context: typer.Context, name: Name) -> None:
    """One index: what it reads, recall (mean and worst query), size, age, what waits, its generations."""
    call = calls.of(context)
    with opened(call) as lake:
        info = lake.index.show(name)
        built = _built(lake, info)
    if call.json:
        call.emit(document(info))
    else:
        present(call, info, built)


def present(call: Call, info: IndexInfo, built: tuple[Facts, ...]) -> None:
    """Show one index on the screen."""
    call.out.print(Text.assemble((info.name, "bold"), f"  {fit.clean(info.table)} by {fit.clean(info.id)}"))
    rows = f"{info.rows:,} by words, {info.embedded:,} by meaning ({fit.count(info.vectors, 'passage')})"
    facts = {
        "text": ", ".join(info.text),
        "vector": info.vector,
        "model": model_of(info),
        "rows": rows,
        "generation": quality(info) or "none: every passage is looked at",
        "debt": debt(info),
        "unusable": f"{info.unusable:,} ready vectors: {info.unusable_why}" if info.unusable else "",
        "refresh": info.refresh,
        "config": configuration(info.config),
    }
    for name, value in facts.items():
        if value:
            lines = textwrap.wrap(fit.clean(value), max(20, call.out.width - INDENT), break_long_words=False)
            said = f"\n{' ' * INDENT}".join(lines)
            call.out.print(Text.assemble((f"  {name:<12}", "dim"), said))
    if built or info.history:
        call.out.print()
        generations(call, info, built)


def generations(call: Call, info: IndexInfo, built: tuple[Facts, ...]) -> None:
    """Those on this machine, newest first; ● is the one that serves."""
    heads = (
        Head(""),
        *(Head(n, is_number=True) for n in ("gen", "vectors", "recall", "worst", "size")),
        Head("built", is_whole=True),
        Head("promoted"),
        Head("config"),
    )
    by_number: dict[int, Promotion] = {}
    for promotion in info.history:
        by_number.setdefault(promotion.generation, promotion)
    lines = [
        (
            Text("●" if facts.generation == info.generation else " ", "green"),
            facts.generation,
            f"{facts.count:,}",
            f"{facts.recall.mean:.3f}",
            f"{facts.recall.worst:.2f}",
            fit.size(facts.bytes),
            fit.moment(facts.built_at),
            _promoted(by_number.get(facts.generation), serves=facts.generation == info.generation),
            brief(facts.config),
        )
        for facts in reversed(built)
    ]
    grid.rows(call.out, heads, lines)


def document(info: IndexInfo) -> dict[str, object]:
    """One index as JSON."""
    return asdict(info)


def model_of(info: IndexInfo) -> str:
    """The model and what it makes; empty where there is none yet."""
    if info.vector:
        return f"ready vectors, {info.dimension} dimensions" if info.dimension else ""
    return f"{info.model}, {info.dimension} dimensions" if info.model else ""


def quality(info: IndexInfo) -> str:
    """The serving generation in one line; empty where none serves."""
    if info.generation is None or info.recall is None or info.recall_worst is None:
        return ""
    age = f", {span(info.age_s)} old" if info.age_s is not None else ""
    recall = f"recall@10 {info.recall:.3f}, worst query {info.recall_worst:.2f}"
    return f"{info.generation}: {recall} · {fit.size(info.bytes)}{age}"


def debt(info: IndexInfo) -> str:
    """What a refresh would do."""
    parts = (
        (info.waiting, "rows wait for their meaning"),
        (info.fresh, "passages newer than the generation"),
        (info.dead, "passages that the table no longer has"),
    )
    return ", ".join(f"{count:,} {what}" for count, what in parts if count) or "none"


def configuration(config: object) -> str:
    """The settings of a graph in one line."""
    return " ".join(f"{name}={value}" for name, value in _members(config).items())


def brief(config: object) -> str:
    """What trials vary in a graph, and whatever else is not as usual."""
    usual = type(config)()
    given = {n: v for n, v in _members(config).items() if n in VARIED or v != getattr(usual, n)}
    return " ".join(f"{name}={value}" for name, value in given.items())


def _members(config: object) -> dict[str, object]:
    given: dict[str, object] = asdict(config)  # type: ignore[call-overload]  # any of our dataclasses
    return given


def _line(info: IndexInfo) -> tuple[object, ...]:
    return (
        info.name,
        info.table,
        f"{info.rows:,}",
        f"{info.waiting:,}",
        "" if info.recall is None else f"{info.recall:.3f}",
        span(info.age_s) if info.age_s is not None else "",
        f"{info.embedded:,}",
        f"{info.unusable:,}" if info.unusable else "",
        "" if info.generation is None else info.generation,
        "" if info.recall_worst is None else f"{info.recall_worst:.2f}",
        fit.size(info.bytes) if info.bytes else "",
    )


def _built(lake: Lakehouse, info: IndexInfo) -> tuple[Facts, ...]:
    kept = lake.index.get(info.name).generations
    found = []
    for number in info.generations:
        try:
            found.append(kept.facts(number))
        except LakehouseError:
            continue  # damaged, or removed meanwhile: the doctor's to say
    return tuple(found)


def _promoted(promotion: Promotion | None, *, serves: bool) -> str:
    if promotion is None:
        return "serves" if serves else ""
    override = ", below the floor" if promotion.overridden else ""
    note = f": {promotion.note}" if promotion.note else ""
    return f"{fit.moment(promotion.at)} by {promotion.by}{override}{note}"
