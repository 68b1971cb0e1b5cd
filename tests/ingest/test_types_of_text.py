"""Which texts are values of a type, in the notations of many countries and programs."""

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.ingest.infer import FITS, infer, is_double, is_integer, text_reason

LOCALES: dict[str, list[str]] = {
    "thousands in English": ["1,000", "2,500,000"],
    "thousands in German": ["1.000,50", "2.500.000,00"],
    "thousands in French": ["1 000,50", "2 500"],
    "thousands in Swiss": ["1'000.50", "2'500"],
    "thousands in Indian": ["1,00,000", "25,00,000"],
    "decimal commas": ["1,5", "2,75"],
    "dollars": ["$5.00", "$1,200.00"],
    "euros": ["5,00 €", "1 200,00 €"],
    "accounting negatives": ["(5.00)", "(1,200.00)"],
    "trailing minus": ["5.00-", "6.00-"],
    "percent": ["5%", "12.5%"],
    "plus signs": ["+1", "+2"],
    "leading zeros": ["007", "008"],
    "spaces around": [" 1", "2 "],
    "hexadecimal": ["0x1F", "0xFF"],
    "full-width digits": ["１", "２"],
    "Arabic digits": ["١", "٢"],
    "underscores": ["1_000", "2_000"],
    "not a number": ["NaN", "nan"],
    "infinite": ["inf", "-Infinity"],
    "bare points": [".5", "5."],
    "two points": ["1.2.3", "4.5.6"],
    "sixteen digits": ["0.1234567890123456"],
    "beyond 64 bits": ["9223372036854775808"],
    "beyond a double": ["1e309"],
    "words for numbers": ["one", "two"],
    "spreadsheet errors": ["#N/A", "#DIV/0!"],
    "placeholders for nothing": ["1", "-"],
    "NULL in words": ["1", "NULL"],
    "unicode minus": ["−5", "−6"],
    "fractions": ["1/2", "3/4"],
    "units": ["5kg", "6kg"],
}


@pytest.mark.parametrize("values", LOCALES.values(), ids=[name.replace(" ", "-") for name in LOCALES])
def test_numbers_in_another_notation_stay_text(values: list[str]) -> None:
    assert infer("amount", values).type == "VARCHAR"


DAYS: dict[str, list[str]] = {
    "American": ["01/31/2024", "02/29/2024"],
    "European": ["31.01.2024", "29.02.2024"],
    "British": ["31/01/2024", "29/02/2024"],
    "short years": ["24-01-31", "24-02-29"],
    "slashes, year first": ["2024/01/31", "2024/02/29"],
    "months in words": ["31 Jan 2024", "29 Feb 2024"],
    "one digit": ["2024-1-31", "2024-2-9"],
    "without dashes, with letters": ["20240131T", "20240229T"],
    "no such day": ["2023-02-29", "2024-04-31"],
    "no such month": ["2024-13-01", "2024-00-01"],
    "year zero": ["0000-01-01", "0000-12-31"],
    "week dates": ["2024-W05", "2024-W06"],
    "ordinal dates": ["2024-031", "2024-060"],
    "spaces behind": ["2024-01-31 ", "2024-02-29 "],
    "with a weekday": ["Wed 2024-01-31", "Thu 2024-02-29"],
    "five digits of year": ["12024-01-31"],
}


@pytest.mark.parametrize("values", DAYS.values(), ids=[name.replace(" ", "-") for name in DAYS])
def test_days_in_another_notation_stay_text(values: list[str]) -> None:
    assert infer("day", values).type == "VARCHAR"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("2024-01-31T10:00:00", "TIMESTAMP"),
        ("2024-01-31 10:00", "TIMESTAMP"),
        ("2024-01-31 23:59:59.999999", "TIMESTAMP"),
        ("2024-01-31T10:00:00Z", "TIMESTAMP WITH TIME ZONE"),
        ("2024-01-31 10:00:00+02", "TIMESTAMP WITH TIME ZONE"),
        ("2024-01-31T10:00:00.5-05:30", "TIMESTAMP WITH TIME ZONE"),
        ("2024-01-31T10:00:00+14:00", "TIMESTAMP WITH TIME ZONE"),
        ("2024-01-31T10:00Z", "VARCHAR"),
        ("2024-01-31 10:00+02:00", "VARCHAR"),
        ("2024-01-31T10:00:00+99:99", "VARCHAR"),
        ("2024-01-31T10:00:00+16:00", "VARCHAR"),
        ("2024-01-31T10:00:00z", "VARCHAR"),
        ("2024-01-31T10:00:00 UTC", "VARCHAR"),
        ("2024-01-31T10:00:00+0200", "VARCHAR"),
        ("2024-01-31T24:00:00", "VARCHAR"),
        ("2024-01-31T10:60:00", "VARCHAR"),
        ("2024-01-31T10:00:60", "VARCHAR"),
        ("2024-01-31T10:00:00.1234567", "VARCHAR"),
        ("2024-01-31T10:00:00,5", "VARCHAR"),
        ("2024-01-31 10:00:00 PM", "VARCHAR"),
        ("2024-01-31T10", "VARCHAR"),
        ("2024-01-31  10:00:00", "VARCHAR"),
        ("2023-02-29T10:00:00", "VARCHAR"),
        ("2023-02-29T10:00:00Z", "VARCHAR"),
        ("10:00:00", "VARCHAR"),
    ],
)
def test_a_time_is_read_only_as_iso_8601_writes_it(text: str, kind: str) -> None:
    assert infer("at", [text]).type == kind


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "2.5"], "DOUBLE"),
        (["1", "true"], "VARCHAR"),
        (["1", "2024-01-31"], "VARCHAR"),
        (["true", "False", "TRUE"], "BOOLEAN"),
        (["2024-01-31", "2024-01-31 00:00:00"], "VARCHAR"),
        (["0", "-0"], "DOUBLE"),
        (["0.0", "-0.0"], "DOUBLE"),
        (["1e3", "2E-3"], "DOUBLE"),
        (["1", None, ""], "BIGINT"),
    ],
)
def test_one_value_of_another_kind_decides_for_all(values: list[str | None], kind: str) -> None:
    assert infer("x", values).type == kind


def test_an_empty_cell_is_told_of_and_is_of_no_type() -> None:
    assert infer("x", ["1", ""]).nulls
    assert infer("x", [None]).nulls
    assert not infer("x", ["1"]).nulls
    assert (infer("x", []).type, infer("x", []).reason) == ("VARCHAR", "no value was seen")


@pytest.mark.parametrize(
    ("name", "is_text"),
    [
        ("zip", True),
        ("billingPostalCode", True),
        ("PLZ", True),
        ("cell_no_2", True),
        ("Fax (office)", True),
        ("EIN", True),
        ("iban", True),
        ("UPC", True),
        ("fips_code", True),
        ("zip_count", False),
        ("zipper", False),
        ("amount", False),
        ("2", False),
        ("number", False),
        ("", False),
    ],
)
def test_a_name_may_keep_digits_text(name: str, is_text: bool) -> None:
    assert infer(name, ["60601", "10001"]).type == ("VARCHAR" if is_text else "BIGINT")
    assert bool(text_reason(name)) is is_text


@given(st.integers(-(2**70), 2**70))
def test_an_integer_fits_exactly_when_64_bits_hold_it(number: int) -> None:
    assert is_integer(str(number)) is (-(2**63) <= number < 2**63)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**11), max_value=10**11))
def test_a_decimal_that_fits_a_double_comes_back_to_its_last_digit(number: object) -> None:
    text = f"{number:f}"
    if is_double(text):
        assert f"{float(text):.4f}" == text


@given(st.dates())
def test_every_day_of_the_calendar_is_a_date_and_every_time_of_it_a_timestamp(day: dt.date) -> None:
    assert infer("x", [day.isoformat()]).type == "DATE"
    assert infer("x", [f"{day.isoformat()}T12:30:00"]).type == "TIMESTAMP"
    assert infer("x", [f"{day.isoformat()} 12:30:00+01:00"]).type == "TIMESTAMP WITH TIME ZONE"


@given(st.text(max_size=12))
def test_a_text_fits_two_types_only_as_a_whole_number_and_a_fraction(text: str) -> None:
    fitting = {kind for kind, fits in FITS.items() if fits(text)}
    assert len(fitting) <= 1 or fitting == {"BIGINT", "DOUBLE"}


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_what_json_writes_of_a_fraction_is_a_fraction_or_stays_text(numbers: list[float]) -> None:
    texts = [json.dumps(n) for n in numbers]
    found = infer("x", texts).type
    assert found == ("DOUBLE" if all(map(is_double, texts)) else "VARCHAR")
