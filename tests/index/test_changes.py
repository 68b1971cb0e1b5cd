"""What an index must do again is worked out from two tables, and from nothing else."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.base.errors import Invalid
from lakehouse.index import changes


def wanted(rows: dict[str, str]) -> pa.Table:
    return pa.table(
        {
            "key": pa.array(list(rows), pa.string()),
            "digest": pa.array(list(rows.values()), pa.string()),
            "bytes": pa.array([10] * len(rows), pa.int64()),
        }
    )


def known(rows: dict[str, str]) -> pa.Table:
    return wanted(rows).select(["key", "digest"])


texts = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from("123"), max_size=8)


@settings(deadline=None)  # the first one imports what Arrow looks for
@given(texts, texts)
def test_a_plan_carried_out_makes_the_index_equal_to_its_table(
    now: dict[str, str], held: dict[str, str]
) -> None:
    plan = changes.plan(wanted(now), known(held))
    after = {key: digest for key, digest in held.items() if key not in plan.stale.to_pylist()}
    assert not after.keys() & set(plan.todo["key"].to_pylist())
    after |= dict(zip(plan.todo["key"].to_pylist(), plan.todo["digest"].to_pylist(), strict=True))
    assert after == now


@settings(deadline=None)  # the first one imports what Arrow looks for
@given(texts, texts)
def test_only_what_differs_is_done_again(now: dict[str, str], held: dict[str, str]) -> None:
    plan = changes.plan(wanted(now), known(held))
    assert set(plan.todo["key"].to_pylist()) == {k for k in now if held.get(k) != now[k]}
    assert plan.gone == len(held.keys() - now.keys())
    assert bool(plan) == (now != held)


def test_a_row_of_which_parts_are_of_another_text_is_done_again() -> None:
    plan = changes.plan(wanted({"a": "1"}), known({"a": ""}))
    assert plan.todo["key"].to_pylist() == plan.stale.to_pylist() == ["a"]


@given(st.lists(st.integers(0, 50), max_size=30), st.integers(1, 9), st.integers(1, 60))
def test_pieces_keep_order_leave_nothing_out_and_stay_small(sizes: list[int], rows: int, size: int) -> None:
    keys = [str(n) for n in range(len(sizes))]
    todo = pa.table(
        {
            "key": pa.array(keys, pa.string()),
            "digest": pa.array(keys, pa.string()),
            "bytes": pa.array(sizes, pa.int64()),
        }
    )
    pieces = changes.batches(todo, rows=rows, size=size)
    assert [k for piece in pieces for k in piece["key"].to_pylist()] == keys
    assert all(len(piece) <= rows for piece in pieces)
    assert all(len(piece) == 1 or sum(piece["bytes"].to_pylist()) <= size for piece in pieces)


def test_an_id_that_stands_twice_is_refused_with_the_column_named() -> None:
    with pytest.raises(Invalid, match="email does not identify a row of people"):
        changes.require_unique(pa.chunked_array([["a", "b"], ["a"]]), column="email", table="people")
