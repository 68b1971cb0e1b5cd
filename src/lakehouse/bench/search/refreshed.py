"""[acts] A refresh after a hundred edits: how long, and how much is embedded."""

from collections.abc import Iterator
from typing import Final

from lakehouse.assembly import open_lake
from lakehouse.bench.corpora.library import INDEX, TABLE
from lakehouse.bench.ground import Ground
from lakehouse.bench.outcome import Outcome
from lakehouse.bench.race import timed
from lakehouse.bench.targets import REFRESH_ROWS, REFRESH_TIME

NAME: Final = "refresh"
EDITS: Final = 100


def measure(ground: Ground) -> Iterator[Outcome]:
    """The same rows edited again and again; the lake is open and the model loaded before."""
    rows, samples = ground.sizes.vectors, ground.sizes.samples
    seconds, embedded = [], []
    with open_lake(ground.text_lake) as lake:
        lake.search("anything at all", corpora=(INDEX,))
        for sample in range(samples):
            body = f"a text that was edited for the {sample}th time says"
            edits = [{"id": n * (rows // EDITS), "body": f"{body} {n}"} for n in range(EDITS)]
            lake.upsert(TABLE, edits, key="id")
            seconds.append(timed(lambda: embedded.append(lake.index.refresh(INDEX).embedded)))
    yield Outcome(
        measure=NAME,
        what=f"refresh of {rows:,} texts after {EDITS} edits",
        target=REFRESH_TIME,
        ours=tuple(seconds),
        note="the edits themselves are committed before the clock starts",
    )
    yield Outcome(
        measure=NAME, what="passages embedded by it", target=REFRESH_ROWS, ours=tuple(map(float, embedded))
    )
