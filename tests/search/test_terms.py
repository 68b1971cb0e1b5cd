"""Terms: what a sentence says of its content, its numbers, its names and what it denies."""

import pytest

from lakehouse.search.terms import OPPOSITES, both, read, stem


@pytest.mark.parametrize(
    "family",
    [
        ("operate", "operates", "operated", "operating", "operation"),
        ("policy", "policies"),
        ("stop", "stops", "stopped", "stopping"),
        ("inspect", "inspection", "inspections"),
        ("quick", "quickly"),
        ("pass", "passed", "passing"),
    ],
)
def test_a_word_in_its_forms_has_one_stem(family: tuple[str, ...]) -> None:
    assert len(set(map(stem, family))) == 1


@pytest.mark.parametrize(("one", "other"), [("bus", "bush"), ("operator", "operate")])
def test_other_words_keep_other_stems(one: str, other: str) -> None:
    assert stem(one) != stem(other)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("It cost 1,200.50 in 2024", {"1200.5", "2024"}),
        ("3.2 million people and 4 thousand", {"3200000", "4000"}),
        ("twelve of them, or 12.0", {"12"}),
        ("12% at 0.50", {"12", "0.5"}),
        ("none here", set()),
    ],
)
def test_a_number_is_the_same_however_it_is_written(text: str, numbers: set[str]) -> None:
    assert read(text).numbers == numbers


def test_names_have_a_capital_inside_the_sentence_or_letters_and_digits() -> None:
    terms = read("Yesterday the Acme plant in the U.S. sent OSHA its T90 form, as We said of Smith's")
    assert terms.names == {"acme", "us", "osha", "t90", "smith"}
    assert terms.first == "yesterday"
    assert read("the end").first == ""


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("the pump does not start", {"start"}),
        ("the pump doesn't start, the fan turns", {"start"}),
        ("it can not only start but also stop", set()),
        ("it did not, however, stop", {"stop"}),
        ("without oil the pump heats", {"oil", "pump", "heat"}),
        ("never drive one two red cars past big towns at night", {"driv", "red", "car", "past"}),
        ("no leak but heat", {"leak"}),
    ],
)
def test_a_denial_reaches_the_next_words_of_its_clause(text: str, denied: set[str]) -> None:
    assert read(text).denied == denied


def test_what_is_said_outside_of_a_denial_is_affirmed() -> None:
    terms = read("the pump does not leak, yet pumps heat")
    assert terms.affirmed == {"pump", "heat"}
    assert terms.stems == terms.affirmed | terms.denied


def test_two_sentences_together_say_what_each_says() -> None:
    one, two = read("The Acme pump starts 2 times"), read("it does not leak")
    together = both(one, two)
    assert together.stems == one.stems | two.stems
    assert (together.denied, together.numbers, together.names) == (two.denied, one.numbers, one.names)
    assert together.words == one.words | two.words


def test_small_words_claim_nothing() -> None:
    assert not read("It is what they have been, and so on.").stems


def test_every_opposite_can_be_met_in_a_sentence() -> None:
    for pair in OPPOSITES:
        for word in pair:
            terms = read(f"xx {word} yy")
            assert word in terms.words | terms.stems
