"""The card of a corpus: what it may say, how it is written down, and how its filter joins a condition."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.base.errors import Corrupt, Invalid
from lakehouse.matrix.corpus import Corpus, card, parse, read, write

CARD = Corpus(
    name="nurses",
    index="resumes",
    purpose="Nurses who may work now",
    weight=2.0,
    floor=0.05,
    filter="status = 'active'",
    facets=("city", "role"),
    keys=("role",),
)


def test_an_index_without_a_card_is_a_corpus_that_weighs_one_and_drops_nothing() -> None:
    made = card("resumes")
    assert (made.name, made.index, made.weight, made.floor, made.filter) == ("resumes", "resumes", 1, 0, "")


def test_a_card_comes_back_as_it_was_written() -> None:
    assert read(write(CARD)) == CARD
    assert json.loads(write(CARD))["purpose"] == "Nurses who may work now"


@given(st.text(max_size=100), st.floats(0.01, 1000), st.floats(0, 1))
def test_any_card_comes_back(purpose: str, weight: float, floor: float) -> None:
    made = replace(CARD, purpose=purpose.strip(), weight=weight, floor=floor)
    assert read(write(made)) == made


def test_a_name_alone_makes_a_card() -> None:
    assert parse({"name": "resumes"}) == card("resumes")
    assert parse({"name": "nurses", "index": "resumes"}).index == "resumes"


@pytest.mark.parametrize(
    "given_card",
    [
        {},
        {"name": 3},
        {"name": "No Such"},
        {"name": "a", "colour": "red"},
        {"name": "a", "weight": 0},
        {"name": "a", "weight": "2"},
        {"name": "a", "weight": True},
        {"name": "a", "weight": float("nan")},
        {"name": "a", "floor": 1.5},
        {"name": "a", "facets": "city"},
        {"name": "a", "facets": [1]},
        {"name": "a", "keys": ["city"]},
        {"name": "a", "purpose": "x" * 3000},
    ],
)
def test_a_card_that_cannot_be_is_refused_with_a_way_out(given_card: dict[str, object]) -> None:
    with pytest.raises(Invalid) as error:
        parse(given_card)
    assert error.value.hint


def test_a_damaged_card_is_corrupt_and_one_of_a_newer_version_is_read() -> None:
    for text in ("", "[]", "{}", '{"name": "a", "weight": -1}'):
        with pytest.raises(Corrupt):
            read(text)
    assert read('{"name": "a", "index": "a", "mood": "new"}') == card("a")


def test_filter_and_condition_both_hold_and_neither_swallows_the_other() -> None:
    assert card("a").where() == ""
    assert card("a").where("city = 'Oslo'") == "city = 'Oslo'"
    assert CARD.where() == "status = 'active'"
    assert CARD.where("city = 'Oslo' OR 1=1 -- all") == (
        "(status = 'active'\n) AND (city = 'Oslo' OR 1=1 -- all\n)"
    )


def test_facets_are_named_once_in_their_order() -> None:
    assert parse({"name": "a", "facets": ["role", "city", "role"]}).facets == ("role", "city")
