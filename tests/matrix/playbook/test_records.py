"""Searches and outcomes go into the log and come out the same; what is damaged comes out as nothing."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.matrix.playbook.events import Outcome, Search
from lakehouse.matrix.playbook.records import (
    outcome_record,
    read_outcome,
    read_search,
    rounded,
    search_record,
)
from lakehouse.store.streams import Json
from tests.matrix.playbook.told import said, search, unit


def stored(record: object) -> dict[str, Json]:
    """As JSON lines give it back."""
    read: dict[str, Json] = json.loads(json.dumps(record))
    return read


def again(one: Search) -> Search:
    read = read_search(one.search_id, stored(search_record(one)))
    assert read is not None
    return read


def test_a_search_comes_back_as_it_went_in() -> None:
    one = replace(search("s", keys="abc"), keys={"city": "Berlin", "role": "welder"})
    assert again(one) == one


@given(
    st.lists(st.floats(-1, 1, width=32), min_size=2, max_size=40).filter(
        lambda all_: max(map(abs, all_)) > 0.01
    )
)
def test_a_rounded_vector_comes_back_bit_for_bit(members: list[float]) -> None:
    vector = rounded(unit(*members))
    back = again(search("s", vector=vector)).vector
    assert back is not None
    assert back.tolist() == vector.tolist()


def test_rounding_to_16_bits_moves_a_cosine_by_less_than_a_thousandth() -> None:
    drawn = np.random.default_rng(2)
    pairs = [(unit(*drawn.normal(size=384)), unit(*drawn.normal(size=384))) for _ in range(20)]
    assert max(abs(float(rounded(a) @ rounded(b) - a @ b)) for a, b in pairs) < 1e-3


def test_rounding_twice_is_rounding_once() -> None:
    vector = rounded(unit(0.3, 0.4, 0.5))
    assert rounded(vector).tolist() == vector.tolist()


@pytest.mark.parametrize("audit", [True, False])
def test_an_outcome_comes_back_as_it_went_in_and_only_the_first_carries_its_search(audit: bool) -> None:
    one = replace(said("s", "b", "judged", value=0.25), is_audit=audit)
    first = outcome_record(one, event_id="e1", rank=2, first=search("s"))
    later = outcome_record(one, event_id="e2", rank=2, first=None)
    assert read_outcome(stored(first)) == read_outcome(stored(later)) == one
    assert read_search("s", stored(first)["search"]) == search("s")
    assert read_search("s", stored(later)["search"]) is None


@pytest.mark.parametrize(
    "damage",
    [{"outcome": "loved"}, {"outcome": None}, {"at_ms": "yesterday"}, {"search_id": ""}, {"doc_id": 7},
     {"value": 1.5}, {"value": -3}, {"value": float("nan")}, {"value": float("inf")}],
    ids=str,
)  # fmt: skip
def test_a_damaged_outcome_is_none(damage: dict[str, Json]) -> None:
    good = outcome_record(said("s"), event_id="e", rank=1, first=None)
    assert isinstance(read_outcome(good), Outcome)
    assert read_outcome({**good, **damage}) is None


@pytest.mark.parametrize("record", [None, 7, "text", [], {}, {"text": "x"}, {"text": 1, "at_ms": 1}])
def test_what_is_no_search_is_none(record: object) -> None:
    assert read_search("s", record) is None


@pytest.mark.parametrize("packed", ["!!", "AAA=", "AA==", 5, "fH58", ""], ids=str)
def test_a_damaged_vector_leaves_the_words(packed: object) -> None:
    record = {**search_record(search("s")), "model": "small", "vector": packed}
    read = read_search("s", record)
    assert read is not None
    assert read.text == search("s").text
    assert read.vector is None or read.vector.size > 0


def test_a_vector_that_is_not_finite_is_none() -> None:
    vector = np.array([np.inf, 1, 0, 0], np.float32)
    assert again(search("s", vector=vector)).vector is None


def test_a_damaged_row_is_left_out_and_the_others_count() -> None:
    record = {
        **search_record(search("s", keys="a")),
        "shown": [["jobs", "a", 1, 0.9, "d"], ["jobs"], None, 3],
    }
    read = read_search("s", record)
    assert read is not None
    assert [one.key for one in read.shown] == ["a"]
