"""[acts] One row upserted into a small and into a large table: time, bytes written, and after many."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

from lakehouse.assembly import open_lake
from lakehouse.base.errors import Corrupt
from lakehouse.bench.ground import Ground
from lakehouse.bench.ingest import ingest
from lakehouse.bench.outcome import Outcome, tail
from lakehouse.bench.race import timed
from lakehouse.bench.targets import UPSERT_AFTER, UPSERT_BYTES, UPSERT_FULL, UPSERT_PROCESS, Target
from lakehouse.lake.facade import Lakehouse
from lakehouse.settings import DurabilityParams, Settings

NAME: Final = "upsert"
SMALL_ROWS: Final = 15_000
FIRST: Final = 12
"""Upserts whose median is taken; below the number after which upkeep folds small files."""

LAST: Final = 50
Mode = Literal["process", "full"]


def measure(ground: Ground) -> Iterator[Outcome]:
    """Both sizes, both durabilities; the long run with the cheaper durability."""
    small = ground.csv("small.csv", min(SMALL_ROWS, ground.sizes.rows))
    for file, rows in ((small, min(SMALL_ROWS, ground.sizes.rows)), (ground.wide, ground.sizes.rows)):
        yield from _one_table(ground, file, rows, mode="process", target=UPSERT_PROCESS)
        yield from _one_table(ground, file, rows, mode="full", target=UPSERT_FULL)


def _one_table(ground: Ground, file: Path, rows: int, *, mode: Mode, target: Target) -> Iterator[Outcome]:
    root = ground.fresh(f"upsert-{mode}-{file.stem}") / "lake"
    settings = replace(Settings(), durability=DurabilityParams(mode=mode))
    with open_lake(root, settings=settings) as lake:
        ingest(lake, [file])
        before = _data(root)
        _upsert(lake, file.stem, rows, 0)  # the writer's process starts
        first = tuple(_upsert(lake, file.stem, rows, n) for n in range(1, FIRST))
        what = f"1 row into {rows:,}"
        yield Outcome(measure=NAME, what=f"{what}, durability {mode}", target=target, ours=first)
        if mode == "process":
            yield _written(root, before, what)
            yield _after(lake, file.stem, rows, ground.sizes.upserts, what)


def _upsert(lake: Lakehouse, table: str, rows: int, n: int) -> float:
    """Every other one changes a row that is there, the rest add one."""
    row = {"id": (n * 7919) % rows if n % 2 else rows + n, "name": f"Someone {n}", "city": "Oslo"}
    return timed(lambda: lake.upsert(table, [row], key="id"))


def _data(root: Path) -> dict[Path, tuple[int, int]]:
    """Data files with their inode and size."""
    found = (root / "warehouse").rglob("data/*.parquet")
    return {path: (path.stat().st_ino, path.stat().st_size) for path in found}


def _written(root: Path, before: dict[Path, tuple[int, int]], what: str) -> Outcome:
    after = _data(root)
    if any(after.get(path) != facts for path, facts in before.items()):
        raise Corrupt("an upsert of one row replaced a data file", hint="report this")
    added = tuple(float(size) for path, (_, size) in after.items() if path not in before)
    return Outcome(measure=NAME, what=f"bytes of each new file, {what}", target=UPSERT_BYTES, ours=added)


def _after(lake: Lakehouse, table: str, rows: int, upserts: int, what: str) -> Outcome:
    times = tuple(_upsert(lake, table, rows, n) for n in range(FIRST, upserts))
    last = times[-LAST:]
    slowest = tail(times) * 1000
    return Outcome(
        measure=NAME,
        what=f"{what}, the last {len(last)} of {upserts:,}",
        target=UPSERT_AFTER,
        ours=last,
        note=f"95 % of all {upserts:,} took at most {slowest:.0f} ms; upkeep folds files meanwhile",
    )
