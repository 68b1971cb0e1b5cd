"""[pure] Personal data in a column: by its name and by a sample of its content, with the evidence.

A finding never holds a value. Content alone decides where a value proves itself (an e-mail address, a card
number with a valid check digit, an IBAN); where digits could be anything (a telephone number, a social
security number without dashes) the name must agree. Salary, address, date of birth and medical data are known
by name, and content of another kind speaks against them.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Final, Literal

from stdnum import iban, luhn
from stdnum.exceptions import ValidationError
from stdnum.us import ssn

from lakehouse.ingest.infer import name_words

Kind = Literal["email", "phone", "ssn", "card", "iban", "salary", "address", "date_of_birth", "medical"]

SAMPLE: Final = 1000
"""Distinct values of a column that are looked at."""

GLANCE: Final = 50
"""Of those, how many tell that a column is nothing of a kind."""

PHONE_SAMPLE: Final = 50
"""Of those, how many the exact and slow telephone rules see."""

MIN_SHARE: Final = 0.6
"""Of the values, how many must fit for content to count; one address in a text makes no column of them."""

MIN_VALUES: Final = 3
"""Fewer values prove nothing by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PiiFinding:
    """What kind of personal data a column holds, and why we think so."""

    kind: Kind
    column: str
    by: Literal["name", "content", "both"]
    share: float
    """Of the values looked at, how many fit the kind; 0 to 1."""

    sampled: int
    reason: str


EMAIL: Final = re.compile(r"[^@\s,;<>\"]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}")
PHONE: Final = re.compile(r"\+?[0-9(][0-9 ().\-/]{5,18}[0-9](?: ?(?:x|ext\.?) ?[0-9]{1,6})?")
PHONE_SIGNS: Final = re.compile(
    r"^\+[0-9]|^(?:1[ .-])?\(?[0-9]{3}\)?[ .-][0-9]{3}[ .-][0-9]{4}\b|^\([0-9]{2,5}\)"
)
SSN_DASHED: Final = re.compile(r"[0-9]{3}-[0-9]{2}-[0-9]{4}")
IBAN: Final = re.compile("[A-Za-z]{2}[0-9]{2}[A-Za-z0-9 ]")
CARD: Final = re.compile(r"[0-9](?:[ -]?[0-9]){12,18}")
STREET: Final = re.compile(
    r"[0-9]+[a-z]?\s+\S.*\b(?:st|street|ave|avenue|rd|road|blvd|boulevard|ln|lane|dr|drive|ct|court|way|pl|place|"
    r"pkwy|parkway|hwy|highway|terrace|circle|cir|trail|trl)\b.*|.*\b\S*(?:stra(?:ß|ss)e|weg|platz)\s+[0-9]+.*|"
    r"p\.?\s?o\.?\s+box\s+[0-9]+.*",
    re.IGNORECASE,
)
DAY: Final = re.compile(
    r"(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9].*|[0-3]?[0-9][./-][0-3]?[0-9][./-](?:19|20)?[0-9]{2}"
)
MONEY: Final = re.compile(r"[$€£]?\s?-?[0-9][0-9,. ]*[kK]?(?:\s?(?:USD|EUR|GBP))?")

NAMES: Final[dict[Kind, str]] = {
    "email": "email,e mail,mail,email address,contact email",
    "phone": "phone,telephone,tel,mobile,cell,cellphone,fax,msisdn",
    "ssn": "ssn,social security,tax id,itin,national id,sin",
    "card": "card number,credit card,creditcard,pan,cc number,card no",
    "iban": "iban,bank account",
    "salary": "salary,wage,wages,pay rate,hourly rate,compensation,income,base pay,gross pay,net pay,bonus",
    "address": "address,street,addr,home address,address line,mailing address",
    "date_of_birth": "dob,birthday,birthdate,birth date,date of birth,born",
    "medical": "diagnosis,medical,icd,medication,allergy,allergies,disability,blood type,condition code,"
    "health,patient,vaccination,prescription,treatment,symptom,symptoms",
}
"""Words of column names, in the order in which they must stand; the longest that is found decides."""

_OTHER: Final = (
    "id count type status flag verified opt valid domain hash url template subject sent open opened clicks "
    "is has ip mac price cost fee quantity qty plan insurance provider company"
)
"""Words that make a name impersonal, whatever else stands in it: `email_count`, `ip_address`."""

NOT_NAMES: Final = frozenset(re.findall("[a-z]+", _OTHER))


def find(column: str, values: Sequence[str]) -> PiiFinding | None:
    """The kind of personal data in a column, or None.

    Args:
        column: its name.
        values: a sample of its texts and numbers; blanks and repetitions are left out here.

    Cost: about 5 ms for 1,000 values.
    """
    spread = values[:: max(1, len(values) // (2 * SAMPLE))]
    texts = sorted({v.strip() for v in spread if v and v.strip()})[:SAMPLE]
    named = kind_by_name(column)
    if named:
        return _named(named, column, texts)
    if len(texts) < MIN_VALUES:
        return None
    glance = texts[:: max(1, len(texts) // GLANCE)]
    for kind, rule in PROVEN.items():
        if _share(rule, glance) < MIN_SHARE / 3:
            continue  # the rules are slow, and most columns are nothing like it
        share = _share(rule, texts)
        if share >= MIN_SHARE:
            why = f"{share:.0%} of {len(texts)} values {SAYS[kind]}"
            return PiiFinding(
                kind=kind, column=column, by="content", share=share, sampled=len(texts), reason=why
            )
    return None


def kind_by_name(column: str) -> Kind | None:
    """The kind that a column's name announces, or None."""
    words = name_words(column)
    spoken = " " + " ".join(words) + " "
    best: tuple[int, Kind] | None = None
    for kind, names in NAMES.items():
        for name in names.split(","):
            if NOT_NAMES & (set(words) - set(name.split())):
                continue
            if f" {name} " in spoken and (best is None or len(name) > best[0]):
                best = (len(name), kind)
    return best[1] if best else None


def _named(kind: Kind, column: str, texts: Sequence[str]) -> PiiFinding | None:
    share = _share(LIKELY[kind], texts) if kind in LIKELY else 1.0
    looked = kind in LIKELY and len(texts) >= MIN_VALUES
    if looked and share < 0.2:
        return None
    by: Literal["name", "both"] = "both" if looked and share >= MIN_SHARE else "name"
    why = f"the name says {kind.replace('_', ' ')}"
    if by == "both":
        why += f" and {share:.0%} of {len(texts)} values {SAYS[kind]}"
    return PiiFinding(kind=kind, column=column, by=by, share=share, sampled=len(texts), reason=why)


def _share(rule: Callable[[str], bool], texts: Sequence[str]) -> float:
    if rule in (is_phone, looks_like_phone):
        texts = texts[:: max(1, len(texts) // PHONE_SAMPLE)]
    return sum(map(rule, texts)) / len(texts) if texts else 0.0


def is_email(text: str) -> bool:
    """Is it one e-mail address?"""
    return bool(EMAIL.fullmatch(text))


def is_phone(text: str) -> bool:
    """Is it written as only telephone numbers are, and valid in its country (the USA when it names none)?"""
    return bool(PHONE.fullmatch(text) and PHONE_SIGNS.match(text)) and _is_dialled(text)


def looks_like_phone(text: str) -> bool:
    """Could it be a telephone number, under a name that says so?"""
    digits = sum(c.isdigit() for c in text)
    return 7 <= digits <= 15 and bool(PHONE.fullmatch(text))


def is_ssn(text: str) -> bool:
    """Is it a social security number of the USA, with its dashes?"""
    return bool(SSN_DASHED.fullmatch(text)) and bool(ssn.is_valid(text))


def looks_like_ssn(text: str) -> bool:
    """Is it a social security number, dashes or not, or one of which only the end is shown?"""
    return bool(re.fullmatch(r"[0-9]{9}|[0-9]{3}-[0-9]{2}-[0-9]{4}|[*Xx]{3}-?[*Xx]{2}-?[0-9]{4}", text))


def is_card(text: str) -> bool:
    """Is it 13 to 19 digits of a known network with a valid check digit?"""
    if not CARD.fullmatch(text):
        return False
    digits = re.sub("[ -]", "", text)
    network = re.match("4|5[1-5]|2[2-7]|3[47]|6(?:011|5)|35|30|36|38", digits)
    return bool(network) and len(set(digits)) > 1 and bool(luhn.is_valid(digits))


def is_iban(text: str) -> bool:
    """Is it an IBAN whose check digits are right?"""
    if not IBAN.match(text):  # the exact check is slow, and most texts are not even alike
        return False
    try:
        iban.validate(text)
    except ValidationError:
        return False
    return True


def _is_dialled(text: str) -> bool:
    phonenumbers = _phonenumbers()
    try:
        return bool(phonenumbers.is_possible_number(phonenumbers.parse(text, "US")))
    except phonenumbers.NumberParseException:
        return False


@cache
def _phonenumbers() -> ModuleType:
    """Imported once a text may be a telephone number: 45 ms that every other call would pay for nothing."""
    return import_module("phonenumbers")


PROVEN: Final[dict[Kind, Callable[[str], bool]]] = {
    "email": is_email,
    "iban": is_iban,
    "card": is_card,
    "ssn": is_ssn,
    "phone": is_phone,
    "address": lambda text: bool(STREET.fullmatch(text)),
}
"""Kinds that content proves without a name."""

LIKELY: Final[dict[Kind, Callable[[str], bool]]] = {
    "email": is_email,
    "phone": looks_like_phone,
    "ssn": looks_like_ssn,
    "card": lambda text: bool(re.fullmatch(r"[0-9*xX](?:[ -]?[0-9*xX]){11,18}", text)),
    "iban": is_iban,
    "salary": lambda text: bool(MONEY.fullmatch(text)),
    "date_of_birth": lambda text: bool(DAY.fullmatch(text)),
}
"""What values under a telling name must look like; below a fifth of them the name is wrong."""

SAYS: Final[dict[Kind, str]] = {
    "email": "are e-mail addresses",
    "phone": "are telephone numbers",
    "ssn": "are social security numbers",
    "card": "are card numbers",
    "iban": "are IBANs with right check digits",
    "salary": "are amounts",
    "address": "are street addresses",
    "date_of_birth": "are days",
    "medical": "are medical",
}
