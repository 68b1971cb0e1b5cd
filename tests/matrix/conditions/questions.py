"""Staffing questions made by a seed, each with the conditions that it was made from."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lakehouse.staffing.people import CITIES, City
from lakehouse.staffing.trades import TRADES
from tests.matrix.conditions.golden import Case
from tests.matrix.conditions.people import STATE_NAMES

Said = tuple[str, list[str]]
"""Words, and the conditions they stand for."""

CERTIFICATES = sorted({name for t in TRADES for name, _ in t.certificates} - {"Reach Truck"})
SKILLS = sorted({word for t in TRADES for word, _ in t.skills} - {"reach truck"})
ROLES = [t.title for t in TRADES]
PLURAL = {r: f"{r}s" for r in ROLES} | {
    "Maintenance": "maintenance people",
    "Production": "production workers",
}
FULL_NAME = {code: name for name, code in STATE_NAMES}


@dataclass
class Maker:
    """Draws words; every method gives a piece of a question with its truth."""

    dice: random.Random

    def one(self, *choices: str) -> str:
        return self.dice.choice(choices)

    def some(self, values: Sequence[str], count: int) -> list[str]:
        return self.dice.sample(list(values), count)

    def cities(self, count: int) -> list[City]:
        return self.dice.sample([c for c in CITIES if c.name != "Springfield"], count)

    def role(self) -> Said:
        role = self.dice.choice(ROLES)
        many = PLURAL[role]
        said = self.one(
            many, many.lower(), f"{self.dice.randint(2, 9)} {many.lower()}", f"any {many.lower()}"
        )
        return said, [f"role: {role}"]

    def no_role(self) -> Said:
        role = self.dice.choice(ROLES)
        many = PLURAL[role].lower()
        said = self.one(
            f"people who are not {many}",
            f"anyone but {many}",
            f"anybody except {many}",
            f"everyone other than {many}",
            f"candidates who aren't {many}",
            f"candidates, excluding {many},",
        )
        return said, [f"not role: {role}"]

    def place(self) -> Said:
        (city,) = self.cities(1)
        name = self.one(city.name, city.name, city.name.lower())
        said = self.one(
            f"in {name}",
            f"near {name}",
            f"from {name}",
            f"based in {name}",
            f"living in {name}",
            f"around {name}",
            f"who live in {name}",
            f"located in {name}",
            f"in the {city.name} area",
            f"in the city of {city.name}",
        )
        return said, [f"city: {city.name}"]

    def places(self) -> Said:
        count = self.dice.choice((2, 2, 3))
        names = [c.name for c in self.cities(count)]
        if count == 3:
            said = f"in {names[0]}, {names[1]} or {names[2]}"
        else:
            a, b = names
            said = self.one(
                f"in {a} or {b}",
                f"in either {a} or {b}",
                f"in {a} or in {b}",
                f"from {a} and {b}",
                f"in {a}/{b}",
            )
        return said, [f"city: {' | '.join(sorted(names))}"]

    def town_and_state(self) -> Said:
        (city,) = self.cities(1)
        said = self.one(
            f"in {city.name}, {city.state}",
            f"from {city.name} {city.state}",
            f"in {city.name}, {FULL_NAME[city.state]}",
        )
        return said, [f"city: {city.name}", f"state: {city.state}"]

    def state(self) -> Said:
        (city,) = self.cities(1)
        said = self.one(
            f"in {FULL_NAME[city.state]}",
            f"from {FULL_NAME[city.state]}",
            f"anywhere in {FULL_NAME[city.state]}",
            f"in {FULL_NAME[city.state].lower()}",
        )
        return said, [f"state: {city.state}"]

    def no_place(self) -> Said:
        (city,) = self.cities(1)
        c = self.one(city.name, city.name, city.name.lower())
        said = self.one(
            f"not in {c}",
            f"outside {c}",
            f"outside of {c}",
            f"not from {c}",
            f"anywhere but {c}",
            f"not based in {c}",
            f"who do not live in {c}",
            f"who don't live in {c}",
            f"who aren't in {c}",
            f"not living in {c}",
            f"everywhere except {c}",
            f"but not in {c}",
            f"not located near {c}",
            f"who are not from {c}",
            f"away from {c}",
            f"(not in {c})",
            f"who never worked in {c}",
        )
        return said, [f"not city: {city.name}"]

    def no_places(self) -> Said:
        a, b = (x.name for x in self.cities(2))
        said = self.one(
            f"not in {a} or {b}",
            f"not in {a} or in {b}",
            f"outside {a} and {b}",
            f"neither in {a} nor in {b}",
            f"neither from {a} nor {b}",
            f"anywhere except {a} and {b}",
            f"not in {a} and not in {b}",
            f"who live in neither {a} nor {b}",
            f"other than in {a} or {b}",
            f"excluding {a} and {b}",
        )
        return said, [f"not city: {a}", f"not city: {b}"]

    def swapped(self) -> Said:
        a, b = (x.name for x in self.cities(2))
        said = self.one(
            f"not in {a} but in {b}",
            f"in {b}, not {a}",
            f"in {b} and not in {a}",
            f"not from {a} but {b}",
            f"in {b} instead of {a}",
            f"in {b} rather than {a}",
        )
        return said, [f"city: {b}", f"not city: {a}"]

    def not_only(self) -> Said:
        a, b = (x.name for x in self.cities(2))
        said = self.one(
            f"not only in {a} but also in {b}",
            f"not just in {a} but in {b} too",
            f"not only from {a} but also {b}",
        )
        return said, [f"city: {' | '.join(sorted((a, b)))}"]

    def spelled(self, name: str) -> str:
        return self.one(name, name, name.lower(), name.replace("-", " "), name.replace("-", ""))

    def paper(self) -> Said:
        name = self.dice.choice(CERTIFICATES)
        k = self.spelled(name)
        said = self.one(
            f"with {k}",
            f"holding {k}",
            f"who hold {k}",
            f"who have {k}",
            f"with a {k} card",
            f"with {k} certification",
            f"who are {k} certified",
            f"having {k}",
            f"that carry {k}",
            f"with a valid {k} certificate",
        )
        return said, [f"certificates: {name}"]

    def papers(self) -> Said:
        a, b = self.some(CERTIFICATES, 2)
        said = self.one(
            f"with {a} and {b}",
            f"with both {a} and {b}",
            f"who hold {a} and {b}",
            f"with {a} plus {b}",
            f"with {a} as well as {b}",
        )
        return said, [f"certificates: {a}", f"certificates: {b}"]

    def either_paper(self) -> Said:
        a, b = self.some(CERTIFICATES, 2)
        said = self.one(
            f"with {a} or {b}", f"with either {a} or {b}", f"who hold {a} or {b}", f"with an {a} or a {b}"
        )
        return said, [f"certificates: {' | '.join(sorted((a, b)))}"]

    def no_paper(self) -> Said:
        name = self.dice.choice(CERTIFICATES)
        k = self.spelled(name)
        said = self.one(
            f"without {k}",
            f"with no {k}",
            f"lacking {k}",
            f"who don't have {k}",
            f"who do not hold {k}",
            f"without a {k} card",
            f"minus {k}",
            f"who are not {k} certified",
            f"who lack {k}",
            f"w/o {k}",
            f"without any {k} certificate",
            f"but no {k}",
            f"who have never had {k}",
            f"who do not have a {k} card",
            f"who haven't got {k}",
        )
        return said, [f"not certificates: {name}"]

    def no_papers(self) -> Said:
        a, b = self.some(CERTIFICATES, 2)
        said = self.one(
            f"without {a} or {b}",
            f"without {a} and {b}",
            f"with neither {a} nor {b}",
            f"who have neither {a} nor {b}",
            f"without {a} and without {b}",
            f"with no {a} and no {b}",
            f"who don't have {a} or {b}",
        )
        return said, [f"not certificates: {a}", f"not certificates: {b}"]

    def one_not_other(self) -> Said:
        a, b = self.some(CERTIFICATES, 2)
        said = self.one(
            f"with {a} but not {b}",
            f"with {a} but without {b}",
            f"with {a} and no {b}",
            f"with {a}, not {b}",
            f"who have {a} but lack {b}",
        )
        return said, [f"certificates: {a}", f"not certificates: {b}"]

    def twice_no(self) -> Said:
        name = self.dice.choice(CERTIFICATES)
        said = self.one(
            f"not without {name}",
            f"but nobody without {name}",
            f"who are not lacking {name}",
            f"and no one without {name}",
        )
        return said, [f"certificates: {name}"]

    def wish(self) -> Said:
        name, (city,) = self.dice.choice(CERTIFICATES), self.cities(1)
        said = self.one(
            f", {name} not required",
            f", {name} preferred",
            f", ideally with {name}",
            f", preferably in {city.name}",
            f", {name} is a plus",
            f", no need for {name}",
            f", {name} optional",
            f", not necessarily in {city.name}",
        )
        return said, []

    def skill(self) -> Said:
        s = self.dice.choice(SKILLS)
        said = self.one(
            f"who can do {s}", f"who know {s}", f"with {s} skills", f"skilled in {s}", f"with the skill {s}"
        )
        return said, [f"skills: {s}"]

    def no_skill(self) -> Said:
        s = self.dice.choice(SKILLS)
        said = self.one(
            f"without {s} skills", f"who are not skilled in {s}", f"who can't do {s}", f"but without {s}"
        )
        return said, [f"not skills: {s}"]

    def years(self) -> Said:
        n = self.dice.randint(2, 20)
        said, op = self.dice.choice(
            (
                (f"with at least {n} years of experience", ">="),
                (f"with {n}+ years of experience", ">="),
                (f"with more than {n} years experience", ">"),
                (f"with less than {n} years of experience", "<"),
                (f"with {n} or more years of experience", ">="),
                (f"with no more than {n} years of experience", "<="),
                (f"with fewer than {n} years' experience", "<"),
                (f"with a minimum of {n} years experience", ">="),
                (f"with over {n} years", ">"),
                (f"with experience of at least {n} years", ">="),
            )
        )
        return said, [f"years_experience {op} {n}"]

    def span(self) -> Said:
        low = self.dice.randint(1, 9)
        high = low + self.dice.randint(1, 9)
        said = self.one(
            f"with {low} to {high} years of experience",
            f"with between {low} and {high} years of experience",
            f"with {low}-{high} years experience",
        )
        return said, [f"years_experience >= {low}", f"years_experience <= {high}"]

    def pay(self) -> Said:
        n = self.dice.randint(15, 45)
        said, op = self.dice.choice(
            (
                (f"under ${n}", "<"),
                (f"for less than ${n} an hour", "<"),
                (f"up to ${n}", "<="),
                (f"at most {n} dollars an hour", "<="),
                (f"with a pay rate above {n}", ">"),
                (f"paid over ${n} per hour", ">"),
                (f"for no more than ${n}/hr", "<="),
                (f"with pay below ${n}.50", "<"),
            )
        )
        return said, [f"pay_rate {op} {f'{n}.5' if '.50' in said else n}"]

    def free_after(self) -> Said:
        day = f"2026-{self.dice.randint(1, 12):02d}-{self.dice.randint(1, 28):02d}"
        said, op = self.dice.choice(
            (
                (f"available after {day}", ">"),
                (f"available before {day}", "<"),
                (f"free from {day}", ">="),
                (f"available by {day}", "<="),
            )
        )
        return said, [f"available_from {op} {day}"]

    def shift(self) -> Said:
        s = self.one("day", "evening", "night")
        said = self.one(
            f"on {s} shift",
            f"for the {s} shift",
            f"who work {s} shifts",
            f"who prefer the {s} shift",
            f"on the {s} shift",
        )
        return said, [f"shift: {s}"] if "prefer" not in said else []

    def no_shift(self) -> Said:
        s = self.one("day", "evening", "night")
        said = self.one(
            f"not on {s} shift",
            f"but no {s} shift",
            f"who don't work {s} shifts",
            f"except for the {s} shift",
        )
        return said, [f"not shift: {s}"]

    def now(self) -> Said:
        return self.one("available now", "who are available now", "free now"), ["availability: now"]


RECIPES: dict[str, tuple[Callable[[Maker], Said], ...]] = {
    "plain": (Maker.role, Maker.place, Maker.paper),
    "lists": (Maker.role, Maker.places, Maker.papers),
    "either": (Maker.role, Maker.either_paper, Maker.state),
    "state": (Maker.role, Maker.town_and_state, Maker.shift),
    "not there": (Maker.role, Maker.no_place, Maker.paper),
    "there without": (Maker.role, Maker.no_paper, Maker.place),
    "not there without": (Maker.role, Maker.no_place, Maker.no_paper),
    "none of": (Maker.role, Maker.no_places, Maker.no_papers),
    "swapped": (Maker.role, Maker.swapped, Maker.one_not_other),
    "not only": (Maker.role, Maker.not_only, Maker.paper),
    "twice no": (Maker.role, Maker.place, Maker.twice_no),
    "wish": (Maker.role, Maker.no_paper, Maker.wish),
    "not a role": (Maker.no_role, Maker.place, Maker.skill),
    "skills": (Maker.role, Maker.skill, Maker.no_skill),
    "numbers": (Maker.role, Maker.years, Maker.pay),
    "range": (Maker.role, Maker.span, Maker.no_place),
    "dates": (Maker.role, Maker.no_paper, Maker.free_after),
    "shifts": (Maker.role, Maker.no_shift, Maker.place),
    "now": (Maker.role, Maker.now, Maker.no_place),
    "much": (Maker.role, Maker.no_place, Maker.paper, Maker.years, Maker.now),
}
OPENINGS = (
    "",
    "",
    "",
    "Find ",
    "I need ",
    "We are looking for ",
    "Show me ",
    "please find ",
    "Get me ",
    "Who are the ",
)
ENDINGS = ("", "", "?", ".", " please", " asap")
FIXED_LAST = {"wish"}


def make(count: int = 600, seed: int = 7) -> list[Case]:
    """Questions of all recipes in turn."""
    cases = []
    for n in range(count):
        kind = list(RECIPES)[n % len(RECIPES)]
        maker = Maker(random.Random(f"{seed}/{n}"))
        first, *rest = (part(maker) for part in RECIPES[kind])
        if kind not in FIXED_LAST:
            maker.dice.shuffle(rest)
        said = " ".join(words for words, _ in (first, *rest)).replace(" ,", ",")
        text = f"{maker.one(*OPENINGS)}{said}{maker.one(*ENDINGS)}"
        text = maker.dice.choice((str, str, str, str.lower, str.upper))(text)
        cases.append(Case(text, frozenset(line for _, truth in (first, *rest) for line in truth), kind))
    return cases
