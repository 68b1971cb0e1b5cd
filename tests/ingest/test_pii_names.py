"""What a column is called says what it holds, unless another word or its values say otherwise."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.ingest import pii

NAMES: dict[str, tuple[str, ...]] = {
    "email": ("email", "EmailAddress", "e-mail", "customer_email", "Kontakt-E-Mail", "work email 2"),
    "phone": ("home_phone", "Mobile No.", "fax_number", "CellPhone", "tel", "msisdn"),
    "ssn": ("SSN", "ssn_last4", "tax_id", "Social Security Number", "sin", "national_id"),
    "card": ("card_number", "creditCardNumber", "pan", "cc_number", "card no"),
    "iban": ("IBAN", "iban_code", "bank account"),
    "salary": ("salary", "base_pay", "hourlyRate", "income_tax", "annual bonus", "Wages"),
    "address": ("street", "Street2", "address_line_1", "home_address", "addr"),
    "date_of_birth": ("DOB", "birth_date", "date of birth", "born", "employeeBirthday"),
    "medical": ("diagnosis", "icd_10", "bloodType", "known allergies", "vaccination_date"),
}
IMPERSONAL = (
    "email_count",
    "email_verified",
    "is_email_valid",
    "mailbox",
    "phone_type",
    "phone_count",
    "company_phone",
    "card",
    "credit_card_type",
    "panel",
    "sine",
    "birthplace",
    "ip_address",
    "mac address",
    "patient_id",
    "health_insurance",
    "id",
    "name",
    "",
    "_",
    "42",
)


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in NAMES.items() for name in names])
def test_a_name_announces_its_kind(kind: str, name: str) -> None:
    assert pii.kind_by_name(name) == kind


@pytest.mark.parametrize("name", IMPERSONAL)
def test_a_name_with_an_impersonal_word_announces_nothing(name: str) -> None:
    assert pii.kind_by_name(name) is None


def test_the_longest_name_that_is_found_decides() -> None:
    assert pii.kind_by_name("email_address") == "email"
    assert pii.kind_by_name("mailing_address") == "address"
    assert pii.kind_by_name("bank_account_salary") == "iban"


def test_every_kind_has_a_name_and_words_for_its_evidence() -> None:
    assert set(pii.NAMES) == set(pii.SAYS)
    assert set(pii.PROVEN) | set(pii.LIKELY) <= set(pii.SAYS)


@pytest.mark.parametrize(
    ("column", "values", "kind", "by", "share"),
    [
        ("email", ["a@b.com", "c@d.org", "e@f.net"], "email", "both", 1.0),
        ("email", ["a@b.com", "c@d.org"], "email", "name", 1.0),
        ("email", ["a@b.com", "none", "unknown", "n/a"], "email", "name", 0.25),
        ("email", ["x", "y", "z", "a@b.com", "v", "w"], None, "", 0.0),
        ("email", ["", "  "], "email", "name", 0.0),
        ("diagnosis", ["flu", "cold", "none"], "medical", "name", 1.0),
        ("contact", ["a@b.com", "c@d.org", "e@f.net", "g@h.io", "?"], "email", "content", 0.8),
        ("contact", ["a@b.com", "c@d.org", "?", "!", "-"], None, "", 0.0),
        ("contact", ["a@b.com"] * 50, None, "", 0.0),
        ("contact", [], None, "", 0.0),
        ("salary", ["55000", "61000", "72000"], "salary", "both", 1.0),
        ("salary", ["good", "bad", "fair"], None, "", 0.0),
    ],
)
def test_name_and_content_are_weighed(
    column: str, values: list[str], kind: str | None, by: str, share: float
) -> None:
    found = pii.find(column, values)
    assert (found.kind if found else None) == kind
    if found:
        assert (found.by, found.share) == (by, share)
        assert found.sampled == len({v.strip() for v in values if v.strip()})


def test_a_kind_by_name_and_content_says_both() -> None:
    found = pii.find("date_of_birth", ["1980-01-02", "1991-12-30", "2001-05-06"])
    assert found
    assert found.reason == "the name says date of birth and 100% of 3 values are days"
    named = pii.find("medication", [])
    assert named
    assert named.reason == "the name says medical"


def test_one_address_among_a_thousand_texts_makes_no_column_of_addresses() -> None:
    assert pii.find("notes", [f"order {n} was shipped" for n in range(999)] + ["a@b.com"]) is None


def test_a_long_column_is_judged_by_a_spread_sample() -> None:
    values = [f"user{n}@example.com" for n in range(20_000)]
    found = pii.find("contact", values)
    assert found
    assert (found.kind, found.share, found.sampled) == ("email", 1.0, pii.SAMPLE)
    assert pii.find("contact", [f"row {n}" for n in range(20_000)]) is None


def test_telephone_numbers_are_judged_by_a_smaller_sample() -> None:
    found = pii.find("reach_at", [f"312-555-{n:04}" for n in range(3_000)])
    assert found
    assert (found.kind, found.by, found.share) == ("phone", "content", 1.0)


ORDINARY: dict[str, list[str]] = {
    "order_id": ["3125550143", "2175550188", "6185550101"],
    "shipped": ["2024-01-31", "2024-02-29", "2024-03-31"],
    "version": ["1.2.3", "1.2.4", "2.0.0"],
    "host": ["10.0.0.1", "192.168.0.12", "172.16.254.1"],
    "isbn": ["978-3-16-148410-0", "978-0-306-40615-7", "978-1-86197-876-9"],
    "position": ["41.8781,-87.6298", "40.7128,-74.0060", "34.0522,-118.2437"],
    "uuid": ["123e4567-e89b-12d3-a456-426614174000", "223e4567-e89b-12d3-a456-426614174000", "3"],
    "handle": ["@anna", "@zoe", "@bo"],
    "url": ["https://a.com/x", "https://b.org/?q=1", "http://c.net"],
    "amount": ["1,200.50", "13.00", "7.25"],
    "tracking": ["1Z999AA10123456784", "1Z999AA10123456785", "9400110200881234567890"],
    "epoch_ms": ["1700000000000", "1700000000001", "1700000000002"],
    "serial": ["4000000000000001", "4000000000000003", "4000000000000005"],
    "vat": ["DE123456789", "GB999999973", "FR12345678901"],
    "seat": ["12A", "14C", "3F"],
    "duration": ["00:10:00", "01:20:30", "12:00:00"],
}


@pytest.mark.parametrize("column", ORDINARY)
def test_ordinary_data_is_left_alone(column: str) -> None:
    assert pii.find(column, ORDINARY[column]) is None


@settings(max_examples=40)
@given(
    st.text(max_size=12),
    st.lists(
        st.from_regex(r"[a-z]{1,6}@[a-z]{2,6}\.(com|org)", fullmatch=True),
        min_size=4,
        unique=True,
        max_size=12,
    ),
)
def test_no_finding_ever_holds_a_value(column: str, values: list[str]) -> None:
    found = pii.find(column, values)
    said = found.reason if found else ""
    assert not any(value in said for value in values)


@given(st.lists(st.text(max_size=12), max_size=30))
def test_the_order_of_the_values_does_not_matter(values: list[str]) -> None:
    assert pii.find("contact", values) == pii.find("contact", values[::-1])
