"""A table under random changes against a dictionary: two readers that are not ours see just what it holds."""

import shutil
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from pyiceberg.table.refs import SnapshotRef

from lakehouse.base.errors import Invalid
from lakehouse.table import timeline
from lakehouse.table.evolve import AddColumn, ColumnStep, DropColumn, RenameColumn, WidenColumn, evolve
from lakehouse.table.rebuild import rebuild, resync
from lakehouse.table.upkeep.sweep import UpkeepParams
from lakehouse.table.writer import Batch
from tests.table.wiring import Lake

Record = dict[str, int | None]
Rows = dict[int, Record]
State = tuple[tuple[str, ...], Rows]

PARAMS = UpkeepParams(small_commits=3, keep_newest=5, keep_days=0)
ids = st.integers(0, 9)
changes = st.dictionaries(ids, st.none() | st.integers(-9, 9), min_size=1, max_size=4)


class TableMachine(RuleBasedStateMachine):
    """The model: the columns there are, a record for each id, and every state that a snapshot holds."""

    lake: Lake

    @initialize(first=st.dictionaries(ids, st.integers(-9, 9), max_size=6))
    def create(self, first: dict[int, int | None]) -> None:
        self.name = self.lake.table("", "id BIGINT, v INTEGER")
        self.columns: tuple[str, ...] = ("v",)
        self.rows: Rows = {}
        self.states: dict[int, State] = {}
        self.tags: dict[str, State] = {}
        self.counter = 0
        self.append(first)

    def teardown(self) -> None:
        folder = self.lake.catalog.head(self.name).metadata.location
        self.lake.catalog.drop(self.name)
        shutil.rmtree(folder)

    def staged(self, rows: Rows) -> Path:
        listed = ", ".join(
            f"({', '.join('NULL' if v is None else str(v) for v in (i, *record.values()))})"
            for i, record in rows.items()
        )
        given = ["id", *next(iter(rows.values()))]
        labels = ", ".join(f'"{n}"' for n in given)
        typed = ", ".join(f'"{n}"::{self.type_of(n)} AS "{n}"' for n in given)
        return self.lake.stage(self.name, f"SELECT {typed} FROM (VALUES {listed}) t({labels})")

    def type_of(self, column: str) -> str:
        fields = self.lake.catalog.head(self.name).metadata.schema()
        return {"long": "BIGINT", "int": "INTEGER"}[str(fields.find_type(column))]

    @rule(new=changes)
    def append(self, new: dict[int, int | None]) -> None:
        added = {i: dict.fromkeys(self.columns, v) for i, v in new.items() if i not in self.rows}
        if added:
            self.lake.writer.append(self.name, Batch(files=(self.staged(added),)))
            self.rows = {**self.rows, **added}

    @rule(new=changes, only=st.booleans())
    def upsert(self, new: dict[int, int | None], only: bool) -> None:
        given = self.columns[:1] if only else self.columns
        wanted = {i: dict.fromkeys(given, v) for i, v in new.items()}
        batch = Batch(files=(self.staged(wanted),))
        changed = self.lake.writer.upsert(self.name, batch, given=["id", *given], key=["id"]).rows
        blank = dict.fromkeys(self.columns)
        merged = {i: {**self.rows.get(i, blank), **record} for i, record in wanted.items()}
        assert changed == sum(self.rows.get(i) != record for i, record in merged.items())
        self.rows = {**self.rows, **merged}

    @rule(gone=st.sets(ids, min_size=1, max_size=3))
    def delete_keys(self, gone: set[int]) -> None:
        staged = self.lake.stage(self.name, f"SELECT unnest({sorted(gone)})::BIGINT AS id")
        did = self.lake.writer.delete_keys(self.name, [staged], key=["id"])
        assert did.rows == len(gone & self.rows.keys())
        self.rows = {i: r for i, r in self.rows.items() if i not in gone}

    @rule(least=st.integers(-9, 9))
    def delete_where(self, least: int) -> None:
        column = self.columns[0]
        self.lake.writer.delete(self.name, f'"{column}" > {least}')
        self.rows = {i: r for i, r in self.rows.items() if (r[column] or 0) <= least or r[column] is None}

    @rule(new=changes)
    def replace(self, new: dict[int, int | None]) -> None:
        rows: Rows = {i: dict.fromkeys(self.columns, v) for i, v in new.items()}
        self.lake.writer.replace(self.name, Batch(files=(self.staged(rows),)))
        self.rows = rows

    @precondition(lambda self: self.states)
    @rule(draw=st.data())
    def go_back(self, draw: st.DataObject) -> None:
        to = draw.draw(st.sampled_from([*sorted(self.kept() & self.states.keys()), *sorted(self.tags)]))
        timeline.rollback(self.lake.catalog, self.name, to, now_ms=self.lake.clock.now_ms())
        self.columns, self.rows = self.tags[to] if isinstance(to, str) else self.states[to]

    @precondition(lambda self: self.states)
    @rule()
    def tag(self) -> None:
        label = f"tag-{len(self.tags)}"
        head = timeline.tag(self.lake.catalog, self.name, label, None)
        self.tags[label] = self.states[head.snapshot_id or 0]

    @rule(force=st.booleans())
    def compact(self, force: bool) -> None:
        did = self.lake.upkeep.compact(self.name, force=force)
        assert did.rows == len(self.rows)

    @rule()
    def expire(self) -> None:
        self.lake.upkeep.expire(self.name)
        assert len(self.kept() - {r.snapshot_id for r in self.refs()}) <= PARAMS.keep_newest

    @rule(kind=st.sampled_from(["add", "rename", "drop", "widen"]))
    def change_columns(self, kind: str) -> None:
        self.counter += 1
        fresh, last = f"c{self.counter}", self.columns[-1]
        step: ColumnStep
        if kind == "add" and len(self.columns) < 4:
            step, renamed = AddColumn(name=fresh, type="INTEGER"), {fresh: None}
        elif kind == "drop" and len(self.columns) > 1:
            step, renamed = DropColumn(name=last), {last: None}
        elif kind == "widen":
            step, renamed = WidenColumn(name=last, type="BIGINT"), {}
        else:
            step, renamed = RenameColumn(name=last, to=fresh), {last: fresh}
        evolve(self.lake.catalog, self.name, [step])
        if kind == "add" and isinstance(step, AddColumn):
            self.columns = (*self.columns, fresh)
            self.rows = {i: {**r, fresh: None} for i, r in self.rows.items()}
        elif isinstance(step, DropColumn):
            self.columns = self.columns[:-1]
            self.rows = {i: {k: v for k, v in r.items() if k != last} for i, r in self.rows.items()}
        elif isinstance(step, RenameColumn):
            self.columns = (*self.columns[:-1], fresh)
            self.rows = {i: {renamed.get(k) or k: v for k, v in r.items()} for i, r in self.rows.items()}

    @rule()
    def narrow(self) -> None:
        before = self.lake.catalog.head(self.name)
        with pytest.raises(Invalid):
            evolve(self.lake.catalog, self.name, [WidenColumn(name="id", type="INTEGER")])
        assert self.lake.catalog.head(self.name) == before

    @rule(from_files_alone=st.booleans())
    def reopen(self, from_files_alone: bool) -> None:
        self.counter += 1
        database = f"{self.name.table}-{self.counter}.sqlite" if from_files_alone else self.database()
        before = self.lake.catalog.head(self.name).location
        catalog = self.lake.open_catalog(database)
        if from_files_alone:
            assert str(self.name) in rebuild(catalog).restored
        self.lake.use(catalog)
        assert catalog.head(self.name).location == before

    def database(self) -> str:
        return Path(str(self.lake.pointers._database._path)).name

    def kept(self) -> set[int]:
        return {s.snapshot_id for s in self.lake.catalog.head(self.name).metadata.snapshots}

    def refs(self) -> list[SnapshotRef]:
        return list(self.lake.catalog.head(self.name).metadata.refs.values())

    @invariant()
    def every_reader_sees_what_the_model_holds(self) -> None:
        head = self.lake.catalog.head(self.name)
        labels = ["id", *self.columns]
        expected = sorted(((i, *r.values()) for i, r in self.rows.items()), key=str)
        if head.snapshot_id is not None:
            self.states.setdefault(head.snapshot_id, (self.columns, self.rows))
            assert sorted(self.lake.rows(self.name), key=str) == expected
        assert [f.name for f in head.metadata.schema().fields] == labels
        seen = self.lake.arrow(self.name)
        assert seen.column_names == labels
        assert sorted((tuple(r.values()) for r in seen.to_pylist()), key=str) == expected

    @invariant()
    def an_older_state_is_read_as_it_was(self) -> None:
        known = sorted(self.kept() & self.states.keys())
        if known:
            columns, rows = self.states[known[0]]
            seen = self.lake.arrow(self.name, at=known[0])
            assert seen.column_names == ["id", *columns]
            expected = sorted(((i, *r.values()) for i, r in rows.items()), key=str)
            assert sorted((tuple(r.values()) for r in seen.to_pylist()), key=str) == expected

    @invariant()
    def the_files_are_as_the_table_says(self) -> None:
        found = resync(self.lake.catalog, self.name)
        assert (found.rows, found.missing, found.changed) == (len(self.rows), (), ())


def test_a_table_holds_what_a_dictionary_would(own: Lake) -> None:
    own.params = PARAMS
    own.use(own.catalog)

    class Machine(TableMachine):
        lake = own

    run = settings(
        max_examples=12,
        stateful_step_count=18,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    Machine.TestCase.settings = run
    Machine.TestCase("runTest").runTest()
