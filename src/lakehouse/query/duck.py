"""[acts] The DuckDB engine: a small pool of jailed workers, replaced when they are spent.

A worker serves one request at a time. It is killed on timeout, cancellation or running out of memory, and
retired after so many queries; its successor starts in the background of the next request.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lakehouse.base.bucket import Bucket
from lakehouse.base.child import Child
from lakehouse.base.errors import LakehouseError, Unavailable
from lakehouse.base.jail import Jail
from lakehouse.query.engine import Answer, Bound, Limits, Parsed
from lakehouse.query.exchange import Views, collect, parsed

ENTRY: Final = "lakehouse.query.worker:serve"
WITHOUT: Final = ("numpy", "pandas", "pyarrow.dataset")
"""What DuckDB and PyArrow import when they find it, and no query needs: half of a worker's start."""

OVERHEAD_BYTES: Final = 768 << 20
"""Address space beside DuckDB's buffers: thread stacks, allocator arenas, Arrow batches, extensions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineParams:
    """How many workers there are and what each may use."""

    workers: int = 2
    idle_workers: int = 1
    """How many stay when nothing is asked for `idle_s`."""

    idle_s: float = 60.0
    retire_after: int = 10_000
    """Queries until a worker is replaced: bounds whatever a long-lived process may leak."""

    memory_bytes: int = 2 << 30
    """Of DuckDB's buffers in one worker; beyond it spills to `temp`."""

    temp_bytes: int = 16 << 30
    threads: int = 2
    views: int = 64
    """Relations a worker remembers."""

    parse_timeout_s: float = 5.0
    wait_s: float = 10.0
    """How long a query waits for a free worker."""


@dataclass(slots=True, eq=False)
class _Worker:
    child: Child
    views: Views
    served: int = 0
    query_id: str = ""
    cancelled: bool = False
    idle_since: float = 0.0


class DuckEngine:
    """Runs SQL in jailed worker processes.

    Args:
        folders: what queries may read: the warehouse, the journal, the hot copies.
        bucket: remote storage that queries may read too; only then may workers open sockets.
        temp: where spills go; made when absent, the only folder workers may write.
    """

    def __init__(
        self,
        *,
        folders: tuple[Path, ...],
        temp: Path,
        params: EngineParams | None = None,
        bucket: Bucket | None = None,
    ) -> None:
        self._params = params or EngineParams()
        self._bucket = bucket
        self._folders, self._temp = folders, temp
        temp.mkdir(parents=True, exist_ok=True)
        self._changed = threading.Condition()
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._closed = False

    def start(self) -> None:
        """Start one worker ahead of the first query; returns at once."""
        with self._changed:
            if not self._idle and not self._busy:
                self._idle.append(self._spawn())

    def parse(self, sql: str) -> Parsed:
        """Parse without running."""
        with self._worker("") as worker:
            timeout_s = self._params.parse_timeout_s
            return parsed(worker.child.ask({"op": "parse"}, sql.encode(), timeout_s=timeout_s))

    def run(self, bound: Bound, limits: Limits, *, query_id: str) -> Answer:
        """Run a bound statement in the next free worker."""
        with self._worker(query_id) as worker:
            if worker.views.need_iceberg(bound):
                worker.child.ask({"op": "iceberg"}, timeout_s=limits.timeout_s)
                worker.views.restart()
            header, payload = worker.views.request(bound, limits)
            try:
                return collect(worker.child.stream(header, *payload, timeout_s=limits.timeout_s))
            except LakehouseError:
                worker.views.doubt(bound)
                raise

    def cancel(self, query_id: str) -> bool:
        """Kill the worker that runs this query; False when none does."""
        with self._changed:
            found = next((w for w in self._busy if w.query_id == query_id), None) if query_id else None
            if found is None:
                return False
            found.cancelled = True
            found.child.kill()
            return True

    def tidy(self) -> None:
        """End workers that were idle for long, down to `idle_workers`; call it now and then."""
        with self._changed:
            old = time.monotonic() - self._params.idle_s
            spare = len(self._idle) + len(self._busy) - self._params.idle_workers
            leaving = [w for w in self._idle if w.idle_since < old][: max(0, spare)]
            self._idle = [w for w in self._idle if w not in leaving]
        for worker in leaving:
            worker.child.close()

    def workers(self) -> tuple[int, ...]:
        """Process ids of the workers that are there now."""
        with self._changed:
            return tuple(w.child.pid for w in (*self._idle, *self._busy))

    def unapplied(self) -> tuple[str, ...]:
        """Layers of the jail that this machine lacks, as a started worker found out."""
        with self._worker("") as worker:
            worker.child.wait_ready()
            return worker.child.unapplied

    def close(self) -> None:
        """End every worker; queries in progress fail."""
        with self._changed:
            self._closed = True
            workers, self._idle = [*self._idle, *self._busy], []
            self._changed.notify_all()
        for worker in workers:
            worker.child.close()

    @contextmanager
    def _worker(self, query_id: str) -> Iterator[_Worker]:
        worker = self._take(query_id)
        spoiled = True
        try:
            yield worker
            spoiled = False
        except LakehouseError as error:
            if worker.cancelled:
                raise Unavailable(
                    "the query was cancelled", hint="run it again", query_id=query_id
                ) from error
            spoiled = bool(error.context.get("spoiled")) or not worker.child.is_alive
            raise
        finally:
            self._give_back(worker, spoiled)

    def _take(self, query_id: str) -> _Worker:
        deadline = time.monotonic() + self._params.wait_s
        with self._changed:
            while True:
                if self._closed:
                    raise Unavailable("the engine is closed", hint="open the lake again")
                worker = self._free_one()
                if worker is not None:
                    worker.query_id, worker.cancelled = query_id, False
                    self._busy.add(worker)
                    return worker
                if not self._changed.wait(deadline - time.monotonic()):
                    raise Unavailable(
                        "all query workers are busy", hint="try again, or raise workers.workers"
                    )

    def _free_one(self) -> _Worker | None:
        while self._idle:
            worker = self._idle.pop()  # the latest used: it knows the most views, and the others may retire
            if worker.child.is_alive:
                return worker
            worker.child.close()
        return self._spawn() if len(self._busy) < self._params.workers else None

    def _give_back(self, worker: _Worker, spoiled: bool) -> None:
        worker.served += 1
        spent = spoiled or worker.served >= self._params.retire_after
        with self._changed:
            self._busy.discard(worker)
            worker.query_id, worker.idle_since = "", time.monotonic()
            if not self._closed:
                self._idle.append(self._spawn() if spent else worker)
            spent = spent or self._closed
            self._changed.notify()
        if spent:
            worker.child.close()

    def _spawn(self) -> _Worker:
        p = self._params
        jail = Jail(
            read=self._folders,
            write=(self._temp,),
            memory_bytes=p.memory_bytes + OVERHEAD_BYTES,
            network=self._bucket is not None,
        )
        setup = {
            "temp": str(self._temp),
            "folders": [str(f) for f in self._folders],
            "memory_bytes": p.memory_bytes,
            "temp_bytes": p.temp_bytes,
            "threads": p.threads,
            "bucket": self._bucket.to_json() if self._bucket else None,
        }
        return _Worker(Child(ENTRY, jail, setup=setup, without=WITHOUT), Views(p.views))
