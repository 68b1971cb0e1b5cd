"""[pure] What recruiters look for: conditions that SQL can check, said in six ways as people would type them.

A need is a role and up to three conditions more; some rule a place, a certificate or a shift out. Wordings 0
to 3 may be asked in the traffic, 4 and 5 are only measured; 4 is the hasty one, with short forms throughout.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from lakehouse.staffing.dice import Dice
from lakehouse.staffing.people import CITIES
from lakehouse.staffing.schema import LIST_SEPARATOR
from lakehouse.staffing.trades import TRADES

Kind = Literal["role", "city", "certificate", "shift", "negation"]
"""negation: whatever a need rules out."""

FORMS: Final[tuple[tuple[str, int], ...]] = (
    ("city", 2), ("city certificate", 4), ("city certificate off", 3), ("city shift", 2),
    ("elsewhere certificate", 2), ("elsewhere certificate off", 1), ("city lacks", 2), ("city lacks off", 1),
)  # fmt: skip
"""What a need asks for beside its role, and how often."""

WORDINGS: Final = 6
COMMON: Final = 20
"""Per cent of a trade's people who hold a certificate, from which it is asked for or ruled out."""

SHIFTS: Final = (("day", "days"), ("evening", "evenings"), ("night", "nights"))

MANY: Final[Mapping[str, str]] = {
    "Maintenance": "maintenance technicians",
    "Production": "production workers",
}
"""Trades whose people are not called after them with an s."""

SHORT: Final[Mapping[str, str]] = {
    "Forklift Operator": "forklift driver", "Machine Operator": "machine op",
    "Quality Technician": "quality tech", "Maintenance": "maintenance tech",
    "Production": "production worker", "Warehouse Associate": "warehouse assoc",
}  # fmt: skip
"""As people type in a hurry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What somebody looks for; empty: it does not matter."""

    role: str
    city: str = ""
    elsewhere: str = ""
    """A city that is ruled out."""

    certificate: str = ""
    lacks: str = ""
    """A certificate that is ruled out."""

    shift: int = -1
    """Index into `SHIFTS`, or -1."""

    off: int = -1
    """A shift that is ruled out, likewise."""

    @property
    def key(self) -> str:
        """Tells needs apart."""
        shift, off = (SHIFTS[n][0] if n >= 0 else "" for n in (self.shift, self.off))
        return "/".join((self.role, self.city, self.elsewhere, self.certificate, self.lacks, shift, off))

    @property
    def conditions(self) -> tuple[tuple[Kind, str], ...]:
        """What a worker must meet, in SQL over the candidates."""
        return tuple(self._conditions())

    def _conditions(self) -> Iterator[tuple[Kind, str]]:
        yield "role", f"role = '{self.role}'"
        if self.city:
            yield "city", f"city = '{self.city}'"
        if self.elsewhere:
            yield "negation", f"city <> '{self.elsewhere}'"
        if self.certificate:
            yield "certificate", f"coalesce({_holds(self.certificate)}, false)"
        if self.lacks:
            yield "negation", f"NOT coalesce({_holds(self.lacks)}, false)"
        if self.shift >= 0:
            yield "shift", f"shift = '{SHIFTS[self.shift][0]}'"
        if self.off >= 0:
            yield "negation", f"shift <> '{SHIFTS[self.off][0]}'"


def _holds(certificate: str) -> str:
    return f"list_contains(string_split(certificates, '{LIST_SEPARATOR}'), '{certificate}')"


def needs(count: int, *, seed: int) -> tuple[Need, ...]:
    """So many needs by chance, those that come twice left out; the same seed gives the same ones."""
    dice = Dice(seed=seed, table="needs", rows=np.arange(count))
    form = dice.weighted("form", [weight for _, weight in FORMS])
    trade = dice.weighted("trade", [t.weight for t in TRADES])
    city = dice.weighted("city", [c.weight for c in CITIES])
    lots = zip(dice.bits("certificate").tolist(), dice.pick("shift", 3).tolist(), strict=True)
    drawn = zip(form.tolist(), trade.tolist(), city.tolist(), lots, strict=True)
    made = (_need(FORMS[f][0].split(), t, CITIES[c].name, lot) for f, t, c, lot in drawn)
    return tuple({need.key: need for need in made}.values())


def _need(form: list[str], trade: int, city: str, lot: tuple[int, int]) -> Need:
    one = TRADES[trade]
    papers = [name for name, percent in one.certificates if COMMON <= percent < 100]
    paper, shift = papers[lot[0] % len(papers)], lot[1]
    return Need(
        role=one.title,
        city=city if "city" in form else "",
        elsewhere=city if "elsewhere" in form else "",
        certificate=paper if "certificate" in form else "",
        lacks=paper if "lacks" in form else "",
        shift=shift if "shift" in form else -1,
        off=shift if "off" in form else -1,
    )


def wordings(need: Need) -> tuple[str, ...]:
    """The need in six ways."""
    return tuple(_said(need, n) for n in range(WORDINGS))


def _said(need: Need, n: int) -> str:
    role = _role(need.role, n)
    parts = [part for part in (_place(need, n), _paper(need, n), _shift(need, n)) if part]
    match n:
        case 1:
            return f"need {_article(role)} {role} {', '.join(parts)}"
        case 3:
            return f"looking for {_article(role)} {role}: {', '.join(reversed(parts))}"
        case 5:
            return f"who can work as {_article(role)} {role}, {', '.join(parts)}?"
        case _:
            return " ".join((role, *parts[:-1])) + (", " if need.off >= 0 else " ") + parts[-1]


def _article(role: str) -> str:
    return "an" if role[0] in "aeiou" else "a"


def _role(title: str, n: int) -> str:
    many = MANY.get(title, f"{title.lower()}s")
    if n == 2:
        return many
    if n == 4:
        return SHORT.get(title, title.lower())
    return many.removesuffix("s") if title in MANY else title.lower()


def _place(need: Need, n: int) -> str:
    state = next((c.state for c in CITIES if c.name == need.city), "")
    if need.elsewhere:
        name = need.elsewhere
        ways = (
            f"anywhere but {name}", f"not in {name}", f"outside {name}", f"except {name}",
            f"not {name}", f"outside of {name}",
        )  # fmt: skip
        return ways[n]
    name = need.city
    ways = (
        f"in {name}", f"in {name}, {state}", f"from {name}", f"in {name}", f"{name} {state}",
        f"based in {name}",
    )  # fmt: skip
    return ways[n] if name else ""


def _paper(need: Need, n: int) -> str:
    if need.lacks:
        name = need.lacks
        ways = (
            f"without {name}", f"no {name}", f"who do not have {name}", f"without {name}", f"w/o {name}",
            f"lacking {name}",
        )  # fmt: skip
        return ways[n]
    name = need.certificate
    ways = (
        f"with {name}", f"{name} required", f"who hold {name}", f"{name} certified",
        f"w/ {name.replace('OSHA-', 'osha ')}", f"holding {name}",
    )  # fmt: skip
    return ways[n] if name else ""


def _shift(need: Need, n: int) -> str:
    if need.off >= 0:
        one, many = SHIFTS[need.off]
        ways = (
            f"not {many}", f"no {one} shift", f"no {many}", f"anything but {many}", f"no {many}",
            f"not on {one} shift",
        )  # fmt: skip
        return ways[n]
    if need.shift >= 0:
        one, many = SHIFTS[need.shift]
        return (f"for {many}", f"{one} shift", f"on {many}", f"{one} shift", many, f"on {one} shift")[n]
    return ""
