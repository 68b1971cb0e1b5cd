"""[acts] The lake: the one object that the Python API, the command line and HTTP all hold.

Every method is one thing a person would say; how it is done is in the packages. Safe between threads.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Self

from pyiceberg.table.update import RemovePropertiesUpdate, SetPropertiesUpdate

from lakehouse.base.errors import Conflict, Invalid, LakehouseError, Unavailable
from lakehouse.base.ids import sha256, ulid
from lakehouse.index.definition import Pointer, Promotion
from lakehouse.index.generation import Facts
from lakehouse.index.refresh import Progress, Refreshed
from lakehouse.index.trials.trial import Trial
from lakehouse.ingest.plan import Request
from lakehouse.ingest.reader import Watch
from lakehouse.ingest.report import ColumnReport, IngestReport
from lakehouse.lake.asking import Cited, Embedded
from lakehouse.lake.indexes import Indexes, IndexInfo
from lakehouse.lake.jobs import Job
from lakehouse.lake.parts import (
    Changed,
    Dataset,
    Parts,
    as_key,
    as_name,
    as_source,
    as_types,
    changed,
    checked_text,
    full,
)
from lakehouse.lake.questions import Questions
from lakehouse.lake.running import Running, fold_journal
from lakehouse.lake.tables import TableInfo, info_of
from lakehouse.matrix.playbook.playbook import PlaybookStats, Told
from lakehouse.query import predicate
from lakehouse.query.cache import CacheStats, Copy
from lakehouse.query.engine import Params
from lakehouse.query.render import is_number
from lakehouse.query.result import Result
from lakehouse.query.values import text
from lakehouse.search.hits import Found, Hit
from lakehouse.store.streams import Json
from lakehouse.table import card, evolve, names, rebuild, staged, timeline
from lakehouse.table.card import Card, ColumnCard
from lakehouse.table.catalog import Change
from lakehouse.table.evolve import ColumnStep
from lakehouse.table.rebuild import Rebuilt, Resync
from lakehouse.table.rest.protocol import Answer, answer
from lakehouse.table.rest.protocol import Request as CatalogRequest
from lakehouse.table.rows import checked
from lakehouse.table.schema import Column, columns_of, new_schema
from lakehouse.table.staged import Rows
from lakehouse.table.timeline import At, Version
from lakehouse.table.upkeep.maintain import Upkeep
from lakehouse.table.writer import Batch

# Doors take the lake's values from here, and know no package below it.
__all__ = [
    "At",
    "Changed",
    "Cited",
    "ColumnCard",
    "ColumnReport",
    "Dataset",
    "Embedded",
    "Facts",
    "Found",
    "Hit",
    "IndexInfo",
    "Indexes",
    "IngestReport",
    "Job",
    "Lakehouse",
    "PlaybookStats",
    "Pointer",
    "Progress",
    "Promotion",
    "Refreshed",
    "Request",
    "Result",
    "TableInfo",
    "Told",
    "Trial",
    "Upkeep",
    "Version",
    "is_number",
    "text",
]


class Lakehouse(Questions):
    """One open lake. Use it as a context manager, or close it."""

    def __init__(self, parts: Parts) -> None:
        self._all = parts
        self._is_closed = False
        self.running = Running(parts)
        """For whoever keeps the lake open: health, levels, tidying, noted failures."""
        self.root = parts.root
        self.settings = parts.settings
        self.index = parts.indexes
        """Builds, measures, promotes and shows indexes."""
        self.pathway = parts.pathway
        """Remembers what was tried for a kind of task, and how it went."""
        self.matrix = parts.matrix.of(self)
        """Many corpora asked as one."""
        self.playbook = parts.learning
        """What became of searches, in bulk; whom to trust; what was learned."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Lakehouse {self.root}>"

    def close(self) -> None:
        """Finish what was begun and end the workers; what was acknowledged is kept in any case."""
        if self._is_closed:
            return
        parts, self._is_closed = self._all, True
        parts.keeper.close()
        parts.matrix.close()
        parts.indexes.jobs.close()
        parts.indexes.close()
        parts.models.close()
        parts.upkeep.close()
        parts.engine.close()
        parts.cache.close()
        parts.writer.close()
        parts.door.close()
        parts.journal.close()
        with suppress(LakehouseError):  # upkeep: the next close, or the doctor, folds as well
            fold_journal(parts.journal)
        parts.catalog.pointers.close()
        parts.release()

    def ingest(
        self,
        source: str | Path,
        *,
        table: str | None = None,
        key: str | Sequence[str] | None = None,
        mode: str | None = None,
        types: Mapping[str, str] | None = None,
        dry_run: bool = False,
        label: str | None = None,
    ) -> IngestReport:
        """Make one file a table, or part of one; the same bytes again change nothing.

        Args:
            source: a file; for folders, globs and streams see `ingest_many`.
            table: by default the file's name.
            key: columns that identify a row; rows with a known key replace, others are added.
            mode: append, replace or upsert; by default upsert with a key, else append.
            types: column to type, instead of what its values suggest; rows that do not fit are rejected.
            dry_run: look, decide and say what would happen; write nothing.
            label: what reports and the history call the file, where its path says nothing.

        Raises:
            NotFound: no such file.
            Invalid: the file does not fit the table; the message shows the difference.
        """
        for what, word in (("a table's name", table), ("a mode", mode), ("a label", label)):
            if word is not None:
                checked_text(word, what, hint='lake.ingest("people.csv", table="people", mode="append")')
        request = Request(
            table=table,
            key=as_key(key),
            mode=mode,
            types=as_types(types),
            dry_run=dry_run,
            label=label,
        )
        (report,) = self._parts.ingestor.run([as_source(source)], request, single=True)
        return report

    def ingest_many(
        self, sources: Iterable[str], request: Request, *, watch: Watch | None = None
    ) -> Iterator[IngestReport]:
        """Ingest files, folders, globs or `-`; a report each as it is done, and a bad file stops nothing."""
        return self._parts.ingestor.run(list(sources), request, watch=watch)

    def sql(
        self,
        text: str,
        params: Params = None,
        *,
        at: At = None,
        limit: int | None = None,
        query_id: str | None = None,
    ) -> Result:
        """The rows of one SELECT, of now or of an earlier moment.

        Args:
            params: values for `?` and `$1` in order, or for `$name` by name.
            at: a snapshot id, an ISO 8601 time, or a tag.
            limit: most rows to return; the result says when there were more.
            query_id: for `cancel`.

        Raises:
            Invalid: the statement is wrong; the message says where.
            NotFound: it names a table or moment that is not there.
            Refused: it does more than read tables.
            Unavailable: a limit was reached.
        """
        checked_text(text, "a statement", hint='lake.sql("SELECT …")')
        given = query_id or ulid(self._parts.clock.now_ms())
        if limit is not None and (type(limit) is not int or limit < 0):
            raise Invalid(f"a limit of {limit!r:.60} rows is none", hint="limit=0 or more, or leave it out")
        limits = self.settings.limits if limit is None else replace(self.settings.limits, rows=limit)
        try:
            result = self._parts.session.sql(text, params, at=at, limits=limits, query_id=given)
        except LakehouseError as error:
            self._note(given, text, status="failed", error_kind=error.kind)
            raise
        self._note(given, text, status="ok", rows=result.row_count, elapsed_ms=round(result.elapsed_ms, 3))
        return result

    def cancel(self, query_id: str) -> bool:
        """End a running query now; False when none runs under that id."""
        return self._parts.session.cancel(query_id)

    def upsert(self, table: str, rows: Rows, *, key: str | Sequence[str]) -> Changed:
        """Make the table hold these rows, matched by key; a table that is not there is created.

        Args:
            rows: dictionaries, or anything with the Arrow C stream interface.

        Raises:
            Invalid: a row lacks its key, or a value does not fit its column; nothing was changed.
        """
        name, given, keys = as_name(table), staged.as_table(rows), as_key(key)
        staged.require_key(given, keys)
        if name not in self._parts.catalog.names():
            with suppress(Conflict):  # someone made it meanwhile: then it is there
                self.create(table, staged.columns_in(given), key=keys)
        path = staged.stage(given, self._parts.staging)
        try:
            batch = Batch(files=(path,))
            return changed(self._parts.writer.upsert(name, batch, given=given.column_names, key=keys))
        finally:
            path.unlink(missing_ok=True)

    def delete(
        self, table: str, *, where: str | None = None, keys: Rows | None = None, key: str | Sequence[str] = ()
    ) -> Changed:
        """Remove rows: those for which `where` holds, or those with these `keys`; the history keeps them.

        Raises:
            Refused: `where` is more than a condition on this table's columns.
            Invalid: neither or both were given.
        """
        name = as_name(table)
        self._parts.catalog.head(name)
        if (where is None) == (keys is None):
            raise Invalid("say which rows: by a condition or by keys", hint='delete(table, where="id = 7")')
        if where is not None:
            checked_text(where, "a condition", hint='delete(table, where="id = 7")')
            for statement in predicate.probes(name.sql, where):
                found = self._parts.session.check(statement)
                tables, values = len(found.references), len(found.parameters)
                predicate.judge(found.tree, references=tables, parameters=values)
            return changed(self._parts.writer.delete(name, where))
        given = staged.as_table(keys)
        staged.require_key(given, as_key(key))
        path = staged.stage(given, self._parts.staging)
        try:
            return changed(self._parts.writer.delete_keys(name, [path], key=as_key(key)))
        finally:
            path.unlink(missing_ok=True)

    def create(self, table: str, columns: Sequence[Column], *, key: Sequence[str] = ()) -> Dataset:
        """A new, empty table.

        Raises:
            Conflict: the name is taken.
            Invalid: a type or name cannot be stored, or a key is no column.
        """
        name = as_name(table)
        schema, catalog = new_schema(columns), self._parts.catalog
        properties = card.write(Card(key=tuple(checked(columns, k).name for k in key)))
        catalog.pointers.create_namespace(name.namespace)
        catalog.create(name, catalog.stage_create(name, schema, properties=properties))
        return self.show(table)

    def tables(self) -> tuple[TableInfo, ...]:
        """Every table at a glance."""
        return self._parts.tables.infos()

    def show(self, table: str, *, at: At = None) -> Dataset:
        """One table in full."""
        scan = self._parts.tables.scan(as_name(table), at)
        return Dataset(
            info=info_of(scan),
            card=card.read(scan.head.metadata.properties),
            columns=scan.columns,
            history=timeline.history(scan.head),
        )

    def describe(self, table: str, given: Mapping[str, object]) -> Dataset:
        """Change parts of a table's card: description, owner, sensitivity, freshness, tags, lineage."""
        name = as_name(table)
        head = self._parts.catalog.head(name)
        known = card.read(head.metadata.properties)
        before, after = card.write(known), card.write(card.merged(known, given))
        written = {name: value for name, value in after.items() if before.get(name) != value}
        updates = (
            SetPropertiesUpdate(updates=written),
            RemovePropertiesUpdate(removals=sorted(before.keys() - after.keys())),
        )
        self._parts.catalog.commit((Change(name=name, requirements=(), updates=updates),))
        return self.show(table)

    def document(
        self, table: str, columns: Mapping[str, ColumnCard], *, key: str | Sequence[str] = ()
    ) -> Dataset:
        """Say what columns mean and hold, and which identify a row; what is left empty stays as it was.

        Raises:
            Invalid: the table has no such column.
        """
        name = as_name(table)
        head = self._parts.catalog.head(name)
        ids = {c.name.casefold(): c for c in columns_of(head.metadata.schema())}
        for wanted in (*columns, *as_key(key)):
            if wanted.casefold() not in ids:
                raise Invalid(f"{name} has no column {wanted[:60]!r}", hint=f"lakehouse show {name}")
        given = {str(ids[column.casefold()].field_id): said for column, said in columns.items()}
        known = card.documented(card.read(head.metadata.properties), given)
        keys = tuple(ids[k.casefold()].name for k in as_key(key))
        written = card.write(replace(known, key=keys or known.key))
        self._parts.catalog.commit(
            (Change(name=name, requirements=(), updates=(SetPropertiesUpdate(updates=written),)),)
        )
        return self.show(table)

    def history(self, table: str) -> tuple[Version, ...]:
        """Every kept version of a table, newest first."""
        return timeline.history(self._parts.catalog.head(as_name(table)))

    def rollback(self, table: str, *, to: At) -> Changed:
        """Make a table read as it did; the versions in between stay in its history."""
        name, now = as_name(table), self._parts.clock.now_ms()
        before = self._parts.catalog.head(name)
        head = timeline.rollback(self._parts.catalog, name, to, now_ms=now)
        rows = info_of(self._parts.tables.scan(name)).rows if head.location != before.location else 0
        return Changed(table=str(name), rows=rows, snapshot_id=head.snapshot_id)

    def tag(self, table: str, label: str, *, at: At = None) -> None:
        """Give a version a name; tagged versions never expire."""
        checked_text(label, "a tag", hint='lake.tag("people", "before-import")')
        timeline.tag(self._parts.catalog, as_name(table), label, at)

    def evolve(self, table: str, *steps: ColumnStep) -> Dataset:
        """Add, rename, widen or drop columns in one commit; a change that breaks old files is refused."""
        evolve.evolve(self._parts.catalog, as_name(table), steps)
        return self.show(table)

    def rename(self, table: str, to: str) -> Dataset:
        """Give a table another name; its history and its indexes go with it."""
        name, target = as_name(table), as_name(to)
        self._parts.catalog.pointers.location(name)  # a table that is not there leaves no namespace
        self._parts.catalog.pointers.create_namespace(target.namespace)
        self._parts.catalog.rename(name, target)
        self.index.follow(name, target)
        self._parts.cache.evict(full(name))
        return self.show(to)

    def drop(self, table: str) -> None:
        """Forget a table and its indexes; their files are removed after the days that history is kept."""
        name = as_name(table)
        self._parts.catalog.drop(name)
        for index in self.index.of(name):
            self.index.drop(index)
        self._parts.cache.evict(full(name))

    def compact(self, table: str) -> Upkeep:
        """Fold small files, let old versions go and remove what nobody needs, now."""
        return self._parts.maintainer.compact(as_name(table))

    def rebuild(self, *, dry_run: bool = False) -> Rebuilt:
        """Put every table that the store holds into the catalog; nothing that is there is touched."""
        return rebuild.rebuild(self._parts.catalog, dry_run=dry_run)

    def resync(self, table: str) -> Resync:
        """Compare what a table says of its files with the files themselves."""
        return rebuild.resync(self._parts.catalog, as_name(table))

    def pin(self, table: str) -> Copy:
        """Keep a table hot: queries read a copy that is rebuilt after every write."""
        name = as_name(table)
        found = self._parts.tables.resolve([(name.namespace, name.table)], None)
        if not found:
            raise names.not_found(name, self._parts.catalog.names())
        return self._parts.cache.pin(full(name), next(iter(found.values())))

    def evict(self, table: str) -> bool:
        """Stop keeping a table hot; False when it was not."""
        return self._parts.cache.evict(full(as_name(table)))

    def cache_stats(self) -> CacheStats:
        """Hits, misses and contents of the hot cache."""
        return self._parts.cache.stats()

    def catalog(self, method: str, path: Sequence[str], body: Mapping[str, object]) -> Answer:
        """Answer one request of the Iceberg REST protocol; `path` follows `/v1`, split and decoded."""
        return answer(self._parts.catalog, CatalogRequest(method=method, path=tuple(path), body=body))

    @property
    def _parts(self) -> Parts:
        if self._is_closed:
            raise Unavailable("the lake is closed", hint="open it again: lakehouse.open(…)")
        return self._all

    def _note(self, query_id: str, text: str, **facts: Json) -> None:
        digest = sha256([text.encode()])  # the text itself may hold values
        self._parts.journal.post("queries", {"query_id": query_id, "sql_sha256": digest, **facts})
