"""[acts] Refresh: brings an index up to its table, and does again only what changed.

What is missing is worked out from the tables themselves each time, so a refresh that was killed anywhere goes
on where it stopped, and running it twice does nothing twice.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from lakehouse.index import changes
from lakehouse.index.changes import Rows
from lakehouse.index.source import Source
from lakehouse.index.words.lexical import Document, Lexical
from lakehouse.store.durable import disk_error

TEXT_BYTES: Final = 32 << 20
"""Text held at once."""

MANY: Final = 50_000
"""Rows whose texts are taken at once where no model has to run."""

POLL_S: Final = 0.1
"""Between two tries to get the turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a long piece of work is."""

    phase: str
    """waiting (for another process), words, meaning, graph or trial."""

    done: int
    total: int
    """Rows."""

    elapsed_s: float

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.done / self.elapsed_s if self.elapsed_s > 0 else 0.0

    @property
    def eta_s(self) -> float:
        """Seconds that the rest will take at this rate."""
        return (self.total - self.done) / self.rate if self.rate else 0.0


Watch = Callable[[Progress], None]
"""Told how far the work is; may raise to stop it, which loses nothing."""


def unwatched(_: Progress) -> None:
    """Nobody waits for this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """What a refresh did."""

    rows: int
    """Rows of the table that can be searched."""

    words: int = 0
    """Rows taken into the index of words."""

    embedded: int = 0
    """Passages that a model made vectors of."""

    removed: int = 0
    """Rows that the table no longer has."""

    repaired: int = 0
    """Rows whose passages were stored twice."""

    refused: int = 0
    """Rows whose ready vector is none: another dimension, NaN, no length."""

    keyless: int = 0
    blank: int = 0
    snapshot_id: int | None = None
    model: str = ""
    elapsed_s: float = 0.0


@contextmanager
def turn(path: Path, watch: Watch) -> Iterator[None]:
    """Be the only process of this machine that refreshes an index: two would embed the same rows twice.

    Args:
        path: of the lock, which is the kernel's: a killed process gives it up.
        watch: told while another process has the turn; may raise to wait no longer.

    Raises:
        Unavailable: the disk refused.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise disk_error(error, "write the folder of an index") from error
    started = time.perf_counter()
    try:
        while not _is_taken(handle):
            waited_s = time.perf_counter() - started
            watch(Progress(phase="waiting", done=0, total=0, elapsed_s=waited_s))
            time.sleep(POLL_S)
        yield
    finally:
        os.close(handle)


def _is_taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def words(source: Source, lexical: Lexical, rows: Rows, watch: Watch) -> int:
    """Bring the index of words up to `rows`; how many rows it took up.

    Cost: 5 s for 100,000 texts of 100 words; nothing where nothing changed.
    """
    plan = changes.plan(rows.table, lexical.known())
    if not plan:
        return 0
    edited = len(plan.stale) - plan.gone
    gone = plan.stale if not edited else plan.stale.filter(_missing_in(plan.stale, plan.todo["key"]))
    lexical.update(_documents(source, plan.todo, rows.snapshot_id, watch), gone.to_pylist())
    return len(plan.todo)


def _missing_in(keys: pa.Array, others: pa.ChunkedArray) -> pa.Array:
    return pc.invert(pc.is_in(keys, value_set=others.combine_chunks()))


def _documents(source: Source, todo: pa.Table, snapshot_id: int | None, watch: Watch) -> Iterator[Document]:
    started, done = time.perf_counter(), 0
    for piece in changes.batches(todo, rows=MANY, size=TEXT_BYTES):
        texts = source.texts(piece["key"].combine_chunks(), at=snapshot_id)
        for key, digest in zip(piece["key"].to_pylist(), piece["digest"].to_pylist(), strict=True):
            if key in texts:
                yield Document(key, digest, texts[key])
        done += len(piece)
        elapsed_s = time.perf_counter() - started
        watch(Progress(phase="words", done=done, total=len(todo), elapsed_s=elapsed_s))
