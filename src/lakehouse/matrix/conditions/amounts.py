"""[pure] Numbers and dates that a question compares a column with: "at least 5 years", "under $30"."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from lakehouse.matrix.conditions import speech
from lakehouse.matrix.conditions.condition import Op
from lakehouse.matrix.conditions.facet import Facet, Vocabulary
from lakehouse.matrix.conditions.words import Word, akin


def _phrases(op: Op, text: str) -> dict[tuple[str, ...], Op]:
    return {tuple(phrase.split()): op for phrase in text.split(", ")}


SMALLER: Final = "lighter smaller shorter younger cheaper lower slower narrower thinner newer"
LARGER: Final = "heavier larger bigger longer older higher taller faster wider thicker greater later"
BEFORE: Final[dict[tuple[str, ...], Op]] = {
    **_phrases(
        ">=",
        "at least, minimum, minimum of, a minimum of, min, no less than, not less than, no fewer than, "
        "not fewer than, not under, not below, > =, ≥, from, since, starting, on or after, not "
        "before, no earlier than, "
        "no lower than, upwards of",
    ),
    **_phrases(
        "<=",
        "at most, maximum, maximum of, a maximum of, max, no more than, not more than, not over, not "
        "above, up to, "
        "< =, ≤, until, till, by, through, on or before, not after, no later than, no higher than, "
        "not exceeding, "
        "within",
    ),
    **_phrases(
        ">",
        "more than, over, above, greater than, higher than, better than, exceeding, beyond, >, after, past",
    ),
    **_phrases("<", "less than, under, below, fewer than, lower than, cheaper than, <, before, earlier than"),
    **{(f"{word}", "than"): "<" for word in SMALLER.split()},
    **{(f"{word}", "than"): ">" for word in LARGER.split()},
    **_phrases("=", "exactly, equal to, equals, =, on, of exactly"),
}
AFTER: Final = {
    **_phrases(
        ">=",
        "or more, or above, or over, or higher, or better, or later, and up, and above, plus, +, "
        "minimum, min, at least",
    ),
    **_phrases(
        "<=",
        "or less, or fewer, or under, or below, or lower, or earlier, and under, maximum, max, at most, tops",
    ),
}
LONGEST: Final = 4
ASIDE: Final = speech.bag("of the a an is are in to at / per was has 's be - hourly , '")
"""Words that may stand between a number and the name of what it counts."""

STOPS: Final = speech.bag(". ; : ? ! ( ) with without and or but who that for whose")
REACH: Final = 4
"""How many words away that name may stand."""

NOT_AN_AMOUNT: Final = speech.bag("last past next recent previous ago old age")
FLIPPED: Final[dict[Op, Op]] = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A comparison in the text."""

    first: int
    end: int
    """Words `first` to before `end`, with the words that compare; the column's name may stand outside."""

    facet: Facet | None
    """None: nothing near it names a column."""

    bounds: tuple[tuple[Op, str], ...]
    """Two for a range; numbers and ISO dates as text."""

    is_named: bool
    """The column is named in full, not by a unit alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Value:
    first: int
    end: int
    value: str
    kind: Literal["number", "date"]
    unit: str = ""


def read(words: Sequence[Word], vocabulary: Vocabulary) -> list[Amount]:
    """The comparisons in a text, in order."""
    facets = [f for f in vocabulary.facets if f.kind in {"number", "date"}]
    found: list[Amount] = []
    values = list(_values(words)) if facets else []
    i = 0
    while i < len(values):
        one = values[i]
        high = values[i + 1] if i + 1 < len(values) and _is_range(words, one, values[i + 1]) else None
        amount = _amount(words, (one, high), facets)
        if amount and not amount.facet and found and _goes_on(words, found[-1], amount, one.kind):
            amount = replace(amount, facet=found[-1].facet, is_named=found[-1].is_named)
        i += 2 if high else 1
        if amount and (not found or amount.first >= found[-1].end):
            found.append(amount)
    return found


def _goes_on(words: Sequence[Word], before: Amount, amount: Amount, kind: str) -> bool:
    """ "No more than 4 years and no less than 2": the second speaks of what the first does."""
    between = words[before.end : amount.first]
    is_list = all(w.key in {"and", "or", "but", ","} for w in between)
    return bool(between) and is_list and before.facet is not None and before.facet.kind == kind


def _amount(
    words: Sequence[Word], values: tuple[_Value, _Value | None], facets: Sequence[Facet]
) -> Amount | None:
    low, high = values
    first, end, op = low.first, (high or low).end, None
    if high:
        first -= 1 if first and words[first - 1].key in {"between", "from"} else 0
    else:
        first, op = _compared(words, first)
    unit_end = _unit_end(words, end, facets)
    if not high and op is None:
        unit_end, op = _compared_after(words, end, unit_end)
    outer = (first, unit_end)
    if any(words[i].key in NOT_AN_AMOUNT for i in (first - 1, first, unit_end) if 0 <= i < len(words)):
        return None
    facet, is_named = _facet(words, outer, (high or low), facets)
    if facet is None and (op is None or op == "="):
        return None
    bounds: tuple[tuple[Op, str], ...]
    if high:
        bounds = ((">=", low.value), ("<=", high.value))
    else:
        bare: Op = facet.bare if facet else "="
        bounds = ((op or bare, low.value),)
    return Amount(first=first, end=unit_end, facet=facet, bounds=bounds, is_named=is_named)


def _values(words: Sequence[Word]) -> Iterator[_Value]:
    i = 0
    while i < len(words):
        found = _date(words, i) or _number(words, i)
        if found:
            yield found
        i = found.end if found else i + 1


def _number(words: Sequence[Word], i: int) -> _Value | None:
    first, unit = i, ""
    if words[i].text in {"$", "€", "£"} and i + 1 < len(words):
        unit, i = words[i].text, i + 1
    key = words[i].key
    number = key.replace(",", "")
    factor = 1000 if number.endswith("k") and number[:-1].replace(".", "", 1).isdigit() else 1
    number = number.removesuffix("k") if factor > 1 else number
    if number.replace(".", "", 1).isdecimal() and number.isascii() and len(number) <= 15:
        value = float(number) * factor
    elif key in speech.NUMBERS:
        value = speech.NUMBERS[key]
    else:
        return None
    if (
        i
        and words[i - 1].text in {"-", "/"}
        and i > 1
        and words[i - 1].start == words[i - 2].end
        and words[i - 2].key.isalpha()
    ):
        return None  # the number of a name: OSHA-30
    return _Value(first=first, end=i + 1, value=f"{value:.15g}", kind="number", unit=unit)


def _date(words: Sequence[Word], i: int) -> _Value | None:
    one = words[i].key
    if len(one) == 10 and one[4] == one[7] == "-":
        return _dated(i, i + 1, one)
    rest = [w for w in words[i : i + 4] if w.text != ","]
    keys = [
        w.key.removesuffix("th").removesuffix("st").removesuffix("nd").removesuffix("rd") for w in rest[:3]
    ]
    if len(keys) < 3 or not keys[2].isdecimal() or len(keys[2]) != 4:
        return None
    for month, day in ((keys[0], keys[1]), (keys[1], keys[0])):
        number = speech.MONTHS.get(month[:3]) if len(month) >= 3 and month.isalpha() else None
        if number and day.isdecimal() and len(day) <= 2:
            end = i + next(n for n, w in enumerate(words[i:], 1) if w is rest[2])
            return _dated(i, end, f"{keys[2]}-{number:02d}-{int(day):02d}")
    return None


def _dated(first: int, end: int, text: str) -> _Value | None:
    try:
        return _Value(first=first, end=end, value=dt.date.fromisoformat(text).isoformat(), kind="date")
    except ValueError:
        return None


def _is_range(words: Sequence[Word], low: _Value, high: _Value) -> bool:
    between = [w.key for w in words[low.end : high.first]]
    opened = words[low.first - 1].key if low.first else ""
    if low.kind != high.kind:
        return False
    return between in (["to"], ["-"], ["–"]) or (between == ["and"] and opened == "between")


def _compared(words: Sequence[Word], first: int) -> tuple[int, Op | None]:
    for length in range(LONGEST, 0, -1):
        phrase = tuple(w.key for w in words[max(0, first - length) : first])
        if len(phrase) == length and phrase in BEFORE:
            return first - length, BEFORE[phrase]
    return first, None


def _compared_after(words: Sequence[Word], end: int, unit_end: int) -> tuple[int, Op | None]:
    for start in dict.fromkeys((end, unit_end)):
        for length in (2, 1):
            phrase = tuple(w.key for w in words[start : start + length])
            is_next = start + length < len(words) and (
                words[start + length].text == "$" or words[start + length].key.isdecimal()
            )
            if len(phrase) == length and phrase in AFTER and not is_next:
                return max(unit_end, start + length), AFTER[phrase]
    return unit_end, None


def _unit_end(words: Sequence[Word], end: int, facets: Sequence[Facet]) -> int:
    units = {unit for facet in facets for unit in facet.units}
    if end < len(words) and words[end].text == "+":
        end += 1
    return end + 1 if end < len(words) and any(akin(words[end].key, unit) for unit in units) else end


def _facet(
    words: Sequence[Word], outer: tuple[int, int], value: _Value, facets: Sequence[Facet]
) -> tuple[Facet | None, bool]:
    """The column that is named nearest; a full name beats a part of it, and that beats a unit."""
    first, end = outer
    before, after = _beside(words, first, step=-1), _beside(words, end, step=1)
    inside = {w.key for w in words[first:end]}
    said = [value.unit, *(w.key for w in words[value.end : end])]
    unit = next((u for u in said if u and any(_has_unit(f, u) for f in facets)), "")
    ranked = []
    for place, facet in enumerate(facets):
        if facet.kind != value.kind or (unit and not _has_unit(facet, unit)):
            continue
        near = {*before, *after, *inside}
        full = _is_in_full(near, facet)
        ahead = _is_in_full({*before, *inside}, facet)
        part = any(akin(n, part) for n in near for name in facet.names for part in name)
        counted = bool(unit) or any(_has_unit(facet, n) for n in after[:1])
        if full or part or counted:
            ranked.append((not full, not ahead, not (part and counted), not counted, place, facet))
    if not ranked:
        return None, False
    best = min(ranked, key=lambda r: r[:5])
    return best[5], not best[0]


def _is_in_full(near: set[str], facet: Facet) -> bool:
    return any(all(any(akin(n, part) for n in near) for part in name) for name in facet.names)


def _has_unit(facet: Facet, unit: str) -> bool:
    return any(unit == u or (u.isalpha() and akin(unit, u)) for u in facet.units)


def _beside(words: Sequence[Word], at: int, *, step: int) -> list[str]:
    found: list[str] = []
    i = at - 1 if step < 0 else at
    while 0 <= i < len(words) and len(found) < REACH and words[i].key not in STOPS:
        if words[i].key not in ASIDE:
            found.append(words[i].key)
            if len(found) >= 2:
                break
        i += step
    return found
