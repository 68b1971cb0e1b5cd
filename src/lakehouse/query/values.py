"""[pure] Arrow values as Python's own, also those that Python has no value for; and what people read of both.

Far years, `infinity`, unnamed fields, keys that are lists: DuckDB and Arrow have them, `datetime` and `dict`
have not. They become text or tuples here, so that no value of a column can keep its row from being shown.
"""

import datetime as dt
import json
import math
from decimal import Decimal
from typing import Final

import pyarrow as pa

EXACT_INTEGER: Final = 2**53
"""JSON readers hold numbers as doubles; beyond this, integers go as text."""

INFINITIES: Final = (2**31 - 1, 2**63 - 1)
"""How DuckDB stores the date and the moment after all others; those before all others are their negatives."""

CYCLE_DAYS: Final = 146_097
"""The Gregorian calendar repeats every 400 years."""

PER_SECOND: Final = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
DAY_S: Final = 86_400


def values(column: pa.Array) -> list[object]:
    """The column as Python values; what Python cannot hold comes as text, rows without names as tuples."""
    try:
        plain: list[object] = column.to_pylist(maps_as_pydicts="lossy")  # keys are unique
    except (OverflowError, TypeError, ValueError):
        return [_value(scalar) for scalar in column]
    return plain


def _value(scalar: pa.Scalar) -> object:
    kind = scalar.type
    if not scalar.is_valid:
        return None
    if pa.types.is_map(kind):
        return {_key(_value(pair[0])): _value(pair[1]) for pair in scalar.values}
    if pa.types.is_struct(kind):
        names = [field.name for field in kind]
        fields = [_value(scalar[i]) for i in range(len(names))]
        return tuple(fields) if len(set(names)) < len(names) else dict(zip(names, fields, strict=True))
    if isinstance(scalar, pa.ListScalar | pa.FixedSizeListScalar):
        return [_value(item) for item in scalar.values]
    try:
        plain: object = scalar.as_py()
    except (OverflowError, ValueError):
        return _far(scalar.value, kind)
    return plain


def _key(value: object) -> object:
    return text(value) if isinstance(value, list | dict) else value


def _far(count: int, kind: pa.DataType) -> str:
    """ISO 8601 of a date or moment, given as Arrow counts it, that `datetime` has not."""
    if abs(count) in INFINITIES:
        return "infinity" if count > 0 else "-infinity"
    per_day = 1 if pa.types.is_date(kind) else DAY_S * PER_SECOND[kind.unit]
    days, rest = divmod(count, per_day)
    cycles, within = divmod(days + dt.date(1970, 1, 1).toordinal() - 1, CYCLE_DAYS)
    day = dt.date.fromordinal(within + 1)
    year = day.year + 400 * cycles
    date = f"{'-' if year < 0 else ''}{abs(year):04d}{day.isoformat()[4:]}"
    if per_day == 1:
        return date
    zone = "+00:00" if kind.tz else ""
    return f"{date}T{_clock(rest * (1_000_000_000 // PER_SECOND[kind.unit]))}{zone}"


def _clock(nanoseconds: int) -> str:
    seconds, fraction = divmod(nanoseconds, 1_000_000_000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    digits = f"{fraction:09d}".removesuffix("000") if fraction else ""
    return f"{hours:02d}:{minute:02d}:{second:02d}{'.' if digits else ''}{digits}"


def interval(value: pa.MonthDayNano) -> str:
    """An interval as SQL writes it: 1 year 2 months 3 days 04:05:06; it can be cast back."""
    years, months = divmod(abs(value.months), 12)
    sign = -1 if value.months < 0 else 1
    counts = ((sign * years, "year"), (sign * months, "month"), (value.days, "day"))
    parts = [f"{count} {unit}{'' if abs(count) == 1 else 's'}" for count, unit in counts if count]
    if value.nanoseconds or not parts:
        parts.append(f"{'-' if value.nanoseconds < 0 else ''}{_clock(abs(value.nanoseconds))}")
    return " ".join(parts)


def json_value(value: object) -> object:
    """`value` in JSON: numbers exact or as text, times in ISO 8601, bytes in hex, NaN as null."""
    match value:
        case None | bool() | str():
            return value
        case int():
            return value if abs(value) <= EXACT_INTEGER else str(value)
        case float():
            return value if math.isfinite(value) else None
        case Decimal():
            return _number(value)
        case bytes():
            return value.hex()
        case pa.MonthDayNano():
            return interval(value)
        case dict():
            return {text(k): json_value(v) for k, v in value.items()}
        case list() | tuple():
            return [json_value(v) for v in value]
        case _:
            return text(value)


def _number(value: Decimal) -> object:
    if value == value.to_integral_value() and abs(value) <= EXACT_INTEGER:
        return int(value) if value.as_tuple().exponent == 0 else float(value)
    return float(value) if Decimal(repr(float(value))) == value else str(value)


def text(value: object) -> str:
    """`value` as a person reads it: nested ones as JSON; empty for null."""
    match value:
        case None:
            return ""
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
        case bytes():
            return value.hex()
        case bool():
            return str(value).lower()
        case pa.MonthDayNano():
            return interval(value)
        case dict() | list() | tuple():
            return json.dumps(json_value(value), ensure_ascii=False)
        case _:
            return str(value)
