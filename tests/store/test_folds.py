"""Folding never loses, repeats or reorders, wherever it is cut short."""

from hypothesis import given
from hypothesis import strategies as st

from lakehouse.store.folds import Claims, plan, survey
from lakehouse.store.segments import JournalFile, file_key, parse_key


def file(number: int, kind: str = "jsonl", size: int = 10) -> JournalFile:
    name = f"01{number:024}"
    found = parse_key(file_key("x", name, "parquet" if kind == "parquet" else "jsonl"), size, 0)
    assert found is not None
    return found


def claims(*files: JournalFile, at: int = 0) -> Claims:
    return Claims(replaces=frozenset(f.name for f in files), written_ms=at)


def test_a_claimed_segment_is_dead_from_the_moment_its_parquet_file_was_written() -> None:
    one, two, folded = file(1), file(2), file(1, "parquet")
    found = survey([one, two, folded], {folded.name: claims(one, at=7)})
    assert found.live == (folded, two)
    assert found.dead == ((one, 7),)
    assert not found.overlapping


def test_a_chain_of_folds_is_deleted_oldest_first_so_that_no_segment_comes_back() -> None:
    one, two = file(1), file(2)
    first, second = file(1, "parquet"), file(2, "parquet")
    found = survey(
        [one, two, first, second], {first.name: claims(one, at=1), second.name: claims(first, two, at=9)}
    )
    assert found.live == (second,)
    assert found.dead == ((one, 1), (two, 9), (first, 9))


def test_of_two_folds_side_by_side_the_wider_one_counts() -> None:
    one, two = file(1), file(2)
    narrow, wide = file(1, "parquet"), file(2, "parquet")
    found = survey([one, two, narrow, wide], {narrow.name: claims(one), wide.name: claims(one, two, at=3)})
    assert found.live == (wide,)
    assert (narrow, 3) in found.dead
    assert not found.overlapping


def test_folds_that_share_a_part_both_count_and_are_told_apart_by_id() -> None:
    left, right = file(2, "parquet"), file(3, "parquet")
    found = survey([left, right], {left.name: claims(file(1), file(2)), right.name: claims(file(2), file(3))})
    assert found.live == (left, right)
    assert found.overlapping


SHAPES = st.lists(st.tuples(st.sampled_from(["jsonl", "parquet"]), st.integers(1, 120)), max_size=12)


@given(SHAPES, st.integers(1, 100))
def test_a_plan_takes_neighbours_once_and_in_order(shapes: list[tuple[str, int]], target: int) -> None:
    live = [file(number, kind, size) for number, (kind, size) in enumerate(shapes)]
    groups = plan(live, target_bytes=target)
    for group in groups:
        start = live.index(group[0])
        assert list(group) == live[start : start + len(group)]
        assert group[-1].kind == "jsonl"
        assert not [f for f in group if f.kind == "parquet" and f.size >= target]
    taken = [f.name for group in groups for f in group]
    assert taken == sorted(set(taken))
    assert {f.name for f in live if f.kind == "jsonl"} <= set(taken)


@given(SHAPES, st.integers(10, 100))
def test_a_group_grows_no_larger_than_the_target_unless_one_file_is(
    shapes: list[tuple[str, int]], target: int
) -> None:
    live = [file(number, kind, size) for number, (kind, size) in enumerate(shapes)]
    for group in plan(live, target_bytes=target):
        assert len(group) == 1 or sum(f.size for f in group) <= target
