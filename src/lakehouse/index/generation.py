"""[acts] Generations: an index built aside, sealed, measured, and only then numbered.

A generation is a folder `gen-0001` with the vector index, the passages its positions stand for, and a
manifest with the SHA-256 of each file and the facts of its making. It is built in a hidden folder and renamed
when whole, so a killed build leaves nothing that looks like a generation. Nothing is loaded whose bytes are
not those that were sealed. Generations are disposable: each can be built again from the vectors' table.
"""

import os
import shutil
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final
from uuid import uuid4

import pyarrow as pa

from lakehouse.base.clock import Clock, iso
from lakehouse.base.errors import Corrupt, Invalid
from lakehouse.index import seal
from lakehouse.index.ann import Backend, Config, VectorIndex, Vectors
from lakehouse.index.definition import configured
from lakehouse.index.near import recall
from lakehouse.index.near.recall import Recall
from lakehouse.index.near.route import Costs
from lakehouse.index.vectors import Stored
from lakehouse.store.durable import disk_error, fsync_path

ROWS_FILE: Final = "rows.arrow"
PREFIX: Final = "gen-"
BUILDING: Final = ".building-"

SAMPLE: Final = 200
"""Questions that a generation is measured with; the interval of the mean is kept beside it."""

K: Final = 10
ENOUGH: Final = 0.99
"""Mean recall at which a search stops looking at more candidates; each step costs twice the time."""

MOST: Final = 512
"""Candidates that are tried by themselves; beyond, a trial decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a generation's manifest says of it."""

    generation: int
    index: str
    model: str
    dimension: int
    count: int
    config: Config
    table_uuid: str
    """Of the vectors' table: a folder that an earlier index of this name left is not taken for its own."""

    snapshot_id: int | None
    """Of the vectors' table; later rows are found in the fresh tier."""

    recall: Recall
    costs: Costs
    build_s: float
    built_at: str
    """ISO 8601, UTC."""

    bytes: int
    """Of memory while loaded."""


@dataclass(frozen=True, slots=True)
class Generation:
    """One loaded generation."""

    facts: Facts
    ann: VectorIndex
    rows: pa.Table
    """The passages, by position."""


class Generations:
    """The generations of one index on this machine. Safe between threads and processes."""

    def __init__(
        self, folder: Path, *, name: str, backends: Mapping[str, Backend], clock: Clock, threads: int
    ) -> None:
        self.folder = folder
        self._name, self._backends = name, backends
        self._clock, self._threads = clock, threads
        self._lock = threading.Lock()

    def numbers(self) -> tuple[int, ...]:
        """Of those that are here, oldest first."""
        found = self.folder.glob(f"{PREFIX}[0-9]*") if self.folder.is_dir() else ()
        return tuple(sorted(int(p.name.removeprefix(PREFIX)) for p in found if p.name[4:].isdigit()))

    def build(self, stored: Stored, *, model: str, config: Config) -> Facts:
        """A new generation over these vectors; nobody uses it until it is promoted.

        Raises:
            Invalid: there are no vectors, or one of them is no unit vector.
            Unavailable: the disk refused.

        Cost: 17 s for 100,000 x 768 on two cores, most of it linking.
        """
        if not len(stored.vectors):
            raise Invalid(f"{self._name} has no vectors yet", hint=f"lakehouse index refresh {self._name}")
        with self._aside() as folder:
            started = self._clock.now_ms()
            self.backend(config).build(stored.vectors, config, folder, threads=self._threads)
            _write_rows(stored.rows, folder / ROWS_FILE)
            build_s = (self._clock.now_ms() - started) / 1000
            ann = self.backend(config).load(folder, config)
            try:
                ef_search, measured = _reaching(ann, stored.vectors, config.ef_search)
                chosen = replace(config, ef_search=ef_search)
                costs = recall.costs(ann, stored.vectors)
                size = ann.bytes
            finally:
                ann.close()
            return self._number(folder, lambda number: Facts(
                generation=number, index=self._name, model=model, dimension=stored.vectors.shape[1],
                count=len(stored.vectors), config=chosen, table_uuid=stored.table_uuid,
                snapshot_id=stored.snapshot_id, recall=measured,
                costs=costs, build_s=build_s, built_at=iso(self._clock.now_ms()), bytes=size,
            ))  # fmt: skip

    def facts(self, number: int) -> Facts:
        """What a generation's manifest says; its other files are not looked at.

        Raises:
            NotFound: it is not on this machine.
            Corrupt: its manifest cannot be read.
        """
        return _facts(seal.read(self._path(number)).facts)

    def load(self, number: int) -> Generation:
        """A generation ready to search, every file's SHA-256 checked before it is read.

        Raises:
            NotFound: it is not on this machine.
            Corrupt: a file is not the one that was sealed.
        """
        folder = self._path(number)
        facts = _facts(seal.check(folder).facts)
        ann = self.backend(facts.config).load(folder, facts.config)
        rows = _read_rows(folder / ROWS_FILE)
        if not len(rows) == ann.size == facts.count:
            raise Corrupt(
                f"generation {number} of {self._name} contradicts itself", hint=_rebuild(self._name)
            )
        return Generation(facts=facts, ann=ann, rows=rows)

    def remove(self, *, keep: Collection[int]) -> int:
        """Remove all other generations, and builds that were killed; how many went."""
        gone = [self._path(n) for n in self.numbers() if n not in keep]
        for folder in gone:
            shutil.rmtree(folder, ignore_errors=True)
        return len(gone)

    def _path(self, number: int) -> Path:
        return self.folder / f"{PREFIX}{number:04d}"

    def backend(self, config: Config) -> Backend:
        """What builds and loads this configuration."""
        return self._backends[config.backend]

    @contextmanager
    def _aside(self) -> Iterator[Path]:
        folder = self.folder / f"{BUILDING}{os.getpid()}-{uuid4().hex[:8]}"
        try:
            folder.mkdir(parents=True)
            yield folder
        except OSError as error:
            raise disk_error(error, "build an index") from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _number(self, folder: Path, facts: Callable[[int], Facts]) -> Facts:
        """Give a finished folder the next free number; sealed under it, so no two builds can share one."""
        with self._lock:
            number = max(self.numbers(), default=0) + 1
            while True:
                said = facts(number)
                seal.seal(folder, _plain(said))
                try:
                    folder.rename(self._path(number))  # fails where a folder with files stands already
                except OSError:
                    if not self._path(number).exists():
                        raise
                    number += 1
                    continue
                fsync_path(self.folder)
                return said


def _reaching(ann: VectorIndex, vectors: Vectors, least: int) -> tuple[int, Recall]:
    """Candidates of a search, from `least` up, with which enough of the exact answer is found, and how much.

    The larger the index, the more it takes: 64 find 0.999 of 100,000 x 768, and 0.95 of 500,000 x 384.
    """
    queries = recall.sample(vectors, SAMPLE, seed=len(vectors))
    k = min(K, len(vectors))
    true = recall.truth(queries, vectors, k)
    ef_search = least
    while True:
        found = ann.search(queries, k, ef_search=ef_search)
        measured = recall.measure(found, true, seed=len(vectors))
        if measured.mean >= ENOUGH or ef_search * 2 > MOST:
            return ef_search, measured
        ef_search *= 2


def _write_rows(rows: pa.Table, path: Path) -> None:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, rows.schema) as writer:
        writer.write_table(rows.combine_chunks())


def _read_rows(path: Path) -> pa.Table:
    try:
        with pa.memory_map(str(path)) as source:
            return pa.ipc.open_file(source).read_all()
    except (pa.ArrowException, OSError) as error:
        raise Corrupt("the passages of a generation cannot be read", hint="lakehouse doctor --fix") from error


def _plain(facts: Facts) -> dict[str, object]:
    return asdict(facts)


def _facts(given: Mapping[str, object]) -> Facts:
    try:
        members = dict(given)
        config = configured(dict(members.pop("config")))  # type: ignore[call-overload]  # checked by configured
        measured = Recall(**members.pop("recall"))  # type: ignore[arg-type]  # a mismatch is a TypeError
        costs = Costs(**members.pop("costs"))  # type: ignore[arg-type]
        return Facts(config=config, recall=measured, costs=costs, **members)  # type: ignore[arg-type]
    except (KeyError, TypeError, ValueError, Invalid) as error:
        raise Corrupt("the manifest of a generation cannot be read", hint="lakehouse doctor --fix") from error


def _rebuild(name: str) -> str:
    return f"lakehouse index refresh {name} builds it anew"
