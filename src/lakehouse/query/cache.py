"""[acts] Hot copies: pinned tables as DuckDB files, each of one snapshot, so that none is ever wrong.

A copy is used only for the very snapshot asked for. When a pinned table moves on, queries read cold while
the copy of the new snapshot is built aside and renamed into place. Any file here may vanish at any time.
"""

import re
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import duckdb

from lakehouse.base.bucket import Bucket
from lakehouse.base.duck import connect, quote_text
from lakehouse.base.errors import LakehouseError, NotFound, Unavailable
from lakehouse.base.ids import sha256
from lakehouse.query.engine import Resolved
from lakehouse.query.relation import HotCopy, IcebergSnapshot, Relation, body_of

Build = Callable[[Relation, Path], None]
"""Writes the rows of a relation as table `data` into a new DuckDB file; runs outside the jail, on our SQL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One file of the cache."""

    table: str
    snapshot_id: int
    schema_id: int = 0
    bytes: int
    used: int
    """Counts up with every use; the smallest is the least recently used."""


def plan_eviction(
    copies: tuple[Copy, ...], *, limit_bytes: int, keep: Copy | None = None
) -> tuple[Copy, ...]:
    """Which copies must go so that the rest fits: least recently used first, `keep` last of all."""
    excess = sum(c.bytes for c in copies) - limit_bytes
    leaving: list[Copy] = []
    for copy in sorted(copies, key=lambda c: (c == keep, c.used)):
        if excess <= 0:
            break
        leaving.append(copy)
        excess -= copy.bytes
    return tuple(leaving)


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheStats:
    """Counters since the start, and what is there now."""

    hits: int
    misses: int
    """Reads of pinned tables that had to go cold."""

    builds: int
    failures: int
    bytes: int
    limit_bytes: int
    pinned: tuple[str, ...]
    copies: tuple[Copy, ...]


def builder(*, temp: Path, memory_bytes: int, threads: int, bucket: Bucket | None = None) -> Build:
    """A `Build` that copies with DuckDB in this process."""

    def build(relation: Relation, path: Path) -> None:
        extensions = ("avro", "iceberg") if isinstance(relation, IcebergSnapshot) else ()
        con = connect(
            threads=threads, memory_bytes=memory_bytes, temp=temp, extensions=extensions, bucket=bucket
        )
        try:
            con.execute(f"ATTACH {quote_text(str(path))} AS hot")
            con.execute(f"CREATE TABLE hot.main.data AS {body_of(relation)}")
            con.execute("DETACH hot")  # writes everything into the one file: nothing is left in a log
        except duckdb.Error as error:
            raise Unavailable(f"the hot copy was not built: {error}", hint="lakehouse doctor") from error
        finally:
            con.close()

    return build


class HotCache:
    """Keeps pinned tables as hot copies under a limit of bytes.

    Args:
        folder: of the files; created, and cleared of what an earlier process left half-built.
        build: see `Build`.
    """

    def __init__(self, folder: Path, *, build: Build, limit_bytes: int) -> None:
        self._folder, self._build, self._limit = folder, build, limit_bytes
        self._lock = threading.Lock()
        self._copies: dict[str, Copy] = {}
        self._pinned: set[str] = set()
        self._building: dict[str, Future[None]] = {}
        self._hits = self._misses = self._builds = self._failures = self._clock = 0
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="hot-copy")
        folder.mkdir(parents=True, exist_ok=True)
        for left in (*folder.glob("*.building*"), *folder.glob("*.duckdb*")):
            left.unlink(missing_ok=True)

    def pin(self, table: str, resolved: Resolved) -> Copy:
        """Keep this table hot from now on, and return once its copy is there.

        Raises:
            NotFound: it has no snapshot to copy.
            LakehouseError: the copy could not be built, or is larger than the whole cache.
        """
        if resolved.snapshot_id is None:
            raise NotFound(f"{table!r} has no snapshot to keep hot", hint="lakehouse tables")
        with self._lock:
            self._pinned.add(table)
        self._refresh(table, resolved).result()
        with self._lock:
            copy = self._copies.get(table)
        if copy is None or _version(copy) != _version(resolved):
            raise NotFound(f"{table!r} does not fit into the cache", hint="raise cache.limit_bytes")
        return copy

    def evict(self, table: str) -> bool:
        """Forget a table and its copy; False when it was not pinned."""
        with self._lock:
            self._pinned.discard(table)
            copy = self._copies.pop(table, None)
        if copy:
            self._path(copy.table, _version(copy)).unlink(missing_ok=True)
        return copy is not None

    def serve(self, resolved: Resolved, *, newest: bool) -> Relation:
        """The hot copy of exactly this snapshot when there is one, else the relation itself.

        When a pinned table's newest snapshot has no copy, one is built in the background meanwhile.
        """
        table = resolved.table
        with self._lock:
            if table not in self._pinned or resolved.snapshot_id is None:
                return resolved.relation
            copy = self._copies.get(table)
            path = self._path(table, _version(resolved))
            if copy and _version(copy) == _version(resolved) and path.exists():
                self._clock += 1
                self._hits += 1
                self._copies[table] = replace(copy, used=self._clock)
                return HotCopy(str(path))
            self._misses += 1
        if newest:
            self._refresh(table, resolved)
        return resolved.relation

    def stats(self) -> CacheStats:
        """Counters and contents."""
        with self._lock:
            copies = tuple(self._copies.values())
            return CacheStats(
                hits=self._hits,
                misses=self._misses,
                builds=self._builds,
                failures=self._failures,
                bytes=sum(c.bytes for c in copies),
                limit_bytes=self._limit,
                pinned=tuple(sorted(self._pinned)),
                copies=copies,
            )

    def settle(self) -> None:
        """Return when no copy is being built; for tests and orderly shutdown."""
        with self._lock:
            waiting = tuple(self._building.values())
        for future in waiting:
            future.exception()

    def close(self) -> None:
        """Finish the copy being built, if any, and start no other."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _refresh(self, table: str, resolved: Resolved) -> Future[None]:
        key = f"{table}-{_version(resolved)}"
        with self._lock:
            running = self._building.get(key)
            if running and not running.done():
                return running
            self._building = {k: f for k, f in self._building.items() if not f.done()}
            future = self._building[key] = self._pool.submit(self._make, table, resolved)
            return future

    def _make(self, table: str, resolved: Resolved) -> None:
        path = self._path(table, _version(resolved))
        aside = path.with_suffix(".building")
        try:
            aside.unlink(missing_ok=True)
            self._build(resolved.relation, aside)
            aside.rename(path)
        except (LakehouseError, OSError):
            with self._lock:
                self._failures += 1
            raise
        finally:
            aside.unlink(missing_ok=True)
        self._admit(table, _version(resolved), path)

    def _admit(self, table: str, version: tuple[int, int], path: Path) -> None:
        with self._lock:
            self._clock += 1
            size, (snapshot, schema) = path.stat().st_size, version
            fresh = Copy(table=table, snapshot_id=snapshot, schema_id=schema, bytes=size, used=self._clock)
            old = self._copies.get(table)
            self._copies[table] = fresh
            self._builds += 1
            leaving = plan_eviction(tuple(self._copies.values()), limit_bytes=self._limit, keep=fresh)
            if table not in self._pinned and fresh not in leaving:
                leaving += (fresh,)  # it was evicted while it was built
            for copy in leaving:
                del self._copies[copy.table]
        gone = [*leaving, *([old] if old and _version(old) != version else [])]
        for copy in gone:
            # A worker that has the file open goes on reading it.
            self._path(copy.table, _version(copy)).unlink(missing_ok=True)

    def _path(self, table: str, version: tuple[int, int]) -> Path:
        # Names may be long and in any script; a file's name may not.
        safe = f"{re.sub(r'[^a-z0-9.]+', '_', table)[:60]}-{sha256([table.encode()])[:16]}"
        return self._folder / f"{safe}-{version[0]}-{version[1]}.duckdb"


def _version(of: Resolved | Copy) -> tuple[int, int]:
    """What tells two states of one table apart."""
    return of.snapshot_id or 0, of.schema_id
