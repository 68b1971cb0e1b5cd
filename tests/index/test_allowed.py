"""Rows that a condition leaves: by keys or by slots, a search is given the same ones."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.index.allowed import Order, as_mask, as_slots, by_keys

keys = st.lists(st.text(max_size=3), unique=True, max_size=30)


@given(keys, st.data())
def test_slots_and_keys_lead_to_the_same_rows(table: list[str], data: st.DataObject) -> None:
    table = sorted(table, key=str.encode)
    chosen = [key for key in table if data.draw(st.booleans())]
    some = st.lists(st.sampled_from([*table, "a key that is gone"]), max_size=20)
    built, fresh = (pa.array(data.draw(some), pa.string()) for _ in range(2))
    order = Order(pa.array(table, pa.string()), built=built, fresh=fresh)
    slots = np.array([table.index(key) for key in chosen], np.int32)
    one = order.allowed(slots)
    other = by_keys(pa.array(chosen, pa.string()), built=built, fresh=fresh)
    assert one.built is not None
    assert other.built is not None
    assert one.built.tolist() == other.built.tolist() == [key in chosen for key in built.to_pylist()]
    assert one.fresh.tolist() == other.fresh.tolist()
    assert one.keys == other.keys == frozenset(chosen)


def test_without_a_generation_there_is_nothing_to_mark() -> None:
    none = pa.array([], pa.string())
    assert by_keys(pa.array(["a"]), built=None, fresh=none).built is None
    assert Order(pa.array(["a"]), built=None, fresh=none).allowed(np.array([0], np.int32)).built is None


def test_parts_of_arrow_arrays_are_read_where_they_begin() -> None:
    numbers = pa.array([7, 8, 9, 10], pa.int32())
    assert as_slots(numbers[1:3]).tolist() == [8, 9]
    assert as_slots(pa.array([], pa.int32())).tolist() == []
    assert as_mask(pa.array([False, True, True, False])[1:]).tolist() == [True, True, False]
