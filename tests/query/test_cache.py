"""Hot copies: used only for the very snapshot asked for, kept under a limit, gone without harm."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid, LakehouseError, NotFound, Unavailable
from lakehouse.query.cache import Copy, HotCache, builder, plan_eviction
from lakehouse.query.duck import DuckEngine, EngineParams
from lakehouse.query.engine import Resolved
from lakehouse.query.relation import HotCopy, ParquetFiles, Relation, Rows
from lakehouse.query.session import Session
from tests.query.shelf import Shelf, newest, parquet

LIMIT = 64 << 20


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[HotCache]:
    build = builder(temp=tmp_path / "temp", memory_bytes=256 << 20, threads=1)
    with HotCache(tmp_path / "hot", build=build, limit_bytes=LIMIT) as cache:
        yield cache


@pytest.fixture
def hot(cache: HotCache, tmp_path: Path) -> Iterator[tuple[Session, Shelf]]:
    shelf = Shelf()
    shelf.put("people", parquet(tmp_path / "data", "one", "SELECT i AS id FROM range(10) r(i)"))
    engine = DuckEngine(
        folders=(tmp_path / "data", tmp_path / "hot"), temp=tmp_path / "t", params=EngineParams(workers=1)
    )
    yield Session(engine, shelf, hot=cache), shelf
    engine.close()


def count(session: Session, **more: object) -> object:
    return session.sql("SELECT count(*), sum(id) FROM people", **more).rows()  # type: ignore[arg-type]


def test_a_pinned_table_is_read_from_its_copy(hot: tuple[Session, Shelf], cache: HotCache) -> None:
    session, shelf = hot
    copy = cache.pin("lake.people", newest(shelf))
    assert copy.snapshot_id == 1
    assert isinstance(cache.serve(newest(shelf), newest=True), HotCopy)
    assert count(session) == [(10, 45)]
    stats = cache.stats()
    assert (stats.hits, stats.misses, stats.pinned, len(stats.copies)) == (2, 0, ("lake.people",), 1)
    assert stats.bytes == copy.bytes > 0


def test_after_a_write_the_copy_is_never_used_and_a_new_one_is_built(
    hot: tuple[Session, Shelf], cache: HotCache, tmp_path: Path
) -> None:
    session, shelf = hot
    cache.pin("lake.people", newest(shelf))
    assert count(session) == [(10, 45)]
    shelf.put("people", parquet(tmp_path / "data", "two", "SELECT i AS id FROM range(20) r(i)"))
    assert count(session) == [(20, 190)]
    assert count(session, at=1) == [(10, 45)]
    cache.settle()
    assert isinstance(cache.serve(newest(shelf), newest=True), HotCopy)
    assert count(session) == [(20, 190)]
    assert [c.snapshot_id for c in cache.stats().copies] == [2]
    (left,) = (p.name for p in (tmp_path / "hot").iterdir())
    assert left.startswith("lake.people-")
    assert left.endswith("-2-0.duckdb")


def test_an_old_version_never_starts_a_build(
    hot: tuple[Session, Shelf], cache: HotCache, tmp_path: Path
) -> None:
    session, shelf = hot
    shelf.put("people", parquet(tmp_path / "data", "two", "SELECT i AS id FROM range(20) r(i)"))
    cache.pin("lake.people", newest(shelf))
    assert count(session, at=1) == [(10, 45)]
    cache.settle()
    assert cache.stats().builds == 1


def test_a_table_that_is_not_pinned_goes_cold(hot: tuple[Session, Shelf], cache: HotCache) -> None:
    session, shelf = hot
    assert count(session) == [(10, 45)]
    assert cache.serve(newest(shelf), newest=True) == newest(shelf).relation
    assert cache.stats().misses == 0


def test_evicting_forgets_the_copy(hot: tuple[Session, Shelf], cache: HotCache, tmp_path: Path) -> None:
    session, shelf = hot
    cache.pin("lake.people", newest(shelf))
    assert count(session) == [(10, 45)]
    assert cache.evict("lake.people")
    assert not cache.evict("lake.people")
    assert list((tmp_path / "hot").iterdir()) == []
    assert count(session) == [(10, 45)]


def test_a_copy_that_vanished_is_missed_not_mourned(
    hot: tuple[Session, Shelf], cache: HotCache, tmp_path: Path
) -> None:
    session, shelf = hot
    cache.pin("lake.people", newest(shelf))
    for path in (tmp_path / "hot").iterdir():
        path.unlink()
    assert count(session) == [(10, 45)]
    cache.settle()
    assert isinstance(cache.serve(newest(shelf), newest=True), HotCopy)


def test_a_copy_that_goes_after_it_was_chosen_is_replaced_by_the_table_itself(
    hot: tuple[Session, Shelf], cache: HotCache, tmp_path: Path
) -> None:
    session, shelf = hot
    gone = Gone(str(tmp_path / "hot" / "gone-1.duckdb"))
    unlucky = Session(session._engine, shelf, hot=gone)
    assert count(unlucky) == [(10, 45)]
    assert count(unlucky) == [(10, 45)]
    with pytest.raises(Invalid, match="nope"):
        unlucky.sql("SELECT nope FROM people")


@dataclass
class Gone:
    """A cache whose copies are never there."""

    path: str

    def serve(self, resolved: Resolved, *, newest: bool) -> Relation:
        return HotCopy(self.path)


def test_the_least_recently_used_copy_makes_room(tmp_path: Path) -> None:
    build = builder(temp=tmp_path / "temp", memory_bytes=256 << 20, threads=1)
    shelf = Shelf()
    for name in "abc":
        shelf.put(name, parquet(tmp_path / "data", name, "SELECT md5(i::VARCHAR) x FROM range(200000) r(i)"))
    with HotCache(tmp_path / "hot", build=build, limit_bytes=LIMIT) as one:
        size = one.pin("lake.a", newest(shelf, "a")).bytes
    with HotCache(tmp_path / "hot", build=build, limit_bytes=2 * size + size // 2) as cache:
        assert list((tmp_path / "hot").iterdir()) == []
        cache.pin("lake.a", newest(shelf, "a"))
        cache.pin("lake.b", newest(shelf, "b"))
        cache.serve(newest(shelf, "a"), newest=True)
        cache.pin("lake.c", newest(shelf, "c"))
        assert {c.table for c in cache.stats().copies} == {"lake.a", "lake.c"}
        assert len(list((tmp_path / "hot").iterdir())) == 2


def test_a_table_larger_than_the_cache_is_told_so(tmp_path: Path) -> None:
    build = builder(temp=tmp_path / "temp", memory_bytes=256 << 20, threads=1)
    shelf = Shelf()
    shelf.put("a", parquet(tmp_path / "data", "a", "SELECT 1 AS x"))
    with HotCache(tmp_path / "hot", build=build, limit_bytes=10) as cache:
        with pytest.raises(NotFound, match="does not fit") as caught:
            cache.pin("lake.a", newest(shelf, "a"))
        assert "cache.limit_bytes" in caught.value.hint
        assert list((tmp_path / "hot").iterdir()) == []


def test_a_build_that_fails_leaves_nothing_and_is_counted(cache: HotCache, tmp_path: Path) -> None:
    gone = Resolved(relation=ParquetFiles(("/nowhere.parquet",), ()), snapshot_id=1, table="lake.gone")
    with pytest.raises(Unavailable, match="was not built"):
        cache.pin("lake.gone", gone)
    assert cache.stats().failures == 1
    assert list((tmp_path / "hot").iterdir()) == []
    with pytest.raises(LakehouseError, match="no snapshot"):
        cache.pin("system.tables", Resolved(relation=Rows(b""), snapshot_id=None, table="system.tables"))


def test_table_names_cannot_leave_the_folder(cache: HotCache, tmp_path: Path) -> None:
    odd = Resolved(
        relation=parquet(tmp_path / "data", "x", "SELECT 1 AS x"), snapshot_id=1, table="../../evil/ä b"
    )
    cache.pin(odd.table, odd)
    assert [p.parent for p in (tmp_path / "hot").rglob("*")] == [tmp_path / "hot"]


copies = st.lists(
    st.builds(
        Copy,
        table=st.uuids().map(str),
        snapshot_id=st.just(1),
        bytes=st.integers(0, 100),
        used=st.integers(0, 1000),
    ),
    max_size=8,
).map(tuple)


@given(copies, st.integers(0, 400))
def test_a_plan_makes_the_rest_fit_and_takes_no_more_than_needed(held: tuple[Copy, ...], limit: int) -> None:
    leaving = plan_eviction(held, limit_bytes=limit, keep=held[0] if held else None)
    rest = [c for c in held if c not in leaving]
    assert sum(c.bytes for c in rest) <= limit or not rest
    if leaving:
        assert sum(c.bytes for c in rest) + leaving[-1].bytes > limit
    others = [c.used for c in leaving if c != (held[0] if held else None)]
    assert others == sorted(others)
