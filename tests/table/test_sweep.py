"""Upkeep plans: what is taken, what is left, and what never goes."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from lakehouse.table.upkeep.sweep import (
    HOUR_MS,
    FileFact,
    Fold,
    Leave,
    Moment,
    UpkeepParams,
    Wear,
    expired,
    is_due,
    orphans,
    plan,
)

PARAMS = UpkeepParams()
MB = 1 << 20


def facts(*sizes: int, deleted: int = 0, rows: int = 1000) -> list[FileFact]:
    return [FileFact(path=f"f{n}", bytes=b, rows=rows, deleted=deleted) for n, b in enumerate(sizes)]


files = st.lists(
    st.tuples(st.integers(1, 200 * MB), st.integers(1, 10_000), st.integers(0, 10_000)), max_size=40
).map(
    lambda drawn: [
        FileFact(path=f"f{n}", bytes=b, rows=r, deleted=min(d, r)) for n, (b, r, d) in enumerate(drawn)
    ]
)


@given(files, st.integers(0, 40), st.booleans())
def test_a_plan_takes_only_files_there_are_and_none_twice(
    given_: list[FileFact], deletes: int, force: bool
) -> None:
    decision = plan(given_, delete_files=deletes, params=PARAMS, force=force)
    assert decision.reason
    if isinstance(decision, Fold):
        assert len(set(decision.paths)) == len(decision.paths)
        assert set(decision.paths) <= {f.path for f in given_}


@given(files, st.integers(0, 40))
def test_a_large_file_is_folded_only_when_it_is_worn(given_: list[FileFact], deletes: int) -> None:
    decision = plan(given_, delete_files=deletes, params=PARAMS)
    taken = set(decision.paths) if isinstance(decision, Fold) else set()
    for file in given_:
        if file.path in taken and file.bytes >= PARAMS.small_bytes:
            assert file.deleted > PARAMS.delete_share * file.rows


def test_few_small_files_can_wait_and_enough_are_folded() -> None:
    assert isinstance(plan(facts(*[1500] * 15), delete_files=0, params=PARAMS), Leave)
    decision = plan(facts(*[1500] * 16), delete_files=0, params=PARAMS)
    assert isinstance(decision, Fold)
    assert len(decision.paths) == 16


def test_a_fold_leaves_a_file_that_dwarfs_the_rest() -> None:
    decision = plan(facts(20 * MB, *[1500] * 16), delete_files=16, params=PARAMS)
    assert isinstance(decision, Fold)
    assert "f0" not in decision.paths


def test_one_tiny_file_does_not_keep_large_ones_from_being_folded() -> None:
    decision = plan(facts(10, *[MB] * 16), delete_files=0, params=PARAMS)
    assert isinstance(decision, Fold)
    assert len(decision.paths) == 17


def test_scattered_deletes_are_gathered_without_touching_data() -> None:
    decision = plan(facts(100 * MB), delete_files=16, params=PARAMS)
    assert isinstance(decision, Fold)
    assert decision.paths == ()


def test_a_fold_on_demand_takes_all_that_could_be_better() -> None:
    decision = plan(facts(20 * MB, 1500), delete_files=1, params=PARAMS, force=True)
    assert isinstance(decision, Fold)
    assert set(decision.paths) == {"f0", "f1"}
    assert isinstance(plan(facts(1500), delete_files=0, params=PARAMS, force=True), Leave)
    assert isinstance(plan(facts(100 * MB, deleted=1), delete_files=1, params=PARAMS, force=True), Leave)


def test_one_small_file_is_folded_on_demand_to_apply_its_deletes() -> None:
    decision = plan(facts(1500, deleted=1), delete_files=1, params=PARAMS, force=True)
    assert isinstance(decision, Fold)
    assert decision.paths == ("f0",)


def test_an_empty_table_has_nothing_to_fold() -> None:
    for force in (True, False):
        assert isinstance(plan([], delete_files=0, params=PARAMS, force=force), Leave)


def test_upkeep_is_due_by_what_came_since_the_last_look() -> None:
    many = Wear(data_files=100, delete_files=1, rows=10**9)
    assert is_due(many, Wear(), PARAMS)
    assert not is_due(many, many, PARAMS)
    assert is_due(Wear(data_files=116, delete_files=1, rows=10**9), many, PARAMS)
    assert is_due(Wear(deleted_rows=20_000, rows=100_000), Wear(), PARAMS)
    assert not is_due(Wear(deleted_rows=2, rows=5), Wear(), PARAMS)


def test_what_a_rollback_takes_away_does_not_hide_what_comes_after() -> None:
    settled = Wear(data_files=100, delete_files=9).least(Wear(data_files=2, delete_files=9))
    assert settled == Wear(data_files=2, delete_files=9)


moments = st.lists(st.tuples(st.integers(0, 400 * HOUR_MS), st.booleans()), max_size=150).map(
    lambda drawn: [
        Moment(snapshot_id=n, at_ms=at, sequence=n, is_referenced=tagged)
        for n, (at, tagged) in enumerate(sorted(drawn))
    ]
)


@given(moments, st.integers(0, 800 * HOUR_MS), st.integers(1, 60), st.integers(0, 30))
def test_heads_tags_and_the_newest_never_expire(
    given_: Sequence[Moment], now_ms: int, keep: int, days: int
) -> None:
    params = UpkeepParams(keep_newest=keep, keep_days=days)
    gone = expired(given_, now_ms=now_ms, params=params)
    assert len(set(gone)) == len(gone)
    kept = {m.snapshot_id for m in given_} - set(gone)
    assert {m.snapshot_id for m in given_ if m.is_referenced} <= kept
    assert {m.snapshot_id for m in given_[-keep:]} <= kept
    left = [m for m in given_ if m.snapshot_id in kept]
    assert expired(left, now_ms=now_ms, params=params) == (), "what is kept once is kept when asked again"


def test_within_the_days_the_last_of_each_hour_stays() -> None:
    every_ten_minutes = [
        Moment(snapshot_id=n, at_ms=n * HOUR_MS // 6, sequence=n, is_referenced=False) for n in range(24)
    ]
    params = UpkeepParams(keep_newest=1, keep_days=1)
    gone = set(expired(every_ten_minutes, now_ms=4 * HOUR_MS, params=params))
    assert set(range(24)) - gone == {5, 11, 17, 23}
    assert set(range(24)) - set(expired(every_ten_minutes, now_ms=99 * HOUR_MS, params=params)) == {23}


@given(
    st.dictionaries(st.text(max_size=3), st.integers(0, 100)),
    st.sets(st.text(max_size=3)),
    st.integers(0, 200),
)
def test_only_what_is_old_and_unreachable_is_removed(
    objects: dict[str, int], reachable: set[str], now_ms: int
) -> None:
    gone = orphans(objects, reachable=reachable, now_ms=now_ms, params=UpkeepParams(orphan_ms=50))
    assert set(gone) == {k for k, at in objects.items() if k not in reachable and at + 50 < now_ms}
