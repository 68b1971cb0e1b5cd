"""Each rule for personal data, held to what people really write, and to what only looks like it."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.iso7064 import mod_97_10

from lakehouse.ingest import pii


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("a@b.com", True),
        ("first.last+tag@mail.example.co.uk", True),
        ("ä@b.de", True),
        ("o'brien@example.ie", True),
        ("x@sub.domain.museum", True),
        ("mailto:a@b.com", True),
        ("a@b", False),
        ("a b@c.de", False),
        ("a@b.c", False),
        ("a@@b.com", False),
        ("a@b..com", False),
        ("@b.com", False),
        ("a@b.com, c@d.com", False),
        ("write to a@b.com", False),
        ("user@[10.0.0.1]", False),
        ("@handle", False),
        ("12:30@2024.01", False),
    ],
)
def test_an_email_address_is_told_from_what_only_holds_an_at_sign(text: str, is_one: bool) -> None:
    assert pii.is_email(text) is is_one


PHONES = [
    # text, proves itself, could be one under a name that says so
    ("+49 30 901820", True, True),
    ("+4930901820", True, True),
    ("+44 20 7946 0958", True, True),
    ("+33 1 42 68 53 00", True, True),
    ("312-555-0143", True, True),
    ("312.555.0143", True, True),
    ("(312) 555-0143", True, True),
    ("+1 (312) 555-0143 x12", True, True),
    ("212 555 0100 ext. 77", True, True),
    ("1-312-555-0143", True, True),
    ("1 (312) 555-0143", True, True),
    ("030 901820", False, True),
    ("3125550143", False, True),
    ("+999 12345678", False, True),
    ("+00 1", False, False),
    ("(123) 456", False, False),
    ("call me", False, False),
    ("12345", False, False),
    ("1234567890123456", False, False),
]
NOT_PHONES = [
    "2024-01-31",
    "2024-01-31 10:00:00",
    "192.168.100.100",
    "123-45-6789",
    "978-3-16-148410-0",
    "10/12/2024",
    "12.345.678",
    "1 000 000",
    "4111-1111-1111-1111",
    "-122.4194",
    "3.141592653",
    "2024.10.31",
    "00000000-0000-0000-0000-000000000000",
]


@pytest.mark.parametrize(("text", "proves", "could"), PHONES)
def test_a_telephone_number_proves_itself_by_its_signs_else_it_needs_a_name(
    text: str, proves: bool, could: bool
) -> None:
    assert (pii.is_phone(text), pii.looks_like_phone(text)) == (proves, could)


@pytest.mark.parametrize("text", NOT_PHONES)
def test_digits_and_dashes_alone_are_no_telephone_number(text: str) -> None:
    assert not pii.is_phone(text)


@pytest.mark.parametrize(
    ("text", "proves", "could"),
    [
        ("123-45-6789", True, True),
        ("536-22-1234", True, True),
        ("078-05-1120", False, True),
        ("000-12-3456", False, True),
        ("666-12-3456", False, True),
        ("900-12-3456", False, True),
        ("123-00-4567", False, True),
        ("123-45-0000", False, True),
        ("123456789", False, True),
        ("***-**-6789", False, True),
        ("XXX-XX-6789", False, True),
        ("xxxxx6789", False, True),
        ("12-345-6789", False, False),
        ("123-45-67890", False, False),
        ("1234567890", False, False),
        ("123 45 6789", False, False),
    ],
)
def test_a_social_security_number_needs_its_dashes_and_a_number_that_is_given_out(
    text: str, proves: bool, could: bool
) -> None:
    assert (pii.is_ssn(text), pii.looks_like_ssn(text)) == (proves, could)


CARDS = [
    ("4111111111111111", True),
    ("4242424242424242", True),
    ("5555555555554444", True),
    ("4111-1111-1111-1111", True),
    ("4111 1111 1111 1111", True),
    ("378282246310005", True),
    ("6011111111111117", True),
    ("3530111333300000", True),
    ("30569309025904", True),
    ("2223003122003222", True),
    ("4222222222222", True),
    ("4111111111111112", False),
    ("4111  1111 1111 1111", False),
    ("0000000000000000", False),
    ("44444444444444444", False),
    ("9999999999999995", False),
    ("411111111111", False),
    ("1234567812345670", False),
    ("4111.1111.1111.1111", False),
    ("411111111111111111111", False),
    ("x4111111111111111", False),
]


@pytest.mark.parametrize(("text", "is_one"), CARDS)
def test_a_card_number_has_a_network_a_length_and_a_check_digit(text: str, is_one: bool) -> None:
    assert pii.is_card(text) is is_one


IBANS = [
    ("DE89370400440532013000", True),
    ("DE89 3704 0044 0532 0130 00", True),
    ("de89370400440532013000", True),
    ("GB82 WEST 1234 5698 7654 32", True),
    ("NO9386011117947", True),
    ("FR1420041010050500013M02606", True),
    ("DE88370400440532013000", False),
    ("XX89370400440532013000", False),
    ("DE89", False),
    ("", False),
    ("DE8937040044053201300", False),
    ("DE89 and some words that follow", False),
    ("AB12CDEF", False),
]


@pytest.mark.parametrize(("text", "is_one"), IBANS)
def test_an_iban_has_a_country_a_length_and_check_digits(text: str, is_one: bool) -> None:
    assert pii.is_iban(text) is is_one


@given(st.text("0123456789", min_size=13, max_size=16))
def test_no_card_number_survives_the_change_of_one_digit(body: str) -> None:
    whole = "4" + body[:14]
    whole += luhn.calc_check_digit(whole)
    other = whole[:5] + str((int(whole[5]) + 1) % 10) + whole[6:]
    assert pii.is_card(whole) or len(set(whole)) == 1
    assert not pii.is_card(other)


@given(st.text("0123456789", min_size=10, max_size=10))
def test_every_german_account_is_an_iban_and_no_other_check_digits_are(account: str) -> None:
    body = "37040044" + account
    check = mod_97_10.calc_check_digits(body + "DE")
    assert pii.is_iban("DE" + check + body)
    assert not pii.is_iban("DE" + f"{(int(check) + 1) % 100:02}" + body)


ADDRESSES = [
    "12 Main St",
    "40b Oak Avenue Apt 3",
    "P.O. Box 12",
    "po box 7",
    "Hauptstraße 5",
    "Am Waldweg 12a",
]
NO_ADDRESSES = ["Main", "12", "Rome", "1st place", "she lives far away", "3 boxes", "10:30 am"]


def test_a_street_and_a_number_make_an_address() -> None:
    rule = pii.PROVEN["address"]
    assert [a for a in ADDRESSES if not rule(a)] == []
    assert [a for a in NO_ADDRESSES if rule(a)] == []


@pytest.mark.parametrize(
    ("kind", "fit", "unfit"),
    [
        (
            "salary",
            ["55000", "72,000", "$81,500", "€ 1.200,00", "65k", "18.50 USD", "-5"],
            ["high", "A7", "5%"],
        ),
        (
            "date_of_birth",
            ["1980-01-02", "31.12.1999", "1/2/80", "1980-01-02T00:00:00"],
            ["1980", "May", "42"],
        ),
        ("card", ["************1234", "4111 xxxx xxxx 1111", "4111111111111111"], ["visa", "1234", "****"]),
    ],
)
def test_values_under_a_telling_name_are_looked_at(kind: pii.Kind, fit: list[str], unfit: list[str]) -> None:
    rule: Callable[[str], bool] = pii.LIKELY[kind]
    assert [v for v in fit if not rule(v)] == []
    assert [v for v in unfit if rule(v)] == []
