"""When two words are the same word, and where a text falls apart."""

import pytest

from lakehouse.matrix.conditions.words import akin, fold, is_typo, singular, split, squeeze


def test_words_know_their_places_and_lose_case_accents_and_possession() -> None:
    text = "Zoë’s OSHA-30, $31.50 on 2026-12-01 w/o café"
    words = split(text)
    assert [w.key for w in words] == [
        *("zoe", "osha", "-", "30", ",", "$", "31.50", "on", "2026-12-01", "without", "cafe")
    ]
    assert all(text[w.start : w.end] == w.text for w in words)
    assert [w.text for w in words if not w.is_word] == ["-", ",", "$"]


def test_hyphens_and_blanks_do_not_part_a_value() -> None:
    assert squeeze("osha-30") == squeeze("osha 30") == squeeze("osha30") == "osha30"
    assert fold("STRASSE") == fold("straße")


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("welders", "welder"), ("companies", "company"), ("boxes", "box"), ("batches", "batch"),
        ("glass", "glass"), ("bus", "bus"), ("osha30", "osha30"), ("is", "is"), ("basis", "basis"),
    ],
)  # fmt: skip
def test_plurals_lose_their_ending(many: str, one: str) -> None:
    assert singular(many) == one


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("chicgo", "chicago"), ("chicaggo", "chicago"), ("chicado", "chicago"), ("chciago", "chicago"),
        ("forklfit", "forklift"), ("asociate", "associate"), ("chicag", "chicago"),
    ],
)  # fmt: skip
def test_one_slip_is_a_typo(said: str, meant: str) -> None:
    assert is_typo(said, meant)


@pytest.mark.parametrize(
    ("said", "other"),
    [
        ("welded", "welder"), ("chicago", "chicago"), ("gray", "gary"), ("portland", "poland"),
        ("xhicago", "chicago"),
        ("chigaco", "chicago"),
    ],
)  # fmt: skip
def test_other_words_forms_and_short_ones_are_no_typos(said: str, other: str) -> None:
    assert not is_typo(said, other)


def test_forms_of_one_word_are_akin_and_others_are_not() -> None:
    assert akin("certified", "certificates")
    assert akin("available", "availability")
    assert akin("years", "year")
    assert not akin("experiment", "experience")
    assert not akin("rate", "rating")
