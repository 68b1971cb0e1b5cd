"""[acts] One run of the bench: `lakehouse bench [NAME…]` calls `main`."""

import json as json_text
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from lakehouse.base.errors import Invalid, LakehouseError
from lakehouse.bench import cold, ingest, learn, machine, pinned, served, show, start, upsert
from lakehouse.bench.ground import QUICK, Ground, Sizes
from lakehouse.bench.outcome import Failure, Outcome, Result, Skipped
from lakehouse.bench.search import asked, embedding, filtered, large, quality, refreshed, rivals, vectors

Measure = Callable[[Ground], Iterator[Outcome | Skipped]]

TABLES: Final[Mapping[str, Measure]] = {
    module.NAME: module.measure for module in (ingest, cold, pinned, upsert, served, start)
}
SEARCH: Final[Mapping[str, Measure]] = {
    vectors.NAME: vectors.measure,
    asked.NAME: asked.measure,
    filtered.NAME: filtered.measure,
    rivals.NAME: rivals.measure,
    embedding.NAME: embedding.measure,
    refreshed.NAME: refreshed.measure,
    quality.NAME: quality.measure,
    large.NAME: large.measure,
}
LEARNING: Final[Mapping[str, Measure]] = {learn.NAME: learn.measure}
MEASURES: Final[Mapping[str, Measure]] = {**TABLES, **SEARCH, **LEARNING}
"""What can be measured, in the order in which it is."""


def main(names: Sequence[str], *, json: bool, quick: bool, root: Path | None) -> int:
    """Measure and print; 1 when a measure could not be carried out, else 0: a missed target is a result.

    Args:
        names: some of `MEASURES`; empty for all.
        json: one document instead of a table.
        quick: small sizes and few samples.
        root: where the temporary folder goes; None is the system's place for such.

    Raises:
        Invalid: a name that is none.
    """
    sizes = QUICK if quick else Sizes()
    facts = machine.facts()
    results = tuple(measured(names, sizes, root))
    if json:
        document = {"machine": facts, "results": [result.facts() for result in results]}
        sys.stdout.write(json_text.dumps(document, indent=2) + "\n")
    else:
        sys.stdout.write(show.table(results, facts) + "\n")
    return int(any(isinstance(result, Failure) for result in results))


def measured(names: Sequence[str], sizes: Sizes, root: Path | None) -> Iterator[Result]:
    """The outcomes as they come; all data live in a temporary folder that is removed.

    Raises:
        Invalid: a name that is none.
    """
    if strange := [name for name in names if name not in MEASURES]:
        raise Invalid(f"{strange[0][:60]!r} is no measure", hint=f"there are: {', '.join(MEASURES)}")
    with tempfile.TemporaryDirectory(prefix="lakehouse-bench-", dir=root) as folder:
        ground = Ground(folder=Path(folder), sizes=sizes)
        for name in dict.fromkeys(names or MEASURES):  # named twice is measured once
            try:
                yield from MEASURES[name](ground)
            except (LakehouseError, OSError, subprocess.SubprocessError) as error:
                yield Failure(measure=name, reason=str(error))
