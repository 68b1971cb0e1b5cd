"""Comparisons with numbers and dates: which words compare, which column is meant, what is no amount."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.matrix.conditions import amounts
from lakehouse.matrix.conditions.amounts import AFTER, BEFORE, FLIPPED, Amount
from lakehouse.matrix.conditions.condition import Op
from lakehouse.matrix.conditions.lexicon import Lexicon
from lakehouse.matrix.conditions.words import split
from tests.matrix.conditions.people import FILMS, LEXICON, PRODUCTS


def read(text: str, lexicon: Lexicon = LEXICON) -> list[Amount]:
    return amounts.read(split(text), lexicon.vocabulary)


def told(text: str, lexicon: Lexicon = LEXICON) -> list[str]:
    """Column and bounds of each, in order."""
    return [
        f"{a.facet.column if a.facet else '?'} {' '.join(op + value for op, value in a.bounds)}"
        for a in read(text, lexicon)
    ]


@pytest.mark.parametrize(("phrase", "op"), [(p, op) for p, op in BEFORE.items() if p != ("past",)])
def test_every_phrase_before_a_number_compares_as_it_says(phrase: tuple[str, ...], op: Op) -> None:
    (found,) = read(f"{' '.join(phrase)} 7 years of experience")
    assert found.facet
    assert (found.facet.column, found.bounds, found.first) == ("years_experience", ((op, "7"),), 0)


@pytest.mark.parametrize(("phrase", "op"), AFTER.items())
def test_every_phrase_behind_a_number_compares_as_it_says(phrase: tuple[str, ...], op: Op) -> None:
    assert told(f"experience 7 {' '.join(phrase)}") == [f"years_experience {op}7"]
    assert told(f"experience 7 years {' '.join(phrase)}") == [f"years_experience {op}7"]


def test_turning_a_comparison_round_twice_gives_it_back() -> None:
    assert all(FLIPPED[FLIPPED[op]] == op for op in FLIPPED)
    assert "=" not in FLIPPED


@pytest.mark.parametrize(
    "said",
    [
        "between 3 and 5 years",
        "from 3 to 5 years",
        "3 to 5 years",
        "3-5 years",
        "3 – 5 years",
        "three to five yrs",
    ],
)
def test_a_range_has_two_bounds_however_it_is_written(said: str) -> None:
    (found,) = read(f"{said} of experience")
    assert found.bounds == ((">=", "3"), ("<=", "5"))
    assert found.first == 0


def test_two_numbers_without_between_are_no_range() -> None:
    assert all(len(a.bounds) == 1 for a in read("3 and 5 years of experience"))
    assert all(len(a.bounds) == 1 for a in read("from 3 years experience and $20 pay"))


def test_a_second_comparison_speaks_of_the_column_of_the_first() -> None:
    assert told("experience of no more than 4 years and no less than 2") == [
        "years_experience <=4",
        "years_experience >=2",
    ]
    assert told("experience of no more than 4 years. No less than 2") == ["years_experience <=4", "? >=2"]


def test_the_unit_beside_the_number_picks_the_column() -> None:
    assert told("over $20 and over 20 years") == ["pay_rate >20", "years_experience >20"]
    assert told("under 20 dollars") == ["pay_rate <20"]
    assert told("lighter than 3 kg and cheaper than $9", PRODUCTS) == ["weight_kg <3", "price <9"]


def test_a_column_in_full_is_told_from_a_unit_alone() -> None:
    assert [a.is_named for a in read("at least 5 years experience")] == [True]
    assert [a.is_named for a in read("at least 5 years")] == [False]


def test_a_bare_number_means_what_its_column_says() -> None:
    assert told("5 years of experience") == ["years_experience >=5"]
    assert told("pay rate 20") == ["pay_rate =20"]
    assert told("exactly 5 years of experience") == ["years_experience =5"]


def test_a_number_without_a_column_counts_only_where_it_is_compared() -> None:
    assert told("12 welders") == []
    assert told("exactly 12 welders") == []
    assert told("fewer than 12 welders") == ["? <12"]


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("1,250.50", "1250.5"), ("30k", "30000"), ("2.5k", "2500"), ("1,250.5K", "1250500"),
        ("twelve", "12"), ("sixty", "60"),
        ("zero", "0"), ("007", "7"), ("0.5", "0.5"), ("999999999999999", "999999999999999"),
    ],
)  # fmt: skip
def test_numbers_are_read_in_figures_and_in_words(said: str, value: str) -> None:
    assert told(f"more than {said} dollars of pay") == [f"pay_rate >{value}"]


@pytest.mark.parametrize("said", ["9999999999999999", "k", "٣", "½", "1.2.3.4.5k", "nan", "inf", "1e5"])
def test_what_is_no_plain_number_is_no_amount(said: str) -> None:
    assert f"pay_rate >{said}" not in told(f"more than {said} pay")


def test_the_number_of_a_name_is_no_amount() -> None:
    assert told("experience with OSHA-30") == []
    assert told("more than OSHA-30 experience") == []


@pytest.mark.parametrize("word", ["last", "past", "next", "recent", "previous"])
def test_a_stretch_of_time_is_no_amount(word: str) -> None:
    assert told(f"experience in the {word} 5 years") == []


def test_five_years_ago_and_five_years_old_are_no_amounts() -> None:
    assert told("experience 5 years ago") == []
    assert told("experience, 5 years old") == []


@pytest.mark.parametrize(
    "said",
    [
        "2026-12-01",
        "December 1, 2026",
        "December 1st, 2026",
        "1 Dec 2026",
        "1st december 2026",
        "Dec 01 2026",
    ],
)
def test_a_date_is_one_date_however_it_is_written(said: str) -> None:
    assert told(f"registered before {said}") == ["registered_on <2026-12-01"]


@pytest.mark.parametrize(
    "said", ["2026-02-30", "2026-13-01", "February 30, 2026", "Dec 32 2026", "0000-01-01"]
)
def test_a_day_that_no_calendar_has_is_no_date(said: str) -> None:
    assert all("registered_on" not in one for one in told(f"registered before {said}"))


def test_numbers_ask_columns_of_numbers_and_dates_those_of_dates() -> None:
    assert told("released after 2026-01-01, over 90 minutes", FILMS) == [
        "released >2026-01-01",
        "minutes >90",
    ]
    assert told("minutes after 2026-01-01", FILMS) == ["? >2026-01-01"]


def test_a_range_of_dates_keeps_its_order() -> None:
    assert told("registered between 2026-01-01 and 2026-03-31") == ["registered_on >=2026-01-01 <=2026-03-31"]


def test_a_name_beyond_a_stop_or_too_far_away_is_not_taken() -> None:
    assert told("experience. More than 5") == ["? >5"]
    assert told("experience that counts among such good people really more than 5") == ["? >5"]


def test_a_vocabulary_without_measures_has_no_amounts() -> None:
    words = split("at least 5 years of experience before 2026-01-01")
    texts = [f for f in LEXICON.vocabulary.facets if f.kind == "text"]
    none = type(LEXICON.vocabulary)(facets=tuple(texts))
    assert amounts.read(words, none) == []
    assert amounts.read((), LEXICON.vocabulary) == []


@given(number=st.integers(0, 10**15 - 1))
@settings(max_examples=40, deadline=None)
def test_any_number_of_fifteen_digits_is_kept_exactly(number: int) -> None:
    assert told(f"at least {number} dollars") == [f"pay_rate >={number}"]


@given(day=st.dates(dt.date(1000, 1, 1)))
@settings(max_examples=40, deadline=None)
def test_any_day_is_read_in_figures_and_in_words(day: dt.date) -> None:
    wanted = [f"registered_on >={day.isoformat()}"]
    assert told(f"registered since {day.isoformat()}") == wanted
    assert told(f"registered since {day:%B} {day.day}, {day.year}") == wanted
    assert told(f"registered since {day.day} {day:%b} {day.year}") == wanted


POOL = "not at least most 5 7 years $ experience pay to - and between 2026-01-01 . , under or more 3k welders"


@given(said=st.lists(st.sampled_from(POOL.split()), max_size=14).map(" ".join))
@settings(max_examples=80, deadline=None)
def test_amounts_stand_in_order_and_never_over_each_other(said: str) -> None:
    found = read(said)
    ends = [0, *(a.end for a in found)]
    assert all(end <= a.first < a.end <= len(split(said)) for end, a in zip(ends, found, strict=False))
    assert all(len(a.bounds) in {1, 2} for a in found)
    assert all(float(value) >= 0 for a in found for _, value in a.bounds if value != "2026-01-01")


def test_thousands_with_a_fraction_are_not_read_as_units() -> None:
    assert told("paid over $2.5k") == ["pay_rate >2500"]
    assert told("paid over $2.5 kg") == ["pay_rate >2.5"]
