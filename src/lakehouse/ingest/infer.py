"""[pure] Which type a column of text may take: conservative, so that any doubt leaves it text.

A type is only chosen when every value means the same after the conversion: `007`, `+1`, `1,000`,
telephone numbers, ZIP codes and 16 digits that a DOUBLE would round all stay text.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

INTEGER: Final = re.compile(r"0|-?[1-9][0-9]{0,18}")
DECIMAL: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MINUTE: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
SECOND: Final = r":[0-5][0-9](?:\.[0-9]{1,6})?"
CLOCK: Final = f"{MINUTE}(?:{SECOND})?"
ZONED: Final = f"{MINUTE}{SECOND}(?:Z|[+-](?:0[0-9]|1[0-5])(?::[0-5][0-9])?)"
"""DuckDB casts no zone that stands behind a time without seconds, and takes +99:99 for an offset."""

TIMESTAMP: Final = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[ T]{CLOCK}")
TIMESTAMPTZ: Final = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[ T]{ZONED}")
SIGNIFICANT: Final = 15
"""Decimal digits that a DOUBLE always gives back unchanged (IEEE 754 binary64)."""

TEXT_NAMES: Final = {
    "a postal code keeps its leading zeros": "zip zipcode postcode postal plz cep",
    "a telephone number is dialled, not added": "phone telephone tel mobile cell cellphone fax msisdn",
    "an identity number keeps its zeros": "ssn sin ein tin itin nin vat passport license licence npi dea",
    "an account is a name made of digits": "account acct iban bic swift routing aba card creditcard pan",
    "an article number is a name made of digits": "isbn issn ean upc gtin sku imei imsi barcode",
    "a code of a register keeps its leading zeros": "fips naics sic cpt icd ndc geoid cusip isin soc",
}
"""Last words of column names whose digits are not a quantity, by reason."""

_REASONS: Final = {word: reason for reason, words in TEXT_NAMES.items() for word in words.split()}
_QUALIFIERS: Final = frozenset(
    (
        "number",
        "no",
        "num",
        "nr",
        "nbr",
        "code",
        "home",
        "work",
        "office",
        "primary",
        "secondary",
        "other",
        "main",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A column's type and why it is that one."""

    type: str
    """DuckDB's name of it: BIGINT, DOUBLE, BOOLEAN, DATE, TIMESTAMP, TIMESTAMP WITH TIME ZONE or VARCHAR."""

    reason: str
    """For people: what decided it. Holds no value of the file."""

    nulls: bool
    """Did the sample hold an empty cell?"""


def is_integer(text: str) -> bool:
    """Does `text` come back unchanged from a signed 64-bit integer?"""
    return bool(INTEGER.fullmatch(text)) and -(2**63) <= int(text) < 2**63


def is_double(text: str) -> bool:
    """Is `text` a plain number that a DOUBLE holds without losing a digit?"""
    if not DECIMAL.fullmatch(text):
        return False
    digits = re.split("[eE]", text)[0].replace("-", "").replace(".", "").lstrip("0")
    return len(digits) <= SIGNIFICANT and abs(float(text)) != float("inf")


def is_boolean(text: str) -> bool:
    """Is it the word true or false, in any case?"""
    return text.lower() in ("true", "false")


def is_date(text: str) -> bool:
    """Is it a day of the calendar, written yyyy-mm-dd?"""
    return bool(DATE.fullmatch(text)) and _on_calendar(text)


def is_timestamp(text: str) -> bool:
    """Is it an ISO 8601 time of a day, without a zone, in microseconds at most?"""
    return bool(TIMESTAMP.fullmatch(text)) and _on_calendar(text[:10])


def is_timestamptz(text: str) -> bool:
    """Is it an ISO 8601 time of a day, with seconds, and with Z or an offset from UTC?"""
    return bool(TIMESTAMPTZ.fullmatch(text)) and _on_calendar(text[:10])


FITS: Final[dict[str, Callable[[str], bool]]] = {
    "BIGINT": is_integer,
    "DOUBLE": is_double,
    "BOOLEAN": is_boolean,
    "DATE": is_date,
    "TIMESTAMP": is_timestamp,
    "TIMESTAMP WITH TIME ZONE": is_timestamptz,
}
"""Every type a text may become, narrowest first; none of them means VARCHAR."""


def infer(name: str, values: Iterable[str | None]) -> Typed:
    """The narrowest type that every value of the sample fits; VARCHAR when in doubt.

    Args:
        name: of the column; some names are text however many digits they hold.
        values: None and "" are both an empty cell.
    """
    distinct = set(values)
    nulls = bool(distinct & {None, ""})
    texts = [v for v in distinct if v]
    if not texts:
        return Typed(type="VARCHAR", reason="no value was seen", nulls=nulls)
    for kind, fits in FITS.items():
        if all(map(fits, texts)):
            why = text_reason(name) if kind == "BIGINT" else ""
            if why:
                return Typed(type="VARCHAR", reason=why, nulls=nulls)
            return Typed(type=kind, reason="every value seen fits", nulls=nulls)
    return Typed(type="VARCHAR", reason="the values seen are text or of several kinds", nulls=nulls)


def text_reason(name: str) -> str:
    """Why a column of this name stays text though it holds digits only; empty when it need not."""
    words = name_words(name)
    while len(words) > 1 and (words[-1] in _QUALIFIERS or words[-1].isdigit()):
        words = words[:-1]
    return _REASONS.get(words[-1], "") if words else ""


def name_words(name: str) -> tuple[str, ...]:
    """The words of a column's name in lower case: `homePhone_2` gives home, phone, 2."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=[0-9])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return tuple(word.lower() for word in re.split(r"[\W_]+", spaced) if word)


def _on_calendar(day: str) -> bool:
    try:
        dt.date.fromisoformat(day)
    except ValueError:
        return False
    return True
