"""[pure] From numbers to Arrow columns: look-ups, texts side by side, dates, money, and who is who."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lakehouse.staffing.dice import Bools, Dice, Ints
from lakehouse.staffing.people import CITIES, FIRST_NAMES, LAST_NAMES, MAIL_DOMAINS
from lakehouse.staffing.schema import LIST_SEPARATOR, Table, Type
from lakehouse.staffing.trades import TRADES

ARROW: Final[Mapping[Type, pa.DataType]] = {
    "long": pa.int64(),
    "double": pa.float64(),
    "string": pa.string(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}
PHONE_NOTATIONS: Final = (("(", ") 555-"), ("", "-555-"), ("+1 ", " 555 "))
PHONE_WEIGHTS: Final = (70, 22, 8)
FIRST_LINE: Final = 2000
"""The last four digits of a phone number start here, clear of numbers with a meaning such as 1212."""


def arrow_schema(table: Table) -> pa.Schema:
    """The Arrow schema of `table`."""
    return pa.schema([pa.field(c.name, ARROW[c.type], nullable=c.nullable) for c in table.columns])


def batch(table: Table, columns: Sequence[pa.Array]) -> pa.RecordBatch:
    """The columns of `table`, in its order, as one batch."""
    return pa.RecordBatch.from_arrays(list(columns), schema=arrow_schema(table))


def look_up(words: pa.Array, codes: Ints, *, absent: Bools | None = None) -> pa.Array:
    """`words` at `codes`, and nothing where `absent`."""
    return words.take(pa.array(codes, mask=absent))


def pick(words: Sequence[str | None], codes: Ints, *, absent: Bools | None = None) -> pa.Array:
    """As `look_up`, from a plain sequence."""
    return look_up(pa.array(words, pa.string()), codes, absent=absent)


def join(*parts: pa.Array | str) -> pa.Array:
    """Texts side by side; where a part is absent, so is the whole."""
    arrays = [pa.scalar(part) if isinstance(part, str) else part for part in parts]
    return pc.binary_join_element_wise(*arrays, "")


def digits(numbers: Ints) -> pa.Array:
    """Whole numbers as text."""
    return pa.array(numbers).cast(pa.string())


def dates(days: Ints, *, absent: Bools | None = None) -> pa.Array:
    """Days since 1970 as dates."""
    return pa.array(days.astype(np.int32), mask=absent).cast(pa.date32())


def timestamps(seconds: Ints) -> pa.Array:
    """Seconds since 1970 as timestamps."""
    return pa.array(seconds * 1_000_000).cast(pa.timestamp("us"))


def dollars(cents: Ints) -> pa.Array:
    """Cents as dollars: the nearest double, which prints with two decimals at most."""
    return pa.array(cents / 100)


@cache
def _city_columns() -> tuple[pa.Array, pa.Array]:
    return pa.array([c.name for c in CITIES]), pa.array([c.state for c in CITIES])


@cache
def _zips() -> tuple[pa.Array, Ints, Ints]:
    return _flat([city.zips for city in CITIES])


@cache
def _area_codes() -> tuple[pa.Array, Ints, Ints]:
    return _flat([city.area_codes for city in CITIES])


def _flat(lists: Sequence[Sequence[str]]) -> tuple[pa.Array, Ints, Ints]:
    # The codes of all towns, one after another: texts, the first of each town, how many it has.
    sizes = np.array([len(codes) for codes in lists])
    return pa.array([code for codes in lists for code in codes]), np.cumsum(sizes) - sizes, sizes


def places(dice: Dice, city: Ints) -> tuple[pa.Array, pa.Array, pa.Array]:
    """City, state and ZIP code."""
    names, states = _city_columns()
    zips, first, size = _zips()
    return (
        look_up(names, city),
        look_up(states, city),
        look_up(zips, first[city] + dice.pick("zip", size[city])),
    )


def phones(dice: Dice, city: Ints) -> pa.Array:
    """Numbers with the area code of the town and the exchange 555."""
    codes, first, size = _area_codes()
    notation = dice.weighted("notation", PHONE_WEIGHTS)
    return join(
        pick([n[0] for n in PHONE_NOTATIONS], notation),
        look_up(codes, first[city] + dice.pick("area", size[city])),
        pick([n[1] for n in PHONE_NOTATIONS], notation),
        digits(FIRST_LINE + dice.pick("line", 10_000 - FIRST_LINE)),
    )


@cache
def _names() -> tuple[pa.Array, pa.Array]:
    return pa.array(FIRST_NAMES), pa.array(LAST_NAMES)


def names(dice: Dice) -> tuple[pa.Array, pa.Array]:
    """Given and family names."""
    first, last = _names()
    return look_up(first, dice.pick("first", len(first))), look_up(last, dice.pick("last", len(last)))


def mail_names(dice: Dice) -> pa.Array:
    """The names as they stand before the @ of an address: given.family."""
    first, last = names(dice)
    return join(pc.ascii_lower(first), ".", pc.ascii_lower(last))


def candidate_mails(dice: Dice) -> pa.Array:
    """Addresses of candidates; the number of the row keeps them apart."""
    domain = pick(MAIL_DOMAINS, dice.pick("domain", len(MAIL_DOMAINS)))
    return join(mail_names(dice), digits(dice.rows + 1), "@", domain)


@cache
def _certificate_lists() -> pa.Array:
    # Every subset, at trade * 64 + mask.
    return _subsets([[name for name, _ in trade.certificates] for trade in TRADES])


@cache
def _skill_lists() -> pa.Array:
    # Every subset, at trade * 256 + mask.
    return _subsets([[word for word, _ in trade.skills] for trade in TRADES])


def _subsets(sets: Sequence[Sequence[str]]) -> pa.Array:
    return pa.array(
        [
            LIST_SEPARATOR.join(entry for j, entry in enumerate(entries) if mask >> j & 1) or None
            for entries in sets
            for mask in range(1 << len(entries))
        ],
        pa.string(),
    )


def certificate_lists(trade: Ints, mask: Ints) -> pa.Array:
    """Certificates as delimited text, absent where there is none."""
    return look_up(_certificate_lists(), trade * 64 + mask)


def skill_lists(trade: Ints, mask: Ints) -> pa.Array:
    """Skills as delimited text."""
    return look_up(_skill_lists(), trade * 256 + mask)


def titles(trade: Ints) -> pa.Array:
    """Names of trades."""
    return pick([t.title for t in TRADES], trade)
