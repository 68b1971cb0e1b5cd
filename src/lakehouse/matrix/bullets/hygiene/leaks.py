"""[pure] Secrets and personal data inside a text: which rule they break, never what they are.

Secrets: forms that their makers publish, words such as "password:" with a value behind them, addresses with
a password in them, and runs of characters that look drawn by chance. Personal data: the exact rules of
ingestion, used on parts of a text. A person's name and a street in a sentence are not found.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from math import log2
from typing import Final

from lakehouse.ingest import pii
from lakehouse.matrix.bullets.hygiene.wording import plain

FORMS: Final[dict[str, re.Pattern[str]]] = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY"),
    "a cloud access key": re.compile(r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}\b|\bAIza[\w-]{35}"),
    "an access token": re.compile(
        r"\b(?:gh[pousr]_\w{30,}|github_pat_\w{20,}|glpat-[\w-]{20,}|xox[abeprs]-[\w-]{10,}|hf_[A-Za-z0-9]{30,}|"
        r"npm_[A-Za-z0-9]{30,}|pypi-[\w-]{30,}|ya29\.[\w-]{20,}|dop_v1_[a-f0-9]{40,}|SG\.[\w-]{16,}\.[\w-]{16,})"
    ),
    "a service key": re.compile(r"\b(?:sk|pk|rk|whsec)[_-](?:live|test|ant|proj|or)?[_-]?[A-Za-z0-9_-]{16,}"),
    "a signed token": re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"),
    "an address with a password": re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@]*:[^\s/@]+@", re.IGNORECASE),
    "an authorisation header": re.compile(r"\b(?:bearer|basic)\s+[A-Za-z0-9._~+/-]{16,}=*", re.IGNORECASE),
}

_CUE = (
    r"pass(?:word|phrase|code|wd)|pwd|pin code|secret(?: key)?|api[ _-]?key|access[ _-]?key|auth[ _-]?key|"
    r"private[ _-]?key|client[ _-]?secret|token|credentials?"
)
GIVEN: Final = re.compile(
    rf"(?:{_CUE})s?\b(?:\s+(?:for|of|to)\s+[^:=]{{1,40}}?)?[\"']?\s*(?P<sign>:=|=|:|\bis\b|\bwas\b)\s*"
    r"(?P<quote>[\"'`]?)(?P<value>[^\s\"'`,;]{4,})(?P<rest>\s*\S?)",
    re.IGNORECASE,
)
"""A word for a secret, a sign, and a value."""

NEAR_CUE: Final = re.compile(rf"(?:{_CUE})s?\b", re.IGNORECASE)
CUE_REACH: Final = 40

_SAID = (
    "required optional none missing expired redacted unknown invalid hidden empty null changed reset rotated "
    "wrong needed stored kept shared valid refused rejected checked only never always asked given sent"
)
HARMLESS: Final = frozenset(_SAID.split())
"""What is said of a secret without telling it."""

MASKED: Final = re.compile(r"[*x•.<>\[\](){}$_-]+|<.*>|\[.*\]|\$\{.*\}|\{\{.*", re.IGNORECASE)

RUN: Final = re.compile(r"[A-Za-z0-9+/_=-]{20,}")
HEX: Final = re.compile(r"\b[0-9a-fA-F]{16,}\b")
BITS: Final = 3.7
"""Per character. Text of 24 chance characters has 4.2 on average, a long name of an identifier about 3.5."""

TURNS: Final = 6
"""From letter to digit or between cases: a chance run of 24 has about 15; a name in camel case few."""

PARTS: Final[dict[str, tuple[re.Pattern[str], Callable[[str], bool]]]] = {
    "an e-mail address": (pii.EMAIL, pii.is_email),
    "a social security number": (re.compile(rf"(?<![\w-]){pii.SSN_DASHED.pattern}(?![\w-])"), pii.is_ssn),
    "a card number": (re.compile(r"(?<![\w.-])" + pii.CARD.pattern + r"(?![\w-])"), pii.is_card),
    "an IBAN": (re.compile(r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{2,4}){3,8}\b"), pii.is_iban),
    "a telephone number": (re.compile(r"(?<![\w.])" + pii.PHONE.pattern), pii.is_phone),
}
BORN: Final = re.compile(
    rf"\b(?:d\.?o\.?b\.?|date of birth|born|birthday)\b\D{{0,12}}(?:{pii.DAY.pattern})", re.IGNORECASE
)


def secret(text: str) -> str | None:
    """What kind of secret a text holds, or None."""
    seen = plain(text)
    for kind, form in FORMS.items():
        if form.search(seen):
            return kind
    if any(_is_told(found) for found in GIVEN.finditer(seen)):
        return "a password or key"
    if any(map(_is_chance, _runs(seen))):
        return "a run of characters that looks like a key"
    if any(NEAR_CUE.search(seen[max(0, h.start() - CUE_REACH) : h.start()]) for h in HEX.finditer(seen)):
        return "a password or key"
    return None


def personal(text: str) -> str | None:
    """What kind of personal data a text holds, or None."""
    seen = plain(text)
    for kind, (form, holds) in PARTS.items():
        if any(
            holds(found.group().strip(" .,;:()<>") if kind != "a telephone number" else found.group())
            for found in form.finditer(seen)
        ):
            return kind
    return "a date of birth" if BORN.search(seen) else None


def _is_told(found: re.Match[str]) -> bool:
    value = found["value"].rstrip(".!?)")
    if len(value) < 4 or value.casefold() in HARMLESS or MASKED.fullmatch(value):
        return False
    is_word = value.isalpha() and (value.islower() or value.istitle())
    if found["quote"] or not is_word:
        return bool(found["quote"]) or any(map(str.isdigit, value)) or not value.replace("-", "").isalpha()
    # A single word at the end of what is said after a sign: "password: swordfish".
    return found["sign"] in {":", "=", ":="} and not found["rest"].strip()


def _runs(text: str) -> Iterator[str]:
    return (found.group() for found in RUN.finditer(text))


def _is_chance(run: str) -> bool:
    if not (re.search("[a-z]", run) and re.search("[A-Z]", run) and len(re.findall("[0-9]+", run)) >= 2):
        return False
    kinds = ["d" if c.isdigit() else "u" if c.isupper() else "l" if c.islower() else "s" for c in run]
    turns = sum(one != two for one, two in pairwise(kinds))
    counts = Counter(run).values()
    bits = -sum(n / len(run) * log2(n / len(run)) for n in counts)
    return bits >= BITS and turns >= TURNS
