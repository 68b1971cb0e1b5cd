"""[acts] CSV to committed table, against DuckDB's CREATE TABLE AS read_csv into a file of its own."""

import os
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from lakehouse.assembly import open_lake
from lakehouse.base.duck import quote_name, quote_text
from lakehouse.base.errors import Corrupt
from lakehouse.bench.ground import Ground
from lakehouse.bench.memory import peak_of
from lakehouse.bench.outcome import Outcome
from lakehouse.bench.race import race, timed
from lakehouse.bench.targets import INGEST_MEMORY, INGEST_TIME
from lakehouse.ingest.plan import Request
from lakehouse.lake.facade import Lakehouse

NAME: Final = "ingest"
PEER: Final = "DuckDB CREATE TABLE AS read_csv"


def measure(ground: Ground) -> Iterator[Outcome]:
    """Time of the staffing set and of one large file, and memory at its peak."""
    yield _timed(ground, "staffing", ground.staffing, samples=ground.sizes.samples)
    yield _timed(ground, "large", (ground.large,), samples=max(1, ground.sizes.samples // 2))
    yield _peak(ground)


def _timed(ground: Ground, name: str, files: Sequence[Path], *, samples: int) -> Outcome:
    folder, size = ground.fresh(f"ingest-{name}"), sum(file.stat().st_size for file in files) / 1e6
    ours, peer = race(
        partial(_ours, folder, files, count()),
        partial(_peer, ground, folder, files, count()),
        samples=samples,
    )
    return Outcome(
        measure=NAME,
        what=f"{len(files)} staffing files, {size:,.0f} MB"
        if len(files) > 1
        else f"one file, {size:,.0f} MB",
        target=INGEST_TIME,
        ours=ours,
        peer_name=PEER,
        peer=peer,
        note="the lake is open before the clock starts; starting the jailed reader counts",
    )


def _ours(folder: Path, files: Sequence[Path], numbers: Iterator[int]) -> float:
    root = folder / f"lake-{next(numbers)}"
    with open_lake(root) as lake:
        seconds = timed(lambda: ingest(lake, files))
    shutil.rmtree(root)
    return seconds


def ingest(lake: Lakehouse, files: Sequence[Path]) -> None:
    """Each file as a table of its name.

    Raises:
        Corrupt: a row is missing from the table.
    """
    for report in lake.ingest_many(map(str, files), Request()):
        if report.status != "created" or report.rejected:
            raise Corrupt(f"{report.table} was {report.status}: {report.reason}", hint="report this")


def _peer(ground: Ground, folder: Path, files: Sequence[Path], numbers: Iterator[int]) -> float:
    path = folder / f"peer-{next(numbers)}.duckdb"
    with ground.peer() as con:
        con.execute(f"ATTACH {quote_text(str(path))} AS peer")
        seconds = timed(lambda: [con.execute(_create(file)) for file in files])
    path.unlink()
    return seconds


def _create(file: Path) -> str:
    return f"CREATE TABLE peer.{quote_name(file.stem)} AS FROM read_csv({quote_text(str(file))})"


def _peak(ground: Ground) -> Outcome:
    """Memory of a process of its own that opens a lake and takes in the large file."""
    root = ground.fresh("ingest-memory") / "lake"
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        pid = pool.submit(os.getpid).result()
        with peak_of(pid) as peak:
            pool.submit(_alone, root, ground.large).result()
    return Outcome(
        measure=NAME,
        what=f"peak memory, one file, {ground.large.stat().st_size / 1e6:,.0f} MB",
        target=INGEST_MEMORY,
        ours=(peak[0],),
        note="resident bytes of the process and its children",
    )


def _alone(root: Path, file: Path) -> None:
    with open_lake(root) as lake:
        ingest(lake, [file])
