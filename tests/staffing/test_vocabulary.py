"""Trades, certificates, letters and notes: phrases fit where they are put; nothing is left to fill in."""

import re
from collections import Counter
from itertools import combinations
from string import Formatter

import pytest

from lakehouse.staffing import letters, words
from lakehouse.staffing.letters import TO_CANDIDATES, TO_CLIENTS, Letter
from lakehouse.staffing.trades import TRADES, Trade
from lakehouse.staffing.words import CERTIFICATES, VERTICALS, Certificate, Vertical

LETTERS = TO_CANDIDATES + TO_CLIENTS
PAPERS = tuple(CERTIFICATES.values())


def fields(text: str) -> list[str]:
    return [field for _, field, _, _ in Formatter().parse(text) if field is not None]


def is_sentence(text: str) -> bool:
    return bool(re.match(r"[A-Z{]", text)) and text.endswith((".", "?"))


def by_title(trade: Trade) -> str:
    return trade.title


@pytest.mark.parametrize("trade", TRADES, ids=by_title)
def test_openers_and_duties_are_sentences(trade: Trade) -> None:
    assert all(is_sentence(text) for text in trade.openers + trade.duties)
    assert not [duty for duty in trade.duties if fields(duty)]
    assert {field for opener in trade.openers for field in fields(opener)} == {"years"}


@pytest.mark.parametrize("trade", TRADES, ids=by_title)
def test_skills_are_plain_words_in_both_wordings(trade: Trade) -> None:
    for pair in trade.skills:
        assert all(re.fullmatch(r"[A-Za-z0-9&\- ]+", text) for text in pair), pair


@pytest.mark.parametrize("trade", TRADES, ids=by_title)
def test_no_certificate_of_a_trade_is_named_twice(trade: Trade) -> None:
    assert len({name for name, _ in trade.certificates}) == len(trade.certificates)


@pytest.mark.parametrize("trade", TRADES, ids=by_title)
def test_base_pay_is_that_of_hourly_work(trade: Trade) -> None:
    assert 15 <= trade.base <= 40
    assert trade.weight > 0


def test_titles_differ_and_none_is_part_of_another() -> None:
    titles = [trade.title for trade in TRADES]
    assert len(titles) == 10
    assert not [(a, b) for a in titles for b in titles if a != b and a.lower() in b.lower()]


def test_no_sentence_is_used_by_two_trades() -> None:
    texts = Counter(text for trade in TRADES for text in trade.openers + trade.duties)
    assert texts.most_common(1)[0][1] == 1


def test_every_certificate_is_of_some_trade() -> None:
    assert {name for trade in TRADES for name, _ in trade.certificates} == set(CERTIFICATES)


def test_every_forklift_operator_has_the_forklift_paper_and_no_other_paper_is_sure() -> None:
    sure = [(t.title, name) for t in TRADES for name, percent in t.certificates if percent == 100]
    assert sure == [("Forklift Operator", "Forklift")]


@pytest.mark.parametrize("paper", PAPERS, ids=lambda p: p.name)
def test_a_certificate_is_said_to_be_had_within_a_sentence_and_lacked_in_a_whole_one(
    paper: Certificate,
) -> None:
    assert CERTIFICATES[paper.name] is paper
    assert not paper.have.endswith(".")
    assert is_sentence(paper.lack)


def test_no_claim_to_a_certificate_is_part_of_another() -> None:
    for one, other in combinations(PAPERS, 2):
        assert one.have not in other.have
        assert other.have not in one.have
        assert one.lack != other.lack


def test_no_sentence_about_a_lack_claims_a_certificate() -> None:
    assert not [(a.name, b.name) for a in PAPERS for b in PAPERS if a.have in b.lack]


@pytest.mark.parametrize("vertical", VERTICALS, ids=lambda v: v.name)
def test_a_vertical_orders_several_trades_and_names_its_companies(vertical: Vertical) -> None:
    assert sum(map(bool, vertical.demand)) >= 7
    assert len(set(vertical.nouns)) == 8
    assert all(re.fullmatch(r"[A-Z][a-z]+", noun) for noun in vertical.nouns)
    assert 130 <= vertical.markup <= 160


def test_a_noun_says_of_which_vertical_a_company_is() -> None:
    nouns = Counter(noun for vertical in VERTICALS for noun in vertical.nouns)
    assert max(nouns.values()) == 1


def test_every_trade_is_ordered_by_somebody() -> None:
    for position in range(len(TRADES)):
        assert sum(vertical.demand[position] for vertical in VERTICALS) > 10


@pytest.mark.parametrize("number", range(21))
def test_numbers_are_written_out_in_their_order(number: int) -> None:
    teens = ["ten", "eleven", "twelve"]
    digits = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    teens += [f"{word}teen" for word in ("thir", "four", "fif", "six", "seven", "eigh", "nine")]
    assert words.NUMBER_WORDS[number] == [*digits, *teens, "twenty"][number]


@pytest.mark.parametrize(
    "texts", [words.CLOSINGS, words.FILLERS, words.HOME_SENTENCES], ids=["closings", "fillers", "homes"]
)
def test_shared_sentences_are_whole_and_differ(texts: tuple[str, ...]) -> None:
    assert len(set(texts)) == len(texts)
    assert all(is_sentence(text) for text in texts)


def test_a_home_names_town_and_state() -> None:
    assert all(sorted(fields(text)) == ["city", "state"] for text in words.HOME_SENTENCES)


def test_weights_stand_beside_what_they_weigh() -> None:
    pairs = [
        (words.SHIFTS, words.SHIFT_WEIGHTS),
        (words.SOURCES, words.SOURCE_WEIGHTS),
        (letters.EARLY_REASONS, letters.EARLY_WEIGHTS),
        (letters.FULL_REASONS, letters.FULL_WEIGHTS),
    ]
    for choices, weights in pairs:
        assert len(set(choices)) == len(weights)
        assert sum(weights) == 100
        assert min(weights) > 0


@pytest.mark.parametrize("letter", LETTERS, ids=lambda m: m.subject)
def test_a_letter_goes_on_after_a_greeting_and_ends_as_a_sentence(letter: Letter) -> None:
    assert letter.direction in {"inbound", "outbound"}
    assert re.match(r"[a-z]|I ", letter.body) or letter.body.startswith(("I'", "Tell"))
    assert letter.body.endswith((".", "?"))
    assert {*fields(letter.subject), *fields(letter.body)} <= {"role"}


def test_subjects_tell_letters_apart() -> None:
    assert len({letter.subject for letter in LETTERS}) == len(LETTERS)


def test_no_letter_or_note_holds_a_number_or_an_address_that_could_be_somebodys() -> None:
    notes = [note or "" for group in letters.CALL_NOTES for note in group]
    texts = [text for m in LETTERS for text in (m.subject, m.body)] + notes
    assert not [text for text in texts if re.search(r"\d{3}|@|https?:", text)]


@pytest.mark.parametrize("text", letters.ORDER_TEXTS)
def test_an_order_names_role_site_and_town_once_each(text: str) -> None:
    assert sorted(fields(text)) == ["city", "role", "site"]
    assert is_sentence(text)
    assert "|" not in text


def test_reasons_for_an_early_end_are_not_those_for_an_agreed_one() -> None:
    assert not set(letters.EARLY_REASONS) & set(letters.FULL_REASONS)


def test_a_note_belongs_to_one_outcome() -> None:
    notes = Counter(note for group in letters.CALL_NOTES for note in set(group) if note)
    assert max(notes.values()) == 1
