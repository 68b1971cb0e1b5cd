"""The vector is the same on every machine, bit by bit, and alike means alike."""

import json
import math
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.memory.vector import BUCKETS, packed, place, similarity, vector, words

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "pathway" / "vectors.json").read_text("utf-8"))
TOKENS = st.lists(st.text(min_size=1, max_size=8), max_size=40)


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: case["name"])
def test_every_golden_vector_is_met_to_the_bit(case: dict[str, object]) -> None:
    tokens = case["tokens"]
    assert isinstance(tokens, list)
    assert packed(vector(tokens)).hex() == case["hex"]


def test_a_token_has_its_bucket_and_sign_from_the_first_two_bytes() -> None:
    first, second = sha256(b"task:review").digest()[:2]
    assert place("task:review") == (first & 31, -1 if second & 1 else 1)
    assert {place(f"t{n}")[0] for n in range(1000)} == set(range(BUCKETS))
    assert {place(f"t{n}")[1] for n in range(100)} == {-1, 1}


@given(TOKENS)
def test_order_and_repetition_do_not_matter(tokens: list[str]) -> None:
    assert vector(tokens) == vector(sorted(tokens * 2, reverse=True))


@given(TOKENS)
def test_a_vector_has_length_one_or_is_zero_and_is_alike_to_itself(tokens: list[str]) -> None:
    found = vector(tokens)
    assert len(found) == BUCKETS
    length = math.sqrt(sum(x * x for x in found))
    assert length == pytest.approx(1) or length == 0
    assert similarity(found, found) == (1 if length else 0)


@given(TOKENS, TOKENS)
def test_likeness_goes_both_ways_and_stays_in_its_range(one: list[str], other: list[str]) -> None:
    there, back = similarity(vector(one), vector(other)), similarity(vector(other), vector(one))
    assert there == back
    assert -1.000001 <= there <= 1


def test_large_sets_that_share_nothing_do_not_look_alike() -> None:
    scores = [
        similarity(vector(f"a{n}-{i}" for i in range(300)), vector(f"b{n}-{i}" for i in range(300)))
        for n in range(50)
    ]
    assert max(scores) < 0.9
    assert abs(sum(scores) / len(scores)) < 0.1


def test_words_are_read_in_one_way_of_writing() -> None:
    assert words("Row_count, ROW_COUNT; naïve") == {"row_count", "naïve"}
    assert words("Größe ﬁle") == words("GRÖSSE file")
    assert words(" … ") == frozenset()
