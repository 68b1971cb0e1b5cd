"""[pure] The card of a corpus: what it is for and how a search over many corpora is to treat it."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Final

from lakehouse.base.errors import Corrupt, Invalid
from lakehouse.index.definition import NAME

LONGEST: Final = 2000
"""Characters of a purpose or a filter: it is shown to people and to models."""

HEAVIEST: Final = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """One corpus. Without a card of its own, an index is a corpus with `card`'s values."""

    name: str
    index: str
    """That it searches; several corpora may look at one index through different filters."""

    purpose: str = ""
    """What it holds and which questions it is for, in a sentence."""

    weight: float = 1.0
    """Odds of its rows are multiplied by it: 2 means that each is twice as likely right as its scores say."""

    floor: float = 0.0
    """Probability below which its rows are dropped, 0 to 1."""

    filter: str = ""
    """An SQL condition that its rows always meet."""

    facets: tuple[str, ...] = ()
    """Columns whose values, named in a question, are conditions: city, role, certificate."""

    keys: tuple[str, ...] = ()
    """Facets in which an earlier search must agree for its outcomes to count here."""

    rows: tuple[str, ...] = ()
    """What a row is called, in the singular: candidate, worker."""

    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Facet -> other words for the column: pay_rate -> wage."""

    synonyms: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Facet -> what people say -> the value they mean: state -> Illinois -> IL."""

    units: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Facet of numbers -> what stands beside them: pay_rate -> $, so that "under $30" speaks of it."""

    within: Mapping[str, str] = field(default_factory=dict)
    """Facet -> the facet of larger places that its values lie in: city -> state, for "Gary, Indiana"."""

    def __post_init__(self) -> None:
        for what, said in (("a corpus", self.name), ("an index", self.index)):
            if not NAME.fullmatch(said):
                raise Invalid(
                    f"{said[:60]!r} cannot be the name of {what}",
                    hint="lower-case letters, digits and _, a letter first",
                )
        if not (math.isfinite(self.weight) and 0 < self.weight <= HEAVIEST):
            raise Invalid(f"a weight lies above 0 and up to {HEAVIEST:g}", hint='"weight": 1')
        if not 0 <= self.floor <= 1:
            raise Invalid("a floor is a probability, 0 to 1", hint='"floor": 0')
        if max(len(self.purpose), len(self.filter)) > LONGEST:
            raise Invalid(f"a purpose or a filter has up to {LONGEST} characters", hint="shorten it")
        if unknown := [key for key in self.keys if key not in self.facets]:
            raise Invalid(
                f"the key {unknown[0][:60]!r} is no facet",
                hint="name it among the facets too",
                corpus=self.name,
            )
        told = {*self.aliases, *self.synonyms, *self.units, *self.within, *self.within.values()}
        if lost := told - {*self.facets}:
            raise Invalid(f"{min(lost)[:60]!r} is no facet", hint="name it among the facets too")

    def where(self, condition: str = "") -> str:
        """Its filter and a condition, both of which must hold."""
        both = [one for one in (self.filter, condition) if one.strip()]
        # The line ends keep a comment at the end of one from swallowing the bracket.
        return both[0] if len(both) == 1 else " AND ".join(f"({one}\n)" for one in both)


def card(index: str) -> Corpus:
    """That of an index that was given none."""
    return Corpus(name=index, index=index)


def write(corpus: Corpus) -> str:
    """A card as JSON, the same text for the same card."""
    return json.dumps(asdict(corpus), sort_keys=True, ensure_ascii=False)


def parse(given: Mapping[str, object]) -> Corpus:
    """A card out of what a person or a client said.

    Raises:
        Invalid: a member is unknown, missing or of another type.
    """
    known = {field.name for field in fields(Corpus)}
    if unknown := sorted(set(given) - known):
        raise Invalid(f"a corpus has no {unknown[0][:60]!r}", hint=f"there are: {', '.join(sorted(known))}")
    name = given.get("name")
    return Corpus(
        name=_text("name", name),
        index=_text("index", given.get("index", name)),
        purpose=_text("purpose", given.get("purpose", "")),
        weight=_number("weight", given.get("weight", 1.0)),
        floor=_number("floor", given.get("floor", 0.0)),
        filter=_text("filter", given.get("filter", "")),
        facets=_names("facets", given.get("facets", ())),
        keys=_names("keys", given.get("keys", ())),
        rows=_names("rows", given.get("rows", ())),
        aliases={name: _names("aliases", said) for name, said in _object("aliases", given).items()},
        units={name: _names("units", said) for name, said in _object("units", given).items()},
        within={name: _text("within", said) for name, said in _object("within", given).items()},
        synonyms={
            name: {said: _text("synonyms", value) for said, value in _object(name, {name: told}).items()}
            for name, told in _object("synonyms", given).items()
        },
    )


def known(given: Mapping[str, object]) -> Corpus:
    """A card out of its members, those left aside that a newer version added.

    Raises:
        Invalid: a member is missing or of another type.
    """
    return parse({field.name: given[field.name] for field in fields(Corpus) if field.name in given})


def read(text: str) -> Corpus:
    """A card out of what `write` made; members that a newer version added are left aside.

    Raises:
        Corrupt: it is not one.
    """
    try:
        return known(json.loads(text))
    except (ValueError, TypeError, Invalid) as error:
        raise Corrupt("the card of a corpus cannot be read", hint="write the card anew") from error


def _object(name: str, given: Mapping[str, object]) -> Mapping[str, object]:
    value = given.get(name, {})
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise Invalid(f"{name} is an object", hint='"synonyms": {"state": {"Illinois": "IL"}}')
    return value


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise Invalid(f"{name} is a text", hint=f'"{name}": "resumes"')
    return value.strip()


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Invalid(f"{name} is a number", hint=f'"{name}": 1')
    return float(value)


def _names(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise Invalid(f"{name} is a list of columns", hint=f'"{name}": ["city"]')
    return tuple(dict.fromkeys(_text(name, one) for one in value))
