"""[acts] One call from SQL text to rows: parse, judge, resolve, bind, run; every step in its own module."""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from lakehouse.base.clock import Clock, SystemClock
from lakehouse.base.errors import LakehouseError, Unavailable
from lakehouse.base.ids import ulid
from lakehouse.query import faults, guard, predicate
from lakehouse.query.bind import bind
from lakehouse.query.engine import Answer, Bound, Engine, Limits, Name, Params, Resolved, TableSource, Version
from lakehouse.query.guard import Checked, Reference
from lakehouse.query.params import encode
from lakehouse.query.relation import SLOT, Held, IcebergSnapshot, ParquetFiles, Relation
from lakehouse.query.result import Result

CACHED_TEXT_BYTES = 16 << 10
"""Longer statements are judged anew each time: they are rare, and their trees are large."""

Key = tuple[Name, Version]
"""A table as a statement names it, with the version of its own AT clause."""


GONE = ("IOException", "BinderException", "CatalogException")
"""What DuckDB raises, by stage, when the file under a view is no longer there."""


@dataclass(frozen=True, slots=True)
class _Run:
    text: str
    given: object
    limits: Limits
    query_id: str


class Hot(Protocol):
    """What the session asks of a hot cache."""

    def serve(self, resolved: Resolved, *, newest: bool) -> Relation:
        """A relation with the very rows of `resolved`, perhaps a faster one."""
        ...


class Session:
    """Answers SQL over the tables of a lake.

    Args:
        hot: a hot cache, if there is one.
        limits: for queries that bring none of their own.
    """

    def __init__(
        self,
        engine: Engine,
        tables: TableSource,
        *,
        hot: Hot | None = None,
        limits: Limits | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._engine, self._tables, self._hot = engine, tables, hot
        self._limits = limits or Limits()
        self._clock = clock or SystemClock()
        self._checked = lru_cache(maxsize=256)(self._check)
        self._bound = lru_cache(maxsize=256)(self._bind)

    def sql(
        self,
        text: str,
        params: Params = None,
        *,
        at: Version = None,
        limits: Limits | None = None,
        query_id: str | None = None,
    ) -> Result:
        """Run one SELECT and return its rows.

        Args:
            at: snapshot, time or tag at which every table is read that has no AT clause of its own.
            query_id: for `cancel`; made up when not given.

        Raises:
            Invalid: the statement or a parameter is wrong; context: `line`, `column` (from 1; 0 unknown).
            NotFound: it names a table, or a version, that does not exist.
            Refused: it is not one harmless SELECT.
            Unavailable: a limit was reached, it was cancelled, or no worker was free.
        """
        started = time.perf_counter()
        query_id = query_id or ulid(self._clock.now_ms())
        checked = self._judge(text)
        given = encode(params, checked.parameters)
        first = self._resolve(text, checked, at)
        run = _Run(text, given, limits or self._limits, query_id)
        try:
            answer, resolved = self._answer(run, checked, first, at=at)
        except LakehouseError as error:
            raise self._explained(error, text, checked) from error
        snapshots = {r.table: r.snapshot_id for r in resolved.values() if r.snapshot_id is not None}
        elapsed_ms = (time.perf_counter() - started) * 1000
        return Result(answer, query_id=query_id, snapshots=snapshots, elapsed_ms=elapsed_ms)

    def slots(
        self,
        table: str,
        condition: str,
        *,
        key: str,
        columns: Collection[str],
        at: Version = None,
        limits: Limits | None = None,
    ) -> Result | None:
        """Which rows a condition from outside leaves, as slots of `Held`; no order.

        The columns that it names are held by a worker from then on, so the next condition on them is quick.

        Args:
            table: quoted SQL.
            key: column whose values as text tell the rows apart.
            columns: that may be held.

        Returns:
            One column, `SLOT`; None where the condition reads more than such columns.

        Raises:
            LakehouseError: as in `sql`; Refused, if it is more than a condition.
        """
        started = time.perf_counter()
        text, _ = predicate.probes(table, condition, wanted=SLOT)
        checked = self._judge(text)
        tables, values = len(checked.references), len(checked.parameters)
        predicate.judge(checked.tree, references=tables, parameters=values)
        named = predicate.names_of(checked.tree, columns)
        ((name, resolved),) = self._resolve(text, checked, at).items()
        if not named or not isinstance(resolved.relation, ParquetFiles | IcebergSnapshot):
            return None
        run = _Run(text, None, limits or self._limits, ulid(self._clock.now_ms()))
        answer = self._run(run, ((name, Held(resolved.relation, key, named)),))
        snapshots = {} if resolved.snapshot_id is None else {resolved.table: resolved.snapshot_id}
        elapsed_ms = (time.perf_counter() - started) * 1000
        return Result(answer, query_id=run.query_id, snapshots=snapshots, elapsed_ms=elapsed_ms)

    def check(self, text: str) -> Checked:
        """Judge a statement without running it, and name its tables and parameters.

        Raises:
            LakehouseError: as in `sql`.
        """
        return self._judge(text)

    def cancel(self, query_id: str) -> bool:
        """End a running query now; False when none runs under that id."""
        return self._engine.cancel(query_id)

    def _answer(
        self, run: _Run, checked: Checked, first: Mapping[Key, Resolved], *, at: Version
    ) -> tuple[Answer, Mapping[Key, Resolved]]:
        """The rows, and what the names stood for when they were read."""
        warm = tuple((key, self._relation(r, key, at)) for key, r in first.items())
        try:
            return self._run(run, warm), first
        except LakehouseError as error:
            if error.context.get("engine") not in GONE:
                raise
            # Between our look and the worker's a hot copy was replaced, or upkeep removed the files of a
            # snapshot that newer ones have outlived: look again, once, at the tables themselves.
            resolved = self._resolve(run.text, checked, at)
            cold = tuple((key, r.relation) for key, r in resolved.items())
            if cold == warm:
                raise
            return self._run(run, cold), resolved

    def _run(self, run: _Run, meaning: tuple[tuple[Key, Relation], ...]) -> Answer:
        cached = len(run.text) <= CACHED_TEXT_BYTES
        bound = self._bound(run.text, meaning) if cached else self._bind(run.text, meaning)
        ready = Bound(tree=bound.tree, relations=bound.relations, params=run.given)
        return self._engine.run(ready, run.limits, query_id=run.query_id)

    def _judge(self, text: str) -> Checked:
        return self._checked(text) if len(text) <= CACHED_TEXT_BYTES else self._check(text)

    def _check(self, text: str) -> Checked:
        guard.admit(text)
        return guard.check(text, self._engine.parse(text))

    def _bind(self, text: str, meaning: tuple[tuple[Key, Relation], ...]) -> Bound:
        return bind(self._judge(text), dict(meaning))

    def _resolve(self, text: str, checked: Checked, at: Version) -> Mapping[Key, Resolved]:
        found: dict[Key, Resolved] = {}
        for version in dict.fromkeys(r.at for r in checked.references):
            wanted = [r for r in checked.references if r.at == version]
            names = self._tables.resolve([r.name for r in wanted], at if version is None else version)
            for reference in wanted:
                found[reference.name, version] = self._known(text, reference, names)
        return found

    def _known(self, text: str, reference: Reference, names: Mapping[Name, Resolved]) -> Resolved:
        if reference.name in names:
            return names[reference.name]
        raise faults.no_table(text, reference.name, reference.offset, self._tables.names())

    def _relation(self, resolved: Resolved, key: Key, at: Version) -> Relation:
        newest = at is None and key[1] is None
        return self._hot.serve(resolved, newest=newest) if self._hot else resolved.relation

    def _explained(self, error: LakehouseError, text: str, checked: Checked) -> LakehouseError:
        if isinstance(error, Unavailable):
            return error
        columns = [c for r in checked.references for c in self._tables.columns(r.name)]
        return faults.explain(error, text, checked.tree, columns)
