"""Names and places: towns that exist, with codes that are theirs, and people who do not."""

import re
from collections import Counter

import pytest

from lakehouse.staffing import people
from lakehouse.staffing.people import CITIES, STATES, City

ZIP_RANGES = {
    "AL": (350, 369),
    "AZ": (850, 865),
    "CA": (900, 961),
    "CO": (800, 816),
    "CT": (60, 69),
    "FL": (320, 349),
    "GA": (300, 319),
    "IL": (600, 629),
    "IN": (460, 479),
    "KY": (400, 427),
    "MA": (10, 27),
    "MI": (480, 499),
    "MN": (550, 567),
    "MO": (630, 658),
    "NC": (270, 289),
    "NJ": (70, 89),
    "NV": (889, 898),
    "NY": (100, 149),
    "OH": (430, 459),
    "OR": (970, 979),
    "PA": (150, 196),
    "SC": (290, 299),
    "TN": (370, 385),
    "TX": (750, 799),
    "UT": (840, 847),
    "WA": (980, 994),
    "WI": (530, 549),
}
"""The first three digits of the ZIP codes of a state, from the postal service's list of sectional centers."""


def name(city: City) -> str:
    return f"{city.name} {city.state}"


@pytest.mark.parametrize("city", CITIES, ids=name)
def test_the_zip_codes_of_a_town_are_those_of_its_state(city: City) -> None:
    low, high = ZIP_RANGES[city.state]
    assert city.zips
    assert all(low <= int(code[:3]) <= high for code in city.zips)


@pytest.mark.parametrize("city", CITIES, ids=name)
def test_a_town_has_a_name_an_area_code_and_inhabitants(city: City) -> None:
    assert re.fullmatch(r"[A-Z][A-Za-z. ]+[a-z]", city.name)
    assert city.area_codes
    assert city.weight > 0


def test_a_town_stands_in_the_list_once() -> None:
    assert max(Counter((city.state, city.name) for city in CITIES).values()) == 1


def test_towns_of_one_name_lie_in_one_state_so_that_a_name_is_enough() -> None:
    assert len({city.name for city in CITIES}) == len(CITIES)


def test_towns_are_sorted_by_state_and_name() -> None:
    keys = [(city.state, city.name) for city in CITIES]
    assert keys == sorted(keys)


def test_an_area_code_belongs_to_one_state() -> None:
    owners = {(code, city.state) for city in CITIES for code in city.area_codes}
    assert len({code for code, _ in owners}) == len(owners)


def test_states_are_those_of_the_towns_in_order() -> None:
    assert list(STATES) == sorted({city.state for city in CITIES})
    assert set(STATES) == set(ZIP_RANGES)


def test_chicago_is_the_largest_town() -> None:
    assert max(CITIES, key=lambda city: city.weight).name == "Chicago"


def test_illinois_has_enough_people_for_the_questions_about_it() -> None:
    share = sum(c.weight for c in CITIES if c.state == "IL") / sum(c.weight for c in CITIES)
    assert 0.1 < share < 0.2


@pytest.mark.parametrize("listed", [people.FIRST_NAMES, people.LAST_NAMES], ids=["first", "last"])
def test_names_are_plain_letters_so_that_they_fit_into_an_address(listed: tuple[str, ...]) -> None:
    assert len(listed) > 200
    assert all(re.fullmatch(r"[A-Z][A-Za-z]+", word) for word in listed)


def test_no_two_names_become_the_same_in_small_letters() -> None:
    for listed in (people.FIRST_NAMES, people.LAST_NAMES):
        assert len({word.lower() for word in listed}) == len(listed)


def test_a_street_has_a_name_and_a_kind() -> None:
    assert all(re.fullmatch(r"[A-Z][a-z]+ (St|Ave|Rd|Dr|Ct|Blvd)", street) for street in people.STREETS)


def test_every_name_of_a_street_comes_in_every_kind() -> None:
    kinds = Counter(street.split()[1] for street in people.STREETS)
    assert len(set(kinds.values())) == 1


def test_recruiters_have_names_of_the_lists_and_addresses_of_their_own() -> None:
    pairs = [recruiter.split() for recruiter in people.RECRUITERS]
    assert {first for first, _ in pairs} <= set(people.FIRST_NAMES)
    assert {last for _, last in pairs} <= set(people.LAST_NAMES)
    assert len({f"{first}.{last}".lower() for first, last in pairs}) == len(pairs)


def test_our_own_domain_is_not_one_that_candidates_have() -> None:
    assert people.OFFICE_DOMAIN not in people.MAIL_DOMAINS


def test_words_are_listed_whatever_stands_between_them() -> None:
    assert people.listed("\n one two\n\tthree ") == ("one", "two", "three")
    assert people.listed("  \n") == ()
