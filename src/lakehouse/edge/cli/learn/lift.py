"""[acts] `lakehouse lift`: does what was learned give people what they look for? Exit 1 where it does not."""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Final, cast

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from lakehouse.assembly import open_lake
from lakehouse.base.errors import Invalid, NotFound, Unavailable
from lakehouse.base.ids import ulid
from lakehouse.edge.cli import call as calls
from lakehouse.edge.cli import failure, fit, grid
from lakehouse.edge.cli.call import Call
from lakehouse.edge.cli.grid import Head
from lakehouse.edge.cli.opening import is_lake, opened
from lakehouse.lake import lift as lifting
from lakehouse.lake.facade import Lakehouse
from lakehouse.matrix.lift.cost import cost
from lakehouse.matrix.lift.ground import data, keep
from lakehouse.matrix.lift.ground.world import World
from lakehouse.matrix.lift.outcome import Done
from lakehouse.matrix.lift.plan import MAIN, OURS, PLACED, QUICK_SETS, Task, tasks
from lakehouse.matrix.lift.proof import chart, figures, floors, picture, report
from lakehouse.matrix.lift.run import ours, run
from lakehouse.settings import Settings

COLLECTIONS: Final = Path("..") / "shared" / "data" / "ir"
"""Where the development sets lie, seen from the folder of the project."""

WORLD: Final = "world:"
"""What the entry point calls a plug that makes a world."""

SEEDS: Final = 3


def lift(
    context: typer.Context,
    *,
    data_: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="DIR",
            help="docs.jsonl, queries.jsonl, qrels.tsv; or folders of it; or staffing.",
        ),
    ] = None,
    arms: Annotated[
        list[str] | None, typer.Option("--arms", metavar="ARM", help="Only these; again for more.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE.json", help="The report; the chart beside it: .vl.json, .png."),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Two sets, one seed.")] = False,
    seeds: Annotated[int, typer.Option(min=1, help="Repetitions with other splits and moods.")] = SEEDS,
    jobs: Annotated[int, typer.Option(min=1, help="Processes.")] = os.cpu_count() or 1,
) -> None:
    """Does memory help people find things? Measured beside the same search without.

    Simulated users ask, and tell by what they take what was right. Each search
    is scored before anything is learned from it. Exit code 1: a floor is missed,
    or nothing was measured. To read tables and chart: docs/how-to/lift.md
    """
    call = calls.of(context)
    started = time.monotonic()
    seeds = 1 if quick else seeds
    worlds = tuple(_given(call, data_ or COLLECTIONS, quick=quick))
    plan = tasks(worlds, seeds=seeds, quick=quick, arms=tuple(arms or ()))
    dones = tuple(_done(call, worlds, plan, jobs=jobs))
    found = figures.of(dones, {world.name: world for world in worlds})
    document = report.document(found, code=lifting.code(), seeds=seeds)
    judged = floors.judge(figures.figures(found))
    if out:
        _write(out, report.text(document).encode())
        _draw(call, out, chart.chart(found, seeds=seeds))
    if is_lake(call.root):
        with opened(call) as lake:
            run_id = ulid(int(time.time() * 1000))
            lake.running.note_lift({"run_id": run_id, **record} for record in report.records(found))
    if call.json:
        call.emit(document)
    elif not call.quiet:
        _show(call, found, judged)
        _say_cost(call, worlds, plan)
        call.say(f"{len(plan)} streams in {time.monotonic() - started:.0f} s")
    raise typer.Exit(failure.FAILED if floors.exit_code(judged) else 0)


def _folders(given: Path, *, quick: bool) -> list[Path]:
    """The collections that a folder is or holds.

    Raises:
        NotFound: there are none.
    """
    if all((given / name).is_file() for name in data.FILES):
        return [given]
    inside = sorted(p for p in given.iterdir() if (p / data.FILES[0]).is_file()) if given.is_dir() else []
    chosen = [p for p in inside if p.name in QUICK_SETS] or inside[:2] if quick else inside
    if not chosen:
        hint = f"put {', '.join(data.FILES)} into it, or name another with --data"
        raise NotFound(f"there is no judged collection in {given}", hint=hint)
    return chosen


def _given(call: Call, data_: Path, *, quick: bool) -> Iterator[World]:
    """What is named: a world that the entry point knows, or folders."""
    if f"{WORLD}{data_}" in call.plugs and not data_.is_dir():
        yield _plugged(call, str(data_), quick=quick)
    else:
        yield from _worlds(call, _folders(data_, quick=quick))


def _plugged(call: Call, name: str, *, quick: bool) -> World:
    """The world that the entry point was handed, made in a lake of its own."""
    make = cast(Callable[..., World], call.plugged(f"{WORLD}{name}"))
    with _scratch(call, _as_here(call)) as lake:
        call.say(f"{fit.clean(name)}: a lake is filled and asked; a minute or two")
        return make(lake, is_small=quick)


def _as_here(call: Call) -> Settings:
    """Those of the lake that say how texts are embedded."""
    if not is_lake(call.root):
        return Settings()
    with opened(call) as lake:
        return Settings(embedding=lake.settings.embedding)


def _worlds(call: Call, folders: Sequence[Path]) -> Iterator[World]:
    """Each collection with what the lake's own search says to it; kept, so that a rerun has it at once."""
    cache = _cache(call)
    with _scratch(call, _as_here(call)) as lake:
        model = lifting.model(lake)
        for folder in folders:
            wanted = keep.plan(data.read(folder))
            call.say(f"{fit.clean(folder.name)}: {len(wanted.texts):,} questions")
            made, _ = keep.world(
                wanted, cache, version=lifting.version(), model=model, base=partial(lifting.LakeBase, lake)
            )
            yield made
    if model == lifting.WORDS_ONLY:
        call.say("by words only: there is no embedder; make setup installs one")


@contextmanager
def _scratch(call: Call, settings: Settings) -> Iterator[Lakehouse]:
    """A lake that is gone afterwards; models that the real one has made are used, not made again."""
    with tempfile.TemporaryDirectory(prefix="lakehouse-lift-") as folder:
        root = Path(folder) / "lake"
        models = call.root / "cache" / "models"
        with open_lake(root, settings=settings) as lake:
            if models.is_dir():
                shutil.copytree(models, root / "cache" / "models", dirs_exist_ok=True)
            yield lake


def _cache(call: Call) -> Path:
    if is_lake(call.root):
        return call.root / "cache" / "lift"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lakehouse" / "lift"


def _done(call: Call, worlds: Sequence[World], plan: Sequence[Task], *, jobs: int) -> Iterator[Done]:
    dones = run(worlds, plan, processes=min(jobs, len(plan)))
    if call.quiet or call.json or not call.err.is_terminal:
        yield from dones
        return
    name = TextColumn("{task.description:<34}", markup=False)
    with Progress(
        name, BarColumn(bar_width=None), TimeElapsedColumn(), console=call.err, transient=True
    ) as bar:
        shown = bar.add_task("streams", total=len(plan))
        for done in dones:
            task = done.task
            bar.update(shown, advance=1, description=f"{task.world} {task.kind} {task.user}"[:34])
            yield done


def _say_cost(call: Call, worlds: Sequence[World], plan: Sequence[Task]) -> None:
    """What ours adds to a search: said, not reported, for a clock never says the same twice."""
    if any(OURS in task.arms for task in plan) and (asked := [w for w in worlds if not w.past]):
        found = cost(asked[0], ours(""))
        after = f"after {found.searches:,} searches of {fit.clean(asked[0].name)}"
        call.say(f"ours adds {found.p50_ms:.2f} ms to a search, p95 {found.p95_ms:.2f} ms, {after}")


def _draw(call: Call, out: Path, drawn: Mapping[str, object]) -> None:
    """The chart beside the report; its picture too, where the extra is there that draws it."""
    _write(out.with_suffix(".vl.json"), json.dumps(drawn, sort_keys=True).encode() + b"\n")
    try:
        _write(out.with_suffix(".png"), picture.png(drawn))
    except Unavailable as error:
        if error.hint != picture.INSTALL:
            raise
        call.say(f"no picture of the chart: {error.hint}")


def _write(path: Path, content: bytes) -> None:
    if not path.parent.is_dir():
        raise Invalid(f"there is no folder {path.parent}", hint=f"mkdir -p {path.parent}")
    try:
        path.write_bytes(content)
    except OSError as error:
        raise Unavailable(f"cannot write {path}: {error.strerror}", hint="choose another file") from error


def _show(call: Call, found: figures.Run, judged: Sequence[floors.Judged]) -> None:
    numbers = [Head(name, is_number=True) for name in report.SHOWN]
    lines = report.lifts(found, (*MAIN, *PLACED))
    grid.rows(call.out, (Head("set"), Head("users"), Head("arm"), *numbers), lines)
    call.out.print()
    bounds = [Head(name, is_number=True) for name in ("floor", "aim")]
    grid.rows(call.out, (Head(""), Head("goal"), Head("measured"), *bounds), report.goals(judged))
