"""The vocabularies: complete, consistent with each other, and harmless."""

import re

import pytest

from lakehouse.staffing import letters, people, words
from lakehouse.staffing.trades import TRADES, Trade

BASES = {
    "Electrician": 28,
    "Welder": 26,
    "Maintenance": 26,
    "Machine Operator": 24,
    "Quality Technician": 23,
    "Forklift Operator": 20,
    "Production": 18,
    "Loader": 17,
    "Warehouse Associate": 17,
}


def test_base_rates_are_those_of_the_reference() -> None:
    assert BASES.items() <= {t.title: t.base for t in TRADES}.items()


def test_shares_of_the_trades_add_up() -> None:
    assert sum(t.weight for t in TRADES) == 10_000


@pytest.mark.parametrize("trade", TRADES, ids=lambda t: t.title)
def test_a_trade_has_all_that_look_ups_count_on(trade: Trade) -> None:
    assert len(trade.certificates) == len(trade.openers) == len(trade.duties) == 6
    assert len({word for word, _ in trade.skills}) == 8
    assert all(0 < percent <= 100 for _, percent in trade.certificates)
    assert all(name in words.CERTIFICATES for name, _ in trade.certificates)
    assert all(opener.count("{years}") == 1 for opener in trade.openers)


@pytest.mark.parametrize("trade", TRADES, ids=lambda t: t.title)
def test_some_openers_name_the_trade_and_some_say_it_otherwise(trade: Trade) -> None:
    named = [trade.title.lower() in opener.lower() for opener in trade.openers]
    assert True in named
    assert False in named


@pytest.mark.parametrize("trade", TRADES, ids=lambda t: t.title)
def test_skills_are_also_said_in_other_words(trade: Trade) -> None:
    assert all(word != said for word, said in trade.skills)


def test_no_list_entry_holds_the_separator() -> None:
    entries = [word for t in TRADES for word, _ in t.skills] + list(words.CERTIFICATES)
    assert not [entry for entry in entries if ";" in entry]


def test_no_certificate_is_part_of_another() -> None:
    names = list(words.CERTIFICATES)
    assert not [(a, b) for a in names for b in names if a != b and a in b]


def test_every_vertical_says_how_often_it_orders_each_trade() -> None:
    for vertical in words.VERTICALS:
        assert len(vertical.demand) == len(TRADES)
        assert min(vertical.demand) >= 0
        assert len(vertical.nouns) == 8
    assert sum(v.share for v in words.VERTICALS) == 100


def test_verticals_are_the_six_and_differ_in_markup() -> None:
    assert {v.name for v in words.VERTICALS} == {
        "manufacturing",
        "logistics",
        "construction",
        "healthcare",
        "food",
        "energy",
    }
    assert len({v.markup for v in words.VERTICALS}) == 6


def test_zip_codes_have_five_digits_and_some_begin_with_zero() -> None:
    codes = [code for city in people.CITIES for code in city.zips]
    assert all(re.fullmatch(r"\d{5}", code) for code in codes)
    assert {c.state for c in people.CITIES if c.zips[0].startswith("0")} == {"MA", "NJ", "CT"}
    assert len(set(codes)) == len(codes)


def test_area_codes_are_valid_in_north_america() -> None:
    codes = [code for city in people.CITIES for code in city.area_codes]
    assert all(re.fullmatch(r"[2-9]\d{2}", code) and code[1:] != "11" for code in codes)


def test_towns_of_a_state_are_neighbours() -> None:
    states = [city.state for city in people.CITIES]
    assert states == sorted(states)


def test_mail_goes_to_reserved_domains_only() -> None:
    domains = [*people.MAIL_DOMAINS, people.OFFICE_DOMAIN]
    assert all(re.search(r"(^|\.)example\.(com|net|org)$", domain) for domain in domains)


def test_names_are_distinct() -> None:
    for names in (people.FIRST_NAMES, people.LAST_NAMES, people.STREETS, words.COMPANY_HEADS):
        assert len(set(names)) == len(names)
    assert len(set(people.RECRUITERS)) == len(people.RECRUITERS) >= 20


def test_company_heads_fit_the_step_that_keeps_names_apart() -> None:
    assert (len(words.COMPANY_HEADS) * 8 * len(words.COMPANY_TAILS)) % 37


def test_letters_run_both_ways() -> None:
    for group in (letters.TO_CANDIDATES, letters.TO_CLIENTS):
        assert {letter.direction for letter in group} == {"outbound", "inbound"}


def test_every_call_outcome_has_as_many_notes() -> None:
    assert len(letters.CALL_NOTES) == len(letters.OUTCOMES)
    assert {len(notes) for notes in letters.CALL_NOTES} == {4}


def test_every_shift_has_three_sentences() -> None:
    assert len(words.SHIFT_SENTENCES) == len(words.SHIFTS) == len(words.SHIFT_WEIGHTS)
    assert {len(texts) for texts in words.SHIFT_SENTENCES} == {3}
