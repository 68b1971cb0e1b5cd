import re

import pytest

from lakehouse.staffing.gate.needs import COMMON, SHIFTS, WORDINGS, Need, needs, wordings
from lakehouse.staffing.people import CITIES
from lakehouse.staffing.trades import TRADES

DRAWN = needs(400, seed=1)
WELDER = Need(role="Welder", city="Joliet", certificate="OSHA-10", off=2)


def test_a_need_is_said_in_six_ways_and_no_two_are_the_same() -> None:
    for need in DRAWN:
        assert len(set(wordings(need))) == WORDINGS
    assert wordings(WELDER)[0] == "welder in Joliet with OSHA-10, not nights"


def test_every_wording_names_every_place_and_paper_of_its_need() -> None:
    for need in DRAWN:
        names = [n for n in (need.city, need.elsewhere, need.certificate, need.lacks) if n]
        for text in wordings(need):
            plain = text.replace("osha ", "OSHA-")
            assert all(name in plain for name in names), text
            assert not re.search(r"  | ,|\{", text)


def test_every_wording_says_the_shift_and_whether_it_is_ruled_out() -> None:
    for need in (n for n in DRAWN if max(n.shift, n.off) >= 0):
        name = SHIFTS[max(need.shift, need.off)][0]
        for text in wordings(need):
            assert name in text
            assert bool(re.search(r"\b(not|no|but)\b", text.split(name)[0])) >= (need.off >= 0)


def test_the_same_seed_draws_the_same_needs_and_another_seed_others() -> None:
    assert needs(50, seed=1) == DRAWN[: len(needs(50, seed=1))]
    assert needs(50, seed=2) != needs(50, seed=1)


def test_no_need_comes_twice_and_each_has_a_key_of_its_own() -> None:
    assert len({need.key for need in DRAWN}) == len(set(DRAWN)) == len(DRAWN)


def test_papers_are_those_that_many_people_of_the_trade_have_and_not_all() -> None:
    held = {t.title: dict(t.certificates) for t in TRADES}
    for need in DRAWN:
        for name in filter(None, (need.certificate, need.lacks)):
            assert COMMON <= held[need.role][name] < 100


@pytest.mark.parametrize(
    ("need", "kinds"),
    [
        (WELDER, ("role", "city", "certificate", "negation")),
        (Need(role="Loader", elsewhere=CITIES[0].name), ("role", "negation")),
        (Need(role="Loader", city="Gary", lacks="TWIC", shift=0), ("role", "city", "negation", "shift")),
    ],
)
def test_conditions_are_told_apart_by_kind(need: Need, kinds: tuple[str, ...]) -> None:
    assert tuple(kind for kind, _ in need.conditions) == kinds
